"""A list costs the same whatever lies behind it: statements and rows fetched, at some hundreds and at some thousands.

The first measure is taken with full pages already: what grows afterwards is fetched for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask, url_for
from werkzeug.routing import Rule

from aap.assembly.protections import UNGUARDED
from tests.architecture.golden import Line, read_column
from tests.architecture.multiply import Press
from tests.architecture.statements import Heard, listening
from tests.architecture.world import World
from tests.living import Living

ROLES = ("anonymous", "lead_elsewhere", "juror", "officer", "dd", "grades", "administrator")
PAGE = 50  # rows of a full page: some were not full, and equal rows come in any order
FEW, MORE = 20, 20  # copies of the fifty applications: a thousand, so that every page is full, then two thousand
NEVER = {"admin.journal": "reads the whole journal: that is its purpose"}
# Pages that show something whole: their rows follow the number of files, no faster, and their statements do not.
WHOLE = {
    "account_tasks.agenda": "the deadlines of one person",
    "account_tasks.deadlines": "the deadlines of one person",
    "account_tasks.tasks": "what one person has to do",
    "applicant.home": "the files of one lead",
    "applicant_projects.home": "the projects of one lead",
    "juror.desk": "the files that one juror received",
    "juror.scale": "the marks of one juror, side by side",
    "office_analysis.show": "its figures are those of every mark of the call",
    "office_assignments.edit": "who reads which file, for the whole call",
    "office_jury.show": "ties of interest are looked for between every file and every member",
    "office_session.show": "the agenda of one session, whole, with its exact ranks",
    "office_scenario_tables.comparison": "scenarios of one call side by side, file by file",
    "office_scenario_tables.proposal": "a proposal for every file of the call, as a workbook",
    "office_scenarios.index": "what was kept for one call, and its ranking of the day",
    "office_simulation.show": "a proposal for every file of the call",
    "public_calls.results": "the results of a call are published whole",
}
CALL_TABLES = ("call_versions", "calendar_steps", "call_team_members", "strands", "criteria", "decision_kinds")
# What no list of files shows: fewer rows to write.
APART = (
    "answers",
    "budget_lines",
    "commitment_requests",
    "file_invitations",
    "frozen_rubrics",
    "mark_revisions",
    "pieces",
    "planned_milestones",
    "sheet_versions",
)


@dataclass(frozen=True, slots=True)
class Page:
    """A list, read by somebody."""

    endpoint: str
    path: str
    role: str


def pages(living: Living, world: World) -> Iterator[Page]:
    app = living.app
    columns = {role: read_column(role) for role in ROLES}
    calls = [sample for sample in world.samples if sample.label in {"call being marked", "call settled"}]
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
        if not _is_list(rule):
            continue
        for sample in calls if rule.arguments else (None,):
            path = _path(app, rule, dict(sample.values) if sample else {})
            line = Line(rule.endpoint, "GET", sample.label if sample else "")
            yield from (Page(rule.endpoint, path, role) for role in ROLES if columns[role].get(line) == "ok")


def _is_list(rule: Rule) -> bool:
    asked = "GET" in (rule.methods or ()) and rule.endpoint not in UNGUARDED and rule.endpoint not in NEVER
    return asked and set(rule.arguments) <= {"call_id", "reference"}


def _path(app: Flask, rule: Rule, values: dict[str, Any]) -> str:
    with app.test_request_context():
        return url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})


def measure(living: Living, world: World, page: Page) -> Heard:
    client = world.client(living, world.who(page.role))
    client.open(page.path)  # what a process keeps in memory is kept now
    with listening(living.connection) as heard:
        response = client.open(page.path)
    assert response.status_code in {200, 302, 303, 409}, (page, response.status_code)
    return heard


@pytest.mark.slow
def test_lists_cost_the_same_with_more_rows(living: Living, world: World) -> None:
    presses = (
        Press(living.connection, "answer_sheets", apart=APART),
        Press(living.connection, "promises"),
        Press(living.connection, "users", only=("regional_roles",)),
    )
    wanted = list(pages(living, world))
    assert len({page.endpoint for page in wanted}) > 20
    for press in presses:
        press.copy(FEW)
    before = {page: measure(living, world, page) for page in wanted}
    for press in presses:
        press.copy(MORE)
    faults = []
    for page, few in before.items():
        many = measure(living, world, page)
        most = few.rows * (FEW + MORE) // FEW if page.endpoint in WHOLE else few.rows + PAGE
        if many.count != few.count or many.rows > most:
            faults.append(
                f"{page.endpoint} ({page.path}) as {page.role}: {few.count} statements, {few.rows} rows "
                f"became {many.count} statements, {many.rows} rows\n{_difference(few, many)}"
            )
    assert not faults, "\n\n".join(faults)


def test_pages_say_as_much_with_more_calls(living: Living, world: World) -> None:
    """Calls are some tens, and shown whole: a page asks the same questions whatever their number."""
    wanted = [
        page for page in pages(living, world) if page.role in {"anonymous", "officer"} and "appels/" not in page.path
    ]
    before = {page: measure(living, world, page) for page in wanted}
    Press(living.connection, "calls", only=CALL_TABLES).copy(5)
    for page, few in before.items():
        many = measure(living, world, page)
        assert many.count == few.count, f"{page}: {few.count} became {many.count}\n{_difference(few, many)}"


def _difference(few: Heard, many: Heard) -> str:
    """Return the statements that were said more often, or fetched more."""
    known = [(statement, rows) for statement, rows in few.said]
    lines = []
    for said in many.said:
        if said in known:
            known.remove(said)
        else:
            lines.append(f"    {said[1]:6d} rows: {' '.join(said[0].split())[:600]}")
    return "\n".join(lines[:8])
