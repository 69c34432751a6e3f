"""How long is left before an hour, as a person would say it."""

from __future__ import annotations

from datetime import datetime, timedelta

from aap import french
from aap.clock import paris

SOON = 14  # days before a closing from which a person should hurry


def remaining(until: datetime, now: datetime) -> str:
    """Say how long is left, in days of the Paris calendar; an empty text once the hour has passed."""
    left = until - now
    if left < timedelta(0):
        return ""
    days = (paris(until).date() - paris(now).date()).days
    if days > 1:
        return f"{'plus que' if days <= SOON else 'encore'} {french.plural(days, 'jour')}"
    if days == 1:
        return f"demain à {french.hour(until)}"
    hours, minutes = left // timedelta(hours=1), left // timedelta(minutes=1)
    if hours:
        return f"aujourd'hui, plus que {french.plural(hours, 'heure')}"
    return f"plus que {french.plural(minutes, 'minute')}" if minutes else "plus que quelques secondes"


def until_opening(opens_at: datetime, now: datetime) -> str:
    """Say in how many days something opens; an empty text once it has."""
    if opens_at < now:
        return ""
    days = (paris(opens_at).date() - paris(now).date()).days
    if days == 0:
        return f"aujourd'hui à {french.hour(opens_at)}"
    return f"demain à {french.hour(opens_at)}" if days == 1 else f"dans {french.plural(days, 'jour')}"


def is_soon(until: datetime, now: datetime) -> bool:
    """Tell whether an hour to come is near enough to warn."""
    return timedelta(0) <= until - now <= timedelta(days=SOON)
