"""The quorum of a file: those who may vote on it and are there, out of those who may vote on it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from sqlalchemy import select

from aap import french
from aap.applications.models import Application
from aap.calls.models import CallVersion
from aap.db import db
from aap.jury.grid import read_selection_terms
from aap.jury.models import JuryMember, JurySession, Recusal

HALF = Decimal("0.5")  # when the call says nothing: half of those who may vote


@dataclass(frozen=True, slots=True)
class Quorum:
    """``present`` of ``seated`` voting members, none of whom stood back from the file; ``needed`` to decide."""

    present: int
    seated: int
    needed: int

    @property
    def reached(self) -> bool:
        """Tell whether enough members are there."""
        return self.seated > 0 and self.present >= self.needed

    @property
    def words(self) -> str:
        """Say it."""
        there = french.plural(self.present, "membre présent", "membres présents")
        return f"{there} sur {self.seated}, il en faut {self.needed}"


def quorum_share(version: CallVersion) -> Decimal:
    """Return the share of the voting members that the call asks for."""
    terms = read_selection_terms(version)
    share = terms.jury.quorum if terms is not None else None
    return HALF if share is None else Decimal(share)


def quorum_of(session: JurySession, application: Application) -> Quorum:
    """Count, for one file, the voting members who did not stand back from it, and those who are there."""
    away = select(Recusal.jury_member_id).where(Recusal.application_id == application.id)
    seated = set(
        db.session.scalars(
            select(JuryMember.id).where(
                JuryMember.call_id == session.call_id,
                JuryMember.voting,
                JuryMember.left_at.is_(None),
                ~JuryMember.substitute,
                JuryMember.id.not_in(away),
            )
        )
    )
    return count_quorum(seated, present_now(session), quorum_share(application.call_version))


def present_now(session: JurySession) -> set[uuid.UUID]:
    """Return the members who are there; once the session is closed, those who stayed to its end."""
    return {
        row.jury_member_id
        for row in session.presences
        if row.left_at is None or (session.closed_at is not None and row.left_at >= session.closed_at)
    }


def count_quorum(seated: set[uuid.UUID], present: set[uuid.UUID], share: Decimal) -> Quorum:
    """Count: the share is of those who may vote on the file, rounded up, and never less than one person."""
    return Quorum(len(present & seated), len(seated), max(1, ceil(Fraction(share) * len(seated))))
