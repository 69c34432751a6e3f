"""The form: choices have their list, tables their columns, bounds their order."""

from __future__ import annotations

from collections.abc import Iterator

from aap.calls.document.checks.codes import SCOPE_LISTS
from aap.calls.document.checks.sections import Sections
from aap.calls.document.facts import FACTS, Nature
from aap.calls.document.form import (
    CHOICES,
    COLUMN_KINDS,
    NATURES,
    UNIQUE,
    WORDED,
    Column,
    FieldKind,
    FormField,
)
from aap.errors import Problem
from aap.referentials.vocabularies import VOCABULARIES


def check(sections: Sections) -> Iterator[Problem]:
    """Refuse fields that could not be shown or filled."""
    seen: dict[FieldKind, str] = {}
    for place, field in fields(sections):
        yield from _common(place, field, sections)
        yield from _fact(place, field)
        if field.type in UNIQUE and field.type in seen:
            yield Problem(f"{place}.type", f"Le formulaire a déjà un champ « {field.type} » ({seen[field.type]}).")
        seen.setdefault(field.type, field.id)
        if field.type in {FieldKind.TABLE, FieldKind.REPEAT} and not field.columns:
            yield Problem(place, "Un tableau a des colonnes (columns).")
        if field.max_words is not None and field.type not in WORDED:
            yield Problem(f"{place}.max_words", "Seul un texte se compte en mots.")
        yield from _file(place, field, sections)
        if field.columns and NATURES[field.type] is not Nature.RECORDS:
            yield Problem(f"{place}.columns", "Seul un tableau a des colonnes.")
        for i, column in enumerate(field.columns):
            inner = f"{place}.columns[{i}]"
            if column.type not in COLUMN_KINDS:
                yield Problem(f"{inner}.type", f"Une colonne ne peut pas être de type « {column.type} ».")
            else:
                yield from _common(inner, column, sections)
        if field.required and field.required_if is not None:
            yield Problem(place, "Un champ est exigé toujours (required) ou sous condition (required_if).")


def warn(sections: Sections) -> Iterator[Problem]:
    """Point at mandatory indicators that no field lets an applicant propose."""
    kinds = {field.type for _, field in fields(sections)}
    if sections.mandatory_indicators and FieldKind.INDICATORS not in kinds:
        yield Problem("call.form", "Des indicateurs sont obligatoires, le formulaire n'a pas de champ « indicators ».")
    if FieldKind.BUDGET not in kinds:
        yield Problem("call.form", "Le formulaire n'a pas de champ « budget ».")


def fields(sections: Sections) -> Iterator[tuple[str, FormField]]:
    """Walk the fields with their places."""
    for i, section in enumerate(sections.form.sections if sections.form else ()):
        for j, field in enumerate(section.fields):
            yield f"call.form.sections[{i}].fields[{j}]", field


def _common(place: str, field: FormField | Column, sections: Sections) -> Iterator[Problem]:
    if field.type in CHOICES:
        if (field.ref is None) == (not field.options):
            yield Problem(place, "Un choix a une liste : ref ou options.")
        if field.ref is not None:
            yield from _list(f"{place}.ref", field.ref, sections)
    elif field.type is FieldKind.COMPUTED and field.ref is not None and not field.options:
        if FACTS.get(field.ref) in {None, Nature.RECORDS}:
            yield Problem(f"{place}.ref", f"« {field.ref} » n'est pas un fait que l'application calcule.")
    elif field.ref is not None or field.options:
        yield Problem(place, f"Un champ « {field.type} » n'a ni ref ni options.")
    if field.min is not None and field.max is not None and field.min > field.max:
        yield Problem(place, "Le minimum dépasse le maximum.")
    if field.type is FieldKind.SCALE and (field.min is None or field.max is None):
        yield Problem(place, "Une échelle a un minimum et un maximum.")


def _list(place: str, ref: str, sections: Sections) -> Iterator[Problem]:
    root, _, name = ref.partition(".")
    if root == "scope" and name in SCOPE_LISTS:
        if sections.scope and not getattr(sections.scope, name):
            yield Problem(place, f"La liste « {ref} » est vide dans cet appel.")
    elif root != "referentials" or name not in VOCABULARIES:
        yield Problem(place, f"« {ref} » ne désigne aucune liste (scope.… ou referentials.…).")


def _file(place: str, field: FormField, sections: Sections) -> Iterator[Problem]:
    """Refuse a file bounded by anything but its size, or named as an annex is: its piece is kept under its name."""
    if field.type is not FieldKind.FILE:
        if field.max_mb is not None:
            yield Problem(f"{place}.max_mb", "Seul un fichier se mesure en mégaoctets (max_mb).")
        return
    if field.min is not None or field.max is not None:
        yield Problem(place, "Un fichier se borne par max_mb, en mégaoctets.")
    if field.public:
        yield Problem(f"{place}.public", "Un fichier n'est jamais publié.")
    if any(annex.id == field.id for annex in sections.annexes):
        yield Problem(f"{place}.id", f"« {field.id} » est déjà l'identifiant d'une pièce à joindre.")


def _fact(place: str, field: FormField) -> Iterator[Problem]:
    """Refuse a field that bears the name of a built-in fact without its nature: rules read it under that name."""
    expected, given = FACTS.get(field.id), NATURES[field.type]
    if expected is not None and expected is not given:
        yield Problem(f"{place}.type", f"Le champ « {field.id} » doit être {expected.value} : les règles s'en servent.")
