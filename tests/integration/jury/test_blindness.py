"""What each person sees of files, marks and awards: the rule on one thing and its SQL twin must agree."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.accounts.models import Membership, MembershipRole, Organisation, User
from aap.applications.models import Application, ApplicationState
from aap.awards.models import Decision, Instalment, JuryOpinion, Project
from aap.awards.service import notify
from aap.calls.models import Call, CallVersion
from aap.errors import ConflictError, ForbiddenError, InvalidError
from aap.jury.models import Assignment, ConflictKind, JuryMember, Review
from aap.jury.queries import (
    list_conflicts,
    list_members,
    list_my_files,
    list_my_juries,
    list_progress,
    list_ranking,
    list_recusals,
)
from aap.jury.service import (
    LinkInput,
    add_member,
    assign,
    close_scoring,
    dismiss_conflict,
    end_membership,
    recuse,
    sign_declaration,
    submit_review,
)
from aap.policies import awards as award_policies
from aap.policies import jury as jury_policies
from aap.policies.marks import minuted, others_marks
from tests.integration.awards.path import contracted, decided
from tests.integration.jury.scene import (
    MARKING,
    NAMED,
    NOTIFICATION,
    PUBLISHED,
    SCORING_END,
    People,
    even,
    fill,
    make_file,
    make_user,
    mark,
    seat,
)

pytestmark = pytest.mark.sqlite

PAIRS: list[tuple[type[Any], str]] = [
    (Application, "application.read"),
    (JuryMember, "jury_member.read"),
    (Assignment, "assignment.read"),
    (Review, "review.read"),
    (Decision, "decision.read"),
    (JuryOpinion, "opinion_of_jury.read"),
    (Project, "project.read"),
    (Instalment, "instalment.read"),
]
VERBS = {**jury_policies.VERBS, **award_policies.VERBS}
VISIBLE = {**jury_policies.VISIBLE, **award_policies.VISIBLE}


def seen(session: Session, actor: User | None, model: type[Any]) -> set[Any]:
    return set(session.scalars(select(model).where(VISIBLE[model](actor))))


def disagreements(session: Session, people: list[User | None]) -> list[tuple[str | None, str]]:
    found = []
    for actor in people:
        for model, verb in PAIRS:
            allowed = {thing for thing in session.scalars(select(model)) if VERBS[verb](actor, thing)}
            if allowed != seen(session, actor, model):
                found.append((actor.email if actor else None, verb))
    return found


def test_rules_and_their_sql_twins_agree_at_every_stage(
    session: Session, call: Call, version: CallVersion, case: Application, people: People
) -> None:
    other = make_file(session, version, people.stranger, 40, department_code="95")
    draft = make_file(
        session, version, people.lead, 41, state=ApplicationState.DRAFT, reference=None, submitted_at=None
    )
    members = [seat(session, call, f"J{n}", 0, people.officer) for n in range(1, 4)]
    unsigned = seat(session, call, "J4", 0, people.officer, signed=False)
    late = seat(session, call, "J5", 0, people.officer)
    officer_on_jury = add_member(call, people.reader, version.colleges[0], actor=people.officer, now=NAMED)
    recuse(officer_on_jury, case, reason="Lien", actor=people.reader, now=NAMED)
    mark(members[0], case, even(4), people.officer)
    mark(members[1], other, even(4), people.officer)
    assign(members[2], case, actor=people.officer, now=NAMED)
    fill(members[2], case, even(3))
    recuse(members[2], case, reason="Lien", actor=members[2].user, now=MARKING)
    everybody: list[User | None] = [
        None,
        people.lead,
        people.officer,
        people.administrator,
        people.director,
        people.finance,
        people.reader,
        people.dd,
        people.stranger,
        unsigned.user,
        late.user,
        *(member.user for member in members),
    ]
    assert draft not in seen(session, members[0].user, Application)

    assert disagreements(session, everybody) == []
    close_scoring(call, now=SCORING_END)
    assign(late, other, actor=people.officer, now=SCORING_END, open_until=NAMED.replace(year=2025))
    assert disagreements(session, everybody) == []
    contracted(case, people)
    assert disagreements(session, everybody) == []


def test_a_file_opens_with_the_declaration_and_closes_with_the_recusal(
    session: Session, call: Call, case: Application, people: People
) -> None:
    member = seat(session, call, "J1", 0, people.officer, signed=False)
    assign(member, case, actor=people.officer, now=NAMED)
    assert seen(session, member.user, Application) == set()
    assert list_my_files(member) == ()

    sign_declaration(member, has_interests=False, text="", dpi_up_to_date=True, actor=member.user, now=NAMED)
    assert seen(session, member.user, Application) == {case}
    assert len(list_my_files(member)) == 1

    recuse(member, case, reason="Lien familial", actor=member.user, now=MARKING)
    assert seen(session, member.user, Application) == set()
    assert seen(session, member.user, Assignment) == set()
    assert list_my_files(member) == ()
    assert session.scalars(select(Assignment)).all() == []


def test_the_access_of_the_jury_ends_with_the_notification(
    session: Session, call: Call, case: Application, people: People
) -> None:
    member = seat(session, call, "J1", 0, people.officer)
    assign(member, case, actor=people.officer, now=NAMED)
    decided(case, people)
    assert case in seen(session, member.user, Application)
    assert len(list_my_files(member)) == 1

    notify(case, actor=people.officer, now=NOTIFICATION)

    assert case not in seen(session, member.user, Application)
    assert list_my_files(member) == ()
    assert case in seen(session, people.officer, Application)
    assert case in session.scalars(select(Application).where(minuted(member.user)))


def test_a_recused_agent_of_the_agency_reads_nothing_either(
    session: Session, call: Call, version: CallVersion, case: Application, people: People
) -> None:
    member = add_member(call, people.reader, version.colleges[0], actor=people.officer, now=NAMED)
    assert case in seen(session, people.reader, Application)

    recuse(member, case, reason="Ancien employeur", actor=people.reader, now=NAMED)

    assert case not in seen(session, people.reader, Application)


def test_marks_of_others_open_to_all_together_at_the_closure(
    session: Session, call: Call, case: Application, people: People
) -> None:
    first, second, absent = (seat(session, call, f"J{n}", 0, people.officer) for n in range(1, 4))
    review = mark(first, case, even(4), people.officer)
    recuse(absent, case, reason="Lien", actor=absent.user, now=NAMED)
    readers = (second.user, absent.user, people.officer, people.director, people.lead, people.stranger)
    assert seen(session, first.user, Review) == {review}
    assert [seen(session, reader, Review) for reader in readers] == [set()] * 6
    assert not jury_policies.VERBS["application.read_marks"](people.officer, case)

    close_scoring(call, now=SCORING_END)

    opened = [bool(seen(session, reader, Review)) for reader in readers]
    assert opened == [True, False, True, True, False, False]
    assert jury_policies.VERBS["application.read_marks"](second.user, case)
    assert not jury_policies.VERBS["application.read_marks"](absent.user, case)


def test_an_additional_reviewer_stays_blind_until_the_review_is_submitted(
    session: Session, call: Call, case: Application, people: People
) -> None:
    mark(seat(session, call, "J1", 0, people.officer), case, even(4), people.officer)
    close_scoring(call, now=SCORING_END)
    added = seat(session, call, "J2", 0, people.officer)
    until = SCORING_END.replace(month=2)
    assign(added, case, actor=people.officer, now=SCORING_END, open_until=until)
    assert not jury_policies.VERBS["application.read_marks"](added.user, case)

    review = fill(added, case, even(3), now=SCORING_END)
    assert not jury_policies.VERBS["application.read_marks"](added.user, case)

    submit_review(review, actor=added.user, now=SCORING_END)
    assert jury_policies.VERBS["application.read_marks"](added.user, case)


def test_the_ranking_of_a_recused_member_has_no_hole(
    session: Session, call: Call, version: CallVersion, case: Application, people: People
) -> None:
    members = [seat(session, call, f"J{n}", 0, people.officer) for n in range(1, 5)]
    worse = make_file(session, version, people.lead, 40)
    for member in members[:3]:
        mark(member, case, even(5), people.officer)
        mark(member, worse, even(3), people.officer)
    recuse(members[3], case, reason="Lien", actor=members[3].user, now=MARKING)
    close_scoring(call, now=SCORING_END)

    full = list_ranking(call.id, seen=others_marks(members[0].user))
    partial = list_ranking(call.id, seen=others_marks(members[3].user))

    assert [(row.application_id, row.rank_overall) for row in full] == [(case.id, 1), (worse.id, 2)]
    assert [(row.application_id, row.rank_overall) for row in partial] == [(worse.id, 1)]


def test_nothing_is_ranked_for_the_jury_before_the_closure(
    session: Session, call: Call, case: Application, people: People
) -> None:
    member = seat(session, call, "J1", 0, people.officer)
    mark(member, case, even(4), people.officer)
    assert list_ranking(call.id, seen=others_marks(member.user)) == ()
    assert list_ranking(call.id, seen=others_marks(people.officer)) == ()


def test_progress_tells_no_mark_and_members_their_load(
    session: Session, call: Call, case: Application, people: People
) -> None:
    first = seat(session, call, "J1", 0, people.officer)
    second = seat(session, call, "J2", 2, people.officer)
    mark(first, case, even(4), people.officer)
    assign(second, case, actor=people.officer, now=NAMED)
    recuse(second, case, reason="Lien avec un partenaire", actor=second.user, now=MARKING)

    (row,), total = list_progress(call.id)
    assert (total, row.assigned, row.submitted, row.recused) == (1, 1, 1, 1)
    assert [(m.code, m.assigned, m.submitted, m.recusals) for m in list_members(call.id)] == [
        ("J1", 1, 1, 0),
        ("J2", 0, 0, 1),
    ]
    assert [(r.code, r.reason) for r in list_recusals(call.id)] == [("J2", "Lien avec un partenaire")]
    assert list_recusals(call.id, reader_id=second.user_id) == ()
    (mine,) = list_my_juries(first.user)
    assert (mine.call_ref, mine.assigned, mine.submitted, mine.scoring_ends_at) == (call.ref, 1, 1, SCORING_END)


def test_a_link_with_a_partner_is_proposed_then_confirmed(
    session: Session, call: Call, case: Application, people: People
) -> None:
    seat(session, call, "J1", 0, people.officer)
    member = seat(
        session,
        call,
        "J2",
        2,
        people.officer,
        links=(LinkInput("Centre hospitalier de l'Est 77 (fictif)", nature="Praticien"),),
    )
    # everybody of the scene writes from one domain, the lead too
    found = [row for row in list_conflicts(call.id) if row.kind is not ConflictKind.MAIL_DOMAIN]
    assert [(row.code, row.kind) for row in found] == [("J2", ConflictKind.PARTNER)]

    recuse(member, case, reason="Lien confirmé", actor=people.officer, now=NAMED, kind=ConflictKind.PARTNER)
    assert [row.code for row in list_conflicts(call.id)] == ["J1"]


def test_a_link_set_aside_is_no_longer_proposed(
    session: Session, call: Call, case: Application, people: People
) -> None:
    member = seat(session, call, "J1", 0, people.officer)
    assert [row.kind for row in list_conflicts(call.id)] == [ConflictKind.MAIL_DOMAIN]
    with pytest.raises(InvalidError):
        dismiss_conflict(member, case, ConflictKind.MAIL_DOMAIN, reason=" ", actor=people.officer, now=NAMED)
    dismiss_conflict(
        member, case, ConflictKind.MAIL_DOMAIN, reason="Messagerie commune", actor=people.officer, now=NAMED
    )
    assert list_conflicts(call.id) == ()


def test_a_member_of_the_applicants_structure_is_found(
    session: Session, call: Call, case: Application, people: People
) -> None:
    member = seat(session, call, "J1", 0, people.officer)
    structure = Organisation(
        region_code="IDF", name="Autre site", kind="ehpad", siret=f"{(case.siret or '')[:9]}99999", created_at=PUBLISHED
    )
    session.add(structure)
    session.flush()
    session.add(
        Membership(
            user_id=member.user_id, organisation_id=structure.id, role=MembershipRole.MEMBER, created_at=PUBLISHED
        )
    )
    session.flush()
    assert ConflictKind.SIREN in {row.kind for row in list_conflicts(call.id)}


def test_a_declaration_is_signed_once_in_person_and_described(
    session: Session, call: Call, version: CallVersion, people: People
) -> None:
    user = make_user(session, "jure")
    member = add_member(call, user, version.colleges[0], actor=people.officer, now=NAMED)
    with pytest.raises(ForbiddenError):
        sign_declaration(member, has_interests=False, text="", dpi_up_to_date=True, actor=people.officer, now=NAMED)
    with pytest.raises(InvalidError):
        sign_declaration(member, has_interests=True, text=" ", dpi_up_to_date=True, actor=user, now=NAMED)
    sign_declaration(member, has_interests=False, text="", dpi_up_to_date=True, actor=user, now=NAMED)
    assert member.declaration is not None
    assert member.declaration.signed_at == NAMED
    with pytest.raises(ConflictError):
        sign_declaration(member, has_interests=False, text="", dpi_up_to_date=True, actor=user, now=NAMED)


def test_a_person_sits_once_and_codes_are_never_given_again(
    session: Session, call: Call, version: CallVersion, people: People
) -> None:
    first = seat(session, call, "a", 0, people.officer)
    with pytest.raises(ConflictError):
        add_member(call, first.user, version.colleges[1], actor=people.officer, now=NAMED)
    end_membership(first, reason="Démission", actor=people.officer, now=NAMED)
    assert seat(session, call, "b", 0, people.officer).code == "J2"
    assert list_my_juries(first.user) == ()


def test_the_lead_of_a_file_is_not_asked_to_mark_it(
    call: Call, version: CallVersion, case: Application, people: People
) -> None:
    member = add_member(call, people.lead, version.colleges[0], actor=people.officer, now=NAMED)
    with pytest.raises(ConflictError):
        assign(member, case, actor=people.officer, now=NAMED)
