"""Uploads that go wrong: too large, no room, a storage that refuses. The page answers, and nothing else is lost."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from aap.applications.models import Submission
from aap.applications.queries import get_application
from aap.clock import FixedClock
from aap.extensions import Services
from aap.files.models import ScanState
from aap.storage import Storage
from tests.client import StrictClient
from tests.integration.applications.case import DEPOSITED
from tests.integration.pages.applicant_case import Scene, draft, link_of, one, parsed, sent_by, set_scene, words_of

Within = Callable[[], AbstractContextManager[Session]]
PDF = b"%PDF-1.7 fictif"


@pytest.fixture
def scene(within: Within, client: StrictClient, clock: FixedClock) -> Scene:
    """An empty file, on the day of its deposit."""
    clock.set(DEPOSITED)
    with within() as session:
        lead, officer, stranger = set_scene(session)
        application = draft(lead)
        session.commit()
        made = Scene(lead.fs_uniquifier, officer.fs_uniquifier, stranger.fs_uniquifier, application.id)
    with client.session_transaction() as cookies:
        cookies.update({"_user_id": made.lead, "_fresh": True, "fs_cc": "set", "fs_paa": 2**31})
    return made


def post(client: StrictClient, scene: Scene, content: Any, name: str = "lettre.pdf") -> tuple[int, str]:
    path = f"{scene.path}/pieces/A01"
    sent = {**sent_by(client.page(path)), "file": (content, name)}
    answer = client.post(path, data=sent)
    page = parsed(answer)
    found = page.find(id="file--error")
    return answer.status_code, "" if found is None else words_of(found)


class Body:
    """A long form that is never whole in memory: its head, its file, its tail."""

    def __init__(self, head: bytes, size: int, tail: bytes) -> None:
        self._place = 0
        self.length = len(head) + size + len(tail)
        self._head, self._left, self._tail = head, size, tail

    def close(self) -> None:
        """Nothing to close."""

    def seek(self, _offset: int, whence: int = 0) -> int:
        """Tell the length, as the test client asks, without going anywhere."""
        self._place = self.length if whence else 0
        return self._place

    def tell(self) -> int:
        return self._place

    def read(self, size: int = -1) -> bytes:
        if self._head:
            part, self._head = self._head, b""
        elif self._left:
            part = b"x" * min(self._left, size if size > 0 else 65536)
            self._left -= len(part)
        else:
            part, self._tail = self._tail, b""
        return part


def test_two_hundred_megabytes_are_answered_at_their_field(client: StrictClient, scene: Scene) -> None:
    body = client.page(f"{scene.path}/pieces/A01")
    fields = sent_by(body)
    head = "".join(
        f'--limite\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    head += '--limite\r\nContent-Disposition: form-data; name="file"; filename="gros.pdf"\r\n\r\n'
    sent = Body(head.encode() + PDF, 200_000_000, b"\r\n--limite--\r\n")
    answer = client.post(
        f"{scene.path}/pieces/A01", input_stream=cast("Any", sent), content_type="multipart/form-data; boundary=limite"
    )
    assert answer.status_code == 413, words_of(parsed(answer))
    assert "« gros.pdf » dépasse la taille permise (2 Mo)" in words_of(one(parsed(answer), '[id="file--error"]'))


def test_a_call_may_set_its_own_sizes(
    client: StrictClient, scene: Scene, monkeypatch: pytest.MonkeyPatch, within: Within
) -> None:
    with within():
        document = get_application(scene.file_id).call_version.document  # type: ignore[arg-type]  # the scene has one
    assert "annexes_max_mb" not in document
    monkeypatch.setattr("aap.applications.service.pieces.MEGABYTE", 1000)
    with within() as session:
        application = get_application(scene.file_id)  # type: ignore[arg-type]  # the scene has one
        application.call_version.document = {**document, "annexes_max_mb": 10}
        session.commit()
    assert post(client, scene, io.BytesIO(PDF + b"x" * 6000))[0] == 303
    page = client.page(f"{scene.path}/pieces/A01")
    path = f"{scene.path}/pieces/A13"
    sent = {**sent_by(client.page(path)), "file": (io.BytesIO(PDF + b"x" * 6000), "second.pdf")}
    answer = client.post(path, data=sent)
    assert answer.status_code == 413
    assert "Les pièces d'un dossier ne dépassent pas 10 Mo en tout" in words_of(parsed(answer))
    replace = link_of(page, "Remplacer")
    sent = {**sent_by(client.page(replace)), "file": (io.BytesIO(PDF + b"y" * 9000), "plus gros.pdf")}
    assert client.post(replace, data=sent).status_code == 303


def test_no_room_while_receiving(client: StrictClient, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(tempfile.SpooledTemporaryFile):  # type: ignore[type-arg]  # bytes
        def write(self, *_: Any) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("aap.assembly.uploads.tempfile.SpooledTemporaryFile", Full)
    status, words = post(client, scene, io.BytesIO(PDF))
    assert (status, "le serveur manque de place" in words) == (503, True)


def test_a_storage_that_refuses_says_so_and_keeps_nothing(
    app: Flask, client: StrictClient, scene: Scene, within: Within
) -> None:
    services: Services = app.extensions["aap"]
    usual = services.storage
    services.storage = Storage("file:///proc/nulle-part")
    try:
        services.storage._open = lambda: (_ for _ in ()).throw(OSError("refused"))  # type: ignore[method-assign]  # an ill storage
        status, words = post(client, scene, io.BytesIO(PDF))
    finally:
        services.storage = usual
    assert status == 503
    assert "Réessayez" in words
    with within():
        assert get_application(scene.file_id).pieces == []  # type: ignore[arg-type]  # the scene has one
    assert post(client, scene, io.BytesIO(PDF))[0] == 303


def test_only_its_owner_reads_a_file_before_its_analysis(client: StrictClient, scene: Scene, within: Within) -> None:
    assert post(client, scene, io.BytesIO(PDF))[0] == 303
    with within() as session:
        application = get_application(scene.file_id)  # type: ignore[arg-type]  # the scene has one
        piece = application.pieces[0]
        piece.file.scan_state, piece_id = ScanState.PENDING, piece.id
        application.reference, application.submitted_at = "X-1", DEPOSITED
        named = {"application_id": application.id, "by_id": application.lead_id, "idempotency_key": "a"}
        session.add(Submission(**named, number=1, at=DEPOSITED, snapshot={}, seal="0" * 64, pieces=[piece]))
        session.commit()
    page = client.page(f"{scene.path}/pieces/A01")
    assert "En attente d'analyse" in words_of(page)
    assert client.get(link_of(page, "lettre.pdf")).status_code == 200
    with client.session_transaction() as cookies:
        cookies["_user_id"] = scene.officer
    refused = client.get(f"/agence/pieces/{piece_id}")
    assert refused.status_code == 409
    assert "attend son analyse" in refused.get_data(as_text=True)
    with within() as session:
        get_application(scene.file_id).pieces[0].file.scan_state = ScanState.NOT_SCANNED  # type: ignore[arg-type]  # the scene has one
        session.commit()
    assert client.get(f"/agence/pieces/{piece_id}").data == PDF
