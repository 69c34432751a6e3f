"""Stage 7: the sheet is drafted from the project, reviewed twice, validated twice, published, found and read."""

from __future__ import annotations

from typing import Any

from aap.blueprints.sheet_fields import COMPARISON, shown
from aap.capitalisation.sections import SECTIONS, get_section
from aap.demonstration.case.sheet import LIMITS, content_of, document
from aap.referentials.queries import list_indicator_definitions
from tests.browser.thread.cast import LEAD, Cast
from tests.browser.thread.following import PROJECT, open_board, open_project
from tests.browser.thread.person import Person, plain, spelled
from tests.unit.documents.reading import read

TITLE = str(document()["title"])
BY_HAND = ("metadata", "identity-card", "steps", COMPARISON)
OUTSIDE = "relecture.externe"


def draft(cast: Cast) -> None:
    """Draft the sheet from the project: its identity and its figures are already there; write the rest."""
    writer = cast["redaction"]
    cast.site.at("2026-07-10T10:00")
    open_project(writer)
    writer.press("Préparer la fiche à partir du projet")
    writer.sees("À compléter", "À écrire")
    cast.site.at("2026-07-24T10:00")
    _follow_part(writer, "Titre, accroche et résumé")
    writer.fill("Titre", TITLE)
    writer.fill("Accroche", document()["hook"])
    writer.fill("Résumé", document()["summary"])
    writer.press("Enregistrer")
    writer.sees("« Titre, accroche et résumé » est enregistré.")
    for section in SECTIONS:
        if section.key in BY_HAND:
            _write(writer, section.key)
        elif section.key != LIMITS:
            place = writer.page.locator(".aap-tasks").get_by_role(
                "link", name=spelled(section.label, exact=True), exact=True
            )
            writer.send(str(place.get_attribute("href")), _fields(section.key))
    _choose_figures(writer)
    writer.shoot("42-fiche")
    writer.press("Envoyer en relecture")
    writer.sees("La fiche n'est pas complète.", "Écrivez les limites des résultats.")
    _follow_part(writer, "Limites des résultats")
    writer.page.locator("textarea[name=content]").fill("Comparaison avant et après.")
    writer.press("Enregistrer")
    writer.press("Envoyer en relecture")
    writer.sees("En relecture")


def review(cast: Cast) -> None:
    """Ask for corrections with the grid, write what was missing, then agree."""
    told = document()["editorial"]
    refused = next(row for row in told["history"] if row.get("outcome") == "changes_requested")
    cast.site.at("2026-08-27T10:00")
    reader = cast[OUTSIDE]
    _open_review(reader)
    reader.type({f"answer-{row['id']}": row["answer"] for row in told["review_grid"]} | {"answer-G6": "non"})
    reader.tick("Des corrections sont nécessaires")
    reader.press("Rendre ma relecture")
    reader.sees("à corriger")
    reader.fill("Ce que vous demandez à la rédaction", refused["note"])
    reader.shoot("43-relecture")
    reader.press("Rendre ma relecture")
    cast.site.at("2026-09-02T10:00")
    writer = cast["redaction"]
    assert refused["note"] in cast.site.last_mail("redaction@demo.invalid").text
    _open_sheet(writer)
    writer.sees(refused["note"])
    _write(writer, LIMITS)
    writer.press("Envoyer en relecture")
    cast.site.at("2026-09-07T10:00")
    reader = cast["relecture"]
    _open_review(reader)
    reader.type({f"answer-{row['id']}": row["answer"] for row in told["review_grid"]})
    reader.fill("Commentaire sur G10", told["review_grid"][-1]["comment"])
    reader.tick("La fiche peut être publiée")
    reader.press("Rendre ma relecture")
    reader.sees("Votre relecture est enregistrée.", "Relecture : accord")


def validate(cast: Cast) -> None:
    """Validate by the lead, then by the agency; publish."""
    lead, editor = cast.lead(), cast["edition"]
    cast.site.at("2026-09-09T10:00")
    assert "valid" in cast.site.last_mail(LEAD).text
    open_board(lead)
    lead.follow("Fiche de capitalisation validée par le porteur")
    lead.press("Valider la fiche")
    cast.site.at("2026-09-14T10:00")
    _open_sheet(editor)
    editor.press("Valider pour l'agence")
    cast.site.at("2026-09-15T10:00")
    _open_sheet(editor)
    editor.press("Publier la fiche")
    editor.sees("Publiée", "15 septembre 2026")
    cast.site.work()
    open_board(lead)
    lead.sees("Fiche de capitalisation validée par le porteur 30/09/2026 Validé")


def read_publicly(cast: Cast) -> None:
    """Find the sheet in the catalogue by its words and its facets, read it and its PDF, signed out."""
    reader = cast.stranger()
    reader.open("/")
    reader.follow("Fiches de capitalisation")
    reader.sees("1 fiche trouvée", TITLE)
    reader.fill("Rechercher", "gériatrie urgences")
    reader.choose("Public", "Personnes âgées – 1")
    reader.choose("Département", "Seine-et-Marne (77) – 1")
    reader.press("Rechercher")
    reader.sees("1 fiche trouvée", TITLE)
    reader.shoot("44-catalogue")
    reader.follow(TITLE)
    reader.sees(TITLE, "CAP-2026-001", "934", "251", "134,09", "108 974,95 €", "158 900 €", "Cible non atteinte")
    reader.misses(PROJECT + " – ", "demo.invalid")
    reader.shoot("45-fiche-publique")
    name, content = reader.download("Télécharger en PDF")
    assert name.endswith(".pdf")
    text = plain(read(content).document.text)
    assert TITLE in text
    assert "134,09" in text


def _open_sheet(person: Person) -> None:
    person.open("/agence/fiches")
    person.follow(TITLE)


def _open_review(person: Person) -> None:
    _open_sheet(person)
    person.follow("Relire la version", exact=False)


def _follow_part(writer: Person, label: str) -> None:
    writer.follow(label, within=writer.page.locator(".aap-tasks"))


def _write(writer: Person, key: str) -> None:
    """Write a part of the document, through its form."""
    section = get_section(key)
    _follow_part(writer, section.label)
    content = content_of(section)
    if key == COMPARISON:
        writer.fill("Solutions comparées", ", ".join(content["solutions"]))
        writer.press("Enregistrer")
        _follow_part(writer, section.label)
    for each in shown(section, content):
        if each.spec.kind == "rows":
            _open_rows(writer, len(each.rows))
    values: dict[str, Any] = dict(_fields(key))
    values |= {each.spec.key: list(each.chosen) for each in shown(section, content) if each.spec.kind == "codes"}
    writer.type(values)
    writer.press("Enregistrer")
    writer.sees(f"« {section.label} » est enregistré.")


def _fields(key: str) -> list[tuple[str, str]]:
    """Return a part of the document as its form sends it."""
    section = get_section(key)
    fields = []
    for each in shown(section, content_of(section)):
        spec = each.spec
        if spec.kind == "rows":
            hidden = {column["key"] for column in spec.columns if column.get("kind") == "hidden"}
            for number, row in enumerate(each.rows):
                cells = {name: text for name, text in row.items() if name not in hidden}
                fields += [(f"{spec.key}-{number}-{name}", text) for name, text in cells.items()]
        elif spec.kind == "codes":
            fields += [(spec.key, code) for code in each.chosen]
        else:
            fields.append((spec.key, each.text))
    return fields


def _choose_figures(writer: Person) -> None:
    """Bind the figures to the measures of the project: their values are read, not typed."""
    _follow_part(writer, "Chiffres")
    told = document()["results"]
    _open_rows(writer, len(told))
    with writer.site.within():
        labels = {row.code: row.label for row in list_indicator_definitions()}
    for number, row in enumerate(told):
        writer.type({f"rows-{number}-label": row["label"], f"rows-{number}-unit": row["unit"]})
        choices = writer.page.locator(f"[name=rows-{number}-indicator_id] option")
        offered = {plain(one.inner_text()): one.get_attribute("value") for one in choices.all()}
        writer.type({f"rows-{number}-indicator_id": offered[labels[row["indicator"]]]})
    writer.press("Enregistrer")


def _open_rows(writer: Person, wanted: int) -> None:
    rows = writer.page.locator("#rows [data-row]")
    while rows.count() < wanted:
        writer.page.locator("#rows [data-add]").press("Enter")
