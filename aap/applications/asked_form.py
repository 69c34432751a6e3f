"""The form that a version of a call asks for: the call's own, with the indicator library to choose from."""

from __future__ import annotations

from dataclasses import replace

from aap.calls.models import CallVersion
from aap.calls.queries import load_form_spec
from aap.forms.spec import FieldSpec, FormSpec, Option
from aap.referentials.queries import list_indicator_definitions


def form_of(version: CallVersion) -> FormSpec:
    """Return the form of a version, conditions included: ``aap.forms.conditions`` resolves them."""
    form = load_form_spec(version)
    if not any(_needs_library(spec) for spec in form.fields()):
        return form
    library = tuple(Option(row.code, row.label, row.unit) for row in list_indicator_definitions())
    return FormSpec(
        tuple(
            replace(
                section,
                fields=tuple(
                    replace(spec, options=library) if _needs_library(spec) else spec for spec in section.fields
                ),
            )
            for section in form.sections
        )
    )


def form_for(version: CallVersion, section_id: str) -> FormSpec:
    """Return the form with what one section of it needs: the indicator library is read for the section that asks it."""
    form = load_form_spec(version)
    section = form.section(section_id)
    return form_of(version) if section is not None and any(map(_needs_library, section.fields)) else form


def _needs_library(spec: FieldSpec) -> bool:
    return spec.type == "indicators" and not spec.options
