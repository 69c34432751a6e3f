"""Organisations: invitations to act for one, roles, departures, delegations of signature."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.accounts.links import VALIDITY, make_token
from aap.accounts.models import Delegation, Membership, MembershipRole, Organisation, User
from aap.accounts.service import (
    OrganisationCard,
    accept_invitation,
    cancel_invitation,
    change_role,
    create_organisation,
    create_user,
    describe_organisation,
    end_membership,
    grant_delegation,
    invite_member,
    join_organisation,
)
from aap.errors import ConflictError, ForbiddenError, InvalidError
from aap.policies import may

pytestmark = pytest.mark.sqlite
NOW = datetime(2023, 10, 2, 8, 15, tzinfo=UTC)
CARD = OrganisationCard("Structure d'essai (fictive)", "ehpad", "99977101700012", "770999019")


def token(link_id: uuid.UUID) -> str:
    return make_token("a key of tests", link_id)


@pytest.fixture
def people(session: Session) -> tuple[Organisation, User, User]:
    """A structure, its administrator, and somebody from outside."""
    manager, outsider = (create_user(f"{name}@exemple.invalid", now=NOW) for name in ("gerante", "dehors"))
    organisation = create_organisation(CARD, region_code="IDF", now=NOW)
    join_organisation(manager, organisation, MembershipRole.MANAGER, NOW)
    session.flush()
    session.expire_all()
    return organisation, manager, outsider


def membership(organisation: Organisation, user: User) -> Membership:
    return next(held for held in organisation.memberships if held.user_id == user.id)


def test_an_invitation_makes_a_member_once(session: Session, people: tuple[Organisation, User, User]) -> None:
    organisation, manager, outsider = people
    link = invite_member(
        organisation, "Dehors@exemple.invalid", MembershipRole.MEMBER, make_token=token, actor=manager, now=NOW
    )
    assert not may(outsider, "organisation.read", organisation)
    with pytest.raises(ForbiddenError):
        accept_invitation(link, actor=manager, now=NOW)
    with pytest.raises(ConflictError) as late:
        accept_invitation(link, actor=outsider, now=NOW + VALIDITY)
    assert late.value.code == "lien-expire"
    accept_invitation(link, actor=outsider, now=NOW)
    session.expire_all()
    assert may(outsider, "organisation.read", organisation)
    assert not may(outsider, "organisation.manage", organisation)
    with pytest.raises(ConflictError) as used:
        accept_invitation(link, actor=outsider, now=NOW)
    assert used.value.code == "lien-deja-utilise"
    with pytest.raises(InvalidError, match="déjà membre"):
        invite_member(
            organisation, "dehors@exemple.invalid", MembershipRole.MEMBER, make_token=token, actor=manager, now=NOW
        )


def test_a_cancelled_invitation_makes_room_for_another(people: tuple[Organisation, User, User]) -> None:
    organisation, manager, outsider = people
    invite = {"make_token": token, "actor": manager, "now": NOW}
    first = invite_member(organisation, outsider.email, MembershipRole.MEMBER, **invite)  # type: ignore[arg-type]  # shared
    with pytest.raises(InvalidError, match="attend déjà"):
        invite_member(organisation, outsider.email, MembershipRole.MEMBER, **invite)  # type: ignore[arg-type]  # shared
    cancel_invitation(first, actor=manager, now=NOW)
    second = invite_member(organisation, outsider.email, MembershipRole.MANAGER, **invite)  # type: ignore[arg-type]  # shared
    accept_invitation(second, actor=outsider, now=NOW)
    assert membership(organisation, outsider).role is MembershipRole.MANAGER


def test_the_last_administrator_stays_as_long_as_others_do(
    session: Session, people: tuple[Organisation, User, User]
) -> None:
    organisation, manager, outsider = people
    join_organisation(outsider, organisation, MembershipRole.MEMBER, NOW)
    session.flush()
    session.expire_all()
    mine = membership(organisation, manager)
    with pytest.raises(ConflictError) as told:
        end_membership(mine, actor=manager, now=NOW)
    assert told.value.code == "dernier-administrateur"
    with pytest.raises(ConflictError):
        change_role(mine, MembershipRole.MEMBER, actor=manager, now=NOW)
    change_role(membership(organisation, outsider), MembershipRole.MANAGER, actor=manager, now=NOW)
    end_membership(mine, actor=manager, now=NOW)
    assert not may(manager, "organisation.read", organisation)
    end_membership(membership(organisation, outsider), actor=outsider, now=NOW)
    with pytest.raises(ConflictError, match="n'est plus membre"):
        end_membership(mine, actor=manager, now=NOW)


def test_a_delegation_holds_from_its_first_day_to_its_last_and_ends_with_the_membership(
    session: Session, people: tuple[Organisation, User, User]
) -> None:
    organisation, manager, outsider = people
    days = {"starts_on": date(2023, 10, 1), "ends_on": date(2023, 10, 31)}
    given = {"on_behalf_of": "La présidente", **days, "actor": manager, "now": NOW}
    with pytest.raises(InvalidError) as stranger:
        grant_delegation(organisation, outsider.id, **given)  # type: ignore[arg-type]  # shared
    assert stranger.value.problems[0].place == "user_id"
    join_organisation(outsider, organisation, MembershipRole.MEMBER, NOW)
    session.flush()
    session.expire_all()
    row = grant_delegation(organisation, outsider.id, **given)  # type: ignore[arg-type]  # shared
    first, last = days["starts_on"], days["ends_on"]
    in_force = [row.in_force(day) for day in (first - timedelta(1), first, last, last + timedelta(1))]
    assert in_force == [False, True, True, False]
    end_membership(membership(organisation, outsider), actor=manager, now=NOW)
    assert not row.in_force(first)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"on_behalf_of": " "}, "on_behalf_of"),
        ({"starts_on": None}, "starts_on"),
        ({"ends_on": date(2020, 1, 1)}, "ends_on"),
    ],
)
def test_a_delegation_says_for_whom_and_when(
    people: tuple[Organisation, User, User], change: dict[str, object], place: str
) -> None:
    organisation, manager, _ = people
    given = {"on_behalf_of": "La présidente", "starts_on": NOW.date(), "ends_on": None, "actor": manager, "now": NOW}
    with pytest.raises(InvalidError) as told:
        grant_delegation(organisation, manager.id, **{**given, **change})  # type: ignore[arg-type]  # a case
    assert told.value.problems[0].place == place


def test_a_card_keeps_both_finess_and_a_siret_of_its_own(people: tuple[Organisation, User, User]) -> None:
    organisation, manager, _ = people
    card = OrganisationCard("Nom", "ehpad", "99977101700012", "770999019", finess_ej="770999027")
    describe_organisation(organisation, card, actor=manager, now=NOW)
    assert (organisation.finess_ej, organisation.finess_et) == ("770999027", "770999019")
    other = create_organisation(OrganisationCard("Autre", "ehpad", "99977102500015"), region_code="IDF", now=NOW)
    with pytest.raises(InvalidError, match="porte déjà ce SIRET"):
        describe_organisation(other, card, actor=manager, now=NOW)


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [("ends_after_start", {"ends_on": date(2020, 1, 1)}), ("revocation_is_signed", {"revoked_at": NOW})],
)
def test_constraints_of_delegations(
    session: Session, people: tuple[Organisation, User, User], constraint: str, changes: dict[str, object]
) -> None:
    organisation, manager, _ = people
    values = {"on_behalf_of": "X", "starts_on": NOW.date(), "granted_at": NOW, **changes}
    session.add(Delegation(organisation_id=organisation.id, user_id=manager.id, granted_by_id=manager.id, **values))
    with pytest.raises(IntegrityError, match=constraint):
        session.flush()
