"""The start of a jury's session: the scenario adopted, and what departs from it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from aap.applications.models import Application
from aap.awards.models import Scenario, ScenarioLine
from aap.awards.queries.scenarios import find_scenario_in_force
from aap.awards.start import Proposal, Start
from aap.db import db
from aap.jury.models import JurySession, SessionItem


def find_start(call_id: uuid.UUID) -> Start | None:
    """Return the start of a call's session: two queries, one when there is none."""
    scenario = find_scenario_in_force(call_id)
    if scenario is None or scenario.adopted_at is None:
        return None
    rows = db.session.execute(
        select(ScenarioLine.application_id, ScenarioLine.granted_eur, ScenarioLine.reason).where(
            ScenarioLine.scenario_id == scenario.id
        )
    )
    lines = {identifier: (granted, reason) for identifier, granted, reason in rows}
    return Start(scenario.id, scenario.name, scenario.adopted_at, lines)


def opinions_begun(call_id: uuid.UUID) -> bool:
    """Tell whether the jury began to give its opinions: the start of its session does not change any more."""
    begun = (
        select(SessionItem.id)
        .join(JurySession, JurySession.id == SessionItem.session_id)
        .where(JurySession.call_id == call_id, SessionItem.recorded_at.is_not(None))
    )
    return bool(db.session.scalar(select(begun.exists())))


def find_proposal(application: Application) -> Proposal | None:
    """Return what the start of its call proposes for one file: one query."""
    row = db.session.execute(
        select(ScenarioLine.granted_eur, ScenarioLine.reason, Scenario.id, Scenario.name, Scenario.adopted_at)
        .join(Scenario, Scenario.id == ScenarioLine.scenario_id)
        .where(
            Scenario.call_id == application.call_version.call_id,
            Scenario.adopted_at.is_not(None),
            Scenario.replaced_at.is_(None),
            ScenarioLine.application_id == application.id,
        )
    ).one_or_none()
    if row is None:
        return None
    granted, reason, identifier, name, adopted_at = row
    if adopted_at is None:
        return None
    return Start(identifier, name, adopted_at, {application.id: (granted, reason)}).proposal_for(application)


def tell_start(minutes: Mapping[str, Any], session: JurySession) -> dict[str, Any]:
    """Return minutes with the scenario that the session started from, and each departure with its motive.

    Files that the minutes do not tell are not added.
    """
    start = find_start(session.call_id)
    if start is None:
        return dict(minutes)
    items = {str(item.application_id): item for item in session.items}
    told = {"name": start.name, "adopted_at": start.adopted_at.isoformat()}
    files = [{**row, **_departure(items.get(row["application_id"]), start)} for row in minutes["files"]]
    return {**minutes, "start": told, "files": files}


def _departure(item: SessionItem | None, start: Start) -> dict[str, Any]:
    proposal = start.proposal_for(item.application) if item else None
    if item is None or proposal is None:
        return {}
    departs = item.kind is not None and proposal.differs(item.kind, item.amount_eur)
    return {"proposed": proposal.words, "departure": (item.departure or item.motive) if departs else None}
