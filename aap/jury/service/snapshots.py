"""Freezing the ranking of a call: on request, and by the service where the ranking starts to serve."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import exists, func, select, true

from aap import audit
from aap.accounts.models import User
from aap.calls.models import Call
from aap.db import db, refusing
from aap.errors import ConflictError, InvalidError
from aap.jury.grid import read_rubric_terms
from aap.jury.models import RankingSnapshot, ScoringClosure, SnapshotOccasion
from aap.jury.queries.analysis import get_analysis
from aap.jury.queries.freezing import freeze_ranking_of
from aap.jury.queries.reading import latest_version
from aap.scoring.frozen import canonical, digest_of

LONGEST_NAME, LONGEST_REASON = 200, 2000
NAMES = {
    SnapshotOccasion.OPENING: "Ouverture de la séance",
    SnapshotOccasion.SIGNATURE: "Signature du procès-verbal",
    SnapshotOccasion.DECISION: "Première décision",
}


def freeze_ranking(call: Call, *, name: str, reason: str, actor: User, now: datetime) -> RankingSnapshot:
    """Freeze the ranking of a call as it stands, under a name and for a reason, and seal it in the journal.

    Raises:
        InvalidError: no name, no reason, or a text too long (on its field).
        ConflictError: individual scoring is not closed, the call has no grid, or another was frozen at this instant.

    """
    name, reason = name.strip(), reason.strip()
    for field, text, most in (("name", name, LONGEST_NAME), ("reason", reason, LONGEST_REASON)):
        if not text:
            told = "Donnez un nom à ce classement." if field == "name" else "Indiquez le motif."
            raise InvalidError.on(field, told, code="texte-manquant")
        if len(text) > most:
            raise InvalidError.on(field, f"Le texte compte {most} caractères au plus.", code="texte-trop-long")
    if not _is_closed(call):
        raise ConflictError("Le classement se fige quand la notation individuelle est close.", code="notation-en-cours")
    return _freeze(call, SnapshotOccasion.REQUESTED, name, reason, actor, now)


def freeze_at(call: Call, occasion: SnapshotOccasion, *, actor: User, now: datetime) -> RankingSnapshot | None:
    """Freeze the ranking at a step of the procedure, once per call; ``None`` when it already is, or has no marks."""
    known = exists().where(RankingSnapshot.call_id == call.id, RankingSnapshot.occasion == occasion)
    version = latest_version(call.id)
    if version is None or read_rubric_terms(version) is None or not _is_closed(call):
        return None
    if db.session.scalar(select(known)):
        return None
    return _freeze(call, occasion, NAMES[occasion], "", actor, now)


def _is_closed(call: Call) -> bool:
    return bool(db.session.scalar(select(exists().where(ScoringClosure.call_id == call.id))))


def _freeze(
    call: Call, occasion: SnapshotOccasion, name: str, reason: str, actor: User, now: datetime
) -> RankingSnapshot:
    content = canonical(freeze_ranking_of(call.id))
    advice = _calibrated(call)
    last = db.session.scalar(select(func.max(RankingSnapshot.number)).where(RankingSnapshot.call_id == call.id))
    row = RankingSnapshot(
        call_id=call.id,
        number=(last or 0) + 1,
        occasion=occasion,
        name=name,
        reason=reason,
        content=content.decode(),
        sha256=digest_of(content),
        advice=None if advice is None else advice.decode(),
        advice_sha256=None if advice is None else digest_of(advice),
        frozen_at=now,
        frozen_by_id=actor.id,
    )
    together = ConflictError(
        "Une autre personne vient de figer ce classement. Relisez avant de recommencer.", code="classement-deja-fige"
    )
    names = ("uq_ranking_snapshots_call_id_number", "uq_ranking_snapshots_call_id_occasion")
    with refusing(dict.fromkeys(names, together)):
        db.session.add(row)
    detail = {"call": str(call.id), "number": row.number, "sha256": row.sha256, "advice_sha256": row.advice_sha256}
    audit.record("jury.freeze_ranking", row, actor_id=actor.id, now=now, detail=detail)
    return row


def _calibrated(call: Call) -> bytes | None:
    """Write the calibrated ranks of the whole call, rounded; ``None`` without marks, or with too many for a page."""
    version = latest_version(call.id)
    if version is None:
        return None
    found = get_analysis(call.id, strand=None, envelope_eur=version.envelope_eur, seen=true())
    if not found.files:
        return None
    rows = [
        {
            "id": str(line.application_id),
            "ref": line.reference,
            "rank": line.calibrated_rank,
            "estimate": f"{line.calibrated.estimate:.3f}",
            "expected_rank": f"{line.calibrated.expected_rank:.1f}",
            "rank_50": list(line.calibrated.rank_50),
            "rank_90": list(line.calibrated.rank_90),
        }
        for line in found.files
    ]
    document = {"schema": "calibration/1", "call": call.ref, "files": rows}
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
