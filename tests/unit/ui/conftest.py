"""Render components and whole pages alone: no application, no database, only the templates and their filters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from aap import french

FILTERS = (
    "euros",
    "mark",
    "number",
    "percent",
    "plural",
    "short_day",
    "short_moment",
    "size",
)
TEMPLATES = Path(__file__).resolve().parents[3] / "templates"

Render = Callable[..., BeautifulSoup]


@pytest.fixture(scope="session")
def environment() -> Environment:
    env = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    env.filters.update({name: getattr(french, name) for name in FILTERS})
    env.globals.update(
        csrf_token=lambda: "token",
        csp_nonce=lambda: "nonce-of-the-page",
        url_for=lambda endpoint, **_: f"/{endpoint}",
        get_flashed_messages=lambda **_: [("warning", "La clôture approche"), ("message", "Bonjour")],
        request=SimpleNamespace(full_path="/agence/ui?"),
        site=SimpleNamespace(service_name="Appels à projets", agency_name="Agence (exemple)", demo=True),
        branding=SimpleNamespace(state=False, text="République française"),
        current_user=SimpleNamespace(is_authenticated=False, display_name=""),
        nav=[
            SimpleNamespace(label="Dossiers", href="/dossiers", current=True),
            SimpleNamespace(label="Jury", href="/jury", current=False),
        ],
    )
    return env


@pytest.fixture
def render(environment: Environment) -> Render:
    """Render a piece of template with the component files at hand."""
    imports = "".join(
        f'{{% import "_ui/{name}.html" as {name} %}}'
        for name in ("forms", "blocks", "tables", "repeat", "budget", "marking")
    )

    def rendered(source: str, **context: object) -> BeautifulSoup:
        return BeautifulSoup(environment.from_string(imports + source).render(context), "html5lib")

    return rendered


@pytest.fixture
def page(environment: Environment) -> Callable[..., str]:
    def rendered(name: str, **context: object) -> str:
        return environment.get_template(name).render(context)

    return rendered
