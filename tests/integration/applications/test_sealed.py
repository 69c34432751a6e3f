"""While a file is completed, everybody but its own people reads what was handed in; and for good if nothing is sent."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.accounts.models import User
from aap.applications.asked_form import form_of
from aap.applications.facts import read_deposit
from aap.applications.models import Application, CompletionItemKind, Piece
from aap.applications.queries import Audience, Dossier, get_dossier
from aap.applications.service import (
    ItemAsked,
    Upload,
    decide_admissibility,
    replace_piece,
    request_completion,
    resubmit,
    save_section,
    submit,
    tick_manual_rule,
)
from aap.applications.verdicts import list_annexes
from aap.clock import from_paris
from aap.forms.entries import typed_values
from aap.forms.queries import get_answers, json_values, versions_of
from aap.forms.rows import BudgetPlan
from aap.policies import may, visible
from aap.storage import Storage
from tests.integration.applications.case import DEPOSITED, People

pytestmark = pytest.mark.sqlite

ASKED = from_paris(datetime(2023, 11, 13, 11, 5))  # noqa: DTZ001  # a wall-clock hour of Paris
WRITTEN = from_paris(datetime(2023, 11, 20, 9, 30))  # noqa: DTZ001  # same
LAPSED = from_paris(datetime(2023, 12, 4, 9, 30))  # noqa: DTZ001  # same
ITEMS = tuple(
    ItemAsked(kind, key, "À revoir.")
    for kind, key in (
        (CompletionItemKind.FIELD, "title"),
        (CompletionItemKind.FIELD, "need"),
        (CompletionItemKind.FIELD, "budget"),
        (CompletionItemKind.FIELD, "partners"),
        (CompletionItemKind.ANNEX, "A09"),
        (CompletionItemKind.ANNEX, "A12"),
    )
)
EVERYBODY_ELSE = (Audience.AGENCY, Audience.OPINION, Audience.JURY)
UNSENT = "Phrase que personne n'a encore reçue."


@pytest.fixture
def completing(case: Application, people: People, store: Storage) -> Application:
    """The case deposited, asked to be completed, and changed by its lead: nothing is sent."""
    submit(case, actor=people.lead, now=DEPOSITED)
    request_completion(case, ITEMS, "Merci de compléter.", actor=people.officer, now=ASKED)
    form, stored = form_of(case.call_version), get_answers(case.sheet_id)
    values, versions = typed_values(form, json_values(stored)), versions_of(stored)
    plan: BudgetPlan = values["budget"]
    first, *rest = plan.lines
    dearer = replace(first, qty=Decimal(1), unit_price=first.amount + 1000, amount=first.amount + 1000)
    gone, *partners = values["partners"]
    changes = {
        "title": "Autre titre",
        "need": f"{values['need']} {UNSENT}",
        "budget": BudgetPlan((dearer, *rest), plan.income),
        "partners": tuple(partners),
    }
    for section in form.sections:
        sent = {spec.id: changes[spec.id] for spec in section.fields if spec.id in changes}
        if sent:
            save_section(case, section.id, sent, versions, actor=people.lead, now=WRITTEN)
    letter = next(piece for piece in case.pieces if piece.annex_key == "A09" and piece.subject != gone.key)
    upload = Upload([b"%PDF-1.7 signe"], "lettre-jamais-envoyee.pdf", 10**6)
    replace_piece(case, letter, upload, storage=store, actor=people.lead, now=WRITTEN)
    return case


def text_of(dossier: Dossier, field: str) -> str:
    return next(one.text for section in dossier.sections for one in section.fields if one.id == field)


def pieces_of(dossier: Dossier) -> set[str]:
    return {piece.name for annex in dossier.annexes for piece in annex.pieces}


@pytest.mark.parametrize("audience", EVERYBODY_ELSE)
def test_nobody_else_reads_what_is_not_sent(completing: Application, audience: Audience) -> None:
    sealed = completing.submissions[-1].snapshot
    read = get_dossier(completing, WRITTEN, audience)
    assert UNSENT not in repr(read)
    assert text_of(read, "need") == sealed["answers"]["need"]
    assert read.title == sealed["title"] != "Autre titre"
    assert f"{read.budget.expenses:.2f}" == sealed["totals"]["expenses"]
    assert "lettre-jamais-envoyee.pdf" not in pieces_of(read)
    confidential = {status.key for status in list_annexes(completing, WRITTEN) if status.confidential}
    hidden = confidential if audience is not Audience.AGENCY else set()
    assert pieces_of(read) == {piece["name"] for piece in sealed["pieces"] if piece["annex"] not in hidden}


def test_its_own_people_read_what_they_write(completing: Application) -> None:
    sealed = completing.submissions[-1].snapshot
    own = get_dossier(completing, WRITTEN, Audience.LEAD)
    assert UNSENT in text_of(own, "need")
    assert own.title == "Autre titre"
    assert own.budget.expenses == Decimal(sealed["totals"]["expenses"]) + 1000
    assert "lettre-jamais-envoyee.pdf" in pieces_of(own)
    letters = next(annex for annex in own.annexes if annex.key == "A09")
    known = {partner.key for partner in completing.partners}
    assert len(letters.pieces) == len(known) - 1, "the letter of the partner taken out is handed in no more"


def test_lists_and_amounts_are_those_of_the_deposit(completing: Application, session: Session) -> None:
    sealed = completing.submissions[-1].snapshot
    columns = select(Application.title, Application.total_expenses).where(Application.id == completing.id)
    title, expenses = session.execute(columns).one()
    assert title == sealed["title"]
    assert f"{expenses:.2f}" == sealed["totals"]["expenses"]
    assert len(completing.partners) == len(sealed["answers"]["partners"])


def test_pieces_open_to_others_once_they_are_sent(completing: Application, people: People, session: Session) -> None:
    new = next(piece for piece in completing.pieces if piece.file.name == "lettre-jamais-envoyee.pdf")
    old = next(piece for piece in completing.pieces if piece.successor_id == new.id)
    others = (people.officer, people.dcgdr, people.reader)
    assert readers_of(new, (people.lead, *others), session) == {people.lead.id}
    assert readers_of(old, others, session) == {person.id for person in others}
    resubmit(completing, actor=people.lead, now=WRITTEN)
    session.expire_all()
    assert readers_of(new, others, session) == {person.id for person in others}
    assert readers_of(old, others, session) == {people.officer.id}, "the former one is history, for the agency"


def readers_of(piece: Piece, people: tuple[User, ...], session: Session) -> set[uuid.UUID]:
    """Return who reads a piece, once the function and its SQL twin have said the same."""
    found = set()
    for person in people:
        listed = session.scalar(select(Piece.id).where(Piece.id == piece.id, visible(person, Piece)))
        told = may(person, "piece.read", piece)
        assert told is (listed is not None)
        if told:
            found.add(person.id)
    return found


def test_what_is_sent_is_what_everybody_reads(completing: Application, people: People, session: Session) -> None:
    before = get_dossier(completing, WRITTEN, Audience.AGENCY)
    resubmit(completing, actor=people.lead, now=WRITTEN)
    session.expire_all()
    sealed = completing.submissions[-1].snapshot
    for audience in (*EVERYBODY_ELSE, Audience.LEAD):
        read = get_dossier(completing, WRITTEN, audience)
        assert UNSENT in text_of(read, "need")
        assert read.title == completing.title == sealed["title"] == "Autre titre"
        assert read.budget.expenses == completing.total_expenses == before.budget.expenses + 1000
        assert "lettre-jamais-envoyee.pdf" in pieces_of(read)
    assert len(completing.partners) == len(sealed["answers"]["partners"])


def test_an_older_deposit_is_still_read_as_it_was(completing: Application, people: People, session: Session) -> None:
    before = get_dossier(completing, WRITTEN, Audience.AGENCY)
    resubmit(completing, actor=people.lead, now=WRITTEN)
    session.expire_all()
    first = read_deposit(completing.submissions[0], WRITTEN)
    again = get_dossier(completing, WRITTEN, Audience.AGENCY, reading=first)
    assert UNSENT not in repr(again)
    assert (again.title, again.sections, again.annexes) == (before.title, before.sections, before.annexes)
    assert (again.budget.lines, again.budget.expenses) == (before.budget.lines, before.budget.expenses)


def test_what_was_never_sent_counts_for_nobody(completing: Application, people: People, session: Session) -> None:
    """The delay passed and the officer decides on the deposit: the lead, too, reads what was judged."""
    for key in ("E12", "E13", "E14"):
        tick_manual_rule(completing, key, passed=True, because="Vérifié.", actor=people.officer, now=LAPSED)
    decide_admissibility(completing, "recevable", "", actor=people.officer, now=LAPSED)
    session.expire_all()
    sealed = completing.submissions[-1].snapshot
    for audience in (*EVERYBODY_ELSE, Audience.LEAD):
        read = get_dossier(completing, LAPSED, audience)
        assert UNSENT not in repr(read)
        assert read.title == sealed["title"]
        assert f"{read.budget.expenses:.2f}" == sealed["totals"]["expenses"]
        assert "lettre-jamais-envoyee.pdf" not in pieces_of(read)
