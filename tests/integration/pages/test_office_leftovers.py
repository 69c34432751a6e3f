"""The page of promises says what and for whom without an address; lists over calls cost the same for any calls."""

from __future__ import annotations

import pytest

from tests.integration.pages.office_case import ADMITTED, DEPOSITED, PUBLISHED
from tests.integration.pages.office_stage import Browser, browser, stage

__all__ = ["browser", "stage"]


@pytest.mark.parametrize("stage", ["asked"], indirect=True)
def test_promises_say_what_and_for_whom(browser: Browser) -> None:
    browser.clock.set(DEPOSITED)
    browser.sign_in("officer")
    text = browser.text("/agence/envois")
    assert "Accusé de réception – AAP-TS-2023-01-0001" in text
    assert "Compléments demandés – AAP-TS-2023-01-0001" in text
    assert "Porteur du dossier" in text
    assert "@" not in text


@pytest.mark.parametrize("stage", ["admitted:2"], indirect=True)
def test_opinions_due_are_listed_for_all_calls_at_once(browser: Browser) -> None:
    browser.clock.set(ADMITTED)
    browser.sign_in("grades")
    text = browser.text("/agence/avis")
    for number in (1, 2, 3):
        assert f"AAP-TS-2023-01-000{number}" in text


@pytest.mark.parametrize("stage", ["deposited"], indirect=True)
def test_the_public_list_is_filtered_by_public_in_one_query(browser: Browser) -> None:
    browser.clock.set(PUBLISHED)
    plain = browser.queries("/appels")
    assert browser.queries("/appels?public=personnes_agees") <= plain + 1
    found = browser.text("/appels?public=inconnu")
    assert "AAP-TS" not in found
