"""A followed project in words: milestones, instalments, indicators and coverage as the components of pages take them.

The lead and the agency read the same words; what each may do is decided by their own pages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from aap import french
from aap.awards.models import Project
from aap.awards.queries import InstalmentRow
from aap.awards.states import LABELS as AWARD_LABELS
from aap.evaluation.arithmetic import Coverage
from aap.evaluation.queries import Board, MilestoneRow, Point, Series
from aap.evaluation.states import PLAN_WORKFLOW, REPORT_WORKFLOW
from aap.referentials.models import Direction
from aap.referentials.vocabularies import label
from aap.referentials.vocabularies.evaluation import MACRO_CRITERIA, VIEWPOINTS

Href = Callable[[Any], str]
NO_INDICATOR = "Aucun indicateur"


def with_unit(value: Decimal | Fraction | None, unit: str) -> str:
    """Write a value with its unit ("934 actes", "8,4 /10"); nothing when there is no value."""
    if value is None:
        return ""
    return f"{french.number(value)}{french.HARD}{unit.removeprefix('note ')}"


def started_from(series: Series) -> str:
    """Write the starting value and its period; a missing one says why ("non mesuré")."""
    if series.baseline is None:
        return series.baseline_period or "non mesuré"
    period = f" ({series.baseline_period})" if series.baseline_period else ""
    return f"{french.number(series.baseline)}{period}"


def aimed_at(series: Series) -> str:
    """Write the target as a bound: 0 is one."""
    if series.target is None:
        return "pas de cible"
    bound = "au moins" if series.direction is Direction.INCREASE else "au plus"
    return f"{bound} {french.number(series.target)}"


def result(series: Series, today: date) -> tuple[str, str]:
    """Say whether the target is reached, in words and with the tone of its badge."""
    if series.target is None:
        return "Sans cible", "neutral"
    if series.reached is None:
        return "Pas encore mesuré", "neutral"
    if series.reached:
        return "Atteint", "success"
    if series.target_on is not None and today < series.target_on:
        return "Pas encore atteint", "info"
    return "Non atteint", "warning"


def progress_bars(board: Board) -> list[tuple[str, Decimal, str]]:
    """Return the way done to each target, for the component of bars: label, percentage up to 100, words."""
    return [
        (each.label, french.rounded(min(each.progress or Fraction(0), Fraction(1)) * 100, 1), _way(each))
        for each in board.series
        if each.target is not None
    ]


def _way(series: Series) -> str:
    """Write the way done as a percentage that never rounds up to a target that is missed."""
    if series.progress is None:
        return "pas mesuré"
    done = french.rounded(series.progress * 100, 0)
    return f"{french.number(done if series.reached else min(done, Decimal(99)))}{french.HARD}%"


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """An indicator in a table: its words, its values by period, and whether the target is reached."""

    code: str
    label: str
    unit: str
    href: str
    baseline: str
    target: str
    values: tuple[str, ...]
    result: str
    tone: str


def indicator_lines(board: Board, today: date, href: Href) -> list[IndicatorLine]:
    """Return the indicators of a project, in the plan's order."""
    lines = []
    for each in board.series:
        words, tone = result(each, today)
        lines.append(
            IndicatorLine(
                code=each.code,
                label=each.label,
                unit=each.unit,
                href=href(each),
                baseline=started_from(each),
                target=aimed_at(each),
                values=tuple(measured(point, each.unit) for point in each.points),
                result=words,
                tone=tone,
            )
        )
    return lines


def measured(point: Point, unit: str = "") -> str:
    """Write the value of a period, with the number of answers behind it and the mark of a correction."""
    if point.value is None:
        return ""
    cents = 2 if "€" in unit and point.value != point.value.to_integral_value() else None
    answers = f" ({french.plural(point.n, 'réponse')})" if point.n is not None else ""
    return f"{french.number(point.value, cents)}{answers}{' – corrigé' if point.corrected else ''}"


def state_badges(project: Project, board: Board, *, staff: bool) -> list[tuple[str, str]]:
    """Return the states of a project and of its evaluation, in the words of the agency or of the lead."""
    found = [AWARD_LABELS[project.state]]
    if board.plan_state is not None:
        found.append(PLAN_WORKFLOW.labels[board.plan_state])
    badges = [(state.label if staff else state.public_label, state.tone) for state in found]
    if board.late_count:
        badges.append((french.plural(board.late_count, "jalon en retard", "jalons en retard"), "error"))
    return list(dict.fromkeys(badges))


def milestone_items(board: Board, href: Href | None = None) -> list[dict[str, Any]]:
    """Return the milestones for the timeline. ``href`` gives the page where one not yet reached is marked done."""
    coming = next((row for row in board.milestones if row.done_on is None and not row.overdue), None)
    return [
        {
            "date": french.day(row.due_on),
            "title": f"{row.key} – {row.label}",
            "state": _milestone_state(row, current=row is coming),
            "text": _milestone_words(row),
            "href": href(row) if href is not None and row.done_on is None else "",
        }
        for row in board.milestones
    ]


def _milestone_state(row: MilestoneRow, *, current: bool) -> str:
    if row.done_on is not None:
        return "done"
    if row.overdue:
        return "late"
    return "current" if current else "upcoming"


def _milestone_words(row: MilestoneRow) -> str:
    sentences = []
    if row.done_on is not None:
        delay = f", avec {french.plural(row.days_late, 'jour')} de retard" if row.late else ""
        sentences.append(f"Atteint le {french.day(row.done_on)}{delay}. Preuve : {row.evidence}.")
    elif row.overdue:
        sentences.append(f"{french.plural(row.days_late, 'jour')} de retard.")
    if row.comment:
        sentences.append(row.comment if row.comment.endswith((".", "!", "?")) else f"{row.comment}.")
    if row.unlocks_rank is not None:
        sentences.append(f"Ouvre le versement {row.unlocks_rank}.")
    return " ".join(sentences)


def report_rows(board: Board, href: Href, *, staff: bool) -> list[dict[str, Any]]:
    """Return the reports for the component of tables, in the words of the agency or of the lead."""
    rows = []
    for row in board.reports:
        state = REPORT_WORKFLOW.labels[row.state]
        words, tone = (state.label if staff else state.public_label), state.tone
        if row.overdue:
            words, tone = f"{words}, en retard", "error"
        rows.append(
            {
                "label": row.label if row.period_key is None else f"{row.label} – {row.period_key}",
                "href": href(row),
                "due_on": row.due_on,
                "state": words,
                "tone": tone,
                "submitted_at": row.submitted_at,
                "validated_at": row.validated_at,
            }
        )
    return rows


def instalment_rows(instalments: tuple[InstalmentRow, ...]) -> list[tuple[str, ...]]:
    """Return the instalments for the component of tables: name, planned, due, paid, where it stands."""
    return [
        (
            f"{row.rank}. {row.label}",
            french.euros(row.planned_eur),
            french.euros(row.claimable_eur),
            french.euros(row.paid_eur),
            _instalment_state(row),
        )
        for row in instalments
    ]


def waiting_for(row: InstalmentRow) -> str:
    """Say what makes an instalment payable, and when it is known."""
    if row.due_on is not None:
        return f"le sera le {french.day(row.due_on)}"
    return f"le sera à la {label('payment_triggers', row.trigger.value).lower()}"


def _instalment_state(row: InstalmentRow) -> str:
    if row.paid_at is not None:
        return f"Versé le {french.day(row.paid_at)}"
    if row.unlocked_at is None:
        return f"Pas encore exigible : {waiting_for(row)}"
    if row.due_eur == 0:
        return "Rien à verser"
    if row.late:
        return f"Délai de paiement dépassé depuis le {french.day(row.pay_by)}"
    return f"À payer avant le {french.day(row.pay_by)}"


def coverage_rows(coverage: Coverage) -> list[tuple[str, ...]]:
    """Return the 4 × 4 matrix: macro-criteria as rows, viewpoints as columns, empty cells in words."""
    return [
        (
            label("macro_criteria", macro),
            *(", ".join(coverage.cells[macro, viewpoint]) or NO_INDICATOR for viewpoint in VIEWPOINTS.codes),
        )
        for macro in MACRO_CRITERIA.codes
    ]


def targets_sentence(board: Board, today: date) -> str:
    """Say how many targets are reached, and name those whose day has passed without."""
    targets, series = board.targets, {each.code: each for each in board.series}
    sentence = f"{french.plural(targets.reached, 'cible atteinte', 'cibles atteintes')} sur {targets.total}."
    over = [series[code] for code in targets.missed if (series[code].target_on or today) <= today]
    if over:
        names = french.listing([f"«{french.HARD}{each.label}{french.HARD}»" for each in over])
        sentence += f" Non atteinte{'s' if len(over) > 1 else ''} : {names}."
    if targets.unmeasured:
        waiting = french.plural(len(targets.unmeasured), "indicateur n'a", "indicateurs n'ont")
        sentence += f" {waiting} pas encore de mesure."
    return sentence
