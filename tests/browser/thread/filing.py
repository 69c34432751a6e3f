"""Stage 2: the nine sections, the pieces, the conditions, the deposit and its receipt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aap.demonstration.case.application import QUOTES, UNSIGNED, document
from aap.demonstration.pieces import write_pdf
from tests.browser.thread.cast import LEAD, Cast
from tests.browser.thread.person import Person, plain, spelled

TITLE = str(document()["project"]["title"])
SECTIONS = (
    "Porteur et gouvernance",
    "Besoin, territoire et publics",
    "Projet médical et parcours",
    "Organisation, ressources humaines et formation",
    "Partenaires",
    "Solution numérique et sécurité",
    "Calendrier et risques",
    "Budget et pérennité",
    "Évaluation et capitalisation",
)
NEXT = "Enregistrer et continuer"


def fill_by_hand(cast: Cast) -> None:
    """Fill the first two sections as people do, label by label, with rows added by their buttons."""
    lead, told = cast.lead(), document()
    applicant, project = told["applicant"], told["project"]
    cast.site.at("2023-10-02T10:40")
    lead.follow(SECTIONS[0])
    assert lead.page.get_by_label("Raison sociale").input_value() == applicant["name"]
    lead.tick("Oui", within=lead.group("La structure est-elle sous CPOM"))
    lead.tick("Oui", within=lead.group("Le signataire est-il le représentant légal"))
    lead.fill("Fonction du représentant légal", applicant["legal_signatory_role"])
    lead.fill("Fonction du responsable opérationnel", applicant["project_lead_role"])
    lead.fill("Fonction du porteur médical", applicant["medical_lead_role"])
    lead.fill("Instances, rythme, rôle de chacun", project["governance"])
    lead.shoot("04-rubrique-porteur")
    lead.press(NEXT)
    lead.sees(SECTIONS[1])
    for label, key in (
        ("Intitulé", "title"),
        ("Acronyme", "acronym"),
        ("Démarrage souhaité", "start"),
        ("Résumé publiable", "abstract"),
        ("Diagnostic chiffré du besoin", "need"),
        ("Égalité d'accès : publics éloignés du numérique, allophones, handicap", "equity"),
    ):
        lead.fill(label, project[key])
    lead.fill("Durée (mois)", "vingt-quatre")
    lead.fill("Population cible (personnes)", "246")
    publics = lead.group("Publics")
    for label in ("Personnes âgées", "Patients en affection", "Personnes à mobilité réduite", "Habitants de zones"):
        lead.tick(label, within=publics)
    for number, site in enumerate(told["sites"], start=1):
        if number > 1:
            lead.page.get_by_role("button", name="Ajouter un site").press("Enter")
        for label, key in (("Nom du site", "name"), ("FINESS", "finess"), ("Commune", "commune")):
            lead.fill(f"{label}, site {number}", site[key])
        lead.fill(f"Département, site {number}", site["departement"])
        lead.fill(f"Territoire de vie-santé, site {number}", site["territory"])
        lead.fill(f"Capacité, site {number}", str(site["capacity"]))
    lead.press(NEXT)
    lead.sees("Une réponse est à corriger", "rien de ce que vous avez tapé n'est perdu")
    lead.fill("Durée (mois)", "24")
    lead.shoot("05-rubrique-besoin")
    lead.press(NEXT)


def fill_fast(cast: Cast) -> None:
    """Fill the other sections quickly, through the same forms."""
    lead, told = cast.lead(), document()
    project = told["project"]
    cast.site.at("2023-10-12T15:20")
    lead.sees(SECTIONS[2])
    _type(lead, project, ("act_types", "specialties", "pathway", "protocols", "treating_physician"))
    lead.press(NEXT)
    lead.sees(SECTIONS[3])
    _type(lead, project, ("organisation", "training"))
    _rows(lead, "staffing", told["staffing"])
    lead.press(NEXT)
    lead.sees(SECTIONS[4])
    _rows(lead, "partners", told["partners"])
    lead.type({"users_involved": project["users_involved"]})
    lead.shoot("06-rubrique-partenaires")
    lead.press(NEXT)
    lead.sees(SECTIONS[5])
    _type(lead, project, ("solution_status", "privacy"))
    _rows(lead, "solutions", [{**row, "functions": row["function"]} for row in told["solutions"]], but={"function"})
    lead.type({f"compliance-{point}": answer for point, answer in project["compliance"].items()})
    lead.press(NEXT)
    lead.sees(SECTIONS[6])
    _rows(lead, "milestones", told["milestones"])
    _rows(lead, "risks", told["risks"])
    lead.press(NEXT)
    lead.sees(SECTIONS[7])


def fill_budget(cast: Cast) -> None:
    """Fill the budget: totals follow what is typed, and the server finds the same."""
    lead, told = cast.lead(), document()
    cast.site.at("2023-10-24T11:05")
    budget = told["budget"]
    lines = [
        {
            "category": row["category"],
            "label": row["label"],
            "quantity": row["qty"],
            "unit_price": row["unit_price"],
            "requested": row["ars_share"],
            "quote": row["quote"],
        }
        for row in budget["lines"]
    ]
    _rows(lead, "budget_lines", lines)
    incomes = [{**row, "earmarked": ", ".join(row.get("earmarked", ()))} for row in budget["income"]]
    _rows(lead, "budget_income", incomes[:-1], but={"id"})
    lead.sees("164 040 €", within="[data-total=expenses]")
    lead.sees("120 000 €", within="[data-total=requested]")
    lead.sees("Il manque 14 040 € de financement")
    _rows(lead, "budget_income", incomes, but={"id"}, after=len(incomes) - 1)
    lead.sees("Dépenses et financements sont équilibrés : 164 040 €")
    lead.shoot("07-budget")
    _type(lead, told["project"], ("billing", "sustainability"))
    lead.press(NEXT)
    lead.sees(SECTIONS[8])
    _rows(lead, "indicators", told["project"]["indicators"])
    _type(lead, told["project"], ("evaluation_method",))
    lead.tick("Engagement à produire une fiche de capitalisation publiée")
    lead.press(NEXT)
    lead.follow(TITLE) if lead.page.get_by_role("link", name=spelled(TITLE, exact=True), exact=True).count() else None
    lead.sees("9 sur 9", "164 040 €", "120 000 €", "73,15 %")
    lead.shoot("08-dossier")


def join_pieces(cast: Cast) -> None:
    """Join every piece, one page for each annex; the list follows the answers."""
    lead = cast.lead()
    cast.site.at("2023-11-02T17:30")
    lead.follow("Pièces à joindre")
    lead.shoot("09-pieces")
    places = {
        plain(one.inner_text()): str(one.get_attribute("href")) for one in lead.page.locator(".aap-tasks a").all()
    }
    for label, place in places.items():
        if label.startswith(("Attestation de conformité", "Statuts", "Contrat d'engagement", "Délégation")):
            continue
        subjects = QUOTES if label.startswith("Devis") else (label,)
        if label.startswith(("Lettre", "Attestations")):
            lead.follow(label)
            _join(lead, subjects)
            lead.follow("Revenir aux pièces")
        else:
            for number, subject in enumerate(subjects, start=1):
                lead.send_file(place, "", *_file(subject, number))
    lead.page.reload()
    lead.sees("Toutes les pièces demandées sont jointes")


def check_conditions(cast: Cast) -> None:
    """Read the conditions of the call: the eleven computed ones hold, three are the agency's."""
    lead = cast.lead()
    lead.follow("Revenir au dossier")
    lead.follow("Conditions de l'appel")
    lead.sees("Respectées 11", "Non respectées 0", "Examinées par l'agence 3")
    lead.sees("Montant demandé sous le plafond applicable", "Taux de subvention sous le maximum de la zone")
    lead.shoot("10-conditions")
    lead.follow("Revenir au dossier")


def deposit(cast: Cast) -> None:
    """Deposit on 3 November at 16:42 and read the receipt, on screen, by mail and in PDF."""
    lead, site = cast.lead(), cast.site
    site.at("2023-11-03T16:42")
    lead.follow("Vérifier et déposer")
    lead.sees("Le dossier est complet", "164 040 €", "73,15 %")
    lead.shoot("11-verifier")
    lead.press("Déposer le dossier")
    lead.sees("attest")
    lead.tick("J'atteste sur l'honneur")
    lead.press("Déposer le dossier")
    lead.sees("Votre dossier est déposé", "AAP-TS-2023-01-0001", "vendredi 3 novembre 2023 à 16 h 42", "120 000 €")
    hashes = re.findall(r"\b[0-9a-f]{64}\b", lead.page.locator("main").inner_html())
    assert len(set(hashes)) > 20  # the seal of the deposit, and each piece with its own
    lead.shoot("12-recepisse")
    mail = site.last_mail(LEAD)
    assert "AAP-TS-2023-01-0001" in mail.text
    lead.page.reload()
    name, content = lead.download("Récépissé du dépôt n° 1")
    assert name.endswith(".pdf")
    assert content.startswith(b"%PDF-")


def complete(cast: Cast) -> None:
    """Send again the one letter asked for, and nothing else; the hour of the first deposit stays."""
    lead, site = cast.lead(), cast.site
    site.at("2023-11-20T09:20")
    assert UNSIGNED in site.last_mail(LEAD).text
    lead.open("/dossiers")
    lead.follow(TITLE, exact=False)
    lead.follow("Voir ce qui est demandé")
    lead.sees(UNSIGNED, "jeudi 23 novembre 2023 à 23 h 59", "vendredi 3 novembre 2023 à 16 h 42")
    lead.shoot("15-complements")
    lead.follow("Lettre d'engagement de chaque partenaire")
    lead.follow("Remplacer lettre", exact=False)
    lead.join("Nouveau fichier", "lettre-signee.pdf", write_pdf("Lettre signée le 17 novembre 2023"))
    lead.press("Remplacer")
    lead.sees("lettre-signee.pdf")
    site.at("2023-11-20T09:30")
    lead.open("/dossiers")
    lead.follow(TITLE, exact=False)
    lead.follow("Voir ce qui est demandé")
    lead.follow("Vérifier et renvoyer")
    lead.tick("J'atteste sur l'honneur")
    lead.press("Renvoyer le dossier complété")
    lead.sees("Vos compléments sont reçus", "lundi 20 novembre 2023 à 9 h 30")
    lead.sees("Premier dépôt vendredi 3 novembre 2023 à 16 h 42")
    lead.shoot("16-recepisse-complements")


def _type(lead: Person, told: Mapping[str, Any], keys: Iterable[str]) -> None:
    lead.type({key: _text(told[key]) for key in keys})


def _rows(
    lead: Person,
    base: str,
    rows: Sequence[Mapping[str, Any]],
    but: Iterable[str] = (),
    after: int = 0,
) -> None:
    """Type the rows of a table; each new one is asked for by its button."""
    for number, row in enumerate(rows):
        if number < after:
            continue
        if number:
            lead.page.locator(f"#{base} [data-add]").press("Enter")
        lead.type({f"{base}-{number}-{key}": _text(value) for key, value in row.items() if key not in but})


def _text(value: Any) -> Any:
    """Write a value of the document as a person types it."""
    if isinstance(value, list):
        return [str(one) for one in value]
    if isinstance(value, bool):
        return ["y"] if value else []
    return "" if value is None else re.sub(r"^(-?\d+)\.(\d+)$", r"\1,\2", str(value))


def _join(lead: Person, labels: Sequence[str]) -> None:
    """Join one file to each slot of the page, or several to the only one."""
    waiting = lead.page.locator("input[type=file]:visible")
    for number in range(max(len(labels), waiting.count())):
        if not waiting.count():
            lead.page.get_by_text("Ajouter un autre fichier").first.click()
        form = lead.page.locator("form", has=waiting.first)
        label = labels[number] if number < len(labels) else labels[0]
        name, content = _file(label, number + 1)
        waiting.first.set_input_files({"name": name, "mimeType": "application/pdf", "buffer": content})
        lead.press("Joindre", within=form)


def _file(label: str, number: int) -> tuple[str, bytes]:
    """Return the name and the content of a small PDF."""
    name = re.sub(r"[^a-z]+", "-", label.lower())[:30].strip("-")
    return f"{name}-{number}.pdf", write_pdf(label, f"Exemplaire {number}")
