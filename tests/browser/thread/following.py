"""Stage 6: the plan is completed and validated, reports come and go, money follows, the project is concluded."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from aap.demonstration.case.plan import document
from aap.demonstration.case.project import REPORTS
from tests.browser.thread.awarding import pay
from tests.browser.thread.cast import LEAD, Cast
from tests.browser.thread.person import Person

PROJECT = "PRJ-2024-0001"
REPORT_LABELS = {
    "R-M6": "Point d'étape – M6",
    "R-M12": "Rapport intermédiaire (indicateurs et dépenses) – M12",
    "R-M18": "Point d'étape – M18",
    "R-M24": "Rapport final, compte rendu financier, évaluation – M24",
}


def open_project(person: Person, tab: str = "") -> None:
    """Go to the project from the agency's list (of all projects, over or not), then to one of its pages."""
    person.open("/agence/projets")
    person.choose("Projets", "Tous")
    person.press("Filtrer")
    person.follow(PROJECT, exact=False)
    if tab:
        person.follow(tab, within=person.page.locator(".aap-subnav").first)


def open_board(lead: Person) -> None:
    """Go to the lead's own page of the project."""
    lead.open("/dossiers")
    lead.follow("Mes projets financés")
    lead.follow("Téléconsultation assistée et téléexpertise gériatrique", exact=False)


def complete_plan(cast: Cast) -> None:
    """Add the eight indicators that the application did not propose; the project has started by itself."""
    officer = cast["instruction"]
    cast.site.at("2024-04-15T16:30")
    open_project(officer, "Plan d'évaluation")
    officer.sees("Indicateurs 8")
    told = {row["code"]: row for row in document()["indicators"]}
    officer.follow("Ajouter un indicateur")
    place = officer.page.url.removeprefix(cast.site.url)
    offered = set(officer.page.locator("select[name=code] option").evaluate_all("all => all.map(one => one.value)"))
    first, *others = [code for code in told if code in offered]
    officer.type(_goal(told[first]))
    officer.press("Suivre cet indicateur")
    officer.sees("est suivi. Le plan attend une nouvelle validation.")
    for code in others:
        officer.send(place, _goal(told[code]).items())
    officer.page.reload()
    officer.sees("Indicateurs 16")
    officer.follow("Modifier J3")
    officer.fill("Jalon", "Équipement et réseau des trois sites")
    officer.fill("Prévu le", "2024-06-30")
    officer.press("Enregistrer le jalon")
    officer.follow("Modifier ce texte")
    officer.fill("Méthode", document()["method"])
    officer.fill("Qui évalue dans le projet", document()["evaluators"][0]["label"])
    officer.press("Enregistrer")
    officer.shoot("34-plan")


def validate_plan(cast: Cast) -> None:
    """Validate the first version on 22 April 2024; the lead may then measure."""
    officer, lead = cast["instruction"], cast.lead()
    cast.site.at("2024-04-22T15:00")
    open_board(lead)
    lead.sees("Plan d'évaluation à valider.")
    open_project(officer, "Plan d'évaluation")
    officer.press("Valider le plan tel qu'il est")
    officer.sees("La version 1 du plan d'évaluation est validée.")
    assert "plan" in cast.site.last_mail(LEAD).text
    open_board(lead)
    lead.follow("Comité de lancement", exact=False)
    lead.fill("Ce qui le prouve", "Compte rendu")
    lead.press("Le jalon est atteint")
    lead.sees("Le jalon J1 est atteint.")
    cast.site.at("2024-08-02T18:00")
    open_board(lead)
    lead.follow("Équipement et réseau des trois sites", exact=False)
    lead.fill("Ce qui le prouve", "Procès-verbaux de recette")
    lead.fill("Commentaire", "Retard de livraison des points d'accès sur un site.")
    lead.press("Le jalon est atteint")
    lead.sees("Le jalon J3 est atteint.", "en retard")
    lead.shoot("35-projet-porteur")


def report_m6(cast: Cast) -> None:
    """Submit the first report; the plan gets its second version on the day of its validation."""
    _submit(cast, "R-M6", "M6")
    officer = cast["instruction"]
    cast.site.at("2024-11-08T11:00")
    open_project(officer, "Plan d'évaluation")
    officer.follow("Passages aux urgences", exact=False)
    officer.page.get_by_text("Changer le départ ou la cible").first.click()
    officer.fill("Période de la valeur de départ", "2023")
    officer.press("Enregistrer la cible")
    open_project(officer, "Plan d'évaluation")
    officer.fill("Ce qui change et pourquoi", document()["plan_history"][1]["reason"])
    officer.press("Valider le plan tel qu'il est")
    officer.sees("La version 2 du plan d'évaluation est validée.")
    _validate(cast, "instruction", "R-M6", "2024-11-08")


def report_m12(cast: Cast) -> None:
    """Submit the interim report, have it returned with a remark, submit it again; the second instalment unlocks."""
    row = _report("R-M12")
    _submit(cast, "R-M12", "M12")
    officer, lead = cast["instruction"], cast.lead()
    cast.site.at(f"{row['returned']}T10:30")
    _open_report(officer, "R-M12")
    officer.fill("Ce qu'il faut compléter", row["remark"])
    officer.press("Renvoyer avec cette remarque")
    assert row["remark"] in cast.site.last_mail(LEAD).text
    cast.site.at(f"{row['resubmitted']}T14:45")
    open_board(lead)
    lead.follow(REPORT_LABELS["R-M12"])
    lead.sees(row["remark"])
    lead.press("Transmettre à l'agence")
    lead.sees("est transmis à l'agence.")
    _validate(cast, "instruction", "R-M12", row["validated"])
    pay(cast, 2, "2025-06-06", "33 750 €")


def report_m18(cast: Cast) -> None:
    """Submit the third report; the department's correspondent validates it."""
    _submit(cast, "R-M18", "M18")
    _validate(cast, "dd77", "R-M18", _report("R-M18")["validated"])


def take_notes(cast: Cast) -> None:
    """Write what the figures do not say."""
    lead, told = cast.lead(), document()["qualitative"]
    adapted = told["adaptations"][0]
    cast.site.at("2026-05-20T17:40")
    open_board(lead)
    lead.follow("Ajouter une note")
    for kind, text, month in (
        ("Ce qu'il a fallu adapter", adapted["text"], str(adapted["month"])),
        ("Ce qui a aidé", told["levers"][0], ""),
        ("Ce qui a freiné", told["barriers"][0], ""),
    ):
        lead.choose("De quoi s'agit-il ?", kind)
        lead.fill("Mois du projet", month)
        lead.page.locator("textarea[name=text]").fill(text)
        lead.press("Ajouter la note")
        lead.sees(text)


def report_m24(cast: Cast) -> None:
    """Submit the final report with the real expense of each line: 14 targets of 16, 134,09 € per act."""
    _submit(cast, "R-M24", "M24")
    _validate(cast, "instruction", "R-M24", _report("R-M24")["validated"])
    officer = cast["instruction"]
    open_project(officer, "Indicateurs et coûts")
    officer.sees("14", "sur 16", "134,09 €", "238,02 €", "158 900 €", "1 185")
    officer.shoot("37-indicateurs")
    open_board(cast.lead())
    cast.lead().sees("Cibles atteintes 14 sur 16")
    cast.lead().shoot("38-projet-porteur")


def settle(cast: Cast) -> None:
    """Compute the balance at the exact rate of the contract: 7 724,95 €."""
    finance = cast["finances"]
    cast.site.at("2026-06-15T10:00")
    finance.open("/agence/projets")
    finance.follow(PROJECT, exact=False)
    finance.follow("Convention, avenants et paiements")
    finance.follow("Calculer le solde")
    finance.fill("Dépense réelle totale", "158 900")
    finance.press("Calculer le solde")
    finance.sees("Le solde est calculé au prorata.", "7 724,95 €")
    finance.shoot("39-solde")


def conclude(cast: Cast) -> None:
    """Answer Q1 to Q3, recommend, then record what the steering committee decided; pay the balance."""
    officer, told = cast["instruction"], document()["conclusion"]
    cast.site.at("2026-06-18T15:00")
    open_project(officer, "Conclusion et suites")
    officer.sees("108 974,95 €", "101 250 €", "7 724,95 €")
    values: dict[str, Any] = {"recommendation": told["recommendation"]}
    for row in told["grid"]:
        values |= {row["id"]: row["verdict"], f"{row['id']}_text": row["text"]}
    officer.type(values)
    officer.shoot("40-appreciations")
    officer.press("Enregistrer les appréciations")
    decision = told["decision"]
    cast.site.at(f"{decision['at']}T16:00")
    open_project(officer, "Conclusion et suites")
    officer.type({"body": decision["body"], "decided_on": str(decision["at"]), "outcome": decision["outcome"]})
    officer.page.locator("textarea[name=text]").fill(decision["text"])
    officer.press("Enregistrer la décision")
    officer.sees("COPIL", decision["text"], "Atteint", "Partiellement atteint", "Atteint sous conditions")
    officer.shoot("41-suites")
    pay(cast, 3, "2026-07-03", "7 724,95 €")
    finance = cast["finances"]
    open_project(finance, "Conclusion et suites")
    finance.press("Clore le projet, solde payé")
    finance.sees("Soldé")


def _goal(row: dict[str, Any]) -> dict[str, str]:
    """Return an indicator of the document as its form takes it; the first version has an old period for one."""
    return {
        "code": row["code"],
        "baseline": _number(row["baseline"]["value"]),
        "baseline_period": "2022" if row["code"] == "TRA-URG" else row["baseline"]["period"],
        "target": _number(row["target"]["value"]),
        "target_on": str(row["target"]["at"]),
    }


def _submit(cast: Cast, key: str, period: str) -> None:
    """Fill and submit a report: measures, expenses and texts, as people read their labels in the first one."""
    lead, row = cast.lead(), _report(key)
    cast.site.at(f"{row['submitted']}T16:20")
    open_board(lead)
    lead.follow(REPORT_LABELS[key])
    values: dict[str, str] = {}
    for indicator in document()["indicators"]:
        for measure in () if indicator.get("computed") else indicator["measures"]:
            if measure["at"] == period:
                values[f"m-{indicator['code']}"] = _number(measure["value"])
                if "n" in measure:
                    values[f"n-{indicator['code']}"] = str(measure["n"])
    finance = document()["finance"]
    if period in finance["spent_at"]:
        values["spent_eur"] = _number(finance["spent_at"][period])
    if period == "M24":
        values |= {f"line-{line['id']}": _number(line["actual"]) for line in finance["actual_lines"]}
    if period == "M6":
        lead.fill("Téléconsultations assistées réalisées", values.pop("m-ACT-TLC"))
        lead.fill("Ce qui a avancé", "Trois sites équipés")
        lead.press("Enregistrer le brouillon")
        lead.sees("Le rapport est enregistré. Il n'est pas encore transmis à l'agence.")
    lead.type(values | dict(zip(("highlights", "difficulties", "next_steps"), REPORTS[key], strict=True)))
    lead.shoot(f"36-rapport-{period}")
    lead.press("Transmettre à l'agence")
    lead.sees("est transmis à l'agence.")


def _validate(cast: Cast, name: str, key: str, day: str) -> None:
    person = cast[name]
    cast.site.at(f"{day}T17:00")
    _open_report(person, key)
    person.press("Valider le rapport et ses mesures")
    person.sees("Validé")
    assert REPORT_LABELS[key].partition(" – ")[0] in cast.site.last_mail(LEAD).text


def _open_report(person: Person, key: str) -> None:
    open_project(person)
    person.follow(REPORT_LABELS[key])


def _report(key: str) -> dict[str, Any]:
    return next(row for row in document()["reports"] if row["id"] == key)


def _number(value: Decimal | int | None) -> str:
    return "" if value is None else f"{Decimal(value):f}".replace(".", ",")
