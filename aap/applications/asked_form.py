"""The form that a version of a call asks for, as typed fields."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from aap.applications.terms import document_of
from aap.calls.document.body import Scope
from aap.calls.document.form import Column, FieldKind, FormField
from aap.calls.document.form import Option as CallOption
from aap.calls.models import CallVersion
from aap.forms.spec import FieldSpec, FormSpec, Option, SectionSpec
from aap.referentials.queries import list_indicator_definitions
from aap.referentials.vocabularies import VOCABULARIES, known_label, resolve_ref


def form_of(version: CallVersion) -> FormSpec:
    """Return the form of a version."""
    document = document_of(version)
    return FormSpec(
        tuple(
            SectionSpec(
                section.id,
                section.title,
                tuple(_field(field, document.scope) for field in section.fields),
                section.hint or "",
            )
            for section in document.form.sections
        )
    )


def _field(field: FormField, scope: Scope) -> FieldSpec:
    spec = FieldSpec(
        id=field.id,
        type=field.type.value,
        label=field.label,
        required=field.required,
        min=_bound(field.min),
        max=_bound(field.max),
        step=_bound(field.step),
        options=_options(field.options, field.ref, scope),
        columns=tuple(_column(column, scope) for column in field.columns),
        help=field.hint or "",
        show_if=field.show_if,
    )
    if field.type is FieldKind.INDICATORS:
        library = tuple(Option(row.code, row.label, row.unit) for row in list_indicator_definitions())
        return replace(spec, options=library)
    return spec


def _column(column: Column, scope: Scope) -> FieldSpec:
    return FieldSpec(
        id=column.id,
        type=column.type.value,
        label=column.label,
        required=column.required,
        min=_bound(column.min),
        max=_bound(column.max),
        options=_options(column.options, column.ref, scope),
    )


def _bound(value: Decimal | None) -> int | Decimal | None:
    return int(value) if value is not None and value == value.to_integral_value() else value


def _options(options: tuple[CallOption, ...], ref: str | None, scope: Scope) -> tuple[Option, ...]:
    if ref is None:
        return tuple(Option(option.id, option.label or known_label(option.id)) for option in options)
    head, _, name = ref.partition(".")
    if head == "referentials":
        return tuple(Option(term.code, term.label, term.hint, term.group) for term in resolve_ref(ref).terms)
    codes: tuple[str, ...] = getattr(scope, name, ())
    words = VOCABULARIES.get(name)
    return tuple(Option(code, words.label(code) if words else known_label(code)) for code in codes)
