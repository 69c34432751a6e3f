"""Reads a tagged PDF back as assistive technology does: through its structure tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pikepdf

_MAPPING = re.compile(rb"<([0-9A-F]{2})> <([0-9A-F]{4})>")


@dataclass(slots=True)
class Element:
    """A structure element: role, scope and spans, what it says, its children."""

    role: str
    scope: str = ""
    colspan: int = 1
    own_text: str = ""
    links: list[str] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Everything said by this element and below, thin and hard spaces as plain ones."""
        said = [self.own_text, *(child.text for child in self.children)]
        return " ".join(" ".join(said).replace("\u00a0", " ").split())

    def walk(self) -> Iterator[Element]:
        """Yield this element and all below, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def all(self, *roles: str) -> list[Element]:
        """Return the elements of these roles, in reading order."""
        return [element for element in self.walk() if element.role in roles]


@dataclass(slots=True)
class Reading:
    """A PDF as it reads: the tree, the content and artifacts of each page, and the catalog's promises."""

    document: Element
    said: list[str]
    artifacts: list[str]
    unmarked: str
    language: str
    title: str
    marked: bool
    shows_title: bool
    metadata: str
    bookmarks: list[str]
    pages: int

    @property
    def text(self) -> str:
        """Everything that is read aloud."""
        return self.document.text


def read(content: bytes) -> Reading:
    """Read the PDF through its structure tree; fails where the tree and the pages do not agree."""
    with pikepdf.open(BytesIO(content)) as pdf:
        said: dict[tuple[Any, int], str] = {}
        pages, artifacts, unmarked = [], [], ""
        for page in pdf.pages:
            marks, artifact, outside = _page_text(page)
            said |= {(page.obj.objgen, mcid): text for mcid, text in marks.items()}
            pages.append(" ".join(marks.values()))
            artifacts.append(artifact)
            unmarked += outside
        root = pdf.Root
        document = _element(root.StructTreeRoot.K[0], said, None)
        assert not said, f"content that no element owns: {said}"
        with pdf.open_outline() as outline:
            bookmarks = list(_titles(outline.root, 0))
        return Reading(
            document=document,
            said=pages,
            artifacts=artifacts,
            unmarked=unmarked,
            language=str(root.Lang),
            title=str(pdf.docinfo["/Title"]),
            marked=bool(root.MarkInfo.Marked),
            shows_title=bool(root.ViewerPreferences.DisplayDocTitle),
            metadata=root.Metadata.read_bytes().decode(),
            bookmarks=bookmarks,
            pages=len(pdf.pages),
        )


def _titles(items: Any, depth: int) -> Iterator[str]:
    for item in items:
        yield f"{'  ' * depth}{item.title}"
        yield from _titles(item.children, depth + 1)


def _element(source: Any, said: dict[tuple[Any, int], str], page: Any) -> Element:
    element = Element(str(source.S)[1:])
    page = source.get("/Pg", page)
    attributes = source.get("/A", {})
    element.scope = str(attributes.get("/Scope", ""))[1:]
    element.colspan = int(attributes.get("/ColSpan", 1))
    for kid in source.get("/K", []):
        if isinstance(kid, int):
            element.own_text += said.pop((page.objgen, kid))
        elif kid.get("/Type") == "/MCR":
            element.own_text += said.pop((kid.Pg.objgen, int(kid.MCID)))
        elif kid.get("/Type") == "/OBJR":
            assert "/StructParent" in kid.Obj
            element.links.append(str(kid.Obj.A.URI))
        else:
            assert kid.P.objgen == source.objgen
            element.children.append(_element(kid, said, page))
    return element


def _page_text(page: pikepdf.Page) -> tuple[dict[int, str], str, str]:
    """Return the text of every mark of a page, of its artifacts, and of what is neither."""
    tables = {
        name: {int(code, 16): chr(int(sign, 16)) for code, sign in _MAPPING.findall(font.ToUnicode.read_bytes())}
        for name, font in page.obj.Resources.Font.items()
        if "/ToUnicode" in font
    }
    marks: dict[int, str] = {}
    artifact, outside = "", ""
    open_marks: list[int | None] = []
    table: dict[int, str] = {}
    for instruction in pikepdf.parse_content_stream(page):
        operands, operator = instruction.operands, str(instruction.operator)
        if operator == "BDC":
            properties: Any = operands[1]
            open_marks.append(int(properties.MCID) if "/MCID" in properties else None)
            if open_marks[-1] is not None:
                marks[open_marks[-1]] = ""
        elif operator == "EMC":
            open_marks.pop()
        elif operator == "Tf":
            table = tables.get(str(operands[0]), {})
        elif operator == "Tj":
            text = "".join(table[code] for code in bytes(operands[0]))
            if not open_marks:
                outside += text
            elif open_marks[-1] is None:
                artifact += f"{text}\n"
            else:
                marks[open_marks[-1]] += text
    assert not open_marks
    return marks, artifact, outside
