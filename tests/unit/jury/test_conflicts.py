from __future__ import annotations

import uuid

import pytest

from aap.jury.conflicts import FileTies, MemberTies, Party, find_conflicts, mail_domain, plain_name
from aap.jury.models import ConflictKind

MEMBER, FILE = uuid.uuid4(), uuid.uuid4()
APPLICANT = Party(
    "EHPAD Résidence du Val Fleuri (fictif)",
    organisation_id=uuid.uuid4(),
    siren="999777017",
    finess=frozenset({"770999019"}),
)
VAL_FLEURI = FileTies(
    application_id=FILE,
    applicant=APPLICANT,
    domains=frozenset({"valfleuri.exemple.invalid"}),
    partners=("Centre hospitalier de l'Est 77 (fictif)",),
    cofunders=("Conseil régional (exemple)",),
)


def kinds(*parties: Party, domain: str = "") -> set[ConflictKind]:
    return {found.kind for found in find_conflicts([MemberTies(MEMBER, domain, parties)], [VAL_FLEURI])}


def test_the_hospital_of_a_member_is_a_partner_of_the_file() -> None:
    assert kinds(Party("CENTRE HOSPITALIER DE L’EST 77")) == {ConflictKind.PARTNER}


def test_a_member_of_the_applicant_is_seen_by_organisation_siren_and_finess() -> None:
    assert kinds(APPLICANT) == {ConflictKind.ORGANISATION, ConflictKind.SIREN, ConflictKind.FINESS}


def test_two_sites_of_one_legal_person_share_their_siren() -> None:
    assert kinds(Party("Une autre résidence", siren="999777017")) == {ConflictKind.SIREN}


def test_a_cofunder_is_seen() -> None:
    assert kinds(Party("Conseil Régional")) == {ConflictKind.COFUNDER}


def test_a_mail_domain_is_seen_unless_everybody_has_it() -> None:
    assert kinds(domain=mail_domain("a@ValFleuri.exemple.invalid")) == {ConflictKind.MAIL_DOMAIN}
    assert mail_domain("someone@orange.fr") == ""


def test_strangers_have_no_link() -> None:
    assert kinds(Party("Union régionale", siren="111111111"), Party(""), domain="ailleurs.exemple.invalid") == set()


def test_missing_numbers_are_not_equal_numbers() -> None:
    bare = FileTies(FILE, Party("Association"), frozenset(), (), ())
    assert find_conflicts([MemberTies(MEMBER, "", (Party("Autre"),))], [bare]) == ()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Centre hospitalier de l'Est", "CENTRE HOSPITALIER EST"),
        ("Maison de santé du Plateau", "maison  de santé — plateau"),
        ("Hôpital Saint-Éloi (fictif)", "Hopital Saint Eloi"),
    ],
)
def test_names_are_compared_without_their_typography(left: str, right: str) -> None:
    assert plain_name(left) == plain_name(right)
