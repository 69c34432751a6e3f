"""From the answers of one form to those of another, field by field by key: what passes, changes or stays behind.

Pure functions on forms and typed values. Nothing is copied silently: every field has a line that says what became of
it and why. Pieces and commitments are never copied; a file that answers a question is, when the caller says it may be.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from aap.forms.entries import Values
from aap.forms.fields import AttachedFile, Choices, Storage, UnreadableError, field_type
from aap.forms.fields.choices import OTHER
from aap.forms.rows import BudgetPlan
from aap.forms.spec import FieldSpec, FormSpec

_TEXTS = frozenset({"text", "longtext"})
_CHOICES = frozenset({"select", "multiselect"})
_DATES = frozenset({"date", "month"})
_FIGURES = frozenset({"number", "integer", "quantity", "money", "percentage", "rate", "scale"})
# What says that a file is joined: the file does not come along, so neither does the word.
_SAYS_A_FILE = {"quote": False, "quote_ref": "", "commitment_letter": False}


class Fate(enum.Enum):
    """What became of a field."""

    COPIED = "copied"
    ADAPTED = "adapted"
    TO_REVIEW = "to_review"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class CopyLine:
    """One field of the new form, or one of the old form that the new one does not have."""

    section: str
    label: str
    fate: Fate
    why: str


@dataclass(frozen=True, slots=True)
class Carried:
    """The values for the new form, and a line for each field."""

    values: dict[str, Any]
    lines: tuple[CopyLine, ...]


def carry_over(
    source: FormSpec, answers: Values, target: FormSpec, *, known: Values, files: Collection[str] = ()
) -> Carried:
    """Copy the answers of ``source`` that ``target`` can take. ``known`` holds what the target already answers.

    ``files`` names the questions whose file may serve again as it is.
    """
    old = {spec.id: spec for spec in source.fields()}
    values: dict[str, Any] = {}
    lines = []
    for section in target.sections:
        for spec in section.fields:
            found = _one(old.get(spec.id), spec, answers.get(spec.id), known.get(spec.id))
            if found is not None and isinstance(found[0], AttachedFile) and spec.id not in files:
                found = (None, Fate.LEFT, f"Le fichier « {found[0].name} » est à joindre de nouveau.")
            if found is None:
                continue
            value, fate, why = found
            if value is not None:
                values[spec.id] = value
            lines.append(CopyLine(section.title, spec.label, fate, why))
    return Carried(values, (*lines, *_gone(source, answers, target)))


Found = tuple[Any, Fate, str]


def _one(old: FieldSpec | None, new: FieldSpec, value: Any, known: Any) -> Found | None:
    """Return what a field becomes; ``None`` when there is nothing to say of it."""
    if field_type(new).storage is Storage.NONE:
        return None
    if known is not None:
        return None, Fate.COPIED, "Repris de la fiche de votre structure."
    reason = _why_left(old, new, value)
    if old is None or reason:
        return None, Fate.LEFT, reason
    try:
        found, why = _converted(old, new, value)
    except UnreadableError as error:
        return None, Fate.LEFT, f"La réponse ne convient plus : {error.message}"
    if found is None:
        return None, Fate.LEFT, why
    return _judged(new, found, why)


def _why_left(old: FieldSpec | None, new: FieldSpec, value: Any) -> str:
    """Say why a field is not even tried; empty when it is."""
    if old is None:
        return "Question nouvelle dans cet appel."
    if field_type(old).empty(value):
        return "Sans réponse dans l'ancien dossier."
    return "Un engagement se donne de nouveau." if new.type == "checkbox" else ""


def _judged(new: FieldSpec, value: Any, why: str) -> Found:
    """Say whether a value that was copied needs another look."""
    kind = field_type(new)
    wrong = [problem.message for problem in kind.check(new, value)]
    if wrong:
        return value, Fate.TO_REVIEW, " ".join(dict.fromkeys((why, wrong[0]))).strip()
    if new.type == "file":
        return value, Fate.TO_REVIEW, f"Fichier de l'ancien dossier, « {value.name} » : vérifiez qu'il est à jour."
    if new.type in _DATES:
        return value, Fate.TO_REVIEW, "Date de l'ancien dossier : vérifiez-la."
    return (value, Fate.ADAPTED, why) if why else (value, Fate.COPIED, "")


def _converted(old: FieldSpec, new: FieldSpec, value: Any) -> tuple[Any, str]:
    """Return the value in the new type, and what changed on the way; ``None`` with the reason when it cannot pass."""
    if old.type == new.type:
        return _same_type(old, new, value)
    if new.type in _TEXTS and old.type != "file":
        return field_type(old).show(old, value), "Réponse mise en texte : la question a changé de forme."
    if old.type in _TEXTS and new.type in _FIGURES | {"siret", "finess", "rna", "rpps", "email", "phone", "url"}:
        return _through_json(new, str(value)), "Texte relu dans la nouvelle forme de la question."
    if {old.type, new.type} <= _FIGURES and {old.type, new.type}.isdisjoint({"percentage", "rate"}):
        return _through_json(new, field_type(old).to_json(old, value)), "Nombre relu dans la nouvelle forme."
    if {old.type, new.type} <= _CHOICES:
        return _choices(old, new, value)
    return None, "La question a changé de forme : la réponse n'a pas pu être reprise."


def _same_type(old: FieldSpec, new: FieldSpec, value: Any) -> tuple[Any, str]:
    if new.type in _CHOICES:
        return _choices(old, new, value)
    again = _through_json(new, field_type(old).to_json(old, value))
    kept, why = _without_files(again)
    return kept, why


def _through_json(new: FieldSpec, value: Any) -> Any:
    return field_type(new).from_json(new, value)


def _choices(old: FieldSpec, new: FieldSpec, value: Any) -> tuple[Any, str]:
    """Keep the choices still offered, and name the others."""
    codes, other = (value.codes, value.other) if isinstance(value, Choices) else ((str(value),), "")
    kept = tuple(code for code in codes if new.option(code) is not None)
    lost = ", ".join(_named(old, code) for code in codes if new.option(code) is None)
    if not kept:
        return None, f"Choix qui n'est plus proposé : {lost}."
    if new.type == "select" and len(kept) > 1:
        return None, "Plusieurs choix avaient été donnés : un seul est attendu."
    why = f"Choix qui n'est plus proposé, retiré : {lost}." if lost else ""
    return (kept[0] if new.type == "select" else Choices(kept, other if OTHER in kept else "")), why


def _named(spec: FieldSpec, code: str) -> str:
    option = spec.option(code)
    return option.label if option else code


def _without_files(value: Any) -> tuple[Any, str]:
    """Take out of rows the words that say a file is joined."""
    if isinstance(value, BudgetPlan):
        lines = tuple(_row_without_file(row) for row in value.lines)
        return replace(value, lines=lines), "Les devis sont à joindre de nouveau." if lines != value.lines else ""
    if isinstance(value, tuple) and value and is_dataclass(value[0]):
        rows = tuple(_row_without_file(row) for row in value)
        return rows, "Les lettres sont à joindre de nouveau." if rows != value else ""
    return value, ""


def _row_without_file(row: Any) -> Any:
    names = {one.name for one in fields(row)}
    return replace(row, **{name: blank for name, blank in _SAYS_A_FILE.items() if name in names})


def _gone(source: FormSpec, answers: Values, target: FormSpec) -> Iterator[CopyLine]:
    """Name the answers whose question the new call does not ask."""
    kept = {spec.id for spec in target.fields()}
    for section in source.sections:
        for spec in section.fields:
            if spec.id not in kept and not field_type(spec).empty(answers.get(spec.id)):
                yield CopyLine(section.title, spec.label, Fate.LEFT, "Cet appel ne pose pas cette question.")


def to_report(lines: Sequence[CopyLine], files: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the lines as the JSON that is kept, with the files left behind (name, annex)."""
    kept = [{"section": one.section, "label": one.label, "fate": one.fate.value, "why": one.why} for one in lines]
    return {"lines": kept, "files": [{"name": name, "annex": annex} for name, annex in files]}


def from_report(report: Mapping[str, Any]) -> tuple[CopyLine, ...]:
    """Read the lines of a kept report."""
    return tuple(CopyLine(row["section"], row["label"], Fate(row["fate"]), row["why"]) for row in report["lines"])
