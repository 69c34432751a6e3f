"""Scenarios side by side, and the tables of the simulator taken away."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from tests.integration.pages.office_case import SCORED
from tests.integration.pages.office_stage import Browser, browser, stage, words

__all__ = ["browser", "stage"]

LIST = "/agence/appels/{call}/scenarios"
PAGE = "/agence/appels/{call}/simulateur"
SMALL = "enveloppe=250000&partage=fongibles&volet-A=1&volet-B=1&volet-C=1&volet-D=1"
QUOTA = f"{SMALL}&q-0-sur=departement:77&q-0-en=dossiers&q-0-max=1"
scored = pytest.mark.parametrize("stage", ["scored:3"], indirect=True)
CASE, FIRST, SECOND, THIRD = (f"AAP-TS-2023-01-000{number}" for number in range(1, 5))


def plain(text: str) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", text)


def kept(browser: Browser, *tried: str) -> list[str]:
    """Keep scenarios as the officer and return their identifiers."""
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    found = []
    for number, settings in enumerate(tried):
        address = browser.accepted(LIST, nom=f"=Scénario {number}", reglages=settings)
        found.append(address.rstrip("/").rpartition("/")[2])
    return found


@scored
def test_scenarios_stand_side_by_side_with_what_differs_and_their_totals(browser: Browser) -> None:
    first, second = kept(browser, SMALL, QUOTA)
    page = browser.page(f"{LIST}/comparaison?s={first}&s={second}&s=base")
    totals, files = page.select(".aap-compared")
    heads = [head.get_text(strip=True) for head in files.select("thead th")]
    assert heads == ["Rang", "Dossier", "=Scénario 0", "=Scénario 1", "Proposition de base"]
    rows = [plain(row.get_text(" ", strip=True)) for row in files.select("tbody tr")]
    assert [row.split(" ")[0] for row in rows] == ["1", "2", "3", "4"]
    assert rows[0].endswith("120 000 € 120 000 € 120 000 €")
    assert "≠" not in rows[0]
    assert rows[1].endswith("120 000 € – 120 000 €")
    assert "≠ diffère" in rows[1]
    assert rows[3].endswith("– – 120 000 €")
    told = {row.th.get_text(" ", strip=True): plain(" ".join(cell.get_text() for cell in row.select("td")))
            for row in totals.select("tbody tr") if row.th}  # fmt: skip
    assert told["Total proposé ≠ diffère"] == "240 000 € 120 000 € 480 000 €"
    assert told["Dossiers financés ≠ diffère"] == "2 1 4"
    assert told["Volet A ≠ diffère"] == "120 000 € 0 € 360 000 €"
    assert told["Volet B"] == "120 000 € 120 000 € 120 000 €"
    assert told["Département : 77 – Seine-et-Marne, en dossiers ≠ diffère"] == "2 1 4"


@scored
def test_two_to_four_are_asked_for(browser: Browser) -> None:
    ids = kept(browser, SMALL, SMALL, SMALL, SMALL)
    assert "aap-compared" not in str(browser.page(f"{LIST}/comparaison"))
    for query in (f"s={ids[0]}", "s=base&s=nothing", "&".join(f"s={one}" for one in (*ids, "base"))):
        page = browser.page(f"{LIST}/comparaison?{query}", 400)
        assert "Cochez de 2 à 4 scénarios." in words(page)
        assert page.select_one("input[checked]") is not None
    assert browser.page(f"{LIST}/comparaison?s={ids[0]}&s={ids[0]}", 400)


@scored
@pytest.mark.parametrize("name", ["ods", "xlsx", "csv"])
def test_tables_are_taken_away_and_hold_no_formula(browser: Browser, name: str) -> None:
    first, second = kept(browser, SMALL, QUOTA)
    for path in (
        f"{PAGE}/export?{SMALL}&format={name}",
        f"/agence/scenarios/{first}/export?format={name}",
        f"{LIST}/comparaison?s={first}&s={second}&format={name}",
    ):
        answer = browser.client.get(browser.stage.address(path))
        assert answer.status_code == 200, path
        assert f".{name}" in answer.headers["Content-Disposition"]
        if name == "csv":
            lines = answer.get_data().decode("utf-8-sig").splitlines()
            assert lines[0].startswith("Rang;Référence;Intitulé")
            assert CASE in lines[1]
            assert "120000" in lines[1]
            assert not re.search(r"(^|;)\"?=", "\n".join(lines), re.MULTILINE)
        else:
            content = zipfile.ZipFile(io.BytesIO(answer.get_data()))
            text = "".join(content.read(part).decode() for part in content.namelist() if part.endswith(".xml"))
            assert CASE in text
            assert "<f>" not in text
            assert "table:formula" not in text


@scored
def test_what_cannot_be_computed_is_told_instead_of_a_file(browser: Browser) -> None:
    kept(browser)
    assert "Écrivez un nombre" in browser.text(f"{PAGE}/export?enveloppe=abc&format=csv", 400)


@scored
def test_the_recused_take_nothing_away(browser: Browser) -> None:
    first, second = kept(browser, SMALL, QUOTA)
    college = browser.page("/agence/appels/{call}/jury").select("select[name=college] option[value]")[-1]["value"]
    browser.accepted("/agence/appels/{call}/jury", email="officer@exemple.invalid", college=str(college))
    browser.accepted("/jury/dossiers/{case}/deport", reason="Ancien employeur.")
    browser.page(f"/agence/scenarios/{first}/export", 404)
    browser.page(f"{LIST}/comparaison?s={first}&s={second}", 400)
    answer = browser.client.get(browser.stage.address(f"{PAGE}/export?{SMALL}&format=csv"))
    text = answer.get_data().decode("utf-8-sig")
    assert CASE not in text
    assert FIRST in text
    for name in ("j1", "lead", "stranger", "finance"):
        browser.sign_in(name)
        for path in (f"{PAGE}/export", f"{LIST}/comparaison", f"/agence/scenarios/{first}/export"):
            assert browser.client.get(browser.stage.address(path)).status_code in {403, 404}, (name, path)
