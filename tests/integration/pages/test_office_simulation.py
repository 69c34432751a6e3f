"""The simulator over HTTP: a proposal for settings typed in the address, and what others than the agency never read."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update

from aap.applications.models import Application, ApplicationState
from aap.blueprints.office import simulation
from aap.calls.models import Strand
from tests.integration.pages.office_case import SCORED
from tests.integration.pages.office_stage import Browser, browser, stage, words

__all__ = ["browser", "stage"]

PAGE = "/agence/appels/{call}/simulateur"
scored = pytest.mark.parametrize("stage", ["scored:3"], indirect=True)
CASE, FIRST, SECOND, THIRD = (f"AAP-TS-2023-01-000{number}" for number in range(1, 5))


def plain(text: str) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", text)


def proposal(browser: Browser, query: str = "") -> dict[str, str]:
    """Return the verdict of each file of the table, by reference."""
    page = browser.page(f"{PAGE}{query}")
    rows = page.select(".aap-proposal tbody tr:not(.aap-proposal__line)")
    found = {}
    for row in rows:
        link = row.select_one(".aap-proposal__ref a")
        assert link is not None
        found[link.get_text(strip=True)] = plain(row.select("td")[-1].get_text(" ", strip=True))
    return found


@scored
def test_the_base_proposal_is_that_of_the_call(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    said = plain(browser.text(PAGE))
    assert "C’est la proposition de base" in said
    assert "4 sur 4" in said
    assert "480 000 €" in said
    assert "1 020 000 €" in said
    assert set(proposal(browser).values()) == {"Financé"}
    assert "Simulateur" in browser.text("/agence/appels/{call}/classement")


@scored
def test_a_smaller_envelope_tells_who_leaves_and_why(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    query = "?enveloppe=250000&partage=fongibles&volet-A=1&volet-B=1&volet-C=1&volet-D=1"
    found = proposal(browser, query)
    assert list(found) == [CASE, FIRST, SECOND, THIRD]
    assert found[FIRST] == "Financé"
    assert found[SECOND] == ("Non financé Sort N'entre pas dans l'enveloppe de l'appel : il manque 110 000 €.")
    page = browser.page(f"{PAGE}{query}")
    line = page.select_one(".aap-proposal__line")
    assert line is not None
    assert plain(line.get_text()) == "Ligne de financement : 240 000 € proposés, 10 000 € restent"
    changed = page.select_one(".aap-changes")
    assert changed is not None
    assert [item.get_text(strip=True) for item in changed.select(".aap-badge")] == ["Sort", "Sort"]
    head = page.select_one("[data-said]")
    assert head is not None
    assert f"Sortent : {SECOND}, {THIRD}." in str(head["data-said"])


@scored
def test_quotas_by_department_and_public_bind_and_show_what_they_reach(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("director")
    query = "?enveloppe=1+500+000&partage=fongibles&volet-A=1&volet-B=1&volet-C=1&volet-D=1"
    capped = f"{query}&q-0-sur=departement:77&q-0-en=dossiers&q-0-max=2"
    found = proposal(browser, capped)
    assert [verdict.split(" ")[0] for verdict in found.values()] == ["Financé", "Financé", "Non", "Non"]
    assert "Plafond déjà plein : « Département : 77 – Seine-et-Marne, en dossiers »." in found[SECOND]
    reached = browser.page(f"{PAGE}{capped}").select(".aap-gauges")[1].select("td[data-label]")
    assert [cell.get_text(strip=True) for cell in reached] == ["2", "–", "2", "4"]
    impossible = browser.text(f"{PAGE}{query}&q-0-sur=public:personnes_agees&q-0-en=dossiers&q-0-min=9")
    assert "Aucune sélection ne peut atteindre le minimum de « Public : Personnes âgées, en dossiers »." in impossible


@scored
def test_levels_and_retained_amounts_fund_in_part(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    query = "?enveloppe=200000&partage=fongibles&volet-A=1&volet-B=1&volet-C=1&volet-D=1"
    assert proposal(browser, f"{query}&niveaux=60")[FIRST] == "Financé en partie Reçoit moins"
    kept = proposal(browser, f"{query}&r-0-dossier={CASE}&r-0-montant=112+500")
    assert kept[CASE] == "Financé Reçoit moins Montant retenu par le service : 112 500 €."


@scored
@pytest.mark.parametrize(
    ("typed", "field", "words_of"),
    [
        ("enveloppe=beaucoup", "enveloppe", "Écrivez un nombre"),
        ("enveloppe=", "enveloppe", "Indiquez l'enveloppe"),
        ("enveloppe=-1", "enveloppe", "positif"),
        ("enveloppe=10,001", "enveloppe", "2 chiffres après la virgule"),
        ("enveloppe=1&volet-A=x", "volet-A", "Écrivez un nombre"),
        ("enveloppe=1&q-2-sur=public:ald&q-2-min=5&q-2-max=2", "q-2-min", "dépasse le maximum"),
        ("enveloppe=1&q-0-sur=public:ald&q-0-min=1,5", "q-0-min", "nombre entier"),
        ("enveloppe=1&q-0-sur=lune:ald&q-0-min=1", "q-0-sur", "Choisissez"),
        ("enveloppe=1&q-0-sur=public:ald&q-1-sur=public:ald", "q-1-sur", "figure déjà"),
        ("enveloppe=1&niveaux=120", "niveaux", "entre 0 et 100"),
        ("enveloppe=1&niveaux=abc", "niveaux", "pourcentages"),
        ("enveloppe=1&r-0-dossier=INCONNU&r-0-montant=5", "r-0-dossier", "dossier classé"),
        (f"enveloppe=1&r-0-dossier={CASE}&r-0-montant=120000,01", "r-0-montant", "120 000 €"),
        ("enveloppe=1&partage=ailleurs", "partage", "Choisissez"),
    ],
)
def test_what_is_badly_typed_is_told_at_its_field_and_kept(
    browser: Browser, typed: str, field: str, words_of: str
) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    page = browser.page(f"{PAGE}?note=61&{typed}", 400)
    error = page.select_one(f'[id="{field}-error"]')
    assert error is not None
    assert words_of in plain(error.get_text())
    assert page.select_one('input[name="note"][value="61"]') is not None
    assert "attend que les réglages soient corrigés" in words(page)
    name, _, value = typed.rpartition("&")[2].partition("=")
    kept = page.select_one(f'[name="{name}"]')
    if value and kept is not None and kept.name == "input" and kept.get("type") == "text":
        assert re.sub(r"\s", "", str(kept["value"])) == value


@scored
def test_rows_are_added_and_removed_without_a_script(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    query = f"{PAGE}?enveloppe=1000&q-0-sur=public:ald&q-3-sur=departement:77&q-3-min=1"
    assert [box["name"] for box in browser.page(query, 400).select("select[name^=q-]")] == ["q-0-sur", "q-3-sur"]
    strands = "&volet-A=1&volet-B=1&volet-C=1&volet-D=1"
    added = browser.page(f"{query}{strands}&add=q")
    assert [box["name"] for box in added.select("select[name^=q-]")] == ["q-0-sur", "q-3-sur", "q-4-sur"]
    removed = browser.page(f"{query}{strands}&remove=q-0")
    assert [box["name"] for box in removed.select("select[name^=q-]")] == ["q-3-sur"]


@scored
def test_withdrawn_and_refused_files_are_told_apart(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    files = browser.stage.connection
    for reference, state in ((SECOND, ApplicationState.WITHDRAWN), (THIRD, ApplicationState.INADMISSIBLE)):
        files.execute(update(Application).where(Application.reference == reference).values(state=state))
    said = browser.text(PAGE)
    assert "Désisté." in said
    assert "Irrecevable." in said
    assert list(proposal(browser)) == [CASE, FIRST]


@scored
def test_what_takes_too_long_is_told(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "SECONDS", 0.0)
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    assert "Le calcul est trop long pour une page" in browser.text(PAGE)


@scored
def test_neither_jurors_nor_strangers_open_it_and_the_recused_reads_nothing_of_the_file(browser: Browser) -> None:
    browser.clock.set(SCORED)
    for name in ("j1", "j4", "lead", "stranger", "dd77", "finance", "reader"):
        browser.sign_in(name)
        assert browser.client.get(browser.stage.address(PAGE)).status_code in {403, 404}, name
    browser.sign_in("officer")
    college = browser.page("/agence/appels/{call}/jury").select("select[name=college] option[value]")[-1]["value"]
    browser.accepted("/agence/appels/{call}/jury", email="officer@exemple.invalid", college=str(college))
    browser.accepted("/jury/dossiers/{case}/deport", reason="Ancien employeur.")
    assert CASE not in str(browser.page(PAGE))
    assert list(proposal(browser)) == [FIRST, SECOND, THIRD]
    hidden = browser.page(f"{PAGE}?enveloppe=1&r-0-dossier={CASE}&r-0-montant=5", 400).select_one(
        '[id="r-0-dossier-error"]'
    )
    assert hidden is not None
    assert "Choisissez un dossier classé" in hidden.get_text()


@pytest.mark.parametrize("stage", ["marked"], indirect=True)
def test_nothing_is_read_before_the_closure(browser: Browser) -> None:
    browser.sign_in("officer")
    said = browser.text(f"{PAGE}?enveloppe=1")
    assert "Le simulateur s’ouvre à la fin de la notation" in said
    assert "0001" not in said.replace("2023-01", "")


@scored
def test_the_page_asks_a_constant_number_of_questions(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    strands = browser.stage.connection.execute(select(func.count()).select_from(Strand)).scalar_one()
    assert strands == 4
    whole = browser.queries(PAGE)
    quotas = "".join(f"&q-{number}-sur=departement:{number}&q-{number}-max=3" for number in range(20))
    assert browser.queries(f"{PAGE}?enveloppe=1&volet-A=1&volet-B=1&volet-C=1&volet-D=1{quotas}") == whole
    asked = browser.stage.connection.execute(select(func.sum(Application.requested_eur))).scalar_one()
    assert Decimal(asked) == 480000
