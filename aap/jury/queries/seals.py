"""Seals of the frozen rankings: recomputed from what is stored, and compared with what the journal says."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import select

from aap.audit import AuditEntry
from aap.db import db
from aap.jury.models import RankingSnapshot
from aap.scoring.frozen import digest_of

FREEZE = "jury.freeze_ranking"


@dataclass(frozen=True, slots=True)
class BrokenSnapshot:
    """A frozen ranking whose seal does not hold, and why, in French."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class SnapshotReport:
    """How many frozen rankings were read, and those whose seal does not hold."""

    checked: int
    broken: tuple[BrokenSnapshot, ...]


def verify_snapshots() -> SnapshotReport:
    """Recompute the seals of every frozen ranking; the journal must have written the same, and none may be missing."""
    details = db.session.execute(
        select(AuditEntry.subject_id, AuditEntry.detail).where(AuditEntry.verb == FREEZE).order_by(AuditEntry.seq)
    )
    journal = {subject: (detail.get("sha256"), detail.get("advice_sha256")) for subject, detail in details}
    rows = db.session.execute(
        select(
            RankingSnapshot.id,
            RankingSnapshot.name,
            RankingSnapshot.content,
            RankingSnapshot.sha256,
            RankingSnapshot.advice,
            RankingSnapshot.advice_sha256,
        )
        .order_by(RankingSnapshot.frozen_at, RankingSnapshot.number)
        .execution_options(yield_per=20)
    )
    checked, broken = 0, []
    with closing(rows):
        for identifier, name, content, sha256, advice, advice_sha256 in rows:
            checked += 1
            written = journal.pop(str(identifier), None)
            computed = digest_of(content.encode()), None if advice is None else digest_of(advice.encode())
            reason = ""
            if computed != (sha256, advice_sha256):
                reason = "le contenu conservé ne correspond plus à son sceau"
            elif written is None:
                reason = "le journal ne connaît pas ce classement"
            elif written != computed:
                reason = "le sceau n'est pas celui que le journal a écrit"
            if reason:
                broken.append(BrokenSnapshot(name, reason))
    broken += [BrokenSnapshot("?", f"le classement {lost}, écrit au journal, a disparu") for lost in journal]
    return SnapshotReport(checked, tuple(broken))
