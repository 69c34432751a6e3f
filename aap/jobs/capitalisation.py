"""Promises of the capitalisation: the PDF of a published sheet."""

from __future__ import annotations

import uuid
from datetime import datetime

from aap.capitalisation.models import SheetPublication
from aap.capitalisation.printing import printed_sheet
from aap.db import db
from aap.documents.sheet import render_sheet
from aap.extensions import settings, storage
from aap.files.service import store_document
from aap.outbox import Handler, Promise


def make_sheet_pdf(promise: Promise, now: datetime) -> None:
    """Write the PDF of a publication and keep it beside it. Done once: a publication never changes."""
    publication = db.session.get_one(SheetPublication, uuid.UUID(promise.payload["publication_id"]))
    if publication.pdf_file_id is not None:
        return
    content = render_sheet(printed_sheet(publication, settings().web.public_url))
    name = f"{publication.reference.lower()}-v{publication.version}.pdf"
    stored = store_document(storage(), content, name, region_code=publication.region_code, now=now)
    publication.pdf_file_id = stored.id


HANDLERS: dict[str, Handler] = {"sheet-pdf": make_sheet_pdf}
