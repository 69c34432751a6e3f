"""The sections that could be read, each typed, ``None`` or empty when it could not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aap.calls.document.body import Calendar, Roadmap, Scope
from aap.calls.document.form import Annex, EligibilityRule, FormDocument
from aap.calls.document.funding import Funding, Obligation, Strand
from aap.calls.document.selection import Decision, Rubric, Selection


@dataclass(frozen=True, slots=True)
class Sections:
    """Sections by name. Checks look only at what is there: an unread section already has its own problems."""

    values: Mapping[str, Any]

    def read(self, name: str) -> bool:
        """Tell whether a section could be read (absent and optional counts as read)."""
        return name in self.values

    @property
    def scope(self) -> Scope | None:
        """What the call covers."""
        return self.values.get("scope")

    @property
    def funding(self) -> Funding | None:
        """The money."""
        return self.values.get("funding")

    @property
    def calendar(self) -> Calendar | None:
        """The calendar."""
        return self.values.get("calendar")

    @property
    def form(self) -> FormDocument | None:
        """The form."""
        return self.values.get("form")

    @property
    def selection(self) -> Selection | None:
        """Opinions and jury."""
        return self.values.get("selection")

    @property
    def rubric(self) -> Rubric | None:
        """The grid."""
        return self.values.get("rubric")

    @property
    def strands(self) -> tuple[Strand, ...]:
        """The strands."""
        return tuple(self.values.get("strands", ()))

    @property
    def roadmap_links(self) -> tuple[Roadmap, ...]:
        """The actions of the roadmap."""
        return tuple(self.values.get("roadmap_links", ()))

    @property
    def eligibility_rules(self) -> tuple[EligibilityRule, ...]:
        """The conditions of admissibility."""
        return tuple(self.values.get("eligibility_rules", ()))

    @property
    def annexes(self) -> tuple[Annex, ...]:
        """The documents to join."""
        return tuple(self.values.get("annexes", ()))

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """The possible decisions."""
        return tuple(self.values.get("decisions", ()))

    @property
    def reporting_obligations(self) -> tuple[Obligation, ...]:
        """The reports due."""
        return tuple(self.values.get("reporting_obligations", ()))

    @property
    def mandatory_indicators(self) -> tuple[str, ...]:
        """Codes of the indicators every project follows."""
        return tuple(self.values.get("mandatory_indicators", ()))
