"""Writing a sheet part by part: the lead and the agency use the same pages, each in its own place."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from aap.blueprints.access import signed_in_actor
from aap.blueprints.sheet_fields import FIELDS, SheetField, Shown, errors_on, shown, typed_content, typed_rows
from aap.capitalisation.models import Sheet
from aap.capitalisation.sections import FIGURES, HEAD, SECTIONS, Section, get_section, read_section
from aap.capitalisation.service import FigureChoice, choose_figures, edit_head, edit_section
from aap.db import unit_of_work
from aap.errors import InvalidError, StaleError
from aap.evaluation.queries import list_series
from aap.extensions import clock
from aap.forms.fields import UnreadableError
from aap.forms.fields.cleaning import read_decimal

PARTS = (
    Section(HEAD, "Titre, accroche et résumé", ()),
    *SECTIONS[:13],
    Section(FIGURES, "Chiffres", ()),
    *SECTIONS[13:],
)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a sheet in the list of what is written and what is not."""

    title: str
    href: str
    status: str
    tone: str
    hint: str


def list_parts(sheet: Sheet, href: Callable[[str], str], problems: Mapping[str, str] | None = None) -> list[Part]:
    """Return the parts with what is filled; ``problems`` is what a submission found missing, by part."""
    missing = problems or {}
    parts = []
    for section in PARTS:
        status, tone = _progress(section, _content(sheet, section))
        if section.key in missing:
            status, tone = "À compléter", "error"
        parts.append(Part(section.label, href(section.key), status, tone, missing.get(section.key, "")))
    return parts


def _progress(section: Section, content: Any) -> tuple[str, str]:
    """Say how far a part is written: the head wants its three texts, the others something."""
    if section.key == HEAD and not all(content.values()):
        return "À compléter", "info"
    return ("Rempli", "success") if _is_filled(content) else ("À écrire", "neutral")


def missing_parts(error: InvalidError) -> dict[str, str]:
    """Return what a submission found missing, by part."""
    head = {spec.key for spec in FIELDS[HEAD]}
    found: dict[str, str] = {}
    for problem in error.problems:
        key = HEAD if problem.place in head else problem.place
        found[key] = f"{found[key]} {problem.message}" if key in found else problem.message
    return found


def _is_filled(content: Any) -> bool:
    if isinstance(content, Mapping):
        return any(_is_filled(value) for value in content.values())
    return bool(content)


def find_part(key: str) -> Section:
    """Return a part by its key in an address.

    Raises:
        NotFoundError: no such part.

    """
    return next((part for part in PARTS if part.key == key), None) or get_section(key)


def _content(sheet: Sheet, section: Section) -> Any:
    if section.key == HEAD:
        return {"title": sheet.title, "hook": sheet.hook, "summary": sheet.summary}
    if section.key == FIGURES:
        return [
            {
                "indicator_id": row.indicator_id,
                "label": row.label,
                "unit": row.unit,
                "baseline": row.baseline,
                "target": row.target,
                "final": row.final,
            }
            for row in sheet.figures
        ]
    return read_section(sheet.body, section)


def edit_part(sheet: Sheet, key: str, *, back: str, crumbs: list[tuple[str, str | None]]) -> ResponseReturnValue:
    """Show a part with its inputs, or save what was typed; ``back`` is the page of the sheet."""
    section = find_part(key)
    content, seen = _content(sheet, section), sheet.section_versions.get(section.key, 0)
    inputs = _inputs(sheet, section, content)
    if request.method == "GET":
        return _page(sheet, section, inputs, seen, back=back, crumbs=crumbs)
    typed = _typed(sheet, section, content)
    if {"add", "remove"} & request.form.keys():
        opened = request.form.get("seen", seen, type=int)
        return _page(sheet, section, _inputs(sheet, section, typed), opened, back=back, crumbs=crumbs)
    try:
        with unit_of_work():
            _save(sheet, section, typed)
    except StaleError as error:
        others = _inputs(sheet, section, _content(sheet, section))
        compared = (_as_text(_inputs(sheet, section, typed)), _as_text(others), error.message)
        seen = sheet.section_versions.get(section.key, 0)
        mine = _inputs(sheet, section, typed)
        return _page(sheet, section, mine, seen, back=back, crumbs=crumbs, compared=compared), 409
    except InvalidError as error:
        found = errors_on(section, error)
        mine, opened = _inputs(sheet, section, typed, found), request.form.get("seen", seen, type=int)
        return _page(sheet, section, mine, opened, back=back, crumbs=crumbs, errors=found), 400
    flash(f"« {section.label} » est enregistré.", "success")
    return redirect(back, code=303)


def _page(
    sheet: Sheet,
    section: Section,
    inputs: list[Shown],
    seen: int,
    *,
    back: str,
    crumbs: list[tuple[str, str | None]],
    errors: Mapping[str, str] | None = None,
    compared: tuple[str, str, str] | None = None,
) -> str:
    return render_template(
        "_sheet/edit.html",
        sheet=sheet,
        section=section,
        inputs=inputs,
        seen=seen,
        back=back,
        crumbs=[*crumbs, (section.label, None)],
        errors=list((errors or {}).items()),
        compared=compared,
    )


def _inputs(sheet: Sheet, section: Section, content: Any, errors: Mapping[str, str] | None = None) -> list[Shown]:
    """Return the inputs; the figures of a project choose among its indicators and read their values."""
    filled = shown(section, content, errors)
    filled = [replace(each, spec=replace(each.spec, region=sheet.region_code)) for each in filled]
    if section.key != FIGURES or sheet.project is None:
        return filled
    return [replace(filled[0], spec=_bound_figures(sheet, filled[0].spec))]


def _bound_figures(sheet: Sheet, spec: SheetField) -> SheetField:
    series = list_series(sheet.project) if sheet.project else ()
    options = [(str(each.indicator_id), each.label) for each in series]
    own = ("baseline", "target", "final")
    columns = (
        {"key": "indicator_id", "label": "Indicateur", "kind": "select", "options": options},
        *(column for column in spec.columns if column["key"] not in own),
    )
    hint = "Les valeurs sont lues dans les mesures validées du projet : elles ne se saisissent pas."
    return replace(spec, columns=columns, hint=hint)


def _typed(sheet: Sheet, section: Section, content: Any) -> Any:
    sent = dict(request.form.lists())
    if section.key == FIGURES and sheet.project is not None:
        return typed_rows(_bound_figures(sheet, FIELDS[FIGURES][0]), sent)
    return typed_content(section, sent, content)


def _save(sheet: Sheet, section: Section, typed: Any) -> None:
    person, now = signed_in_actor(), clock().now()
    seen = request.form.get("seen", 0, type=int)
    if section.key == HEAD:
        edit_head(sheet, **typed, seen=seen, actor=person, now=now)
    elif section.key == FIGURES:
        choose_figures(
            sheet, [_choice(row, index) for index, row in enumerate(typed)], seen=seen, actor=person, now=now
        )
    else:
        edit_section(sheet, section.key, typed, seen=seen, actor=person, now=now)


def _choice(row: Mapping[str, str], index: int) -> FigureChoice:
    chosen = row.get("indicator_id") or None
    return FigureChoice(
        label=row["label"],
        unit=row["unit"],
        indicator_id=uuid.UUID(chosen) if chosen else None,
        **{name: _number(row.get(name, ""), index, name) for name in ("baseline", "target", "final")},
    )


def _number(text: str, index: int, name: str) -> Decimal | None:
    try:
        return read_decimal(text, decimals=6)
    except UnreadableError as error:
        raise InvalidError.on(f"{index}.{name}", str(error)) from error


def _as_text(inputs: list[Shown]) -> str:
    """Write a part as plain lines, to be compared by a person."""
    lines = []
    for each in inputs:
        if each.text or each.chosen:
            lines.append(f"{each.spec.label}\n{each.text or ', '.join(each.chosen)}")
        lines += [" | ".join(value for value in row.values() if value) for row in each.rows]
    return "\n\n".join(lines)
