"""Calibrated marks: what each application would have had from average jurors, and how sure its rank is.

Advice beside the official rank, never instead of it unless the call's rules adopt it. The graph of who marked what may
be in several pieces (theme panels): severity and merit cannot be told apart across them, so each piece keeps its own
mean and its raw gap to the others.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aap.errors import InvalidError
from aap.scoring.doubts import structure_doubts, zero_doubts

if TYPE_CHECKING:
    from aap.scoring.design import Design
    from aap.scoring.mixed_model import Fit
    from aap.scoring.posterior import Ranks

DRAWS = 2000
MOST_DRAWN = 200_000_000  # draws x applications: the ranks of all draws are kept to be sorted
MOST_JURORS = 2000  # the equations have one unknown per juror, and are solved some fifty times
EVEN_ODDS = 1.0  # merit variance over noise variance, when nothing measures it
SELF_MADE = 1e-4  # share of the residual deviation under which a residual cannot be anything but zero
NOTHING = 1e-24  # share of the squares of the marks under which they are all the same


@dataclass(frozen=True, slots=True)
class Score:
    """The total that one juror gave to one application, on any scale."""

    application: str
    juror: str
    value: float


@dataclass(frozen=True, slots=True)
class CalibratedApplication:
    """One application. ``estimate`` is mu + a_i, in points; ``raw`` the plain mean of its ``reviews`` marks.

    Ranks count from 1, the best; ``rank_50`` and ``rank_90`` are the bounds of intervals that hold that share of the
    draws; ``p_top`` is the probability of being among the ``top`` first, ``None`` without a line. ``component`` numbers
    the piece of the graph it belongs to, from 0.
    """

    ref: str
    estimate: float
    standard_error: float
    expected_rank: float
    rank_50: tuple[int, int]
    rank_90: tuple[int, int]
    p_top: float | None
    raw: float
    reviews: int
    component: int


@dataclass(frozen=True, slots=True)
class CalibratedJuror:
    """One juror. ``severity`` is b_j, what they add to a mark: at -1.1, they mark 1.1 points lower than the others do.

    ``residual_sd`` is the root mean square of what neither merit nor severity explains of their marks.
    """

    name: str
    severity: float
    standard_error: float
    reviews: int
    mean: float
    residual_sd: float
    component: int


@dataclass(frozen=True, slots=True)
class Residual:
    """What neither merit nor severity explains of one mark: in points, and divided by its own standard error."""

    application: str
    juror: str
    points: float
    standardised: float


@dataclass(frozen=True, slots=True)
class Variances:
    """Variance of merit, of severity and of the rest, in squared points."""

    application: float
    juror: float
    residual: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Everything calibration says. ``mu`` is the mean calibrated mark; ``warnings`` are sentences in French.

    Applications and jurors are in the order they first came in.
    """

    mu: float
    variances: Variances
    components: int
    warnings: tuple[str, ...]
    applications: tuple[CalibratedApplication, ...]
    jurors: tuple[CalibratedJuror, ...]
    residuals: tuple[Residual, ...]


def reliability(variances: Variances, reviews: int) -> float | None:
    """Share of the variance of the mean of ``reviews`` marks that is merit; ``None`` when nothing varies.

    This is ICC(2,1) for one review and ICC(2,k) for k, for juries where nobody reads every application: on a complete
    table with no negative component, REML gives the very figures of ``aap.scoring.agreement.intraclass``. Source:
    P. Shrout and J. Fleiss 1979, with variance components in the place of mean squares.
    """
    whole = variances.application + (variances.juror + variances.residual) / reviews
    return variances.application / whole if whole else None


def calibrate(
    scores: Sequence[Score],
    *,
    seed: int = 0,
    draws: int = DRAWS,
    top: int | None = None,
    among: Collection[str] | None = None,
) -> Calibration:
    """Fit y_ij = mu + a_i + b_j + e_ij by REML and predict merits and severities.

    All the scores inform the model; with ``among``, only these applications are ranked, against each other, and
    listed: an eliminated one says how severe its jurors are, and takes no place. The result does not depend on the
    order of the scores; the same seed gives the same draws. Raises ``InvalidError`` without any score, on a pair that
    comes twice, and beyond 2 000 jurors or 200 million drawn ranks.

    Sources: those of ``aap.scoring.mixed_model`` (REML, BLUP) and of ``aap.scoring.posterior`` (ranks).
    """
    import numpy as np  # noqa: PLC0415  # NumPy is loaded by who calibrates, not by who draws a page

    from aap.scoring import posterior  # noqa: PLC0415  # as above

    table = _tabulate(scores, draws)
    design = table.design
    fit, variances, doubts = _fit(design, table.centre)
    marks, errors = posterior.estimates(design, fit)
    kept = [place for place, ref in enumerate(table.refs) if among is None or ref in among]
    ranks = posterior.draw_ranks(design, fit, np.array(kept, dtype=np.intp), seed=seed, draws=draws, top=top)
    severity_errors = posterior.severity_errors(design, fit)
    applications = _applications(table, kept, marks.tolist(), errors.tolist(), ranks)
    jurors = _jurors(table, fit, severity_errors.tolist())
    return Calibration(
        mu=table.centre + float(marks.mean()),
        variances=variances,
        components=design.sizes[2],
        warnings=(*structure_doubts(design), *doubts),
        applications=tuple(applications[ref] for ref in table.refs_given if ref in applications),
        jurors=tuple(jurors[name] for name in table.names_given),
        residuals=tuple(_residuals(table, fit, posterior.residual_errors(design, fit).tolist(), variances)),
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """The scores as a design. Numbers follow the alphabet, so that the order of the scores changes nothing."""

    design: Design
    centre: float
    refs: tuple[str, ...]
    names: tuple[str, ...]
    refs_given: tuple[str, ...]
    names_given: tuple[str, ...]


def _tabulate(scores: Sequence[Score], draws: int) -> _Table:
    import numpy as np  # noqa: PLC0415  # as above

    from aap.scoring.design import Design  # noqa: PLC0415  # as above

    refs_given = tuple(dict.fromkeys(score.application for score in scores))
    names_given = tuple(dict.fromkeys(score.juror for score in scores))
    _refuse_impossible(scores, refs_given, names_given, draws)
    refs, names = tuple(sorted(refs_given)), tuple(sorted(names_given))
    places = {ref: place for place, ref in enumerate(refs)}
    jurors = {name: place for place, name in enumerate(names)}
    ordered = sorted((places[score.application], jurors[score.juror], score.value) for score in scores)
    application = np.array([row[0] for row in ordered], dtype=np.intp)
    juror = np.array([row[1] for row in ordered], dtype=np.intp)
    values = np.array([row[2] for row in ordered], dtype=float)
    groups, juror_groups = _pieces([row[:2] for row in ordered], len(refs), len(names))
    centre = float(values.mean())
    design = Design(
        application,
        juror,
        values - centre,
        np.array(groups, dtype=np.intp),
        np.array(juror_groups, dtype=np.intp),
    )
    return _Table(design, centre, refs, names, refs_given, names_given)


def _refuse_impossible(scores: Sequence[Score], refs: tuple[str, ...], names: tuple[str, ...], draws: int) -> None:
    if not scores:
        raise InvalidError("Il n'y a aucune note à calibrer.", code="aucune-note")
    if len({(score.application, score.juror) for score in scores}) != len(scores):
        raise InvalidError("Un évaluateur note deux fois le même dossier.", code="note-en-double")
    if len(names) > MOST_JURORS:
        raise InvalidError(f"Le calibrage admet {MOST_JURORS} évaluateurs au plus.", code="trop-d-evaluateurs")
    if draws < 1 or draws * len(refs) > MOST_DRAWN:
        most = MOST_DRAWN // len(refs)
        raise InvalidError(f"Pour ces dossiers, il faut de 1 à {most} tirages.", code="trop-de-tirages")


def _pieces(pairs: Sequence[tuple[int, int]], applications: int, jurors: int) -> tuple[list[int], list[int]]:
    """Find the connected component of each application, then of each juror."""
    parents = list(range(applications + jurors))

    def root(node: int) -> int:
        while parents[node] != node:
            parents[node] = parents[parents[node]]
            node = parents[node]
        return node

    for application, juror in pairs:
        first, second = sorted((root(application), root(applications + juror)))
        parents[second] = first
    numbers: dict[int, int] = {}
    found = [numbers.setdefault(root(node), len(numbers)) for node in range(applications + jurors)]
    return found[:applications], found[applications:]


def _fit(design: Design, centre: float) -> tuple[Fit, Variances, tuple[str, ...]]:
    """Fit the model, or what can be said without it when the marks do not allow it; and say so."""
    from aap.scoring import mixed_model  # noqa: PLC0415  # as above

    alone = mixed_model.solve(design, (0.0, 0.0))
    squares = float((design.marks + centre) @ (design.marks + centre))
    if alone.quadratic <= NOTHING * squares:
        said = "Toutes les notes qui pourraient être comparées sont égales : rien ne sépare les dossiers."
        return alone.with_variance(0.0), Variances(0.0, 0.0, 0.0), (said,)
    if design.counts.max() == 1:
        fit = mixed_model.solve(design, (EVEN_ODDS, 0.0))
        said = (
            "Aucun dossier n'a deux notes : rien ne sépare la qualité d'un dossier du hasard de sa note. Faute de "
            "mieux, la moitié de la variance est attribuée à chacun, et l'ordre reste celui des notes."
        )
        return fit, _variances(fit), (said,)
    perfect = mixed_model.fit_perfect(design)
    if perfect is not None:
        fit, (merit, severity) = perfect
        said = "Qualité et sévérité expliquent toutes les notes, sans reste : l'incertitude affichée est sous-estimée."
        return fit, Variances(merit, severity, 0.0), (said, *zero_doubts(design, merit, severity))
    fit = mixed_model.fit_reml(design)
    return fit, _variances(fit), zero_doubts(design, *fit.ratios)


def _variances(fit: Fit) -> Variances:
    rest = fit.residual_variance
    return Variances(rest * fit.ratios[0], rest * fit.ratios[1], rest)


def _applications(
    table: _Table, kept: Sequence[int], marks: Sequence[float], errors: Sequence[float], ranks: Ranks
) -> dict[str, CalibratedApplication]:
    design = table.design
    lowest, low, high, highest = ranks.quantiles.tolist()
    raw = (design.sums / design.counts).tolist()
    return {
        table.refs[i]: CalibratedApplication(
            ref=table.refs[i],
            estimate=table.centre + marks[i],
            standard_error=errors[i],
            expected_rank=float(ranks.expected[k]),
            rank_50=(low[k], high[k]),
            rank_90=(lowest[k], highest[k]),
            p_top=None if ranks.in_top is None else float(ranks.in_top[k]),
            raw=table.centre + raw[i],
            reviews=int(design.counts[i]),
            component=int(design.group[i]),
        )
        for k, i in enumerate(kept)
    }


def _jurors(table: _Table, fit: Fit, errors: Sequence[float]) -> dict[str, CalibratedJuror]:
    design = table.design
    counts = design.juror_counts.tolist()
    means = (design.per_juror(design.marks) / design.juror_counts).tolist()
    spreads = ((design.per_juror(fit.residuals**2) / design.juror_counts) ** 0.5).tolist()
    severities = fit.effects[design.sizes[2] :].tolist()
    return {
        name: CalibratedJuror(
            name=name,
            severity=severities[j] + 0.0,
            standard_error=errors[j],
            reviews=counts[j],
            mean=table.centre + means[j],
            residual_sd=spreads[j],
            component=int(design.juror_group[j]),
        )
        for j, name in enumerate(table.names)
    }


def _residuals(table: _Table, fit: Fit, errors: Sequence[float], variances: Variances) -> list[Residual]:
    """Standardise the residuals; a mark that the fit reproduces whatever it is tells nothing, and gets zero."""
    least = SELF_MADE * variances.residual**0.5
    places = zip(table.design.application.tolist(), table.design.juror.tolist(), strict=True)
    return [
        Residual(table.refs[i], table.names[j], points, points / error if least and error > least else 0.0)
        for (i, j), points, error in zip(places, fit.residuals.tolist(), errors, strict=True)
    ]
