"""The whole file of a deposit as one PDF: written, merged with its pieces, kept. Killed half-way, it is made again."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path

from aap.applications.facts import read_deposit
from aap.applications.models import DossierPrint, Submission
from aap.applications.queries import Audience, Dossier, get_dossier
from aap.applications.queries.dossier_rows import DossierPiece
from aap.applications.service.printing import PRINT
from aap.db import db, released
from aap.documents.dossier import (
    Answer,
    Attached,
    DossierPaper,
    Part,
    Table,
    UnmergeableError,
    merge,
    pages_of,
    render_dossier,
)
from aap.errors import NotFoundError, UnavailableError
from aap.extensions import storage, tell_progress
from aap.files.models import ScanState
from aap.files.service import store_document
from aap.jobs.workbench import workbench
from aap.outbox import Handler, Promise
from aap.referentials.queries import get_region
from aap.storage import CHUNK

_AUDIENCES = {"agency": Audience.AGENCY, "opinion": Audience.OPINION, "jury": Audience.JURY}
_NOTICES = {
    "agency": "Ce document contient le dossier entier, pièces confidentielles comprises. Ne le diffusez pas.",
    "opinion": "Ce document ne contient pas les pièces confidentielles du dossier.",
    "jury": "Ce document est celui du jury : sans les pièces confidentielles ni les réponses qui lui sont cachées.",
}


def make_print(promise: Promise, now: datetime) -> None:
    """Make a print and keep it; one already made is left alone.

    Raises:
        NotFoundError: no such print.
        UnavailableError: the storage does not answer, or a piece still waits for its analysis; tried again later.

    """
    row = db.session.get(DossierPrint, uuid.UUID(promise.payload["print_id"]))
    if row is None:
        message = "Cette impression n'existe pas."
        raise NotFoundError(message)
    if row.file_id is not None:
        return
    with workbench() as folder:
        output = folder / "dossier.pdf"
        with released():
            application, reading = row.submission.application, read_deposit(row.submission, now)
            dossier = get_dossier(application, now, _AUDIENCES[row.audience], reading=reading)
            _write(row, dossier, folder, output)
        if row.file_id is not None:
            return
        with output.open("rb") as content:
            file = store_document(
                storage(),
                iter(lambda: content.read(CHUNK), b""),
                f"dossier-{application.reference}-{row.submission.number}.pdf",
                region_code=application.region_code,
                now=now,
                confidential=row.audience == "agency",
            )
    row.file_id, row.made_at = file.id, now


def _write(row: DossierPrint, dossier: Dossier, folder: Path, output: Path) -> None:
    pieces = [(annex.label, piece) for annex in dossier.annexes for piece in annex.pieces]
    attached, annexes = [], []
    for number, (label, piece) in enumerate(pieces, 1):
        name = f"{label} – {piece.subject_label}" if piece.subject_label else label
        path, reason = fetch_pages(piece, folder / str(number))
        if path is not None:
            annexes.append((name, path))
        attached.append(Attached(name, piece.name, piece.size, piece.sha256, path is not None, reason))
        _tell(row.id, number, 2 * len(pieces))
    content = render_dossier(paper_of(row.submission, row.audience, dossier, tuple(attached)))
    merge(content, annexes, output, lambda done: _tell(row.id, len(pieces) + done, 2 * len(pieces)))


def fetch_pages(piece: DossierPiece, path: Path) -> tuple[Path | None, str]:
    """Bring a piece as a PDF on the local disk; say why when its pages cannot follow."""
    if piece.scan is ScanState.PENDING:
        message = "une pièce attend encore son analyse par l'antivirus"
        raise UnavailableError(message)
    if piece.scan is ScanState.TOO_LARGE:
        return None, "non analysé par l'antivirus"
    raw = path.with_suffix(".raw")
    try:
        with raw.open("wb") as file:
            for chunk in storage().read(piece.storage_key):
                file.write(chunk)
    except NotFoundError:
        return None, "introuvable dans la réserve"
    try:
        with pages_of(raw, piece.media_type) as pages:
            path.write_bytes(pages.read())
    except UnmergeableError as error:
        return None, str(error)
    finally:
        raw.unlink()
    return path, ""


def paper_of(submission: Submission, audience: str, dossier: Dossier, pieces: tuple[Attached, ...]) -> DossierPaper:
    """Gather what the paper of a deposit says to an audience: « agency », « opinion » or « jury »."""
    application = submission.application
    parts = tuple(
        Part(
            section.title,
            tuple(
                Answer(
                    field.label,
                    "–" if field.empty else field.text,
                    tuple(
                        Table(
                            table.caption,
                            tuple((column.label, column.numeric) for column in table.columns),
                            table.rows,
                        )
                        for table in field.tables
                    ),
                )
                for field in section.fields
            ),
        )
        for section in dossier.sections
    )
    return DossierPaper(
        agency=get_region(application.region_code).agency_name,
        call_ref=dossier.call_ref,
        call_title=dossier.call_title,
        reference=application.reference or "",
        title=dossier.title,
        applicant_name=dossier.applicant_name,
        strand=dossier.strand_label,
        requested_eur=dossier.budget.requested,
        submitted_at=submission.at,
        seal_sha256=submission.seal,
        notice=_NOTICES[audience],
        parts=parts,
        pieces=pieces,
    )


def _tell(print_id: uuid.UUID, done: int, total: int) -> None:
    tell_progress(f"print:{print_id}", done, total)


HANDLERS: dict[str, Handler] = {PRINT: make_print}
