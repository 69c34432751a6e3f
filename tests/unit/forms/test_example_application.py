"""The example application of the demonstration answers the form of the example call completely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from aap.forms.completeness import SectionState, form_status
from aap.forms.entries import facts, read_document, read_section, written_section
from aap.forms.fields import Choices, field_type
from aap.forms.spec import FieldSpec, FormSpec, Option, SectionSpec
from aap.referentials.vocabularies import known_label, resolve_ref

DATA = Path(__file__).parents[3] / "aap" / "demonstration" / "data"


class _Exact(yaml.SafeLoader):
    """Numbers are read from their text, never through a float."""


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)))


_Exact.add_constructor("tag:yaml.org,2002:float", _decimal)


def _document(name: str) -> dict[str, Any]:
    return dict(yaml.load((DATA / f"{name}.yaml").read_text(encoding="utf-8"), Loader=_Exact))  # noqa: S506  # a SafeLoader


def _options(field: Mapping[str, Any], call: Mapping[str, Any]) -> tuple[Option, ...]:
    ref = field.get("ref", "")
    if ref.startswith("referentials."):
        return tuple(Option(term.code, term.label) for term in resolve_ref(ref).terms)
    codes = call["scope"][ref.removeprefix("scope.")] if ref else field.get("options", [])
    return tuple(Option(code, known_label(code)) for code in codes)


def _field(field: Mapping[str, Any], call: Mapping[str, Any]) -> FieldSpec:
    return FieldSpec(
        field["id"],
        field["type"],
        field["label"],
        required=field.get("required", False),
        min=field.get("min"),
        max=field.get("max"),
        options=_options(field, call),
        columns=tuple(_field(column, call) for column in field.get("columns", [])),
    )


@pytest.fixture(scope="module")
def form() -> FormSpec:
    call = _document("call")["call"]
    sections = call["form"]["sections"]
    return FormSpec(
        tuple(
            SectionSpec(section["id"], section["title"], tuple(_field(field, call) for field in section["fields"]))
            for section in sections
        )
    )


@pytest.fixture(scope="module")
def answers() -> dict[str, Any]:
    application = _document("application")["application"]
    applicant = application["applicant"]
    tables = ("sites", "partners", "solutions", "staffing", "milestones", "risks", "budget")
    return {
        **applicant,
        **application["project"],
        **{name: application[name] for name in tables},
        "applicant_name": applicant["name"],
        "applicant_type": applicant["type"],
    }


def test_the_form_has_nine_sections_and_forty_three_fields(form: FormSpec) -> None:
    assert (len(form.sections), len(list(form.fields()))) == (9, 43)


def test_the_example_application_is_complete(form: FormSpec, answers: dict[str, Any]) -> None:
    read = read_document(form, answers)
    assert read.problems == ()
    status = form_status(form, read.values)
    assert [(problem.place, problem.message) for problem in status.problems] == []
    assert {section.state for section in status.sections} == {SectionState.COMPLETE}


def test_its_budget_balances_at_164_040_euros_with_120_000_asked(form: FormSpec, answers: dict[str, Any]) -> None:
    plan = read_document(form, answers).values["budget"]
    assert plan.expenses == plan.income_total == Decimal(164040)
    assert plan.requested == Decimal(120000)
    assert [funder.earmarked for funder in plan.income] == [(), ("L01",), ("L02", "L03", "L06"), ()]


def test_the_rules_read_codes_numbers_and_booleans(form: FormSpec, answers: dict[str, Any]) -> None:
    read = facts(form, read_document(form, answers).values)
    assert read["has_cpom"] is True
    assert read["duration_months"] == Decimal(24)
    assert read["act_types"] == ("teleconsultation_assistee", "teleexpertise")
    assert read["sharing_commitment"] is True


def test_every_section_survives_its_own_page(form: FormSpec, answers: dict[str, Any]) -> None:
    values = read_document(form, answers).values
    for section in form.sections:
        entry = read_section(section, written_section(section, values))
        assert entry.problems == ()
        for field in section.fields:
            assert _as_ticked(entry.values.get(field.id)) == _as_ticked(values.get(field.id)), field.id


def test_every_answer_is_shown_in_words_without_a_code(form: FormSpec, answers: dict[str, Any]) -> None:
    values = read_document(form, answers).values
    for field in form.fields():
        shown = field_type(field).display(field, values.get(field.id))
        assert "Decimal(" not in shown
        assert "_" not in shown, field.id
    specialties = form.field("specialties")
    assert specialties is not None
    assert field_type(specialties).display(specialties, values["specialties"]) == (
        "Médecine générale, Gériatrie, Dermatologie, Psychiatrie du sujet âgé"
    )


def _as_ticked(value: Any) -> Any:
    return replace(value, codes=tuple(sorted(value.codes))) if isinstance(value, Choices) else value
