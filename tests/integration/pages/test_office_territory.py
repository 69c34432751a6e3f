"""The agency reads vintages, coverage and reports of imports; others do not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from aap.referentials.territory.importing import Source, import_zoning
from tests.client import StrictClient
from tests.integration.pages.applicant_case import Scene, set_scene, words_of
from tests.integration.pages.test_applicant_communes import sign_in
from tests.workbook_files import xlsx

Within = Callable[[], AbstractContextManager[Session]]
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
LINES: list[list[Any]] = [["Code commune", "Zonage"], ["77991", "ZAC"], ["99999", "ZIP"], ["77992", "<b>?</b>"]]


@pytest.fixture
def scene(within: Within, client: StrictClient) -> Scene:
    with within() as session:
        lead, officer, stranger = set_scene(session)
        source = Source("z.xlsx", xlsx({"A": LINES}), "zonage-essai", date(2024, 1, 1), label="Zonage d'essai")
        import_zoning(source, now=NOW, cited={})
        session.commit()
        scene = Scene(lead.fs_uniquifier, officer.fs_uniquifier, stranger.fs_uniquifier)
    sign_in(client, scene.officer)
    return scene


@pytest.mark.usefixtures("scene")
def test_the_agency_sees_vintages_coverage_and_who_cites_them(client: StrictClient) -> None:
    page = client.page("/agence/territoire")
    words = words_of(page)
    assert "Île-de-France 12 10 12" in words  # the shipped sample: twelve communes, ten in the zoning
    row = next(words_of(tr) for tr in page.find_all("tr") if "zonage-medecins-idf" in tr.get_text())
    assert row.endswith("AAP-TS-2023-01")
    refused = next(words_of(tr) for tr in page.find_all("tr") if "Zonage d'essai" in tr.get_text())
    assert "Refusé 3 2" in refused


@pytest.mark.usefixtures("scene")
def test_a_report_tells_each_line_as_it_was_read(client: StrictClient) -> None:
    index = client.page("/agence/territoire")
    (link,) = [str(a["href"]) for a in index.find_all("a", href=True) if "/imports/" in str(a["href"])]
    words = words_of(client.page(link))
    assert "Refusé : rien n’a changé 2 lignes sur 3 (66,7 %) sans correspondance" in words
    assert "3 A Code commune 99999 Cette commune n'est pas dans la table des communes." in words
    assert "4 A B (Zonage) <b>?</b> Cette classe n'est pas connue." in words


def test_a_project_leader_does_not_read_it(client: StrictClient, scene: Scene) -> None:
    sign_in(client, scene.lead)
    assert client.get("/agence/territoire").status_code == 403
