"""The invented people and structures: right keys, unique names, every role that the trade needs."""

from __future__ import annotations

from collections import Counter

from stdnum.fr import siret

from aap.accounts.models import RoleName
from aap.accounts.queries import DEMONSTRATION_DOMAIN
from aap.demonstration.accounts import ACCOUNTS, AGENCY, JURORS, LEADS, PASSWORD
from aap.demonstration.examples import read_tree
from aap.demonstration.structures import STRUCTURES, finess_of, luhn_keyed
from aap.forms.fields.identifiers import finess_key_is_right


def test_numbers_have_their_keys() -> None:
    assert all(siret.is_valid(structure.siret) for structure in STRUCTURES)
    assert all(finess_key_is_right(structure.finess) for structure in STRUCTURES if structure.finess)


def test_the_key_is_that_of_a_known_number() -> None:
    assert luhn_keyed("99977101") == "999771017"
    assert luhn_keyed("9997710170001") == "99977101700012"
    assert finess_of("77", 1) == "770999019"


def test_numbers_names_and_addresses_are_given_once() -> None:
    for given in (
        [structure.siret for structure in STRUCTURES],
        [structure.name for structure in STRUCTURES],
        [account.email for account in ACCOUNTS],
        [(account.given_name, account.family_name) for account in ACCOUNTS],
    ):
        assert [value for value, times in Counter(given).items() if times > 1] == []


def test_every_structure_says_that_it_is_fictional_and_has_its_lead() -> None:
    assert all("fictif" in structure.name or "fictive" in structure.name for structure in STRUCTURES)
    assert {account.structure for account in LEADS} == {structure.key for structure in STRUCTURES}


def test_every_address_leads_nowhere_and_the_password_is_long() -> None:
    assert all(account.email.endswith(DEMONSTRATION_DOMAIN) for account in ACCOUNTS)
    assert len(PASSWORD) >= 12


def test_every_role_is_held_and_each_department_has_its_correspondent() -> None:
    assert {account.role for account in AGENCY} == set(RoleName)
    departments = [account.department for account in AGENCY if account.role is RoleName.DD]
    assert sorted(filter(None, departments)) == ["75", "77", "78", "91", "92", "93", "94", "95"]
    assert sum("hors agence" in account.job_title for account in AGENCY if account.role is RoleName.REVIEWER) == 1


def test_the_jury_fills_the_seats_of_the_call() -> None:
    seats = [row["seats"] for row in read_tree("call.yaml")["call"]["selection"]["jury"]["composition"]]
    assert [Counter(college for _, college in JURORS)[place] for place in range(len(seats))] == seats
