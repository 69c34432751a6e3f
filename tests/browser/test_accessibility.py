"""Every page that somebody may open: no fault for axe, nothing wider than a phone, no complaint of the browser.

One page per address, read by the first person who may: the list comes from ``tests/architecture/matrix.txt``.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from flask import url_for
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize
from werkzeug.serving import make_server

from aap.clock import FixedClock
from aap.db import db
from tests.architecture.golden import Line, read_column
from tests.architecture.world import World, build_world
from tests.living import NOW, Demonstration

HOST = "127.0.0.1"
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDE, NARROW = ViewportSize(width=1280, height=900), ViewportSize(width=360, height=740)
# Pages of Flask-Security, which carry no policy and stand in no matrix.
SIGNING = ("/connexion", "/inscription", "/mot-de-passe/oubli", "/confirmation")
# Who has the most to do on the pages of a blueprint; then who reads a page when that person may not.
AT_HOME = {
    "office_opinions": "dd",
    "office_decisions": "director",
    "office_contracts": "finance",
    "office_reviews": "reviewer",
    "office_sheets": "editor",
    "office": "officer",
    "admin": "administrator",
    "juror": "juror",
    "applicant": "lead",
}
READERS = ("anonymous", "officer", "dd", "director", "finance", "editor", "reviewer", "administrator", "juror", "lead")
RUN_AXE = """async () => {
  const found = await axe.run(document, {resultTypes: ['violations']});
  const shown = nodes => nodes.slice(0, 3).map(node => node.html).join(' ');
  return found.violations.map(one => `${one.id}: ${one.help} — ${shown(one.nodes)}`);
}"""
WIDER = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > width + 1);
  return wide.slice(-3).map(one => one.outerHTML.slice(0, 160));
}"""


@dataclass(frozen=True, slots=True)
class Site:
    """The demonstration, served."""

    url: str
    world: World


@dataclass(frozen=True, slots=True)
class Visit:
    """An address and the account that opens it, empty for nobody."""

    path: str
    name: str


@pytest.fixture(scope="module")
def site(demonstration: Demonstration, folder: Path) -> Iterator[Site]:
    """A copy of the demonstration behind a real server, at its own hour."""
    app = demonstration.open(folder)
    app.extensions["aap"].clock = FixedClock(NOW)
    world = build_world(app)
    server = make_server(HOST, 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield Site(f"http://{HOST}:{server.server_port}", world)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        with app.app_context():
            db.engine.dispose()


@pytest.fixture(scope="module")
def visits(site: Site) -> dict[str, list[Visit]]:
    """What each reader opens: every endpoint that answers a page, twice at most, by whoever is at home there."""
    found: dict[str, list[Visit]] = {role: [] for role in READERS}
    found["anonymous"] = [Visit(path, "") for path in SIGNING]
    columns = {role: read_column(role) for role in READERS}
    for rule in site.world.app.url_map.iter_rules():
        for role in readers_of(rule.endpoint):
            lines = [line for line in columns[role] if line.endpoint == rule.endpoint and line.method == "GET"]
            opened = [plan(site.world, role, line, rule.arguments) for line in lines if columns[role][line] == "ok"]
            pages = [visit for visit in opened if is_page(site.world, visit)]
            if pages:
                found[role] += pages[: 1 if role == "anonymous" else 2]
                break
    return found


def readers_of(endpoint: str) -> list[str]:
    """Return the readers of an address, whoever is at home there first."""
    blueprint = endpoint.partition(".")[0]
    home = next((role for name, role in AT_HOME.items() if blueprint.startswith(name)), READERS[0])
    return sorted(READERS, key=lambda role: (role != home, READERS.index(role)))


def plan(world: World, role: str, line: Line, arguments: Iterable[str]) -> Visit:
    sample = next(one for one in world.samples_of(set(arguments)) if one.label == line.sample)
    with world.app.test_request_context():
        path = url_for(line.endpoint, **{name: sample.values[name] for name in arguments})
    return Visit(path, world.who(role, sample))


def is_page(world: World, visit: Visit) -> bool:
    """Tell whether the address answers a page, not a document, a redirection or a refusal."""
    cookie = f"{world.app.config['SESSION_COOKIE_NAME']}={world.cookie(visit.name)}"
    answer = world.app.test_client(use_cookies=False).get(visit.path, headers={"Cookie": cookie})
    return answer.status_code == 200 and answer.mimetype == "text/html"


def sit_down(context: BrowserContext, site: Site, name: str) -> None:
    """Sign a person in, in this browser."""
    known = {"name": site.world.app.config["SESSION_COOKIE_NAME"], "value": site.world.cookie(name), "url": site.url}
    context.clear_cookies()
    context.add_cookies([cast("Any", known)])


@pytest.mark.parametrize("role", READERS)
def test_pages_are_clean(chromium: Browser, site: Site, visits: dict[str, list[Visit]], role: str) -> None:
    context = chromium.new_context(viewport=WIDE, locale="fr-FR")
    context.add_init_script(path=AXE)
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    faults = []
    for visit in visits[role]:
        sit_down(context, site, visit.name)
        faults += [f"{visit.path} ({visit.name}): {fault}" for fault in look(page, site.url + visit.path)]
        faults += [f"{visit.path} ({visit.name}): the browser says {said}" for said in complaints]
        complaints.clear()
    context.close()
    assert visits[role], "nothing to look at"
    assert not faults, f"{len(faults)} faults in {len(visits[role])} pages\n" + "\n".join(faults)


def look(page: Page, address: str) -> list[str]:
    """Open a page and say what is wrong with it, wide and narrow."""
    page.set_viewport_size(WIDE)
    answer = page.goto(address)
    assert answer is not None
    assert answer.ok, f"{address}: {answer.status}"
    faults = [f"axe, {fault}" for fault in page.evaluate(RUN_AXE)]
    page.set_viewport_size(NARROW)
    return faults + [f"wider than a phone: {part}" for part in page.evaluate(WIDER)]


def test_a_form_works_without_scripts(chromium: Browser, site: Site) -> None:
    """The lead of a draft writes in the first section, with scripts off, and finds the words again."""
    draft = next(one for one in site.world.samples if one.label == "draft")
    context = chromium.new_context(viewport=NARROW, locale="fr-FR", java_script_enabled=False)
    sit_down(context, site, draft.lead)
    page = context.new_page()
    address = f"{site.url}/dossiers/{draft.values['application_id']}/rubriques/S1"
    page.goto(address)
    label = "Instances, rythme, rôle de chacun"
    page.get_by_label(label).fill("Un comité chaque mois, sans aucun script.")
    page.get_by_role("button", name="Enregistrer et continuer").click()
    assert "Enregistré" in page.content() or page.url != address
    page.goto(address)
    assert page.get_by_label(label).input_value() == "Un comité chaque mois, sans aucun script."
    context.close()
