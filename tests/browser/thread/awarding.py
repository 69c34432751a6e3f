"""Stage 5: the director decides, the officer notifies and lifts the reservations, finance signs the contract."""

from __future__ import annotations

from typing import Any

from aap.demonstration.case.application import document
from aap.demonstration.case.award import EVIDENCE, NURSE_LINE
from tests.browser.thread.cast import LEAD, Cast
from tests.browser.thread.filing import TITLE
from tests.browser.thread.instructing import open_file
from tests.browser.thread.person import plain
from tests.unit.documents.reading import read

OTHERS = ("80,00", "74,00", "76,00", "Attestation de conformité manquante.", "J1", "J2", "J3")
LETTER = "Courrier de notification"


def decide(cast: Cast) -> None:
    """Decide on 31 January: what the jury advises, with two reservations and their deadline."""
    director, told = cast["direction"], _told()
    cast.site.at("2024-01-31T12:00")
    open_file(director, "Décision")
    director.sees("Favorable sous réserve", "112 500 €")
    director.follow("Prendre la décision")
    assert plain(director.page.get_by_label("Montant accordé").input_value()) == "112 500"
    for number, row in enumerate(told["reservations"], start=1):
        if number > 1:
            director.page.get_by_role("button", name="Ajouter une réserve").press("Enter")
        director.fill(f"Réserve, réserve {number}", row["text"])
        director.fill(f"À lever avant le, réserve {number}", str(row["deadline"]))
    director.shoot("27-decider")
    director.press("Relire la décision")
    director.sees("Rien n’est encore enregistré", "112 500 € sur 120 000 € demandés")
    director.shoot("27-relire-la-decision")
    director.press("Enregistrer la décision")
    director.sees("La décision est enregistrée. Il reste à la notifier.", "112 500 € sur 120 000 € demandés")
    director.sees("le porteur ne voit rien de cette page")
    director.shoot("28-decision")
    lead = cast.lead()
    lead.open("/dossiers")
    lead.follow(TITLE, exact=False)
    lead.misses("112 500", "Favorable")


def notify(cast: Cast) -> None:
    """Notify on 7 February; the lead reads the letter, with the file's own marks and nothing of the jurors'."""
    officer, lead = cast["instruction"], cast.lead()
    cast.site.at("2024-02-07T09:00")
    open_file(officer, "Décision")
    officer.follow("Relire le courrier et notifier")
    officer.sees("76,67 / 100", LEAD)
    officer.shoot("29-notifier")
    officer.press("Notifier la décision")
    officer.sees("La décision est notifiée.")
    assert "décision" in cast.site.last_mail(LEAD).text
    lead.open("/dossiers")
    lead.follow(TITLE, exact=False)
    lead.follow("Décision", exact=False, within=lead.page.locator("main"))
    lead.sees("112 500 €", "demandé : 120 000 €", "76,67 sur 100", "8 mars 2024")
    lead.misses(*OTHERS)
    lead.shoot("30-decision-porteur")
    name, content = lead.download(LETTER)
    assert name.endswith(".pdf")
    text = plain(read(content).document.text)
    assert "112 500 €" in text
    assert "76,67" in text
    assert not [one for one in OTHERS if one in text]


def lift(cast: Cast) -> None:
    """Lift the two reservations on their days, each on its evidence."""
    officer = cast["instruction"]
    for row in _told()["reservations"]:
        cast.site.at(f"{row['lifted_at']}T10:00")
        open_file(officer, "Décision")
        officer.follow(f"Lever la réserve {row['id']}")
        officer.sees(row["text"])
        officer.fill("Pièce ou constat qui lève la réserve", EVIDENCE[row["id"]])
        officer.press("Lever la réserve")
        officer.sees(f"La réserve {row['id']} est levée.", EVIDENCE[row["id"]])


def contract(cast: Cast) -> None:
    """Sign on 27 March: the form chosen by rule, the revised plan; three instalments follow."""
    finance, told = cast["finances"], document()
    cast.site.at("2024-03-27T14:00")
    open_file(finance, "Décision")
    finance.follow("Préparer la convention")
    finance.sees("Avenant au contrat pluriannuel", "112 500 €")
    finance.fill("Numéro de la convention", told["contract"]["number"])
    finance.fill("Date de signature", "2024-03-27")
    finance.fill("Début du projet", told["project"]["start"])
    finance.fill("Fin du projet", told["project"]["end"])
    finance.press("Enregistrer la convention signée")
    finance.sees("à corriger")  # the shares still make what was asked
    incomes = {f"funders-{row['id']}-amount_eur": str(row["amount"]) for row in told["decision"]["revised_income"]}
    finance.type({f"lines-{NURSE_LINE}-granted_share_eur": "47700", **incomes})
    finance.shoot("31-convention")
    finance.press("Enregistrer la convention signée")
    finance.sees(
        "La convention est signée : projet PRJ-2024-0001",
        "68,58 %",
        "31 décembre 2027",
        "Avenant au contrat pluriannuel",
    )
    finance.sees("67 500 €", "33 750 €", "11 250 €", "164 040 €")
    finance.shoot("32-versements")


def pay_first(cast: Cast) -> None:
    """Pay the first instalment on 19 April 2024."""
    pay(cast, 1, "2024-04-19", "67 500 €")


def pay(cast: Cast, rank: int, day: str, amount: str) -> None:
    """Pay what is due, from the list of payments."""
    finance = cast["finances"]
    cast.site.at(f"{day}T11:15")
    finance.open("/agence/versements")
    finance.sees(f"{rank}. ", amount)
    finance.follow("Payer PRJ-2024-0001")
    finance.sees(amount)
    finance.shoot(f"33-payer-{rank}")
    finance.press("Enregistrer le paiement")
    finance.sees("Le paiement est enregistré et le porteur prévenu.", amount)


def _told() -> dict[str, Any]:
    found: dict[str, Any] = document()["decision"]
    return found
