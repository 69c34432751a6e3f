"""What still tells who asked, in a question reworded for everybody."""

from __future__ import annotations

import pytest

from aap.calls.anonymity import traces

NAMES = ("Martin", "EHPAD Résidence du Val Fleuri (fictif)")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Écrire à direction@val-fleuri.invalid", "une adresse électronique : direction@val-fleuri.invalid"),
        ("Rappeler le 01 23 45 67 89", "un numéro de téléphone : 01 23 45 67 89"),
        ("Rappeler le +33 1 23 45 67 89", "un numéro de téléphone : +33 1 23 45 67 89"),
        ("Voir www.exemple.invalid/page", "une adresse de site : www.exemple.invalid/page"),
        ("Notre SIRET est 999 771 017 00012", "un numéro SIREN, SIRET ou FINESS : 999 771 017 00012"),
        ("La RESIDENCE DU VAL-FLEURI peut-elle", "un mot de « EHPAD Résidence du Val Fleuri (fictif) » : fleuri"),
        ("Mme MARTIN demande", "un nom : Martin"),
    ],
)
def test_contact_details_and_names_are_found(text: str, told: str) -> None:
    assert told in traces(text, NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "Un EHPAD public peut-il porter seul un projet de 120 000 € sur 24 mois ?",
        "Le plafond de 150 000,00 € s'entend-il toutes taxes comprises, avant le 6 novembre 2023 ?",
        "Une résidence autonomie est-elle admise ?",
    ],
)
def test_an_ordinary_question_is_left_alone(text: str) -> None:
    assert traces(text, NAMES) == ()
