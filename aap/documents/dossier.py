"""A whole file on paper: its answers, its budget, its pieces; then the pieces themselves, merged behind."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

import pikepdf
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from aap import french
from aap.documents.story import Column, Line, Story
from aap.documents.tagging import Meta
from aap.documents.typeface import Typeface

_MARGIN = 42.0
_NARROW, _WIDE = 4, 7  # columns that a portrait page holds in full, and beyond which rows are told one by one


@dataclass(frozen=True, slots=True)
class Table:
    """A table of an answer: heads with whether they are figures, and rows of French text."""

    caption: str
    heads: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: a text, or tables."""

    label: str
    text: str
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the form."""

    title: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Attached:
    """A piece: what it is, its name, size in octets, SHA-256; ``merged`` when its pages follow, else why not."""

    label: str
    filename: str
    size: int
    sha256: str
    merged: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DossierPaper:
    """What the paper says. ``notice`` tells what this reading leaves out; amounts are in euros."""

    agency: str
    call_ref: str
    call_title: str
    reference: str
    title: str
    applicant_name: str
    strand: str
    requested_eur: french.Number | None
    submitted_at: datetime
    seal_sha256: str
    notice: str
    parts: tuple[Part, ...]
    pieces: tuple[Attached, ...]


def render_dossier(paper: DossierPaper, typeface: Typeface | None = None) -> bytes:
    """Return the paper alone, without the pages of its pieces, as a tagged PDF."""
    story = Story(typeface)
    story.letterhead(paper.agency, paper.call_title)
    tell_dossier(story, paper)
    meta = Meta(
        title=f"Dossier {paper.reference}",
        author=paper.agency,
        subject=paper.title,
        reference=f"Dossier {paper.reference}",
        made_at=paper.submitted_at,
    )
    return story.render(meta)


def tell_dossier(story: Story, paper: DossierPaper, heading: str = "Dossier de candidature") -> None:
    """Tell a file: its title and key facts, its answers, its pieces, its seal."""
    story.title(heading, paper.title)
    story.text(paper.notice, "small")
    story.facts(
        (
            ("Référence", paper.reference),
            ("Déposé le", french.day(paper.submitted_at)),
            ("Montant demandé", french.euros(paper.requested_eur)),
        )
    )
    story.details((("Porteur", paper.applicant_name), ("Volet", paper.strand), ("Appel à projets", paper.call_ref)))
    for part in paper.parts:
        story.section(part.title)
        short = [(one.label, one.text) for one in part.answers if not one.tables and len(one.text) <= 120]
        if short:
            story.details(short)
        for answer in part.answers:
            if answer.tables:
                _tell_tables(story, answer)
            elif len(answer.text) > 120:
                story.subsection(answer.label)
                story.text(answer.text)
    _tell_pieces(story, paper.pieces)
    story.section("Empreinte du dépôt")
    story.text(paper.seal_sha256, "mono")


def _tell_tables(story: Story, answer: Answer) -> None:
    story.subsection(answer.label)
    for table in answer.tables:
        if not table.rows:
            story.text("Aucune ligne.", "small")
        elif len(table.heads) <= _WIDE:
            columns = [
                Column(head, 2.2 if index == 0 else 1, "right" if figures else "left", heading=index == 0)
                for index, (head, figures) in enumerate(table.heads)
            ]
            story.table(columns, [Line(row) for row in table.rows], table.caption)
        else:
            for row in table.rows:
                heads = (head for head, _ in table.heads)
                story.details([(head, cell) for head, cell in zip(heads, row, strict=True) if cell])


def _tell_pieces(story: Story, pieces: Sequence[Attached]) -> None:
    story.section("Pièces")
    if not pieces:
        story.text("Aucune pièce.")
        return
    columns = (
        Column("Pièce", 30, heading=True),
        Column("Fichier et empreinte SHA-256", 45),
        Column("Taille", 10, "right"),
        Column("Pages", 15),
    )
    lines = [
        Line(
            (one.label, one.filename, french.size(one.size), "à la suite" if one.merged else one.reason),
            small=((1, one.sha256),),
        )
        for one in pieces
    ]
    story.table(columns, lines)


# ----------------------------------------------------------------------------------------------------------- merging
class UnmergeableError(Exception):
    """A file whose pages cannot be taken; the message says why, in French."""


def pages_of(path: Path, media_type: str) -> IO[bytes]:
    """Return a PDF of the pages of a file, open for reading.

    Raises:
        UnmergeableError: not a PDF nor an image, or it does not open.

    """
    if media_type in {"image/png", "image/jpeg"}:
        return _page_of_image(path)
    if media_type != "application/pdf":
        message = "à ouvrir à part"
        raise UnmergeableError(message)
    output = io.BytesIO()
    try:
        with pikepdf.open(path) as document, pikepdf.new() as kept:
            if not len(document.pages):
                message = "sans page"
                raise UnmergeableError(message)
            kept.pages.extend(document.pages)
            kept.save(output)
    except pikepdf.PasswordError as error:
        message = "protégé par un mot de passe"
        raise UnmergeableError(message) from error
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        message = "illisible"
        raise UnmergeableError(message) from error
    output.seek(0)
    return output


def _page_of_image(path: Path) -> IO[bytes]:
    output = io.BytesIO()
    try:
        with Image.open(path, formats=("PNG", "JPEG")) as image:
            width, height = image.size
        canvas = Canvas(output, pagesize=A4, invariant=1)
        room = (A4[0] - 2 * _MARGIN, A4[1] - 2 * _MARGIN)
        scale = min(room[0] / width, room[1] / height)
        canvas.drawImage(
            ImageReader(str(path)),
            _MARGIN,
            A4[1] - _MARGIN - height * scale,
            width * scale,
            height * scale,
            mask="auto",
        )
        canvas.showPage()
        canvas.save()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        message = "image illisible"
        raise UnmergeableError(message) from error
    output.seek(0)
    return output


def without_tags(page: pikepdf.Page) -> None:
    """Take off a page its place in the structure of the document it comes from: it would point into another one."""
    if "/StructParents" in page.obj:
        del page.obj["/StructParents"]
    for note in page.obj.get("/Annots", []):
        if "/StructParent" in note:
            del note["/StructParent"]


def merge(paper: bytes, annexes: Sequence[tuple[str, Path]], output: Path, told: Callable[[int], None]) -> None:
    """Write the paper and the pages of its pieces, each under a bookmark; ``told`` is given how many are merged."""
    with pikepdf.open(io.BytesIO(paper)) as whole:
        with whole.open_outline() as outline:
            for number, (title, path) in enumerate(annexes, 1):
                first = len(whole.pages)
                with pikepdf.open(path) as annex:
                    for page in annex.pages:
                        without_tags(page)
                    whole.pages.extend(annex.pages)
                outline.root.append(pikepdf.OutlineItem(title, first))
                told(number)
        whole.save(output, object_stream_mode=pikepdf.ObjectStreamMode.generate)
