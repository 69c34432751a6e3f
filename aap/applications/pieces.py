"""The pieces that are part of a file: neither replaced nor removed, and about somebody who is still in the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from aap.applications.models import Application, IncomeKind, Piece, Submission
from aap.applications.particulars import line_name
from aap.applications.rows import FileRows
from aap.applications.written import is_sealed, written_rows
from aap.calls.document.form import PER_LINES, Annex
from aap.calls.queries import load_document
from aap.files.models import ScanState
from aap.forms.fields import AttachedFile

ALONE: frozenset[str] = frozenset({""})


def known_subjects(rows: FileRows, annex: Annex) -> AbstractSet[str]:
    """Return the keys of the partners, co-funders, sites or expenses that an annex is about; "" for itself."""
    if annex.per == "partners":
        return {partner.key for partner in rows.partners}
    if annex.per == "cofunders":
        return {funder.key for funder in rows.funders if funder.kind is IncomeKind.COFUNDING}
    if annex.per == "sites":
        return {site.key for site in rows.sites}
    if annex.per == PER_LINES:
        return {line.key for line in rows.budget_lines}
    return ALONE


def subject_names(rows: FileRows) -> dict[str, str]:
    """Return how the pieces asked for each call what they are about: partners, funders, sites, expenses, by key."""
    names = {partner.key: partner.name for partner in rows.partners}
    names |= {funder.key: funder.name for funder in rows.funders}
    names |= {site.key: site.name for site in rows.sites}
    return names | {line.key: line_name(line.key, line.label) for line in rows.budget_lines}


def held_pieces(application: Application) -> list[Piece]:
    """Return the pieces in force as the file's own people hold them, oldest first, whomever they are about.

    In a file that is no longer written, those of its last deposit: what came after it was never handed in.
    """
    if is_sealed(application):
        return list(application.submissions[-1].pieces)
    return [piece for piece in application.pieces if piece.replaced_at is None]


def pieces_to_hand_in(application: Application) -> list[Piece]:
    """Return the pieces that a deposit hands in now: those in force, without those of somebody who left the file.

    A partner who is removed takes the letter away; the piece itself is kept, and serves again if the partner returns.
    A file in quarantine is nobody's piece.
    """
    annexes = {annex.id: annex for annex in load_document(application.call_version).annexes}
    rows = written_rows(application)
    known = {key: known_subjects(rows, annex) for key, annex in annexes.items()}
    return [
        piece
        for piece in application.pieces
        if piece.replaced_at is None
        and piece.subject in known.get(piece.annex_key, ALONE)
        and piece.file.scan_state is not ScanState.INFECTED
    ]


def without_infected(held: Iterable[Piece], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return answers without the files in quarantine: a question whose file holds a virus is not answered."""
    given = {key for key, value in values.items() if isinstance(value, AttachedFile)}
    if not given:
        return dict(values)
    sick = {piece.file_id for piece in held if piece.file.scan_state is ScanState.INFECTED}
    return {key: value for key, value in values.items() if key not in given or value.id not in sick}


def handed_in(submission: Submission) -> list[Piece]:
    """Return the pieces of a deposit, oldest first, without those that were put in quarantine since."""
    return [piece for piece in submission.pieces if piece.file.scan_state is not ScanState.INFECTED]


def orphan_pieces(application: Application) -> list[Piece]:
    """Return the pieces in force about somebody who is no longer in the file: they are not handed in."""
    annexes = {annex.id: annex for annex in load_document(application.call_version).annexes}
    rows = written_rows(application)
    return [
        piece
        for piece in held_pieces(application)
        if piece.annex_key in annexes and piece.subject not in known_subjects(rows, annexes[piece.annex_key])
    ]


def quoted_lines(application: Application, rows: FileRows, pieces: Iterable[Piece]) -> frozenset[str] | None:
    """Return the keys of the expenses that have a file; ``None`` when the call asks for no file by expense."""
    asked = {annex.id for annex in load_document(application.call_version).annexes if annex.per == PER_LINES}
    known = {line.key for line in rows.budget_lines}
    given = frozenset(piece.subject for piece in pieces if piece.annex_key in asked and piece.subject in known)
    return given if asked else None
