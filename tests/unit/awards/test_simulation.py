"""The proposal for an envelope: who is funded, why not, who enters and leaves, in plain words and to the cent."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from aap.awards.simulation import (
    Board,
    ChangeKind,
    Dimension,
    FileRow,
    Group,
    Outcome,
    QuotaRule,
    RefusalReason,
    Retained,
    Settings,
    Sharing,
    Standing,
    StrandShare,
    fingerprint,
    list_changes,
    read_settings,
    refusal_words,
    simulate,
    write_settings,
)
from aap.errors import InvalidError
from aap.scoring.selection.patience import TooLongError, within
from aap.scoring.selection.portfolio import Measure

D = Decimal
OLD = "public:personnes_agees"


def file(rank: int | None, asked: str, strand: str | None = "A", **changes: Any) -> FileRow:
    number = rank or 90
    row = FileRow(
        uuid.UUID(int=number),
        f"D-{number:02}",
        f"Projet {number}",
        "Porteur",
        strand,
        D(asked),
        Standing.RANKED,
        rank,
        rank,
        total=Fraction(100 - number),
    )
    return replace(row, **changes)


def board(*files: FileRow) -> Board:
    return Board(files, (Group(Dimension.PUBLIC, "personnes_agees", "Personnes âgées", 2, D(0)),))


def why(outcome: Outcome) -> dict[str, str]:
    return {line.file.reference: refusal_words(line.refusal).replace("\u202f", " ").replace("\u00a0", " ")
            for line in outcome.lines if line.refusal}  # fmt: skip


def old(minimum: str | None = None, maximum: str | None = None, measure: Measure = Measure.NUMBER) -> QuotaRule:
    return QuotaRule(
        Dimension.PUBLIC,
        "personnes_agees",
        measure,
        None if minimum is None else D(minimum),
        None if maximum is None else D(maximum),
    )


def test_whoever_fits_is_funded_in_rank_order_to_the_cent() -> None:
    outcome = simulate(board(file(1, "60000.50"), file(2, "50000"), file(3, "39999.50")), Settings(D(100000)))
    assert outcome.granted() == {"D-01": D("60000.50"), "D-03": D("39999.50")}
    assert (outcome.whole.granted_eur, outcome.whole.left_eur) == (D("100000.00"), D(0))
    assert [line.spent_so_far_eur for line in outcome.lines] == [D("60000.50"), D("60000.50"), D("100000.00")]
    assert why(outcome) == {"D-02": "N'entre pas dans l'enveloppe de l'appel : il manque 10 000,50 €."}


SHARES = (StrandShare("A", D(100)), StrandShare("B", D(100)))


@pytest.mark.parametrize(
    ("sharing", "receives", "funded"),
    [
        (Sharing.SEPARATE, "0", {"D-01": D(80), "D-03": D(100)}),
        (Sharing.SEPARATE, "60", {"D-01": D(80), "D-03": D(100)}),  # a limit typed and not chosen changes nothing
        (Sharing.LIMITED, "59", {"D-01": D(80), "D-03": D(100)}),
        (Sharing.LIMITED, "60", {"D-01": D(80), "D-02": D(80)}),
        (Sharing.OPEN, "0", {"D-01": D(80), "D-02": D(80)}),
    ],
)
def test_strands_keep_lend_or_share_their_envelopes(sharing: Sharing, receives: str, funded: dict[str, D]) -> None:
    files = board(file(1, "80"), file(2, "80"), file(3, "100", "B"))
    shares = (replace(SHARES[0], may_receive_eur=D(receives)), SHARES[1])
    assert simulate(files, Settings(D(200), sharing, shares)).granted() == funded


def test_a_refusal_names_the_envelope_that_lacks_the_money() -> None:
    files = board(file(1, "80"), file(2, "80"), file(3, "100", "B"), file(4, "30", "B"))
    told = why(simulate(files, Settings(D(200), strands=SHARES)))
    assert told["D-02"] == "N'entre pas dans l'enveloppe du volet A : il manque 60 €."
    assert told["D-04"] == "N'entre pas dans l'enveloppe du volet B : il manque 30 €."
    assert why(simulate(files, Settings(D(100), Sharing.OPEN, SHARES)))["D-03"] == (
        "N'entre pas dans l'enveloppe de l'appel : il manque 80 €."
    )


def test_a_file_without_strand_draws_on_the_call_alone() -> None:
    files = board(file(1, "150", None), file(2, "60"))
    assert set(simulate(files, Settings(D(200), strands=SHARES)).granted()) == {"D-01"}


def test_a_full_cap_and_a_minimum_out_of_reach_are_told_by_name() -> None:
    aged = frozenset({OLD})
    files = board(file(1, "50", groups=aged), file(2, "50", groups=aged), file(3, "60"), file(4, "40"))
    capped = simulate(files, Settings(D(200), quotas=(old(maximum="1"),)))
    assert why(capped) == {"D-02": "Plafond déjà plein : « Public : Personnes âgées, en dossiers »."}
    assert [(use.reached, use.possible) for use in capped.quotas] == [(D(1), D(2))]
    files = board(file(1, "60"), file(2, "50", groups=aged), file(3, "50", groups=aged))
    kept = simulate(files, Settings(D(100), quotas=(old("100", measure=Measure.AMOUNT),)))
    assert set(kept.granted()) == {"D-02", "D-03"}
    assert why(kept)["D-01"] == (
        "S'il était financé, un minimum ne pourrait plus être atteint : « Public : Personnes âgées, en euros ». "
        "Il faudrait 60 € de plus."
    )


def test_minima_that_nothing_reaches_are_named() -> None:
    files = board(file(1, "60", groups=frozenset({OLD})), file(2, "50"))
    with pytest.raises(InvalidError, match="Public : Personnes âgées, en dossiers"):
        simulate(files, Settings(D(200), quotas=(old("2"),)))


def test_levels_are_tried_from_the_whole_down_and_never_below_the_least() -> None:
    files = board(file(1, "60"), file(2, "60"))
    some = simulate(files, Settings(D(100), rates=(D("0.8"), D("0.5"))))
    assert some.granted() == {"D-01": D(60), "D-02": D(30)}
    assert [line.whole for line in some.lines] == [True, False]
    assert set(simulate(files, Settings(D(100), rates=(D("0.5"),), least_eur=D(31))).granted()) == {"D-01"}


def test_the_amount_retained_by_the_service_replaces_the_request() -> None:
    outcome = simulate(board(file(1, "120000")), Settings(D(115000), retained=(Retained("D-01", D("112500")),)))
    assert outcome.granted() == {"D-01": D(112500)}
    assert outcome.lines[0].asked_eur == D(112500)


def test_files_out_of_the_ranking_are_told_why() -> None:
    files = board(
        file(1, "10"),
        file(2, "10"),
        file(None, "10", standing=Standing.ELIMINATED, reference="E"),
        file(None, "10", standing=Standing.INCOMPLETE, reference="I"),
        file(None, "10", standing=Standing.WITHDRAWN, reference="W"),
        file(None, "10", standing=Standing.INADMISSIBLE, reference="N"),
    )
    outcome = simulate(files, Settings(D(1000), least_total=D("98.5")))
    assert outcome.granted() == {"D-01": D(10)}
    assert {line.file.reference: line.refusal.reason for line in outcome.lines if line.refusal} == {
        "D-02": RefusalReason.BELOW_TOTAL,
        "E": RefusalReason.ELIMINATED,
        "I": RefusalReason.INCOMPLETE,
        "W": RefusalReason.WITHDRAWN,
        "N": RefusalReason.INADMISSIBLE,
    }
    assert all(words.endswith(".") for words in why(outcome).values())


def test_a_total_equal_to_the_least_one_is_funded() -> None:
    files = board(file(1, "10", total=Fraction(195, 3)))
    assert simulate(files, Settings(D(100), least_total=D(65))).granted() == {"D-01": D(10)}
    assert simulate(files, Settings(D(100), least_total=D("65.0000001"))).granted() == {}


def test_equals_treated_unequally_are_pointed_out() -> None:
    tied = [file(2, "60", tied=True, reference=name) for name in ("X", "Y")]
    assert simulate(board(file(1, "10"), *tied), Settings(D(100))).untied == ("X", "Y")
    assert simulate(board(file(1, "10"), *tied), Settings(D(130))).untied == ()


def test_who_enters_who_leaves_and_whose_amount_changes() -> None:
    files = board(file(1, "60"), file(2, "50"), file(3, "40"), file(4, "20"))
    after = simulate(files, Settings(D(100)))  # 1 and 3
    before = {"D-01": D(50), "D-02": D(50), "D-04": D(20)}
    assert [(change.line.file.reference, change.kind, change.before_eur, change.after_eur)
            for change in list_changes(before, after)] == [
        ("D-01", ChangeKind.MORE, D(50), D(60)),
        ("D-02", ChangeKind.LEAVES, D(50), None),
        ("D-03", ChangeKind.ENTERS, None, D(40)),
        ("D-04", ChangeKind.LEAVES, D(20), None),
    ]  # fmt: skip
    assert list_changes(after.granted(), after) == ()


def test_settings_are_written_and_read_back_digit_for_digit() -> None:
    settings = Settings(
        D("1500000.37"),
        Sharing.LIMITED,
        (StrandShare("A", D("500000.10"), D("0.01")),),
        (old("2", "5"), old(None, "100000.55", Measure.AMOUNT)),
        (D("0.75"), D("0.5")),
        D("10000.01"),
        D("64.999"),
        (Retained("D-01", D("112500")),),
    )
    assert read_settings(json.loads(json.dumps(write_settings(settings)))) == settings
    assert write_settings(Settings(D("100.00"))) == write_settings(Settings(D(100)))


def test_the_fingerprint_follows_ranks_marks_and_requests_alone() -> None:
    rows = (file(1, "10"), file(2, "20"))
    known = fingerprint(rows)
    assert fingerprint(reversed(rows)) == known
    assert fingerprint((replace(rows[0], title="Autre", groups=frozenset({OLD})), rows[1])) == known
    for change in ({"requested_eur": D(11)}, {"total": Fraction(1, 3)}, {"rank": 2}, {"standing": Standing.WITHDRAWN}):
        assert fingerprint((replace(rows[0], **change), rows[1])) != known


def test_a_page_is_told_when_the_time_is_over() -> None:
    with within(0), pytest.raises(TooLongError):
        simulate(board(file(1, "10")), Settings(D(100)))
    assert simulate(board(file(1, "10")), Settings(D(100))).granted() == {"D-01": D(10)}


def test_two_groups_of_one_name_keep_a_quota_each() -> None:
    here, there = (QuotaRule(Dimension.ORGANISATION, value, Measure.NUMBER, None, D(0)) for value in ("111", "222"))
    groups = tuple(Group(Dimension.ORGANISATION, rule.value, "Croix", 1, D(50)) for rule in (here, there))
    files = (file(1, "50", groups=frozenset({here.group})), file(2, "50", groups=frozenset({there.group})))
    outcome = simulate(Board(files, groups), Settings(D(200), quotas=(here, there)))
    assert outcome.granted() == {}
    assert [(use.rule, use.possible) for use in outcome.quotas] == [(here, D(1)), (there, D(1))]
    assert "(222)" in why(outcome)["D-02"]
