"""Who reads the marks that everybody gave, once individual scoring is closed by the service."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Uuid, and_, bindparam, false, or_, select

from aap.accounts.models import RoleName, User
from aap.applications.models import Application, ApplicationState
from aap.applications.people import own_files
from aap.calls.models import CallRole, CallTeamMember, CallVersion
from aap.jury import blindness
from aap.policies.terms import regions_of

# Who reads marks for the agency once they are open: those who prepare or take the decision, and follow the money.
MARK_READERS = (RoleName.ADMINISTRATOR, RoleName.OFFICER, RoleName.DIRECTOR)


def others_marks(actor: User | None) -> ColumnElement[bool]:
    """Return the condition on ``Application``: the person reads the marks that everybody gave."""
    return false() if actor is None else _others_marks(actor.id, regions_of(actor, *MARK_READERS))


def _others_marks(person: blindness.Person, regions: Collection[str] | BindParameter[Any]) -> ColumnElement[bool]:
    return or_(_agency(person, regions, blindness.READABLE), blindness.others_marks_seen(person))


def frozen_marks(actor: User | None) -> ColumnElement[bool]:
    """Return the condition on ``Application``: what frozen rankings tell this person, who may open them.

    A file withdrawn since stays for the agency in what was sealed, so that the seal can be verified; its members read
    it no more, and whoever stood back from it or is part of it never did.
    """
    if actor is None:
        return false()
    sealed = _agency(actor.id, regions_of(actor, *MARK_READERS), (ApplicationState.WITHDRAWN,))
    return or_(others_marks(actor), and_(sealed, ~own_files(actor.id)))


def _agency(
    person: blindness.Person, regions: Collection[str] | BindParameter[Any], states: Collection[ApplicationState]
) -> ColumnElement[bool]:
    of_agency = or_(
        Application.region_code.in_(regions),
        Application.call_version_id.in_(
            select(CallVersion.id)
            .join(CallTeamMember, CallTeamMember.call_id == CallVersion.call_id)
            .where(CallTeamMember.user_id == person, CallTeamMember.role == CallRole.OFFICER)
        ),
    )
    return and_(
        Application.state.in_(states),
        of_agency,
        blindness.marks_are_open(),
        ~blindness.recused(person),
        ~blindness.owes_a_review(person),
        Application.lead_id != person,
    )


_PERSON = bindparam("person", type_=Uuid())
# The same condition for statements built once: ``mark_reader`` gives its person and regions when they are sent.
OTHERS_MARKS = _others_marks(_PERSON, bindparam("regions", expanding=True))


def mark_reader(actor: User) -> dict[str, Any]:
    """Return what ``OTHERS_MARKS`` asks about a person."""
    return {"person": actor.id, "regions": sorted(regions_of(actor, *MARK_READERS))}


def minuted(actor: User | None) -> ColumnElement[bool]:
    """Return the condition on ``Application``: what signed minutes tell this person, who may read the session.

    A file withdrawn or notified since stays in what was signed, except for whoever stood back from it or is part of it.
    """
    if actor is None:
        return false()
    gone = Application.state.not_in(blindness.OPEN_TO_MEMBERS)
    return or_(others_marks(actor), and_(gone, ~blindness.recused(actor.id), ~own_files(actor.id)))


def reads_marks(actor: User | None, thing: Application) -> bool:
    """Tell whether the person reads the marks that everybody gave to a file."""
    return actor is not None and blindness.is_true(others_marks(actor), thing.id)
