"""What anybody reads of the calls, as a person who thinks of applying would."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest
from sqlalchemy.orm import Session

from aap.calls.service import import_call
from aap.clock import FixedClock, from_paris
from tests.client import StrictClient

REF = "AAP-TS-2023-01"
PUBLISHED = datetime(2023, 9, 4, 7, tzinfo=UTC)
CLOSING = from_paris(datetime(2023, 11, 6, 12))  # noqa: DTZ001  # a wall-clock hour of Paris
Within = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def call(within: Within) -> str:
    """The call of the example, published on its day; NOW is 2 October 2023."""
    with within() as session:
        content = (files("aap.demonstration") / "data" / "call.yaml").read_bytes()
        import_call(content, None, PUBLISHED, publish=True)
        session.commit()
    return REF


def text_of(client: StrictClient, path: str) -> str:
    return re.sub(r"\s+", " ", client.page(path).get_text(" "))


def test_an_open_call_says_who_how_much_and_when(client: StrictClient, call: str) -> None:
    text = text_of(client, f"/appels/{call}")
    assert "lundi 6 novembre 2023 à 12 h" in text
    assert "encore 35 jours" in text
    for said in ("1 500 000 €", "200 000 €", "12 à 24 mois", "80 %", "EHPAD", "Personnes âgées", "ZIP+"):
        assert said in text
    assert "Frais de structure au-delà de 8 % du coût total" in text
    assert "Obligatoire si « Catégorie de porteur » est Association" in text
    assert "Aucun dossier n'est reçu après cette heure." in text


def test_the_criteria_come_with_their_weights_and_the_meaning_of_marks(client: StrictClient, call: str) -> None:
    page = client.page(f"/appels/{call}")
    table = next(one for one in page.select("table") if "Critères et poids" in one.get_text())
    weights = [int(row.select("td")[1].get_text()) for row in table.select("tbody tr")]
    assert weights == [20, 20, 10, 10, 10, 10, 10, 10]
    folded = next(one for one in page.select("details") if "Ce que valent les notes" in one.get_text())
    assert "Projet d'équipement sans projet médical." in folded.get_text()


def test_an_open_call_leads_to_the_application(client: StrictClient, call: str) -> None:
    page = client.page(f"/appels/{call}")
    links = {str(link["href"]) for link in page.select("main a") if link.get_text() == "Préparer ma candidature"}
    assert links == {f"/dossiers/nouveau/{call}"}


def test_a_closed_call_does_not(client: StrictClient, call: str, clock: FixedClock) -> None:
    clock.set(CLOSING + timedelta(microseconds=1))
    page = client.page(f"/appels/{call}")
    assert page.find("a", string="Préparer ma candidature") is None
    assert "Cet appel ne reçoit plus de dossier" in page.get_text()


def test_the_last_day_is_counted_in_hours(client: StrictClient, call: str, clock: FixedClock) -> None:
    clock.set(CLOSING - timedelta(hours=3, minutes=10))
    assert "aujourd'hui, plus que 3 heures" in text_of(client, f"/appels/{call}")
    clock.set(CLOSING - timedelta(hours=20))
    assert "demain à 12 h" in text_of(client, f"/appels/{call}")


@pytest.mark.usefixtures("call")
def test_the_list_groups_the_calls_and_filters_them(client: StrictClient) -> None:
    assert "AAP Télésanté" in client.page("/appels").get_text()
    assert "AAP Télésanté" in client.page("/appels?q=telesante+ile").get_text()  # accents and case do not matter
    assert "AAP Télésanté" in client.page("/appels?public=detenus").get_text()
    assert "Aucun appel ne correspond" in client.page("/appels?region=HDF").get_text()
    assert "Aucun appel ne correspond" in client.page("/appels?q=kayak").get_text()


def test_the_dates_go_to_an_agenda(client: StrictClient, call: str) -> None:
    answer = client.get(f"/appels/{call}/calendrier.ics")
    assert answer.mimetype == "text/calendar"
    assert answer.headers["Content-Disposition"] == f"attachment; filename={REF}.ics"
    assert answer.get_data(as_text=True).count("BEGIN:VEVENT") == 17


def test_results_wait_for_the_notification(client: StrictClient, call: str, clock: FixedClock) -> None:
    client.page(f"/appels/{call}/resultats", 404)
    clock.set(datetime(2024, 2, 7, 8, tzinfo=UTC))
    assert "Projets retenus" in client.page(f"/appels/{call}/resultats").get_text()


def test_an_unpublished_call_is_nobody_s(client: StrictClient, within: Within) -> None:
    with within() as session:
        content = (files("aap.demonstration") / "data" / "call.yaml").read_bytes()
        import_call(content, None, PUBLISHED)
        session.commit()
    client.page(f"/appels/{REF}", 404)
    client.page("/appels/AAP-INCONNU", 404)
    assert "AAP Télésanté" not in client.page("/appels").get_text()
