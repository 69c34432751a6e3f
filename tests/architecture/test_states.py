"""Every state x event pair of every life cycle: what the golden tables allow, and the refusal of everything else."""

from __future__ import annotations

import dataclasses
import itertools
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from aap.applications.states import WORKFLOW as APPLICATION
from aap.awards.states import WORKFLOW as PROJECT
from aap.capitalisation.states import SHEET_WORKFLOW as SHEET
from aap.errors import ConflictError, ForbiddenError
from aap.evaluation.states import PLAN_WORKFLOW as PLAN
from aap.evaluation.states import REPORT_WORKFLOW as REPORT
from aap.jury.states import WORKFLOW as REVIEW
from aap.workflow import STAGE, Actor, Workflow, apply, list_events

NOW = datetime(2024, 1, 31, 11, 0, tzinfo=UTC)

# state: event > target. A new line here is a decision about the procedure, not a formality.
GOLDEN = {
    "application": """
        draft: submit > submitted, withdraw > withdrawn
        submitted: request_completion > completion_requested, admit > admissible, refuse_admission > inadmissible
        submitted: withdraw > withdrawn
        completion_requested: resubmit > submitted, admit > admissible, refuse_admission > inadmissible
        completion_requested: withdraw > withdrawn
        admissible: instruct > instructed, withdraw > withdrawn
        inadmissible:
        instructed: score > scored, withdraw > withdrawn
        scored: decide > decided, withdraw > withdrawn
        decided: notify > notified, withdraw > withdrawn
        notified: contract > contracted, withdraw > withdrawn
        contracted:
        withdrawn:
    """,
    "review": """
        draft: submit > submitted
        submitted: reopen > draft
    """,
    "project": """
        contracted: start > running, validate_final > final_validated, suspend > suspended, terminate > terminated
        running: validate_final > final_validated, suspend > suspended, terminate > terminated
        final_validated: settle > settled
        settled:
        suspended: resume > running, terminate > terminated
        terminated:
    """,
    "evaluation_plan": """
        plan_draft: validate > plan_validated
        plan_validated: start > in_progress, validate_interim > interim_validated, submit_final > final_submitted
        in_progress: validate_interim > interim_validated, submit_final > final_submitted
        interim_validated: submit_final > final_submitted
        final_submitted: return_final > in_progress, validate_final > final_validated
        final_validated: decide > decided
        decided:
    """,
    "report": """
        draft: submit > submitted
        submitted: return > returned, validate > validated
        returned: submit > submitted
        validated:
    """,
    "sheet": """
        draft: submit > in_review, archive > archived
        in_review: request_changes > changes_requested, validate_by_lead > validated_by_lead
        in_review: send_back > changes_requested
        changes_requested: submit > in_review, archive > archived
        validated_by_lead: validate > validated, send_back > changes_requested
        validated: publish > published, send_back > changes_requested
        published: flag > to_update, archive > archived
        to_update: submit > in_review, archive > archived
        archived:
    """,
}
WORKFLOWS: tuple[Workflow[Any, Any], ...] = (APPLICATION, REVIEW, PROJECT, PLAN, REPORT, SHEET)


@dataclasses.dataclass(slots=True)
class Someone:
    """Whoever acts."""

    id: Any


@dataclasses.dataclass
class Thing:
    """A row with a life cycle, and nothing else."""

    __tablename__ = "things"

    state: Any
    id: Any = dataclasses.field(default_factory=uuid.uuid4)


def golden(workflow: Workflow[Any, Any]) -> dict[tuple[str, str], str]:
    allowed: dict[tuple[str, str], str] = {}
    for line in GOLDEN[workflow.name].strip().splitlines():
        source, _, moves = line.strip().partition(":")
        for move in filter(None, moves.split(",")):
            event, _, target = move.partition(">")
            allowed[source, event.strip()] = target.strip()
    return allowed


def known_states(workflow: Workflow[Any, Any]) -> list[str]:
    lines = GOLDEN[workflow.name].strip().splitlines()
    return list(dict.fromkeys(line.strip().partition(":")[0] for line in lines))


def pairs(workflow: Workflow[Any, Any]) -> Iterator[tuple[Any, str]]:
    events = dict.fromkeys(row.event for row in workflow.transitions)
    return itertools.product(workflow.labels, events)


def bare(workflow: Workflow[Any, Any], *who: str) -> Workflow[Any, Any]:
    """Return the life cycle without guards or promises, for somebody who is ``who`` to everything."""

    def relations(_thing: Any, _actor: Actor) -> frozenset[str]:
        return frozenset(who)

    rows = tuple(dataclasses.replace(row, guard=None, promises=()) for row in workflow.transitions)
    return dataclasses.replace(workflow, transitions=rows, relations=relations)


def everyone(workflow: Workflow[Any, Any]) -> tuple[str, ...]:
    return tuple({name for row in workflow.transitions for name in row.who if name != STAGE})


@pytest.fixture(params=WORKFLOWS, ids=lambda workflow: workflow.name)
def workflow(request: pytest.FixtureRequest) -> Workflow[Any, Any]:
    found: Workflow[Any, Any] = request.param
    return found


def test_states_are_those_of_the_table(workflow: Workflow[Any, Any]) -> None:
    kind: Any = type(next(iter(workflow.labels)))
    assert [state.value for state in workflow.labels] == known_states(workflow)
    assert set(workflow.labels) == set(kind)


def test_every_event_leads_where_the_table_says(workflow: Workflow[Any, Any]) -> None:
    found = {
        (state.value, event): row.target.value
        for state, event in pairs(workflow)
        if (row := workflow.row(event, state)) is not None
    }
    assert found == golden(workflow)


def test_everything_else_is_a_conflict(workflow: Workflow[Any, Any]) -> None:
    allowed = golden(workflow)
    anybody = bare(workflow, *everyone(workflow))
    for state, event in pairs(workflow):
        if (state.value, event) not in allowed:
            thing = Thing(state)
            for by_stage in (False, True):
                with pytest.raises(ConflictError) as refused:
                    apply(anybody, thing, event, Someone(uuid.uuid4()), NOW, "Motif.", by_stage=by_stage)
                assert refused.value.code == "transition-impossible"
            assert thing.state is state


def test_a_stranger_moves_nothing(workflow: Workflow[Any, Any]) -> None:
    for state, event in pairs(workflow):
        if workflow.row(event, state) is not None:
            thing = Thing(state)
            with pytest.raises(ForbiddenError):
                apply(bare(workflow), thing, event, Someone(uuid.uuid4()), NOW, "Motif.")
            assert thing.state is state


def test_a_row_that_asks_for_a_reason_gets_one(workflow: Workflow[Any, Any]) -> None:
    anybody = bare(workflow, *everyone(workflow))
    for state, event in pairs(workflow):
        row = workflow.row(event, state)
        if row is not None and row.needs_reason:
            for reason in (None, "", "  "):
                with pytest.raises(ConflictError) as refused:
                    apply(anybody, Thing(state), event, Someone(uuid.uuid4()), NOW, reason)
                assert refused.value.code == "motif-manquant"


def test_an_allowed_event_changes_the_state_and_is_written_once(session: Session, workflow: Workflow[Any, Any]) -> None:
    anybody = bare(workflow, *everyone(workflow))
    for (source, event), target in golden(workflow).items():
        thing = Thing(next(state for state in workflow.labels if state.value == source))
        apply(anybody, thing, event, Someone(uuid.uuid4()), NOW, "Motif.", by_stage=True)
        session.flush()
        assert thing.state.value == target
        assert [(row.source, row.target) for row in list_events(thing)] == [(source, target)]


def test_nothing_starts_from_every_state(workflow: Workflow[Any, Any]) -> None:
    """A transition that any state allows is a hole in the procedure."""
    for event in {row.event for row in workflow.transitions}:
        sources = {source for row in workflow.transitions if row.event == event for source in row.sources}
        assert sources < set(workflow.labels), event


def test_a_pair_has_one_row(workflow: Workflow[Any, Any]) -> None:
    for state, event in pairs(workflow):
        rows = [row for row in workflow.transitions if row.event == event and state in row.sources]
        assert len(rows) <= 1, (state, event)


def test_every_state_is_reached(workflow: Workflow[Any, Any]) -> None:
    reached = {next(iter(workflow.labels))}
    while True:
        more = {row.target for row in workflow.transitions if reached & set(row.sources)} - reached
        if not more:
            break
        reached |= more
    assert reached == set(workflow.labels)
