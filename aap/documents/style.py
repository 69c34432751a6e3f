"""The look of the pages: colours, sizes, margins, header and footer. A4, calm, readable in black and white."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth

from aap.documents.blocks import GridLook
from aap.documents.tagging import Meta, TaggedCanvas
from aap.documents.typeface import Typeface

PAGE_WIDTH, PAGE_HEIGHT = A4
MARGIN = 25 * mm
TOP = 20 * mm
TOP_AFTER_FIRST = 27 * mm
BOTTOM = 25 * mm
WIDTH = PAGE_WIDTH - 2 * MARGIN

# Contrast with white: ink 14:1, accent 8.6:1, quiet 6:1.
INK: Color = HexColor("#1f2430")
ACCENT: Color = HexColor("#1f4f6b")
QUIET: Color = HexColor("#565f6d")
RULE: Color = HexColor("#d3d9df")
STRONG_RULE: Color = HexColor("#7d8a97")
TINT: Color = HexColor("#f3f6f8")

TABLE = GridLook(rule=RULE, strong_rule=STRONG_RULE)
PANEL = GridLook(fill=TINT, pad_x=10, pad_y=7, flush=False)
NOTE = GridLook(fill=TINT, bar=ACCENT, pad_x=12, pad_y=9, flush=False)
QUOTE = GridLook(bar=STRONG_RULE, pad_x=12, pad_y=2, flush=False)
PLAIN = GridLook(pad_y=0)


@dataclass(frozen=True, slots=True)
class Styles:
    """Every paragraph style of the documents, made for one typeface."""

    agency: ParagraphStyle
    service: ParagraphStyle
    title: ParagraphStyle
    subtitle: ParagraphStyle
    section: ParagraphStyle
    subsection: ParagraphStyle
    lead: ParagraphStyle
    body: ParagraphStyle
    item: ParagraphStyle
    small: ParagraphStyle
    quote: ParagraphStyle
    label: ParagraphStyle
    value: ParagraphStyle
    caption: ParagraphStyle
    head: ParagraphStyle
    head_right: ParagraphStyle
    cell: ParagraphStyle
    cell_strong: ParagraphStyle
    cell_right: ParagraphStyle
    cell_right_strong: ParagraphStyle
    cell_mono: ParagraphStyle
    mono: ParagraphStyle
    link: ParagraphStyle


@lru_cache(maxsize=8)
def _styles(regular: str, bold: str, mono: str) -> Styles:
    """Make the styles of one set of faces (names known to ReportLab)."""

    def style(name: str, size: float, leading: float, **more: Any) -> ParagraphStyle:
        options: dict[str, Any] = {"fontName": regular, "textColor": INK, "allowWidows": 0, "allowOrphans": 0}
        return ParagraphStyle(name, fontSize=size, leading=leading, **(options | more))

    return Styles(
        agency=style("agency", 10.5, 14, fontName=bold, textColor=ACCENT),
        service=style("service", 8.5, 12, textColor=QUIET),
        title=style("title", 19, 24, fontName=bold, spaceBefore=20, spaceAfter=6),
        subtitle=style("subtitle", 11, 15.5, textColor=QUIET, spaceAfter=8),
        section=style("section", 13, 17, fontName=bold, textColor=ACCENT, spaceBefore=16, spaceAfter=6),
        subsection=style("subsection", 10.5, 14, fontName=bold, spaceBefore=9, spaceAfter=3),
        lead=style("lead", 11, 16, spaceAfter=8),
        body=style("body", 9.5, 14, spaceAfter=6),
        item=style("item", 9.5, 14, spaceAfter=2),
        small=style("small", 8.5, 12, textColor=QUIET, spaceAfter=5),
        quote=style("quote", 10.5, 15.5, spaceAfter=1),
        label=style("label", 8, 11, textColor=QUIET),
        value=style("value", 11, 14, fontName=bold),
        caption=style("caption", 9, 12.5, fontName=bold, spaceBefore=4, spaceAfter=3),
        head=style("head", 8, 11, fontName=bold, textColor=QUIET),
        head_right=style("head_right", 8, 11, fontName=bold, textColor=QUIET, alignment=TA_RIGHT),
        cell=style("cell", 9, 12.5),
        cell_strong=style("cell_strong", 9, 12.5, fontName=bold),
        cell_right=style("cell_right", 9, 12.5, alignment=TA_RIGHT),
        cell_right_strong=style("cell_right_strong", 9, 12.5, fontName=bold, alignment=TA_RIGHT),
        cell_mono=style("cell_mono", 6.1, 9, fontName=mono, textColor=QUIET),
        mono=style("mono", 8.5, 13, fontName=mono, spaceAfter=6),
        link=style("link", 9.5, 14, textColor=ACCENT, underlineColor=ACCENT, spaceAfter=6),
    )


def styles(typeface: Typeface) -> Styles:
    """Return the paragraph styles of a typeface."""
    return _styles(typeface.regular, typeface.bold, typeface.mono)


Numbering = Callable[[int, int], tuple[int, int]]
"""From a 1-based page and the number of pages to what the footer says of both."""


def as_it_comes(page: int, total: int) -> tuple[int, int]:
    """Leave numbers as the pages come."""
    return page, total


@dataclass(frozen=True, slots=True)
class PageFurniture:
    """Header and footer of every page: all artifacts, never read aloud twice."""

    typeface: Typeface
    meta: Meta
    numbering: Numbering = as_it_comes

    def __call__(self, canvas: TaggedCanvas, page: int, total: int) -> None:
        """Draw the furniture of a 1-based page."""
        with canvas.artifact("Pagination"):
            canvas.saveState()
            canvas.setLineWidth(0.5)
            canvas.setStrokeColor(RULE)
            self._footer(canvas, *self.numbering(page, total))
            if page == 1:
                self._first_page(canvas)
            else:
                self._header(canvas)
            canvas.restoreState()

    def _first_page(self, canvas: TaggedCanvas) -> None:
        canvas.setFillColor(ACCENT)
        canvas.rect(MARGIN, PAGE_HEIGHT - 14 * mm, 18 * mm, 1.6, stroke=0, fill=1)

    def _header(self, canvas: TaggedCanvas) -> None:
        y = PAGE_HEIGHT - 17 * mm
        canvas.line(MARGIN, y - 5, PAGE_WIDTH - MARGIN, y - 5)
        canvas.setFillColor(QUIET)
        canvas.setFont(self.typeface.regular, 8)
        canvas.drawString(MARGIN, y, self._fitted(f"{self.meta.author} – {self.meta.title}", WIDTH))

    def _footer(self, canvas: TaggedCanvas, page: int, total: int) -> None:
        y = 14 * mm
        canvas.line(MARGIN, y + 11, PAGE_WIDTH - MARGIN, y + 11)
        canvas.setFillColor(QUIET)
        canvas.setFont(self.typeface.regular, 8)
        canvas.drawString(MARGIN, y, self._fitted(self.meta.reference, WIDTH - 30 * mm))
        canvas.drawRightString(PAGE_WIDTH - MARGIN, y, f"page {page} sur {total}")

    def _fitted(self, text: str, width: float) -> str:
        """Cut a line to ``width`` points, with an ellipsis."""
        text = self.typeface.line(text)[:300]
        if stringWidth(text, self.typeface.regular, 8) <= width:
            return text
        while text and stringWidth(f"{text}…", self.typeface.regular, 8) > width:
            text = text[:-1]
        return f"{text}…"
