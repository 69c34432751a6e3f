"""Reads of the answers: one query for a sheet, whatever the number of its fields."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from aap.db import db
from aap.errors import NotFoundError
from aap.forms.models import Answer, AnswerRevision


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The current answer to a field: its JSON value, the version a page must send back, who saved it and when."""

    field_key: str
    value: Any
    version: int
    updated_at: datetime
    updated_by_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Revision:
    """One saved text of a field."""

    field_key: str
    version: int
    value: Any
    at: datetime
    by_id: uuid.UUID | None


def get_answers(sheet_id: uuid.UUID, keys: Iterable[str] | None = None) -> Mapping[str, StoredAnswer]:
    """Return the answers of a sheet, or of some of its fields, cleared ones included with the value ``None``."""
    return get_answers_of([sheet_id], keys).get(sheet_id, {})


def get_answers_of(
    sheet_ids: Iterable[uuid.UUID], keys: Iterable[str] | None = None
) -> Mapping[uuid.UUID, Mapping[str, StoredAnswer]]:
    """Return the answers of several sheets in one query, for exports and comparisons."""
    columns = (Answer.field_key, Answer.value, Answer.version, Answer.updated_at, Answer.updated_by_id)
    query = (
        select(Answer.sheet_id, *columns)
        .where(Answer.sheet_id.in_(list(sheet_ids)))
        .order_by(Answer.sheet_id, Answer.field_key)
    )
    if keys is not None:
        query = query.where(Answer.field_key.in_(sorted(keys)))
    found: dict[uuid.UUID, dict[str, StoredAnswer]] = {}
    for row in db.session.execute(query):
        found.setdefault(row.sheet_id, {})[row.field_key] = StoredAnswer(
            row.field_key, row.value, row.version, row.updated_at, row.updated_by_id
        )
    return found


def json_values(answers: Mapping[str, StoredAnswer]) -> dict[str, Any]:
    """Return field id -> JSON value, as ``entries.typed_values`` reads it."""
    return {key: answer.value for key, answer in answers.items()}


def versions_of(answers: Mapping[str, StoredAnswer]) -> dict[str, int]:
    """Return field id -> version, as a page sends it back to ``save_answers``."""
    return {key: answer.version for key, answer in answers.items()}


@dataclass(frozen=True, slots=True)
class RevisionMark:
    """That a field was saved: everything of a revision but its text."""

    field_key: str
    version: int
    at: datetime
    by_id: uuid.UUID | None


def list_marks(sheet_id: uuid.UUID, field_keys: Iterable[str], *, most: int) -> tuple[RevisionMark, ...]:
    """Return when these fields were saved and by whom, the newest first, ``most`` of them at most."""
    query = (
        select(AnswerRevision.field_key, AnswerRevision.version, AnswerRevision.at, AnswerRevision.by_id)
        .where(AnswerRevision.sheet_id == sheet_id, AnswerRevision.field_key.in_(list(field_keys)))
        .order_by(AnswerRevision.at.desc(), AnswerRevision.field_key, AnswerRevision.version.desc())
        .limit(most)
    )
    return tuple(RevisionMark(*row) for row in db.session.execute(query))


def get_texts(sheet_id: uuid.UUID, field_key: str, versions: Iterable[int]) -> Mapping[int, Any]:
    """Return the saved values of a field, by version; a version that never was is absent."""
    query = select(AnswerRevision.version, AnswerRevision.value).where(
        AnswerRevision.sheet_id == sheet_id,
        AnswerRevision.field_key == field_key,
        AnswerRevision.version.in_(sorted(set(versions))),
    )
    return {row.version: row.value for row in db.session.execute(query)}


def list_revisions(sheet_id: uuid.UUID, field_key: str) -> tuple[Revision, ...]:
    """Return every saved text of a field, the newest first."""
    query = (
        select(
            AnswerRevision.field_key,
            AnswerRevision.version,
            AnswerRevision.value,
            AnswerRevision.at,
            AnswerRevision.by_id,
        )
        .where(AnswerRevision.sheet_id == sheet_id, AnswerRevision.field_key == field_key)
        .order_by(AnswerRevision.version.desc())
    )
    return tuple(Revision(*row) for row in db.session.execute(query))


def get_revision(sheet_id: uuid.UUID, field_key: str, version: int) -> Revision:
    """Return one saved text of a field.

    Raises:
        NotFoundError: this field never had this version.

    """
    query = select(
        AnswerRevision.field_key, AnswerRevision.version, AnswerRevision.value, AnswerRevision.at, AnswerRevision.by_id
    ).where(
        AnswerRevision.sheet_id == sheet_id, AnswerRevision.field_key == field_key, AnswerRevision.version == version
    )
    row = db.session.execute(query).one_or_none()
    found = None if row is None else Revision(*row)
    if found is None:
        raise NotFoundError("Cette version du texte n'existe pas.")
    return found
