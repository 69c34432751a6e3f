"""The whole file as one PDF: merged by the worker, complete for the agency, without secrets for the jury."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta

import pikepdf
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap import outbox
from aap.applications.asked_form import form_of
from aap.applications.models import Application, CompletionItemKind, DossierPrint, Submission
from aap.applications.queries import Audience, get_dossier
from aap.applications.service import ItemAsked, Upload, attach_piece, request_completion, save_section, submit
from aap.applications.service.printing import PRINT, ask_print, find_print
from aap.db import constraint_of
from aap.demonstration.pieces import write_pdf
from aap.extensions import Services
from aap.forms.queries import get_answers, versions_of
from aap.jobs.delivery import HANDLERS
from aap.outbox import Promise
from aap.storage import Storage
from tests.integration.applications.case import DEPOSITED, DRAFTED, PDF, People


@pytest.fixture
def stored(app: Flask, store: Storage) -> Iterator[Storage]:
    """The worker reads the storage where the pieces are."""
    services: Services = app.extensions["aap"]
    before, services.storage = services.storage, store
    yield store
    services.storage = before


@pytest.fixture
def deposit(case: Application, people: People, stored: Storage, session: Session) -> Submission:
    for annex, text in (("A12", "PROJET DE SANTE"), ("A02", "RELEVE BANCAIRE")):
        upload = Upload([write_pdf(text)], f"{annex}.pdf", 1_000_000)
        attach_piece(case, annex, upload, storage=stored, actor=people.lead, now=DRAFTED)
    submission = submit(case, actor=people.lead, now=DEPOSITED)
    session.commit()
    return submission


def printed(deposit: Submission, audience: Audience, people: People, session: Session, storage: Storage) -> bytes:
    row = ask_print(deposit, audience, actor=people.lead, now=DEPOSITED)
    assert ask_print(deposit, audience, actor=people.officer, now=DEPOSITED) is row
    session.commit()
    promise = session.scalars(select(Promise).where(Promise.kind == PRINT, Promise.delivered_at.is_(None))).one()
    assert outbox.deliver(promise.id, HANDLERS, DEPOSITED), promise.last_error
    found = find_print(deposit, audience)
    assert found is not None
    assert found.file is not None
    return b"".join(storage.read(found.file.storage_key))


def contents(document: bytes) -> tuple[int, bytes, list[str]]:
    """Return the number of pages, what they draw, and the bookmarks."""
    with pikepdf.open(io.BytesIO(document)) as pdf:
        drawn = b"".join(page.Contents.read_bytes() for page in pdf.pages if isinstance(page.Contents, pikepdf.Stream))
        with pdf.open_outline() as outline:
            titles = [item.title for item in outline.root]
        return len(pdf.pages), drawn, titles


def test_the_agency_has_everything_and_the_jury_no_secret(
    deposit: Submission, people: People, session: Session, stored: Storage
) -> None:
    pages, drawn, titles = contents(printed(deposit, Audience.AGENCY, people, session, stored))
    assert b"PROJET DE SANTE" in drawn
    assert b"RELEVE BANCAIRE" in drawn
    assert "Relevé d'identité bancaire au nom du porteur" in titles
    fewer, drawn, titles = contents(printed(deposit, Audience.JURY, people, session, stored))
    assert b"PROJET DE SANTE" in drawn
    assert b"RELEVE BANCAIRE" not in drawn
    assert not [title for title in titles if "bancaire" in title]
    assert fewer < pages


def test_what_is_being_completed_is_not_printed(
    deposit: Submission, people: People, session: Session, stored: Storage
) -> None:
    application, title = deposit.application, deposit.application.title
    asked = [ItemAsked(CompletionItemKind.FIELD, "title", ""), ItemAsked(CompletionItemKind.ANNEX, "A12", "")]
    request_completion(application, asked, "À revoir.", actor=people.officer, now=DEPOSITED + timedelta(days=1))
    later = DEPOSITED + timedelta(days=2)
    section = next(
        one for one in form_of(application.call_version).sections if any(spec.id == "title" for spec in one.fields)
    )
    seen = {"title": versions_of(get_answers(application.sheet_id))["title"]}
    save_section(application, section.id, {"title": "Jamais envoyé"}, seen, actor=people.lead, now=later)
    upload = Upload([write_pdf("ANNEXE JAMAIS ENVOYEE")], "neuf.pdf", 1_000_000)
    attach_piece(application, "A12", upload, storage=stored, actor=people.lead, now=later)
    session.commit()
    _, drawn, _ = contents(printed(deposit, Audience.AGENCY, people, session, stored))
    paper = get_dossier(application, later, Audience.AGENCY)
    assert paper.title == title
    assert b"JAMAIS" not in drawn
    assert b"PROJET DE SANTE" in drawn


def test_what_cannot_be_merged_is_listed_with_its_hash(
    deposit: Submission, people: People, session: Session, stored: Storage
) -> None:
    broken = next(piece for piece in deposit.application.pieces if piece.annex_key == "A01")
    assert b"".join(stored.read(broken.file.storage_key)) == PDF  # not a PDF that opens
    document = printed(deposit, Audience.AGENCY, people, session, stored)
    with pikepdf.open(io.BytesIO(document)) as pdf:
        assert pdf.Root.MarkInfo.Marked
    assert contents(document)[0] >= 3


def test_a_worker_killed_while_merging_is_followed_by_another(
    deposit: Submission, people: People, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_print(deposit, Audience.AGENCY, actor=people.lead, now=DEPOSITED)
    session.commit()
    promise_id = session.scalars(select(Promise.id).where(Promise.kind == PRINT)).one()

    def killed(*_: object) -> None:
        raise SystemExit("killed")

    with monkeypatch.context() as patch:
        patch.setattr("aap.jobs.dossiers.merge", killed)
        with pytest.raises(SystemExit):
            outbox.deliver(promise_id, HANDLERS, DEPOSITED)
    found = find_print(deposit, Audience.AGENCY)
    assert found is not None
    assert found.file_id is None
    assert outbox.deliver(promise_id, HANDLERS, DEPOSITED + timedelta(minutes=1))
    session.expire_all()
    found = find_print(deposit, Audience.AGENCY)
    assert found is not None
    assert found.file_id is not None


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"audience": "public"}, "ck_dossier_prints_audience_known"),
        ({"made_at": DEPOSITED}, "ck_dossier_prints_file_comes_with_its_hour"),
        ({}, "uq_dossier_prints_submission_id_audience"),
    ],
)
def test_the_database_refuses_what_makes_no_sense(
    deposit: Submission, people: People, session: Session, values: dict[str, object], constraint: str
) -> None:
    ask_print(deposit, Audience.JURY, actor=people.lead, now=DEPOSITED)
    row = {"audience": "jury", "asked_by_id": people.lead.id, "asked_at": DEPOSITED, **values}
    session.add(DossierPrint(submission_id=deposit.id, **row))
    with pytest.raises(IntegrityError) as raised:
        session.flush()
    assert constraint_of(raised.value) == constraint
