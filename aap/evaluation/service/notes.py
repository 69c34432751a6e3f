"""Qualitative notes: levers, barriers, surprises, adaptations, limits."""

from __future__ import annotations

from datetime import datetime

from aap import audit
from aap.accounts.models import User
from aap.awards.models import Project
from aap.db import db
from aap.errors import InvalidError
from aap.evaluation import checks
from aap.evaluation.models import NoteKind, QualitativeNote


def add_note(
    project: Project, kind: NoteKind, text: str, *, month: int | None = None, actor: User, now: datetime
) -> QualitativeNote:
    """Write down what numbers do not tell; ``month`` counts from the start of the project.

    Raises:
        InvalidError: empty text, or a negative month.

    """
    if month is not None and month < 0:
        raise InvalidError.on("month", "Le mois se compte depuis le démarrage du projet.", code="mois-negatif")
    note = QualitativeNote(
        project_id=project.id,
        kind=kind,
        month=month,
        text=checks.check_filled("text", text, "Écrivez la note."),
        recorded_at=now,
        recorded_by_id=actor.id,
    )
    db.session.add(note)
    audit.record("qualitative_notes.add", note, actor_id=actor.id, now=now, detail={"kind": kind.value})
    return note


def remove_note(note: QualitativeNote, *, actor: User, now: datetime) -> None:
    """Remove a note; the journal keeps that it was removed."""
    audit.record("qualitative_notes.remove", note, actor_id=actor.id, now=now)
    db.session.delete(note)
    db.session.flush()
