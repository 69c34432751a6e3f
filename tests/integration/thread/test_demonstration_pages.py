"""What each person of the demonstration reaches by following links: no error, no dead link, strict pages."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select

from aap.accounts.models import User
from aap.db import db
from tests.client import StrictClient
from tests.living import Living

MOST_PAGES = 25
ROLES = {
    "instruction": "/agence",
    "administration": "/agence",
    "direction": "/agence",
    "finances": "/agence",
    "edition": "/agence",
    "dd77": "/agence",
    "grades": "/agence",
    "copil": "/agence",
    "jury1": "/jury",
    "porteur.valfleuri": "/dossiers",
}
LEFT_ASIDE = ("/static", "/deconnexion", "/agence/ui", "/agence/pieces", "/dossiers/pieces")


@pytest.mark.slow
@pytest.mark.parametrize("name", ROLES)
def test_no_link_is_dead(living: Living, name: str) -> None:
    living.app.test_client_class = StrictClient
    client = living.app.test_client()
    assert isinstance(client, StrictClient)
    with living.app.app_context():
        token = db.session.scalars(select(User.fs_uniquifier).where(User.email == f"{name}@demo.invalid")).one()
        db.session.remove()
    with living.forgetting():
        client.sign_in(uuid.UUID(int=0), token=token)
        _follow_links(client, ROLES[name])


def _follow_links(client: StrictClient, start: str) -> None:
    seen: set[str] = set()
    waiting = [start]
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen.add(address)
        response = client.get(address, follow_redirects=True)
        assert response.status_code == 200, f"{address}: {response.status_code}"
        if "html" in response.content_type:
            waiting += sorted(_links_of(response.get_data(as_text=True)) - seen)
    assert len(seen) > 5


def _links_of(page: str) -> set[str]:
    found = {part.partition('"')[0].replace("&amp;", "&") for part in page.split('href="')[1:]}
    return {link.partition("#")[0] for link in found if link.startswith("/") and not link.startswith(LEFT_ASIDE)}
