"""The case of the examples as its lead meets it on screen, and a form sent as a browser without JavaScript would."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Container
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml
from bs4 import BeautifulSoup, Tag
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from aap.accounts.models import MembershipRole, RoleName, User
from aap.accounts.service import OrganisationCard, create_organisation, join_organisation
from aap.applications.models import Application
from aap.applications.service import start_application
from aap.calls.models import CallRole
from aap.calls.queries import current_version, get_call
from aap.calls.service import add_team_member, import_call
from aap.storage import Storage
from tests.client import StrictClient
from tests.integration.applications.case import (
    DRAFTED,
    PUBLISHED,
    case_answers,
    join_pieces,
    make_user,
    write_answers,
)

REF = "AAP-TS-2023-01"


@dataclass(frozen=True, slots=True)
class Scene:
    """Who takes part (by the token of their session), and the lead's file."""

    lead: str
    officer: str
    stranger: str
    file_id: uuid.UUID | None = None

    @property
    def path(self) -> str:
        """The address of the file."""
        return f"/dossiers/{self.file_id}"


def set_scene(session: Session, change: Callable[[dict[str, Any]], None] | None = None) -> tuple[User, User, User]:
    """Publish the call of the example; return its lead (of one organisation), an officer and a stranger.

    ``change`` mends the document of the call before it is published.
    """
    content = (files("aap.demonstration") / "data" / "call.yaml").read_bytes()
    if change is not None:
        document = yaml.safe_load(content)
        change(document)
        content = yaml.safe_dump(document, allow_unicode=True, sort_keys=False).encode()
    call = import_call(content, None, PUBLISHED, publish=True).call
    lead, stranger = make_user(session, "lead"), make_user(session, "stranger")
    officer = make_user(session, "officer", RoleName.OFFICER)
    add_team_member(call, officer, CallRole.OFFICER, None, PUBLISHED)
    card = OrganisationCard("EHPAD Résidence du Val Fleuri (fictif)", "ehpad", "99977101700012", "770999019", "77")
    organisation = create_organisation(card, region_code="IDF", now=DRAFTED)
    join_organisation(lead, organisation, MembershipRole.MANAGER, DRAFTED)
    return lead, officer, stranger


def draft(lead: User, strand: str | None = "B") -> Application:
    """Start an empty file."""
    return start_application(current_version(get_call(REF)), lead=lead, now=DRAFTED, strand_key=strand)


def fill(application: Application, lead: User, store: Storage, skipping: Container[str] = ()) -> None:
    """Answer everything and join every piece, as the example does; those of some annexes left out."""
    write_answers(application, case_answers(), lead)
    join_pieces(application, lead, store, skipping=skipping)


def sent_by(page: BeautifulSoup, number: int = 0) -> MultiDict[str, str]:
    """Return what a browser would send of the page's form, as it stands; ``number`` chooses among several forms."""
    form = page.select("main form[method=post]")[number]
    sent: MultiDict[str, str] = MultiDict()
    for control in form.find_all(["input", "textarea", "select"]):
        name = control.get("name")
        if name is None or control.get("type") in {"submit", "file"}:
            continue
        if control.get("type") in {"checkbox", "radio"} and not control.has_attr("checked"):
            continue
        sent.add(str(name), _value(control))
    return sent


def send(client: StrictClient, path: str, page: BeautifulSoup, **changes: str) -> TestResponse:
    """Send the page's first form with changes, to ``path``; underscores of ``x__y`` stand for a dash."""
    sent = sent_by(page)
    for name, value in changes.items():
        sent[name.replace("__", "-")] = value
    return client.post(path, data=sent)


def one(page: Tag, selector: str) -> Tag:
    """Return the one element that a selector names."""
    found = page.select(selector)
    assert len(found) == 1, f"{selector}: {len(found)}"
    return found[0]


def value_of(page: Tag, name: str) -> str:
    """Return what an input holds."""
    return str(one(page, f'[id="{name}"]').get("value", ""))


def link_of(page: Tag, words: str) -> str:
    """Return where a link leads, by its first words."""
    found = [str(link["href"]) for link in page.find_all("a", href=True) if words_of(link).startswith(words)]
    assert found, f"no link {words!r}"
    return found[0]


def words_of(page: Tag) -> str:
    """Return the text of an element, its spaces made plain."""
    return re.sub(r"\s+", " ", page.get_text(" ")).strip()


def parsed(answer: TestResponse) -> BeautifulSoup:
    """Return the page of an answer."""
    return BeautifulSoup(answer.get_data(as_text=True), "html5lib")


def _value(control: Tag) -> str:
    if control.name == "textarea":
        return control.get_text().removeprefix("\n")
    if control.name == "select":
        chosen = control.find("option", selected=True) or control.find("option")
        return "" if chosen is None else str(chosen.get("value", chosen.get_text()))
    return str(control.get("value", ""))
