"""Where a section stands among the others, and what the application computes in it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from aap.clock import FixedClock
from aap.extensions import Services
from tests.client import StrictClient
from tests.integration.applications.case import DEPOSITED
from tests.integration.pages.applicant_case import Scene, draft, fill, one, set_scene, words_of

Within = Callable[[], AbstractContextManager[Session]]
RATE = {"id": "rate_shown", "type": "computed", "ref": "budget.requested_rate", "label": "Taux de subvention"}
KINDS = {"id": "kind_shown", "type": "computed", "ref": "applicant.type", "label": "Votre catégorie"}


def showing_facts(document: dict[str, Any]) -> None:
    document["call"]["form"]["sections"][1]["fields"] += [RATE, KINDS]


@pytest.fixture
def scene(within: Within, client: StrictClient, clock: FixedClock, app: Flask) -> Scene:
    """A file that answers everything, of a call that shows facts beside the sites."""
    clock.set(DEPOSITED)
    services: Services = app.extensions["aap"]
    with within() as session:
        lead, officer, stranger = set_scene(session, showing_facts)
        application = draft(lead)
        fill(application, lead, services.storage)
        session.commit()
        made = Scene(lead.fs_uniquifier, officer.fs_uniquifier, stranger.fs_uniquifier, application.id)
    with client.session_transaction() as cookies:
        cookies.update({"_user_id": made.lead, "_fresh": True, "fs_cc": "set", "fs_paa": 2**31})
    return made


def test_a_section_says_where_it_stands_and_leads_to_the_others(client: StrictClient, scene: Scene) -> None:
    path = f"{scene.path}/rubriques"
    nav = one(client.page(f"{path}/S2"), "nav.aap-steps")
    assert words_of(one(nav, ".aap-steps__where")) == "Rubrique 2 sur 9"
    assert one(nav, ".aap-steps__before")["href"] == f"{path}/S1"
    assert one(nav, ".aap-steps__after")["href"] == f"{path}/S3"
    assert "Projet médical et parcours" in words_of(one(nav, ".aap-steps__after"))
    listed = nav.select("ol li")
    assert len(listed) == 9
    assert [words_of(each) for each in listed if each.get("aria-current") == "step"] == [
        "Besoin, territoire et publics Complète"
    ]
    first, last = (one(client.page(f"{path}/{key}"), "nav.aap-steps") for key in ("S1", "S9"))
    assert not first.select(".aap-steps__before")
    assert not last.select(".aap-steps__after")


def test_what_is_computed_is_shown_and_zones_only_once(client: StrictClient, scene: Scene) -> None:
    page = client.page(f"{scene.path}/rubriques/S2")
    shown = {words_of(one(row, "dt")): words_of(one(row, "dd")) for row in page.select("main dl > div") if row.dt}
    assert shown["Taux de subvention"] == "73,15 %"
    assert shown["Votre catégorie"] == "EHPAD"
    assert "Zone de chaque commune à la date du zonage" not in shown  # the table of the sites stands for it
