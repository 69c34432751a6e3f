"""Answers carried from one form to another: same key, changed type, choices gone, commitments and files left behind."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from aap.applications.copying import Fate, carry_over, from_report, to_report
from aap.forms.fields import Choices
from aap.forms.rows import BudgetLineRow, BudgetPlan, PartnerRow
from aap.forms.spec import FieldSpec, FormSpec, Option, SectionSpec

A, B, C = (Option(code, f"Choix {code}") for code in "abc")


def form(*fields: FieldSpec) -> FormSpec:
    return FormSpec((SectionSpec("S1", "Rubrique", fields),))


def carried(old: FieldSpec, new: FieldSpec, value: Any) -> tuple[Any, Fate, str]:
    found = carry_over(form(old), {old.id: value}, form(new), known={})
    (line,) = found.lines
    return found.values.get(new.id), line.fate, line.why


def field(kind: str, **more: Any) -> FieldSpec:
    return FieldSpec("f", kind, "Question", **more)


@pytest.mark.parametrize(
    ("old", "new", "value", "expected", "fate"),
    [
        (field("text"), field("text"), "Bonjour", "Bonjour", Fate.COPIED),
        (field("text"), field("longtext"), "Bonjour", "Bonjour", Fate.ADAPTED),
        (field("integer"), field("text"), 12, "12", Fate.ADAPTED),
        (field("integer"), field("money"), 12, Decimal(12), Fate.ADAPTED),
        (field("text"), field("integer"), "12", 12, Fate.ADAPTED),
        (field("text"), field("integer"), "douze", None, Fate.LEFT),
        (field("yesno"), field("select", options=(A, B)), True, None, Fate.LEFT),
        (field("select", options=(A, B)), field("select", options=(A,)), "a", "a", Fate.COPIED),
        (field("select", options=(A, B)), field("select", options=(A,)), "b", None, Fate.LEFT),
        (field("select", options=(A, B)), field("multiselect", options=(A,)), "a", Choices(("a",)), Fate.COPIED),
        (field("multiselect", options=(A, B)), field("select", options=(A, B)), Choices(("a",)), "a", Fate.COPIED),
        (field("multiselect", options=(A, B)), field("select", options=(A, B)), Choices(("a", "b")), None, Fate.LEFT),
        (field("checkbox"), field("checkbox"), True, None, Fate.LEFT),
        (field("text"), field("text"), None, None, Fate.LEFT),
    ],
)
def test_each_field_has_its_fate(old: FieldSpec, new: FieldSpec, value: Any, expected: Any, fate: Fate) -> None:
    assert carried(old, new, value)[:2] == (expected, fate)


def test_choices_that_are_gone_are_named() -> None:
    value, fate, why = carried(
        field("multiselect", options=(A, B, C)), field("multiselect", options=(A, C)), Choices(("a", "b"))
    )
    assert (value, fate) == (Choices(("a",)), Fate.ADAPTED)
    assert why == "Choix qui n'est plus proposé, retiré : Choix b."


def test_a_text_too_long_for_the_new_call_is_kept_and_told() -> None:
    value, fate, why = carried(field("longtext"), field("longtext", max=10), "Un texte plus long que dix.")
    assert (value, fate) == ("Un texte plus long que dix.", Fate.TO_REVIEW)
    assert "10" in why


def test_questions_that_come_and_go_are_told() -> None:
    old, new = form(FieldSpec("gone", "text", "Ancienne")), form(FieldSpec("new", "text", "Nouvelle"))
    found = carry_over(old, {"gone": "Réponse"}, new, known={})
    assert [(line.label, line.fate, line.why) for line in found.lines] == [
        ("Nouvelle", Fate.LEFT, "Question nouvelle dans cet appel."),
        ("Ancienne", Fate.LEFT, "Cet appel ne pose pas cette question."),
    ]
    assert found.values == {}


def test_what_the_structure_s_card_says_wins() -> None:
    found = carry_over(form(field("siret")), {"f": "99977101700012"}, form(field("siret")), known={"f": "1"})
    assert found.values == {}
    assert found.lines[0].why == "Repris de la fiche de votre structure."


def test_budget_lines_and_partners_lose_the_word_that_a_file_is_joined() -> None:
    line = BudgetLineRow("L01", "equipement", "Chariot", Decimal(1), Decimal(9), Decimal(9), Decimal(5), quote=True)
    budget, fate, why = carried(field("budget"), field("budget"), BudgetPlan((line,), ()))
    assert budget.lines[0].label == "Chariot"
    assert budget.lines[0].quote is False
    assert "devis" in why
    assert fate in {Fate.ADAPTED, Fate.TO_REVIEW}
    partner = PartnerRow("P01", "MSP", "msp", "Appui", commitment_letter=True)
    partners, _, why = carried(field("partners"), field("partners"), (partner,))
    assert partners[0].commitment_letter is False
    assert "lettres" in why


def test_a_report_is_read_as_it_was_written() -> None:
    lines = carry_over(form(field("text")), {"f": "a"}, form(field("text")), known={}).lines
    report = to_report(lines, [("rib.pdf", "RIB")])
    assert from_report(report) == lines
    assert report["files"] == [{"name": "rib.pdf", "annex": "RIB"}]
