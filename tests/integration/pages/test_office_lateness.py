"""The officer's page of late admissions: a draft by its code, a reason, an hour; the lead then deposits."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

from sqlalchemy.orm import Session

from aap.applications.lateness import draft_code
from aap.applications.queries import get_application
from aap.clock import FixedClock
from aap.extensions import storage
from tests.client import StrictClient
from tests.integration.applications.case import CLOSING
from tests.integration.pages.applicant_case import Scene, draft, fill, parsed, send, set_scene, words_of

Within = Callable[[], AbstractContextManager[Session]]


def enter(client: StrictClient, token: str) -> None:
    with client.session_transaction() as cookies:
        cookies.update({"_user_id": token, "_fresh": True, "fs_cc": "set", "fs_paa": 2**31})


def test_a_draft_is_admitted_after_the_closing(within: Within, client: StrictClient, clock: FixedClock) -> None:
    with within() as session:
        lead, officer, stranger = set_scene(session)
        application = draft(lead)
        fill(application, lead, storage())
        session.commit()
        scene = Scene(lead.fs_uniquifier, officer.fs_uniquifier, stranger.fs_uniquifier, application.id)
        call_id, code = application.call_version.call_id, draft_code(application.id)
    clock.set(CLOSING + timedelta(minutes=30))
    enter(client, scene.lead)
    assert code in words_of(client.page(scene.path))
    check = client.page(f"{scene.path}/verification")
    assert "La clôture est passée" in words_of(check)
    path = f"/agence/appels/{call_id}/delais"
    client.page(path, 403)
    enter(client, scene.officer)
    page = client.page(path)
    assert "Aucun délai accordé" in words_of(page)
    wrong = send(client, path, page, code="12345678", until="2023-11-07T18:00", reason="Panne du service.")
    assert wrong.status_code == 400
    assert "Aucun brouillon de cet appel ne porte ce code" in words_of(parsed(wrong))
    assert "Panne du service." in words_of(parsed(wrong))
    odd = send(client, path, page, code=code, until="0001-01-01T00:00", reason="Panne du service.")
    assert odd.status_code == 400
    assert "Indiquez le jour et l'heure" in words_of(parsed(odd)).replace("’", "'")
    sent = send(client, path, page, code=code.lower(), until="2023-11-07T18:00", reason="Panne du service.")
    assert sent.status_code == 303
    assert "Panne du service." in words_of(client.page(path))
    enter(client, scene.lead)
    check = client.page(f"{scene.path}/verification")
    assert "mardi 7 novembre 2023 à 18 h" in words_of(check)
    assert send(client, f"{scene.path}/verification", check, honour="y").status_code == 303
    with within():
        assert get_application(application.id).reference == "AAP-TS-2023-01-0001"
