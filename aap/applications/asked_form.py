"""The form that a version of a call asks for: the call's own, with the indicator library to choose from."""

from __future__ import annotations

from dataclasses import replace

from aap.calls.models import CallVersion
from aap.calls.queries import load_document, load_form_spec
from aap.forms.spec import FieldSpec, FormSpec, Option
from aap.referentials.queries import list_indicator_definitions


def form_of(version: CallVersion) -> FormSpec:
    """Return the form of a version, conditions included: ``aap.forms.conditions`` resolves them."""
    form = load_form_spec(version)
    document = load_document(version).form
    conditions = {field.id: field.required_if for field in document.fields if field.required_if is not None}
    changing = conditions.keys() | {spec.id for spec in form.fields() if spec.type == "indicators"}
    if not changing:
        return form
    library = tuple(Option(row.code, row.label, row.unit) for row in list_indicator_definitions())

    def completed(spec: FieldSpec) -> FieldSpec:
        if spec.type == "indicators" and not spec.options:
            return replace(spec, options=library)
        return replace(spec, required_if=conditions[spec.id]) if spec.id in conditions else spec

    return FormSpec(
        tuple(replace(section, fields=tuple(completed(spec) for spec in section.fields)) for section in form.sections)
    )
