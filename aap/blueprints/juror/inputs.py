"""What jurors type, from the browser to the services and back: declared links, marks and comments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import cast

from aap.errors import Problem, StaleError
from aap.jury.queries import ReviewLine, ReviewSheet
from aap.jury.service import NOTE, LinkInput, MarkInput
from aap.scoring.exact import in_words
from aap.scoring.rubric import CommentRule

NOT_APPLICABLE = "na"
LINK_COLUMNS = ("organisation_name", "siren", "nature")
_SEEN = re.compile(r"([A-Za-z0-9_-]{1,80})=([0-9]{1,9})")
_LINK = re.compile(r"links-([0-9]{1,3})-(organisation_name|siren|nature)")


def link_rows(sent: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the rows of declared links as typed, with one added or removed when a button of the table asks."""
    found: dict[int, dict[str, str]] = {}
    for name, value in sent.items():
        matched = _LINK.fullmatch(name)
        if matched:
            row = found.setdefault(int(matched[1]), dict.fromkeys(LINK_COLUMNS, ""))
            row[matched[2]] = value
    removed = sent.get("remove", "").removeprefix("links-")
    rows = [row for index, row in sorted(found.items()) if str(index) != removed]
    if sent.get("add") == "links":
        rows.append(dict.fromkeys(LINK_COLUMNS, ""))
    return rows


def link_inputs(rows: list[dict[str, str]]) -> tuple[LinkInput, ...]:
    """Return the rows in which something was typed."""
    return tuple(
        LinkInput(row["organisation_name"], row["siren"].strip() or None, row["nature"])
        for row in rows
        if any(value.strip() for value in row.values())
    )


def typed_marks(keys: Iterable[str], sent: Mapping[str, str]) -> dict[str, MarkInput]:
    """Return what the page sent on each of these criteria of the grid."""
    return {
        key: MarkInput(
            value="" if sent.get(name) == NOT_APPLICABLE else sent.get(name, ""),
            not_applicable=sent.get(name) == NOT_APPLICABLE,
            comment=sent.get(f"{name}-comment", "").replace("\r\n", "\n"),  # a script sends the second
        )
        for key in keys
        if (name := f"mark-{key}")
    }


def seen_revisions(text: str) -> dict[str, int]:
    """Read the revisions that a page was made from: "C1=2,C3=1"."""
    return {key: int(number) for key, number in _SEEN.findall(text)}


@dataclass(frozen=True, slots=True)
class MarkingLine:
    """A criterion as the component of the grid takes it, with what is shown in its inputs and its errors."""

    c: dict[str, object]
    number: int
    value: str
    comment: str
    error: str
    comment_error: str
    na: bool
    version: int


def marking_lines(
    sheet: ReviewSheet,
    typed: Mapping[str, MarkInput] | None = None,
    problems: tuple[Problem, ...] = (),
    seen: Mapping[str, int] | None = None,
) -> list[MarkingLine]:
    """Return the lines of the grid: what was saved, or what has just been typed and refused.

    ``seen`` gives the revisions that a page refused whole goes on knowing.
    """
    errors = {problem.place: problem.message for problem in problems}
    return [
        _marking_line(
            line,
            number,
            (typed or {}).get(line.criterion.key),
            errors,
            line.version if seen is None else seen.get(line.criterion.key, 0),
        )
        for number, line in enumerate(sheet.lines, start=1)
    ]


def _marking_line(
    line: ReviewLine, number: int, typed: MarkInput | None, errors: Mapping[str, str], version: int
) -> MarkingLine:
    key = line.criterion.key
    value, comment = ("" if line.value is None else in_words(Fraction(line.value))), line.comment
    if line.not_applicable:
        value = NOT_APPLICABLE
    if typed is not None:
        value, comment = (NOT_APPLICABLE if typed.not_applicable else typed.value), typed.comment
    return MarkingLine(
        c=_criterion(line),
        number=number,
        value=value,
        comment=comment,
        error=errors.get(key, ""),
        comment_error=errors.get(f"{key}.comment", ""),
        na=line.na_allowed,
        version=version,
    )


def conflict_problems(error: StaleError) -> tuple[Problem, ...]:
    """Say on each criterion what was saved elsewhere meanwhile; what was just typed stays in its inputs."""
    saved = cast("Mapping[str, MarkInput | str]", error.theirs)
    return tuple(
        Problem(key, f"Enregistré entre-temps dans une autre fenêtre : {mark_words(mark)}. Enregistrez pour remplacer.")
        for key, mark in saved.items()
    ) or (Problem("", error.message),)


def mark_words(mark: MarkInput | str) -> str:
    """Say a mark and its comment, or a private note."""
    if isinstance(mark, str):
        return f"« {mark} »" if mark else "aucun texte"
    said = "sans objet" if mark.not_applicable else f"note {mark.value or 'non donnée'}"
    return f"{said}, « {mark.comment} »" if mark.comment else said


def error_list(problems: tuple[Problem, ...], sheet: ReviewSheet) -> list[tuple[str, str]]:
    """Return the summary of errors: the control to go to, and what is asked there."""
    labels = {line.criterion.key: line.criterion.label for line in sheet.lines}
    found = []
    for problem in problems:
        key, _, part = problem.place.partition(".")
        if key in labels:
            target = f"mark-{key}-comment" if part == "comment" else f"mark-{key}"
            found.append((target, f"{labels[key]} : {problem.message}"))
        elif key == NOTE:
            found.append((NOTE, f"Note privée : {problem.message}"))
        else:
            found.append(("", problem.message))
    return found


def _criterion(line: ReviewLine) -> dict[str, object]:
    descriptors = dict(line.criterion.descriptors)
    step = line.step or Fraction(1)
    count = (line.maximum - line.minimum) // step
    marks = [line.minimum + index * step for index in range(count + 1)]
    return {
        "id": line.criterion.key,
        "label": line.criterion.label,
        "weight": _plain(line.weight),
        "guidance": line.criterion.guidance,
        "floor": None if line.floor is None else _plain(line.floor),
        "min": _plain(line.minimum),
        "max": _plain(line.maximum),
        "marks": [(in_words(mark), in_words(mark), descriptors.get(mark, "")) for mark in marks],
        "comment_hint": _comment_hint(line.justify),
    }


def _comment_hint(rule: CommentRule) -> str:
    """Say when the call asks for a comment."""
    if rule.always:
        return "Obligatoire"
    bounds = []
    if rule.required_below is not None:
        bounds.append(f"sous la note {in_words(rule.required_below)}")
    if rule.required_at_least is not None:
        bounds.append(f"à partir de la note {in_words(rule.required_at_least)}")
    return f"Obligatoire {' et '.join(bounds)}" if bounds else ""


def _plain(value: Fraction) -> Decimal:
    """Return a decimal of the grid as the arithmetic of the page reads it; the call wrote it with a few digits."""
    return Decimal(value.numerator) / Decimal(value.denominator)
