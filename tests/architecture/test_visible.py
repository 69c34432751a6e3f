"""``visible(actor, Model)`` selects the rows that ``may(actor, "….read", row)`` allows: the same ones, row by row."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.accounts.models import Organisation, RegionalRole, RoleName, User
from aap.applications.asked_form import form_of
from aap.applications.models import Application, MessageFile, Participant, ParticipantRole, Piece, Submission
from aap.awards.models import Decision, Instalment, JuryOpinion, Project, Scenario
from aap.calls.models import Call, CallRole, CallTeamMember
from aap.capitalisation.models import Sheet, SheetPublication
from aap.db import db
from aap.evaluation.models import EvaluationPlan, Indicator, Milestone, Report
from aap.jury.models import (
    Assignment,
    JuryInvitation,
    JuryMember,
    JurySession,
    RankingSnapshot,
    Recusal,
    Review,
    SessionItem,
)
from aap.outbox import Promise
from aap.policies import VISIBLE, may, visible
from tests.architecture.world import ROLES, World
from tests.living import NOW, Living

VERBS: dict[type, str] = {
    Application: "application.read",
    Assignment: "assignment.read",
    Call: "call.read",
    Decision: "decision.read",
    EvaluationPlan: "evaluation.read",
    Indicator: "evaluation.read",
    Instalment: "instalment.read",
    JuryInvitation: "jury_invitation.read",
    JuryMember: "jury_member.read",
    JuryOpinion: "opinion_of_jury.read",
    MessageFile: "message_file.read",
    Milestone: "evaluation.read",
    JurySession: "session.read",
    Organisation: "organisation.read",
    Participant: "participant.read",
    Piece: "piece.read",
    Project: "project.read",
    Promise: "promise.read",
    RankingSnapshot: "snapshot.read",
    Report: "report.read",
    Review: "review.read",
    Scenario: "scenario.read",
    SessionItem: "session_item.read",
    Sheet: "sheet.read",
    SheetPublication: "publication.read",
    Submission: "submission.read",
    User: "user.read",
}
OF_FILE = (
    Application,
    Decision,
    EvaluationPlan,
    Indicator,
    Instalment,
    JuryOpinion,
    Milestone,
    Piece,
    Project,
    Report,
    Submission,
)
MOST = 60  # rows of a large table compared one by one, drawn at random; the counts say nothing of the others
DEPARTMENTS = ("75", "77", "93", None)


@pytest.fixture
def session(world: World) -> Iterator[Session]:
    """A session on the demonstration, in a context of the application."""
    with world.app.app_context():
        yield db.session()


def test_every_model_that_lists_filter_is_compared() -> None:
    assert set(VERBS) == set(VISIBLE)


@pytest.mark.parametrize("role", ROLES)
def test_they_agree_on_the_demonstration(session: Session, world: World, role: str) -> None:
    actor = world.actor(world.who(role))
    faults = [fault for model in VERBS for fault in compare(session, actor, model, random.Random(role))]
    assert not faults, "\n".join(faults[:40])


@pytest.mark.parametrize("seed", range(6))
def test_they_agree_on_people_with_several_hats(session: Session, seed: int) -> None:
    """Draw people who are juror here, officer there, lead elsewhere, correspondent of a department, recused…"""
    rng = random.Random(seed)
    for number in range(4):
        person = make_person(session, rng, f"{seed}-{number}")
        faults = [fault for model in VERBS for fault in compare(session, person, model, rng, most=25)]
        hats = [(held.region_code, held.role.value, held.department_code) for held in person.regional_roles]
        assert not faults, f"{hats}\n" + "\n".join(faults[:40])


def compare(session: Session, actor: User | None, model: Any, rng: random.Random, *, most: int = MOST) -> Iterator[str]:
    selected: set[uuid.UUID] = set(session.scalars(select(model.id).where(visible(actor, model))))
    everything = sorted(session.scalars(select(model.id)))
    kept = everything if len(everything) <= most else rng.sample(everything, most)
    for row in session.scalars(select(model).where(model.id.in_(kept))):
        allowed = may(actor, VERBS[model], row)
        if allowed is not (row.id in selected):
            yield f"{model.__name__} {row.id}: {VERBS[model]} says {allowed}, the list shows it: {row.id in selected}"


def make_person(session: Session, rng: random.Random, name: str) -> User:
    """Make somebody who wears one to six hats."""
    person = User(email=f"hats.{name}@demo.invalid", fs_uniquifier=uuid.uuid4().hex, created_at=NOW, given_name="Alix")
    session.add(person)
    session.flush()
    hats = rng.sample((_regional, _regional, _team, _seat, _lead, _invited), k=rng.randint(1, 6))
    for hat in hats:
        hat(session, rng, person)
        session.flush()
    session.expire_all()
    return person


def _regional(session: Session, rng: random.Random, person: User) -> None:
    role = rng.choice(list(RoleName))
    department = rng.choice(DEPARTMENTS) if role is RoleName.DD else None
    region = rng.choice(("IDF", "IDF", "HDF"))
    session.add(
        RegionalRole(
            user_id=person.id,
            region_code=region,
            role=role,
            department_code=department if region == "IDF" else None,
            granted_at=NOW,
        )
    )


def _team(session: Session, rng: random.Random, person: User) -> None:
    call = rng.choice(session.scalars(select(Call).order_by(Call.ref)).all())
    session.add(CallTeamMember(call_id=call.id, user_id=person.id, role=rng.choice(list(CallRole)), added_at=NOW))


def _seat(session: Session, rng: random.Random, person: User) -> None:
    """Take over the seat of a juror, with what it has declared, received and marked; perhaps stand back from files."""
    seat = rng.choice(session.scalars(select(JuryMember).order_by(JuryMember.call_id, JuryMember.code)).all())
    seat.user_id = person.id
    files = session.scalars(
        select(Application)
        .where(Application.call_version.has(call_id=seat.call_id), Application.submitted_at.is_not(None))
        .order_by(Application.id)
    ).all()
    known = set(session.scalars(select(Recusal.application_id).where(Recusal.jury_member_id == seat.id)))
    for application in rng.sample(files, k=min(len(files), rng.randint(0, 4))):
        if application.id not in known:
            named = {"jury_member_id": seat.id, "application_id": application.id, "by_id": person.id}
            session.add(Recusal(**named, reason="Lien d'intérêts.", at=NOW))


def _lead(session: Session, rng: random.Random, person: User) -> None:
    for application in rng.sample(session.scalars(select(Application).order_by(Application.id)).all(), k=3):
        application.lead_id = person.id


def _invited(session: Session, rng: random.Random, person: User) -> None:
    """Take part in four files: the whole or some sections, still or no longer."""
    for application in rng.sample(session.scalars(select(Application).order_by(Application.id)).all(), k=4):
        role = rng.choice(list(ParticipantRole))
        sections = [section.id for section in form_of(application.call_version).sections]
        whole = role is ParticipantRole.SIGNATORY or rng.random() < 0.5
        ended = NOW if rng.random() < 0.25 else None
        session.add(
            Participant(
                application_id=application.id,
                user_id=person.id,
                role=role,
                whole_file=whole,
                sections=[] if whole else rng.sample(sections, k=2),
                added_at=NOW,
                ended_at=ended,
                ended_by_id=person.id if ended else None,
            )
        )


def test_the_recused_read_nothing_of_the_file_in_any_capacity(session: Session) -> None:
    """Whoever stood back from a file and directs, instructs and pays in the region does so for the other files."""
    file = session.scalars(select(Application).join(Project, Project.application_id == Application.id)).first()
    assert file is not None
    person = User(email="all.hats@demo.invalid", fs_uniquifier=uuid.uuid4().hex, created_at=NOW)
    session.add(person)
    session.flush()
    for role in RoleName:
        session.add(RegionalRole(user_id=person.id, region_code=file.region_code, role=role, granted_at=NOW))
    call = file.call_version.call
    session.add(CallTeamMember(call_id=call.id, user_id=person.id, role=CallRole.OFFICER, added_at=NOW))
    seat = session.scalars(select(JuryMember).where(JuryMember.call_id == call.id)).first()
    assert seat is not None
    seat.user_id = person.id
    session.flush()
    assert all(list(rows_of(session, person, model, file)) for model in OF_FILE), "nothing to hide"
    stood_back = Recusal(jury_member_id=seat.id, application_id=file.id, reason="Lien.", at=NOW, by_id=person.id)
    session.add(stood_back)
    session.flush()
    left = [model.__name__ for model in OF_FILE if list(rows_of(session, person, model, file))]
    assert not left


def rows_of(session: Session, person: User, model: Any, file: Application) -> Iterator[Any]:
    """Yield the rows of a file or of its project that a person is shown."""
    if model is Application:
        condition = model.id == file.id
    elif hasattr(model, "application_id"):
        condition = model.application_id == file.id
    else:
        condition = model.project_id.in_(select(Project.id).where(Project.application_id == file.id))
    yield from session.scalars(select(model).where(visible(person, model), condition))


def test_nobody_sees_what_is_not_published(living: Living) -> None:
    with living.app.app_context():
        for model in VERBS.keys() - {Call, SheetPublication}:
            assert not db.session.scalars(select(model).where(visible(None, model))).all(), model
