"""The grid of a published call is revised: what each review becomes, who may, until when, and what is kept."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from aap.applications.models import Application
from aap.calls.document.composing import compose_rubric
from aap.calls.models import Call, CallVersion, Criterion, GridRevision
from aap.calls.queries import list_grid_revisions
from aap.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from aap.jury.models import FrozenRubric, GridAnswer, GridChoice, JuryMember, MarkRevision, Review, ReviewState
from aap.jury.queries import (
    RevisionProgress,
    count_answers,
    freeze_ranking_of,
    get_my_scale,
    get_review_sheet,
    get_summary,
    is_stored,
    list_my_files,
    list_ranking,
)
from aap.jury.service import (
    MarkInput,
    answer_revision,
    ask_bundle,
    assign,
    autosave_review,
    check_revisable,
    find_bundle,
    look_ahead,
    reopen_review,
    revise_grid,
    save_review,
    start_review,
    submit_review,
)
from aap.outbox import Promise
from aap.scoring.aggregation import Status
from aap.scoring.frozen import canonical, read_frozen
from tests.integration.jury.scene import (
    MARKING,
    NAMED,
    SCORING_END,
    SESSION,
    People,
    even,
    fill,
    make_file,
    mark,
    seat,
)

WHY = "Le critère « territoire » manquait."


def tree_of(version: CallVersion) -> dict[str, Any]:
    """Return the grid in force as the call document writes it, to be changed."""
    found = compose_rubric(version)
    assert found is not None
    return found


def reweighed(version: CallVersion, **weights: int) -> dict[str, Any]:
    tree = tree_of(version)
    for row in tree["criteria"]:
        row["weight"] = Decimal(weights.get(row["id"], row["weight"]))
    return tree


def with_criterion(version: CallVersion, weight: int, taken_from: str) -> dict[str, Any]:
    tree = tree_of(version)
    row = next(row for row in tree["criteria"] if row["id"] == taken_from)
    row["weight"] -= weight
    fresh = {"id": "C9", "label": "Le territoire est-il prioritaire ?", "weight": Decimal(weight)}
    return {**tree, "criteria": [*tree["criteria"], fresh]}


@pytest.fixture
def members(session: Session, call: Call, people: People) -> list[JuryMember]:
    return [seat(session, call, f"J{n}", 0, people.officer) for n in range(1, 4)]


@pytest.fixture
def revise(call: Call, version: CallVersion, people: People) -> Callable[[dict[str, Any]], GridRevision]:
    """Revise the grid as its officer does, while it is being marked."""
    return lambda tree: revise_grid(call, tree, reason=WHY, seen=version.grid_number, actor=people.officer, now=MARKING)


Revise = Callable[[dict[str, Any]], GridRevision]


def answer(member: JuryMember, file: Application, choice: GridChoice, seen: int = 2) -> Review:
    return answer_revision(member, file, choice, seen=seen, actor=member.user, now=MARKING)


def test_a_kept_review_counts_with_the_weights_of_all(
    session: Session,
    call: Call,
    version: CallVersion,
    case: Application,
    people: People,
    members: list[JuryMember],
    revise: Revise,
) -> None:
    review = mark(members[0], case, {**even(5), "C1": 0}, people.officer)
    assert get_summary(case.id).mean == 80
    before = {(row.criterion_id, row.number): row.value for row in session.scalars(select(MarkRevision))}

    revise(reweighed(version, C1=10, C2=30))

    assert list_ranking(call.id)[0].total == 90, "without an answer, what was submitted still counts"
    assert is_stored(call.id)
    kept = answer(members[0], case, GridChoice.KEEP)
    assert (kept.state, kept.grid_number, kept.rubric_fingerprint) == (
        ReviewState.SUBMITTED,
        1,
        review.rubric_fingerprint,
    )
    assert get_summary(case.id).mean == 90
    assert {(row.criterion_id, row.number): row.value for row in session.scalars(select(MarkRevision))} == before
    assert [row.choice for row in session.scalars(select(GridAnswer))] == [GridChoice.KEEP]
    again = mark(members[1], case, {**even(5), "C1": 0}, people.officer)
    assert again.grid_number == 2
    summary = get_summary(case.id)
    assert [row.total for row in summary.reviews] == [90, 90], "the same marks weigh the same under both"
    assert [(row.older, row.grid_number) for row in summary.reviews] == [(True, 1), (False, 2)]
    assert {row.grid_number for row in session.scalars(select(FrozenRubric))} == {1, 2}


def test_marking_again_carries_what_says_the_same_and_rewrites_nothing(
    session: Session, version: CallVersion, case: Application, people: People, members: list[JuryMember], revise: Revise
) -> None:
    review = mark(members[0], case, {**even(4), "C3": 2}, people.officer)
    old = {row.id: row.key for row in version.criteria}
    tree = reweighed(version, C1=10)
    tree["criteria"][2]["guidance"] = "Regardez aussi la file active."
    tree["criteria"] = [*tree["criteria"], {"id": "C9", "label": "Le territoire", "weight": Decimal(10)}]
    revise(tree)

    again = answer(members[0], case, GridChoice.REMARK)

    assert (again.state, again.grid_number, again.submitted_at) == (ReviewState.DRAFT, 2, None)
    sheet = get_review_sheet(members[0], case)
    assert sheet.usable
    values = {line.criterion.key: line.value for line in sheet.lines}
    assert values == {**{f"C{n}": Decimal(4) for n in range(1, 9)}, "C3": None, "C9": None}
    assert next(line.comment for line in sheet.lines if line.criterion.key == "C3") == "Voir la séance."
    assert sheet.missing == ("C3", "C9")
    assert get_summary(case.id).counted == 0
    trail = session.scalars(select(MarkRevision).where(MarkRevision.review_id == review.id)).all()
    first = {old[row.criterion_id]: row.value for row in trail if row.criterion_id in old}
    assert first == {**{f"C{n}": Decimal(4) for n in range(1, 9)}, "C3": Decimal(2)}
    carried = [row for row in trail if row.criterion_id not in old]
    assert {(row.number, row.reason) for row in carried} == {(1, "Repris de la version 1 de la grille.")}
    with pytest.raises(InvalidError):
        submit_review(again, actor=members[0].user, now=MARKING)
    save_review(again, {"C3": MarkInput("3"), "C9": MarkInput("5")}, actor=members[0].user, now=MARKING)
    submit_review(again, actor=members[0].user, now=MARKING)
    assert get_summary(case.id).mean == Fraction(100 * (4 * 80 + 3 * 10 + 5 * 10), 500)


def test_an_added_criterion_is_left_out_of_what_is_kept_within_the_limit(
    call: Call, version: CallVersion, case: Application, people: People, members: list[JuryMember], revise: Revise
) -> None:
    mark(members[0], case, even(4), people.officer)
    revise(with_criterion(version, 10, "C1"))
    answer(members[0], case, GridChoice.KEEP)
    (row,) = list_ranking(call.id)
    assert row.total == 80
    assert row.counted == 1
    assert row.criterion_means["C9"] is None


def test_beyond_the_limit_it_is_marked_again_or_does_not_count(
    call: Call, version: CallVersion, case: Application, people: People, members: list[JuryMember], revise: Revise
) -> None:
    mark(members[0], case, even(4), people.officer)
    tree = tree_of(version)
    for row in tree["criteria"]:
        row["weight"] = Decimal(5)
    fresh = {"id": "C9", "label": "Le territoire", "weight": Decimal(60)}
    revise({**tree, "criteria": [*tree["criteria"], fresh]})

    assert not look_ahead(start_review(members[0], case, actor=members[0].user, now=MARKING), version).usable
    with pytest.raises(InvalidError) as refused:
        answer(members[0], case, GridChoice.KEEP)
    assert refused.value.code == "evaluation-a-renoter"
    (row,) = list_ranking(call.id)
    assert (row.status, row.total, row.counted) == (Status.INCOMPLETE, None, 0)
    assert not get_review_sheet(members[0], case).usable
    (shown,) = get_summary(case.id).reviews
    assert (shown.usable, shown.marks, shown.total) == (False, {}, None)


def test_under_a_raw_sum_a_review_that_misses_a_mark_never_stops_the_ranking(
    call: Call, version: CallVersion, case: Application, people: People, members: list[JuryMember], revise: Revise
) -> None:
    mark(members[0], case, even(4), people.officer)
    revise({**with_criterion(version, 10, "C1"), "thresholds": {"raw_sum_min": Decimal(20)}})
    assert [row.counted for row in list_ranking(call.id)] == [0]
    with pytest.raises(InvalidError):
        answer(members[0], case, GridChoice.KEEP)


def test_a_removed_criterion_leaves_its_marks_where_they_are(
    session: Session,
    call: Call,
    version: CallVersion,
    case: Application,
    people: People,
    members: list[JuryMember],
    revise: Revise,
) -> None:
    mark(members[0], case, {**even(5), "C8": 0}, people.officer)
    tree = reweighed(version, C1=30)
    revise({**tree, "criteria": tree["criteria"][:-1]})
    assert list_ranking(call.id)[0].total == 100
    gone = select(Criterion.id).where(Criterion.version_id == version.id, Criterion.key == "C8")
    assert session.scalars(select(MarkRevision.value).where(MarkRevision.criterion_id.in_(gone))).all() == [Decimal(0)]
    back = tree_of(version)
    back["criteria"][0]["weight"] = Decimal(20)
    back["criteria"].append({"id": "C8", "label": "Autre chose", "weight": Decimal(10)})
    with pytest.raises(InvalidError) as refused:
        revise(back)
    assert "a déjà servi" in refused.value.problems[0].message


def test_a_draft_goes_on_under_its_grid_until_its_juror_answers(
    version: CallVersion, case: Application, people: People, members: list[JuryMember], revise: Revise
) -> None:
    member = members[0]
    assign(member, case, actor=people.officer, now=NAMED)
    review = fill(member, case, {"C1": 3, "C2": 4})
    tree = with_criterion(version, 10, "C1")
    tree["criteria"][1]["label"] = "Un autre besoin"
    revise(tree)

    saved = autosave_review(member, case, {"C1": MarkInput("5")}, {"C1": 1}, actor=member.user, now=MARKING)
    assert (saved.versions, saved.problems, saved.conflicts) == ({"C1": 2}, {}, ())
    sheet = get_review_sheet(member, case)
    assert (sheet.grid_number, sheet.behind, len(sheet.lines)) == (1, True, 8)
    (row,) = list_my_files(member)
    assert (row.to_answer, row.marked) == (True, 2)
    for key in even(0):
        save_review(review, {key: MarkInput("4")}, actor=member.user, now=MARKING)
    with pytest.raises(ConflictError) as refused:
        submit_review(review, actor=member.user, now=MARKING)
    assert refused.value.code == "grille-revisee"

    answer(member, case, GridChoice.KEEP)

    sheet = get_review_sheet(member, case)
    assert (sheet.grid_number, sheet.behind, sheet.missing) == (2, False, ("C9",))
    (row,) = list_my_files(member)
    assert (row.to_answer, row.marked) == (False, 8), "marks of both grids are not counted twice"
    with pytest.raises(NotFoundError):
        answer(member, case, GridChoice.REMARK)


def test_marking_a_draft_again_drops_what_no_longer_says_the_same(
    version: CallVersion, case: Application, people: People, members: list[JuryMember], revise: Revise
) -> None:
    member = members[0]
    assign(member, case, actor=people.officer, now=NAMED)
    fill(member, case, {"C1": 3, "C2": 4}, comment="Lu.")
    tree = reweighed(version, C1=10, C3=20)
    tree["criteria"][1]["label"] = "Un autre besoin"
    revise(tree)
    answer(member, case, GridChoice.REMARK)
    lines = {line.criterion.key: line for line in get_review_sheet(member, case).lines}
    assert (lines["C1"].value, lines["C2"].value, lines["C2"].comment) == (Decimal(3), None, "Lu.")


def test_an_empty_draft_follows_and_nothing_is_asked(
    version: CallVersion, case: Application, people: People, members: list[JuryMember], revise: Revise
) -> None:
    member = members[0]
    assign(member, case, actor=people.officer, now=NAMED)
    start_review(member, case, actor=member.user, now=MARKING)
    revise(with_criterion(version, 10, "C1"))
    assert not list_my_files(member)[0].to_answer
    assert len(get_review_sheet(member, case).lines) == 9
    saved = autosave_review(member, case, {"C9": MarkInput("2")}, {}, actor=member.user, now=MARKING)
    assert saved.versions == {"C9": 1}


def test_what_was_kept_may_still_be_marked_again_and_a_second_revision_asks_anew(
    version: CallVersion, case: Application, people: People, members: list[JuryMember], revise: Revise
) -> None:
    mark(members[0], case, even(4), people.officer)
    mark(members[1], case, even(4), people.officer)
    revise(with_criterion(version, 10, "C1"))
    assert count_answers(version, seen=true()) == RevisionProgress(kept=0, unanswered=2, drafts=0, submitted=2, begun=0)
    answer(members[0], case, GridChoice.KEEP)
    assert (count_answers(version, seen=true()).kept, count_answers(version, seen=true()).unanswered) == (1, 1)
    with pytest.raises(ConflictError):
        answer(members[0], case, GridChoice.KEEP)
    revise(reweighed(version, C1=20, C2=10))
    progress = count_answers(version, seen=true())
    assert (progress.kept, progress.unanswered) == (0, 2)
    assert [row.number for row in list_grid_revisions(version, after=1)] == [2, 3]
    with pytest.raises(ConflictError):
        answer(members[0], case, GridChoice.KEEP)  # made from a page of version 2
    answer(members[0], case, GridChoice.KEEP, seen=3)
    again = answer(members[0], case, GridChoice.REMARK, seen=3)
    assert (again.state, again.grid_number) == (ReviewState.DRAFT, 3)
    review = start_review(members[1], case, actor=members[1].user, now=MARKING)
    with pytest.raises(ConflictError) as refused:
        reopen_review(review, reason="Erreur", actor=members[1].user, now=MARKING)
    assert refused.value.code == "grille-revisee"


def test_a_change_of_scale_keeps_the_share_and_my_own_marks_are_shown_on_it(
    call: Call, version: CallVersion, case: Application, people: People, members: list[JuryMember], revise: Revise
) -> None:
    mark(members[0], case, even(4), people.officer)
    tree = tree_of(version)
    ten = {"min": Decimal(0), "max": Decimal(10), "step": Decimal(1)}
    tree["criteria"][0] = {**tree["criteria"][0], "scale": ten}
    revise(tree)
    assert list_ranking(call.id)[0].total == 80
    (mine,) = get_my_scale(members[0], version).rows
    assert [mine.marks["C1"], mine.marks["C2"], mine.total] == [8, 4, 80]


def test_revising_is_logged_kept_told_and_published_with_a_new_seal(
    session: Session, version: CallVersion, people: People, members: list[JuryMember], revise: Revise
) -> None:
    sealed = version.fingerprint
    revision = revise(reweighed(version, C1=10, C2=30))
    assert (revision.old_fingerprint, revision.new_fingerprint) == (sealed, version.fingerprint)
    assert version.fingerprint != sealed
    assert [row.weight for row in version.criteria][:2] == [10, 30]
    assert revision.changes[0][1:] == ["20", "10"]
    assert (revision.made_by_id, revision.reason, revision.made_at) == (people.officer.id, WHY, MARKING)
    told = session.scalars(select(Promise).where(Promise.key.contains("jury-grid-revised"))).all()
    assert len(told) == len(members)
    assert session.scalars(select(Promise.kind).where(Promise.kind == "call-amended")).all() == ["call-amended"]


def test_the_grids_taken_to_read_offline_are_made_again(
    session: Session, version: CallVersion, case: Application, people: People, members: list[JuryMember], revise: Revise
) -> None:
    assign(members[0], case, actor=people.officer, now=NAMED)
    before = ask_bundle(members[0], actor=members[0].user, now=MARKING)
    revise(with_criterion(version, 10, "C1"))
    after = find_bundle(members[0])
    assert before.voided_at == MARKING
    assert after is not None
    assert after.id != before.id
    assert session.get(type(before), before.id) is before, "what was handed stays in the history"


def test_a_frozen_ranking_says_which_reviews_were_given_under_an_earlier_grid(
    call: Call, version: CallVersion, case: Application, people: People, members: list[JuryMember], revise: Revise
) -> None:
    assert "older_reviews" not in freeze_ranking_of(call.id).parameters
    review = mark(members[0], case, even(4), people.officer)
    revise(reweighed(version, C1=10, C2=30))
    frozen = read_frozen(canonical(freeze_ranking_of(call.id)))
    assert frozen.parameters["older_reviews"] == {str(review.id): {"grid": 1, "counts": True}}
    assert frozen.parameters["grid"] == 2


def test_only_before_the_end_of_scoring_by_nobody_of_the_jury_and_for_a_reason(
    call: Call, version: CallVersion, people: People, members: list[JuryMember], revise: Revise
) -> None:
    tree = reweighed(version, C1=10, C2=30)
    assert check_revisable(call, people.officer, SCORING_END) is version
    with pytest.raises(ConflictError) as late:
        revise_grid(call, tree, reason=WHY, seen=1, actor=people.officer, now=SESSION)
    assert late.value.code == "notation-close"
    with pytest.raises(ForbiddenError):
        revise_grid(call, tree, reason=WHY, seen=1, actor=members[0].user, now=MARKING)
    with pytest.raises(InvalidError) as mute:
        revise_grid(call, tree, reason=" ", seen=1, actor=people.officer, now=MARKING)
    assert mute.value.problems[0].place == "reason"
    with pytest.raises(InvalidError) as same:
        revise(tree_of(version))
    assert same.value.code == "rien-a-reviser"
    with pytest.raises(InvalidError) as wrong:
        revise(reweighed(version, C1=10))
    assert "90 au lieu de 100" in wrong.value.problems[0].message
    revise(tree)
    with pytest.raises(ConflictError) as twice:
        revise_grid(call, reweighed(version, C1=20, C2=20), reason=WHY, seen=1, actor=people.officer, now=MARKING)
    assert twice.value.code == "grille-revisee-entre-temps"


def test_files_marked_under_two_grids_are_ranked_on_the_same_weights(
    session: Session, call: Call, version: CallVersion, people: People, members: list[JuryMember], revise: Revise
) -> None:
    first = make_file(session, version, people.stranger, 61)
    second = make_file(session, version, people.stranger, 62)
    for member in members:
        mark(member, first, {**even(3), "C1": 5}, people.officer)
    revise(reweighed(version, C1=10, C2=30))
    for member in members:
        mark(member, second, {**even(3), "C2": 5}, people.officer)
    rows = {row.reference: row for row in list_ranking(call.id)}
    kept, fresh = rows[first.reference or ""], rows[second.reference or ""]
    assert [kept.total, fresh.total] == [64, 72]
    assert (kept.rank_overall, fresh.rank_overall) == (2, 1)
