"""Numbers, money, dates and lists as French readers write them.

Shared by the pages, the mails and the PDF so that one figure never has two spellings. Rounding is half up and
happens here only, for display: nothing returned by this module is computed with again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from aap.clock import paris

THIN = "\u202f"  # narrow no-break space: groups of three digits
HARD = "\u00a0"  # no-break space: before a unit

_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")

Number = int | Decimal | Fraction


def rounded(value: Number, decimals: int) -> Decimal:
    """Round half up to ``decimals`` places, exactly, whatever the exact type."""
    if isinstance(value, Fraction):
        scaled = value * 10**decimals
        whole, rest = divmod(abs(scaled.numerator), scaled.denominator)
        if 2 * rest >= scaled.denominator:
            whole += 1
        return Decimal(whole if scaled >= 0 else -whole).scaleb(-decimals)
    return Decimal(value).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def number(value: Number | None, decimals: int | None = None) -> str:
    """Write a number with a decimal comma and thin spaces; ``None`` is an en dash.

    Without ``decimals`` the number keeps its own digits, trailing zeros removed (Fractions get two places).
    """
    if value is None:
        return "–"
    if decimals is None:
        exact = rounded(value, 2) if isinstance(value, Fraction) else Decimal(value)
        exact = exact.normalize()
        if exact.as_tuple().exponent > 0:  # type: ignore[operator]  # finite by construction: exponent is an int
            exact = exact.quantize(Decimal(1))
    else:
        exact = rounded(value, decimals)
    text = f"{abs(exact):,f}".replace(",", THIN).replace(".", ",")
    return f"−{text}" if exact < 0 else text


def euros(value: Number | None) -> str:
    """Write an amount in euros: cents only when there are some ("112 500 €", "7 724,95 €")."""
    if value is None:
        return "–"
    exact = rounded(value, 2)
    return f"{number(exact, 0 if exact == exact.to_integral_value() else 2)}{HARD}€"


def percent(ratio: Number | None, decimals: int | None = None) -> str:
    """Write a ratio (0.8) as a percentage ("80 %")."""
    if ratio is None:
        return "–"
    value = ratio * 100
    return f"{number(value, decimals)}{HARD}%"


def mark(value: Number | None, decimals: int = 2) -> str:
    """Write a mark or a total with a fixed number of decimals ("76,67")."""
    return number(value, decimals)


def day(value: date | datetime | None) -> str:
    """Write a date in words: "6 novembre 2023". Instants are read in Paris time."""
    if value is None:
        return "–"
    local = paris(value).date() if isinstance(value, datetime) else value
    return f"{_ordinal(local)}{HARD}{_MONTHS[local.month - 1]} {local.year}"


def period(first: date | None, last: date | None) -> str:
    """Write the days from the first to the last, both included: "16 et 17 mars 2027", "du 3 au 14 mars 2027"."""
    if first is None or last is None or first == last:
        return day(first or last)
    if (last - first).days == 1 and first.month == last.month:
        return f"{_ordinal(first)} et {day(last)}"
    if (first.year, first.month) == (last.year, last.month):
        return f"du {_ordinal(first)} au {day(last)}"
    return f"du {day(first)} au {day(last)}"


def _ordinal(value: date) -> str:
    return "1er" if value.day == 1 else str(value.day)


def weekday(value: date | datetime) -> str:
    """Write a date in words with its day: "lundi 6 novembre 2023"."""
    local = paris(value).date() if isinstance(value, datetime) else value
    return f"{_DAYS[local.weekday()]} {day(local)}"


def hour(value: datetime) -> str:
    """Write the hour in Paris: "12 h", "16 h 42"; seconds only when not zero, nor those of a whole day's end."""
    local = paris(value)
    if (local.minute, local.second) == (59, 59):
        local = local.replace(second=0)
    text = f"{local.hour}{HARD}h"
    if local.minute or local.second:
        text += f"{HARD}{local.minute:02d}"
    if local.second:
        text += f"{HARD}min{HARD}{local.second:02d}{HARD}s"
    return text


def moment(value: datetime | None) -> str:
    """Write an instant in words: "lundi 6 novembre 2023 à 12 h"."""
    return "–" if value is None else f"{weekday(value)} à {hour(value)}"


def short_day(value: date | datetime | None) -> str:
    """Write a date in figures for dense tables: "06/11/2023"."""
    if value is None:
        return "–"
    local = paris(value).date() if isinstance(value, datetime) else value
    return f"{local.day:02d}/{local.month:02d}/{local.year}"


def short_moment(value: datetime | None) -> str:
    """Write an instant in figures for dense tables: "06/11/2023 12:00"."""
    return "–" if value is None else f"{short_day(value)} {paris(value):%H:%M}"


def month(value: date) -> str:
    """Write a month in words: "avril 2024"."""
    return f"{_MONTHS[value.month - 1]} {value.year}"


def listing(words: Sequence[str], last: str = "et") -> str:
    """Join words as in a sentence: "a, b et c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def plural(count: int, singular: str, several: str | None = None) -> str:
    """Write a count with its noun: "0 dossier", "1 dossier", "2 dossiers"."""
    noun = singular if count in {0, 1} else several or f"{singular}s"
    return f"{number(count)}{HARD}{noun}"


def size(octets: int) -> str:
    """Write a file size: "512 octets", "1,4 Mo"."""
    if octets < 1000:
        return plural(octets, "octet")
    value, unit = Decimal(octets) / 1000, "ko"
    if value >= 1000:
        value, unit = value / 1000, "Mo"
    return f"{number(value, 0 if value >= 100 else 1)}{HARD}{unit}"
