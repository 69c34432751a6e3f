"""Starting a draft from an older file: its answers, its budget lines and its partners, never its pieces."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from aap import audit
from aap.accounts.models import Organisation, User
from aap.applications.asked_form import form_of
from aap.applications.copying import CopyLine, carry_over, from_report, to_report
from aap.applications.models import Application, ApplicationCopy
from aap.applications.people import writes_whole
from aap.applications.pieces import held_pieces, subject_names, without_infected
from aap.applications.service.drafting import fill_draft, start_application
from aap.applications.service.pieces import MEGABYTE
from aap.applications.terms import file_questions, piece_label
from aap.applications.written import written_rows
from aap.calls.models import CallVersion
from aap.calls.queries import load_document
from aap.db import db
from aap.errors import ForbiddenError, NotFoundError
from aap.forms.entries import Values, typed_values
from aap.forms.fields import AttachedFile
from aap.forms.queries import get_answers, json_values


def duplicate_application(source: Application, version: CallVersion, *, actor: User, now: datetime) -> Application:
    """Start a draft on an open call with what an older file can give it, and keep the report of what was copied.

    Raises:
        ForbiddenError: the person may not write in the whole of the older file.
        ConflictError: the call is not open now.

    """
    if not writes_whole(source, actor):
        raise ForbiddenError("Seuls le porteur et ses coéditeurs peuvent réutiliser ce dossier.")
    strand = source.strand.key if source.strand else None
    offered = {one.key for one in version.strands}
    draft = start_application(
        version,
        lead=actor,
        now=now,
        strand_key=strand if strand in offered else None,
        organisation=_organisation(source, version, actor),
    )
    db.session.flush()
    old, new = form_of(source.call_version), form_of(version)
    answers = without_infected(held_pieces(source), typed_values(old, json_values(get_answers(source.sheet_id))))
    known = typed_values(new, json_values(get_answers(draft.sheet_id)))
    carried = carry_over(old, answers, new, known=known, files=_files_to_keep(source, version, answers))
    fill_draft(draft, carried.values, actor=actor, now=now)
    report = to_report(carried.lines, _files(source))
    db.session.add(ApplicationCopy(application_id=draft.id, source_id=source.id, report=report, at=now, by_id=actor.id))
    audit.record("applications.duplicate", draft, actor_id=actor.id, now=now, detail={"source": str(source.id)})
    db.session.flush()
    return draft


def find_copy(application: Application) -> ApplicationCopy | None:
    """Return where a draft comes from, when it was started from another file."""
    return db.session.scalar(select(ApplicationCopy).where(ApplicationCopy.application_id == application.id))


def get_copy(application: Application) -> tuple[ApplicationCopy, tuple[CopyLine, ...]]:
    """Return where a draft comes from and the lines of its report.

    Raises:
        NotFoundError: it was not started from another file.

    """
    found = find_copy(application)
    if found is None:
        raise NotFoundError("Ce dossier n'est pas la copie d'un autre.")
    return found, from_report(found.report)


def _organisation(source: Application, version: CallVersion, actor: User) -> Organisation | None:
    """Keep the structure of the older file while the person still acts for it, in the region of the call."""
    organisation = source.organisation
    if organisation is None or organisation.region_code != version.call.region_code:
        return None
    mine = {held.organisation_id for held in actor.memberships if held.ended_at is None}
    return organisation if organisation.id in mine else None


def _files_to_keep(source: Application, version: CallVersion, answers: Values) -> frozenset[str]:
    """Return the questions whose file serves again: within the region, as confidential, and not too large."""
    if source.region_code != version.call.region_code:
        return frozenset()
    before, after = ({field.id: field for field in file_questions(one)} for one in (source.call_version, version))
    return frozenset(
        key
        for key in {*before} & {*after}
        if before[key].blind is after[key].blind and _fits(answers.get(key), after[key].max_mb)
    )


def _fits(value: object, most_mb: int | None) -> bool:
    return isinstance(value, AttachedFile) and (most_mb is None or value.size <= most_mb * MEGABYTE)


def _files(source: Application) -> list[tuple[str, str]]:
    """Return the files to join again with what each is, in the order that the older call asks for them."""
    version = source.call_version
    answers = {field.id for field in file_questions(version)}  # told with the questions
    held = (piece for piece in source.pieces if piece.replaced_at is None and piece.annex_key not in answers)
    names = subject_names(written_rows(source))
    annexes = [annex.id for annex in load_document(version).annexes]
    places = {key: place for place, key in enumerate([*annexes, *names])}
    last = len(places)
    ordered = sorted(held, key=lambda one: (places.get(one.annex_key, last), places.get(one.subject, -1), one.added_at))
    told = ((piece, piece_label(version, piece.annex_key), names.get(piece.subject, "")) for piece in ordered)
    return [(piece.file.name, f"{label} – {about}" if about else label) for piece, label, about in told]
