"""Stage 1: somebody reads the call, registers, confirms the address, signs in and opens a draft."""

from __future__ import annotations

import re

from aap.demonstration.accounts import PASSWORD
from tests.browser.thread.cast import LEAD, Cast

CALL = "AAP Télésanté – publics et territoires prioritaires 2023"


def register(cast: Cast) -> None:
    """Create an account from the public page of the call; nothing opens before the button of the confirmation."""
    site, lead = cast.site, cast.arriving("lead")
    site.at("2023-10-02T09:40")
    lead.open("/")
    lead.follow("Appels à projets")
    lead.sees("Ouvert", "encore 35 jours", "1 500 000 €")
    lead.follow(CALL, exact=False)
    lead.sees("lundi 6 novembre 2023 à 12 h", "jusqu'à 200 000 €", "12 à 24 mois", "EHPAD")
    lead.shoot("01-appel")
    lead.follow("Créer un compte")
    lead.fill("Prénom", "Camille")
    lead.fill("Nom", "Ostrevent")
    lead.fill("Fonction", "Cadre de santé, référente télésanté")
    lead.fill("Adresse électronique professionnelle", LEAD)
    lead.fill("Mot de passe", PASSWORD)
    lead.fill("Mot de passe, une seconde fois", PASSWORD)
    lead.shoot("02-inscription")
    lead.press("Créer mon compte")
    lead.sees("Nous venons de vous écrire")
    link = re.search(r"http\S+/confirmer/\S+", site.last_mail(LEAD).text)
    assert link is not None
    lead.open(link[0])
    lead.press("Confirmer mon adresse")
    lead.sees("Votre adresse est confirmée")


def start(cast: Cast) -> None:
    """Sign in, describe the organisation and open the draft of the application."""
    cast.site.at("2023-10-02T10:15")
    lead = cast.lead()
    lead.sign_in(LEAD, PASSWORD)
    lead.open("/appels")
    lead.follow(CALL, exact=False)
    lead.follow("Préparer ma candidature")
    lead.press("Commencer le dossier")
    lead.sees("Choisissez le volet auquel répond votre projet.")
    lead.tick("B – Personnes âgées")
    lead.fill("Raison sociale", "EHPAD Résidence du Val Fleuri (fictif)")
    lead.choose("Catégorie", "EHPAD")
    lead.fill("SIRET", "999 771 017 00012")
    lead.fill("FINESS, s'il existe", "770999019")
    lead.choose("Département", "77 – Seine-et-Marne")
    lead.shoot("03-depart")
    lead.press("Commencer le dossier")
    lead.sees("Votre brouillon est créé", "Non déposé", "0 sur 9")
