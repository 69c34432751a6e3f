"""How a document is told: headings, paragraphs, lists, tables; the drawing and the tags follow.

Every method takes plain text as people typed it. Lengths and fonts are the business of ``style``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import partial
from io import BytesIO
from typing import Literal

from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Spacer,
)

from aap.clock import from_paris
from aap.documents import style
from aap.documents.blocks import Grid, GridLook, Item, Para, Row, para, shortened
from aap.documents.tagging import Bookmark, Meta, Node, TaggedCanvas, assemble
from aap.documents.typeface import Typeface, fonts

_ROOM_UNDER_HEADING = 62.0  # points that must remain on the page below a heading's top, or it moves on
_INDENT = 13.0
_FACTS_A_LINE = 4
_SHORT_LIST = 6  # items: a short list stays on one page


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its head, its share of the width, and its alignment. ``heading`` cells name their row."""

    head: str
    share: float
    align: Literal["left", "right"] = "left"
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: a text per column, the second line in small type, and its kind (see ``blocks.Row``)."""

    cells: tuple[str, ...]
    kind: Literal["plain", "group", "total"] = "plain"
    small: tuple[tuple[int, str], ...] = ()  # (column, text) written in small fixed-width type under the cell


class Story:
    """A document being told, then rendered once."""

    def __init__(self, typeface: Typeface | None = None) -> None:
        """Start an empty document with the given typeface (by default the one built with the site)."""
        self.typeface = typeface or fonts()
        self.styles = style.styles(self.typeface)
        self.document = Node("Document")
        self.bookmarks: list[Bookmark] = []  # once rendered: where each heading is
        self._blocks: list[Flowable] = []

    # Words -----------------------------------------------------------------------------------------------------

    def letterhead(self, agency: str, *lines: str) -> None:
        """Say who writes: the agency, then its service and address."""
        self._paragraphs(self.document, agency, self.styles.agency)
        for line in lines:
            self._paragraphs(self.document, line, self.styles.service)

    def title(self, text: str, subtitle: str = "") -> None:
        """Write the one H1, and the line under it."""
        self._heading("H1", 1, text, self.styles.title)
        if subtitle:
            self._paragraphs(self.document, subtitle, self.styles.subtitle)

    def section(self, text: str) -> None:
        """Write an H2."""
        self._heading("H2", 2, text, self.styles.section)

    def subsection(self, text: str) -> None:
        """Write an H3."""
        self._heading("H3", 3, text, self.styles.subsection)

    def text(self, text: str, look: Literal["body", "lead", "small", "mono"] = "body") -> None:
        """Write paragraphs; a blank line in the text starts a new one."""
        self._paragraphs(self.document, text, getattr(self.styles, look))

    def link(self, text: str, url: str) -> None:
        """Write a paragraph that opens ``url``, the address shown when it is not the text."""
        node = self.document.add("P").add("Link")
        block = para(node, f"<u>{self.typeface.markup(text)}</u>", self.styles.link)
        block.url = url
        self._blocks.append(block)

    def bullets(self, items: Sequence[str]) -> None:
        """Write a list; blank items are left out."""
        items = [item for item in items if item.strip()]
        if not items:
            return
        tree = self.document.add("L")
        entries: list[Flowable] = []
        for item in items:
            entry = tree.add("LI")
            label = para(entry.add("Lbl"), self.typeface.markup("•"), self.styles.item)
            body = entry.add("LBody")
            for index, markup in enumerate(self.typeface.paragraphs(item)):
                entries.append(Item(None if index else label, para(body, markup, self.styles.item), _INDENT))
        short = len(items) <= _SHORT_LIST and sum(map(len, items)) <= _SHORT_LIST * 150
        self._blocks += [KeepTogether(entries)] if short else entries
        self._blocks.append(Spacer(1, 7))

    def space(self, points: float) -> None:
        """Leave a blank of this height."""
        self._blocks.append(Spacer(1, points))

    def page(self) -> None:
        """Go on at the top of a new page."""
        self._blocks.append(PageBreak())

    def together(self, tell: Callable[[], None]) -> None:
        """Keep what ``tell`` adds on one page, when a page can hold it."""
        start = len(self._blocks)
        tell()
        self._blocks[start:] = [KeepTogether(self._blocks[start:])]

    # Panels ----------------------------------------------------------------------------------------------------

    def facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show a strip of key facts, at most four a line: a list of labels and values."""
        tree = self.document.add("L")
        cells: list[tuple[Para, ...]] = []
        for label, value in facts:
            entry = tree.add("LI")
            cells.append((self._para(entry.add("Lbl"), label, "label"), self._para(entry.add("LBody"), value, "value")))
        across = min(len(cells), _FACTS_A_LINE)
        while len(cells) % across:
            cells.append(())
        rows = [Row(tuple(cells[start : start + across])) for start in range(0, len(cells), across)]
        naturals = [max(map(self._natural_width, facts[column::across])) for column in range(across)]
        spare = max(style.WIDTH - sum(naturals), 0) / across
        self._grid([natural + spare for natural in naturals], rows, style.PANEL)

    def _natural_width(self, fact: tuple[str, str]) -> float:
        """Return the width at which a fact stands on two lines, at most half a page."""
        looks = (self.styles.label, self.styles.value)
        texts = (self.typeface.clean(text) for text in fact)
        widths = (stringWidth(text, look.fontName, look.fontSize) for text, look in zip(texts, looks, strict=True))
        return min(max(widths) + 2 * style.PANEL.pad_x + 1, style.WIDTH / 2)

    def note(self, paragraphs: Sequence[str], title: str = "") -> None:
        """Set paragraphs apart in a tinted panel."""
        blocks = [self._para(self.document.add("P"), title, "cell_strong")] if title else []
        markups = [markup for text in paragraphs for markup in self.typeface.paragraphs(text)]
        blocks += [para(self.document.add("P"), markup, self.styles.cell) for markup in markups]
        self._grid([1.0], [Row((tuple(blocks),))], style.NOTE)

    def quote(self, text: str, source: str) -> None:
        """Quote what somebody said, and in what function."""
        tree = self.document.add("BlockQuote")
        words = [para(tree.add("P"), markup, self.styles.quote) for markup in self.typeface.paragraphs(text)]
        self._grid([1.0], [Row(((*words, self._para(tree.add("P"), source, "label")),))], style.QUOTE)

    def beside(self, *cells: Sequence[str], shares: Sequence[float] = (1, 1)) -> None:
        """Put short paragraphs in columns (addresses, signatures), read column by column; the first is in bold."""
        blocks = []
        for texts in cells:
            looks = ("cell_strong", *("cell",) * len(texts))
            column = [self._para(self.document.add("P"), text, look) for text, look in zip(texts, looks, strict=False)]
            blocks.append(tuple(column))
        self._grid(shares, [Row(tuple(blocks))], style.PLAIN)

    # Tables ----------------------------------------------------------------------------------------------------

    def details(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Show names and values as a two-column table whose first column names the rows."""
        lines = [Line(pair) for pair in pairs if pair[1]]
        self.table([Column("", 0.32, heading=True), Column("", 0.68)], lines)

    def table(self, columns: Sequence[Column], lines: Sequence[Line], caption: str = "") -> None:
        """Show a table. Heads are repeated on every page; group lines head the lines below them."""
        if not lines:
            return
        tree = self.document.add("Table")
        if caption:
            self._keep(_ROOM_UNDER_HEADING)
            self._paragraphs(tree, caption, self.styles.caption, role="Caption")
        head = self._head(tree, columns) if any(column.head for column in columns) else None
        rows = [self._row(tree, columns, line) for line in lines]
        self._grid([column.share for column in columns], rows, style.TABLE, head)

    def _head(self, tree: Node, columns: Sequence[Column]) -> Row:
        line = tree.add("TR")
        cells = []
        for column in columns:
            look = "head_right" if column.align == "right" else "head"
            block = self._para(line.add("TH", Scope="Column"), shortened(column.head), look)
            block.repeated = True
            cells.append((block,))
        return Row(tuple(cells))

    def _row(self, tree: Node, columns: Sequence[Column], line: Line) -> Row:
        branch = tree.add("TR")
        if line.kind == "group":
            node = branch.add("TH", Scope="Row", ColSpan=len(columns))
            return Row((self._cell(node, line.cells[0], self.styles.cell_strong),), (len(columns),), "group")
        small = dict(line.small)
        cells = []
        for index, (column, text) in enumerate(zip(columns, line.cells, strict=True)):
            node = branch.add("TH", Scope="Row") if column.heading else branch.add("TD")
            strong = line.kind == "total"
            name = f"cell{'_right' if column.align == 'right' else ''}{'_strong' if strong else ''}"
            cell = self._cell(node, text, getattr(self.styles, name))
            if index in small:
                cell = (*cell, self._para(node, small[index], "cell_mono"))
            cells.append(cell)
        return Row(tuple(cells), (), line.kind)

    def _cell(self, node: Node, text: str, look: ParagraphStyle) -> tuple[Para, ...]:
        """Return the paragraphs of a cell: one belongs to the cell itself, several are P inside it."""
        markups = self.typeface.paragraphs(text)
        if len(markups) == 1:
            return (para(node, markups[0], look),)
        return tuple(para(node.add("P"), markup, look) for markup in markups)

    # Making ----------------------------------------------------------------------------------------------------

    def render(self, meta: Meta, numbering: style.Numbering = style.as_it_comes) -> bytes:
        """Lay the document out and return the PDF; ``numbering`` is for pages that others are put between later."""
        clean = self.typeface.line
        meta = replace(
            meta,
            title=clean(meta.title),
            author=clean(meta.author),
            subject=clean(meta.subject),
            reference=clean(meta.reference),
        )
        output = BytesIO()
        template = BaseDocTemplate(
            output,
            pagesize=(style.PAGE_WIDTH, style.PAGE_HEIGHT),
            pageTemplates=[_page("first", style.TOP), _page("next", style.TOP_AFTER_FIRST)],
            initialFontName=self.typeface.regular,
            invariant=1,
            pageCompression=0,  # pikepdf compresses when it writes the final file
        )
        made: list[TaggedCanvas] = []
        template.build(
            [NextPageTemplate("next"), *self._blocks],
            canvasmaker=partial(_canvas, made, style.PageFurniture(self.typeface, meta, numbering)),
        )
        self.bookmarks = made[0].bookmarks
        return assemble(output.getvalue(), self.document, self.bookmarks, meta)

    def _heading(self, role: str, level: int, text: str, look: ParagraphStyle) -> None:
        self._keep(_ROOM_UNDER_HEADING + look.leading)
        block = para(self.document.add(role), self.typeface.markup(text), look)
        block.bookmark = (self.typeface.line(text)[:120], level)
        self._blocks.append(block)

    def _keep(self, points: float) -> None:
        self._blocks.append(CondPageBreak(points))

    def _para(self, node: Node, text: str, look: str) -> Para:
        return para(node, self.typeface.markup(text), getattr(self.styles, look))

    def _paragraphs(self, parent: Node, text: str, look: ParagraphStyle, role: str = "P") -> None:
        for markup in self.typeface.paragraphs(text):
            self._blocks.append(para(parent.add(role), markup, look))

    def _grid(self, shares: Sequence[float], rows: Sequence[Row], look: GridLook, head: Row | None = None) -> None:
        total = sum(shares)
        self._blocks.append(Grid([style.WIDTH * share / total for share in shares], rows, look, head))


def _page(name: str, top: float) -> PageTemplate:
    height = style.PAGE_HEIGHT - top - style.BOTTOM
    frame = Frame(style.MARGIN, style.BOTTOM, style.WIDTH, height, 0, 0, 0, 0, id=name)
    return PageTemplate(id=name, frames=[frame])


def _canvas(made: list[TaggedCanvas], furniture: style.PageFurniture, *args: object, **options: object) -> TaggedCanvas:
    """Make the canvas that ReportLab asks for, and keep it: the bookmarks are on it."""
    canvas = TaggedCanvas(*args, furniture=furniture, **options)
    made.append(canvas)
    return canvas


def start_of(day: date) -> datetime:
    """Return the first instant of a day in Paris: the date a document bears when it has no hour."""
    return from_paris(datetime.combine(day, time()))
