"""What a member of the jury reads beside a figure."""

from __future__ import annotations

from random import Random

import pytest

from aap.scoring.agreement import Concordance
from aap.scoring.calibration import Score, calibrate
from aap.scoring.sentences import (
    Shift,
    alpha_sentence,
    concordance_sentence,
    intraclass_sentence,
    shift_of,
    shift_sentence,
)


@pytest.mark.parametrize(
    ("severities", "prudence", "sentence"),
    [
        (
            (-1.12, 0.01, -0.94),
            0.0,
            (
                "+0,7 : deux des trois évaluateurs notent 1,1 et 0,9 point plus bas que la moyenne sur les dossiers "
                "qu'ils partagent avec d'autres."
            ),
        ),
        (
            (-2.4, -1.0, -0.2),
            -0.3,
            (
                "+0,9 : les trois évaluateurs notent 2,4 ; 1,0 et 0,2 points plus bas que la moyenne sur les dossiers "
                "qu'ils partagent avec d'autres ; −0,3 par prudence, car la note ne repose que sur trois avis."
            ),
        ),
        (
            (0.9, -0.3),
            0.0,
            (
                "−0,3 : un des deux évaluateurs note 0,9 point plus haut et l'autre 0,3 point plus bas que la moyenne "
                "sur les dossiers qu'ils partagent avec d'autres."
            ),
        ),
        (
            (-0.9, -0.8, 0.3, 0.4, 0.0),
            0.0,
            (
                "+0,2 : deux des cinq évaluateurs notent 0,9 et 0,8 point plus bas et deux autres 0,4 et 0,3 point "
                "plus haut que la moyenne sur les dossiers qu'ils partagent avec d'autres."
            ),
        ),
        (
            (0.5, 0.0, 0.02),
            0.0,
            (
                "−0,2 : un des trois évaluateurs note 0,5 point plus haut que la moyenne sur les dossiers qu'il "
                "partage avec d'autres."
            ),
        ),
        (
            (-0.6,),
            -0.2,
            (
                "+0,4 : son seul évaluateur note 0,6 point plus bas que la moyenne sur les dossiers qu'il partage avec "
                "d'autres ; −0,2 par prudence, car la note ne repose que sur un seul avis."
            ),
        ),
        (
            (0.0, 0.0),
            0.3,
            (
                "+0,3 : aucun écart de sévérité n'est décelé chez ceux qui l'ont évalué ; +0,3 par prudence, car la "
                "note ne repose que sur deux avis."
            ),
        ),
        ((0.0,) * 12, 0.0, "0,0 : aucun écart de sévérité n'est décelé chez ceux qui l'ont évalué."),
    ],
)
def test_a_shift_is_explained(severities: tuple[float, ...], prudence: float, sentence: str) -> None:
    severity = -sum(severities) / len(severities)
    assert shift_sentence(Shift(severity + prudence, severity, prudence, severities)) == sentence


def test_a_shift_is_the_difference_with_the_plain_mean_and_its_parts_add_up() -> None:
    random = Random(4)
    added = {f"J{j}": random.gauss(0, 1) for j in range(5)}
    scores = [
        Score(f"D{i}", name, 12 + merit + added[name] + random.gauss(0, 0.5))
        for i in range(12)
        for merit in [random.gauss(0, 2)]
        for name in random.sample(sorted(added), 3)
    ]
    found = calibrate(scores)
    variances = found.variances
    reliability = 3 / (3 + variances.residual / variances.application)
    for row in found.applications:
        shift = shift_of(found, row.ref)
        assert shift.total == pytest.approx(row.estimate - row.raw)
        assert len(shift.severities) == 3
        expected = (1 - reliability) * (found.mu - (row.raw + shift.severity))
        assert shift.prudence == pytest.approx(expected, abs=1e-9)
    with pytest.raises(KeyError):
        shift_of(found, "D99")


@pytest.mark.parametrize(
    ("alpha", "said"),
    [
        (0.8, "0,80. Ils s'accordent :"),
        (0.7, "0,70. Ils s'accordent en partie"),
        (0.666, "0,67. Ils s'accordent peu"),
        (0.0, "0,00. Ils ne s'accordent pas plus que le hasard"),
        (-0.12, "−0,12. Ils ne s'accordent pas plus que le hasard"),
        (None, "L'accord ne se calcule pas"),
    ],
)
def test_alpha_says_what_it_allows(alpha: float | None, said: str) -> None:
    assert said in alpha_sentence(alpha)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.9, "0,90, de 0 à 1. Les évaluateurs mettent les dossiers à peu près dans le même ordre."),
        (0.5, "sur les premiers et les derniers"),
        (0.3, "se ressemblent peu"),
        (0.1, "presque son propre ordre"),
        (None, "ne se calcule que si"),
    ],
)
def test_concordance_says_what_it_means(value: float | None, said: str) -> None:
    assert said in concordance_sentence(Concordance(value, 0.5, None))
    assert "ne se calcule que si" in concordance_sentence(None)


def test_reliability_says_what_the_mean_is_worth_and_one_juror_alone() -> None:
    assert intraclass_sentence(0.2898, 0.62, 4) == (
        "Fiabilité de la moyenne de quatre évaluateurs : 0,62, moyenne. Celle d'un seul aurait été de 0,29, faible."
    )
    assert "0,95, excellente" in intraclass_sentence(0.8, 0.95, 12)
    assert "ne se calcule que si" in intraclass_sentence(None, None, 3)
