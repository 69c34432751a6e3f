"""Reading people, organisations and their roles."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload, selectinload

from aap.accounts.links import hash_of
from aap.accounts.models import (
    Delegation,
    Membership,
    MembershipRole,
    Organisation,
    OrganisationInvitation,
    RegionalRole,
    RoleName,
    User,
)
from aap.db import db
from aap.errors import NotFoundError

DEMONSTRATION_DOMAIN = "@demo.invalid"

ROLE_LABELS: dict[RoleName, str] = {
    RoleName.ADMINISTRATOR: "Administration régionale",
    RoleName.OFFICER: "Instruction, direction de l'innovation",
    RoleName.DIRECTOR: "Décision, direction générale",
    RoleName.FINANCE: "Gestion financière",
    RoleName.EDITOR: "Édition des fiches",
    RoleName.REVIEWER: "Relecture des fiches",
    RoleName.DD: "Référence e-santé en délégation",
    RoleName.DCGDR: "Assurance maladie (DCGDR)",
    RoleName.GRADES: "GRADeS",
    RoleName.DIRECTION_METIER: "Autre direction de l'agence",
    RoleName.READER: "Comité de pilotage",
}


@dataclass(frozen=True, slots=True)
class DemonstrationAccount:
    """A fictional account of the demonstration, as the sign-in page lists it."""

    email: str
    name: str
    job_title: str


@dataclass(frozen=True, slots=True)
class AccountGroup:
    """Accounts that share a role."""

    label: str
    accounts: tuple[DemonstrationAccount, ...]


def get_user(user_id: uuid.UUID) -> User:
    """Return a user with its roles.

    Raises:
        NotFoundError: no such user.

    """
    user = db.session.get(User, user_id, options=[selectinload(User.regional_roles)])
    if user is None:
        message = "Ce compte n'existe pas."
        raise NotFoundError(message)
    return user


def get_user_by(attribute: str, value: object) -> User | None:
    """Return the user whose ``attribute`` has this value, with the regional roles, in one query."""
    statement = select(User).options(joinedload(User.regional_roles)).where(getattr(User, attribute) == value)
    return db.session.scalars(statement).unique().one_or_none()


def get_user_by_email(email: str) -> User | None:
    """Return the user of an address, whatever its case."""
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def has_closed_account(email: str) -> bool:
    """Tell whether an address is that of an account that was closed: its owner is gone."""
    closed = select(User.id).where(User.email == email.strip().lower(), User.active.is_(False))
    return db.session.scalar(closed) is not None


def list_organisations_of(user: User) -> list[Organisation]:
    """Return the organisations this person acts for, by name."""
    statement = (
        select(Organisation)
        .join(Membership)
        .where(Membership.user_id == user.id, Membership.ended_at.is_(None))
        .order_by(Organisation.name)
    )
    return list(db.session.scalars(statement))


def list_demonstration_accounts() -> tuple[AccountGroup, ...]:
    """Return the fictional accounts by role, agency roles first, then jurors and project leaders."""
    users = db.session.scalars(
        select(User)
        .where(User.email.like(f"%{DEMONSTRATION_DOMAIN}"), User.active)
        .options(selectinload(User.regional_roles).selectinload(RegionalRole.region), selectinload(User.memberships))
        .order_by(User.email)
    )
    groups: dict[str, list[DemonstrationAccount]] = defaultdict(list)
    for user in users:
        groups[_group_of(user)].append(DemonstrationAccount(user.email, user.display_name, user.job_title))
    order = [*ROLE_LABELS.values(), "Jury", "Porteurs de projet"]
    return tuple(AccountGroup(label, tuple(groups[label])) for label in order if label in groups)


def _group_of(user: User) -> str:
    if user.regional_roles:
        return ROLE_LABELS[user.regional_roles[0].role]
    if any(held.role in {MembershipRole.MANAGER, MembershipRole.MEMBER} for held in user.memberships):
        return "Porteurs de projet"
    return "Jury"


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person with the roles held, as the administrator's list shows them."""

    id: uuid.UUID
    name: str
    email: str
    job_title: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """A page of people by name."""

    rows: tuple[PersonRow, ...]
    page: int
    per_page: int
    total: int


def names_of(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the name of each of these people, in one query (none without identifiers)."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    people = db.session.scalars(select(User).where(User.id.in_(wanted)))
    return {person.id: person.display_name for person in people}


def list_people(seen: ColumnElement[bool], page: int, per_page: int = 50) -> PeoplePage:
    """Return a page of the people selected by ``seen`` who hold a regional role. Two queries whatever the page."""
    wanted = seen & User.id.in_(select(RegionalRole.user_id))
    total = db.session.scalar(select(func.count()).select_from(User).where(wanted)) or 0
    page = max(1, min(page, -(-total // per_page)))
    people = db.session.scalars(
        select(User)
        .where(wanted)
        .options(selectinload(User.regional_roles).joinedload(RegionalRole.region))
        .order_by(User.family_name, User.given_name, User.id)
        .limit(per_page)
        .offset((page - 1) * per_page)
    )
    rows = tuple(
        PersonRow(
            person.id,
            person.display_name,
            person.email,
            person.job_title,
            tuple(_role_words(held) for held in person.regional_roles),
        )
        for person in people
    )
    return PeoplePage(rows, page, per_page, total)


def _role_words(held: RegionalRole) -> str:
    place = held.department_code or held.region.name
    return f"{ROLE_LABELS[held.role]} – {place}"


def get_organisation(organisation_id: uuid.UUID) -> Organisation:
    """Return a structure with its members.

    Raises:
        NotFoundError: no such structure.

    """
    members = selectinload(Organisation.memberships).joinedload(Membership.user)
    found = db.session.get(Organisation, organisation_id, options=[members])
    if found is None:
        raise NotFoundError("Cette structure n'existe pas.")
    return found


def get_membership(membership_id: uuid.UUID) -> Membership:
    """Return somebody's membership; raises NotFoundError."""
    found = db.session.get(Membership, membership_id)
    if found is None:
        raise NotFoundError("Cette personne n'est pas membre de la structure.")
    return found


def get_delegation(delegation_id: uuid.UUID) -> Delegation:
    """Return a delegation; raises NotFoundError."""
    found = db.session.get(Delegation, delegation_id)
    if found is None:
        raise NotFoundError("Cette délégation n'existe pas.")
    return found


def get_organisation_invitation(invitation_id: uuid.UUID) -> OrganisationInvitation:
    """Return an invitation to a structure; raises NotFoundError."""
    found = db.session.get(OrganisationInvitation, invitation_id)
    if found is None:
        raise NotFoundError("Cette invitation n'existe pas.")
    return found


def find_organisation_invitation(token: str) -> OrganisationInvitation | None:
    """Return the invitation whose link bears this secret."""
    query = select(OrganisationInvitation).where(OrganisationInvitation.token_hash == hash_of(token))
    return db.session.scalar(query)
