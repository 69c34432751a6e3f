"""The ranking as it is sealed: every file, who is missing, what separates equal totals."""

from __future__ import annotations

from sqlalchemy.orm import Session

from aap.applications.models import Application
from aap.calls.models import Call, CallVersion
from aap.jury.queries import freeze_ranking_of, list_ranking
from aap.jury.service import assign, close_scoring, recuse, reopen_review
from aap.scoring.aggregation import Status
from aap.scoring.frozen import digest
from aap.scoring.ties import Separator
from tests.integration.jury.scene import MARKING, NAMED, SCORING_END, People, even, make_file, mark, seat


def test_the_sealed_form_says_the_ranking_who_is_missing_and_what_broke_ties(
    session: Session, call: Call, version: CallVersion, case: Application, people: People
) -> None:
    members = [seat(session, call, f"J{n}", 0, people.officer) for n in range(1, 4)]
    cheaper = make_file(session, version, people.stranger, 41, requested_eur=case.requested_eur - 1)
    late = make_file(session, version, people.stranger, 42)
    for member in members:
        mark(member, case, even(4), people.officer)
        mark(member, cheaper, even(4), people.officer)
    mark(members[0], late, even(3), people.officer)
    assign(members[1], late, actor=people.officer, now=NAMED)
    before = freeze_ranking_of(call.id)
    close_scoring(call, now=SCORING_END)
    found = freeze_ranking_of(call.id)
    assert digest(found) == digest(before), "the hour at which marks open changes no rank"
    rows = {file.ref: file for file in found.files}
    live = {row.reference: row for row in list_ranking(call.id)}
    assert [file.ref for file in found.files] == list(live)
    assert {ref: row.rank for ref, row in rows.items()} == {ref: row.rank_overall for ref, row in live.items()}
    assert rows[late.reference or ""].status is Status.INCOMPLETE
    assert rows[late.reference or ""].missing == ("J2",)
    assert [review.juror for review in rows[case.reference or ""].reviews] == ["J1", "J2", "J3"]
    overall = next(tie for tie in found.ties if tie.group is None)
    assert set(overall.refs) == {case.reference, cheaper.reference}
    (decided,) = overall.separations
    assert (decided.by, decided.key) == (Separator.FACT, "requested_eur")
    assert (decided.above, decided.below) == (cheaper.reference, case.reference)


def test_a_recusal_or_a_reopened_grid_changes_the_digest(
    session: Session, call: Call, case: Application, people: People
) -> None:
    members = [seat(session, call, f"J{n}", 0, people.officer) for n in range(1, 4)]
    reviews = [mark(member, case, even(4), people.officer) for member in members]
    whole = digest(freeze_ranking_of(call.id))
    recuse(members[2], case, reason="Lien", actor=members[2].user, now=MARKING)
    without = freeze_ranking_of(call.id)
    assert digest(without) != whole
    assert [review.juror for review in without.files[0].reviews] == ["J1", "J2"]
    reopen_review(reviews[0], reason="Erreur", actor=members[0].user, now=MARKING)
    reopened = freeze_ranking_of(call.id)
    assert digest(reopened) not in {whole, digest(without)}
    assert reopened.files[0].missing == ("J1",)
