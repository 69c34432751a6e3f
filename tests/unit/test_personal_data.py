"""Social security numbers are recognised by their shape and their key, Corsica included; nothing else is."""

from __future__ import annotations

import pytest

from aap.personal_data import holds_nir


def nir(body: str) -> str:
    """Return an invented number with its key."""
    number = int(body.replace("2A", "19").replace("2B", "18"))
    return f"{body}{97 - number % 97:02d}"


@pytest.mark.parametrize("body", ["2690549588157", "185052A004002", "299122B033004", "1550699123045"])
def test_a_number_with_its_key_is_recognised(body: str) -> None:
    number = nir(body)
    spaced = f"{number[0]} {number[1:3]} {number[3:5]} {number[5:7]} {number[7:10]} {number[10:13]} {number[13:]}"
    for text in (number, f"Patient no {spaced}.", spaced.replace(" ", "\u202f"), spaced.lower()):
        assert holds_nir(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "999 771 017 00012",  # a SIRET
        "FR76 3000 6000 0112 3456 7890 189",
        "06 12 34 56 78",
        "164 040,00 € et 120 000,00 €",
        "269054958815781",  # the key is 80
        nir("2691749588157"),  # there is no such month
        f"x{nir('2690549588157')}",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert not holds_nir(text)
