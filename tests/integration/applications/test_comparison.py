"""What a completion changed: only what was asked opens, and the officer reads before and after, line by line."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from aap.applications.asked_form import form_of
from aap.applications.comparison import RowChange, compare_deposits
from aap.applications.models import Application, CompletionItemKind
from aap.applications.service import (
    ItemAsked,
    Upload,
    replace_piece,
    request_completion,
    resubmit,
    save_section,
    submit,
)
from aap.clock import from_paris
from aap.errors import NotFoundError
from aap.forms.entries import typed_values
from aap.forms.queries import get_answers, json_values, versions_of
from aap.forms.rows import BudgetPlan
from aap.storage import Storage
from tests.integration.applications.case import DEPOSITED, People

pytestmark = pytest.mark.sqlite

ASKED = from_paris(datetime(2023, 11, 13, 11, 5))  # noqa: DTZ001  # a wall-clock hour of Paris
COMPLETED = from_paris(datetime(2023, 11, 20, 9, 30))  # noqa: DTZ001  # same
ITEMS = (
    ItemAsked(CompletionItemKind.FIELD, "need", "Précisez les chiffres."),
    ItemAsked(CompletionItemKind.FIELD, "budget", "Coût du chariot."),
    ItemAsked(CompletionItemKind.ANNEX, "A09", "Lettre non signée."),
    ItemAsked(CompletionItemKind.ANNEX, "A02", "Relevé illisible."),
)


@pytest.fixture
def completed(case: Application, people: People, store: Storage) -> Application:
    """The case with a longer text, a dearer line, one replaced letter, and nothing done about A02."""
    submit(case, actor=people.lead, now=DEPOSITED)
    request_completion(case, ITEMS, "Merci de compléter.", actor=people.officer, now=ASKED)
    form, stored = form_of(case.call_version), get_answers(case.sheet_id)
    values, versions = typed_values(form, json_values(stored)), versions_of(stored)
    plan: BudgetPlan = values["budget"]
    first, second, *rest = plan.lines
    dearer = replace(first, qty=Decimal(1), unit_price=first.amount + 1000, amount=first.amount + 1000)
    changes = {
        "need": values["need"] + " En 2022, 212 transferts ont été comptés.",
        "budget": BudgetPlan(
            (dearer, *rest),
            tuple(replace(row, earmarked=tuple(k for k in row.earmarked if k != second.key)) for row in plan.income),
        ),
    }
    assert second.key == "L02"
    for section in form.sections:
        sent = {spec.id: changes[spec.id] for spec in section.fields if spec.id in changes}
        if sent:
            save_section(case, section.id, sent, versions, actor=people.lead, now=COMPLETED)
    letter = next(piece for piece in case.pieces if piece.annex_key == "A09")
    replace_piece(
        case, letter, Upload([b"%PDF-1.7 signe"], "lettre-signee.pdf", 10**6), storage=store, actor=people.lead,
        now=COMPLETED,
    )  # fmt: skip
    resubmit(case, actor=people.lead, now=COMPLETED)
    return case


def test_a_text_is_compared_word_by_word(completed: Application) -> None:
    found = compare_deposits(completed, 2)
    text = next(answer for answer in found.answers if answer.field_id == "need")
    assert text.asked
    assert text.after == f"{text.before.rstrip()} En 2022, 212 transferts ont été comptés."
    added = [one.text for one in text.segments if one.change.value == "added"]
    assert "".join(added).strip().endswith("212 transferts ont été comptés.")


def test_budget_lines_are_compared_by_their_keys(completed: Application) -> None:
    found = compare_deposits(completed, 2)
    budget = next(answer for answer in found.answers if answer.field_id == "budget")
    table = budget.tables[0]
    by_key = {line.key: line for line in table.lines}
    assert table.caption == "Dépenses"
    assert set(by_key) == {"L01", "L02"}
    assert by_key["L02"].change is RowChange.REMOVED
    changed = by_key["L01"]
    assert changed.change is RowChange.CHANGED
    assert {cell.column for cell in changed.cells} <= {"Quantité", "Prix unitaire", "Montant"}
    amount = next(cell for cell in changed.cells if cell.column == "Montant")
    assert amount.before != amount.after
    assert table.same == len(typed_lines(completed)) - 1  # every line but the dearer one
    totals = {total.label: total.after - total.before for total in found.totals}
    assert totals["Dépenses"] < Decimal(1000)  # one line dearer by a thousand, one line less


def typed_lines(application: Application) -> tuple[object, ...]:
    form = form_of(application.call_version)
    return tuple(typed_values(form, json_values(get_answers(application.sheet_id)))["budget"].lines)


def test_a_replaced_piece_shows_both_hashes(completed: Application) -> None:
    found = compare_deposits(completed, 2)
    (piece,) = found.pieces
    assert (piece.annex, piece.change, piece.asked) == ("A09", RowChange.CHANGED, True)
    assert piece.before is not None
    assert piece.after is not None
    assert piece.after.name == "lettre-signee.pdf"
    assert len(piece.after.sha256) == 64
    assert piece.after.sha256 != piece.before.sha256


def test_what_was_asked_and_left_alone_is_told(completed: Application) -> None:
    asked = {item.note: item.changed for item in compare_deposits(completed, 2).asked}
    assert asked == {
        "Précisez les chiffres.": True,
        "Coût du chariot.": True,
        "Lettre non signée.": True,
        "Relevé illisible.": False,
    }


def test_the_first_deposit_has_nothing_before_it(completed: Application) -> None:
    with pytest.raises(NotFoundError):
        compare_deposits(completed, 1)
    with pytest.raises(NotFoundError):
        compare_deposits(completed, 3)
