"""The files confided to a juror as one document to read offline, each with a blank grid to fill in by hand.

The words of all the files are told in one tagged story; the pages of the pieces are then put in their places. The story
is told twice: once to learn on which page each file starts, once with these numbers in the summary and at the foot.
"""

from __future__ import annotations

import io
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from pathlib import Path

import pikepdf

from aap import french
from aap.documents.blank_form import BOX
from aap.documents.dossier import DossierPaper, tell_dossier, without_tags
from aap.documents.story import Column, Line, Story
from aap.documents.tagging import Bookmark, Meta
from aap.documents.typeface import Typeface

_ROOM = "\N{NO-BREAK SPACE}"  # an empty line of a table keeps its height
_HAND = f"{_ROOM}\n\n{_ROOM}"  # room for a line of handwriting
_REMARK_LINES = 3
_GRID = "Grille à remplir"
_PIECES = "Pièces jointes"


@dataclass(frozen=True, slots=True)
class BlankCriterion:
    """A criterion to mark by hand: its rules in words, and each mark with what it means."""

    label: str
    guidance: str
    rules: tuple[str, ...]
    marks: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ToldOpinion:
    """An opinion given on the file, that is not a mark."""

    label: str
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class BundledFile:
    """A file of the bundle, with its own grid, whose total is out of ``total``.

    ``annexes``: the title of each piece that can be merged, and its PDF on the local disk.
    """

    paper: DossierPaper
    opinions: tuple[ToldOpinion, ...]
    criteria: tuple[BlankCriterion, ...]
    total: str
    annexes: tuple[tuple[str, Path], ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """What the document says. ``juror`` is who may read it; ``due_at`` when the grids are due, if the call says."""

    agency: str
    call_ref: str
    call_title: str
    juror: str
    code: str
    due_at: datetime | None
    files: tuple[BundledFile, ...]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class _Insertion:
    """Pages put in the story before its 0-based page ``before``: those of the pieces of one file."""

    before: int
    pages: int


def write_bundle(bundle: Bundle, output: Path, told: Callable[[int], None], typeface: Typeface | None = None) -> None:
    """Write the document; ``told`` is given the steps done, out of three per file."""
    counts = [_count_pages(file) for file in bundle.files]
    story = _tell(bundle, None, typeface)
    story.render(_meta(bundle))
    told(len(bundle.files))
    starts = _places(story.bookmarks, [_heading(file) for file in bundle.files])
    grids = _places(story.bookmarks, [_grid_heading(file) for file in bundle.files])
    inserted = [_Insertion(*pair) for pair in zip(grids, counts, strict=True)]
    offset = _offset(inserted)
    again = _tell(bundle, [start + 1 + offset(start) for start in starts], typeface)
    content = again.render(_meta(bundle), lambda page, total: (page + offset(page - 1), total + sum(counts)))
    told(2 * len(bundle.files))
    _merge(content, bundle.files, inserted, output, lambda done: told(2 * len(bundle.files) + done))


def _offset(inserted: Sequence[_Insertion]) -> Callable[[int], int]:
    """Return how many pages are put before a 0-based page of the story."""
    befores = [one.before for one in inserted]
    sums = [0, *accumulate(one.pages for one in inserted)]
    return lambda page: sums[bisect_left(befores, page + 1)]


def _count_pages(file: BundledFile) -> int:
    count = 0
    for _, path in file.annexes:
        with pikepdf.open(path) as annex:
            count += len(annex.pages)
    return count


def _places(bookmarks: Sequence[Bookmark], headings: Sequence[str]) -> list[int]:
    """Return the 0-based page of each heading, which come in this order and are all there."""
    found = iter(bookmarks)
    return [next(mark.page for mark in found if mark.title == heading) for heading in headings]


def _meta(bundle: Bundle) -> Meta:
    return Meta(
        title=f"Dossiers à lire – {bundle.call_ref}",
        author=bundle.agency,
        subject=bundle.call_title,
        reference=f"Document confidentiel remis à {bundle.juror} ({bundle.code})",
        made_at=bundle.made_at,
    )


def _heading(file: BundledFile) -> str:
    return f"Dossier {file.paper.reference}"


def _grid_heading(file: BundledFile) -> str:
    return f"{_GRID} – {file.paper.reference}"


def _tell(bundle: Bundle, pages: Sequence[int] | None, typeface: Typeface | None) -> Story:
    story = Story(typeface)
    _tell_cover(story, bundle, pages)
    for file in bundle.files:
        story.page()
        tell_dossier(story, file.paper, _heading(file))
        _tell_opinions(story, file.opinions)
        story.page()
        _tell_grid(story, file)
    return story


def _tell_cover(story: Story, bundle: Bundle, pages: Sequence[int] | None) -> None:
    story.letterhead(bundle.agency, bundle.call_title)
    story.title("Dossiers à lire et à noter", bundle.call_title)
    use = (
        f"Remis à {bundle.juror} ({bundle.code}), membre du jury, pour son seul usage. Ne le diffusez pas, ne le "
        "laissez pas sur un appareil partagé, et détruisez-le après la séance."
    )
    ties = "Vous découvrez un lien d'intérêts en lisant un dossier ? Arrêtez sa lecture et déportez-vous en ligne."
    story.note([use, ties], title="Document confidentiel")
    story.details(
        [
            ("Appel à projets", bundle.call_ref),
            ("Membre du jury", f"{bundle.juror} ({bundle.code})"),
            ("Préparé le", french.moment(bundle.made_at.replace(second=0, microsecond=0))),
            ("Grilles à rendre avant le", french.moment(bundle.due_at) if bundle.due_at else ""),
            ("Dossiers", french.number(len(bundle.files))),
        ]
    )
    story.text(
        "Les notes se donnent en ligne : les grilles de papier aident à les préparer et ne comptent pas.", "small"
    )
    story.section("Sommaire")
    columns = [
        Column("Dossier", 0.24, heading=True),
        Column("Intitulé et porteur", 0.64),
        Column("Page", 0.12, align="right"),
    ]
    numbers = [french.number(page) for page in pages] if pages else ["–"] * len(bundle.files)
    story.table(
        columns,
        [
            Line((file.paper.reference, f"{file.paper.title}\n\n{file.paper.applicant_name}", number))
            for file, number in zip(bundle.files, numbers, strict=True)
        ],
    )


def _tell_opinions(story: Story, opinions: Sequence[ToldOpinion]) -> None:
    if not opinions:
        return
    story.section("Avis consultatifs, non notés")
    for opinion in opinions:
        story.subsection(f"{opinion.label} : {opinion.value}")
        if opinion.text:
            story.text(opinion.text)


def _tell_grid(story: Story, file: BundledFile) -> None:
    story.section(_grid_heading(file))
    story.text(f"{file.paper.title} – {file.paper.applicant_name}", "small")
    columns = [Column("Note", 0.12, heading=True), Column("Repère", 0.88)]
    for criterion in file.criteria:
        story.subsection(criterion.label)
        if criterion.guidance:
            story.text(criterion.guidance)
        story.text(" · ".join(criterion.rules), "small")
        story.table(columns, [Line((f"{BOX} {mark}", text or _ROOM)) for mark, text in criterion.marks])
        story.table([Column("Commentaire", 1)], [Line((_HAND,))] * _REMARK_LINES)
    story.subsection("Total et appréciation d'ensemble")
    story.table([Column(f"Total sur {file.total}, calculé en ligne", 1)], [Line((_HAND,))] * _REMARK_LINES)


def _merge(
    content: bytes,
    files: Sequence[BundledFile],
    inserted: Sequence[_Insertion],
    output: Path,
    told: Callable[[int], None],
) -> None:
    """Put the pages of the pieces before the grid of their file, each under a bookmark of the file."""
    with pikepdf.open(io.BytesIO(content)) as whole:
        moved, places = 0, []
        for number, (file, insertion) in enumerate(zip(files, inserted, strict=True), start=1):
            at = insertion.before + moved
            for title, path in file.annexes:
                places.append((_heading(file), title, at))
                at = _insert(whole, at, path)
            moved += insertion.pages
            told(number)
        with whole.open_outline() as outline:
            roots = {item.title: item for item in outline.root}
            for heading, title, at in places:
                branch = roots[heading].children
                pieces = next((item for item in branch if item.title == _PIECES), None)
                if pieces is None:
                    pieces = pikepdf.OutlineItem(_PIECES, at)
                    branch.insert(len(branch) - 1, pieces)  # before the grid, as in the pages
                pieces.children.append(pikepdf.OutlineItem(title, at))
        whole.save(output, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def _insert(whole: pikepdf.Pdf, at: int, path: Path) -> int:
    """Put the pages of a piece at a place; return the place after them."""
    with pikepdf.open(path) as annex:
        for page in annex.pages:
            without_tags(page)
            whole.pages.insert(at, page)
            at += 1
    return at
