"""Recognising a French social security number (NIR) in a text. Nothing recognised is kept, shown or logged.

The number is 13 signs and a key of two digits: 97 minus the number modulo 97. Corsica writes 2A and 2B for its
departments, counted as 19 and 18 (decree n° 82-103, INSEE's notice on the NIR).
"""

from __future__ import annotations

import re

_GAP = r"[\s\u00a0\u202f.\-]*"
_NIR = re.compile(
    rf"(?<![0-9A-Za-z])([1-478]){_GAP}([0-9]{{2}}){_GAP}([0-9]{{2}}){_GAP}([0-9]{{2}}|2[ABab]){_GAP}"
    rf"([0-9]{{3}}){_GAP}([0-9]{{3}}){_GAP}([0-9]{{2}})(?![0-9A-Za-z])"
)
_CORSICA = {"2A": "19", "2B": "18"}


def holds_nir(text: str) -> bool:
    """Tell whether a text holds something that is very likely a social security number: its shape and its key."""
    return any(_key_holds(match.groups()) for match in _NIR.finditer(text))


def _key_holds(parts: tuple[str, ...]) -> bool:
    sex, year, month, department, commune, order, key = parts
    if not (1 <= int(month) <= 12 or 20 <= int(month) <= 42 or int(month) >= 50):
        return False
    number = int(sex + year + month + _CORSICA.get(department.upper(), department) + commune + order)
    return int(key) == 97 - number % 97
