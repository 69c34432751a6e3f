"""Communes that answer a question by themselves: recognised from what was typed, named from the code that is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from aap.calls.document.form import FieldKind
from aap.forms.spec import FieldSpec, FormSpec, Option
from aap.referentials.territory.places import list_communes, recognise

Texts = dict[str, tuple[str, ...]]


def with_names(form: FormSpec, values: Mapping[str, Any]) -> FormSpec:
    """Return the form with the name of each commune answered as an option of its field; one query at most."""
    asked = {spec.id: str(values[spec.id]) for spec in form.fields() if _is_alone(spec) and values.get(spec.id)}
    if not asked:
        return form
    names = {row.code: row.label for row in list_communes(asked.values())}

    def named(spec: FieldSpec) -> FieldSpec:
        code = asked.get(spec.id, "")
        return replace(spec, options=(Option(code, names[code]),)) if code in names else spec

    return FormSpec(tuple(replace(one, fields=tuple(map(named, one.fields))) for one in form.sections))


def with_codes(fields: Iterable[FieldSpec], texts: Mapping[str, Sequence[str]]) -> Texts:
    """Return what was sent with the code of each commune whose name leaves no doubt; one query at most."""
    kept = {name: tuple(values) for name, values in texts.items()}
    typed = {spec.id: kept[spec.id][-1].strip() for spec in fields if _is_alone(spec) and kept.get(spec.id)}
    asked = [name for name, text in typed.items() if text]
    for name, code in zip(asked, recognise([(typed[name], "") for name in asked]) if asked else (), strict=True):
        if code is not None:
            kept[name] = (code,)
    return kept


def _is_alone(spec: FieldSpec) -> bool:
    return spec.type == FieldKind.COMMUNE.value
