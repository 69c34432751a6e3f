"""Fonts, and text that the fonts can really draw.

People type anything: emoji, right-to-left marks, control characters. ``Typeface.clean`` returns a text made only
of characters that the chosen font has, so that no document ever shows a hole or fails because of a name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from xml.sax.saxutils import escape

import reportlab
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "static" / "vendor" / "dejavu"
_BUNDLED = Path(reportlab.__file__).resolve().parent / "fonts"

# Preferred first. A family counts only with its regular and its bold face.
_FAMILIES = (
    ("DejaVuSansCondensed", "DejaVuSansCondensed-Bold", "DejaVuSansMono"),
    ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono"),
)
_FALLBACK = ("Vera", "VeraBd", "Vera")

# What to write when the font lacks the sign: nearest sign first.
_SUBSTITUTES = {
    "✓": ("√", "v"),
    "✔": ("✓", "√", "v"),
    "✗": ("×", "x"),
    "✘": ("✗", "×", "x"),
    "−": ("–", "-"),
    "‑": ("-",),
    "‐": ("-",),
    "―": ("—", "-"),
    "→": ("->",),
    "≥": (">=",),
    "≤": ("<=",),
    "’": ("'",),
    "‘": ("'",),
    "“": ('"',),
    "”": ('"',),
    "…": ("...",),
    "•": ("-",),
    "œ": ("oe",),
    "Œ": ("OE",),
    "€": ("EUR",),
}
_LAST_PLANE_0 = 0xFFFF
# ReportLab breaks lines at the narrow no-break space: only U+00A0 holds a number and its unit together.
_HARD_SPACE = "\u00a0"
_SPACES = {"\n": "\n"} | dict.fromkeys("\u00a0\u2007\u202f", _HARD_SPACE)
_NEVER_BROKEN = re.compile(r"(?<=\d) (?=\d{3}(?!\d))| (?=[;:!?»€%])|(?<=«) ")

# ReportLab breaks a paragraph again each time it is split over pages: one that is longer than this is cut first.
_MOST_LINES = 40
_PIECE = re.compile(r"\S.{0,3999}(?=\s|$)|\S{4000}", re.DOTALL)


class _Glyphs(dict[int, str]):
    """Translation table filled on demand: one code point to what the font can draw for it."""

    def __init__(self, coverage: frozenset[int]) -> None:
        super().__init__()
        self.coverage = coverage
        self.missing = "□" if ord("□") in coverage else "?"

    def __missing__(self, code: int) -> str:
        self[code] = drawn = self._drawn(chr(code))
        return drawn

    def _has(self, text: str) -> bool:
        return all(ord(sign) in self.coverage and ord(sign) <= _LAST_PLANE_0 for sign in text)

    def _drawn(self, sign: str) -> str:
        category = unicodedata.category(sign)
        if category[0] == "Z" or sign in "\n\t":
            return _SPACES.get(sign, " ")
        if category in {"Cc", "Cf", "Cs"}:
            return ""
        if self._has(sign):
            return sign
        return self._nearest(sign)

    def _nearest(self, sign: str) -> str:
        """Return what comes closest to a sign that the font lacks."""
        candidates = (*_SUBSTITUTES.get(sign, ()), unicodedata.normalize("NFKD", sign))
        for candidate in candidates:
            visible = "".join(each for each in candidate if not unicodedata.combining(each))
            if visible and self._has(visible):
                return visible
        return "" if unicodedata.category(sign)[0] == "M" else self.missing


@dataclass(frozen=True, slots=True)
class Typeface:
    """Names under which ReportLab knows the three faces, and the signs that the text faces have."""

    regular: str
    bold: str
    mono: str
    glyphs: _Glyphs

    def clean(self, text: str) -> str:
        """Return ``text`` with every sign the font cannot draw replaced or dropped; line ends become LF."""
        lines = text.replace("\r\n", "\n").replace("\r", "\n")
        return unicodedata.normalize("NFC", lines).translate(self.glyphs)

    def line(self, text: str) -> str:
        """Return ``text`` cleaned and on one line: titles, metadata, bookmarks."""
        return " ".join(self.clean(text).split(" ")).replace("\n", " ").strip()

    def markup(self, text: str) -> str:
        """Return ``text`` ready for a ReportLab paragraph: cleaned, escaped, line ends kept.

        The spaces that French typography never breaks at (inside a number, before ";", "€"…) are made hard.
        """
        held = _NEVER_BROKEN.sub(_HARD_SPACE, self.clean(text).strip("\n"))
        return escape(held).replace("\n", "<br/>")

    def paragraphs(self, text: str) -> list[str]:
        """Cut a text at its blank lines and return the markup of each paragraph; at least one, maybe empty."""
        blocks = [block for block in re.split(r"\n\s*\n", self.clean(text)) if block.strip()]
        return [self.markup(piece) for block in blocks for piece in _pieces(block)] or [""]


def _pieces(block: str) -> Iterator[str]:
    """Cut a very long paragraph at line ends, at spaces, and inside a word only when it is longer still."""
    lines = block.split("\n")
    for start in range(0, len(lines), _MOST_LINES):
        yield from _PIECE.findall("\n".join(lines[start : start + _MOST_LINES]))


def _register(folder: Path, face: str) -> tuple[str, frozenset[int]]:
    """Register one face under a name that tells folders apart; return that name and its code points."""
    name = face if folder == _BUNDLED else f"{face}@{folder}"
    font = TTFont(name, str(folder / f"{face}.ttf"))
    pdfmetrics.registerFont(font)
    return name, frozenset(font.face.charToGlyph)


@lru_cache(maxsize=8)
def fonts(folder: Path = DEFAULT_FOLDER) -> Typeface:
    """Load the DejaVu faces of ``folder``, or ReportLab's own Vera when they are not there.

    ``folder`` holds the ``.ttf`` files flat. A mono face that is missing is replaced by the regular one.
    """
    for family in _FAMILIES:
        if all((folder / f"{face}.ttf").is_file() for face in family[:2]):
            present = [face if (folder / f"{face}.ttf").is_file() else family[0] for face in family]
            break
    else:
        folder, present = _BUNDLED, list(_FALLBACK)
    faces = [_register(folder, face) for face in present]
    regular, bold, mono = (name for name, _ in faces)
    pdfmetrics.registerFontFamily(regular, normal=regular, bold=bold, italic=regular, boldItalic=bold)
    coverage = frozenset.intersection(*(points for _, points in faces[:2]))
    return Typeface(regular, bold, mono, _Glyphs(coverage))
