"""Stage 3: the officer asks for one letter, answers the manual rules, admits; the three opinions come in."""

from __future__ import annotations

from typing import Any

from aap.demonstration.case.application import MANUAL_RULES, UNSIGNED, document
from tests.browser.thread.cast import LEAD, Cast
from tests.browser.thread.person import Person

REFERENCE = "AAP-TS-2023-01-0001"
OPINIONS: tuple[tuple[str, str, str], ...] = (
    ("dd77", "2023-11-29T14:10", "Délégation départementale"),
    ("dcgdr", "2023-12-04T14:10", "DCGDR / CPAM"),
    ("grades", "2023-12-07T14:10", "GRADeS – avis technique"),
)
WORDS = {"favorable": "Favorable", "favorable_avec_observations": "Favorable avec observations"}


def open_file(person: Person, page: str = "") -> None:
    """Go to the file from the agency's own pages, then to one of its tabs."""
    person.open("/agence")
    person.follow("AAP-TS-2023-01")
    person.follow(REFERENCE, exact=False) if person.page.get_by_role("link", name=REFERENCE).count() else _list(person)
    if page:
        person.follow(page, exact=False, within=person.page.locator(".aap-subnav").last)


def _list(person: Person) -> None:
    person.follow("Dossiers", exact=False, within=person.page.locator(".aap-subnav").last)
    person.follow(REFERENCE, exact=False)


def request_completion(cast: Cast) -> None:
    """Ask on 13 November for the one letter that is not signed."""
    officer = cast["instruction"]
    cast.site.at("2023-11-13T11:05")
    open_file(officer, "Recevabilité")
    officer.sees("3 règles restent à vérifier à la main", "E01 – Dossier déposé avant la clôture")
    officer.shoot("13-recevabilite")
    officer.follow("Demander des compléments")
    officer.fill("Message au porteur", UNSIGNED)
    officer.tick("Demander : A09")
    officer.page.get_by_label("Ce qui manque : A09").fill(UNSIGNED)
    officer.shoot("14-demande")
    officer.press("Envoyer la demande")
    officer.sees("La demande de compléments est envoyée au porteur.")


def admit(cast: Cast) -> None:
    """Answer the three manual rules with their reasons, then declare the file admissible on 22 November."""
    officer = cast["instruction"]
    cast.site.at("2023-11-22T14:30")
    open_file(officer, "Recevabilité")
    officer.sees("3 novembre 2023 à 16 h 42")
    for key, (passed, because) in MANUAL_RULES.items():
        form = officer.page.locator("form", has=officer.page.locator(f"#{key}-because"))
        officer.tick("Oui" if passed else "Non", within=form)
        form.get_by_label("Motif de la réponse").fill(because)
        officer.press(f"Enregistrer la réponse {key}")
        officer.sees(f"La réponse à la règle {key} est enregistrée.", because)
    officer.shoot("17-regles")
    cast.site.at("2023-11-22T15:00")
    officer.follow("Décider")
    officer.tick("Recevable")
    officer.press("Enregistrer la décision")
    officer.sees("La décision est enregistrée, et le porteur prévenu.", "22 novembre 2023 à 15 h")
    assert "recevable" in cast.site.last_mail(LEAD).text


def give_opinions(cast: Cast) -> None:
    """Receive the three opinions, each from its own desk, and close the instruction on 11 December."""
    opinions: dict[str, Any] = {row["by"]: row for row in document()["opinions"]}
    for name, hour, label in OPINIONS:
        person, said = cast[name], opinions["dd" if name == "dd77" else name]
        cast.site.at(hour)
        person.open("/agence/avis")
        person.follow(REFERENCE, exact=False)
        person.follow(label, exact=False, within=person.page.locator(".aap-callout"))
        person.tick(WORDS[said["opinion"]])
        person.page.locator("textarea[name=text]").fill(said["text"])
        person.shoot(f"18-avis-{name}")
        person.press("Enregistrer l’avis")
        person.sees(said["text"])
    officer = cast["instruction"]
    cast.site.at("2023-12-11T17:20")
    open_file(officer, "Avis")
    officer.sees(*(str(row["text"]) for row in opinions.values()))
    officer.shoot("19-avis")
    officer.press("Clore l’instruction")
