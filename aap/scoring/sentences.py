"""What the figures of a jury mean, in a sentence a member of the jury can repeat. Advice, and worded as such."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from aap.scoring.agreement import Concordance
from aap.scoring.calibration import Calibration
from aap.scoring.exact import rounded

_COUNTS = ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix")
MINUS = "−"


@dataclass(frozen=True, slots=True)
class Shift:
    """Why a calibrated mark differs from the plain mean, in points. ``total`` is ``severity`` + ``prudence``.

    ``severity`` is what the severities of the application's jurors, ``severities``, take away on average, with the
    other sign; ``prudence`` draws towards the general mean a mark that rests on few reviews (shrinkage of the BLUP).
    """

    total: float
    severity: float
    prudence: float
    severities: tuple[float, ...]


def shift_of(calibration: Calibration, ref: str) -> Shift:
    """Split the shift of one application. Raises ``KeyError`` when it is not in the calibration.

    With k = n / (n + se2 / sa2), mu + a = mu + k (y - b - mu), y and b being the means over its n jurors, so the shift
    from y is - b, and then (1 - k) (mu - (y - b)).
    """
    row = next((row for row in calibration.applications if row.ref == ref), None)
    if row is None:
        raise KeyError(ref)
    by_name = {juror.name: juror.severity for juror in calibration.jurors}
    mine = tuple(by_name[each.juror] for each in calibration.residuals if each.application == ref)
    total, severity = row.estimate - row.raw, -sum(mine) / len(mine)
    return Shift(total, severity, total - severity, mine)


def shift_sentence(shift: Shift, decimals: int = 1) -> str:
    """Explain a shift: « +0,8 : deux des trois évaluateurs notent 1,1 et 0,9 point plus bas que la moyenne… ».

    Gaps that round to zero at ``decimals`` are not mentioned.
    """
    count = len(shift.severities)
    parts = []
    if any(_seen(gap, decimals) for gap in shift.severities):
        lower = [gap for gap in shift.severities if gap < 0 and _seen(gap, decimals)]
        higher = [gap for gap in shift.severities if gap > 0 and _seen(gap, decimals)]
        groups = [(lower, "plus bas"), (higher, "plus haut")]
        groups = groups if shift.severity >= 0 else groups[::-1]
        said = [(gaps, way) for gaps, way in groups if gaps]
        first = _markers(said[0][0], count, said[0][1], decimals)
        if len(said) == 2:
            first += f" et {_others(said[1][0], count - len(said[0][0]), said[1][1], decimals)}"
        alone = "qu'il partage" if len(lower) + len(higher) == 1 else "qu'ils partagent"
        parts.append(f"{first} que la moyenne sur les dossiers {alone} avec d'autres")
    else:
        parts.append("aucun écart de sévérité n'est décelé chez ceux qui l'ont évalué")
    if _seen(shift.prudence, decimals):
        views = "un seul avis" if count == 1 else f"{_count(count)} avis"
        parts.append(f"{_signed(shift.prudence, decimals)} par prudence, car la note ne repose que sur {views}")
    return f"{_signed(shift.total, decimals)} : {' ; '.join(parts)}."


def _markers(gaps: Sequence[float], count: int, way: str, decimals: int) -> str:
    """« deux des trois évaluateurs notent 1,1 et 0,9 point plus bas »."""
    if count == 1:
        who = "son seul évaluateur"
    elif len(gaps) == count:
        who = f"les {_count(count)} évaluateurs"
    else:
        who = f"{_count(len(gaps))} des {_count(count)} évaluateurs"
    return f"{who} {'note' if len(gaps) == 1 else 'notent'} {_listed(gaps, decimals)} {way}"


def _others(gaps: Sequence[float], left: int, way: str, decimals: int) -> str:
    """« l'autre 0,3 point plus bas », of the ``left`` who were not yet mentioned."""
    if len(gaps) == 1:
        who = "l'autre" if left == 1 else "un autre"
    else:
        who = f"{'les ' if len(gaps) == left else ''}{_count(len(gaps))} autres"
    return f"{who} {_listed(gaps, decimals)} {way}"


def _listed(gaps: Sequence[float], decimals: int) -> str:
    """« 1,1 et 0,9 point », the largest first."""
    ordered = sorted((abs(gap) for gap in gaps), reverse=True)
    values = [_plain(gap, decimals) for gap in ordered]
    listed = values[0] if len(values) == 1 else f"{' ; '.join(values[:-1])} et {values[-1]}"
    return f"{listed} {'points' if ordered[0] >= 2 else 'point'}"


def alpha_sentence(alpha: float | None) -> str:
    """Say what Krippendorff's alpha allows.

    Bounds: K. Krippendorff, Content Analysis, 2nd ed., Sage 2004, page 241: rely on alpha >= .800, draw only tentative
    conclusions from .667, nothing below.
    """
    if alpha is None:
        return (
            "L'accord ne se calcule pas : il faut des dossiers notés par deux évaluateurs au moins, et des notes qui "
            "varient."
        )
    figure = f"Accord entre évaluateurs (alpha de Krippendorff) : {_plain(alpha, 2)}."
    if alpha >= 0.8:
        meaning = "Ils s'accordent : d'autres évaluateurs auraient donné à peu près les mêmes notes."
    elif alpha >= 0.667:
        meaning = "Ils s'accordent en partie : regardez de près les dossiers proches de la limite."
    elif alpha > 0:
        meaning = "Ils s'accordent peu : le classement dépend de qui a lu quoi, la discussion doit y remédier."
    else:
        meaning = "Ils ne s'accordent pas plus que le hasard : les notes seules ne peuvent pas fonder un classement."
    return f"{figure} {meaning}"


def concordance_sentence(concordance: Concordance | None) -> str:
    """Say what Kendall's W means.

    Bounds: R. Schmidt, Managing Delphi surveys using nonparametric statistical techniques, Decision Sciences 28 (1997)
    763-774, table 2: .3 weak, .5 moderate, .7 strong.
    """
    value = None if concordance is None else concordance.corrected
    if value is None:
        return "La concordance des classements ne se calcule que si tous les évaluateurs ont noté tous les dossiers."
    figure = f"Concordance des classements (W de Kendall) : {_plain(value, 2)}, de 0 à 1."
    if value >= 0.7:
        meaning = "Les évaluateurs mettent les dossiers à peu près dans le même ordre."
    elif value >= 0.5:
        meaning = "Les évaluateurs s'accordent sur les premiers et les derniers, moins sur le milieu."
    elif value >= 0.3:
        meaning = "Les ordres des évaluateurs se ressemblent peu."
    else:
        meaning = "Chaque évaluateur a presque son propre ordre."
    return f"{figure} {meaning}"


def intraclass_sentence(one: float | None, mean: float | None, judges: int) -> str:
    """Say what two intraclass correlations mean: of ``one`` judge, such as 2,1; and of the ``mean`` of all, 2,k.

    Bounds: T. Koo and M. Li, A guideline of selecting and reporting intraclass correlation coefficients, Journal of
    Chiropractic Medicine 15 (2016) 155-163: below .5 poor, .75 moderate, .9 good, above excellent.
    """
    if one is None or mean is None:
        return (
            "La fiabilité ne se calcule que si les mêmes évaluateurs ont noté tous les dossiers, et des notes varient."
        )
    words = ((0.9, "excellente"), (0.75, "bonne"), (0.5, "moyenne"))
    word = next((said for bound, said in words if mean >= bound), "faible")
    alone = next((said for bound, said in words if one >= bound), "faible")
    return (
        f"Fiabilité de la moyenne de {_count(judges)} évaluateurs : {_plain(mean, 2)}, {word}. "
        f"Celle d'un seul aurait été de {_plain(one, 2)}, {alone}."
    )


def _count(number: int) -> str:
    return _COUNTS[number] if number < len(_COUNTS) else str(number)


def _seen(value: float, decimals: int) -> bool:
    return rounded(Fraction(value), decimals) != 0


def _plain(value: float, decimals: int) -> str:
    text = f"{abs(rounded(Fraction(value), decimals)):f}".replace(".", ",")
    return f"{MINUS}{text}" if value < 0 and _seen(value, decimals) else text


def _signed(value: float, decimals: int) -> str:
    return f"+{_plain(value, decimals)}" if value > 0 and _seen(value, decimals) else _plain(value, decimals)
