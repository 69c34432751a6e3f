"""What every template knows: French spellings, the site, the menu, labels of coded values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, has_request_context, request, url_for

from aap import french
from aap.accounts.models import RoleName, User
from aap.blueprints.access import actor
from aap.blueprints.light_text import lightly
from aap.config import Settings
from aap.policies import may
from aap.policies.terms import holds
from aap.referentials import vocabularies

FILTERS = (
    "euros",
    "number",
    "percent",
    "mark",
    "day",
    "weekday",
    "hour",
    "moment",
    "short_day",
    "short_moment",
    "month",
    "listing",
    "plural",
    "size",
)


@dataclass(frozen=True, slots=True)
class NavEntry:
    """One entry of the main menu."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Site:
    """What the header and the footer show."""

    service_name: str
    agency_name: str
    demo: bool
    support_mailbox: str


@dataclass(frozen=True, slots=True)
class Branding:
    """State marks: shown only by a service that is entitled to them and says so."""

    state: bool
    text: str


def plug_templates(app: Flask, settings: Settings) -> None:
    """Plug filters, tests and the variables of every page."""
    for name in FILTERS:
        app.jinja_env.filters[name] = getattr(french, name)
    app.jinja_env.filters["lightly"] = lightly
    app.jinja_env.globals["label"] = vocabularies.label
    app.jinja_env.globals["may"] = lambda verb, thing=None: may(actor(), verb, thing)
    site = Site(
        service_name=settings.web.service_name,
        agency_name="Agences régionales de santé",
        demo=settings.demo,
        support_mailbox=settings.web.support_mailbox,
    )
    branding = Branding(state=settings.web.state_branding, text="République française")
    app.jinja_env.globals.update(site=site, branding=branding)
    app.context_processor(_page_variables)


def _page_variables() -> dict[str, Any]:
    return {"nav": navigation(actor()) if has_request_context() else [], "crumbs": []}


def navigation(person: User | None) -> list[NavEntry]:
    """Return the main menu of this person: what everyone reads, then their own work."""
    entries: list[tuple[str, str, tuple[str, ...]]] = [
        ("Appels à projets", "public_calls.index", ("/appels",)),
        ("Fiches de capitalisation", "public_sheets.index", ("/fiches",)),
    ]
    if person is not None:
        entries.append(("Mes dossiers", "applicant.home", ("/dossiers", "/projets", "/structures")))
        if may(person, "jury.sit"):
            entries.append(("Jury", "juror.home", ("/jury",)))
        if may(person, "office.enter"):
            entries.append(("Agence", "office.home", ("/agence",)))
        if holds(person, RoleName.ADMINISTRATOR):
            entries.append(("Administration", "admin.home", ("/administration",)))
    return [
        NavEntry(label, url_for(endpoint), any(f"{request.path}/".startswith(f"{prefix}/") for prefix in prefixes))
        for label, endpoint, prefixes in entries
    ]
