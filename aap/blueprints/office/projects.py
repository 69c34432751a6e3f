"""Following the funded projects: the agency's list, then what each has done and measured."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aap import french
from aap.applications.models import Application, ApplicationPublic
from aap.awards.models import Project, ProjectState
from aap.awards.queries import list_instalments
from aap.blueprints import followed_project as words
from aap.blueprints.access import actor, allow
from aap.blueprints.office.loading import agency_project
from aap.blueprints.paging import Pages, asked_page
from aap.calls.models import Strand
from aap.capitalisation.queries import list_project_sheets
from aap.clock import paris
from aap.evaluation.queries import Board, FollowUpFilter, FollowUpRow, get_board, list_follow_up
from aap.evaluation.queries.computed import ACTS
from aap.evaluation.states import PLAN_WORKFLOW
from aap.extensions import clock
from aap.policies.evaluation import visible_projects
from aap.policies.terms import STAFF_ROLES, regions_of
from aap.referentials.queries import DepartmentRow, list_departments
from aap.referentials.vocabularies import vocabulary

bp = Blueprint("office_projects", __name__, url_prefix="/agence/projets")

ASKED = ("q", "vie", "suivi", "departement", "public", "volet")
ALIVE = (ProjectState.CONTRACTED, ProjectState.RUNNING, ProjectState.FINAL_VALIDATED, ProjectState.SUSPENDED)
OVER = (ProjectState.SETTLED, ProjectState.TERMINATED)


@bp.get("")
@allow("project.list_office")
def index() -> ResponseReturnValue:
    """List the projects followed, the latest first."""
    asked = {name: request.args.get(name, "").strip() for name in ASKED}
    wanted = FollowUpFilter(
        text=asked["q"],
        only_late=asked["suivi"] == "retard",
        only_to_validate=asked["suivi"] == "rapport",
    )
    page = list_follow_up(_narrowed(asked), clock().now(), wanted, page=asked_page())
    return render_template(
        "office/projects/index.html",
        rows=[_row(row) for row in page.rows],
        pages=Pages.of(page),
        asked=asked,
        departments=[(place.code, f"{place.name} ({place.code})") for place in _places()],
        publics=[(term.code, term.label) for term in vocabulary("target_publics").terms],
    )


def _places() -> list[DepartmentRow]:
    """Return the departments of the regions that this person works for."""
    regions = regions_of(actor(), *STAFF_ROLES)
    return [place for place in list_departments() if place.region_code in regions]


def _narrowed(asked: Mapping[str, str]) -> Any:
    """Return the condition on ``Project``: what this person follows, alive, in a department, for a public, a strand."""
    condition: Any = visible_projects(actor())
    if asked["vie"] != "tous":
        condition &= Project.state.in_(OVER if asked["vie"] == "clos" else ALIVE)
    if place := asked["departement"]:
        condition &= Project.application.has(department_code=place)
    if public := asked["public"]:
        condition &= Project.application.has(Application.publics.any(ApplicationPublic.code == public))
    if strand := asked["volet"]:
        condition &= Project.application.has(Application.strand.has(Strand.key == strand.upper()))
    return condition


def _row(row: FollowUpRow) -> dict[str, Any]:
    state = PLAN_WORKFLOW.labels.get(row.plan_state) if row.plan_state else None
    return {
        "reference": row.reference,
        "href": url_for("office_projects.show", project_id=row.project_id),
        "title": row.title,
        "applicant": f"{row.applicant} ({row.department_code or '–'})",
        "state": state.label if state else "Plan à préparer",
        "next": f"{row.next_label}, {french.short_day(row.next_due)}" if row.next_due else "Tous atteints",
        "late": french.plural(row.late_count, "jalon", "jalons") if row.late_count else "",
        "late_tone": "error",
        "waiting": row.reports_to_validate or "",
        "targets": f"{row.targets_reached} sur {row.targets_total}",
    }


@bp.get("/<uuid:project_id>")
@allow("evaluation.read", load=agency_project)
def show(project: Project) -> ResponseReturnValue:
    """Show where a project stands: money, reports, milestones, sheets."""
    now = clock().now()
    board = get_board(project, now)
    return render_template(
        "office/projects/show.html",
        project=project,
        board=board,
        badges=words.state_badges(project, board, staff=True),
        instalments=words.instalment_rows(list_instalments(project, now)),
        reports=words.report_rows(board, lambda row: url_for("office_reports.show", report_id=row.id), staff=True),
        milestones=words.milestone_items(board),
        sentence=words.targets_sentence(board, paris(now).date()),
        sheets=list_project_sheets(project.id),
    )


@bp.get("/<uuid:project_id>/indicateurs")
@allow("evaluation.read", load=agency_project)
def indicators(project: Project) -> ResponseReturnValue:
    """Show the indicators: targets, values, calculated cost, coverage of the evaluation frame."""
    now = clock().now()
    board = get_board(project, now)
    return render_template(
        "office/projects/indicators.html",
        project=project,
        board=board,
        badges=words.state_badges(project, board, staff=True),
        lines=words.indicator_lines(
            board, paris(now).date(), lambda row: url_for("office_indicators.show", indicator_id=row.indicator_id)
        ),
        bars=words.progress_bars(board),
        sentence=words.targets_sentence(board, paris(now).date()),
        costs=_costs(board),
        coverage=words.coverage_rows(board.coverage),
        viewpoints=[term.label for term in vocabulary("viewpoints").terms],
        uncovered=[vocabulary("viewpoints").label(code) for code in board.coverage.uncovered_viewpoints],
        empty_cells=len(board.coverage.empty),
    )


def _costs(board: Board) -> list[tuple[str, ...]]:
    """Return, for each period with a stated expense, the expense, the acts and the cost of an act as computed."""
    acts = [each for each in board.series if each.code in ACTS]
    rows: list[tuple[str, ...]] = []
    for each in board.series:
        for point in each.points if each.computed else ():
            if point.value is None:
                continue
            done = sum((_value(row.points, point.period_key) for row in acts), Decimal(0))
            spent = board.expenses.get(point.period_key)
            cost = f"{french.number(point.value, 2)}{french.HARD}{each.unit}"
            rows.append((point.period_key, french.euros(spent), french.number(done), cost))
    return rows


def _value(points: Any, period_key: str) -> Decimal:
    return next((point.value for point in points if point.period_key == period_key and point.value), Decimal(0))
