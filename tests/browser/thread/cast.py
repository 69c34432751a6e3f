"""Everybody who takes part: people of the agency and jurors have their accounts, the lead comes unknown."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from flask_security import hash_password
from playwright.sync_api import Browser

from aap.calls.models import CallRole
from aap.calls.service import add_team_member, import_call, publish_call
from aap.db import unit_of_work
from aap.demonstration.accounts import AGENCY, JURORS, PASSWORD, _create
from aap.demonstration.examples import read_bytes
from aap.demonstration.stage import hour
from aap.referentials.service import load_referentials
from tests.browser.thread.person import Person, arrive
from tests.browser.thread.site import Site

LEAD = "camille.ostrevent@valfleuri.exemple.invalid"
TEAM = (
    ("instruction", CallRole.OFFICER),
    ("finances", CallRole.FINANCE),
    ("direction", CallRole.DECISION_MAKER),
)


@dataclass(slots=True)
class Cast:
    """The people of the thread, each with a browser of their own, signed in at their first appearance."""

    site: Site
    browser: Browser
    shots: Path | None
    people: dict[str, Person] = field(default_factory=dict)

    def stranger(self) -> Person:
        """Return somebody who is not signed in."""
        return self.arriving("")

    def lead(self) -> Person:
        """Return the project's lead, who registers at the start of the thread."""
        return self["lead"]

    def __getitem__(self, name: str) -> Person:
        if name not in self.people:
            person = self.arriving(name)
            person.sign_in(LEAD if name == "lead" else f"{name}@demo.invalid", PASSWORD)
        return self.people[name]

    def faults(self) -> list[str]:
        """Return what the browsers complained of."""
        return [f"{name or 'public'}: {fault}" for name, person in self.people.items() for fault in person.faults]

    def arriving(self, name: str) -> Person:
        """Return somebody who has not signed in yet."""
        if name not in self.people:
            self.people[name] = arrive(self.browser, self.site, self.shots)
        return self.people[name]


def prepare(site: Site) -> None:
    """Create what the administrator prepares by commands: territories, accounts, the call and its team."""
    now = hour("2023-08-28T10:00:00")
    with site.within(), unit_of_work():
        load_referentials()
        hashed = hash_password(PASSWORD)
        accounts = (*AGENCY, *(account for account, _ in JURORS))
        users = {account.email.partition("@")[0]: _create(account, hashed, now) for account in accounts}
        administrator = users["administration"]
        call = import_call(read_bytes("call.yaml"), administrator, now).call
        for name, role in TEAM:
            add_team_member(call, users[name], role, administrator, now)
        publish_call(call, administrator, hour("2023-09-04T09:00:00"))
