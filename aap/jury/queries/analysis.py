"""How far a jury agrees, how each member marks, and what calibration says beside the official ranking. Advice only.

Everything is computed from the files the reader may see: nothing of a file one stood back from weighs on a figure.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from statistics import median

from sqlalchemy import ColumnElement, select

from aap.accounts.models import User
from aap.db import db
from aap.errors import NotFoundError
from aap.jury.grid import Grid, read_grid
from aap.jury.models import Assignment, JuryMember, Recusal
from aap.jury.queries.ranking import RankedRow, list_ranking
from aap.jury.queries.reading import GivenReview, latest_version, read_reviews
from aap.scoring.aggregation import Aggregation
from aap.scoring.agreement import Level, intraclass, kendall_w, krippendorff_alpha
from aap.scoring.calibration import CalibratedApplication, Calibration, Score, calibrate, reliability
from aap.scoring.funding_line import calibrated_ranks, changing_sides, straddling
from aap.scoring.rubric import comment_required, review_total
from aap.scoring.sentences import (
    alpha_sentence,
    concordance_sentence,
    intraclass_sentence,
    shift_of,
    shift_sentence,
)
from aap.scoring.vigilance import Flag, Profile, Reviewed, flags, profiles

MOST_REVIEWS = 2000  # beyond, the figures take more than a page may: analysts run them
Z_90 = 1.6448536269514722  # half the width of a 90 % interval of the normal law, in standard errors


@dataclass(frozen=True, slots=True)
class MemberLine:
    """How one member marks. ``severity`` in points, with its 90 % interval; ``None`` without a total that counts."""

    code: str
    name: str
    profile: Profile
    severity: float | None
    severity_90: tuple[float, float] | None
    residual_sd: float | None
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class FileLine:
    """A ranked file, its official place and its calibrated one; ``why`` explains the gap between the two marks.

    ``funded`` says that the official rank is above the line; ``close`` that the 50 % interval crosses it.
    """

    application_id: uuid.UUID
    reference: str
    title: str
    rank: int
    tied: bool
    total: Fraction | None
    calibrated: CalibratedApplication
    calibrated_rank: int
    why: str
    funded: bool
    enters: bool
    leaves: bool
    close: bool


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that is said of a jury. ``places``: how many files the envelope pays in full; ``None`` when it pays all.

    ``computed`` is false with more reviews than a page can take, and nothing else is then filled in.
    """

    reviews: int
    computed: bool
    figures: tuple[str, ...] = ()
    members: tuple[MemberLine, ...] = ()
    files: tuple[FileLine, ...] = ()
    places: int | None = None
    warnings: tuple[str, ...] = ()
    raw_is_mean: bool = True


@dataclass(frozen=True, slots=True)
class _Counted:
    """A review whose member votes, under the references that the reader knows."""

    reference: str
    review: GivenReview
    total: Fraction | None


def get_analysis(
    call_id: uuid.UUID, *, strand: str | None, envelope_eur: Decimal, seen: ColumnElement[bool]
) -> Analysis:
    """Analyse the marks of a call. ``strand`` keeps its files in the calibrated ranking; members are those of all.

    ``seen`` is a condition on ``Application``, of the files whose marks the reader may read. The draws are seeded by
    the identifier of the call: everybody reads the same figures. A constant number of queries.

    Raises:
        NotFoundError: the call has no version.
        ConflictError: the call has no grid.

    """
    version = latest_version(call_id)
    if version is None:
        raise NotFoundError("Cet appel n'existe pas.")
    ranking = list_ranking(call_id, seen=seen)
    count = sum(row.counted for row in ranking)
    if count > MOST_REVIEWS:
        return Analysis(count, computed=False)
    grid = read_grid(version)
    references = {row.application_id: row.reference for row in ranking}
    counted = _counted(grid, references)
    scores = [Score(row.reference, row.review.code, float(row.total)) for row in counted if row.total is not None]
    if not scores:
        return Analysis(0, computed=True)
    ranked = [row for row in ranking if row.rank_overall is not None and strand in (None, row.strand_key)]
    places = paid_in_full(ranked, envelope_eur)
    among = {row.reference for row in ranked}
    calibration = calibrate(scores, seed=call_id.int, top=places, among=among)
    return Analysis(
        reviews=len(scores),
        computed=True,
        figures=_figures(counted, calibration),
        members=_members(grid, counted, references, calibration),
        files=_files(ranked, calibration, places, per_strand=strand is not None),
        places=places,
        warnings=calibration.warnings,
        raw_is_mean=grid.rules.aggregation is Aggregation.MEAN,
    )


def paid_in_full(ranked: Iterable[RankedRow], envelope_eur: Decimal) -> int | None:
    """Count the files, best first, that the envelope pays at what they ask; ``None`` when it pays them all."""
    spent = Decimal(0)
    for place, row in enumerate(ranked):
        spent += row.requested_eur
        if spent > envelope_eur:
            return place
    return None


def _counted(grid: Grid, references: Mapping[uuid.UUID, str]) -> list[_Counted]:
    """List the reviews of voting members in the order they were submitted."""
    given = [each for reviews in read_reviews(references).values() for each in reviews if each.counts]
    given.sort(key=lambda each: (each.submitted_at, references[each.application_id], each.code))
    return [_Counted(references[each.application_id], each, review_total(grid.rubric, each.marks)) for each in given]


def _figures(counted: Sequence[_Counted], calibration: Calibration) -> tuple[str, ...]:
    """Say in three sentences how far the jury agrees."""
    table: dict[str, dict[str, Fraction]] = {}
    for row in counted:
        if row.total is not None:
            table.setdefault(row.reference, {})[row.review.code] = row.total
    names = sorted({name for totals in table.values() for name in totals})
    by_juror = [[totals.get(name) for totals in table.values()] for name in names]
    return (
        alpha_sentence(krippendorff_alpha([list(totals.values()) for totals in table.values()], Level.INTERVAL)),
        concordance_sentence(kendall_w(by_juror)),
        _reliability(table, calibration),
    )


def _reliability(table: Mapping[str, Mapping[str, Fraction]], calibration: Calibration) -> str:
    """Say how reliable the mean of a file's reviews is: ICC(1,k) when all have k, else from the fitted variances.

    ICC(1,k) lets the judges change from file to file, as they do here (Shrout and Fleiss 1979, case 1).
    """
    counts = [len(totals) for totals in table.values()]
    if min(counts) == max(counts):
        found = intraclass([list(totals.values()) for totals in table.values()])
        if found is not None:
            one, mean = found.coefficients["1,1"], found.coefficients["1,k"]
            return intraclass_sentence(one, mean, counts[0])
    usual = int(median(counts))
    if usual < 2:
        return "La fiabilité ne se calcule que si les dossiers ont été notés par deux évaluateurs au moins."
    one, mean = reliability(calibration.variances, 1), reliability(calibration.variances, usual)
    said = intraclass_sentence(one, mean, usual)
    return f"{said} Le nombre d'évaluateurs varie d'un dossier à l'autre : le calibrage l'estime."


def _members(
    grid: Grid, counted: Sequence[_Counted], references: Mapping[uuid.UUID, str], calibration: Calibration
) -> tuple[MemberLine, ...]:
    """Describe each voting member who was asked for a review or gave one, by code."""
    names, asked = _asked(references)
    names |= {row.review.code: row.review.member_name for row in counted}
    reviewed = [
        Reviewed(row.reference, row.review.code, row.review.marks, row.total, _missing_comments(grid, row.review))
        for row in counted
    ]
    ceilings = {key: criterion.maximum for key, criterion in grid.criteria.items()}
    raised: dict[str, list[Flag]] = {}
    for flag in flags(reviewed, grid.rubric.scale_to, calibration):
        raised.setdefault(flag.juror, []).append(flag)
    fitted = {juror.name: juror for juror in calibration.jurors}
    lines = []
    for profile in profiles(reviewed, asked, ceilings):
        fit = fitted.get(profile.juror)
        width = Z_90 * fit.standard_error if fit else 0.0
        lines.append(
            MemberLine(
                code=profile.juror,
                name=names[profile.juror],
                profile=profile,
                severity=fit.severity if fit else None,
                severity_90=(fit.severity - width, fit.severity + width) if fit else None,
                residual_sd=fit.residual_sd if fit else None,
                flags=tuple(raised.get(profile.juror, ())),
            )
        )
    return tuple(sorted(lines, key=lambda line: (len(line.code), line.code)))


def _asked(references: Mapping[uuid.UUID, str]) -> tuple[dict[str, str], dict[str, int]]:
    """Name the voting members who were asked for reviews of these files, and count how many; one query.

    What a member stood back from is no longer asked.
    """
    stood_back = (
        select(Recusal.id)
        .where(Recusal.jury_member_id == JuryMember.id, Recusal.application_id == Assignment.application_id)
        .correlate(JuryMember, Assignment)
        .exists()
    )
    query = (
        select(JuryMember.code, User)
        .join(Assignment, Assignment.jury_member_id == JuryMember.id)
        .join(User, User.id == JuryMember.user_id)
        .where(Assignment.application_id.in_(references), JuryMember.voting, ~stood_back)
        .order_by(JuryMember.code)
    )
    names: dict[str, str] = {}
    asked: dict[str, int] = {}
    for code, user in db.session.execute(query):
        names[code] = user.display_name
        asked[code] = asked.get(code, 0) + 1
    return names, asked


def _missing_comments(grid: Grid, review: GivenReview) -> int:
    return sum(
        comment_required(criterion, review.marks[key]) and not review.comments.get(key, "").strip()
        for key, criterion in grid.criteria.items()
        if key in review.marks
    )


def _files(
    ranked: Sequence[RankedRow], calibration: Calibration, places: int | None, *, per_strand: bool
) -> tuple[FileLine, ...]:
    """Set the official ranking and the calibrated one side by side, in the official order."""
    by_reference = {row.ref: row for row in calibration.applications}
    own_ranks = calibrated_ranks(calibration.applications)
    official = {row.reference: (row.rank_strand if per_strand else row.rank_overall) or 0 for row in ranked}
    line = len(ranked) if places is None else places
    sides = changing_sides(official, calibration.applications, line)
    crossing = straddling(calibration.applications, line)
    return tuple(
        FileLine(
            application_id=row.application_id,
            reference=row.reference,
            title=row.title,
            rank=official[row.reference],
            tied=row.tied,
            total=row.total,
            calibrated=by_reference[row.reference],
            calibrated_rank=own_ranks[row.reference],
            why=shift_sentence(shift_of(calibration, row.reference)),
            funded=official[row.reference] <= line,
            enters=row.reference in sides.entering,
            leaves=row.reference in sides.leaving,
            close=row.reference in crossing,
        )
        for row in ranked
    )
