"""The engine of every life cycle: rows of ``Transition`` and the only code that changes a state.

``who`` names relations of a person to the thing ("lead", "officer"…), computed by the domain that owns the thing. An
event that belongs to a later stage is fired by that stage's service with ``who=(STAGE,)`` and ``by_stage=True``.
"""

from __future__ import annotations

import enum
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped

from aap import audit
from aap.db import Base, Identified, LongText, Str40, Str80, db
from aap.errors import ConflictError, ForbiddenError

STAGE = "stage"


class Actor(Protocol):
    """Whoever acts: a signed-in person, or the service itself."""

    @property
    def id(self) -> Any:
        """Return the person's id, or None for the service."""
        ...


@dataclass(frozen=True, slots=True)
class SystemActor:
    """The service acting by itself (a closing hour passes, a job runs)."""

    id: uuid.UUID | None = None


SYSTEM = SystemActor()


class Stateful(Protocol):
    """A row with a life cycle."""

    id: Any
    state: Any


StateT = TypeVar("StateT", bound=enum.Enum)
ThingT = TypeVar("ThingT", bound=Stateful)
Tone = str


@dataclass(frozen=True, slots=True)
class StateLabel:
    """How a state is shown: to staff, to the applicant, and the badge's tone."""

    label: str
    public_label: str
    tone: Tone = "neutral"


@dataclass(frozen=True)  # no slots: typing cannot mark a frozen, slotted generic as it is made
class Transition(Generic[StateT, ThingT]):
    """One row of a life cycle."""

    event: str
    sources: tuple[StateT, ...]
    target: StateT
    who: tuple[str, ...]
    label: str
    public_label: str = ""
    guard: Callable[[ThingT, datetime], None] | None = None
    promises: tuple[Callable[[ThingT, datetime], None], ...] = ()
    needs_reason: bool = False


@dataclass(frozen=True)  # no slots, as above
class Workflow(Generic[StateT, ThingT]):
    """A life cycle: its states in order with their labels, its transitions, and who people are to the thing."""

    name: str
    labels: dict[StateT, StateLabel]
    transitions: tuple[Transition[StateT, ThingT], ...]
    relations: Callable[[ThingT, Actor], frozenset[str]]

    def row(self, event: str, source: StateT) -> Transition[StateT, ThingT] | None:
        """Return the row that applies to this event from this state, if any."""
        return next((row for row in self.transitions if row.event == event and source in row.sources), None)


class StateEvent(Identified, Base):
    """A change of state that happened. Append-only; ids without foreign keys, so that nothing cascades into it."""

    __tablename__ = "state_events"
    __table_args__ = (Index("ix_state_events_subject", "subject_type", "subject_id", "at"),)

    subject_type: Mapped[Str40]
    subject_id: Mapped[uuid.UUID]
    event: Mapped[Str80]
    source: Mapped[Str40 | None]
    target: Mapped[Str40]
    actor_id: Mapped[uuid.UUID | None]
    at: Mapped[datetime]
    reason: Mapped[LongText | None]


def apply(
    workflow: Workflow[StateT, ThingT],
    thing: ThingT,
    event: str,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
    *,
    by_stage: bool = False,
) -> None:
    """Check, change the state, write the event and the audit entry, and record the promises.

    ``by_stage`` is given by the service of a later stage that owns the event and has made its own checks.

    Raises:
        ConflictError: the event does not exist from this state, or needs a reason.
        ForbiddenError: the actor has none of the relations named by the row.

    """
    source: StateT = thing.state
    row = workflow.row(event, source)
    if row is None:
        message = f"Cette action n'est plus possible : l'état est « {workflow.labels[source].label} »."
        raise ConflictError(message, code="transition-impossible")
    _check_who(workflow, thing, row, actor, by_stage=by_stage)
    if row.needs_reason and not (reason or "").strip():
        message = "Indiquez le motif."
        raise ConflictError(message, code="motif-manquant")
    if row.guard is not None:
        row.guard(thing, now)
    thing.state = row.target
    record_event(thing, event, source.value, row.target.value, actor, now, reason)
    for promised in row.promises:
        promised(thing, now)


def _check_who(
    workflow: Workflow[StateT, ThingT], thing: ThingT, row: Transition[StateT, ThingT], actor: Actor, *, by_stage: bool
) -> None:
    if by_stage and STAGE in row.who:
        return
    if actor.id is None and "system" in row.who:
        return
    if not workflow.relations(thing, actor) & frozenset(row.who):
        message = "Vous n'avez pas qualité pour cette action."
        raise ForbiddenError(message)


def record_event(
    thing: Stateful, event: str, source: str | None, target: str, actor: Actor, now: datetime, reason: str | None = None
) -> None:
    """Write a state event and its audit entry. Called by ``apply``, and by services that create a thing."""
    db.session.flush()
    name = str(getattr(thing, "__tablename__", ""))
    db.session.add(
        StateEvent(
            subject_type=name,
            subject_id=thing.id,
            event=event,
            source=source,
            target=target,
            actor_id=actor.id,
            at=now,
            reason=reason,
        )
    )
    audit.record(f"{name}.{event}", thing, actor_id=actor.id, now=now, detail={"from": source, "to": target})


def allowed_events(workflow: Workflow[StateT, ThingT], thing: ThingT, actor: Actor) -> list[Transition[StateT, ThingT]]:
    """Return the rows this person could fire now, guards aside: the page's buttons."""
    who = workflow.relations(thing, actor)
    return [row for row in workflow.transitions if thing.state in row.sources and who & frozenset(row.who)]


def list_events(thing: Stateful) -> list[StateEvent]:
    """Return what happened to the thing, oldest first."""
    return list(
        db.session.scalars(
            select(StateEvent)
            .where(
                StateEvent.subject_type == str(getattr(thing, "__tablename__", "")), StateEvent.subject_id == thing.id
            )
            .order_by(StateEvent.at, StateEvent.id)
        )
    )
