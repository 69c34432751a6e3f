"""Writing the example sheet through the services, on the days of the example."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from aap.accounts.models import RoleName, User
from aap.awards.models import Project
from aap.awards.service import compute_balance, pay_instalment
from aap.capitalisation.grid import REVIEW_GRID
from aap.capitalisation.models import GridAnswer, ReviewOutcome, Sheet, SheetCounter, SheetPublication
from aap.capitalisation.sections import FIGURES, HEAD
from aap.capitalisation.service import (
    FigureChoice,
    choose_figures,
    draft_sheet_from_project,
    edit_head,
    edit_section,
    publish_sheet,
    review_sheet,
    submit_sheet,
    validate_by_lead,
    validate_sheet,
)
from tests.integration.evaluation.story import (
    Story,
    at,
    conclude,
    example,
    make_story,
    make_user,
    pay_first,
    report_until,
    write_plan,
)

ALL_YES = {point.key: (GridAnswer.YES, "") for point in REVIEW_GRID}


@dataclass(frozen=True, slots=True)
class Desk:
    """The project and the people of the circuit."""

    story: Story
    writer: User
    reviewer: User
    editor: User
    text: dict[str, Any]

    @property
    def project(self) -> Project:
        return self.story.project

    @property
    def lead(self) -> User:
        return self.story.lead


def make_desk(session: Session) -> Desk:
    """Tell the project to its last payment, and gather the people."""
    story = make_story(session)
    pay_first(story)
    write_plan(story)
    report_until(story, "M12")
    project, finance = story.project, story.finance
    pay_instalment(project.instalments[1], amount_eur=Decimal(33750), actor=finance, now=at("2025-06-06"))
    report_until(story, "M24")
    conclude(story)
    compute_balance(project, spent_eur=Decimal(158900), actor=finance, now=at("2026-06-26"))
    pay_instalment(project.instalments[2], amount_eur=Decimal("7724.95"), actor=finance, now=at("2026-07-03"))
    session.add(SheetCounter(region_code="IDF", year=2026, last=2))
    return Desk(
        story=story,
        writer=make_user(session, "redactrice"),
        reviewer=make_user(session, "relecteur", RoleName.REVIEWER),
        editor=make_user(session, "editrice", RoleName.EDITOR),
        text=example("capitalisation.yaml")["sheet"],
    )


def draft(desk: Desk) -> Sheet:
    """Start the sheet as the example does."""
    return draft_sheet_from_project(desk.project, actor=desk.writer, now=at("2026-06-29"))


def write(desk: Desk, sheet: Sheet) -> Sheet:
    """Write every part of the example."""
    text, writer, now = desk.text, desk.writer, at("2026-07-24", 8)
    versions = sheet.section_versions
    edit_head(
        sheet,
        title=text["title"],
        hook=text["hook"],
        summary=text["summary"],
        slug=text["slug"],
        seen=versions.get(HEAD, 0),
        actor=writer,
        now=now,
    )
    for key, content in sections_of(text).items():
        edit_section(sheet, key, content, seen=versions.get(key, 0), actor=writer, now=now)
    choices = [
        FigureChoice(row["label"], row["unit"], desk.story.indicator(row["indicator"]).id) for row in text["results"]
    ]
    choose_figures(sheet, choices, seen=versions.get(FIGURES, 0), actor=writer, now=now)
    return sheet


def sections_of(text: dict[str, Any]) -> dict[str, Any]:
    """Return the sections of the example document in the shapes of the services."""
    plain = ("context", "objectives", "steps", "success_factors", "barriers", "transferability", "verbatims", "toolbox")
    comparison = text["technical_comparison"]
    return {
        "metadata": {key: value for key, value in text["metadata"].items() if key != "region"},
        "roadmap-links": text["roadmap_links"],
        "identity-card": text["identity_card"],
        "results-limits": text["results_limits"],
        **{key.replace("_", "-"): text[key] for key in plain},
        **{key.replace("_", "-"): text["dimensions"][key] for key in text["dimensions"]},
        "technical-comparison": {
            "note": comparison["note"],
            "solutions": comparison["solutions"],
            "rows": [
                {
                    "group": row["group"],
                    "point": row["point"],
                    "answers": {letter: row[letter] for letter in comparison["solutions"]},
                }
                for row in comparison["rows"]
            ],
        },
    }


def review(desk: Desk, sheet: Sheet, outcome: ReviewOutcome, day: str, note: str = "") -> None:
    """Answer the grid as the example does."""
    answers = {
        row["id"]: (GridAnswer(row["answer"]), row.get("comment", "")) for row in desk.text["editorial"]["review_grid"]
    }
    review_sheet(sheet, answers, outcome, note=note, actor=desk.reviewer, now=at(day))


def publish(desk: Desk) -> tuple[Sheet, SheetPublication]:
    """Lead the sheet through the whole circuit of the example."""
    sheet = write(desk, draft(desk))
    submit_sheet(sheet, actor=desk.writer, now=at("2026-07-24"))
    note = "Limites de l'évaluation à écrire ; solutions à anonymiser."
    review(desk, sheet, ReviewOutcome.CHANGES_REQUESTED, "2026-08-27", note)
    write(desk, sheet)
    submit_sheet(sheet, actor=desk.writer, now=at("2026-09-02"))
    review(desk, sheet, ReviewOutcome.OK, "2026-09-07")
    validate_by_lead(sheet, actor=desk.lead, now=at("2026-09-09"))
    validate_sheet(sheet, actor=desk.editor, now=at("2026-09-14"))
    return sheet, publish_sheet(sheet, actor=desk.editor, now=at("2026-09-15"))
