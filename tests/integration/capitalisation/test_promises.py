"""What the worker makes of the promises: the PDF of a sheet, and every mail of a project and of its sheet."""

from __future__ import annotations

from flask import render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.evaluation.service import remind_due
from aap.extensions import storage
from aap.files.models import StoredFile
from aap.jobs.capitalisation import HANDLERS
from aap.outbox import Promise
from tests.integration.capitalisation.writing import Desk, publish
from tests.integration.evaluation.story import at

NOW = at("2026-09-16")


def test_the_worker_writes_the_pdf_once(desk: Desk, session: Session) -> None:
    _, publication = publish(desk)
    promise = session.scalars(select(Promise).where(Promise.kind == "sheet-pdf")).one()
    HANDLERS[promise.kind](promise, NOW)
    stored = session.get_one(StoredFile, publication.pdf_file_id)
    assert (stored.name, stored.region_code) == ("cap-2026-003-v2.pdf", "IDF")
    content = b"".join(storage().read(stored.storage_key))
    assert content.startswith(b"%PDF-")
    assert len(content) == stored.size
    HANDLERS[promise.kind](promise, NOW)
    assert publication.pdf_file_id == stored.id


def test_every_promised_mail_can_be_written(desk: Desk, session: Session) -> None:
    remind_due(at("2026-09-20"))
    remind_due(at("2026-10-20"))
    publish(desk)
    session.flush()
    written = set()
    for promise in session.scalars(select(Promise).where(Promise.kind == "mail")):
        template, context = promise.payload["template"], promise.payload["context"]
        text = render_template(
            f"email/{template}.txt", public_url="https://exemple.invalid", service_name="aap", **context
        )
        assert text.startswith("Objet : ")
        assert "https://exemple.invalid/" in text or not template.startswith(("evaluation-", "sheet-"))
        written.add(template)
    assert written >= {
        "evaluation-plan-validated",
        "evaluation-report-submitted",
        "evaluation-report-returned",
        "evaluation-report-validated",
        "evaluation-report-due",
        "evaluation-report-late",
        "evaluation-decision",
        "sheet-to-review",
        "sheet-changes-requested",
        "sheet-to-validate",
        "sheet-published",
    }
