"""Reading the text of a PDF well enough to recognise a number in it: ``python -m aap.documents.reading FILE``.

Run in a process of its own, with its time and memory bounded: an uploaded PDF may be hostile. It answers by its exit
code (3: something like a social security number was read) and prints nothing of what it read.
"""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pikepdf

from aap.personal_data import holds_nir

MOST_PAGES = 80
MOST_TEXT = 2_000_000
SECONDS = 20
MEMORY = 1_000_000_000
FOUND = 3
_SHOWS = frozenset({"Tj", "TJ", "'", '"'})
_MOVES = frozenset({"Td", "TD", "Tm", "T*", "ET", "'", '"'})
_WIDE_GAP = -200  # thousandths of an em: beyond it, a gap between two strings is a space
_HEX = re.compile(rb"<([0-9A-Fa-f\s]+)>")
_SINGLE = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_RANGE = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)

Codes = Mapping[int, str]


def seems_sensitive(path: Path) -> bool:
    """Tell whether the text of a PDF seems to hold a social security number; a PDF that cannot be read does not."""
    command = [sys.executable, "-m", "aap.documents.reading", str(path)]
    try:
        ended = subprocess.run(command, timeout=SECONDS, check=False, capture_output=True)  # noqa: S603  # our own module, no shell
    except subprocess.TimeoutExpired:
        return False
    return ended.returncode == FOUND


def text_of(path: Path) -> str:
    """Return the text of the first pages, in the order of their drawing.

    Raises:
        pikepdf.PdfError: not a PDF that opens.

    """
    parts: list[str] = []
    length = 0
    with pikepdf.open(path) as document:
        for page in list(document.pages)[:MOST_PAGES]:
            for part in _page_text(page):
                parts.append(part)
                length += len(part)
                if length > MOST_TEXT:
                    return "".join(parts)
            parts.append("\n")
    return "".join(parts)


def _page_text(page: pikepdf.Page) -> Iterator[str]:
    fonts = _fonts(page)
    codes: Codes | None = None
    for instruction in pikepdf.parse_content_stream(page):
        operands, name = instruction.operands, str(instruction.operator)
        if name == "Tf":
            codes = fonts.get(str(operands[0]))
        if name in _MOVES:
            yield " "
        if name in _SHOWS:
            yield from _shown(operands[-1], codes)


def _shown(operand: object, codes: Codes | None) -> Iterator[str]:
    for item in operand if isinstance(operand, pikepdf.Array) else [operand]:
        if isinstance(item, pikepdf.String):
            yield _decoded(bytes(item), codes)
        elif isinstance(item, int | float | Decimal):
            yield " " if item < _WIDE_GAP else ""


def _decoded(raw: bytes, codes: Codes | None) -> str:
    if codes is None:
        return raw.decode("cp1252", "replace")
    if any(code > 0xFF for code in codes) or (codes and raw[:1] == b"\0"):
        pairs = (int.from_bytes(raw[start : start + 2], "big") for start in range(0, len(raw) - 1, 2))
        return "".join(codes.get(code, "") for code in pairs)
    return "".join(codes.get(code, chr(code)) for code in raw)


def _fonts(page: pikepdf.Page) -> dict[str, Codes | None]:
    resources = page.obj.get("/Resources", None)
    listed = resources.get("/Font", None) if isinstance(resources, pikepdf.Dictionary) else None
    if not isinstance(listed, pikepdf.Dictionary):
        return {}
    return {str(name): _codes(font) for name, font in listed.items()}


def _codes(font: object) -> Codes | None:
    """Return the table from codes to text that a font carries, if it carries one."""
    table = font.get("/ToUnicode", None) if isinstance(font, pikepdf.Dictionary) else None
    if not isinstance(table, pikepdf.Stream):
        return None
    content = table.read_bytes()
    found: dict[int, str] = {}
    for block in _SINGLE.findall(content):
        words = _HEX.findall(block)
        for code, text in zip(words[::2], words[1::2], strict=False):
            found[_number(code)] = _text(text)
    for block in _RANGE.findall(content):
        words = _HEX.findall(block)
        for first, last, text in zip(words[::3], words[1::3], words[2::3], strict=False):
            start = _text(text)
            for code in range(_number(first), min(_number(last), _number(first) + 0xFFFF) + 1):
                found[code] = start[:-1] + chr(ord(start[-1]) + code - _number(first)) if start else ""
    return found


def _number(word: bytes) -> int:
    return int(b"".join(word.split()), 16)


def _text(word: bytes) -> str:
    return bytes.fromhex(word.decode("ascii")).decode("utf-16-be", "replace")


def main() -> int:
    """Read the file named on the command line within bounds; return the exit code."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        return FOUND if holds_nir(text_of(Path(sys.argv[1]))) else 0
    except (pikepdf.PdfError, OSError, ValueError, TypeError, RuntimeError, MemoryError, IndexError, OverflowError):
        return 1


if __name__ == "__main__":
    sys.exit(main())
