"""Long answers with the few signs that people type anyway: paragraphs, lists, bold and italic. Escaped first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from markupsafe import Markup, escape

_BULLET = re.compile(r"\s{0,3}[-*•–]\s+(?=\S)")
_NUMBER = re.compile(r"\s{0,3}[0-9]{1,2}[.)]\s+(?=\S)")
_BOLD = re.compile(r"\*\*(?=\S)([^*\n]{1,500}?)(?<=\S)\*\*")
_ITALIC = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]{1,500}?)(?<=\S)\*(?![\w*])")

LIGHT_HINT = "Dans les longs textes, un tiret en début de ligne fait une liste, **deux étoiles** font du gras."


def lightly(text: str) -> Markup:
    """Return a text as safe HTML: nothing of it is ever taken for markup but the signs above."""
    blocks = re.split(r"\n[^\S\n]*\n\s*", text.strip())
    return Markup("").join(part for block in blocks if block for part in _block(block))


def _block(block: str) -> Iterator[Markup]:
    """Cut a paragraph where its lists begin and end."""
    for kind, lines in groupby(block.split("\n"), key=_kind):
        shown = list(lines)
        if kind == "p":
            yield Markup("<p>{}</p>").format(Markup("<br>").join(_inline(line) for line in shown))
            continue
        sign = _BULLET if kind == "ul" else _NUMBER
        items = Markup("").join(Markup("<li>{}</li>").format(_inline(sign.sub("", line, count=1))) for line in shown)
        start = int(re.sub(r"\D.*", "", shown[0].strip())) if kind == "ol" else 1
        head = Markup("<ol>") if start == 1 else Markup('<ol start="{}">').format(start)
        yield Markup("{}{}</{}>").format(Markup("<ul>") if kind == "ul" else head, items, kind)


def _kind(line: str) -> str:
    return "ul" if _BULLET.match(line) else "ol" if _NUMBER.match(line) else "p"


def _inline(line: str) -> Markup:
    bold = _BOLD.sub(r"<strong>\1</strong>", str(escape(line)))
    return Markup(_ITALIC.sub(r"<em>\1</em>", bold))  # noqa: S704  # escaped on the line above
