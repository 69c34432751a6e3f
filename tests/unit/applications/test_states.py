"""The life of an application, every state against every event: the table below is the one agreed, written again."""

from __future__ import annotations

import pytest

from aap.applications.states import LABELS, WORKFLOW, ApplicationState
from aap.workflow import STAGE

S = ApplicationState
AGREED = {
    (S.DRAFT, "submit"): (S.SUBMITTED, {"lead"}),
    (S.DRAFT, "withdraw"): (S.WITHDRAWN, {"lead"}),
    (S.SUBMITTED, "request_completion"): (S.COMPLETION_REQUESTED, {"officer"}),
    (S.SUBMITTED, "admit"): (S.ADMISSIBLE, {"officer"}),
    (S.SUBMITTED, "refuse_admission"): (S.INADMISSIBLE, {"officer"}),
    (S.COMPLETION_REQUESTED, "resubmit"): (S.SUBMITTED, {"lead"}),
    (S.COMPLETION_REQUESTED, "admit"): (S.ADMISSIBLE, {"officer"}),
    (S.COMPLETION_REQUESTED, "refuse_admission"): (S.INADMISSIBLE, {"officer"}),
    (S.ADMISSIBLE, "instruct"): (S.INSTRUCTED, {"officer"}),
    (S.INSTRUCTED, "score"): (S.SCORED, {STAGE, "system"}),
    (S.SCORED, "decide"): (S.DECIDED, {STAGE}),
    (S.DECIDED, "notify"): (S.NOTIFIED, {STAGE}),
    (S.NOTIFIED, "contract"): (S.CONTRACTED, {STAGE}),
    **{
        (state, "withdraw"): (S.WITHDRAWN, {"lead", "officer"})
        for state in (
            S.SUBMITTED,
            S.COMPLETION_REQUESTED,
            S.ADMISSIBLE,
            S.INSTRUCTED,
            S.SCORED,
            S.DECIDED,
            S.NOTIFIED,
        )
    },
}
EVENTS = sorted({event for _, event in AGREED})


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("state", list(S))
def test_an_event_goes_where_it_was_agreed_or_nowhere(state: ApplicationState, event: str) -> None:
    row = WORKFLOW.row(event, state)
    found = None if row is None else (row.target, set(row.who))
    assert found == AGREED.get((state, event))


def test_no_event_is_unknown_to_the_table() -> None:
    assert {row.event for row in WORKFLOW.transitions} == set(EVENTS)


def test_the_applicant_learns_the_decision_from_its_notification_only() -> None:
    hidden = {LABELS[state].public_label for state in (S.INSTRUCTED, S.SCORED, S.DECIDED)}
    assert hidden == {"En cours d'examen"}
    assert set(LABELS) == set(S)
