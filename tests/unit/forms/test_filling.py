"""Filling a form: what a section page reads, what remains, what the conditions show, what changed."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aap.forms.completeness import SectionState, form_status, section_status
from aap.forms.conditions import resolved
from aap.forms.differences import Change, text_differences, value_differences
from aap.forms.entries import read_section, typed_values
from aap.forms.spec import FieldSpec, FormSpec, Option, SectionSpec
from aap.rules import evaluate, parse

NAME = FieldSpec("name", "text", "Raison sociale", required=True, max=20)
COST = FieldSpec("cost", "money", "Coût", required=True)
NOTE = FieldSpec("note", "longtext", "Remarque")
SECTION = SectionSpec("S1", "Porteur", (NAME, COST, NOTE))


def test_a_page_saves_what_it_can_read_and_shows_the_rest_as_typed() -> None:
    raw = {"name": ["Une raison sociale beaucoup trop longue"], "cost": ["cher"], "note": ["  Bonjour \r\n"]}
    entry = read_section(SECTION, raw)
    assert entry.values == {"name": "Une raison sociale beaucoup trop longue", "note": "Bonjour"}
    assert [problem.place for problem in entry.unreadable] == ["cost"]
    assert [problem.place for problem in entry.wrong] == ["name"]
    assert entry.typed["cost"] == ("cher",)
    assert entry.typed["note"] == ("Bonjour",)
    assert len(entry.problems) == 2


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, SectionState.EMPTY),
        ({"note": "Bonjour"}, SectionState.IN_PROGRESS),
        ({"name": "EHPAD", "cost": Decimal(-1)}, SectionState.TO_FIX),
        ({"name": "EHPAD", "cost": Decimal(3)}, SectionState.COMPLETE),
    ],
)
def test_a_section_tells_where_it_stands(values: dict[str, Any], state: SectionState) -> None:
    assert section_status(SECTION, values).state is state


def test_the_summary_tells_what_remains_field_by_field() -> None:
    status = form_status(
        FormSpec((SECTION,)),
        {"name": "EHPAD"},
        {"note": {"note": ("avec un signe\x00 invisible",)}},
    )
    assert not status.ready
    assert status.done == 0
    assert [(problem.place, problem.message) for problem in status.problems] == [
        ("cost", "Ce champ est obligatoire."),
        ("note", status.problems[-1].message),
    ]
    assert status.problems[-1].message.startswith("Le texte contient, après 13 caractères, un signe invisible")
    (section,) = status.sections
    assert (section.filled, section.total, section.state.label) == (2, 3, "À corriger")


def test_a_section_of_optional_fields_does_not_keep_the_form_from_being_sent() -> None:
    status = form_status(FormSpec((SectionSpec("S2", "Divers", (NOTE,)),)), {})
    assert status.sections[0].state is SectionState.EMPTY
    assert status.ready


def test_a_value_the_application_computes_is_not_asked() -> None:
    zone = FieldSpec("zone", "computed", "Zone", required=True)
    assert form_status(FormSpec((SectionSpec("S2", "Zones", (zone,)),)), {}).ready


def test_conditions_hide_fields_and_make_others_mandatory() -> None:
    form = FormSpec(
        (
            SectionSpec(
                "S1",
                "Porteur",
                (
                    NAME,
                    FieldSpec(
                        "cpom", "text", "Numéro", show_if=parse({"field": "has_cpom", "op": "eq", "value": True})
                    ),
                    FieldSpec(
                        "rna", "rna", "RNA", required_if=parse({"field": "type", "op": "in", "value": ["association"]})
                    ),
                ),
            ),
            SectionSpec(
                "S2",
                "Contrat",
                (FieldSpec("x", "text", "X", show_if=parse({"field": "has_cpom", "op": "eq", "value": True})),),
            ),
        )
    )

    def no_reference(name: str) -> object:
        raise KeyError(name)

    def with_facts(**facts: object) -> FormSpec:
        return resolved(form, lambda rule: evaluate(rule, facts, no_reference).is_held)

    association = with_facts(has_cpom=False, type="association")
    assert [field.id for field in association.fields()] == ["name", "rna"]
    assert [field.required for field in association.fields()] == [True, True]
    assert len(association.sections) == 1
    assert [field.id for field in with_facts(has_cpom=True).fields()] == ["name", "cpom", "rna", "x"]
    assert [field.required for field in with_facts().fields()] == [True, False]


def test_an_answer_its_field_no_longer_reads_is_left_aside() -> None:
    assert typed_values(FormSpec((SECTION,)), {"name": ["liste"], "cost": "12.50", "gone": "x"}) == {
        "cost": Decimal("12.50")
    }


def test_a_difference_is_told_word_by_word() -> None:
    found = text_differences("Le comité se réunit chaque mois.", "Le comité restreint se réunit chaque trimestre.")
    assert [(segment.change, segment.text) for segment in found] == [
        (Change.SAME, "Le comité "),
        (Change.ADDED, "restreint "),
        (Change.SAME, "se réunit chaque "),
        (Change.REMOVED, "mois."),
        (Change.ADDED, "trimestre."),
    ]
    assert text_differences("", "") == ()


@settings(max_examples=80, deadline=None)
@given(before=st.text(alphabet="ab \n", max_size=60), after=st.text(alphabet="ab \n", max_size=60))
def test_a_difference_holds_both_texts_whole(before: str, after: str) -> None:
    found = text_differences(before, after)
    assert "".join(segment.text for segment in found if segment.change is not Change.ADDED) == before
    assert "".join(segment.text for segment in found if segment.change is not Change.REMOVED) == after


def test_long_texts_are_compared_in_bounded_time() -> None:
    before = "le la " * 5000
    after = "la le " * 5000
    begun = time.perf_counter()
    found = text_differences(before, after)
    assert time.perf_counter() - begun < 3
    assert "".join(segment.text for segment in found if segment.change is not Change.ADDED) == before


def test_values_are_compared_as_they_are_shown() -> None:
    spec = FieldSpec("c", "select", "Nature", options=(Option("un", "Premier choix"), Option("deux", "Second choix")))
    found = value_differences(spec, "un", "deux")
    assert [segment.text for segment in found] == ["Premier ", "Second ", "choix"]
    assert value_differences(spec, None, None) == ()
