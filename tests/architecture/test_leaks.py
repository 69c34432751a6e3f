"""Following every link, nobody meets a file that is closed to them: neither its reference nor its title."""

from __future__ import annotations

import html
import re
from collections import deque
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from aap.applications.models import Application
from aap.awards.models import Decision, Notification
from aap.db import db
from aap.policies import may
from tests.architecture.golden import read_column
from tests.architecture.statements import listening
from tests.architecture.world import ROLES, World
from tests.living import Living

WATCHED = (
    "recused",
    "juror",
    "dd_elsewhere",
    "officer_elsewhere",
    "administrator_elsewhere",
    "lead_elsewhere",
    "invited",
    "reviewer",
)
DOORS = ("/", "/appels", "/fiches", "/compte", "/dossiers", "/projets", "/jury", "/agence", "/administration")
LINK = re.compile(r'(?:href|action)="([^"#]+)')
MOST = 400  # pages of one person


def closed_files(world: World, role: str) -> dict[str, set[str]]:
    """Return the words that betray each file this person may not read: what is published betrays nothing."""
    person = world.actor(world.who(role))
    told = select(Decision.application_id).join(Notification, Notification.decision_id == Decision.id)
    files = list(db.session.scalars(select(Application).where(Application.id.not_in(told))))
    readable = {one.id for one in files if may(person, "application.read", one)}
    known = {one.title for one in files if one.id in readable} | set(
        db.session.scalars(select(Application.title).where(Application.id.in_(told)))
    )
    closed = {}
    for one in files:
        if one.id not in readable:
            words = {one.reference or str(one.id), str(one.id)}
            closed[str(one.id)] = words if any(one.title in title for title in known) else words | {one.title}
    return closed


def crawl(living: Living, world: World, role: str) -> Iterator[tuple[str, str]]:
    """Yield the address and the text of every page that links lead to."""
    client = world.client(living, world.who(role))
    waiting, seen = deque(DOORS), set(DOORS)
    while waiting and len(seen) < MOST:
        path = waiting.popleft()
        with listening(living.connection) as heard:
            response = client.open(path)
        assert response.status_code < 500, path
        assert not heard.writes, f"{path}: a GET wrote {heard.writes[:2]}"
        if response.status_code >= 300 and response.location:
            follow([response.location], waiting, seen, living.app)
        if response.mimetype == "text/html":
            text = html.unescape(response.get_data(as_text=True))
            yield path, text
            follow(LINK.findall(text), waiting, seen, living.app)


def follow(links: list[str], waiting: deque[str], seen: set[str], app: Flask) -> None:
    """Queue what a GET of ours answers, once, without its sorts and filters."""
    adapter = app.url_map.bind("localhost")
    for link in links:
        path = link.partition("?")[0].removeprefix("http://localhost")
        if not path.startswith("/") or path in seen or path.startswith("/static/"):
            continue
        try:
            adapter.match(path, method="GET")
        except HTTPException:
            continue
        seen.add(path)
        waiting.append(path)


@pytest.mark.parametrize("role", WATCHED)
def test_no_page_betrays_a_closed_file(living: Living, world: World, role: str) -> None:
    with living.app.app_context():
        closed = closed_files(world, role)
        person = world.actor(world.who(role))
        files = db.session.scalars(select(Application).where(Application.reference.is_not(None)))
        readable = {str(one.reference) for one in files if may(person, "application.read", one)}
    assert closed, "nothing is closed to this person: the test proves nothing"
    pages = 0
    leaks = []
    met = set()
    for path, text in crawl(living, world, role):
        pages += 1
        met |= {reference for reference in readable if reference in text}
        leaks += [f"{path}: {word}" for words in closed.values() for word in words if word in text]
    assert pages > 8
    assert met or not readable, "this person met none of the files that are open to them: the crawl reads too little"
    assert not leaks, f"{len(leaks)} leaks in {pages} pages\n" + "\n".join(leaks[:30])


def test_no_answer_names_a_closed_file(living: Living, world: World) -> None:
    """The refusals themselves say nothing: same words for a file that is closed and for one that never was."""
    client = world.client(living, ROLES["recused"])
    refused = [sample for sample in world.samples if sample.label == "instructed"]
    assert refused
    lines = {line for line, cell in read_column("recused").items() if line.sample == "instructed" and cell == "404"}
    assert lines
    for sample in refused:
        with living.app.app_context():
            title = db.session.get_one(Application, sample.values["application_id"]).title
        for path in (
            f"/jury/dossiers/{sample.values['application_id']}",
            f"/agence/dossiers/{sample.values['application_id']}",
        ):
            response = client.open(path)
            assert response.status_code == 404
            assert title not in html.unescape(response.get_data(as_text=True))
