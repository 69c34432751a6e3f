"""The calendar of the 2023 call, moved by whole weeks: an hour is written as it was then and read as it is now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from aap.calls.document.writing import dump
from aap.clock import from_paris, paris
from aap.demonstration.examples import read_tree

WEEK = 7
CLOSING = date(2023, 11, 6)
SCORING_START = date(2023, 12, 13)
DELIBERATION = date(2024, 1, 18)
PROJECT_START = date(2024, 4, 1)
_SAME: Mapping[str, Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Timeline:
    """A number of days to add to every hour of the 2023 call: whole weeks, so that days of the week stay."""

    days: int

    def hour(self, text: str) -> datetime:
        """Return the instant of an hour of Paris written on the calendar of 2023."""
        return from_paris(datetime.fromisoformat(text) + timedelta(days=self.days))

    def day(self, base: date) -> date:
        """Return a day of the calendar of 2023, moved."""
        return base + timedelta(days=self.days)

    def call_document(
        self,
        ref: str,
        title: str,
        short_title: str,
        pieces: Mapping[str, Mapping[str, Any]] = _SAME,
        questions: Mapping[str, Mapping[str, Any]] = _SAME,
    ) -> bytes:
        """Write the call of the example with another name and every step moved.

        ``pieces`` changes annexes by key; ``questions`` adds some to the form, each after the one that it is named by.
        """
        tree = dict(read_tree("call.yaml")["call"])
        year = self.day(date(2023, 9, 4)).year
        tree |= {
            "ref": ref.format(year=year),
            "title": title,
            "short_title": short_title.format(year=year),
            "status": "draft",
            "calendar": {**tree["calendar"], "steps": [self._moved(step) for step in tree["calendar"]["steps"]]},
            "annexes": [{**annex, **pieces.get(annex["id"], {})} for annex in tree["annexes"]],
            "form": {**tree["form"], "sections": [_asking(part, questions) for part in tree["form"]["sections"]]},
        }
        return dump(tree)

    def _moved(self, step: dict[str, Any]) -> dict[str, Any]:
        moved = dict(step)
        if "at" in step:
            moved["at"] = (datetime.fromisoformat(str(step["at"])) + timedelta(days=self.days)).isoformat()
        for end in ("from", "to"):
            if end in step:
                moved[end] = self.day(date.fromisoformat(str(step[end]))).isoformat()
        return moved


def _asking(section: dict[str, Any], questions: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    fields: list[Mapping[str, Any]] = []
    for field in section["fields"]:
        fields += [field, questions[field["id"]]] if field["id"] in questions else [field]
    return {**section, "fields": fields}


FIRST = Timeline(0)  # the call of 2023 itself


def open_for_six_weeks(now: datetime) -> Timeline:
    """Return the calendar that closes on a Monday, at least six weeks from now."""
    return _not_before(CLOSING, paris(now).date() + timedelta(weeks=6))


def being_marked(now: datetime) -> Timeline:
    """Return the calendar whose individual scoring began ten to sixteen days ago; it lasts four weeks."""
    return _not_before(SCORING_START, paris(now).date() - timedelta(days=16))


def being_decided(now: datetime) -> Timeline:
    """Return the calendar whose jury met three to nine days ago."""
    return _not_before(DELIBERATION, paris(now).date() - timedelta(days=9))


def under_way(now: datetime) -> Timeline:
    """Return the calendar of projects that started fourteen months ago, in the week before ``first_day``."""
    return _not_before(PROJECT_START, first_day(now) - timedelta(days=6))


def first_day(now: datetime) -> date:
    """Return the first day of the projects under way: the first of the month, fourteen months ago."""
    today = paris(now).date()
    months = today.year * 12 + today.month - 1 - 14
    return date(months // 12, months % 12 + 1, 1)


def _not_before(base: date, day: date) -> Timeline:
    """Move a day of 2023 to the first same day of the week on or after another."""
    weeks = -(-(day - base).days // WEEK)
    return Timeline(weeks * WEEK)
