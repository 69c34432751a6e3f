"""Stage 4: the jury is set up, declares its interests, J4 stands back, J1 to J3 mark; the ranking opens at the hour."""

from __future__ import annotations

from typing import Any

from aap.demonstration.case.application import document
from aap.demonstration.case.jury import HOSPITAL
from tests.browser.thread.cast import Cast
from tests.browser.thread.filing import TITLE
from tests.browser.thread.instructing import REFERENCE
from tests.browser.thread.person import Person

COLLEGES = {"J1": "ARS siège", "J2": "Professionnels de santé", "J3": "Représentants des usagers"}
COLLEGES["J4"] = COLLEGES["J2"]
TOTALS = {"J1": ("2023-12-18", "80,00"), "J2": ("2023-12-21", "74,00"), "J3": ("2024-01-05", "76,00")}


def open_call(person: Person, tab: str) -> None:
    """Go to a page of the call from the agency's own pages."""
    person.open("/agence")
    person.follow("AAP-TS-2023-01")
    person.follow(tab, exact=False, within=person.page.locator(".aap-subnav"))


def set_up(cast: Cast) -> None:
    """Add four people, each in a college; they receive their invitation."""
    officer = cast["instruction"]
    cast.site.at("2023-12-04T09:30")
    open_call(officer, "Jury")
    for code, college in COLLEGES.items():
        officer.fill("Adresse électronique", f"jury{code[1:]}@demo.invalid")
        option = officer.page.get_by_label("Collège").locator("option", has_text=college).inner_text()
        officer.choose("Collège", option)
        if code == "J1":
            officer.tick("Préside le jury")
        officer.press("Ajouter au jury")
        officer.sees("rejoint le jury et reçoit une invitation", f"{code} – ")
    assert "jury" in cast.site.last_mail("jury1@demo.invalid").text
    officer.shoot("20-jury")


def declare(cast: Cast) -> None:
    """Sign four declarations before any file opens; J4 tells of a partner hospital."""
    cast.site.at("2023-12-12T20:05")
    for code in COLLEGES:
        juror, linked = cast[f"jury{code[1:]}"], code == "J4"
        juror.open("/jury")
        juror.sees("Déclaration à signer", "Aucun dossier ne s'ouvre avant votre déclaration")
        juror.misses(REFERENCE)
        juror.follow("Télésanté au plus près", exact=False)
        juror.tick("Oui" if linked else "Non")
        if linked:
            juror.fill("Structure, structure 1", HOSPITAL)
            juror.fill("Nature du lien, structure 1", "Vacations rémunérées")
            juror.page.locator("textarea[name=text]").fill("Vacations de pharmacie clinique dans un hôpital.")
        for box in juror.page.locator("main input[type=checkbox]").all():
            box.press("Space")
        juror.shoot(f"21-declaration-{code}")
        juror.press("Signer ma déclaration")
        juror.sees("Votre déclaration est signée.")


def share_out(cast: Cast) -> None:
    """Give the file to the four; the service warns of the declared link, and J4 stands back: the file disappears."""
    officer, linked = cast["instruction"], cast["jury4"]
    cast.site.at("2023-12-13T09:05")
    open_call(officer, "Jury")
    officer.sees("Liens à examiner 1", "lien avec un partenaire")
    officer.follow("Répartir les dossiers")
    officer.sees("Lien à examiner")
    for code in COLLEGES:
        officer.tick(f"{code} note {REFERENCE}")
    officer.shoot("22-repartition")
    officer.press("Enregistrer la répartition")
    officer.sees("Répartition enregistrée : 4 changements")
    cast.site.at("2023-12-13T09:10")
    linked.open("/jury")
    linked.follow("Télésanté au plus près", exact=False)
    linked.follow(REFERENCE, exact=False)
    address = linked.page.url
    linked.follow("Me déporter")
    linked.page.locator("textarea[name=reason]").fill("Lien d'intérêts avec un partenaire hospitalier du projet.")
    linked.press("Me déporter")
    linked.sees("Vous êtes déporté de ce dossier")
    linked.misses(REFERENCE, TITLE)
    answer = linked.page.request.get(address)
    assert answer.status in {403, 404}
    assert TITLE not in answer.text()


def mark(cast: Cast) -> None:
    """Mark the file, each on the day of the documents; the total follows the marks, and nobody sees the others'."""
    review: Any = document()["review"]
    remarks = {(row["juror"], row["criterion"]): row["text"] for row in review["comments"]}
    for row in review["scores"]:
        if "notes" not in row:
            continue
        code = row["juror"]
        day, total = TOTALS[code]
        cast.site.at(f"{day}T21:15")
        juror = cast[f"jury{code[1:]}"]
        juror.open("/jury")
        juror.follow("Télésanté au plus près", exact=False)
        juror.follow(REFERENCE, exact=False)
        juror.sees(TITLE, "73,15 %")
        if code == "J1":
            _mark_by_hand(juror, row["notes"])
        else:
            juror.type({f"mark-{key}": str(value) for key, value in row["notes"].items()})
        for (who, key), text in remarks.items():
            if who == code:
                juror.page.locator(f"#mark-{key}-comment").fill(text)
        juror.sees(total, within="[data-marking-total]")
        juror.shoot(f"23-grille-{code}")
        cast.site.at(f"{day}T21:40")
        juror.press("Rendre la grille")
        juror.sees(f"Votre grille du dossier {REFERENCE} est rendue.")
        juror.misses("80,00" if code != "J1" else "74,00")


def _mark_by_hand(juror: Person, notes: dict[str, int]) -> None:
    """Choose the marks with the keyboard, by their descriptors; a missing mark keeps the grid from being submitted."""
    for key, value in list(notes.items())[:-1]:
        mark_ = juror.page.locator(f"input[name=mark-{key}][value='{value}']")
        mark_.focus()
        mark_.press("Space")
    juror.sees("1 critère reste à noter")
    juror.press("Rendre la grille")
    juror.sees("à corriger")
    last, value = list(notes.items())[-1]
    juror.page.locator(f"input[name=mark-{last}][value='{value}']").press("Space")


def close(cast: Cast) -> None:
    """Close by the clock on 9 January at 18:00; read the summary and the ranking."""
    officer = cast["instruction"]
    cast.site.at("2024-01-09T17:59")
    open_call(officer, "Classement")
    officer.sees("Le classement s’ouvre à la fin de la notation")
    officer.misses("76,67")
    cast.site.at("2024-01-09T18:00")
    open_call(officer, "Classement")
    officer.sees(REFERENCE, "76,67", "74,00 – 80,00", "6,00", "120 000 €")
    officer.shoot("24-classement")
    officer.choose("Volet", "B – Personnes âgées et personnes en situation de handicap, en établissement ou à domicile")
    officer.press("Filtrer")
    officer.follow(REFERENCE, exact=False)
    officer.sees("80,00", "74,00", "76,00", "76,67", "6,00", "respectés", "Attestation de conformité manquante.")
    officer.shoot("25-notation")


def advise(cast: Cast) -> None:
    """Record the advice of the jury of 18 January."""
    officer = cast["instruction"]
    told = document()["decision"]
    cast.site.at("2024-01-18T12:30")
    officer.follow("Enregistrer l’avis du jury")
    officer.tick("Favorable sous réserve")
    officer.fill("Montant proposé", "112500")
    officer.fill("Motif, tel qu'au procès-verbal", told["motive"])
    officer.shoot("26-avis-du-jury")
    officer.press("Enregistrer l’avis", exact=False)
    officer.sees("L'avis du jury est enregistré.", "112 500 €")
