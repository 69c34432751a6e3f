"""Save answers, field by field: what two people write at once is told to them, and neither text is lost."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, tuple_

from aap.db import db
from aap.errors import NotFoundError, StaleError
from aap.forms.entries import Values
from aap.forms.fields import field_type
from aap.forms.models import Answer, AnswerRevision, AnswerSheet
from aap.forms.queries import get_revision
from aap.forms.spec import FieldSpec, FormSpec, SectionSpec
from aap.forms.unread import Unread, unread_json


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that somebody else saved meanwhile. Both values are JSON; ``theirs`` is the one kept."""

    field_key: str
    label: str
    yours: Any
    theirs: Any
    theirs_version: int
    theirs_at: datetime
    theirs_by_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class SaveResult:
    """What a save did. ``versions`` holds the current version of every field sent, for the page to keep."""

    saved: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    versions: Mapping[str, int]


def create_sheet() -> AnswerSheet:
    """Create an empty sheet, for the owner to hold its key."""
    sheet = AnswerSheet()
    db.session.add(sheet)
    db.session.flush()
    return sheet


def save_answers(
    sheet_id: uuid.UUID,
    spec: FormSpec | SectionSpec,
    values: Values,
    expected: Mapping[str, int],
    *,
    actor_id: uuid.UUID | None,
    now: datetime,
    unread: Unread | None = None,
) -> SaveResult:
    """Save the fields that changed and report those that somebody else changed first.

    ``expected`` gives the version the person's page was made from (0, or nothing, for a field never answered). A field
    left as the page showed it is no conflict, whatever happened meanwhile; unchanged values write nothing. ``unread``
    holds the inputs of fields that could not be read, kept as typed. Takes three to six queries whatever the number of
    fields.

    Raises:
        NotFoundError: the sheet does not exist.
        ValueError: a value names a field that the form does not have.

    """
    known = {field.id: field for field in (spec.fields() if isinstance(spec, FormSpec) else spec.fields)}
    typed = unread or {}
    unknown = sorted({*values, *typed} - set(known))
    if unknown:
        raise ValueError(f"unknown fields: {unknown}")
    wanted = {key: to_json(known[key], value) for key, value in values.items()}
    wanted |= {key: unread_json(texts) for key, texts in typed.items()}
    answers = _locked_answers(sheet_id, wanted)
    changed = {key: yours for key, yours in wanted.items() if yours != _value(answers.get(key))}
    stale = {key: yours for key, yours in changed.items() if expected.get(key, 0) != _version(answers.get(key))}
    untouched = _untouched(sheet_id, stale, expected)
    conflicts = tuple(
        _conflict(known[key], yours, answers[key]) for key, yours in stale.items() if key not in untouched
    )
    to_write = {key: yours for key, yours in changed.items() if key not in stale}
    _write(sheet_id, to_write, answers, actor_id=actor_id, now=now)
    versions = {key: _version(answers.get(key)) for key in wanted}
    return SaveResult(tuple(to_write), conflicts, versions)


def restore_revision(
    sheet_id: uuid.UUID,
    field_key: str,
    version: int,
    *,
    expected_version: int,
    actor_id: uuid.UUID | None,
    now: datetime,
) -> int:
    """Make an earlier text of a field the current one, as a new version. Returns that version.

    Raises:
        NotFoundError: the sheet or this version does not exist.
        StaleError: somebody else changed the field meanwhile.

    """
    revision = get_revision(sheet_id, field_key, version)
    answers = _locked_answers(sheet_id, [field_key])
    current = answers.get(field_key)
    if _version(current) != expected_version:
        message = "Quelqu'un d'autre a modifié ce champ entre-temps. Relisez sa réponse avant de restaurer la vôtre."
        raise StaleError(message, yours=revision.value, theirs=_value(current))
    if revision.value != _value(current):
        _write(sheet_id, {field_key: revision.value}, answers, actor_id=actor_id, now=now)
    return _version(answers.get(field_key))


def to_json(spec: FieldSpec, value: Any) -> Any:
    """Return the JSON kept for a value; no answer is ``None``."""
    kind = field_type(spec)
    return None if kind.empty(value) else kind.to_json(spec, value)


def _locked_answers(sheet_id: uuid.UUID, keys: Iterable[str]) -> dict[str, Answer]:
    """Lock the sheet, so that two savers take turns, then read the fields as they now are."""
    locked = db.session.scalar(select(AnswerSheet.id).where(AnswerSheet.id == sheet_id).with_for_update())
    if locked is None:
        raise NotFoundError("Ces réponses n'existent pas.")
    query = select(Answer).where(Answer.sheet_id == sheet_id, Answer.field_key.in_(list(keys)))
    found = db.session.scalars(query.execution_options(populate_existing=True))
    return {answer.field_key: answer for answer in found}


def _untouched(sheet_id: uuid.UUID, stale: Mapping[str, Any], expected: Mapping[str, int]) -> set[str]:
    """Return the stale fields whose text is the one the page was made from: the person did not touch them."""
    if not stale:
        return set()
    seen = [(key, expected.get(key, 0)) for key in stale]
    query = select(AnswerRevision.field_key, AnswerRevision.value).where(
        AnswerRevision.sheet_id == sheet_id, tuple_(AnswerRevision.field_key, AnswerRevision.version).in_(seen)
    )
    shown = {row.field_key: row.value for row in db.session.execute(query)}
    return {key for key, yours in stale.items() if (key in shown or not expected.get(key)) and yours == shown.get(key)}


def _write(
    sheet_id: uuid.UUID,
    values: Mapping[str, Any],
    answers: dict[str, Answer],
    *,
    actor_id: uuid.UUID | None,
    now: datetime,
) -> None:
    revisions = []
    for key, value in values.items():
        answer = answers.get(key)
        if answer is None:
            answer = answers[key] = Answer(sheet_id=sheet_id, field_key=key, version=0)
            db.session.add(answer)
        answer.value = value
        answer.version += 1
        answer.updated_at = now
        answer.updated_by_id = actor_id
        revisions.append(
            {
                "sheet_id": sheet_id,
                "field_key": key,
                "version": answer.version,
                "value": value,
                "at": now,
                "by_id": actor_id,
            }
        )
    if revisions:
        db.session.flush()
        db.session.execute(insert(AnswerRevision), revisions)


def _conflict(spec: FieldSpec, yours: Any, theirs: Answer) -> Conflict:
    return Conflict(
        field_key=spec.id,
        label=spec.label,
        yours=yours,
        theirs=theirs.value,
        theirs_version=theirs.version,
        theirs_at=theirs.updated_at,
        theirs_by_id=theirs.updated_by_id,
    )


def _value(answer: Answer | None) -> Any:
    return None if answer is None else answer.value


def _version(answer: Answer | None) -> int:
    return 0 if answer is None else answer.version
