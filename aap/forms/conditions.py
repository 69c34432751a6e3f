"""The form as it stands for one applicant: conditional fields shown or not, demanded or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from aap.forms.spec import FieldSpec, FormSpec, SectionSpec
from aap.rules import Rule

Holds = Callable[[Rule], bool]


def resolved(form: FormSpec, holds: Holds) -> FormSpec:
    """Return the form without its conditions.

    ``holds`` judges a rule on the facts of the file; a rule that cannot be judged yet does not hold. A field whose
    ``show_if`` does not hold leaves the form (its answer stays in the sheet); so does a section whose own does not
    hold, or that is left without fields.
    """
    shown = (section for section in form.sections if section.show_if is None or holds(section.show_if))
    sections = (resolved_section(section, holds) for section in shown)
    return FormSpec(tuple(section for section in sections if section.fields))


def resolved_section(section: SectionSpec, holds: Holds) -> SectionSpec:
    """Return one section without its conditions, possibly without fields."""
    fields = tuple(_settled(field, holds) for field in section.fields if field.show_if is None or holds(field.show_if))
    return replace(section, fields=fields, show_if=None)


def has_conditions(form: FormSpec) -> bool:
    """Tell whether an answer may show, hide or demand another one."""
    on_fields = any(field.show_if is not None or field.required_if is not None for field in form.fields())
    return on_fields or any(section.show_if is not None for section in form.sections)


def _settled(field: FieldSpec, holds: Holds) -> FieldSpec:
    demanded = field.required or (field.required_if is not None and holds(field.required_if))
    return replace(field, required=demanded, show_if=None, required_if=None)
