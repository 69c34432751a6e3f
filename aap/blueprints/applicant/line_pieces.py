"""Files joined to the expenses of a budget, as its table shows them: what each has and what it still asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from aap.applications.checks import AnnexStatus
from aap.applications.facts import Reading
from aap.applications.models import Application, Piece
from aap.applications.people import writes_whole
from aap.applications.pieces import held_pieces, orphan_pieces, subject_names
from aap.applications.row_keys import with_kept_keys
from aap.applications.verdicts import annexes_of
from aap.applications.written import written_rows
from aap.blueprints.access import see_other, signed_in_actor
from aap.blueprints.applicant.inputs import Texts, cell_of
from aap.calls.document.form import PER_LINES
from aap.calls.queries import load_document
from aap.forms.fields.budget import LINES
from aap.forms.spec import SectionSpec
from aap.french import listing
from aap.policies import may

JOIN = "join"  # the button of an expense, "<table>-<row>-join": saves the section, then goes where its file is joined
LINE, BACK = "depense", "retour"  # of the page of an annex: the expense it is opened for, the section it comes from
_ROWS_OF = {PER_LINES: "budget", "cofunders": "budget", "partners": "partners", "sites": "sites"}


@dataclass(frozen=True, slots=True)
class LineAnnex:
    """An annex asked for expenses, with the files of each by key; ``asked`` holds the keys that it is required for."""

    key: str
    label: str
    files: Mapping[str, list[dict[str, str]]]
    asked: frozenset[str]
    opened: bool


@dataclass(frozen=True, slots=True)
class LineFiles:
    """What the table of expenses shows of the annexes asked for each: one of them is called by its kind alone."""

    annexes: tuple[LineAnnex, ...]

    @property
    def title(self) -> str:
        """The head of the column."""
        return "Devis" if all("devis" in annex.label.lower() for annex in self.annexes) else "Pièces"

    @property
    def joined(self) -> frozenset[str]:
        """The keys of the expenses that have some file."""
        return frozenset(key for annex in self.annexes for key, files in annex.files.items() if files)


def line_files(reading: Reading, open_annexes: Collection[str]) -> LineFiles | None:
    """Return the files of each expense; ``None`` when the call asks for none by expense."""
    statuses = [status for status in annexes_of(reading) if status.per == PER_LINES]
    held = held_pieces(reading.application)
    found = tuple(_annex(status, held, opened=status.key in open_annexes) for status in statuses)
    return LineFiles(found) if found else None


def _annex(status: AnnexStatus, held: list[Piece], *, opened: bool) -> LineAnnex:
    files: dict[str, list[dict[str, str]]] = {}
    for piece in held:
        if piece.annex_key == status.key:
            files.setdefault(piece.subject, []).append(_file(piece))
    asked = frozenset(slot.subject for slot in status.slots if slot.required)
    return LineAnnex(status.key, status.label, files, asked, opened)


def _file(piece: Piece) -> dict[str, str]:
    reads = may(signed_in_actor(), "piece.read", piece)
    address = url_for("applicant_pieces.fetch", application_id=piece.application_id, piece_id=piece.id)
    return {"name": piece.file.name if reads else "", "href": address if reads else ""}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The annex and the row of the expense whose button was pressed."""

    annex: str
    table: str
    row: int

    def is_saved(self, values: Collection[str], unread: Collection[str]) -> bool:
        """Tell whether the table could be read and saved."""
        field = self.table.removesuffix(LINES)
        return field in values and field not in unread

    def key_in(self, texts: Texts) -> str:
        """Return the key of the row, "" when the row holds nothing."""
        return (texts.get(f"{self.table}-{self.row}-key") or ("",))[-1]


def wanted_piece(section: SectionSpec, texts: Texts) -> tuple[Texts, Wanted | None]:
    """Return the texts without the button that joins a file to an expense, and what it asked for if it was pressed."""
    tables = [spec.id + LINES for spec in section.fields if spec.type == "budget"]
    for name, values in texts.items():
        for table in tables:
            cell = cell_of(name, table)
            if cell and cell[1] == JOIN:
                wanted = Wanted(values[-1], table, cell[0])
                return {other: kept for other, kept in texts.items() if cell_of(other, table) != cell}, wanted
    return texts, None


def keyed(application: Application, section: SectionSpec, texts: Texts, wanted: Wanted | None) -> Texts:
    """Return the texts with the keys that pieces name."""
    return with_kept_keys(application, section, texts, every=wanted is not None)


def go_join(application: Application, section: SectionSpec, wanted: Wanted, key: str) -> ResponseReturnValue:
    """Go where a file is joined to an expense that has just been saved."""
    if not key:
        flash("Remplissez d'abord cette dépense, puis joignez son fichier.", "warning")
        return see_other("applicant_sections.show", application_id=application.id, section=section.id)
    return see_other(
        "applicant_pieces.show",
        application_id=application.id,
        annex=wanted.annex,
        **{LINE: key, BACK: section.id},
    )


def line_asked(status: AnnexStatus) -> tuple[AnnexStatus, str]:
    """Return an annex with the one expense that the address names, and its key; the whole annex when it names none."""
    key = request.values.get(LINE, "")
    slots = tuple(slot for slot in status.slots if slot.subject == key)
    return (replace(status, slots=slots), key) if status.per == PER_LINES and slots else (status, "")


def stray_files(application: Application, section: SectionSpec) -> list[dict[str, Any]]:
    """Return the files that the rows of a section left behind, with the page of their annex."""
    if not any(spec.type in _ROWS_OF.values() for spec in section.fields):
        return []
    if not writes_whole(application, signed_in_actor()):
        return []
    types = {spec.type for spec in section.fields}
    document = load_document(application.call_version)
    mine = {annex.id for annex in document.annexes if _ROWS_OF.get(annex.per or "") in types}
    return [
        {
            "name": piece.file.name,
            "href": url_for("applicant_pieces.show", application_id=application.id, annex=piece.annex_key),
        }
        for piece in orphan_pieces(application)
        if piece.annex_key in mine
    ]


def tell_renamed(application: Application, before: Mapping[str, str]) -> None:
    """After a whole table was taken, name the rows that keep a file under other words than those ``before``."""
    now = subject_names(written_rows(application))
    told = {piece.subject for piece in held_pieces(application)} & {*before} & {*now}
    changed = sorted(f"« {now[key]} »" for key in told if before[key] != now[key])
    if changed:
        lines = listing(changed)
        flash(f"Des fichiers étaient joints à des lignes dont l'intitulé change : relisez {lines}.", "warning")
