"""Exact numbers: read without a float, written as a ratio, rounded half up only to be shown.

A binary float must never touch a mark, a weight, a threshold or a total: .1 x 4 + .2 x 4.9 + .7 x 6.6 is 6 exactly, and
5.999999999999999 in floats, which would eliminate an application that reaches its threshold.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from aap.errors import InvalidError

Readable = int | Fraction | Decimal | str

# Bounded digits and no exponent in text: "1e999999999" is four bytes that would fill the memory.
_TEXT = re.compile(r"[+-]?(?:\d{1,1000}(?:[.,]\d{0,1000}|/\d{1,1000})?|[.,]\d{1,1000})", re.ASCII)
_LARGEST_EXPONENT = 1000


def require_exact(value: object, what: str) -> None:
    """Refuse, with ``TypeError``, whatever is not a ``Fraction``: a float here is a programming error."""
    if not isinstance(value, Fraction):
        message = f"{what} must be a Fraction, not {type(value).__name__}"
        raise TypeError(message)


def exact(value: object, place: str = "valeur") -> Fraction:
    """Read an int, a Decimal, a Fraction or a text ("3", "3.5", "3,5", "71/5") as a Fraction, exactly.

    Raises ``TypeError`` on a float or a bool (JSON must be read with ``parse_float=Decimal``), and ``InvalidError`` on
    ``place`` when a text or a Decimal is not a finite number.
    """
    if isinstance(value, bool) or not isinstance(value, int | Fraction | Decimal | str):
        message = f"{place}: an exact number is expected, not {type(value).__name__}"
        raise TypeError(message)
    if isinstance(value, Decimal):
        if not value.is_finite() or abs(value.adjusted()) > _LARGEST_EXPONENT:
            raise InvalidError.on(place, f"« {value} » n'est pas un nombre utilisable.", code="pas-un-nombre")
        return Fraction(value)
    if isinstance(value, str):
        return _from_text(value, place)
    return Fraction(value)


def _from_text(text: str, place: str) -> Fraction:
    """Read a decimal text, French or not, or a ratio."""
    stripped = text.strip()
    if _TEXT.fullmatch(stripped):
        numerator, slash, denominator = stripped.replace(",", ".").partition("/")
        if not slash:
            return Fraction(numerator)
        if int(denominator) != 0:
            return Fraction(int(numerator), int(denominator))
    shown_text = stripped if len(stripped) <= 40 else stripped[:40] + "…"
    raise InvalidError.on(place, f"« {shown_text} » n'est pas un nombre.", code="pas-un-nombre")


def ratio(value: Fraction) -> str:
    """Write a Fraction in lowest terms, always ``n/d``: ``71/5``, ``12/1``. ``exact`` reads it back unchanged."""
    require_exact(value, "value")
    return f"{value.numerator}/{value.denominator}"


@lru_cache(maxsize=4096)  # the totals of a call come back at each reading of its ranking
def read_ratio(text: str) -> Fraction:
    """Read back, quickly, what ``ratio`` wrote. Raises ``ValueError`` on anything else."""
    numerator, _, denominator = text.partition("/")
    return Fraction(int(numerator), int(denominator))


def rounded(value: Fraction, decimals: int) -> Decimal:
    """Round half up (half away from zero below zero) to ``decimals`` places, whatever the decimal context.

    For display only: thresholds and ranks compare the exact value.
    """
    require_exact(value, "value")
    whole, rest = divmod(abs(value.numerator) * 10**decimals, value.denominator)
    if 2 * rest >= value.denominator:
        whole += 1
    sign = 1 if value < 0 and whole else 0
    return Decimal((sign, tuple(int(digit) for digit in str(whole)), -decimals))


def shown(value: Fraction, decimals: int = 2) -> str:
    """Write the rounded value with a point and all its decimals: 71/5 gives ``14.20``."""
    return f"{rounded(value, decimals):f}"


def in_words(value: Fraction) -> str:
    """Write a value exactly for a French sentence: ``3,5``, or ``1/3`` when no decimal writing is exact."""
    require_exact(value, "value")
    twos = fives = 0
    rest = value.denominator
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return ratio(value)
    return shown(value, max(twos, fives)).replace(".", ",")
