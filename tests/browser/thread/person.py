"""Somebody in front of a browser: finds things by the words on the screen, and is told of every fault of the page."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, ConsoleMessage, Download, Locator, Page

from tests.browser.thread.site import Site

WIDTHS = (1280, 360)
PATIENCE = 2.0  # seconds, for what scripts write
_HIDDEN = re.compile(r'<input type="hidden" (?:id="[^"]*" )?name="([^"]+)" value="([^"]*)"')
# The hands of a person who types fast: everything that a form holds is typed at once, then the page is told.
TYPE = """values => {
  const tell = (one, ...names) => names.forEach(name => one.dispatchEvent(new Event(name, {bubbles: true})));
  for (const [name, value] of Object.entries(values)) {
    const found = [...document.getElementsByName(name)].filter(one => one.type !== 'hidden');
    if (!found.length) throw new Error('no field is named ' + name);
    for (const one of found) {
      if (one.type === 'checkbox' || one.type === 'radio') {
        one.checked = [value].flat().includes(one.value);
        if (one.checked) tell(one, 'input', 'change');
      } else {
        one.value = value;
        if (one.value !== value) throw new Error(name + ' does not take ' + value);
        tell(one, 'input', 'change');
      }
    }
  }
}"""


@dataclass(slots=True)
class Person:
    """A person with a browser of their own. ``faults`` holds what the browser complained of."""

    site: Site
    page: Page
    shots: Path | None
    scripts: bool = True
    faults: list[str] = field(default_factory=list)

    def sign_in(self, email: str, password: str) -> None:
        """Sign in by the form."""
        self.open("/connexion")
        self.fill("Adresse électronique", email)
        self.fill("Mot de passe", password)
        self.press("Se connecter")
        self.sees("Mon compte")

    def open(self, path: str) -> None:
        """Go to an address of the service."""
        answer = self.page.goto(self.site.url + path if path.startswith("/") else path)
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"
        self._settle()

    def follow(self, words: str, *, exact: bool = True, within: Locator | None = None) -> None:
        """Follow a link by its words, with the keyboard."""
        link = (within or self.page).get_by_role("link", name=spelled(words, exact=exact), exact=exact).first
        link.focus()
        with self._loading():
            link.press("Enter")

    def press(self, words: str, *, exact: bool = True, within: Locator | None = None) -> None:
        """Press a button by its words, with the keyboard, and wait for the next page."""
        button = (within or self.page).get_by_role("button", name=spelled(words, exact=exact), exact=exact).first
        button.focus()
        with self._loading():
            button.press("Enter")

    def fill(self, label: str, text: str) -> None:
        """Type in a field found by its label (which says when it is not required)."""
        self.page.get_by_label(_label(label)).first.fill(text)

    def choose(self, label: str, option: str) -> None:
        """Choose an option of a list by its words."""
        field = self.page.get_by_label(_label(label)).first
        field.select_option(label=field.locator("option", has_text=_spelled(option, exact=True)).first.inner_text())

    def tick(self, label: str, *, within: Locator | None = None) -> None:
        """Tick a box or a choice by its label, with the space bar."""
        box = (within or self.page).get_by_label(spelled(label)).first
        box.focus()
        if not box.is_checked():
            box.press("Space")
        assert box.is_checked(), label

    def group(self, legend: str) -> Locator:
        """Return a group of fields by its legend."""
        return self.page.get_by_role("group", name=spelled(legend)).first

    def type(self, values: Mapping[str, Any]) -> None:
        """Type many fields at once, by their names."""
        self.page.evaluate(TYPE, dict(values))

    def join(self, label: str, name: str, content: bytes) -> None:
        """Choose a file for a field found by its label."""
        upload: Any = {"name": name, "mimeType": "application/pdf", "buffer": content}
        self.page.get_by_label(spelled(label)).first.set_input_files(upload)

    def send(self, path: str, fields: Iterable[tuple[str, str]]) -> None:
        """Send a form of a page as the browser does, with what the page hides in it, without drawing any page."""
        address = self.site.url + path
        found = self.page.request.get(address)
        assert found.ok, f"{path}: {found.status}"
        hidden = dict(_HIDDEN.findall(found.text()))
        data = urlencode([("csrf_token", hidden["csrf_token"]), ("seen", hidden.get("seen", "")), *fields])
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.page.request.post(address, data=data, headers=headers, max_redirects=0)
        assert answer.status == 303, f"{path}: {answer.status} {plain(answer.text())[:2000]}"

    def send_file(self, path: str, subject: str, name: str, content: bytes) -> None:
        """Send a file to an address of the service, as its form does."""
        address = self.site.url + path
        token = dict(_HIDDEN.findall(self.page.request.get(address).text()))["csrf_token"]
        file: Any = {"name": name, "mimeType": "application/pdf", "buffer": content}
        sent = {"csrf_token": token, "subject": subject, "file": file}
        answer = self.page.request.post(address, multipart=sent, max_redirects=0)
        assert answer.status == 303, f"{path}: {answer.status}"

    def download(self, words: str) -> tuple[str, bytes]:
        """Follow a link that gives a file; return its name and its content."""
        with self.page.expect_download() as waiting:
            self.page.get_by_role("link", name=spelled(words)).first.click()
        found: Download = waiting.value
        return found.suggested_filename, Path(found.path()).read_bytes()

    def text(self, selector: str = "main") -> str:
        """Return the words of a part of the page, with plain spaces."""
        return plain(self.page.locator(selector).first.inner_text())

    def sees(self, *words: str, within: str = "main") -> None:
        """Check that the page says these words, or comes to say them."""
        limit = time.monotonic() + PATIENCE
        while missing := [one for one in words if plain(one) not in (shown := self.text(within))]:
            if time.monotonic() > limit:
                break
            self.page.wait_for_timeout(50)
        assert not missing, f"{self.page.url} does not say {missing}:\n{shown}"

    def misses(self, *words: str, within: str = "main") -> None:
        """Check that the page does not say these words."""
        shown = self.text(within)
        found = [one for one in words if plain(one) in shown]
        assert not found, f"{self.page.url} says {found}"

    def shoot(self, name: str) -> None:
        """Keep what the page looks like, wide and narrow, when somebody asked for it."""
        if self.shots is None:
            return
        for width in (*WIDTHS[1:], WIDTHS[0]):
            self.page.set_viewport_size({"width": width, "height": 800})
            fits = self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert fits, f"{name} overflows at {width}"
            self.page.screenshot(path=self.shots / f"{name}-{width}.png", full_page=True)

    @contextmanager
    def _loading(self) -> Iterator[None]:
        with self.page.expect_navigation(wait_until="load"):
            yield
        self._settle()

    def _settle(self) -> None:
        """Wait for the scripts of the page, as people do without knowing."""
        if self.scripts and self.page.url.startswith(self.site.url):
            self.page.wait_for_selector("html[data-scripts]", state="attached")


def arrive(browser: Browser, site: Site, shots: Path | None, *, scripts: bool = True) -> Person:
    """Open a browser for one more person; without ``scripts`` it runs none."""
    context = browser.new_context(
        locale="fr-FR",
        timezone_id="Europe/Paris",
        viewport={"width": 1280, "height": 800},
        java_script_enabled=scripts,
    )
    context.set_default_timeout(8_000)
    page = context.new_page()
    person = Person(site, page, shots, scripts)
    page.on("pageerror", lambda error: person.faults.append(f"{page.url}: {error}"))
    page.on("console", lambda said: _note(person, said))
    return person


def _note(person: Person, said: ConsoleMessage) -> None:
    """Keep what the browser complains of, but not the refusals that the thread provokes."""
    if said.type in {"error", "warning"} and "status of 400" not in said.text:
        person.faults.append(f"{person.page.url}: {said.text}")


def plain(text: str) -> str:
    """Return a text with every kind of space and of apostrophe made plain."""
    return " ".join(text.split()).replace("’", "'")


def spelled(words: str, *, exact: bool = False) -> re.Pattern[str] | str:
    """Return what finds a name by its words, whatever the apostrophes of the page."""
    return _spelled(words, exact=exact) if "'" in words else words


def _spelled(words: str, *, exact: bool) -> re.Pattern[str]:
    loose = re.sub(r"(\\ )+", r"\\s+", re.escape(plain(words))).replace("'", "['’]").replace("/", r"\/")
    return re.compile(rf"^\s*{loose}\s*$" if exact else loose, re.NOFLAG if exact else re.IGNORECASE)


def _label(words: str) -> re.Pattern[str]:
    return re.compile(rf"{_spelled(words, exact=True).pattern.removesuffix('$')}(\(facultatif\))?\s*$")
