"""Addresses and searchable text."""

from __future__ import annotations

import pytest

from aap.capitalisation.sections import SECTIONS, read_section, with_section
from aap.capitalisation.text import SLUG_LENGTH, plain, slug_of


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Téléconsultation en EHPAD : l'œil", "teleconsultation-en-ehpad-l-oeil"),
        ("  --  ", "fiche"),
        ("日本", "fiche"),
        ("Ça va, n° 2 ?", "ca-va-n-2"),
    ],
)
def test_an_address_is_made_of_plain_words(title: str, slug: str) -> None:
    assert slug_of(title) == slug


def test_a_long_title_gives_a_bounded_address() -> None:
    assert len(slug_of("mot " * 200)) <= SLUG_LENGTH
    assert not slug_of("mot " * 200).endswith("-")


def test_curly_and_straight_apostrophes_search_alike() -> None:
    assert plain("L’Été") == plain("l'ete")


def test_writing_a_section_leaves_the_others() -> None:
    document = {"dimensions": {"organisation": 1, "numerique": 2}, "context": "a"}
    section = next(section for section in SECTIONS if section.key == "numerique")
    changed = with_section(document, section, 3)
    assert changed == {"dimensions": {"organisation": 1, "numerique": 3}, "context": "a"}
    assert document["dimensions"] == {"organisation": 1, "numerique": 2}
    assert read_section(changed, section) == 3
