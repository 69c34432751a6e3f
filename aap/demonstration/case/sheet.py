"""Stage 6: the sheet is framed, written, reviewed twice, validated by the lead and by the agency, published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aap.accounts.models import User
from aap.awards.models import Project
from aap.capitalisation.grid import REVIEW_GRID
from aap.capitalisation.models import GridAnswer, ReviewOutcome, Sheet
from aap.capitalisation.sections import FIGURES, HEAD, SECTIONS, Section
from aap.capitalisation.service import (
    FigureChoice,
    choose_figures,
    draft_sheet_from_project,
    edit_head,
    edit_section,
    note_step,
    publish_sheet,
    review_sheet,
    submit_sheet,
    validate_by_lead,
    validate_sheet,
)
from aap.clock import FixedClock
from aap.demonstration.accounts import People
from aap.demonstration.examples import read_tree
from aap.demonstration.stage import at, on
from aap.demonstration.structures import CASE
from aap.evaluation.queries.reading import list_indicators

LIMITS = "results-limits"  # left short in the first version: the reviewer asks for it
Answers = Mapping[str, tuple[GridAnswer, str]]


def document() -> dict[str, Any]:
    """Return the sheet of the example."""
    found: dict[str, Any] = read_tree("capitalisation.yaml")["sheet"]
    return found


def play_sheet(clock: FixedClock, people: People, project: Project) -> Sheet:
    """Play the editorial history of the document, from 29 June to 15 September 2026."""
    steps = {(row["step"], row.get("version"), row.get("outcome")): row for row in document()["editorial"]["history"]}
    writer = people["redaction"]
    frame, hear = steps["cadrage", None, None], steps["recueil", None, None]
    with at(clock, on(frame["at"])) as now:
        sheet = draft_sheet_from_project(project, actor=writer, now=now)
        note_step(sheet, "cadrage", frame["note"], actor=writer, now=now)
    with at(clock, on(hear["at"])) as now:
        note_step(sheet, "recueil", hear["note"], actor=writer, now=now)
    with at(clock, on(steps["redaction", 1, None]["at"])) as now:
        write(sheet, writer, now, but=LIMITS)
        submit_sheet(sheet, actor=writer, now=now)
    refusal = steps["relecture", None, "changes_requested"]
    with at(clock, on(refusal["at"])) as now:
        outcome = ReviewOutcome.CHANGES_REQUESTED
        review_sheet(
            sheet,
            answers(G6="non"),
            outcome,
            note=refusal["note"],
            actor=people["relecture.externe"],
            now=now,
        )
    with at(clock, on(steps["redaction", 2, None]["at"])) as now:
        write_section(sheet, next(one for one in SECTIONS if one.key == LIMITS), writer, now)
        submit_sheet(sheet, actor=writer, now=now)
    with at(clock, on(steps["relecture", None, "ok"]["at"])) as now:
        review_sheet(sheet, answers(), ReviewOutcome.OK, actor=people["relecture"], now=now)
    play_validation(clock, people, sheet)
    return sheet


def play_validation(clock: FixedClock, people: People, sheet: Sheet) -> None:
    """Validate by the lead on 9 September, by the agency on the 14th, and publish on the 15th."""
    days = {row["step"]: row["at"] for row in document()["editorial"]["history"]}
    with at(clock, on(days["validation_porteur"])) as now:
        validate_by_lead(sheet, actor=people.lead_of(CASE), now=now)
    with at(clock, on(days["validation_agence"])) as now:
        validate_sheet(sheet, actor=people["edition"], now=now)
    with at(clock, on(days["publication"])) as now:
        publish_sheet(sheet, actor=people["edition"], now=now)


def answers(**others: str) -> Answers:
    """Return the answers of the document to the review grid, some of them replaced."""
    told = {row["id"]: row for row in document()["editorial"]["review_grid"]}
    return {
        point.key: (
            GridAnswer(others.get(point.key, told[point.key]["answer"])),
            told[point.key].get("comment", ""),
        )
        for point in REVIEW_GRID
    }


def write(sheet: Sheet, writer: User, now: datetime, *, but: str) -> None:
    """Write the head, every section but one, and choose the figures."""
    told = document()
    edit_head(
        sheet,
        title=told["title"],
        hook=told["hook"],
        summary=told["summary"],
        seen=sheet.section_versions.get(HEAD, 0),
        actor=writer,
        now=now,
    )
    for section in SECTIONS:
        if section.key != but:
            write_section(sheet, section, writer, now)
    indicators = {one.code: one.id for one in list_indicators(sheet.project_id)} if sheet.project_id else {}
    chosen = [FigureChoice(row["label"], row["unit"], indicators[row["indicator"]]) for row in told["results"]]
    choose_figures(sheet, chosen, seen=sheet.section_versions.get(FIGURES, 0), actor=writer, now=now)


def write_section(sheet: Sheet, section: Section, writer: User, now: datetime) -> None:
    """Write one section as the document has it."""
    seen = sheet.section_versions.get(section.key, 0)
    edit_section(sheet, section.key, content_of(section), seen=seen, actor=writer, now=now)


def content_of(section: Section) -> Any:
    """Return what the document says of a section, in the shape of the sheet's body."""
    told: Any = document()
    for step in section.path:
        told = told[step]
    if section.key == "metadata":
        return {key: value for key, value in told.items() if key != "region"}
    if section.key == "technical-comparison":
        return {"note": told["note"], "solutions": told["solutions"], "rows": [_compared(row) for row in told["rows"]]}
    return told


def _compared(row: Mapping[str, Any]) -> dict[str, Any]:
    said = {key: value for key, value in row.items() if key not in {"group", "point"}}
    return {"group": row["group"], "point": row["point"], "answers": said}
