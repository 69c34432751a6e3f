"""The file as it was deposited: canonical JSON, sealed by its SHA-256."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from aap.applications.models import Application, Piece
from aap.applications.pieces import pieces_to_hand_in
from aap.applications.terms import file_questions, honour_statements, piece_label
from aap.forms.queries import get_answers, json_values

SCHEMA = "deposit/1"


def take_snapshot(
    application: Application, number: int, at: datetime, asked: Collection[str] | None = None
) -> dict[str, Any]:
    """Return everything the lead hands in: call and version, identity, answers, totals, pieces with their hashes.

    Amounts are text; answers are the JSON that the forms keep, numbers as text too. ``asked`` names the questions that
    stand (all without it): an answer that a condition hides, and its file, outlives every change of mind, and is not
    handed in.
    """
    version = application.call_version
    answers = json_values(get_answers(application.sheet_id))
    return {
        "schema": SCHEMA,
        "number": number,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "call": {"ref": version.call.ref, "version": version.number, "fingerprint": version.fingerprint},
        "reference": application.reference,
        "region": application.region_code,
        "strand": None if application.strand is None else application.strand.key,
        "title": application.title,
        "applicant_name": application.applicant_name,
        "department": application.department_code,
        "honour": list(honour_statements(version)),
        "answers": {key: value for key, value in answers.items() if asked is None or key in asked},
        "zones": {site.key: site.zone for site in application.sites},
        "totals": {
            "expenses": f"{application.total_expenses:.2f}",
            "income": f"{application.total_income:.2f}",
            "requested": f"{application.requested_eur:.2f}",
        },
        "pieces": [
            {
                "annex": piece.annex_key,
                "label": piece_label(version, piece.annex_key),
                "subject": piece.subject,
                "name": piece.file.name,
                "size": piece.file.size,
                "sha256": piece.file.sha256,
            }
            for piece in pieces_of_deposit(application, asked)
        ],
    }


def pieces_of_deposit(application: Application, asked: Collection[str] | None = None) -> list[Piece]:
    """Return the pieces that a deposit hands in, by annex then age; ``asked`` as ``take_snapshot``."""
    questions = {field.id for field in file_questions(application.call_version)}
    held = (
        piece
        for piece in pieces_to_hand_in(application)
        if asked is None or piece.annex_key not in questions or piece.annex_key in asked
    )
    return sorted(held, key=lambda piece: (piece.annex_key, piece.added_at, str(piece.id)))


def seal_of(snapshot: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hexadecimal, of the snapshot's canonical JSON (sorted keys, no spaces, UTF-8)."""
    text = json.dumps(snapshot, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
