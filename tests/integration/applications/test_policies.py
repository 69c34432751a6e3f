"""Who reads an application: the function and its SQL twin agree row by row, on generated people and files."""

from __future__ import annotations

import random
import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.accounts.models import RegionalRole, RoleName, User
from aap.applications.models import (
    Application,
    ApplicationState,
    Participant,
    ParticipantRole,
    Piece,
    Site,
    Submission,
)
from aap.calls.models import Call, CallRole, CallTeamMember, CallVersion
from aap.files.models import StoredFile
from aap.forms.service import create_sheet
from aap.policies import applications as policies
from aap.policies import deposits
from tests.integration.applications.case import DEPOSITED, DRAFTED, People, make_user

pytestmark = pytest.mark.sqlite
STATES = (ApplicationState.DRAFT, ApplicationState.SUBMITTED, ApplicationState.ADMISSIBLE, ApplicationState.WITHDRAWN)


@pytest.fixture
def crowd(session: Session, version: CallVersion) -> tuple[list[User], list[Application]]:
    """People of every role in two regions, and files of every sort led by some of them."""
    draw = random.Random(7)
    users = [_person(session, draw, version.call, number) for number in range(60)]
    files = [_file(session, draw, version, draw.choice(users[:10]), number) for number in range(30)]
    for application in files:
        for user in draw.sample(users, k=6):
            _invite(session, draw, application, user)
    session.expire_all()
    return users, files


def _person(session: Session, draw: random.Random, call: Call, number: int) -> User:
    user = make_user(session, f"personne{number}")
    for role in draw.sample(list(RoleName), draw.randint(0, 2)):
        region = draw.choice(["IDF", "IDF", "GE"])
        local = role is RoleName.DD and draw.random() < 0.8
        department = draw.choice(["77", "93", "95"] if region == "IDF" else ["55", "88"]) if local else None
        session.add(
            RegionalRole(user_id=user.id, region_code=region, role=role, department_code=department, granted_at=DRAFTED)
        )
    if draw.random() < 0.1:
        session.add(
            CallTeamMember(call_id=call.id, user_id=user.id, role=draw.choice(list(CallRole)), added_at=DRAFTED)
        )
    session.flush()
    return user


def _invite(session: Session, draw: random.Random, application: Application, user: User) -> None:
    role = draw.choice(list(ParticipantRole))
    whole = role is ParticipantRole.SIGNATORY or draw.random() < 0.5
    ended = DRAFTED if draw.random() < 0.2 else None
    session.add(
        Participant(
            application_id=application.id,
            user_id=user.id,
            role=role,
            whole_file=whole,
            sections=[] if whole else ["S1"],
            added_at=DRAFTED,
            ended_at=ended,
            ended_by_id=user.id if ended else None,
        )
    )
    session.flush()


def _file(session: Session, draw: random.Random, version: CallVersion, lead: User, number: int) -> Application:
    state = draw.choice(STATES)
    deposited = state is not ApplicationState.DRAFT and not (state is ApplicationState.WITHDRAWN and number % 2)
    application = Application(
        call_version_id=version.id,
        region_code=draw.choice(["IDF", "IDF", "GE"]),
        sheet=create_sheet(),
        lead_id=lead.id,
        state=state,
        department_code=draw.choice([None, "77", "95"]),
        created_at=DRAFTED,
        reference=f"REF-{number:04d}" if deposited else None,
        submitted_at=DEPOSITED + timedelta(seconds=number) if deposited else None,
    )
    application.sites = [Site(key="S01", name="Site", department_code=draw.choice(["93", "77", "55"]), position=0)]
    session.add(application)
    session.flush()
    pieces = [_piece(session, application, lead, confidential=draw.random() < 0.5) for _ in range(4)]
    for position in (1, 2) if deposited else ():  # the fourth piece was never handed in
        session.add(
            Submission(
                application_id=application.id,
                number=position,
                at=DEPOSITED,
                by_id=lead.id,
                idempotency_key=str(position),
                snapshot={},
                seal="0" * 64,
                pieces=pieces[position - 1 : position + 1],
            )
        )
    session.flush()
    return application


def _piece(session: Session, application: Application, lead: User, *, confidential: bool) -> Piece:
    file = StoredFile(
        region_code="IDF",
        name="a.pdf",
        media_type="application/pdf",
        size=1,
        sha256="0" * 64,
        storage_key=uuid.uuid4().hex,
        confidential=confidential,
        uploaded_at=DRAFTED,
    )
    session.add(file)
    session.flush()
    named = {"application_id": application.id, "annex_key": "A01", "file_id": file.id}
    piece = Piece(**named, added_at=DRAFTED, added_by_id=lead.id)
    session.add(piece)
    session.flush()
    return piece


def test_reading_and_its_sql_twin_agree(session: Session, crowd: tuple[list[User], list[Application]]) -> None:
    users, files = crowd
    readers = 0
    for user in [*users, None]:
        listed = set(session.scalars(select(Application.id).where(policies.visible_applications(user))))
        told = {file.id for file in files if policies.read_application(user, file)}
        assert listed == told, user and user.email
        readers += bool(told)
    assert readers > 10


@pytest.mark.parametrize(("model", "verb"), [(Piece, "piece.read"), (Submission, "submission.read")])
def test_pieces_and_deposits_follow_their_twins(
    session: Session, crowd: tuple[list[User], list[Application]], model: type, verb: str
) -> None:
    users, _ = crowd
    things: list[Any] = list(session.scalars(select(model)))
    for user in [*users, None]:
        condition = deposits.VISIBLE[model](user)
        listed = set(session.scalars(select(model.id).where(condition)))  # type: ignore[attr-defined]  # both models
        told = {thing.id for thing in things if deposits.VERBS[verb](user, thing)}
        assert listed == told, user and user.email


def test_a_draft_is_its_leads_alone(draft: Application, people: People) -> None:
    read = policies.VERBS["application.read"]
    everyone = (people.lead, people.officer, people.administrator, people.dd, people.reader, people.stranger, None)
    assert [read(person, draft) for person in everyone] == [True, False, False, False, False, False, False]


def test_another_region_sees_nothing(session: Session, draft: Application) -> None:
    draft.reference, draft.submitted_at, draft.state = "R-1", DEPOSITED, ApplicationState.SUBMITTED
    elsewhere = make_user(session, "ailleurs")
    session.add(RegionalRole(user_id=elsewhere.id, region_code="GE", role=RoleName.ADMINISTRATOR, granted_at=DRAFTED))
    session.flush()
    assert not any(policies.VERBS[verb](elsewhere, draft) for verb in policies.VERBS if verb in READING)


READING = ("application.read", "application.check", "application.read_instruction", "application.withdraw")


def test_only_officers_of_the_call_act_on_it(draft: Application, people: People) -> None:
    draft.reference, draft.submitted_at, draft.state = "R-1", DEPOSITED, ApplicationState.SUBMITTED
    check = policies.VERBS["application.check"]
    assert check(people.officer, draft)
    assert check(people.administrator, draft)
    assert not check(people.reader, draft)
    assert not check(people.lead, draft)
    assert not policies.VERBS["application.read_instruction"](people.lead, draft)


def test_the_lead_no_longer_edits_what_is_deposited(draft: Application, people: People) -> None:
    edit = policies.VERBS["application.edit"]
    assert edit(people.lead, draft)
    draft.reference, draft.submitted_at, draft.state = "R-1", DEPOSITED, ApplicationState.SUBMITTED
    assert not edit(people.lead, draft)
