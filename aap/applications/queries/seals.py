"""Seals of the deposits: recomputed from what is stored, and compared with what the journal says."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from aap.applications.models import Application, Piece, Submission, SubmissionPiece
from aap.applications.snapshot import seal_of
from aap.audit import AuditEntry
from aap.db import db
from aap.files.models import StoredFile

DEPOSIT = "applications.deposit"
Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class BrokenSeal:
    """A deposit whose seal does not hold, and why, in French."""

    reference: str
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class SealReport:
    """How many deposits were read, and those whose seal does not hold."""

    checked: int
    broken: tuple[BrokenSeal, ...]


def verify_seals() -> SealReport:
    """Recompute the seal of every deposit from its stored snapshot; the journal must have written the same."""
    journal = _journal_seals()
    rows = db.session.execute(
        select(Application.reference, Submission.number, Submission.id, Submission.snapshot, Submission.seal)
        .join(Application, Application.id == Submission.application_id)
        .order_by(Application.reference, Submission.number)
        .execution_options(yield_per=200)
    )
    checked, broken, handed = 0, [], _handed_in()
    with closing(rows):
        for reference, number, identifier, snapshot, seal in rows:
            checked += 1
            written = journal.pop(str(identifier), None)
            reason = ""
            if seal_of(snapshot) != seal:
                reason = "le contenu conservé ne correspond plus à son sceau"
            elif handed.get(identifier, Counter()) != _named(snapshot):
                reason = "les pièces que l'on en lit ne sont plus celles qui y sont scellées"
            elif written is None:
                reason = "le journal ne connaît pas ce dépôt"
            elif written != seal:
                reason = "le sceau n'est pas celui que le journal a écrit"
            if reason:
                broken.append(BrokenSeal(reference or "?", number, reason))
    broken += [BrokenSeal("?", 0, f"le dépôt {lost}, écrit au journal, a disparu") for lost in journal]
    return SealReport(checked, tuple(broken))


def _handed_in() -> dict[uuid.UUID, Counter[Place]]:
    """Return the pieces that are read as those of each deposit: annex, subject, SHA-256."""
    query = (
        select(SubmissionPiece.submission_id, Piece.annex_key, Piece.subject, StoredFile.sha256)
        .join(Piece, Piece.id == SubmissionPiece.piece_id)
        .join(StoredFile, StoredFile.id == Piece.file_id)
    )
    found: dict[uuid.UUID, Counter[Place]] = {}
    for submission_id, annex, subject, sha256 in db.session.execute(query):
        found.setdefault(submission_id, Counter())[annex, subject, sha256] += 1
    return found


def _named(snapshot: Mapping[str, Any]) -> Counter[Place]:
    return Counter((piece["annex"], piece["subject"], piece["sha256"]) for piece in snapshot["pieces"])


def _journal_seals() -> dict[str, str]:
    details = db.session.scalars(select(AuditEntry.detail).where(AuditEntry.verb == DEPOSIT).order_by(AuditEntry.seq))
    return {str(detail.get("submission")): str(detail.get("seal")) for detail in details}
