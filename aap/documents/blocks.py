"""The blocks that pages are made of: tagged paragraphs, list items, rules and grids that split over pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from reportlab.lib.colors import Color
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.textobject import PDFTextObject
from reportlab.platypus import Flowable, Paragraph

from aap.documents.tagging import Node, TaggedCanvas

_TALL_ROW = 190.0  # points: a row taller than this may be cut, a shorter one moves to the next page whole
_SMALLEST_CUT = 70.0  # points: less room than this is left blank rather than filled with two lines
_LONGEST_WORD = 30  # characters: a line without a space and longer than this is part of a word cut by the margin
_ENDLESS = 1_000_000.0
_PARAGRAPH_GAP = 3.0  # points between two paragraphs of one cell
_HEAD_LENGTH = 120  # characters: a column head is repeated on every page and must stay small


class _SpacedText(PDFTextObject):
    """Ends every line with a space: readers that join lines as they are would otherwise glue two words."""

    def _textOut(self, text: str, TStar: int = 0) -> None:  # noqa: N802, N803 - ReportLab's names
        broken = len(text) > _LONGEST_WORD and " " not in text  # the next line goes on with the same word
        super()._textOut(f"{text} " if TStar and not broken else text, TStar)  # type: ignore[misc]  # not in the stubs


class Para(Paragraph):
    """A paragraph that belongs to one element of the structure, also after it was split over pages.

    Build it with ``para``: ReportLab calls the constructor itself when it splits.
    """

    node: Node | None = None
    repeated = False
    bookmark: tuple[str, int] | None = None
    url: str | None = None
    canv: TaggedCanvas
    _measured: tuple[float, float] | None = None

    def wrap(self, availWidth: float, availHeight: float) -> tuple[float, float]:  # noqa: N803 - ReportLab's names
        """Break the lines, once for one width."""
        if self._measured is None or self._measured[0] != availWidth:
            self._measured = super().wrap(availWidth, availHeight)
        return self._measured

    def beginText(self, x: float, y: float) -> PDFTextObject:  # noqa: N802 - ReportLab's name
        """Open a text whose lines end with a space."""
        return _SpacedText(self.canv, x, y)

    def draw(self) -> None:
        """Draw the text as content of its element; a head drawn again is an artifact."""
        canvas = self.canv
        if self.bookmark:
            canvas.bookmark(*self.bookmark, top=self.height)
        if self.node is None or (self.repeated and self.node.drawn):
            with canvas.artifact("Pagination"):
                super().draw()
            return
        with canvas.marking(self.node):
            super().draw()
        if self.url:
            canvas.link(self.node, self.url, self.getPlainText(), (0, 0, self.width, self.height))

    def split(self, availWidth: float, availHeight: float) -> list[Any]:  # noqa: N803 - ReportLab's names
        """Split like any paragraph; every part belongs to the same element."""
        parts: list[Any] = super().split(availWidth, availHeight)
        self._measured = None  # ReportLab forgets the lines of a paragraph that it could not split
        for part in parts:
            part.node, part.url = self.node, self.url
        if parts:
            parts[0].bookmark = self.bookmark
        return parts


def para(node: Node | None, markup: str, style: ParagraphStyle) -> Para:
    """Make a paragraph from markup already escaped (``Typeface.markup``); no node makes it an artifact."""
    made = Para(markup, style)
    made.node = node
    return made


class Item(Flowable):
    """One item of a list: its label (bullet or number) beside its text."""

    canv: TaggedCanvas

    def __init__(self, label: Para | None, body: Para, indent: float) -> None:
        """Keep the label (absent on the rest of an item split over two pages) and the body."""
        super().__init__()
        self.label, self.body, self.indent = label, body, indent
        self.spaceAfter = body.style.spaceAfter

    def getSpaceAfter(self) -> float:  # noqa: N802 - ReportLab's name
        """Return the space asked by the body's style, in points."""
        return float(self.spaceAfter)

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: N803 - ReportLab's names
        """Measure the body beside the label."""
        _, self.height = self.body.wrap(aW - self.indent, aH)
        if self.label:
            self.label.wrap(self.indent, aH)
        return aW, self.height

    def split(self, aW: float, aH: float) -> list[Flowable]:  # noqa: N803 - ReportLab's names
        """Leave the label with the first part."""
        parts = self.body.split(aW - self.indent, aH)
        return [Item(None if index else self.label, part, self.indent) for index, part in enumerate(parts)]

    def draw(self) -> None:
        """Draw the label, then the body, at one height."""
        if self.label:
            self.label.drawOn(self.canv, 0, self.height - self.label.height)
        self.body.drawOn(self.canv, self.indent, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One row of a grid: the blocks of each cell, and how many columns each cell takes.

    ``kind`` is "plain", "group" (head of the rows below it: never left alone at the foot of a page) or "total"
    (never alone at the head of one).
    """

    cells: tuple[tuple[Para, ...], ...]
    spans: tuple[int, ...] = ()
    kind: str = "plain"

    @property
    def widths(self) -> tuple[int, ...]:
        """Return the number of columns of each cell."""
        return self.spans or (1,) * len(self.cells)


@dataclass(frozen=True, slots=True)
class GridLook:
    """How a grid is drawn. Lengths in points; a missing colour draws nothing."""

    rule: Color | None = None
    strong_rule: Color | None = None
    fill: Color | None = None
    bar: Color | None = None
    pad_x: float = 4.0
    pad_y: float = 4.0
    flush: bool = field(default=True)  # the first column starts, and the last one ends, at the margin


class Grid(Flowable):
    """Rows and columns that may run over several pages, the head repeated.

    Replaces ReportLab's Table: it knows which rules are decoration, keeps totals and group heads with their rows,
    and cuts a row only when it is tall.
    """

    canv: TaggedCanvas

    def __init__(self, widths: Sequence[float], rows: Sequence[Row], look: GridLook, head: Row | None = None) -> None:
        """Take the column widths in points, the rows, and the head if there is one."""
        super().__init__()
        self.widths, self.rows, self.look, self.head = tuple(widths), list(rows), look, head
        self._heights: dict[Row, float] = {}

    # ReportLab sets these on every flowable
    spaceBefore = 0.0  # noqa: N815 - ReportLab's name
    spaceAfter = 12.0  # noqa: N815 - ReportLab's name

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002, N803 - ReportLab's names
        """Measure every row."""
        self.width = sum(self.widths)
        self.height = self._height_of(self.head) + sum(self._height_of(row) for row in self.rows)
        return self.width, self.height

    def _boxes(self, row: Row) -> list[tuple[float, float]]:
        """Return the left edge and inner width of each cell."""
        boxes, column, left, pad = [], 0, 0.0, self.look.pad_x
        for span in row.widths:
            width = sum(self.widths[column : column + span])
            first, last = column == 0, column + span == len(self.widths)
            before = 0.0 if self.look.flush and first else pad
            after = 0.0 if self.look.flush and last else pad
            boxes.append((left + before, max(width - before - after, 1.0)))
            left, column = left + width, column + span
        return boxes

    def _height_of(self, row: Row | None) -> float:
        if row is None:
            return 0.0
        known = self._heights.get(row)
        if known is None:
            tallest = 0.0
            for (_, width), cell in zip(self._boxes(row), row.cells, strict=True):
                heights = [block.wrap(width, _ENDLESS)[1] for block in cell]
                tallest = max(tallest, sum(heights) + _PARAGRAPH_GAP * max(len(cell) - 1, 0))
            known = self._heights[row] = tallest + 2 * self.look.pad_y
        return known

    def split(self, aW: float, aH: float) -> list[Flowable]:  # noqa: N803 - ReportLab's names
        """Put as many rows as fit on this page; cut the next one only if it is tall."""
        self.wrap(aW, aH)
        room = aH - self._height_of(self.head)
        count = 0
        while count < len(self.rows) and self._height_of(self.rows[count]) <= room:
            room -= self._height_of(self.rows[count])
            count += 1
        if count == len(self.rows):
            return [self]
        if self._height_of(self.rows[count]) > _TALL_ROW and room > _SMALLEST_CUT:
            halves = self._cut(self.rows[count], room - 2 * self.look.pad_y)
            if halves:
                return self._parts([*self.rows[:count], halves[0]], [halves[1], *self.rows[count + 1 :]])
        count = self._back_from_a_bad_break(count)
        return self._parts(self.rows[:count], self.rows[count:]) if count else []

    def _back_from_a_bad_break(self, count: int) -> int:
        """Keep a total with the row above it and a group head with the row below it."""
        if count > 1 and self.rows[count].kind == "total":
            count -= 1
        while count > 0 and self.rows[count - 1].kind == "group":
            count -= 1
        return count

    def _parts(self, above: Sequence[Row], below: Sequence[Row]) -> list[Flowable]:
        first, second = (Grid(self.widths, rows, self.look, self.head) for rows in (above, below))
        first._heights = second._heights = self._heights  # noqa: SLF001 - same class
        return [first, second]

    def _cut(self, row: Row, room: float) -> tuple[Row, Row] | None:
        """Cut every cell at ``room`` points; nothing if not one line fits."""
        upper: list[tuple[Para, ...]] = []
        lower: list[tuple[Para, ...]] = []
        for (_, width), cell in zip(self._boxes(row), row.cells, strict=True):
            above, below = _cut_cell(cell, width, room)
            upper.append(above)
            lower.append(below)
        if not any(upper):
            return None
        return replace(row, cells=tuple(upper)), replace(row, cells=tuple(lower))

    def draw(self) -> None:
        """Draw fill and rules as decoration, then the cells from top to bottom."""
        rows = [row for row in (self.head, *self.rows) if row]
        with self.canv.artifact():
            self._draw_decoration(rows)
        top = self.height
        for row in rows:
            for (left, width), cell in zip(self._boxes(row), row.cells, strict=True):
                y = top - self.look.pad_y
                for block in cell:
                    _, height = block.wrap(width, _ENDLESS)
                    y -= height
                    block.drawOn(self.canv, left, y)
                    y -= _PARAGRAPH_GAP
            top -= self._height_of(row)

    def _draw_decoration(self, rows: Sequence[Row]) -> None:
        canvas, look = self.canv, self.look
        canvas.saveState()
        if look.fill is not None:
            canvas.setFillColor(look.fill)
            canvas.rect(0, 0, self.width, self.height, stroke=0, fill=1)
        if look.bar is not None:
            canvas.setFillColor(look.bar)
            canvas.rect(0, 0, 2.5, self.height, stroke=0, fill=1)
        y = self.height
        for index, row in enumerate(rows):
            y -= self._height_of(row)
            following = rows[index + 1].kind if index + 1 < len(rows) else ""
            strong = row is self.head or following == "total"
            colour = look.strong_rule if strong else look.rule
            if colour is not None:
                canvas.setStrokeColor(colour)
                canvas.setLineWidth(0.9 if strong else 0.4)
                canvas.line(0, y, self.width, y)
        canvas.restoreState()


def _cut_cell(cell: tuple[Para, ...], width: float, room: float) -> tuple[tuple[Para, ...], tuple[Para, ...]]:
    """Return the paragraphs of a cell that fit in ``room`` points, and the rest."""
    above: list[Para] = []
    for index, block in enumerate(cell):
        _, height = block.wrap(width, _ENDLESS)
        if height <= room:
            above.append(block)
            room -= height + _PARAGRAPH_GAP
            continue
        parts = block.split(width, room)
        if len(parts) > 1:
            return (*above, parts[0]), (*parts[1:], *cell[index + 1 :])
        return tuple(above), cell[index:]
    return tuple(above), ()


def shortened(text: str) -> str:
    """Return a column head short enough to be repeated on every page."""
    return text if len(text) <= _HEAD_LENGTH else f"{text[: _HEAD_LENGTH - 1]}…"
