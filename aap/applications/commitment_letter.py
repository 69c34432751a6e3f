"""The commitment letter of a partner: its canonical text, and the hash of what it commits to."""

from __future__ import annotations

import hashlib
import json
import unicodedata

from aap import french
from aap.applications.models import Application, Partner
from aap.applications.written import written_rows
from aap.referentials.queries import get_region
from aap.referentials.vocabularies import label


def letter_of(application: Application, partner: Partner) -> str:
    """Return the canonical text of a partner's letter: composed (NFC), lines ended by a line feed alone."""
    call, rows = application.call_version.call, written_rows(application)
    agency = get_region(application.region_code).agency_name
    brings = _money_words(application, partner)
    lines = [
        "LETTRE D'ENGAGEMENT",
        "",
        f"Partenaire : {partner.name.strip()}",
        f"Catégorie : {_category(partner)}",
        f"Porteur du projet : {rows.applicant_name.strip()}",
        f"Projet : {rows.label.strip()}",
        f"Appel à projets : {call.title} ({call.ref}), {agency}",
        "",
        (
            "La structure partenaire nommée ci-dessus déclare avoir pris connaissance du projet et s'engage, "
            "s'il est retenu, à y prendre la part suivante :"
        ),
        "",
        partner.role.strip() or "Part non précisée.",
        "",
        *([f"Elle apporte au financement du projet : {brings}.", ""] if brings else []),
        "Cet engagement vaut pour la durée du projet. Il est donné sous réserve de la décision de l'agence.",
    ]
    text = unicodedata.normalize("NFC", "\n".join(lines)).replace("\r\n", "\n").replace("\r", "\n")
    return text + "\n"


def sha256_of(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def commitment_sha256(application: Application, partner: Partner) -> str:
    """Return the hash of a commitment: who, for whom, which part, which money. The project's title is no part of it."""
    facts = {
        "applicant": written_rows(application).applicant_name.strip(),
        "partner": partner.name.strip(),
        "category": partner.category,
        "role": partner.role.strip(),
        "money": _money_words(application, partner),
    }
    return sha256_of(json.dumps(facts, sort_keys=True, ensure_ascii=False))


def name_in(letter: str) -> str:
    """Return the partner's name that a letter bears, for a partner who left."""
    line = next((line for line in letter.splitlines() if line.startswith("Partenaire : ")), "")
    return line.removeprefix("Partenaire : ")


def _category(partner: Partner) -> str:
    return label("partner_categories", partner.category) if partner.category else "non précisée"


def _money_words(application: Application, partner: Partner) -> str:
    """Word what the budget says this partner brings: the incomes that bear its name."""
    mine = [
        row
        for row in written_rows(application).funders
        if row.name.strip().casefold() == partner.name.strip().casefold()
    ]
    return " et ".join(french.euros(row.amount_eur) for row in mine if row.amount_eur)
