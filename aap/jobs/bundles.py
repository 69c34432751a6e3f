"""The files confided to a member of a jury as one PDF: exactly what this person may read when the worker makes it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from pathlib import Path

from aap import audit, french
from aap.applications.models import Application, Submission
from aap.applications.queries import Audience, get_application, get_dossier, list_opinion_rows
from aap.calls.models import CallVersion
from aap.calls.queries import calendar_of
from aap.db import db, released
from aap.documents.bundle import BlankCriterion, Bundle, BundledFile, ToldOpinion, write_bundle
from aap.documents.dossier import Attached
from aap.errors import NotFoundError
from aap.extensions import storage, tell_progress
from aap.files.service import store_document
from aap.jobs.dossiers import fetch_pages, paper_of
from aap.jobs.workbench import workbench
from aap.jury.checks import SCORING_END
from aap.jury.grid import Grid, read_grid
from aap.jury.models import JuryBundle, JuryMember
from aap.jury.queries import MyFile, list_my_files
from aap.jury.service.bundles import BUNDLE, ERASE, keep_bundle, last_deposits
from aap.outbox import Handler, Promise
from aap.referentials.queries import get_region
from aap.scoring.exact import in_words
from aap.scoring.rubric import Criterion
from aap.storage import CHUNK

MOST_MARKS = 11  # beyond, only the marks that the call describes are printed


def make_bundle(promise: Promise, now: datetime) -> None:
    """Make a bundle and keep it; one already made or voided is left alone.

    Raises:
        NotFoundError: no such bundle.
        UnavailableError: the storage does not answer, or a piece still waits for its analysis; tried again later.

    """
    row = _find(promise)
    if row.file_id is not None or row.voided_at is not None:
        return
    files = list_my_files(row.member)
    if not files:
        row.voided_at = now
        return
    deposits = last_deposits([file.application_id for file in files])
    with workbench() as folder:
        output = folder / "dossiers.pdf"
        with released():
            applications = _write(row, files, deposits, _Bench(row, folder, len(files)), output, now)
        with output.open("rb") as content:
            file = store_document(
                storage(),
                iter(lambda: content.read(CHUNK), b""),
                f"dossiers-{applications[0].call_version.call.ref}-{row.member.code}.pdf",
                region_code=applications[0].region_code,
                now=now,
                confidential=True,
            )
    keep_bundle(row, file.id, [(one.id, deposits[one.id]) for one in applications], now)


def erase_bundle(promise: Promise, now: datetime) -> None:
    """Erase the file of a bundle that was voided; done twice, it is erased once."""
    row = _find(promise)
    if row.file is not None:
        storage().delete(row.file.storage_key)
        audit.record("jury.erase_bundle", row, actor_id=None, now=now)


def _find(promise: Promise) -> JuryBundle:
    row = db.session.get(JuryBundle, uuid.UUID(promise.payload["bundle_id"]))
    if row is None:
        message = "Ce document n'existe pas."
        raise NotFoundError(message)
    return row


@dataclass(slots=True)
class _Bench:
    """Where the pieces are brought, and how far the work is: each file is brought, laid out twice, completed."""

    row: JuryBundle
    folder: Path
    files: int
    pieces: int = 0
    grids: dict[uuid.UUID, Grid] = field(default_factory=dict)

    def grid(self, version: CallVersion) -> Grid:
        """Return the grid of a version, read once."""
        if version.id not in self.grids:
            self.grids[version.id] = read_grid(version)
        return self.grids[version.id]

    def place(self) -> Path:
        """Return a free place for a piece."""
        self.pieces += 1
        return self.folder / str(self.pieces)

    def tell(self, done: int) -> None:
        """Tell how many steps are done."""
        tell_progress(f"bundle:{self.row.id}", done, 4 * self.files)


def _write(
    row: JuryBundle,
    files: tuple[MyFile, ...],
    deposits: dict[uuid.UUID, uuid.UUID],
    bench: _Bench,
    output: Path,
    now: datetime,
) -> list[Application]:
    applications = [get_application(file.application_id) for file in files]
    told = []
    for number, application in enumerate(applications, start=1):
        told.append(_file(application, db.session.get_one(Submission, deposits[application.id]), bench, now))
        bench.tell(number)
    bundle = _bundle(row.member, applications[-1].call_version, tuple(told), now)
    write_bundle(bundle, output, lambda done: bench.tell(bench.files + done))
    return applications


def _file(application: Application, deposit: Submission, bench: _Bench, now: datetime) -> BundledFile:
    dossier = get_dossier(application, now, Audience.JURY)
    attached, annexes = [], []
    for annex in dossier.annexes:
        for piece in annex.pieces:
            name = f"{annex.label} – {piece.subject_label}" if piece.subject_label else annex.label
            path, reason = fetch_pages(piece, bench.place())
            if path is not None:
                annexes.append((name, path))
            attached.append(Attached(name, piece.name, piece.size, piece.sha256, path is not None, reason))
    opinions = (row for row in list_opinion_rows(application) if row.value)
    grid = bench.grid(application.call_version)
    return BundledFile(
        paper=paper_of(deposit, "jury", dossier, tuple(attached)),
        opinions=tuple(ToldOpinion(row.label, row.value_label, row.text) for row in opinions),
        criteria=tuple(
            _criterion(grid.criteria[line.key], line.label, line.guidance, dict(line.descriptors))
            for line in grid.lines
        ),
        total=in_words(grid.rubric.scale_to),
        annexes=tuple(annexes),
    )


def _bundle(member: JuryMember, version: CallVersion, files: tuple[BundledFile, ...], now: datetime) -> Bundle:
    call = version.call
    return Bundle(
        agency=get_region(call.region_code).agency_name,
        call_ref=call.ref,
        call_title=call.title,
        juror=member.user.display_name,
        code=member.code,
        due_at=calendar_of(call).instant(SCORING_END),
        files=files,
        made_at=now,
    )


def _criterion(rules: Criterion, label: str, guidance: str, described: dict[Fraction, str]) -> BlankCriterion:
    step = rules.step or Fraction(1)
    marks = [rules.minimum + index * step for index in range((rules.maximum - rules.minimum) // step + 1)]
    if len(marks) > MOST_MARKS:
        marks = [mark for mark in marks if mark in described]
    return BlankCriterion(
        label=label,
        guidance=guidance,
        rules=tuple(_words(rules)),
        marks=tuple((in_words(mark), described.get(mark, "")) for mark in marks),
    )


def _words(rules: Criterion) -> list[str]:
    said = [f"de {in_words(rules.minimum)} à {in_words(rules.maximum)}", f"poids {french.number(rules.weight)}"]
    if rules.threshold is not None:
        said.append(f"éliminatoire sous {in_words(rules.threshold)}")
    if rules.na_allowed:
        said.append("« sans objet » possible")
    comment = rules.comment
    if comment.always:
        said.append("commentaire obligatoire")
    if not comment.always and comment.required_below is not None:
        said.append(f"commentaire obligatoire sous {in_words(comment.required_below)}")
    if not comment.always and comment.required_at_least is not None:
        said.append(f"commentaire obligatoire à partir de {in_words(comment.required_at_least)}")
    return said


HANDLERS: dict[str, Handler] = {BUNDLE: make_bundle, ERASE: erase_bundle}
