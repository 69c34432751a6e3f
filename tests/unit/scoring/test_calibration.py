"""Calibration against lme4's published figures, against an independent dense REML, and at every boundary."""

from __future__ import annotations

import math
from random import Random
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aap.errors import InvalidError
from aap.scoring.calibration import Calibration, Score, Variances, calibrate, reliability
from aap.scoring.design import Design
from aap.scoring.mixed_model import slopes, solve
from tests.unit.scoring.dense_reml import Dense, dense

# O. Davies and P. Goldsmith (eds), Statistical Methods in Research and Production, 4th ed. (1972), section 6.6: zones
# of inhibition in mm of 6 samples of penicillin (jurors here) on 24 plates (applications here). It is lme4's example
# of crossed effects, whose figures are in D. Bates, Fitting linear mixed-effects models in R, R News 5/1 (2005), and in
# its help page: lmer(diameter ~ 1 + (1 | plate) + (1 | sample)).
PENICILLIN = """
    27 23 26 23 23 21  27 23 26 23 23 21  25 21 25 24 24 20  26 23 25 23 23 20  25 22 26 22 23 20  24 22 25 23 22 19
    24 20 23 21 22 19  26 22 26 24 24 21  24 21 24 22 22 20  24 21 24 23 22 19  26 23 26 24 24 21  25 22 26 24 24 20
    26 24 26 24 25 22  26 23 26 23 23 20  26 23 25 24 24 22  25 22 25 23 23 20  25 21 24 23 23 20  25 22 24 23 23 19
    24 21 23 21 21 19  26 23 26 24 24 21  25 21 24 22 22 18  25 22 25 22 22 20  24 21 24 22 24 19  24 21 24 22 21 18
"""


def penicillin() -> list[Score]:
    marks = [float(mark) for mark in PENICILLIN.split()]
    return [Score("abcdefghijklmnopqrstuvwx"[i // 6], "ABCDEF"[i % 6], mark) for i, mark in enumerate(marks)]


def drawn(random: Random, applications: int, jurors: int, each: int, offset: int = 0) -> list[Score]:
    """Marks of an invented jury, with unequal loads."""
    severities = [random.gauss(0, 1) for _ in range(jurors)]
    scores = []
    for i in range(applications):
        merit = random.gauss(0, 2)
        for j in random.sample(range(jurors), random.randint(1, each)):
            mark = 12 + merit + severities[j] + random.gauss(0, 1.3)
            scores.append(Score(f"D{i + offset:03}", f"J{j + offset:03}", round(mark, 2)))
    return scores


def as_dense(scores: list[Score], found: Calibration) -> Dense:
    refs = {row.ref: place for place, row in enumerate(found.applications)}
    names = {row.name: place for place, row in enumerate(found.jurors)}
    pieces = {row.ref: row.component for row in found.applications}
    return dense([(refs[s.application], names[s.juror], pieces[s.application], s.value) for s in scores])


def variances_of(found: Calibration) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([found.variances.application, found.variances.juror, found.variances.residual])


def estimates(found: Calibration) -> dict[str, float]:
    return {row.ref: row.estimate for row in found.applications}


def severities(found: Calibration) -> dict[str, float]:
    return {row.name: row.severity for row in found.jurors}


def test_lme4_s_published_figures() -> None:
    found = calibrate(penicillin())
    assert found.mu == pytest.approx(22.9722, abs=5e-5)
    assert found.variances.application == pytest.approx(0.71691, abs=5e-6)
    assert found.variances.juror == pytest.approx(3.73092, abs=5e-6)
    assert found.variances.residual == pytest.approx(0.30242, abs=5e-6)
    published = {"A": 2.1871, "B": -1.0105, "C": 1.9379, "D": -0.0969, "E": -0.0138, "F": -3.0037}
    assert severities(found) == pytest.approx(published, abs=5e-5)
    assert (found.components, found.warnings) == (1, ())


def test_the_published_criterion_and_standard_error() -> None:
    scores = penicillin()
    marks = np.array([score.value for score in scores])
    places = np.arange(144)
    pieces = np.zeros(24, dtype=np.intp)
    design = Design(places // 6, places % 6, marks - marks.mean(), pieces, pieces[:6])
    variances = calibrate(scores).variances
    fit = solve(design, (variances.application / variances.residual, variances.juror / variances.residual))
    assert fit.deviance == pytest.approx(330.8606, abs=5e-5)
    assert math.sqrt(fit.residual_variance * fit.inverse[0, 0]) == pytest.approx(0.8086, abs=5e-5)


def test_a_balanced_table_has_its_analysis_of_variance() -> None:
    """Searle 1992, section 4.7: with one mark a cell and no negative estimate, REML is the analysis of variance."""
    table = np.array([float(mark) for mark in PENICILLIN.split()]).reshape(24, 6)
    rows, columns, mean = table.mean(axis=1), table.mean(axis=0), table.mean()
    rest = ((table - rows[:, None] - columns + mean) ** 2).sum() / (23 * 5)
    found = calibrate(penicillin()).variances
    assert found.residual == pytest.approx(rest, rel=1e-9)
    assert found.application == pytest.approx((rows.var(ddof=1) * 6 - rest) / 6, rel=1e-9)
    assert found.juror == pytest.approx((columns.var(ddof=1) * 24 - rest) / 24, rel=1e-9)


def test_reliability_is_the_intraclass_correlation_of_shrout_and_fleiss() -> None:
    """Their table 2, whose six targets and four judges are published with .29 for one judge and .62 for four."""
    table = ("9 2 5 8", "6 1 3 2", "8 4 6 8", "7 1 2 6", "10 5 6 9", "6 2 4 7")
    scores = [Score(f"D{i}", f"J{j}", float(mark)) for i, row in enumerate(table) for j, mark in enumerate(row.split())]
    variances = calibrate(scores).variances
    assert reliability(variances, 1) == pytest.approx(0.28976, abs=5e-6)
    assert reliability(variances, 4) == pytest.approx(0.62005, abs=5e-6)
    assert reliability(Variances(0, 0, 0), 3) is None


@pytest.mark.parametrize("seed", range(6))
def test_an_unbalanced_jury_against_an_independent_dense_reml(seed: int) -> None:
    scores = drawn(Random(seed), 25, 7, 4)
    found = calibrate(scores)
    plain = as_dense(scores, found)
    variances = variances_of(found)
    assert min(variances) > 0
    assert plain.best(np.array([4.0, 1.0, 1.7])) == pytest.approx(variances, rel=1e-5)
    marks, jurors, errors, juror_errors = plain.predictions(variances)
    assert [row.estimate for row in found.applications] == pytest.approx(marks, rel=1e-9)
    assert [row.severity for row in found.jurors] == pytest.approx(jurors, rel=1e-7, abs=1e-9)
    assert [row.standard_error for row in found.applications] == pytest.approx(np.sqrt(np.diag(errors)), rel=1e-7)
    assert [row.standard_error for row in found.jurors] == pytest.approx(np.sqrt(np.diag(juror_errors)), rel=1e-7)


def test_the_lowest_of_two_valleys_is_found() -> None:
    """Three files, five jurors, no cycle: the likelihood has a valley near zero noise, lower than the first met."""
    marks = {"aJ4": 11.71, "bJ4": 5.78, "bJ2": 10.98, "bJ1": 16.27, "cJ4": 11.36, "cJ0": 9.06, "cJ2": 16.69}
    scores = [Score(key[0], key[1:], mark) for key, mark in marks.items()]
    found = calibrate(scores, draws=10)
    plain = as_dense(scores, found)
    low = plain.deviance(plain.best(np.array([5.0, 10.0, 1.5])))
    assert plain.deviance(variances_of(found)) <= low + 1e-6
    assert low < plain.deviance(plain.best(np.array([9.0, 1.5, 4.5]))) - 3


def test_a_crooked_valley_is_followed_to_its_bottom() -> None:
    """Two jurors, twelve marks: Newton's step is long and crooked, and climbs if it is shortened on one side only."""
    table = ("4.77 5.34", "13.91 14.74", ". 7.95", "8.8 9.7", "4.65 4.86", "7.63 .", "8.13 7.94")
    scores = [
        Score(f"D{i}", f"J{j}", float(mark))
        for i, row in enumerate(table)
        for j, mark in enumerate(row.split())
        if mark != "."
    ]
    found = calibrate(scores, draws=10)
    plain = as_dense(scores, found)
    assert plain.best(np.array([6.0, 0.1, 0.3])) == pytest.approx(variances_of(found), rel=1e-4)


def test_residuals_are_standardised_by_their_own_standard_error() -> None:
    scores = drawn(Random(1), 25, 7, 4) + drawn(Random(3), 18, 4, 4, offset=500)
    found = calibrate(scores)
    expected = as_dense(scores, found).standardised(variances_of(found))
    residuals = {(row.application, row.juror): row.standardised for row in found.residuals}
    assert [residuals[s.application, s.juror] for s in scores] == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert sum(row.points for row in found.residuals) == pytest.approx(0, abs=1e-9)


def test_two_panels_against_an_independent_dense_reml() -> None:
    random = Random(6)
    high = [Score(s.application, s.juror, s.value + 3) for s in drawn(random, 18, 4, 4)]
    scores = high + drawn(random, 15, 4, 4, offset=500)
    found = calibrate(scores)
    assert found.components == 2
    plain = as_dense(scores, found)
    variances = variances_of(found)
    assert min(variances) > 0
    assert plain.best(np.array([4.0, 1.0, 1.7])) == pytest.approx(variances, rel=1e-5)
    marks, jurors, errors, _ = plain.predictions(variances)
    assert [row.estimate for row in found.applications] == pytest.approx(marks, rel=1e-9)
    assert [row.severity for row in found.jurors] == pytest.approx(jurors, rel=1e-7, abs=1e-9)
    assert [row.standard_error for row in found.applications] == pytest.approx(np.sqrt(np.diag(errors)), rel=1e-7)


def test_panels_keep_their_raw_gap_and_say_what_it_assumes() -> None:
    random = Random(11)
    scores = [
        Score(f"{panel}{i}", f"{panel}-{j}", mean + merit + severity + random.gauss(0, 0.5))
        for panel, mean in (("x", 10.0), ("y", 15.0))
        for i, merit in enumerate((-2, -1, 0, 1, 2))
        for j, severity in enumerate((-1.0, 0.0, 1.0))
    ]
    found = calibrate(scores)
    assert found.components == 2
    assert "Les évaluations forment 2 ensembles" in found.warnings[0]
    assert "la même sévérité moyenne" in found.warnings[0]
    marks = estimates(found)

    def mean(panel: str) -> tuple[float, float]:
        calibrated = [mark for ref, mark in marks.items() if ref[0] == panel]
        raw = [score.value for score in scores if score.application[0] == panel]
        return sum(calibrated) / len(calibrated), sum(raw) / len(raw)

    for panel in "xy":
        calibrated, raw = mean(panel)
        assert calibrated == pytest.approx(raw)
        inside = sum(severity for name, severity in severities(found).items() if name[0] == panel)
        assert inside == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("ratios", [(1.3, 4.0), (0.2, 0.05), (30.0, 0.7)])
def test_slopes_are_those_of_the_deviance(ratios: tuple[float, float]) -> None:
    scores = drawn(Random(3), 14, 6, 4)
    refs, names = sorted({s.application for s in scores}), sorted({s.juror for s in scores})
    rows = sorted((refs.index(s.application), names.index(s.juror), s.value) for s in scores)
    places = np.array([row[:2] for row in rows], dtype=np.intp)
    pieces = np.zeros(30, dtype=np.intp)
    marks = np.array([row[2] for row in rows])
    design = Design(places[:, 0], places[:, 1], marks - marks.mean(), pieces[: len(refs)], pieces[: len(names)])

    def deviance(first: float, second: float) -> float:
        return solve(design, (math.exp(-first), math.exp(-second))).deviance

    x, y, h = -math.log(ratios[0]), -math.log(ratios[1]), 1e-4
    gradient, hessian = slopes(design, solve(design, ratios))
    middle = deviance(x, y)
    assert gradient == pytest.approx(
        [(deviance(x + h, y) - deviance(x - h, y)) / (2 * h), (deviance(x, y + h) - deviance(x, y - h)) / (2 * h)],
        abs=1e-5,
    )
    corners = deviance(x + h, y + h) - deviance(x + h, y - h) - deviance(x - h, y + h) + deviance(x - h, y - h)
    assert hessian == pytest.approx(
        np.array(
            [
                [(deviance(x + h, y) + deviance(x - h, y) - 2 * middle) / h**2, corners / (4 * h**2)],
                [corners / (4 * h**2), (deviance(x, y + h) + deviance(x, y - h) - 2 * middle) / h**2],
            ]
        ),
        abs=1e-4,
    )


def test_draws_have_the_exact_expected_ranks_and_probabilities() -> None:
    """E[rank] = 1 + sum of P(the other is higher), each from the joint normal law of the two."""
    scores = drawn(Random(8), 12, 5, 3)
    found = calibrate(scores, draws=40_000, top=3, seed=4)
    marks, _, errors, _ = as_dense(scores, found).predictions(variances_of(found))
    for i, row in enumerate(found.applications):
        spread = [math.sqrt(errors[i, i] + errors[k, k] - 2 * errors[i, k]) for k in range(12)]
        higher = [NormalDist().cdf((marks[k] - marks[i]) / spread[k]) for k in range(12) if k != i]
        assert row.expected_rank == pytest.approx(1 + sum(higher), abs=0.05)
        assert row.rank_90[0] <= row.rank_50[0] <= row.rank_50[1] <= row.rank_90[1]
        assert row.rank_90[0] <= row.expected_rank <= row.rank_90[1]
    assert sum(row.p_top or 0 for row in found.applications) == pytest.approx(3)
    assert sum(row.expected_rank for row in found.applications) == pytest.approx(12 * 13 / 2)


def test_the_seed_decides_the_draws_and_the_order_of_the_scores_does_not() -> None:
    scores = drawn(Random(2), 20, 6, 3)
    shuffled = list(scores)
    Random(1).shuffle(shuffled)
    first, second = calibrate(scores, seed=3, draws=200, top=4), calibrate(shuffled, seed=3, draws=200, top=4)
    assert {row.ref: row for row in first.applications} == {row.ref: row for row in second.applications}
    assert {row.name: row for row in first.jurors} == {row.name: row for row in second.jurors}
    assert [row.ref for row in second.applications] == list(dict.fromkeys(s.application for s in shuffled))
    other = calibrate(scores, seed=4, draws=200, top=4)
    assert [row.expected_rank for row in other.applications] != [row.expected_rank for row in first.applications]
    assert estimates(other) == estimates(first)


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.sampled_from([0.1, 5.0, 100.0]), st.sampled_from([-50.0, 0.0, 1000.0]))
def test_another_scale_only_changes_the_unit(seed: int, factor: float, shift: float) -> None:
    scores = drawn(Random(seed), 10, 4, 3)
    moved = [Score(s.application, s.juror, s.value * factor + shift) for s in scores]
    before, after = calibrate(scores, draws=50), calibrate(moved, draws=50)
    assert after.mu == pytest.approx(before.mu * factor + shift, abs=1e-5 * factor)
    assert estimates(after) == pytest.approx(
        {ref: mark * factor + shift for ref, mark in estimates(before).items()}, abs=1e-4 * factor
    )


def test_a_severe_juror_is_corrected() -> None:
    scores = [
        Score(f"D{i}", f"J{j}", 10 + i - (3 if j == 0 else 0) + ((i * 7 + j * 3) % 5 - 2) / 10)
        for i in range(10)
        for j in range(4)
        if (i + j) % 2 == 0 or j == 3
    ]
    found = calibrate(scores)
    assert min(severities(found), key=lambda name: severities(found)[name]) == "J0"
    marks = estimates(found)
    assert sorted(marks, key=lambda ref: marks[ref]) == [f"D{i}" for i in range(10)]
    raw = {row.ref: row.raw for row in found.applications}
    assert sorted(raw, key=lambda ref: raw[ref]) != [f"D{i}" for i in range(10)]


def test_no_severity_gap_corrects_nothing() -> None:
    scores = [Score(f"D{i}", f"J{j}", 10 + i + (1 if (i + j) % 2 else -1)) for i in range(6) for j in range(4)]
    found = calibrate(scores)
    assert found.variances.juror == 0
    assert set(severities(found).values()) == {0}
    assert any("Aucun écart de sévérité" in warning for warning in found.warnings)
    assert {row.standard_error for row in found.jurors} == {0}


def test_files_that_nothing_separates_are_tied() -> None:
    scores = [Score(f"D{i}", f"J{j}", 10 + (1 if (i + j) % 2 else -1)) for i in range(4) for j in range(4)]
    found = calibrate(scores, top=1)
    assert found.variances.application == 0
    assert set(estimates(found).values()) == {10}
    assert {(row.expected_rank, row.rank_50, row.rank_90, row.p_top) for row in found.applications} == {
        (2.5, (1, 3), (1, 4), 0.25)
    }
    assert any("à égalité" in warning for warning in found.warnings)


def test_perfect_agreement_keeps_the_marks() -> None:
    scores = [Score(f"D{i}", f"J{j}", 10 + i**2) for i in range(5) for j in range(3)]
    found = calibrate(scores, top=2)
    assert estimates(found) == pytest.approx({f"D{i}": 10 + i**2 for i in range(5)}, abs=1e-6)
    assert (found.variances.juror, found.variances.residual) == (0, 0)
    assert found.variances.application == pytest.approx(np.var([i**2 for i in range(5)], ddof=1))
    assert [row.rank_90 for row in found.applications] == [(5, 5), (4, 4), (3, 3), (2, 2), (1, 1)]
    assert [row.p_top for row in found.applications] == [0, 0, 0, 1, 1]
    assert "sans reste" in found.warnings[0]


def test_merit_and_severity_without_any_noise_are_found_exactly() -> None:
    merits, added = {"a": -2.0, "b": 0.5, "c": 1.5, "d": 0.0}, {"J": 1.0, "K": -1.5, "L": 0.5}
    pairs = [("a", "J"), ("a", "K"), ("b", "K"), ("b", "L"), ("c", "L"), ("c", "J"), ("d", "J"), ("d", "K"), ("d", "L")]
    found = calibrate([Score(ref, name, 11 + merits[ref] + added[name]) for ref, name in pairs])
    assert estimates(found) == pytest.approx({ref: 11 + merit for ref, merit in merits.items()}, abs=1e-5)
    assert severities(found) == pytest.approx(added, abs=1e-5)
    assert found.variances.residual == 0


def test_all_marks_equal() -> None:
    found = calibrate([Score(f"D{i}", f"J{j}", 14) for i in range(3) for j in range(2)])
    assert variances_of(found).tolist() == [0, 0, 0]
    assert set(estimates(found).values()) == {14}
    assert {row.expected_rank for row in found.applications} == {2}
    assert "rien ne sépare les dossiers" in found.warnings[0]


def test_one_juror_keeps_the_order_of_the_marks() -> None:
    found = calibrate([Score("a", "J", 10), Score("b", "J", 14), Score("c", "J", 12)])
    marks = estimates(found)
    assert marks["a"] < marks["c"] < marks["b"]
    assert found.mu == pytest.approx(12)
    assert severities(found) == {"J": 0}
    assert any("un évaluateur" in warning for warning in found.warnings)
    assert any("Aucun dossier n'a deux notes" in warning for warning in found.warnings)


def test_one_application() -> None:
    found = calibrate([Score("a", "J", 10), Score("a", "K", 14), Score("a", "L", 12)], top=1)
    (row,) = found.applications
    assert row.estimate == pytest.approx(12)
    assert row.standard_error == pytest.approx(2 / math.sqrt(3))
    assert (row.expected_rank, row.rank_90, row.p_top) == (1, (1, 1), 1)
    assert any("un dossier" in warning for warning in found.warnings)


def test_one_mark() -> None:
    found = calibrate([Score("a", "J", 10)])
    assert (found.mu, found.components, estimates(found)) == (10, 1, {"a": 10})
    assert all(math.isfinite(row.standard_error) for row in found.applications)


def test_files_each_marked_once_by_different_jurors() -> None:
    found = calibrate([Score("a", "J", 10), Score("b", "K", 14), Score("c", "L", 12), Score("d", "L", 13)], top=1)
    marks = estimates(found)
    assert found.components == 3
    assert marks["a"] < marks["c"] < marks["d"] < marks["b"]


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 5), st.integers(0, 4)), st.integers(0, 5).map(float), min_size=1, max_size=20
    )
)
def test_whatever_the_marks_every_figure_is_finite(marks: dict[tuple[int, int], float]) -> None:
    found = calibrate([Score(f"D{i}", f"J{j}", mark) for (i, j), mark in marks.items()], draws=20, top=2)
    assert min(variances_of(found)) >= 0
    low, high = min(marks.values()), max(marks.values())
    for row in found.applications:
        assert math.isfinite(row.estimate)
        assert math.isfinite(row.standard_error)
        assert 1 <= row.rank_90[0] <= row.rank_50[0] <= row.rank_50[1] <= row.rank_90[1] <= len(found.applications)
    assert low - 1e-6 <= found.mu <= high + 1e-6
    assert all(math.isfinite(row.severity) and math.isfinite(row.standard_error) for row in found.jurors)
    assert len(found.residuals) == len(marks)


def test_what_cannot_be_calibrated_is_refused() -> None:
    with pytest.raises(InvalidError, match="aucune note"):
        calibrate([])
    with pytest.raises(InvalidError, match="deux fois"):
        calibrate([Score("a", "J", 1), Score("a", "J", 2)])
    with pytest.raises(InvalidError, match="tirages"):
        calibrate([Score("a", "J", 1)], draws=10**9)


def test_a_dense_table_takes_the_other_road_to_the_same_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = drawn(Random(9), 30, 8, 5)
    before = calibrate(scores, draws=50)
    monkeypatch.setattr("aap.scoring.design.MOST_PAIRS", 0)
    after = calibrate(scores, draws=50)
    assert estimates(after) == pytest.approx(estimates(before), rel=1e-9)


def _kendall(first: list[float], second: list[float]) -> float:
    pairs = [(i, j) for i in range(len(first)) for j in range(i)]
    return sum(math.copysign(1, (first[i] - first[j]) * (second[i] - second[j])) for i, j in pairs) / len(pairs)


def test_across_panels_the_guard_is_nearer_to_the_truth_than_raw_means_or_centred_jurors() -> None:
    """Three panels of unequal merit, few reviews, unequal severities: centring jurors erases the gap of the panels."""
    agreements: dict[str, list[float]] = {"raw": [], "centred": [], "calibrated": []}
    for seed in range(6):
        random = Random(seed)
        truth: dict[str, float] = {}
        scores = []
        for panel, gap in enumerate((-1.0, 0.0, 1.0)):
            added = [random.gauss(0, 1.2) for _ in range(8)]
            middle = sum(added) / 8  # equal mean severity across panels: what the guard assumes
            for i in range(25):
                ref = f"{panel}-{i}"
                truth[ref] = 12 + gap + random.gauss(0, 1)
                for j in random.sample(range(8), 3):
                    mark = truth[ref] + added[j] - middle + random.gauss(0, 0.8)
                    scores.append(Score(ref, f"{panel}-{j}", mark))
        found = calibrate(scores, draws=10)
        assert found.components == 3
        means = {row.name: row.mean for row in found.jurors}
        centred: dict[str, list[float]] = {}
        for score in scores:
            centred.setdefault(score.application, []).append(score.value - means[score.juror])
        refs = list(truth)
        merit = [truth[ref] for ref in refs]
        raw = {row.ref: row.raw for row in found.applications}
        agreements["raw"].append(_kendall(merit, [raw[ref] for ref in refs]))
        agreements["centred"].append(_kendall(merit, [sum(centred[ref]) / 3 for ref in refs]))
        agreements["calibrated"].append(_kendall(merit, [estimates(found)[ref] for ref in refs]))
    taus = {name: sum(values) / len(values) for name, values in agreements.items()}
    assert taus["calibrated"] > taus["raw"] + 0.03
    assert taus["calibrated"] > taus["centred"] + 0.1


def test_only_those_asked_for_are_ranked_and_all_the_marks_inform_them() -> None:
    scores = [*penicillin(), Score("eliminated", "A", 1.0), Score("eliminated", "B", 2.0)]
    kept = {score.application for score in penicillin()}
    everyone, found = calibrate(scores, draws=400, top=3), calibrate(scores, draws=400, top=3, among=kept)
    assert {row.ref for row in found.applications} == kept
    assert found.jurors == everyone.jurors
    assert found.residuals == everyone.residuals
    estimates = {row.ref: row.estimate for row in everyone.applications}
    assert all(row.estimate == estimates[row.ref] for row in found.applications)
    count = len(kept)
    assert sum(row.expected_rank for row in found.applications) == pytest.approx(count * (count + 1) / 2)
    assert sum(row.p_top or 0 for row in found.applications) == pytest.approx(3)
    assert max(row.rank_90[1] for row in found.applications) <= count
