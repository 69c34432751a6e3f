from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from aap import french
from aap.applications.models import Application, ApplicationState
from aap.calls.models import Call, CallVersion
from aap.errors import ConflictError, ForbiddenError, InvalidError, StaleError
from aap.jury.models import FrozenRubric, Mark, MarkRevision, ReviewState
from aap.jury.queries import get_own_marks, get_review_sheet, get_summary, list_my_files, list_ranking
from aap.jury.service import (
    MarkInput,
    assign,
    close_due_scoring,
    close_scoring,
    commit_draw,
    recuse,
    reopen_review,
    reveal_draw,
    save_review,
    start_review,
    submit_review,
)
from aap.scoring import draw
from aap.scoring.aggregation import Status
from aap.workflow import list_events
from tests.integration.jury.scene import (
    MARKING,
    NAMED,
    NOTES,
    SCORING_END,
    SCORING_START,
    SESSION,
    People,
    even,
    fill,
    make_file,
    mark,
    seat,
)

pytestmark = pytest.mark.sqlite


def test_the_example_gives_its_totals_mean_and_gap(
    session: Session, call: Call, case: Application, people: People
) -> None:
    for name, college in (("J1", 0), ("J2", 2), ("J3", 3)):
        member = seat(session, call, name, college, people.officer)
        assert member.code == name
        mark(member, case, NOTES[name], people.officer)
    recused = seat(session, call, "J4", 2, people.officer)
    recuse(recused, case, reason="Lien déclaré avec un partenaire hospitalier", actor=recused.user, now=NAMED)

    summary = get_summary(case.id)

    totals = {"J1": Fraction(80), "J2": Fraction(74), "J3": Fraction(76)}
    assert {row.code: row.total for row in summary.reviews} == totals
    assert summary.mean == Fraction(230, 3)
    assert french.mark(summary.mean) == "76,67"
    assert (summary.minimum, summary.maximum, summary.divergence) == (Fraction(74), Fraction(80), Fraction(6))
    assert not summary.divergence_over
    assert summary.floors_ok
    assert summary.status is Status.RANKED
    assert (summary.counted, summary.expected) == (3, 3)


def test_two_reviews_of_three_are_incomplete_and_unranked(
    session: Session, call: Call, case: Application, people: People
) -> None:
    for name, college in (("J1", 0), ("J2", 2)):
        mark(seat(session, call, name, college, people.officer), case, NOTES[name], people.officer)

    (row,) = list_ranking(call.id)

    assert row.status is Status.INCOMPLETE
    assert row.rank_overall is None


def test_a_draft_never_counts(session: Session, call: Call, case: Application, people: People) -> None:
    member = seat(session, call, "J1", 0, people.officer)
    assign(member, case, actor=people.officer, now=NAMED)
    fill(member, case, NOTES["J1"])

    assert get_summary(case.id).counted == 0


def test_a_recused_review_stops_counting_and_disappears(
    session: Session, call: Call, case: Application, people: People
) -> None:
    members = [seat(session, call, f"J{n}", 0 if n < 3 else 2, people.officer) for n in range(1, 5)]
    for member in members:
        mark(member, case, even(4), people.officer)
    assert get_summary(case.id).counted == 4

    recuse(members[3], case, reason="Lien découvert en séance", actor=members[3].user, now=SESSION)

    assert get_summary(case.id).counted == 3
    assert list_my_files(members[3]) == ()


def test_a_consultative_voice_is_shown_but_does_not_count(
    session: Session, call: Call, case: Application, people: People
) -> None:
    grades = seat(session, call, "J1", 4, people.officer)
    mark(grades, case, even(5), people.officer)

    summary = get_summary(case.id)

    assert [row.counts for row in summary.reviews] == [False]
    assert summary.mean is None


def test_a_missing_mark_forbids_submitting(session: Session, call: Call, case: Application, people: People) -> None:
    member = seat(session, call, "J1", 0, people.officer)
    assign(member, case, actor=people.officer, now=NAMED)
    review = fill(member, case, {key: value for key, value in NOTES["J1"].items() if key != "C4"})

    with pytest.raises(InvalidError) as refused:
        submit_review(review, actor=member.user, now=MARKING)

    assert [problem.place for problem in refused.value.problems] == ["C4"]
    assert review.state is ReviewState.DRAFT


def test_a_mark_below_two_is_justified(session: Session, call: Call, case: Application, people: People) -> None:
    member = seat(session, call, "J1", 0, people.officer)
    assign(member, case, actor=people.officer, now=NAMED)
    review = fill(member, case, {**NOTES["J1"], "C5": 1, "C6": 2})

    with pytest.raises(InvalidError) as refused:
        submit_review(review, actor=member.user, now=MARKING)
    assert [problem.place for problem in refused.value.problems] == ["C5.comment"]

    save_review(review, {"C5": MarkInput("1", comment="Attestation absente.")}, actor=member.user, now=MARKING)
    assert submit_review(review, actor=member.user, now=MARKING).state is ReviewState.SUBMITTED


@pytest.mark.parametrize("value", ["6", "-1", "3,5", "quatre"])
def test_a_mark_off_the_scale_is_refused_and_nothing_is_saved(
    session: Session, call: Call, case: Application, people: People, value: str
) -> None:
    member = seat(session, call, "J1", 0, people.officer)
    assign(member, case, actor=people.officer, now=NAMED)
    review = start_review(member, case, actor=member.user, now=MARKING)

    entries = {"C1": MarkInput("4"), "C2": MarkInput(value)}
    with pytest.raises(InvalidError) as refused:
        save_review(review, entries, actor=member.user, now=MARKING)

    assert [problem.place for problem in refused.value.problems] == ["C2"]
    assert session.scalars(select(Mark)).all() == []


def test_marks_are_given_between_the_hours_of_the_calendar(
    session: Session, call: Call, case: Application, people: People
) -> None:
    member = seat(session, call, "J1", 0, people.officer)
    assign(member, case, actor=people.officer, now=NAMED)
    second = timedelta(seconds=1)

    with pytest.raises(ConflictError) as early:
        start_review(member, case, actor=member.user, now=SCORING_START - second)
    assert early.value.code == "notation-non-ouverte"

    review = fill(member, case, NOTES["J1"], now=SCORING_START)
    save_review(review, {"C1": MarkInput("5")}, actor=member.user, now=SCORING_END)
    with pytest.raises(ConflictError) as late:
        submit_review(review, actor=member.user, now=SCORING_END + second)
    assert late.value.code == "notation-close"


def test_nobody_marks_without_declaration_assignment_or_after_recusal(
    session: Session, call: Call, case: Application, people: People
) -> None:
    unsigned = seat(session, call, "J1", 0, people.officer, signed=False)
    assign(unsigned, case, actor=people.officer, now=NAMED)
    with pytest.raises(ForbiddenError) as refused:
        start_review(unsigned, case, actor=unsigned.user, now=MARKING)
    assert refused.value.code == "declaration-manquante"

    unasked = seat(session, call, "J2", 0, people.officer)
    with pytest.raises(ForbiddenError) as refused:
        start_review(unasked, case, actor=unasked.user, now=MARKING)
    assert refused.value.code == "dossier-non-confie"

    gone = seat(session, call, "J3", 0, people.officer)
    assign(gone, case, actor=people.officer, now=NAMED)
    review = fill(gone, case, NOTES["J1"])
    recuse(gone, case, reason="Lien", actor=gone.user, now=MARKING)
    with pytest.raises(ForbiddenError) as refused:
        submit_review(review, actor=gone.user, now=MARKING)
    assert refused.value.code == "deporte"
    with pytest.raises(ForbiddenError):
        assign(gone, case, actor=people.officer, now=MARKING)


def test_nobody_marks_in_the_place_of_another(session: Session, call: Call, case: Application, people: People) -> None:
    member = seat(session, call, "J1", 0, people.officer)
    assign(member, case, actor=people.officer, now=NAMED)
    review = fill(member, case, NOTES["J1"])

    with pytest.raises(ForbiddenError):
        save_review(review, {"C1": MarkInput("0")}, actor=people.officer, now=MARKING)


def test_two_tabs_conflict_and_lose_neither_text(
    session: Session, call: Call, case: Application, people: People
) -> None:
    member = seat(session, call, "J1", 0, people.officer)
    assign(member, case, actor=people.officer, now=NAMED)
    review = start_review(member, case, actor=member.user, now=MARKING)
    seen = review.lock_version
    save_review(review, {"C1": MarkInput("3", comment="premier")}, actor=member.user, now=MARKING, seen_version=seen)

    with pytest.raises(StaleError) as refused:
        save_review(review, {"C1": MarkInput("5")}, actor=member.user, now=MARKING, seen_version=seen)

    assert refused.value.theirs == {"C1": MarkInput("3", comment="premier")}
    assert refused.value.yours == {"C1": MarkInput("5")}


def test_one_criterion_is_saved_at_a_time_and_can_be_cleared(
    session: Session, call: Call, case: Application, people: People
) -> None:
    member = seat(session, call, "J1", 0, people.officer)
    assign(member, case, actor=people.officer, now=NAMED)
    review = start_review(member, case, actor=member.user, now=MARKING)
    save_review(review, {"C1": MarkInput("3")}, actor=member.user, now=MARKING)
    save_review(review, {"C2": MarkInput("4")}, actor=member.user, now=MARKING, private_note="à relire")
    save_review(review, {"C1": MarkInput("", comment="à revoir")}, actor=member.user, now=MARKING)

    sheet = get_review_sheet(member, case)

    assert [(line.value, line.comment) for line in sheet.lines[:2]] == [(None, "à revoir"), (Decimal(4), "")]
    assert sheet.private_note == "à relire"
    assert sheet.total is None
    assert len(sheet.missing) == 7
    assert [(row.marked, row.review_state) for row in list_my_files(member)] == [(1, ReviewState.DRAFT)]


def test_every_mark_ever_saved_is_kept_with_the_reason_of_the_reopening(
    session: Session, call: Call, case: Application, people: People
) -> None:
    member = seat(session, call, "J1", 0, people.officer)
    review = mark(member, case, NOTES["J1"], people.officer)
    later = MARKING + timedelta(hours=1)
    reopen_review(review, reason="Erreur de saisie", actor=member.user, now=later)
    assert get_summary(case.id).counted == 0
    save_review(review, {"C1": MarkInput("3")}, actor=member.user, now=later)
    submit_review(review, actor=member.user, now=later + timedelta(minutes=1))

    first = review.marks[0].criterion_id
    kept = session.scalars(
        select(MarkRevision).where(MarkRevision.criterion_id == first).order_by(MarkRevision.number)
    ).all()
    assert [(row.value, row.reason) for row in kept] == [(Decimal(5), None), (Decimal(3), "Erreur de saisie")]
    assert [event.event for event in list_events(review)][-2:] == ["reopen", "submit"]


def test_the_first_submission_freezes_the_grid(
    session: Session, call: Call, version: CallVersion, case: Application, people: People
) -> None:
    first = seat(session, call, "J1", 0, people.officer)
    second = seat(session, call, "J2", 0, people.officer)
    review = mark(first, case, NOTES["J1"], people.officer)
    frozen = session.scalars(select(FrozenRubric)).one()
    assert frozen.fingerprint == review.rubric_fingerprint
    assert frozen.review_id == review.id

    version.criteria[0].weight = Decimal(30)
    session.flush()

    with pytest.raises(ConflictError) as refused:
        mark(second, case, NOTES["J2"], people.officer)
    assert refused.value.code == "grille-figee"


def test_the_closing_hour_scores_the_files_once(call: Call, case: Application) -> None:
    assert close_due_scoring(SCORING_END - timedelta(seconds=1)) == 0
    with pytest.raises(ConflictError):
        close_scoring(call, now=SCORING_END - timedelta(seconds=1))

    assert close_due_scoring(SCORING_END) == 1
    assert case.state is ApplicationState.SCORED
    assert [(event.event, event.actor_id) for event in list_events(case)] == [("score", None)]
    assert close_due_scoring(SCORING_END + timedelta(days=1)) == 0
    assert close_scoring(call, now=SESSION) == 0


def test_an_additional_reviewer_marks_after_the_closure(
    session: Session, call: Call, case: Application, people: People
) -> None:
    close_due_scoring(SCORING_END)
    member = seat(session, call, "J9", 0, people.officer)
    with pytest.raises(InvalidError):
        assign(member, case, actor=people.officer, now=SESSION)

    assign(member, case, actor=people.officer, now=SESSION, open_until=SESSION + timedelta(days=2))
    review = fill(member, case, NOTES["J1"], now=SESSION)
    assert submit_review(review, actor=member.user, now=SESSION).state is ReviewState.SUBMITTED
    assert get_summary(case.id).counted == 1


def rank(
    session: Session, call: Call, version: CallVersion, people: People, notes: dict[int, dict[str, int]], **facts: int
) -> dict[int, tuple[int | None, int | None]]:
    """Mark files with three identical reviews each; return overall and strand ranks by number."""
    members = [seat(session, call, f"J{n}", 0 if n < 3 else 2, people.officer) for n in range(3)]
    for number, given in notes.items():
        requested = Decimal(facts.get(f"requested_{number}", 100000))
        strand = "A" if number >= 10 else "B"
        file = make_file(session, version, people.lead, number, strand=strand, requested_eur=requested)
        for member in members:
            mark(member, file, given, people.officer)
    return {int(row.reference[-4:]): (row.rank_overall, row.rank_strand) for row in list_ranking(call.id)}


def test_files_are_ranked_overall_and_in_their_strand(
    session: Session, call: Call, version: CallVersion, people: People
) -> None:
    ranks = rank(session, call, version, people, {1: even(3), 2: even(5), 10: even(4)})

    assert ranks == {2: (1, 1), 10: (2, 1), 1: (3, 2)}


def test_equal_totals_are_separated_by_c2_then_c1_then_the_smaller_request(
    session: Session, call: Call, version: CallVersion, people: People
) -> None:
    better_c2 = {**even(3), "C2": 4, "C1": 2}
    better_c1 = {**even(3), "C2": 3, "C1": 4, "C3": 2, "C4": 2}
    ranks = rank(
        session,
        call,
        version,
        people,
        {1: better_c1, 2: better_c2, 3: even(3), 4: even(3)},
        requested_3=90000,
        requested_4=80000,
    )

    assert [number for number, _ in sorted(ranks.items(), key=lambda row: row[1][0] or 0)] == [2, 1, 4, 3]


def test_what_nothing_separates_stays_tied(session: Session, call: Call, version: CallVersion, people: People) -> None:
    ranks = rank(session, call, version, people, {1: even(3), 2: even(3), 3: even(2)})

    assert {number: overall for number, (overall, _) in ranks.items()} == {1: 1, 2: 1, 3: 3}


def test_a_file_under_a_floor_is_not_ranked(session: Session, call: Call, version: CallVersion, people: People) -> None:
    ranks = rank(session, call, version, people, {1: {**even(5), "C2": 1}, 2: even(2)})

    assert ranks == {2: (1, 1), 1: (None, None)}
    row = next(row for row in list_ranking(call.id) if row.reference.endswith("0001"))
    assert row.under_floor == ("C2",)
    assert row.status is Status.ELIMINATED


def test_the_draw_is_committed_before_marks_are_visible(call: Call, people: People) -> None:
    row = commit_draw(call, actor=people.officer, now=MARKING)
    assert draw.matches(row.seed, row.commitment)
    with pytest.raises(ConflictError):
        reveal_draw(call, actor=people.officer, now=MARKING)

    close_due_scoring(SCORING_END)
    assert reveal_draw(call, actor=people.officer, now=SESSION).revealed_at == SESSION


def test_no_draw_is_prepared_once_marks_are_visible(call: Call, people: People) -> None:
    close_due_scoring(SCORING_END)
    with pytest.raises(ConflictError) as refused:
        commit_draw(call, actor=people.officer, now=SESSION)
    assert refused.value.code == "tirage-tardif"


def test_an_applicant_reads_means_and_never_a_members_mark(
    session: Session, call: Call, case: Application, people: People
) -> None:
    for name, college in (("J1", 0), ("J2", 2), ("J3", 3)):
        mark(seat(session, call, name, college, people.officer), case, NOTES[name], people.officer)

    own = get_own_marks(case.id)

    assert own.total == Fraction(230, 3)
    assert own.marks[0].mean == Fraction(14, 3)
    assert len(own.marks) == 8


def test_a_ranking_costs_the_same_queries_for_two_files_and_for_twelve(
    session: Session, call: Call, version: CallVersion, people: People
) -> None:
    members = [seat(session, call, f"J{n}", 0, people.officer) for n in range(3)]

    def cost(numbers: range) -> int:
        for number in numbers:
            file = make_file(session, version, people.lead, number)
            for member in members:
                mark(member, file, even(number % 4 + 2), people.officer)
        session.flush()
        session.expire_all()
        sent: list[str] = []

        def count(*args: Any) -> None:
            sent.append(args[2])

        connection = session.connection()
        event.listen(connection, "before_cursor_execute", count)
        try:
            list_ranking(call.id)
        finally:
            event.remove(connection, "before_cursor_execute", count)
        return len(sent)

    assert cost(range(1, 3)) == cost(range(3, 13)) <= 8
