"""Who tries envelopes, who reads, mends and adopts the scenarios that were kept.

What the simulator shows of files is what the ranking shows. A scenario holds all the files of its ranking: whoever may
not read one of them reads nothing of the scenario, whose sums and refusals would betray it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, select

from aap.accounts.models import User
from aap.applications.models import Application
from aap.awards.models import Scenario, ScenarioLine
from aap.calls.models import Call, CallRole, CallTeamMember
from aap.db import db
from aap.jury import blindness
from aap.policies.jury import reads_analysis, runs_call
from aap.policies.marks import MARK_READERS, others_marks
from aap.policies.terms import Verbs, Visibilities, regions_of


def visible_scenarios(actor: User | None) -> ColumnElement[bool]:
    """Return the condition on ``Scenario``: of a call whose marks the person reads, with no file closed to them."""
    if actor is None:
        return false()
    officer = select(CallTeamMember.call_id).where(
        CallTeamMember.user_id == actor.id, CallTeamMember.role == CallRole.OFFICER
    )
    regional = select(Call.id).where(Call.region_code.in_(regions_of(actor, *MARK_READERS)))
    closed = or_(
        blindness.recused(actor.id),
        Application.lead_id == actor.id,
        and_(Application.state.in_(blindness.READABLE), ~others_marks(actor)),
    )
    of_scenario = (
        select(ScenarioLine.id)
        .join(Application, Application.id == ScenarioLine.application_id)
        .where(ScenarioLine.scenario_id == Scenario.id, closed)
        .correlate(Scenario)
    )
    return and_(or_(Scenario.call_id.in_(officer), Scenario.call_id.in_(regional)), ~exists(of_scenario))


def _read(actor: User | None, thing: Scenario) -> bool:
    if not reads_analysis(actor, db.session.get_one(Call, thing.call_id)):
        return False
    return bool(db.session.scalar(select(exists().where(Scenario.id == thing.id, visible_scenarios(actor)))))


def _mend(actor: User | None, thing: Scenario) -> bool:
    """Let authors mend and delete their own drafts."""
    return actor is not None and thing.author_id == actor.id and thing.adopted_at is None and _read(actor, thing)


def _adopt(actor: User | None, thing: Any) -> bool:
    return runs_call(actor, db.session.get_one(Call, thing.call_id)) and _read(actor, thing)


VERBS: Verbs = {
    "envelope.simulate": reads_analysis,
    "scenario.read": _read,
    "scenario.mend": _mend,
    "scenario.adopt": _adopt,
}
VISIBLE: Visibilities = {Scenario: visible_scenarios}
