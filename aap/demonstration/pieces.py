"""The small PDF files that the demonstration joins: one page of plain text, written by hand."""

from __future__ import annotations

import re
from datetime import datetime

from aap.accounts.models import User
from aap.applications.models import Application, Piece
from aap.applications.service import Upload, attach_piece
from aap.applications.verdicts import list_annexes
from aap.calls.queries import load_document
from aap.extensions import storage

LARGEST = 100_000  # octets

_PAGE = (
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    ("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"),
)
_FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def write_pdf(*lines: str) -> bytes:
    """Write a one-page PDF with these lines of text; what its encoding does not know becomes a question mark."""
    shown = "".join(f"({_escaped(line)}) Tj T* " for line in lines)
    text = f"BT /F1 12 Tf 18 TL 60 770 Td {shown}ET"
    length = len(text.encode("cp1252", "replace"))
    objects = (*_PAGE, f"<< /Length {length} >>\nstream\n{text}\nendstream", _FONT)
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode("cp1252", "replace")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n"
    return body + f"{end}startxref\n{len(body)}\n%%EOF\n".encode("ascii")


def _escaped(line: str) -> str:
    return re.sub(r"([\\()])", r"\\\1", line)


def join(application: Application, annex_key: str, subject: str, label: str, *, lead: User, now: datetime) -> Piece:
    """Join one small PDF to an annex, about a partner or a co-funder when the annex is asked for each."""
    return attach_piece(
        application,
        annex_key,
        make_upload(f"{annex_key}{f'-{subject}' if subject else ''}.pdf", label, application.applicant_name),
        storage=storage(),
        actor=lead,
        now=now,
        subject=subject,
    )


def make_upload(name: str, *lines: str) -> Upload:
    """Return a small PDF as a browser would send it."""
    return Upload([write_pdf(*lines, "Document fictif de la démonstration.")], name, LARGEST)


def join_required(application: Application, *, lead: User, now: datetime) -> None:
    """Join every piece that the call requires of this application and that is still missing."""
    labels = {annex.id: annex.label for annex in load_document(application.call_version).annexes}
    for status in list_annexes(application, now):
        if status.required:
            for slot in status.slots:
                if slot.required and not slot.count:
                    join(application, status.key, slot.subject, labels[status.key], lead=lead, now=now)
