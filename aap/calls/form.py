"""The form of a call as ``aap.forms`` fills it: every choice with its words, every bound as written."""

from __future__ import annotations

from aap.calls.document.body import Scope, VersionDocument
from aap.calls.document.form import CHOICES, Column, FieldKind, FormField
from aap.forms.spec import FieldSpec, FormSpec, Option, SectionSpec
from aap.referentials.vocabularies import VOCABULARIES, known_label


def form_spec(document: VersionDocument) -> FormSpec:
    """Build the specification of the form of a call."""
    return FormSpec(
        tuple(
            SectionSpec(
                id=section.id,
                title=section.title,
                fields=tuple(_field(field, document.scope) for field in section.fields),
                help=section.hint or "",
                show_if=section.show_if,
            )
            for section in document.form.sections
        )
    )


def _field(field: FormField, scope: Scope) -> FieldSpec:
    return FieldSpec(
        id=field.id,
        type=field.type.value,
        label=field.label,
        required=field.required,
        max=field.max if field.max_mb is None else field.max_mb,
        min=field.min,
        step=field.step,
        max_words=field.max_words,
        options=options_of(field, scope),
        columns=tuple(_column(column, scope) for column in field.columns),
        help=field.hint or "",
        show_if=field.show_if,
        required_if=field.required_if,
        source=(field.ref or "") if field.type is FieldKind.COMPUTED else "",
    )


def _column(column: Column, scope: Scope) -> FieldSpec:
    return FieldSpec(
        id=column.id,
        type=column.type.value,
        label=column.label,
        required=column.required,
        max=column.max,
        min=column.min,
        options=options_of(column, scope),
    )


def options_of(field: FormField | Column, scope: Scope) -> tuple[Option, ...]:
    """Return the choices of a field: its own, those of the call's scope, or those of the referentials."""
    if field.type not in CHOICES:
        return ()
    if field.ref is None:
        return tuple(Option(option.id, option.label or known_label(option.id)) for option in field.options)
    root, _, name = field.ref.partition(".")
    listing = VOCABULARIES[name]
    if root == "referentials":
        return tuple(Option(term.code, term.label, term.hint, term.group) for term in listing.terms)
    codes: tuple[str, ...] = getattr(scope, name)
    found = ((code, listing.term(code)) for code in codes)
    return tuple(
        Option(code, listing.label(code), term.hint if term else "", term.group if term else "") for code, term in found
    )
