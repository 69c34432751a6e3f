"""The scenarios of a call: listed, read whole, compared with the ranking of the day."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select

from aap.accounts.models import User
from aap.applications.models import Application
from aap.awards.models import Scenario, ScenarioLine
from aap.awards.simulation import Refusal, Settings, read_settings
from aap.calls.models import Strand
from aap.db import db
from aap.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """A scenario in a list."""

    id: uuid.UUID
    name: str
    author_id: uuid.UUID
    author_name: str
    updated_at: datetime
    adopted_at: datetime | None
    replaced_at: datetime | None
    ranking_seal: str
    funded: int
    granted_eur: Decimal

    @property
    def in_force(self) -> bool:
        """Tell whether the session starts from it."""
        return self.adopted_at is not None and self.replaced_at is None


@dataclass(frozen=True, slots=True)
class SavedLine:
    """A file as a scenario left it."""

    application_id: uuid.UUID
    reference: str
    title: str
    applicant_name: str
    strand: str | None
    rank: int | None
    asked_eur: Decimal
    requested_eur: Decimal
    granted_eur: Decimal | None
    refusal: Refusal | None


def get_scenario(scenario_id: uuid.UUID) -> Scenario:
    """Return a scenario.

    Raises:
        NotFoundError: no such scenario.

    """
    scenario = db.session.get(Scenario, scenario_id)
    if scenario is None:
        raise NotFoundError("Ce scénario n'existe pas.")
    return scenario


def find_scenario_in_force(call_id: uuid.UUID) -> Scenario | None:
    """Return the scenario that the session of a call starts from."""
    query = select(Scenario).where(
        Scenario.call_id == call_id, Scenario.adopted_at.is_not(None), Scenario.replaced_at.is_(None)
    )
    return db.session.scalar(query)


def list_scenarios(call_id: uuid.UUID, *, seen: ColumnElement[bool]) -> tuple[ScenarioRow, ...]:
    """Return the scenarios of a call that ``seen`` (a condition on ``Scenario``) lets through, the one in force first.

    One query.
    """
    sums = (
        select(
            ScenarioLine.scenario_id,
            func.count(ScenarioLine.granted_eur).label("funded"),
            func.coalesce(func.sum(ScenarioLine.granted_eur), 0).label("granted"),
        )
        .group_by(ScenarioLine.scenario_id)
        .subquery()
    )
    query = (
        select(Scenario, User, sums.c.funded, sums.c.granted)
        .join(User, User.id == Scenario.author_id)
        .outerjoin(sums, sums.c.scenario_id == Scenario.id)
        .where(Scenario.call_id == call_id, seen)
        .order_by(Scenario.updated_at.desc(), Scenario.name)
    )
    rows = [
        ScenarioRow(
            scenario.id,
            scenario.name,
            scenario.author_id,
            author.display_name,
            scenario.updated_at,
            scenario.adopted_at,
            scenario.replaced_at,
            scenario.ranking_seal,
            funded or 0,
            granted or Decimal(0),
        )
        for scenario, author, funded, granted in db.session.execute(query)
    ]
    return tuple(sorted(rows, key=lambda row: not row.in_force))


def settings_of(scenario: Scenario) -> Settings:
    """Return the settings that a scenario was computed with."""
    return read_settings(scenario.settings)


def list_scenario_lines(scenario_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[SavedLine, ...]]:
    """Return the files of scenarios, in the order each kept: one query."""
    query = (
        select(
            ScenarioLine,
            Application.reference,
            Application.title,
            Application.applicant_name,
            Application.requested_eur,
            Strand.key,
        )
        .join(Application, Application.id == ScenarioLine.application_id)
        .outerjoin(Strand, Strand.id == Application.strand_id)
        .where(ScenarioLine.scenario_id.in_(scenario_ids))
        .order_by(ScenarioLine.scenario_id, ScenarioLine.position)
    )
    found: dict[uuid.UUID, list[SavedLine]] = {identifier: [] for identifier in scenario_ids}
    for line, reference, title, applicant, requested, strand in db.session.execute(query):
        refusal = None
        if line.reason is not None:
            refusal = Refusal(line.reason, line.missing_eur, line.lacking_strand, tuple(line.quotas))
        found[line.scenario_id].append(
            SavedLine(
                line.application_id,
                reference or "",
                title,
                applicant,
                strand,
                line.rank,
                line.asked_eur,
                requested,
                line.granted_eur,
                refusal,
            )
        )
    return {identifier: tuple(lines) for identifier, lines in found.items()}


def granted_in_scenario(lines: Sequence[SavedLine]) -> dict[str, Decimal]:
    """Return what a scenario gives, by reference."""
    return {line.reference: line.granted_eur for line in lines if line.granted_eur is not None}
