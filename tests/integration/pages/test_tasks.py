"""My tasks, my deadlines, their private agenda, and the mails I choose."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from icalendar import Calendar

from tests.integration.applications.case import PUBLISHED
from tests.integration.pages.office_case import ASKED, NOTIFIED, SIGNED
from tests.integration.pages.office_stage import Browser, browser, stage

__all__ = ["browser", "stage"]
asked = pytest.mark.parametrize("stage", ["asked"], indirect=True)
notified = pytest.mark.parametrize("stage", ["notified"], indirect=True)
TASKS, DEADLINES = "/compte/taches", "/compte/echeances"


@asked
def test_a_completion_is_a_task_with_its_hour(browser: Browser) -> None:
    browser.clock.set(ASKED)
    browser.sign_in("lead")
    text = browser.text(TASKS)
    assert "Compléments à envoyer" in text
    assert "Compléments à envoyer" in browser.text(DEADLINES)
    browser.sign_in("officer")
    browser.clock.set(ASKED + timedelta(hours=1))
    browser.accepted("/agence/dossiers/{case}/messages", text="Bonjour.", key="t1")
    browser.sign_in("lead")
    assert "1 message à lire" in browser.text(TASKS)
    browser.clock.set(ASKED + timedelta(days=60))
    assert "En retard" in browser.text(TASKS)
    browser.sign_in("stranger")
    assert "Rien ne vous attend" in browser.text(TASKS)
    assert "Aucune échéance" in browser.text(DEADLINES)


@notified
def test_reservations_are_due(browser: Browser) -> None:
    browser.clock.set(NOTIFIED)
    browser.sign_in("lead")
    text = browser.text(TASKS)
    assert text.count("Réserve à lever") == 2
    assert "vendredi 8 mars 2024" in text
    browser.clock.set(SIGNED)
    assert "En retard" in browser.text(TASKS)


@notified
def test_the_private_agenda_is_shown_once_and_revocable(browser: Browser) -> None:
    browser.clock.set(NOTIFIED)
    browser.sign_in("lead")
    browser.client.get(DEADLINES)
    page = browser.send(f"{DEADLINES}/agenda")
    found = re.search(r"http://localhost(/agenda/[\w-]+\.ics)", page.get_data(as_text=True))
    assert found is not None
    assert found[1] not in browser.client.get(DEADLINES).get_data(as_text=True)
    anonymous = browser.stage.app.test_client()
    answer = anonymous.get(found[1])
    assert answer.mimetype == "text/calendar"
    events = list(Calendar.from_ical(answer.get_data()).walk("VEVENT"))
    assert len(events) == 2
    assert {str(event.decoded("dtstart")) for event in events} == {"2024-03-08"}
    assert all(event.get("uid").endswith("@aap") for event in events)
    one = browser.page(DEADLINES).select("table a[href*=cle]")[0]
    single = Calendar.from_ical(browser.client.get(str(one["href"])).get_data())
    assert len(single.walk("VEVENT")) == 1
    browser.page(f"{DEADLINES}.ics?cle=report:rien", 404)
    browser.accepted(f"{DEADLINES}/agenda/retrait")
    assert anonymous.get(found[1]).status_code == 404


@asked
def test_obligatory_mails_cannot_be_refused(browser: Browser) -> None:
    browser.sign_in("lead")
    page = browser.page("/compte/notifications")
    boxes = {str(box["id"]): box for box in page.select("input[type=checkbox]")}
    assert boxes["wanted-procedure"].has_attr("disabled")
    assert boxes["wanted-messages"].has_attr("checked")
    browser.accepted("/compte/notifications", wanted="reminders")
    again = {str(box["id"]): box for box in browser.page("/compte/notifications").select("input[type=checkbox]")}
    assert not again["wanted-messages"].has_attr("checked")
    assert again["wanted-reminders"].has_attr("checked")
    assert again["wanted-procedure"].has_attr("checked")


@asked
def test_tasks_cost_the_same_with_more_files(browser: Browser) -> None:
    browser.clock.set(PUBLISHED)
    browser.sign_in("lead")
    few = browser.queries(TASKS)
    browser.accepted("/dossiers/{case}/reutilisation", call="AAP-TS-2023-01")
    browser.accepted("/dossiers/{case}/reutilisation", call="AAP-TS-2023-01")
    assert browser.text(TASKS).count("Dossier à déposer") == 2
    assert browser.queries(TASKS) == few
