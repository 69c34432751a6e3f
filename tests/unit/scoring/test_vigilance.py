"""What the chair is shown of each juror, and which files the calibration would move across the line."""

from __future__ import annotations

from fractions import Fraction

from aap.scoring.calibration import CalibratedApplication, Score, calibrate
from aap.scoring.funding_line import Sides, calibrated_ranks, changing_sides, straddling
from aap.scoring.vigilance import Flag, FlagKind, Profile, Reviewed, flags, profiles

TWENTY = Fraction(20)


def review(application: str, juror: str, marks: str, total: int | None = 10, missing: int = 0) -> Reviewed:
    given = {key: None if mark == "-" else Fraction(mark) for key, mark in zip("ABCDE", marks.split(), strict=False)}
    return Reviewed(application, juror, given, None if total is None else Fraction(total), missing)


def of_kind(kind: FlagKind, found: tuple[Flag, ...]) -> list[Flag]:
    return [flag for flag in found if flag.kind is kind]


def test_a_range_of_forty_per_cent_of_the_scale_is_shown_with_its_two_ends() -> None:
    found = flags([review("D1", "J", "1", 8), review("D1", "K", "1", 12), review("D1", "L", "1", 16)], TWENTY)
    assert [(flag.kind, flag.juror, flag.applications) for flag in found] == [
        (FlagKind.DIVERGENT, "J", ("D1",)),
        (FlagKind.DIVERGENT, "L", ("D1",)),
    ]
    assert found[0].sentence == "D1 : de 8 à 16 sur 20 ; J donne la note la plus basse."
    assert flags([review("D1", "J", "1", 8), review("D1", "K", "1", 15)], TWENTY) == ()
    assert flags([review("D1", "J", "1", 0), review("D1", "K", "-", None)], TWENTY) == ()


def test_identical_marks_are_shown_from_three_in_a_row() -> None:
    same = [review(f"D{i}", "J", "3 4 -") for i in range(3)]
    (flag,) = flags(same, TWENTY)
    assert (flag.kind, flag.applications) == (FlagKind.IDENTICAL, ("D0", "D1", "D2"))
    assert flag.sentence == "J donne 3 fois de suite exactement les mêmes notes : D0, D1, D2."
    broken = [*same[:2], review("D7", "J", "3 5 -"), same[2]]
    assert flags(broken, TWENTY) == ()
    others = [same[0], review("D5", "K", "1 1 1"), same[1], same[2]]
    assert len(flags(others, TWENTY)) == 1


def test_missing_comments_are_counted_by_juror() -> None:
    given = [review("D1", "J", "1", missing=2), review("D2", "J", "2"), review("D3", "J", "3", missing=1)]
    (flag,) = flags(given, TWENTY)
    assert flag.applications == ("D1", "D3")
    assert flag.sentence == "J : 3 commentaires demandés manquent (D1, D3)."
    (one,) = flags([review("D1", "J", "1", missing=1)], TWENTY)
    assert one.sentence == "J : 1 commentaire demandé manque (D1)."


def test_a_mark_that_nothing_announced_is_shown() -> None:
    scores = [
        Score(f"D{i}", f"J{j}", 10 + i + j / 2 + ((i * 3 + j * 5) % 4) / 10 - (6 if (i, j) == (4, 2) else 0))
        for i in range(9)
        for j in range(5)
    ]
    (flag,) = of_kind(FlagKind.UNEXPECTED, flags([], TWENTY, calibrate(scores, draws=50)))
    assert (flag.juror, flag.applications) == ("J2", ("D4",))
    assert flag.sentence.startswith("J2 note D4 ")
    assert flag.sentence.endswith("au-dessous de ce que les autres notes annonçaient.")


def test_a_profile_counts_exactly() -> None:
    given = [review("D1", "J", "5 4", 18), review("D2", "J", "5 -", 13), review("D3", "J", "1 -", None)]
    ceilings = {"A": Fraction(5), "B": Fraction(4)}
    assert profiles(given, {"J": 4, "K": 2}, ceilings) == (
        Profile("J", 3, 4, Fraction(31, 2), Fraction(13), Fraction(18), Fraction(3, 4)),
        Profile("K", 0, 2, None, None, None, None),
    )
    first, _ = profiles(given, {"J": 4, "K": 2}, ceilings)
    assert first.completion == Fraction(3, 4)
    (extra,) = profiles([review("D1", "L", "1")], {}, ceilings)
    assert extra.completion is None


def row(ref: str, estimate: float, rank_50: tuple[int, int] = (1, 1), expected: float = 1) -> CalibratedApplication:
    return CalibratedApplication(ref, estimate, 0.5, expected, rank_50, rank_50, None, estimate, 3, 0)


def test_files_that_change_sides_are_listed() -> None:
    rows = [row("a", 12), row("b", 15), row("c", 14), row("d", 14), row("out", 20)]
    assert calibrated_ranks(rows[:4]) == {"b": 1, "c": 2, "d": 2, "a": 4}
    official = {"a": 1, "b": 2, "c": 3, "d": 4}
    assert changing_sides(official, rows, 2) == Sides(("c", "d"), ("a",))
    assert changing_sides(official, rows, 4) == Sides((), ())
    assert changing_sides({}, rows, 2) == Sides((), ())


def test_files_too_close_to_call_are_those_whose_half_interval_crosses_the_line() -> None:
    rows = [row("a", 1, (1, 2), 1.4), row("b", 1, (2, 4), 3.5), row("c", 1, (2, 3), 2.4), row("d", 1, (3, 5), 4)]
    assert straddling(rows, 2) == ("c", "b")
    assert straddling(rows, 5) == ()
