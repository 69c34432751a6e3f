"""What deposits promise: the receipt, once; and mails that read well in French."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.applications.models import Application
from aap.applications.service import decide_admissibility, submit, withdraw
from aap.calls.service import amend_step, cancel_call
from aap.files.models import StoredFile
from aap.jobs.applications import HANDLERS, make_receipt, receipt_of
from aap.outbox import Promise
from tests.integration.applications.case import CLOSING, DEPOSITED, People

pytestmark = pytest.mark.sqlite
TEMPLATES = Path(__file__).parents[3] / "templates"


def test_the_receipt_is_made_once_and_kept(app: Flask, session: Session, case: Application, people: People) -> None:
    assert app.extensions["aap"]
    submission = submit(case, actor=people.lead, now=DEPOSITED)
    session.flush()
    promise = session.scalars(select(Promise).where(Promise.kind == "application-receipt")).one()
    make_receipt(promise, DEPOSITED)
    make_receipt(promise, CLOSING)
    session.flush()
    receipts = session.scalars(select(StoredFile).where(StoredFile.name.startswith("accuse-reception"))).all()
    assert [file.id for file in receipts] == [submission.receipt_file_id]
    assert receipts[0].name == "accuse-reception-AAP-TS-2023-01-0001-1.pdf"


def test_the_receipt_says_what_was_sealed(case: Application, people: People) -> None:
    submission = submit(case, actor=people.lead, now=DEPOSITED)
    receipt = receipt_of(case, submission)
    assert (receipt.seal_sha256, receipt.submitted_at) == (submission.seal, DEPOSITED)
    assert len(receipt.pieces) == 22
    assert receipt.reference == "AAP-TS-2023-01-0001"


def test_every_mail_is_written(session: Session, case: Application, people: People) -> None:
    submit(case, actor=people.lead, now=DEPOSITED)
    withdraw(case, actor=people.officer, now=DEPOSITED, reason="Demande écrite du porteur")
    texts = [render(row) for row in _mails(session)]
    assert len(texts) == 3
    assert any(text.startswith("Objet : Dossier déposé – AAP-TS-2023-01-0001") for text in texts)
    assert any("vendredi 3 novembre 2023 à 16 h 42" in text for text in texts)


def test_a_refusal_tells_how_to_contest_it(session: Session, case: Application, people: People) -> None:
    submit(case, actor=people.lead, now=DEPOSITED)
    decide_admissibility(case, "irrecevable_hors_objet", "Achat seul.", actor=people.officer, now=DEPOSITED)
    text = next(render(row) for row in _mails(session) if row.payload["template"] == "application-inadmissible")
    assert "Motif : Achat seul." in text
    assert "tribunal administratif" in text


def test_drafts_are_told_that_the_closing_moved(session: Session, draft: Application, people: People) -> None:
    call = draft.call_version.call
    amend_step(
        call, "submission_deadline", CLOSING + timedelta(days=1), "Panne", actor=people.administrator, now=DEPOSITED
    )
    promise = session.scalars(select(Promise).where(Promise.kind == "call-amended")).one()
    HANDLERS["call-amended"](promise, DEPOSITED)
    (mail,) = _mails(session)
    text = render(mail)
    assert mail.payload["to"] == people.lead.email
    assert "Désormais : mardi 7 novembre 2023 à 12 h" in text
    assert "Motif : Panne" in text


def test_every_lead_is_told_that_the_call_is_cancelled(session: Session, draft: Application) -> None:
    cancel_call(draft.call_version.call, "Crédits retirés", None, DEPOSITED)
    promise = session.scalars(select(Promise).where(Promise.kind == "call-cancelled")).one()
    HANDLERS["call-cancelled"](promise, DEPOSITED)
    (mail,) = _mails(session)
    assert "Motif : Crédits retirés" in render(mail)


def _mails(session: Session) -> list[Promise]:
    session.flush()
    return list(session.scalars(select(Promise).where(Promise.kind == "mail").order_by(Promise.key)))


def render(promise: Promise) -> str:
    """Render a mail as the worker does; a word that the context lacks fails."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=False)  # noqa: S701  # plain text mails
    template = environment.get_template(f"email/{promise.payload['template']}.txt")
    text = template.render(public_url="http://localhost", service_name="aap", **promise.payload["context"])
    return text.replace("\u00a0", " ").replace("\u202f", " ")
