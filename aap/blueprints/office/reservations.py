"""The rows of reservations of the decision form, as typed and as the service takes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from aap.awards.inputs import ReservationInput

_FIELD = re.compile(r"reservations-([0-9]{1,2})-(text|deadline)")


def received(sent: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the rows as typed, one added or removed when a button of the table asks; blank rows are left out."""
    found: dict[int, dict[str, str]] = {}
    for name, value in sent.items():
        matched = _FIELD.fullmatch(name)
        if matched:
            found.setdefault(int(matched[1]), {"text": "", "deadline": ""})[matched[2]] = value
    removed = sent.get("remove", "").removeprefix("reservations-")
    rows = [row for index, row in sorted(found.items()) if str(index) != removed and any(map(str.strip, row.values()))]
    if sent.get("add") == "reservations":
        rows.append({"text": "", "deadline": ""})
    return rows


def reservation_inputs(rows: list[dict[str, str]]) -> tuple[ReservationInput, ...]:
    """Return the rows for the service; a day that cannot be read is missing, and the service asks for it."""
    return tuple(ReservationInput(row["text"], _day(row["deadline"])) for row in rows)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
