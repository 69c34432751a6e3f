"""Recording the indicators that are calculated."""

from __future__ import annotations

from datetime import datetime

from aap.accounts.models import User
from aap.awards.models import Project
from aap.db import db
from aap.evaluation.arithmetic import shown_cost
from aap.evaluation.models import Measure, MeasureState
from aap.evaluation.people import OFFICER, relations_to_project
from aap.evaluation.queries.computed import exact_values
from aap.evaluation.queries.reading import find_current, list_indicators


def compute_period(
    project: Project, period_key: str, *, reason: str | None = None, actor: User, now: datetime
) -> list[Measure]:
    """Record the calculated values of a period, rounded as they are shown; a changed value is a new revision.

    A value computed again by an officer's correction is validated with it.
    """
    indicators = list_indicators(project.id)
    by_code = {indicator.code: indicator for indicator in indicators}
    made = []
    for (code, key), exact in exact_values(project, indicators).items():
        if key != period_key:
            continue
        current = find_current(by_code[code].id, period_key)
        value = shown_cost(exact)
        if current is None or current.value != value:
            revision = 1 if current is None else current.revision + 1
            measure = Measure(indicator_id=by_code[code].id, period_key=period_key, revision=revision, value=value)
            measure.reason, measure.recorded_at, measure.recorded_by_id = reason, now, actor.id
            made.append(measure)
    if reason is not None and OFFICER in relations_to_project(project, actor):
        for measure in made:
            measure.state, measure.validated_at, measure.validated_by_id = MeasureState.VALIDATED, now, actor.id
    db.session.add_all(made)
    db.session.flush()
    return made
