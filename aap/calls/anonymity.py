"""What in a text would still tell who asked: names, addresses, telephone and registration numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator

_MAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[a-zA-Z]{2,}")
_PHONE = re.compile(r"(?:(?:\+|00)33[\s.-]?|\b0)[1-9](?:[\s.-]?\d{2}){4}\b")
_NUMBER = re.compile(r"\b\d(?:\s?\d){8,13}\b")
_WEB = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_SHORTEST = 4  # a name below four letters is found everywhere
_COMMON = frozenset(
    (
        *("association", "centre", "clinique", "fictif", "fictive", "groupe", "hopital", "hospitalier", "maison"),
        *("medical", "medicale", "reseau", "residence", "sante", "service", "soins", "ehpad", "public", "prive"),
        *("pole", "region", "regional", "departement", "departemental"),
    )
)


def traces(text: str, names: Collection[str]) -> tuple[str, ...]:
    """Return, in French, what still tells who asked: contact details, numbers, and any of ``names`` or of their words.

    A warning, not a proof: a person reads the text before it is published.
    """
    return tuple(dict.fromkeys(_traces(text, names)))


def _traces(text: str, names: Collection[str]) -> Iterator[str]:
    for found in _MAIL.findall(text):
        yield f"une adresse électronique : {found}"
    for found in _PHONE.findall(text):
        yield f"un numéro de téléphone : {found}"
    for found in _WEB.findall(text):
        yield f"une adresse de site : {found}"
    for found in _NUMBER.findall(_PHONE.sub(" ", text)):
        if len(re.sub(r"\s", "", found)) in {9, 14}:
            yield f"un numéro SIREN, SIRET ou FINESS : {found}"
    said = _plain(text)
    for name in names:
        if _holds(said, _plain(name)):
            yield f"un nom : {name}"
            continue
        for word in _plain(name).split():
            if len(word) >= _SHORTEST and word not in _COMMON and _holds(said, word):
                yield f"un mot de « {name} » : {word}"


def _holds(said: str, words: str) -> bool:
    return len(words) >= _SHORTEST and f" {words} " in f" {said} "


def _plain(text: str) -> str:
    """Return words without accents, case nor punctuation, one space between them."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[a-z0-9]+", letters))
