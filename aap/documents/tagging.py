"""Tagged PDF on top of ReportLab, which knows nothing of tags.

While the pages are drawn, ``TaggedCanvas`` wraps every piece of text in marked content and writes down to which
``Node`` of the structure tree it belongs; everything else is an artifact. ``assemble`` then adds with pikepdf what
ISO 32000-1, 14.7 and 14.8 ask: the structure tree, its parent tree, the language, the title, the bookmarks and the
link annotations. No conformance to PDF/UA is claimed in the file: no validator has confirmed any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, OutlineItem, String
from reportlab.pdfgen.canvas import Canvas

LANGUAGE = "fr-FR"
PRODUCER = "aap (ReportLab, pikepdf)"


@dataclass(frozen=True, slots=True)
class Mark:
    """One run of marked content: 0-based page and its identifier on that page."""

    page: int
    mcid: int


@dataclass(frozen=True, slots=True)
class LinkArea:
    """A clickable rectangle (points, from the bottom left of the page) that opens ``url``."""

    page: int
    rectangle: tuple[float, float, float, float]
    url: str
    description: str


@dataclass(slots=True, eq=False)
class Node:
    """An element of the structure tree. Grows while the pages are drawn.

    ``role`` is a standard structure type (H1, P, TH…); ``attributes`` those of the Table owner (Scope, ColSpan).
    """

    role: str
    attributes: dict[str, str | int] = field(default_factory=dict)
    kids: list[Node | Mark | LinkArea] = field(default_factory=list)

    def add(self, role: str, **attributes: str | int) -> Node:
        """Append a child element and return it."""
        child = Node(role, dict(attributes))
        self.kids.append(child)
        return child

    @property
    def drawn(self) -> bool:
        """Whether some content of a page already belongs to this element."""
        return any(isinstance(kid, Mark) for kid in self.kids)


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An entry of the outline: ``level`` 1 is the top; ``top`` in points from the bottom of its 0-based page."""

    title: str
    level: int
    page: int
    top: float


@dataclass(frozen=True, slots=True)
class Meta:
    """What the file says about itself. ``made_at`` is aware and given by the caller: no document reads a clock."""

    title: str
    author: str
    subject: str
    reference: str
    made_at: datetime


Furniture = Callable[["TaggedCanvas", int, int], None]


class TaggedCanvas(Canvas):
    """A canvas that marks content and holds its pages back until their number is known.

    ``furniture(canvas, page, total)`` draws the header and footer of each 1-based page, as artifacts.
    """

    def __init__(self, *args: Any, furniture: Furniture, **options: Any) -> None:
        """Take the arguments of ReportLab's canvas, and the drawing of headers and footers."""
        self.page_index = 0
        self.next_mcid = 0
        self.bookmarks: list[Bookmark] = []
        self._furniture = furniture
        self._held: list[dict[str, Any]] = []
        super().__init__(*args, **options)

    @contextmanager
    def marking(self, node: Node) -> Iterator[None]:
        """Give what is drawn inside to ``node``."""
        mark = Mark(self.page_index, self.next_mcid)
        self.next_mcid += 1
        node.kids.append(mark)
        self.addLiteral(f"/{node.role} <</MCID {mark.mcid}>> BDC")
        yield
        self.addLiteral("EMC")

    @contextmanager
    def artifact(self, kind: str = "Layout") -> Iterator[None]:
        """Say that what is drawn inside is decoration (``Layout``) or page furniture (``Pagination``)."""
        self.addLiteral(f"/Artifact <</Type /{kind}>> BDC")
        yield
        self.addLiteral("EMC")

    def bookmark(self, title: str, level: int, top: float) -> None:
        """Add an outline entry; ``top`` is in the coordinates in force."""
        _, absolute = self.absolutePosition(0, top)
        self.bookmarks.append(Bookmark(title, level, self.page_index, absolute))

    def link(self, node: Node, url: str, description: str, rectangle: tuple[float, float, float, float]) -> None:
        """Make ``rectangle`` (coordinates in force) open ``url``, as part of ``node``."""
        left, bottom = self.absolutePosition(rectangle[0], rectangle[1])
        right, top = self.absolutePosition(rectangle[2], rectangle[3])
        node.kids.append(LinkArea(self.page_index, (left, bottom, right, top), url, description))

    def showPage(self) -> None:  # noqa: N802 - ReportLab's name
        """Hold the page back: its footer needs the number of pages."""
        self._held.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]  # not in the stubs
        self.page_index += 1
        self.next_mcid = 0

    def save(self) -> None:
        """Draw headers and footers, then write every page."""
        held = self._held
        for number, state in enumerate(held, start=1):
            self.__dict__.update(state)
            self._furniture(self, number, len(held))
            super().showPage()
        super().save()


def assemble(raw: bytes, document: Node, bookmarks: list[Bookmark], meta: Meta) -> bytes:
    """Return the PDF ``raw`` with its structure, outline and metadata. Same input, same bytes."""
    with pikepdf.open(BytesIO(raw)) as pdf:
        _Structure(pdf).write(document)
        _write_outline(pdf, bookmarks)
        _write_metadata(pdf, meta)
        output = BytesIO()
        pdf.save(
            output,
            deterministic_id=True,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return output.getvalue()


class _Structure:
    """Writes one structure tree into one open PDF."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pdf = pdf
        self.pages = [page.obj for page in pdf.pages]
        self.owners: list[dict[int, pikepdf.Object]] = [{} for _ in self.pages]
        self.link_owners: list[pikepdf.Object] = []

    def write(self, document: Node) -> None:
        """Add the tree, the parent tree and what the catalog must say of them."""
        pdf = self.pdf
        root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        root.K = Array([self._element(document, root)])
        numbers: list[Any] = []
        for index, (page, owners) in enumerate(zip(self.pages, self.owners, strict=True)):
            page.StructParents = index
            page.Tabs = Name.S
            elements = Array([owners[mcid] for mcid in range(len(owners))])
            numbers += [index, pdf.make_indirect(elements)]
        for offset, element in enumerate(self.link_owners):
            numbers += [len(self.pages) + offset, element]
        root.ParentTree = pdf.make_indirect(Dictionary(Nums=Array(numbers)))
        root.ParentTreeNextKey = len(self.pages) + len(self.link_owners)
        catalog = pdf.Root
        catalog.StructTreeRoot = root
        catalog.MarkInfo = Dictionary(Marked=True)
        catalog.Lang = String(LANGUAGE)
        catalog.ViewerPreferences = Dictionary(DisplayDocTitle=True)

    def _element(self, node: Node, parent: pikepdf.Object) -> pikepdf.Object:
        element = self.pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name(f"/{node.role}"), P=parent))
        if node.attributes:
            attributes = Dictionary(O=Name.Table)
            for key, value in node.attributes.items():
                attributes[f"/{key}"] = Name(f"/{value}") if isinstance(value, str) else value
            element.A = attributes
        marks = [kid for kid in node.kids if isinstance(kid, Mark)]
        if marks:
            element.Pg = self.pages[marks[0].page]
        kids = [self._kid(kid, element, marks[0].page if marks else None) for kid in node.kids]
        if kids:
            element.K = Array(kids)
        return element

    def _kid(self, kid: Node | Mark | LinkArea, element: pikepdf.Object, page: int | None) -> Any:
        if isinstance(kid, Node):
            return self._element(kid, element)
        if isinstance(kid, LinkArea):
            return self._annotation(kid, element)
        self.owners[kid.page][kid.mcid] = element
        if kid.page == page:
            return kid.mcid
        return Dictionary(Type=Name.MCR, Pg=self.pages[kid.page], MCID=kid.mcid)

    def _annotation(self, area: LinkArea, element: pikepdf.Object) -> Dictionary:
        page = self.pages[area.page]
        annotation = self.pdf.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Link,
                Rect=Array([round(side, 2) for side in area.rectangle]),
                Border=Array([0, 0, 0]),
                F=4,  # printed with the page
                A=Dictionary(S=Name.URI, URI=String(area.url)),
                Contents=String(area.description),
                StructParent=len(self.pages) + len(self.link_owners),
            )
        )
        self.link_owners.append(element)
        if Name.Annots not in page:
            page.Annots = Array()
        page.Annots.append(annotation)
        return Dictionary(Type=Name.OBJR, Pg=page, Obj=annotation)


def _write_outline(pdf: pikepdf.Pdf, bookmarks: list[Bookmark]) -> None:
    """Add the bookmarks, nested by level."""
    if not bookmarks:
        return
    with pdf.open_outline() as outline:
        parents: list[tuple[int, OutlineItem]] = []
        for bookmark in bookmarks:
            item = OutlineItem(bookmark.title, bookmark.page, "XYZ", left=0, top=round(bookmark.top, 2))
            while parents and parents[-1][0] >= bookmark.level:
                parents.pop()
            (parents[-1][1].children if parents else outline.root).append(item)
            parents.append((bookmark.level, item))


_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<dc:identifier>{reference}</dc:identifier>
<xmp:CreateDate>{date}</xmp:CreateDate><xmp:ModifyDate>{date}</xmp:ModifyDate><xmp:CreatorTool>aap</xmp:CreatorTool>
<pdf:Producer>{producer}</pdf:Producer>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def _write_metadata(pdf: pikepdf.Pdf, meta: Meta) -> None:
    """Write the information dictionary and the same facts as XMP."""
    made_at = meta.made_at.astimezone(UTC)
    stamp = f"D:{made_at:%Y%m%d%H%M%S}Z"
    facts = {"Title": meta.title, "Author": meta.author, "Subject": meta.subject, "Creator": "aap"}
    facts |= {"Producer": PRODUCER, "CreationDate": stamp, "ModDate": stamp}
    del pdf.docinfo
    for key, value in facts.items():
        pdf.docinfo[f"/{key}"] = String(value)
    text = _XMP.format(
        title=escape(meta.title),
        subject=escape(meta.subject),
        author=escape(meta.author),
        reference=escape(meta.reference),
        language=LANGUAGE,
        date=f"{made_at:%Y-%m-%dT%H:%M:%SZ}",
        producer=escape(PRODUCER),
    )
    stream = pdf.make_stream(text.encode())
    stream.Type = Name.Metadata
    stream.Subtype = Name.XML
    pdf.Root.Metadata = stream
