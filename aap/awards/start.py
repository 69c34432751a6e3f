"""What the scenario adopted as the start of a session proposes for each file: an opinion and an amount."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from aap import french
from aap.applications.models import Application
from aap.awards.simulation import RefusalReason
from aap.calls.models import DecisionEffect, DecisionKind

_FUND = (DecisionEffect.FUND, DecisionEffect.FUND_WITH_RESERVATIONS)
_WAIT = (DecisionEffect.WAIT, DecisionEffect.REFUSE)
_REFUSE = (DecisionEffect.REFUSE,)
# What each refusal proposes, first effect that the call has; a file that is not ranked is left to the jury.
_EFFECTS: Mapping[RefusalReason, tuple[DecisionEffect, ...]] = {
    RefusalReason.MAXIMUM: _WAIT,
    RefusalReason.ENVELOPE: _WAIT,
    RefusalReason.MINIMA: _WAIT,
    RefusalReason.BELOW_TOTAL: _REFUSE,
    RefusalReason.ELIMINATED: _REFUSE,
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the start proposes for a file: an opinion of its call, and an amount when it funds."""

    kind: DecisionKind
    amount_eur: Decimal | None = None

    @property
    def words(self) -> str:
        """Say it: "Favorable, 120 000 €"."""
        return self.kind.label if self.amount_eur is None else f"{self.kind.label}, {french.euros(self.amount_eur)}"

    def differs(self, kind: DecisionKind, amount_eur: Decimal | None) -> bool:
        """Tell whether an opinion departs from it: another kind, another amount."""
        return kind.key != self.kind.key or amount_eur != self.amount_eur


@dataclass(frozen=True, slots=True)
class Start:
    """The scenario in force of a call, and its lines by file."""

    scenario_id: uuid.UUID
    name: str
    adopted_at: datetime
    lines: Mapping[uuid.UUID, tuple[Decimal | None, RefusalReason | None]]

    def proposal_for(self, application: Application) -> Proposal | None:
        """Return what is proposed for a file; nothing for one that the scenario does not rank or know."""
        granted, reason = self.lines.get(application.id, (None, None))
        effects = _FUND if granted is not None else _EFFECTS.get(reason, ()) if reason else ()
        kinds = application.call_version.decision_kinds
        kind = next((kind for effect in effects for kind in kinds if kind.effect is effect), None)
        return None if kind is None else Proposal(kind, granted)
