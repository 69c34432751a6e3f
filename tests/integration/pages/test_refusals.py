"""Refusals that come before any page of ours: a body too large, too many attempts, a next page on another site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask_security import hash_password
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from aap.accounts.service import create_user
from aap.app import create_app
from aap.assembly.protections import SIGN_IN_LIMIT
from aap.db import db
from aap.extensions import limiter
from tests.client import StrictClient
from tests.conftest import make_settings

ADDRESS, PASSWORD = "personne@exemple.fr", "un-mot-de-passe-assez-long"
Within = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def limited(migrated: Callable[[str], str], valkey: str, folder: Path) -> Iterator[StrictClient]:
    """A browser on the application with the limits that tests leave aside, counted in the real Valkey."""
    app = create_app(make_settings(migrated("postgresql"), valkey, folder / "limited", AAP_DEMO="1"))
    app.test_client_class = StrictClient
    client = app.test_client()
    assert isinstance(client, StrictClient)
    try:
        yield client
    finally:
        with app.app_context():
            limiter.reset()
            db.engine.dispose()
        limiter.enabled = False


def _title(answer: TestResponse) -> str:
    heading = BeautifulSoup(answer.get_data(as_text=True), "html5lib").h1
    return "" if heading is None else heading.get_text(strip=True)


def _sign_in(client: StrictClient, password: str, target: str = "") -> TestResponse:
    query = {"next": target} if target else {}
    page = client.get("/connexion", query_string=query)
    form = BeautifulSoup(page.get_data(as_text=True), "html5lib").select_one("main form")
    assert form is not None
    token = form.select_one('input[name="csrf_token"]')
    assert token is not None
    data = {"csrf_token": str(token["value"]), "email": ADDRESS, "password": password}
    return client.post("/connexion", query_string=query, data=data)


def _register(within: Within) -> None:
    with within() as session:
        now = datetime(2023, 10, 1, 8, tzinfo=UTC)
        create_user(ADDRESS, now=now, password_hash=hash_password(PASSWORD))
        session.commit()


def test_a_body_too_large_is_told_on_a_page(app: Flask, client: StrictClient) -> None:
    app.config["MAX_CONTENT_LENGTH"], usual = 2_000_000, app.config["MAX_CONTENT_LENGTH"]
    try:
        answer = client.post("/connexion", data=b"x" * 2_000_001, content_type="multipart/form-data; boundary=x")
    finally:
        app.config["MAX_CONTENT_LENGTH"] = usual
    assert (answer.status_code, _title(answer)) == (413, "Envoi trop lourd")


def test_too_many_attempts_are_told_on_a_page(limited: StrictClient) -> None:
    allowed = int(SIGN_IN_LIMIT.partition(" ")[0])
    statuses = {_sign_in(limited, "pas-le-bon").status_code for _ in range(allowed)}
    assert 429 not in statuses
    answer = _sign_in(limited, "pas-le-bon")
    assert (answer.status_code, _title(answer)) == (429, "Trop de demandes à la suite")
    assert limited.get("/connexion").status_code == 200


@pytest.mark.parametrize(
    "target",
    ["https://mechant.example/", "//mechant.example/", "/\\mechant.example", "https:/mechant.example"],
)
def test_signing_in_never_leads_to_another_site(client: StrictClient, within: Within, target: str) -> None:
    _register(within)
    answer = _sign_in(client, PASSWORD, target)
    assert urlsplit(answer.location or "").netloc == ""
    assert not (answer.location or "").startswith(("//", "/\\"))


def test_signing_in_leads_to_the_page_that_was_asked(client: StrictClient, within: Within) -> None:
    _register(within)
    assert _sign_in(client, PASSWORD, "/dossiers").location == "/dossiers"


def test_a_registration_is_corrected_in_the_order_of_the_page(client: StrictClient) -> None:
    form = client.page("/inscription").select_one("main form")
    assert form is not None
    token = form.select_one('input[name="csrf_token"]')
    assert token is not None
    answer = client.post("/inscription", data={"csrf_token": str(token["value"])})
    told = BeautifulSoup(answer.get_data(as_text=True), "html5lib").select("[role=alert] a")
    assert [link.get_text() for link in told] == [
        "Indiquez votre prénom.",
        "Indiquez votre nom.",
        "Indiquez votre adresse électronique.",
        "Indiquez un mot de passe.",
        "Tapez le mot de passe une seconde fois.",
    ]
