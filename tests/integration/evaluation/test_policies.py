"""``may`` and its SQL twin agree, person by person and row by row."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.accounts.models import RoleName, User
from aap.awards.models import Project
from aap.calls.models import CallRole, CallTeamMember, JuryCollege
from aap.evaluation.models import EvaluationPlan, Indicator, Milestone, Report
from aap.evaluation.service import create_plan
from aap.jury.models import JuryMember, Recusal
from aap.policies.evaluation import VERBS, VISIBLE
from tests.integration.evaluation.story import Story, at, make_application, make_project, make_user

MODELS: tuple[Any, ...] = (EvaluationPlan, Report, Milestone, Indicator)


@pytest.fixture
def people(session: Session, story: Story) -> dict[str, User | None]:
    call = story.project.call_version.call
    instructor = make_user(session, "equipe")
    session.add(
        CallTeamMember(call_id=call.id, user_id=instructor.id, role=CallRole.INSTRUCTOR, added_at=at("2024-01-01"))
    )
    session.flush()
    found: dict[str, User | None] = {role.value: make_user(session, f"role-{role.value}", role) for role in RoleName}
    found |= {
        f"{role.value} elsewhere": make_user(session, f"hdf-{role.value}", role, region="HDF") for role in RoleName
    }
    return found | {
        "nobody": None,
        "lead": story.lead,
        "officer": story.officer,
        "team": instructor,
        "dd 77": story.dd,
        "dd 95": make_user(session, "dd95", RoleName.DD, department="95"),
        "stranger": story.stranger,
    }


def test_reading_agrees_with_what_lists_show(session: Session, story: Story, people: dict[str, User | None]) -> None:
    version = story.project.call_version
    other_lead = make_user(session, "autre-porteur")
    for number, department in ((18, "95"), (19, None)):
        application = make_application(session, version, other_lead, number, department)
        make_project(session, version, application, number)
    for project in session.scalars(select(Project)):
        create_plan(project, actor=story.officer, now=at("2024-04-02"))
    for name, person in people.items():
        for model in MODELS:
            every = session.scalars(select(model)).all()
            shown = set(session.scalars(select(model.id).where(VISIBLE[model](person))))
            allowed = {row.id for row in every if VERBS["evaluation.read"](person, row)}
            assert shown == allowed, (name, model.__name__)


READERS = {"lead", "officer", "team", "dd 77", "dd", "administrator", "director", "finance", "editor", "reader"}


def test_who_reads_the_evaluation_of_a_project(story: Story, people: dict[str, User | None]) -> None:
    readers = {name for name, person in people.items() if VERBS["evaluation.read"](person, story.project)}
    assert readers == READERS


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("evaluation.measure", {"lead"}),
        ("evaluation.edit_plan", {"lead", "officer", "administrator"}),
        ("evaluation.validate_plan", {"officer", "administrator"}),
        ("evaluation.conclude", {"officer", "administrator"}),
        ("evaluation.decide", {"officer", "administrator", "director"}),
    ],
)
def test_who_acts_on_the_evaluation(
    story: Story, people: dict[str, User | None], verb: str, expected: set[str]
) -> None:
    assert {name for name, person in people.items() if VERBS[verb](person, story.project)} == expected


def test_who_validates_reports(story: Story, people: dict[str, User | None]) -> None:
    create_plan(story.project, actor=story.officer, now=at("2024-04-02"))

    def validators(key: str) -> set[str]:
        return {name for name, person in people.items() if VERBS["report.validate"](person, story.report(key))}

    assert validators("R-M12") == {"officer", "administrator"}
    assert validators("R-M18") == {"officer", "administrator", "dd", "dd 77"}


def test_whoever_stood_back_from_the_file_is_nothing_to_its_project(
    session: Session, story: Story, people: dict[str, User | None]
) -> None:
    recused = make_user(session, "directeur-deporte", RoleName.DIRECTOR)
    call = story.project.call_version.call
    of_version = JuryCollege.version_id == story.project.call_version_id
    college = session.scalars(select(JuryCollege).where(of_version).limit(1)).one()
    member = JuryMember(
        call_id=call.id, user_id=recused.id, college_id=college.id, voting=True, code="J9", added_at=at("2023-12-01")
    )
    session.add(member)
    session.flush()
    create_plan(story.project, actor=story.officer, now=at("2024-04-02"))
    assert VERBS["evaluation.read"](recused, story.project)

    session.add(
        Recusal(
            jury_member_id=member.id,
            application_id=story.project.application_id,
            reason="Ancien employeur.",
            by_id=recused.id,
            at=at("2023-12-02"),
        )
    )
    session.flush()
    assert not VERBS["evaluation.read"](recused, story.project)
    for model in MODELS:
        assert not session.scalars(select(model.id).where(VISIBLE[model](recused))).all(), model.__name__
    assert VERBS["evaluation.read"](people["director"], story.project)
