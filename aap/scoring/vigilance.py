"""What in a juror's marks deserves a look by the chair: never a sanction, never a weight changed in silence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import groupby

from aap.scoring.calibration import Calibration
from aap.scoring.exact import in_words, rounded
from aap.scoring.rubric import Marks

FAR = 2.5  # residual standard deviations
WIDE = Fraction(2, 5)  # share of the scale
ROW = 3  # reviews in a row with the very same marks


class FlagKind(StrEnum):
    """Why something is shown to the chair."""

    UNEXPECTED = "unexpected"
    DIVERGENT = "divergent"
    IDENTICAL = "identical"
    UNCOMMENTED = "uncommented"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One submitted review: its exact marks, its exact total if it counts, and how many required comments miss."""

    application: str
    juror: str
    marks: Marks
    total: Fraction | None
    missing_comments: int = 0


@dataclass(frozen=True, slots=True)
class Flag:
    """One thing to look at, with a French sentence; ``applications`` are those it is about."""

    kind: FlagKind
    juror: str
    applications: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Profile:
    """How one juror marks: reviews done of those asked, mean, lowest and highest totals, share of marks at the ceiling.

    Everything is exact; means and bounds are ``None`` without a total that counts.
    """

    juror: str
    done: int
    asked: int
    mean: Fraction | None
    lowest: Fraction | None
    highest: Fraction | None
    at_ceiling: Fraction | None

    @property
    def completion(self) -> Fraction | None:
        """Share of the reviews asked that are done, ``None`` when none is asked."""
        return Fraction(self.done, self.asked) if self.asked else None


def flags(reviews: Sequence[Reviewed], scale_to: Fraction, calibration: Calibration | None = None) -> tuple[Flag, ...]:
    """List what deserves a look, by kind. ``reviews`` are in the order each juror submitted them.

    Residuals need a calibration, made from the same totals; without one they are left out.
    """
    return (
        *(_unexpected(calibration) if calibration else ()),
        *_divergent(reviews, scale_to),
        *_identical(reviews),
        *_uncommented(reviews),
    )


def profiles(
    reviews: Sequence[Reviewed], asked: Mapping[str, int], ceilings: Mapping[str, Fraction]
) -> tuple[Profile, ...]:
    """Describe each juror who was asked for reviews or gave some; ``ceilings`` is the best mark of each criterion."""
    given = _by_juror(reviews)
    return tuple(
        _profile(name, given.get(name, []), asked.get(name, 0), ceilings) for name in dict.fromkeys([*asked, *given])
    )


def _profile(name: str, mine: Sequence[Reviewed], asked: int, ceilings: Mapping[str, Fraction]) -> Profile:
    totals = [review.total for review in mine if review.total is not None]
    marks = [(key, mark) for review in mine for key, mark in review.marks.items() if mark is not None]
    best = sum(mark == ceilings[key] for key, mark in marks)
    return Profile(
        juror=name,
        done=len(mine),
        asked=asked,
        mean=sum(totals, Fraction(0)) / len(totals) if totals else None,
        lowest=min(totals, default=None),
        highest=max(totals, default=None),
        at_ceiling=Fraction(best, len(marks)) if marks else None,
    )


def _unexpected(calibration: Calibration) -> Iterable[Flag]:
    """List the marks far from what the application's merit and the juror's severity announced."""
    for row in calibration.residuals:
        if abs(row.standardised) > FAR:
            way = "au-dessus" if row.points > 0 else "au-dessous"
            gap = in_words(Fraction(rounded(Fraction(abs(row.points)), 1)))
            unit = "points" if abs(row.points) >= 2 else "point"
            said = f"{row.juror} note {row.application} {gap} {unit} {way} de ce que les autres notes annonçaient."
            yield Flag(FlagKind.UNEXPECTED, row.juror, (row.application,), said)


def _divergent(reviews: Sequence[Reviewed], scale_to: Fraction) -> Iterable[Flag]:
    """List the applications whose totals range over 40 % of the scale or more: one flag for each juror at an end."""
    by_application: dict[str, list[tuple[str, Fraction]]] = {}
    for review in reviews:
        if review.total is not None:
            by_application.setdefault(review.application, []).append((review.juror, review.total))
    for application, rows in by_application.items():
        totals = [total for _, total in rows]
        low, high = min(totals), max(totals)
        if high - low < WIDE * scale_to:
            continue
        for juror, total in rows:
            if total in {low, high}:
                end = "la plus basse" if total == low else "la plus haute"
                said = (
                    f"{application} : de {_points(low)} à {_points(high)} sur {in_words(scale_to)} ; "
                    f"{juror} donne la note {end}."
                )
                yield Flag(FlagKind.DIVERGENT, juror, (application,), said)


def _identical(reviews: Sequence[Reviewed]) -> Iterable[Flag]:
    """List the runs of reviews with the very same marks on every criterion."""
    for name, mine in _by_juror(reviews).items():
        for _, run in groupby(mine, key=lambda review: sorted(review.marks.items())):
            refs = tuple(review.application for review in run)
            if len(refs) >= ROW:
                said = f"{name} donne {len(refs)} fois de suite exactement les mêmes notes : {', '.join(refs)}."
                yield Flag(FlagKind.IDENTICAL, name, refs, said)


def _uncommented(reviews: Sequence[Reviewed]) -> Iterable[Flag]:
    """List the jurors whose required comments are missing, with where."""
    for name, mine in _by_juror(reviews).items():
        count = sum(review.missing_comments for review in mine)
        if count:
            refs = tuple(review.application for review in mine if review.missing_comments)
            what = "1 commentaire demandé manque" if count == 1 else f"{count} commentaires demandés manquent"
            yield Flag(FlagKind.UNCOMMENTED, name, refs, f"{name} : {what} ({', '.join(refs)}).")


def _by_juror(reviews: Sequence[Reviewed]) -> dict[str, list[Reviewed]]:
    found: dict[str, list[Reviewed]] = {}
    for review in reviews:
        found.setdefault(review.juror, []).append(review)
    return found


def _points(value: Fraction) -> str:
    return in_words(Fraction(rounded(value, 1)))
