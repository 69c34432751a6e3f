"""Questions answered by a file: joined, replaced, taken out or restored; every file given stays in the versions.

The answer says which file it is; a piece follows it, so that readers, the whole PDF, the scanner and the deposit treat
it as any other file of the dossier.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aap.accounts.models import User
from aap.applications.models import Application, Piece
from aap.applications.openness import check_field_open
from aap.applications.people import check_writes_section
from aap.applications.pieces import held_pieces
from aap.applications.service.pieces import MEGABYTE, Upload, journal, keep_within_total
from aap.calls.document.form import FieldKind
from aap.calls.queries import load_document, load_form_spec
from aap.db import db
from aap.errors import ConflictError, NotFoundError
from aap.files.models import StoredFile
from aap.files.service import store_file
from aap.forms.entries import typed_values
from aap.forms.fields import AttachedFile
from aap.forms.queries import get_answers, json_values
from aap.forms.service import save_answers
from aap.forms.spec import FieldSpec, FormSpec, SectionSpec
from aap.storage import Storage

_MEANWHILE = "Quelqu'un vient de changer le fichier de cette question. Relisez-le, puis joignez le vôtre de nouveau."


@dataclass(frozen=True, slots=True)
class Joined:
    """What joining a file did: the file now in place, the one it replaced, and the new version of the answer."""

    now: AttachedFile | None
    before: AttachedFile | None
    version: int


def attach_answer(
    application: Application, field_id: str, upload: Upload, *, storage: Storage, actor: User, now: datetime
) -> Joined:
    """Answer a question by a file, in the place of the one that was there; the old one stays in the versions.

    Raises:
        NotFoundError: the form has no such question, or it is not answered by a file.
        ForbiddenError: the person was not invited to change its section.
        ConflictError: the question is closed, or somebody changed its file at the same instant.
        InvalidError: a file that is refused (on ``file``).
        TooLargeError: the file is over the limit of the question, or of the whole dossier.

    """
    section, spec = _check(application, field_id, actor, now)
    held = [piece for piece in held_pieces(application) if piece.annex_key != field_id]  # the old one makes room
    limit = upload.max_bytes if spec.max is None else min(upload.max_bytes, int(spec.max) * MEGABYTE)
    field = load_document(application.call_version).form.field(field_id)

    def keep(most: int) -> StoredFile:
        return store_file(
            storage,
            upload.chunks,
            upload.name,
            region_code=application.region_code,
            actor_id=actor.id,
            now=now,
            max_bytes=most,
            confidential=field is not None and field.blind,
        )

    file = keep_within_total(application, held, limit, keep)
    return _answer(application, section, spec, _particulars(file), actor=actor, now=now)


def detach_answer(application: Application, field_id: str, *, actor: User, now: datetime) -> Joined:
    """Take the file of a question out; it stays in the versions, from which it can be restored.

    Raises:
        NotFoundError, ForbiddenError, ConflictError: as ``attach_answer``.

    """
    section, spec = _check(application, field_id, actor, now)
    return _answer(application, section, spec, None, actor=actor, now=now)


def follow_files(
    application: Application, form: FormSpec, saved: Collection[str], *, actor: User, now: datetime
) -> None:
    """Bring the pieces in line with the answers just saved, those that a file gives; their sheet is locked."""
    asked = tuple(spec for spec in form.fields() if spec.id in saved and spec.type == FieldKind.FILE.value)
    if not asked:
        return
    db.session.flush()
    db.session.refresh(application, ["pieces"])
    stored = json_values(get_answers(application.sheet_id, [spec.id for spec in asked]))
    values = typed_values(FormSpec((SectionSpec("", "", asked),)), stored)
    for spec in asked:
        _hold(application, spec.id, values.get(spec.id), actor=actor, now=now)
    db.session.flush()


def _check(application: Application, field_id: str, actor: User, now: datetime) -> tuple[SectionSpec, FieldSpec]:
    sections = load_form_spec(application.call_version).sections
    found = ((section, spec) for section in sections for spec in section.fields if spec.id == field_id)
    section, spec = next(found, (None, None))
    if section is None or spec is None or spec.type != FieldKind.FILE.value:
        raise NotFoundError("Aucune question de ce dossier n'attend ce fichier.")
    check_writes_section(application, section.id, actor)
    check_field_open(application, field_id, now)
    return section, spec


def _answer(
    application: Application,
    section: SectionSpec,
    spec: FieldSpec,
    value: AttachedFile | None,
    *,
    actor: User,
    now: datetime,
) -> Joined:
    stored = get_answers(application.sheet_id, [spec.id]).get(spec.id)
    expected = {} if stored is None else {spec.id: stored.version}
    alone = replace(section, fields=(spec,))
    result = save_answers(application.sheet_id, alone, {spec.id: value}, expected, actor_id=actor.id, now=now)
    if result.conflicts:
        raise ConflictError(_MEANWHILE, code="fichier-change")
    before = next((one for one in held_pieces(application) if one.annex_key == spec.id), None)
    follow_files(application, FormSpec((alone,)), [spec.id], actor=actor, now=now)
    left = None if before is None else _particulars(before.file)
    return Joined(value, left, result.versions[spec.id])


def _hold(application: Application, field_id: str, value: Any, *, actor: User, now: datetime) -> None:
    """Make the piece of a question the one its answer names."""
    wanted = value if isinstance(value, AttachedFile) else None
    held = [piece for piece in held_pieces(application) if piece.annex_key == field_id]
    if wanted is not None and any(piece.file_id == wanted.id for piece in held):
        return
    for piece in held:
        piece.replaced_at, piece.replaced_by_id = now, actor.id
    if wanted is None:
        for piece in held:
            journal("remove_piece", application, piece, actor, now)
        return
    file = db.session.get_one(StoredFile, wanted.id)
    piece = Piece(
        application_id=application.id,
        annex_key=field_id,
        file_id=file.id,
        file=file,
        added_at=now,
        added_by_id=actor.id,
    )
    application.pieces.append(piece)
    db.session.flush()
    for old in held:
        old.successor_id = piece.id
    journal("attach_piece", application, piece, actor, now)


def _particulars(file: StoredFile) -> AttachedFile:
    return AttachedFile(file.id, file.name, file.size, file.sha256)
