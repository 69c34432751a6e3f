"""What everyone reads: the catalogue with its facets, a sheet with its figures, its PDF."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from aap.capitalisation.models import Sheet
from aap.capitalisation.queries import find_current, get_sheet
from aap.clock import FixedClock
from aap.evaluation.queries import get_indicator
from aap.evaluation.service import correct_measure
from aap.extensions import storage
from aap.files.service import store_document
from tests.client import StrictClient
from tests.integration.evaluation.story import at
from tests.integration.pages.followed_case import World, cells, counted, one, standing, visited, words

Within = Callable[[], AbstractContextManager[Session]]


@pytest.fixture(scope="module")
def told(_app: Flask) -> Iterator[tuple[Connection, World]]:
    with standing(_app) as both:
        yield both


@pytest.fixture
def app(_app: Flask, told: tuple[Connection, World], clock: FixedClock) -> Iterator[Flask]:
    clock.set(at("2026-11-20"))
    with visited(_app, told[0], clock) as app:
        yield app


@pytest.fixture
def world(told: tuple[Connection, World]) -> World:
    return told[1]


def test_the_results_say_which_targets_are_missed(client: StrictClient, world: World) -> None:
    rows = cells(client.page(f"/fiches/{world.slug}"), "Résultats mesurés")
    assert len(rows) == 10
    assert rows["Téléconsultations assistées"] == ["0 actes", "900 actes", "934 actes", "Cible atteinte"]
    assert rows["Satisfaction des résidents et proches"][0] == "non mesuré"
    assert rows["Coût complet par acte"][2] == "134,09 €"
    missed = [name for name, row in rows.items() if row[-1] == "Cible non atteinte"]
    assert missed == ["Passages aux urgences pour 100 résidents", "Comptes rendus versés à Mon espace santé"]


def test_every_part_of_the_sheet_is_told(client: StrictClient, world: World) -> None:
    page = client.page(f"/fiches/{world.slug}")
    said = words(page)
    for text in (
        "Fiche de capitalisation – CAP-2026-003",
        "Ce qui n'a pas marché",
        "Écrire le repli avant le premier acte.",
        "Comparaison avant / après sans groupe témoin",
        "Ce qui ne se transpose pas",
        "Infirmière de nuit",
        "Grille de recours à sept motifs",
        "Généraliser avec adaptations".lower(),
        "15 septembre 2028",
        "Licence Ouverte 2.0",
        "108 974,95 €",
    ):
        assert text in said, text
    points = cells(page, "Points techniques par solution")
    assert len(points) == 19
    assert points["Versement à Mon espace santé"] == ["Services socles", "Oui", "Partiel", "Non"]
    assert len(page.select("details.aap-accordion")) == 6


def test_the_catalogue_counts_its_facets_and_narrows(client: StrictClient, world: World) -> None:
    page = client.page("/fiches")
    assert "1 fiche trouvée" in words(page)
    places = [option.get_text() for option in one(page, "#filtre-departement").select("option")]
    assert places == ["Tous", "Seine-et-Marne (77) – 1"]
    specialties = [option.get_text() for option in one(page, "#filtre-specialite").select("option")]
    assert "Dermatologie – 1" in specialties
    for query in ("q=urgences", "departement=77", "acte=teleexpertise&lieu=ehpad&zone=ZIP", "specialite=geriatrie"):
        assert client.page(f"/fiches?{query}").find("a", href=f"/fiches/{world.slug}"), query
    for query in ("q=scanner", "departement=75", "maturite=arrete"):
        assert "Aucune fiche ne correspond" in words(client.page(f"/fiches?{query}")), query


def test_a_facet_that_finds_nothing_stays_in_the_form(client: StrictClient) -> None:
    page = client.page("/fiches?departement=75&q=ehpad")
    assert one(page, "input[name=departement]")["value"] == "75"
    assert one(page, "#filtre-q")["value"] == "ehpad"


def test_a_draft_or_an_unknown_sheet_is_not_there(client: StrictClient, world: World, within: Within) -> None:
    with within():
        draft = get_sheet(world.draft_id).slug
    assert client.get(f"/fiches/{draft}").status_code == 404
    assert client.get("/fiches/rien-de-tel").status_code == 404


def test_the_pdf_is_told_to_be_coming_then_is_given(client: StrictClient, world: World, within: Within) -> None:
    assert client.get(f"/fiches/{world.slug}/pdf").status_code == 404
    assert not client.page(f"/fiches/{world.slug}").find("a", href=f"/fiches/{world.slug}/pdf")
    with within() as session:
        publication = find_current(get_sheet(world.sheet_id))
        assert publication is not None
        content = b"%PDF-1.7 fiche"
        stored = store_document(storage(), content, "cap-2026-003-v2.pdf", region_code="IDF", now=at("2026-09-15"))
        publication.pdf_file_id = stored.id
        session.commit()
    assert client.page(f"/fiches/{world.slug}").find("a", href=f"/fiches/{world.slug}/pdf")
    answer = client.get(f"/fiches/{world.slug}/pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.data == b"%PDF-1.7 fiche"


def test_a_corrected_measure_is_announced_and_the_published_figure_stays(
    client: StrictClient, world: World, within: Within
) -> None:
    with within() as session:
        sheet = session.get(Sheet, world.sheet_id)
        assert sheet is not None
        assert sheet.project is not None
        officer = sheet.project.call_version.call.team[0].user_id
        indicator = get_indicator(world.ended.indicators["DEL-AVIS"])
        person = session.get(type(sheet.project.application.lead), officer)
        assert person is not None
        correct_measure(indicator, "M24", Decimal(12), reason="Recompté.", actor=person, now=at("2026-10-01"))
        session.commit()
    page = client.page(f"/fiches/{world.slug}")
    assert "Fiche en cours de mise à jour" in words(page)
    assert cells(page, "Résultats mesurés")["Délai médian, avis non programmé"][2] == "11 heures"


def test_the_catalogue_costs_the_same_searched_or_not(client: StrictClient, told: tuple[Connection, World]) -> None:
    client.page("/fiches")
    with counted(told[0]) as plain:
        client.page("/fiches")
    with counted(told[0]) as searched:
        client.page("/fiches?q=ehpad&departement=77&acte=teleexpertise")
    assert len(plain) == len(searched)
