"""The pieces that are part of a file: neither replaced nor removed, and about somebody who is still in the file."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from aap.applications.models import Application, IncomeKind, Piece
from aap.calls.document.form import Annex
from aap.calls.queries import load_document
from aap.files.models import ScanState
from aap.forms.fields import AttachedFile

ALONE: frozenset[str] = frozenset({""})


def known_subjects(application: Application, annex: Annex) -> AbstractSet[str]:
    """Return the keys of the partners, co-funders or sites that an annex is asked for; "" for the annex itself."""
    if annex.per == "partners":
        return {partner.key for partner in application.partners}
    if annex.per == "cofunders":
        return {funder.key for funder in application.funders if funder.kind is IncomeKind.COFUNDING}
    if annex.per == "sites":
        return {site.key for site in application.sites}
    return ALONE


def held_pieces(application: Application) -> list[Piece]:
    """Return the pieces in force, oldest first, whomever they are about."""
    return [piece for piece in application.pieces if piece.replaced_at is None]


def deposited_pieces(application: Application) -> list[Piece]:
    """Return the pieces that a deposit hands in: those in force, without those of somebody who left the file.

    A partner who is removed takes the letter away; the piece itself is kept, and serves again if the partner returns.
    A file in quarantine is nobody's piece.
    """
    annexes = {annex.id: annex for annex in load_document(application.call_version).annexes}
    known = {key: known_subjects(application, annex) for key, annex in annexes.items()}
    return [
        piece
        for piece in held_pieces(application)
        if piece.subject in known.get(piece.annex_key, ALONE) and piece.file.scan_state is not ScanState.INFECTED
    ]


def without_infected(application: Application, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return answers without the files in quarantine: a question whose file holds a virus is not answered."""
    given = {key for key, value in values.items() if isinstance(value, AttachedFile)}
    if not given:
        return dict(values)
    sick = {piece.file_id for piece in held_pieces(application) if piece.file.scan_state is ScanState.INFECTED}
    return {key: value for key, value in values.items() if key not in given or value.id not in sick}


def orphan_pieces(application: Application) -> list[Piece]:
    """Return the pieces in force about somebody who is no longer in the file: they are not handed in."""
    annexes = {annex.id: annex for annex in load_document(application.call_version).annexes}
    return [
        piece
        for piece in held_pieces(application)
        if piece.annex_key in annexes and piece.subject not in known_subjects(application, annexes[piece.annex_key])
    ]
