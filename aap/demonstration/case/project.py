"""Stage 5: the funded project, from its plan of evaluation to its balance, its verdicts and the decision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from aap.accounts.models import User
from aap.awards.models import Project
from aap.awards.service import compute_balance, pay_instalment, settle_project
from aap.clock import FixedClock
from aap.demonstration.accounts import People
from aap.demonstration.case.plan import Scene, as_day, document, plan_scenes
from aap.demonstration.stage import at, hour, on
from aap.demonstration.structures import CASE
from aap.evaluation.models import (
    NoteKind,
    RecommendationValue,
    VerdictValue,
)
from aap.evaluation.queries.reading import list_indicators, list_milestones, list_reports
from aap.evaluation.service import (
    add_note,
    give_verdict,
    mark_done,
    recommend,
    record_actual_lines,
    record_decision,
    record_expense,
    record_measure,
    return_report,
    save_draft,
    submit_report,
    validate_report,
)

PERIODS = ("M6", "M12", "M18", "M24")
REPORTS = {
    "R-M6": (
        "Trois sites équipés, premiers actes réalisés.",
        "Points d'accès livrés en retard.",
        "Former les équipes.",
    ),
    "R-M12": ("Créneau quotidien tenu, délais divisés par deux.", "Double saisie.", "Réunion de facturation."),
    "R-M18": ("Revue de pertinence conduite avec l'hôpital.", "Peu d'effet la nuit.", "Livrer le connecteur."),
    "R-M24": ("Quatorze cibles sur seize atteintes.", "Versement à Mon espace santé.", "Passer le relais aux équipes."),
}


def play_project(clock: FixedClock, people: People, project: Project) -> None:
    """Play every scene of the project, in the order of the hours."""
    scenes = [
        *plan_scenes(people, project),
        *_period_scenes(people, project),
        *_money_scenes(people, project),
        *_milestone_scenes(people, project),
        *_note_scenes(people, project),
        *_conclusion_scenes(people, project),
    ]
    for moment, act in sorted(scenes, key=lambda scene: scene[0]):
        with at(clock, moment) as now:
            act(now)


def _period_scenes(people: People, project: Project) -> Iterator[Scene]:
    """Give the measures and the texts on the eve of each report, then hand it, return it, validate it."""
    reports = {row["id"]: row for row in document()["reports"]}
    for period in PERIODS:
        row = reports[f"R-{period}"]
        validator = people.dd("77") if row["by_role"] == "referent_dd" else people.officer
        yield on(row["submitted"], "09:00"), _measuring(people, project, period)
        yield on(row["submitted"], "16:20"), _submitting(people, project, row["id"])
        if "returned" in row:
            yield on(row["returned"], "10:30"), _returning(people, project, row["id"], row["remark"])
            yield on(row["resubmitted"], "14:45"), _submitting(people, project, row["id"])
        yield on(row["validated"], "17:00"), _validating(validator, project, row["id"])


def _measuring(people: People, project: Project, period: str) -> Callable[[datetime], None]:
    def act(now: datetime) -> None:
        lead = people.lead_of(CASE)
        rows = {row["code"]: row for row in document()["indicators"] if not row.get("computed")}
        for indicator in list_indicators(project.id):
            for measure in rows[indicator.code]["measures"] if indicator.code in rows else ():
                if measure["at"] == period:
                    value = Decimal(measure["value"])
                    record_measure(indicator, period, value, n=measure.get("n"), actor=lead, now=now)
        finance = document()["finance"]
        if period in finance["spent_at"]:
            record_expense(project, period, Decimal(finance["spent_at"][period]), actor=lead, now=now)
        if period == PERIODS[-1]:
            actual = {line["id"]: Decimal(line["actual"]) for line in finance["actual_lines"]}
            record_actual_lines(project, actual, actor=lead, now=now)
        report = next(one for one in list_reports(project.id) if one.key == f"R-{period}")
        highlights, difficulties, next_steps = REPORTS[report.key]
        save_draft(report, highlights=highlights, difficulties=difficulties, next_steps=next_steps, actor=lead, now=now)

    return act


def _submitting(people: People, project: Project, key: str) -> Callable[[datetime], None]:
    def act(now: datetime) -> None:
        report = next(one for one in list_reports(project.id) if one.key == key)
        submit_report(report, actor=people.lead_of(CASE), now=now)

    return act


def _returning(people: People, project: Project, key: str, remark: str) -> Callable[[datetime], None]:
    def act(now: datetime) -> None:
        report = next(one for one in list_reports(project.id) if one.key == key)
        return_report(report, remark, actor=people.officer, now=now)

    return act


def _validating(validator: User, project: Project, key: str) -> Callable[[datetime], None]:
    def act(now: datetime) -> None:
        report = next(one for one in list_reports(project.id) if one.key == key)
        validate_report(report, actor=validator, now=now)

    return act


def _money_scenes(people: People, project: Project) -> Iterator[Scene]:
    """Pay the three instalments on their days; the balance is computed once the final report is validated."""
    told = document()["finance"]
    spent = Decimal(told["spent_at"][PERIODS[-1]])
    yield (
        hour("2026-06-15T10:00:00"),
        lambda now: compute_balance(project, spent_eur=spent, actor=people.finance, now=now),
    )
    for row in told["payments"]:
        yield on(row["paid_at"], "11:15"), _paying(people, project, row["rank"], Decimal(row["paid"]))
    last = told["payments"][-1]["paid_at"]
    yield on(last, "17:30"), lambda now: settle_project(project, actor=people.finance, now=now)


def _paying(people: People, project: Project, rank: int, amount: Decimal) -> Callable[[datetime], None]:
    def act(now: datetime) -> None:
        instalment = next(row for row in project.instalments if row.rank == rank)
        pay_instalment(instalment, amount_eur=amount, actor=people.finance, now=now)

    return act


def _milestone_scenes(people: People, project: Project) -> Iterator[Scene]:
    """Mark the milestones as the document says; the last one is reached by the publication of the sheet."""
    for row in document()["milestones"][:-1]:
        yield on(row["done"], "18:00"), _reaching(people, project, row)


def _reaching(people: People, project: Project, row: dict[str, Any]) -> Callable[[datetime], None]:
    def act(now: datetime) -> None:
        milestone = next(one for one in list_milestones(project.id) if one.key == row["id"])
        mark_done(
            milestone,
            done_on=as_day(row["done"]),
            evidence=row["evidence"],
            comment=row.get("comment"),
            actor=people.lead_of(CASE),
            now=now,
        )

    return act


def _note_scenes(people: People, project: Project) -> Iterator[Scene]:
    told = document()["qualitative"]
    notes = [
        (NoteKind.ADAPTATION, row["text"], row["month"], f"2024-{3 + row['month']:02d}-20")
        for row in told["adaptations"]
        if row["month"] < 10
    ]
    notes += [
        (NoteKind.ADAPTATION, row["text"], row["month"], "2025-01-20")
        for row in told["adaptations"]
        if row["month"] >= 10
    ]
    notes += [(NoteKind.LEVER, text, None, "2026-05-20") for text in told["levers"]]
    notes += [(NoteKind.BARRIER, text, None, "2026-05-20") for text in told["barriers"]]
    notes += [(NoteKind.UNEXPECTED, text, None, "2026-05-20") for text in told["unexpected"]]
    notes += [(NoteKind.LIMIT, text, None, "2026-05-20") for text in document()["limits"]]
    for kind, text, month, day in notes:
        yield on(day, "17:40"), _noting(people, project, kind, text, month)


def _noting(
    people: People, project: Project, kind: NoteKind, text: str, month: int | None
) -> Callable[[datetime], None]:
    def act(now: datetime) -> None:
        add_note(project, kind, text, month=month, actor=people.lead_of(CASE), now=now)

    return act


def _conclusion_scenes(people: People, project: Project) -> Iterator[Scene]:
    """Answer the three questions, recommend, then record what the steering committee decided."""
    yield hour("2026-06-18T15:00:00"), lambda now: _conclude(people, project, now)
    decision = document()["conclusion"]["decision"]
    yield (
        on(decision["at"], "16:00"),
        lambda now: record_decision(
            project,
            body=decision["body"],
            decided_on=as_day(decision["at"]),
            outcome=RecommendationValue(decision["outcome"]),
            text=decision["text"],
            actor=people.officer,
            now=now,
        ),
    )


def _conclude(people: People, project: Project, now: datetime) -> None:
    told = document()["conclusion"]
    for row in told["grid"]:
        give_verdict(project, row["id"], VerdictValue(row["verdict"]), row["text"], actor=people.officer, now=now)
    recommend(project, RecommendationValue(told["recommendation"]), actor=people.officer, now=now)
