"""The test client is a linter: every HTML answer is parsed strictly and must keep the rules of every page."""

from __future__ import annotations

import uuid
from typing import Any

import html5lib
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from aap.accounts.models import User
from aap.assembly.typography import set_page

# html5lib's tree of parse errors that HTML itself now allows.
TOLERATED = frozenset({"unknown-doctype", "unexpected-character-in-unquoted-attribute-value"})


class StrictClient(FlaskClient):
    """A client whose every HTML answer is checked. Made by ``app.test_client()`` with this class.

    It reads words as they are typed in the sources: the setting of pages has its own tests.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take the setting of words off the application, once."""
        super().__init__(*args, **kwargs)
        last_steps = self.application.after_request_funcs[None]
        if set_page in last_steps:
            last_steps.remove(set_page)

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request and check the answer. A GET that writes to the database fails here."""
        writes: list[str] = []

        def note(session: Session, _context: object) -> None:
            writes.extend(type(row).__name__ for row in (*session.new, *session.dirty, *session.deleted))

        event.listen(Session, "after_flush", note)
        try:
            response = super().open(*args, **kwargs)
        finally:
            event.remove(Session, "after_flush", note)
        if response.request.method in {"GET", "HEAD"}:
            assert not writes, f"{response.request.path}: a GET wrote {writes}"
        read_by_people = response.mimetype == "text/html" and response.location is None
        if read_by_people and response.data:
            check_html(response.get_data(as_text=True), str(response.request.path))
        return response

    def sign_in(self, user: User | uuid.UUID, *, token: str = "") -> None:
        """Sign a person in without the form."""
        identifier = user.fs_uniquifier if isinstance(user, User) else token
        with self.session_transaction() as session:
            session["_user_id"] = identifier
            session["_fresh"] = True
            session["fs_cc"] = "set"
            session["fs_paa"] = 2**31

    def page(self, path: str, status: int = 200, **kwargs: Any) -> BeautifulSoup:
        """Get a page, check its status, and return it parsed."""
        response = self.get(path, **kwargs)
        assert response.status_code == status, (
            f"{path}: {response.status_code}, {response.get_data(as_text=True)[:2000]}"
        )
        return BeautifulSoup(response.get_data(as_text=True), "html5lib")


def check_html(text: str, place: str) -> None:
    """Fail with every rule that the page breaks."""
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(text)
    faults = [f"line {position[0]}: {code} {data}" for position, code, data in parser.errors if code not in TOLERATED]
    soup = BeautifulSoup(text, "html5lib")
    faults += _structure(soup) + _labels(soup) + _content_policy(soup)
    assert not faults, f"{place}:\n" + "\n".join(faults)


def _structure(soup: BeautifulSoup) -> list[str]:
    faults = []
    if len(soup.find_all("h1")) != 1:
        faults.append(f"{len(soup.find_all('h1'))} h1")
    if soup.html is None or soup.html.get("lang") != "fr":
        faults.append("no lang=fr")
    if soup.title is None or not soup.title.get_text(strip=True):
        faults.append("no title")
    ids = [str(tag["id"]) for tag in soup.find_all(id=True)]
    faults += [f"id twice: {name}" for name in {name for name in ids if ids.count(name) > 1}]
    known = set(ids)
    for attribute in ("aria-describedby", "aria-labelledby", "aria-controls"):
        for tag in soup.select(f"[{attribute}]"):
            faults += [f"{attribute} to nothing: {name}" for name in str(tag[attribute]).split() if name not in known]
    faults += [f"img without alt: {tag}" for tag in soup.find_all("img") if not tag.has_attr("alt")]
    faults += [
        f"table without caption: {str(tag)[:80]}" for tag in soup.find_all("table") if tag.find("caption") is None
    ]
    return faults


def _labels(soup: BeautifulSoup) -> list[str]:
    targets = {str(tag["for"]) for tag in soup.find_all("label", attrs={"for": True})}
    faults = []
    for control in soup.find_all(["input", "select", "textarea"]):
        if control.get("type") in {"hidden", "submit", "button"}:
            continue
        named = control.get("id") in targets or control.get("aria-label") or control.get("aria-labelledby")
        if not named and control.find_parent("label") is None:
            faults.append(f"control without label: {str(control)[:120]}")
    return faults + [f"button without words: {tag}" for tag in soup.find_all("button") if not _words(tag)]


def _words(tag: Tag) -> str:
    return tag.get_text(strip=True) or str(tag.get("aria-label") or tag.get("title") or "")


def _content_policy(soup: BeautifulSoup) -> list[str]:
    faults = [f"inline style: {str(tag)[:80]}" for tag in soup.find_all(style=True)]
    faults += ["style element" for _ in soup.find_all("style")]
    for script in soup.find_all("script"):
        if script.get("type") not in {"application/json", "text/template"} and not script.get("nonce"):
            faults.append(f"script without nonce: {str(script)[:80]}")
    for tag in soup.find_all(True):
        faults += [f"inline handler {name}: {str(tag)[:80]}" for name in tag.attrs if name.startswith("on")]
    return faults
