"""Who leads a file: transferred to somebody who accepts, taken over after a departure, handed over with a reason."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.accounts.models import MembershipRole, Organisation, User
from aap.accounts.service import OrganisationCard, create_organisation, end_membership, join_organisation
from aap.applications.models import (
    Application,
    ApplicationState,
    LeadChange,
    LeadChangeKind,
    LeadChangeOutcome,
    ParticipantRole,
)
from aap.applications.people import has_departed, lead_departed
from aap.applications.service import (
    accept_transfer,
    cancel_transfer,
    decline_transfer,
    hand_over,
    list_candidates,
    offer_transfer,
    submit,
    take_over,
    withdraw,
)
from aap.applications.service.leading import find_offer
from aap.audit import AuditEntry
from aap.errors import ConflictError, ForbiddenError, InvalidError
from aap.policies import may
from aap.workflow import list_events
from tests.integration.applications.case import DEPOSITED, DRAFTED, People, make_user
from tests.integration.applications.inviting import mails_to, seat

pytestmark = pytest.mark.sqlite


@pytest.fixture
def organisation(draft: Application, people: People) -> Organisation:
    """The organisation of the file: its lead administers it, a stranger is a member."""
    card = OrganisationCard("Structure d'essai (fictive)", "ehpad", "99977101700012")
    made = create_organisation(card, region_code="IDF", now=DRAFTED)
    join_organisation(people.lead, made, MembershipRole.MANAGER, DRAFTED)
    join_organisation(people.stranger, made, MembershipRole.MEMBER, DRAFTED)
    draft.organisation = made
    return made


def join(session: Session, organisation: Organisation, name: str, role: MembershipRole) -> User:
    user = make_user(session, name)
    join_organisation(user, organisation, role, DRAFTED)
    session.expire(user)
    return user


def departed_twin(session: Session, application: Application) -> bool:
    query = select(Application.id).where(Application.id == application.id, lead_departed())
    return session.scalar(query) is not None


def test_candidates_are_members_of_the_organisation_and_editors(
    session: Session, draft: Application, people: People, organisation: Organisation
) -> None:
    editor, reader = make_user(session, "editor"), make_user(session, "lecteur")
    seat(draft, editor)
    seat(draft, reader, ParticipantRole.READER)
    gone = join(session, organisation, "parti", MembershipRole.MEMBER)
    gone.active = False
    session.flush()
    assert {one.user.email for one in list_candidates(draft)} == {editor.email, people.stranger.email}


@pytest.mark.usefixtures("organisation")
def test_nothing_changes_before_the_other_accepts(draft: Application, people: People) -> None:
    change = offer_transfer(draft, people.stranger.email, actor=people.lead, now=DRAFTED)
    assert draft.lead is people.lead
    assert not may(people.stranger, "application.read", draft)
    with pytest.raises(InvalidError, match="attend déjà une réponse"):
        offer_transfer(draft, people.stranger.email, actor=people.lead, now=DRAFTED)
    with pytest.raises(ForbiddenError):
        accept_transfer(change, actor=people.lead, now=DRAFTED)
    accept_transfer(change, actor=people.stranger, now=DRAFTED)
    assert draft.lead is people.stranger
    assert may(people.stranger, "application.submit", draft)
    assert may(people.lead, "application.edit", draft)
    assert not may(people.lead, "application.submit", draft)
    assert "change_lead" in [event.event for event in list_events(draft)]
    assert "file-lead-changed" in mails_to(people.lead.email)
    assert "file-lead-changed" in mails_to(people.stranger.email)
    with pytest.raises(ConflictError, match="déjà reçu sa réponse"):
        accept_transfer(change, actor=people.stranger, now=DRAFTED)


@pytest.mark.usefixtures("organisation")
def test_an_offer_is_declined_or_taken_back(draft: Application, people: People) -> None:
    first = offer_transfer(draft, people.stranger.email, actor=people.lead, now=DRAFTED)
    decline_transfer(first, actor=people.stranger, now=DRAFTED)
    assert "file-transfer-declined" in mails_to(people.lead.email)
    second = offer_transfer(draft, people.stranger.email, actor=people.lead, now=DRAFTED)
    cancel_transfer(second, actor=people.lead, now=DRAFTED)
    with pytest.raises(ConflictError):
        accept_transfer(second, actor=people.stranger, now=DRAFTED)
    assert draft.lead is people.lead
    assert find_offer(draft) is None


def test_an_editor_who_becomes_lead_leaves_the_list_of_guests(draft: Application, people: People) -> None:
    held = seat(draft, people.stranger)
    change = offer_transfer(draft, people.stranger.email, actor=people.lead, now=DRAFTED)
    accept_transfer(change, actor=people.stranger, now=DRAFTED)
    assert held.ended_at == DRAFTED
    assert {one.user_id for one in draft.participants if one.ended_at is None} == {people.lead.id}


def test_a_stranger_is_no_candidate(draft: Application, people: People) -> None:
    with pytest.raises(InvalidError, match="Choisissez une personne de la structure"):
        offer_transfer(draft, people.stranger.email, actor=people.lead, now=DRAFTED)


def test_a_deposited_file_changes_hands_and_keeps_its_deposit(case: Application, people: People) -> None:
    seat(case, people.stranger)
    submission = submit(case, actor=people.lead, now=DEPOSITED)
    change = offer_transfer(case, people.stranger.email, actor=people.lead, now=DEPOSITED)
    accept_transfer(change, actor=people.stranger, now=DEPOSITED)
    assert (case.state, submission.by_id) == (ApplicationState.SUBMITTED, people.lead.id)


def test_the_administrator_takes_over_after_a_departure_only(
    session: Session, draft: Application, people: People, organisation: Organisation
) -> None:
    manager = join(session, organisation, "gerante", MembershipRole.MANAGER)
    assert not may(manager, "application.take_over", draft)
    with pytest.raises(ConflictError) as told:
        take_over(draft, actor=manager, now=DRAFTED)
    assert told.value.code == "porteur-present"
    (mine,) = [held for held in organisation.memberships if held.user_id == people.lead.id]
    session.refresh(organisation)
    end_membership(mine, actor=people.lead, now=DRAFTED)
    assert has_departed(draft)
    assert departed_twin(session, draft)
    assert not may(people.stranger, "application.take_over", draft), "a mere member"
    assert may(manager, "application.take_over", draft)
    take_over(draft, actor=manager, now=DRAFTED)
    assert draft.lead is manager
    assert not may(people.lead, "application.read", draft)
    assert not departed_twin(session, draft)


def test_a_deactivated_account_is_a_departure_until_the_file_is_over(
    session: Session, draft: Application, people: People
) -> None:
    people.lead.active = False
    session.flush()
    assert (has_departed(draft), departed_twin(session, draft)) == (True, True)
    withdraw(draft, actor=people.lead, now=DRAFTED)
    session.flush()
    assert (has_departed(draft), departed_twin(session, draft)) == (False, False)


def test_the_agency_hands_over_with_a_logged_reason(session: Session, draft: Application, people: People) -> None:
    assert not may(people.officer, "application.hand_over", draft), "a draft whose lead is there"
    people.lead.active = False
    session.flush()
    assert may(people.officer, "application.hand_over", draft)
    assert not may(people.reader, "application.hand_over", draft)
    with pytest.raises(InvalidError, match="motif"):
        hand_over(draft, people.stranger.email, "  ", actor=people.officer, now=DRAFTED)
    with pytest.raises(InvalidError, match="Aucun compte ouvert"):
        hand_over(draft, "personne@exemple.invalid", "Départ.", actor=people.officer, now=DRAFTED)
    with pytest.raises(ConflictError) as told:
        hand_over(draft, people.dcgdr.email, "Départ.", actor=people.officer, now=DRAFTED)
    assert told.value.code == "personne-de-l-agence"
    change = hand_over(draft, people.stranger.email, "Départ.", actor=people.officer, now=DRAFTED)
    assert (draft.lead, change.reason) == (people.stranger, "Départ.")
    assert "Départ." in [event.reason for event in list_events(draft)]
    session.commit()
    entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "applications.lead_handover")).one()
    assert entry.actor_id == people.officer.id
    assert entry.detail["to"] == str(people.stranger.id)
    assert "Départ" not in str(entry.detail)


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("outcome_is_dated", {"outcome": LeadChangeOutcome.DONE}),
        ("only_transfers_wait", {"kind": LeadChangeKind.TAKEOVER}),
        (
            "handover_has_a_reason",
            {"kind": LeadChangeKind.HANDOVER, "outcome": LeadChangeOutcome.DONE, "answered_at": DRAFTED},
        ),
        ("two_people", {"to_id": None}),
    ],
)
def test_constraints(
    session: Session, draft: Application, people: People, constraint: str, changes: dict[str, object]
) -> None:
    values = {
        "kind": LeadChangeKind.TRANSFER,
        "from_id": people.lead.id,
        "to_id": people.stranger.id,
        "by_id": people.lead.id,
        "offered_at": DRAFTED,
        "reason": "",
        **changes,
    }
    values["to_id"] = values["to_id"] or people.lead.id
    session.add(LeadChange(application_id=draft.id, **values))
    with pytest.raises(IntegrityError, match=constraint):
        session.flush()
