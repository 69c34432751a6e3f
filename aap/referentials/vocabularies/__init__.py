"""Controlled vocabularies: every code of a document or a row has its French words here.

``label("act_types", "teleexpertise")`` gives the words; ``resolve_ref("referentials.specialties")`` the whole list,
as call documents cite it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from aap.errors import InvalidError
from aap.referentials.vocabularies import actors, capitalisation, care, digital, evaluation, funding, process
from aap.referentials.vocabularies.terms import Term, Vocabulary, readable

__all__ = [
    "VOCABULARIES",
    "Term",
    "Vocabulary",
    "known_label",
    "label",
    "labels",
    "readable",
    "resolve_ref",
    "vocabulary",
]

_PREFIX = "referentials."

VOCABULARIES: Mapping[str, Vocabulary] = MappingProxyType(
    {
        listing.name: listing
        for module in (actors, care, digital, funding, process, evaluation, capitalisation)
        for listing in vars(module).values()
        if isinstance(listing, Vocabulary)
    }
)


def vocabulary(name: str) -> Vocabulary:
    """Return a vocabulary by its name. A wrong name is a mistake of ours: ``KeyError``."""
    return VOCABULARIES[name]


def label(name: str, code: str) -> str:
    """Return the French label of a code; a code the list does not know is made readable."""
    return VOCABULARIES[name].label(code)


def labels(name: str, codes: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Return the labels of several codes, in the given order."""
    return tuple(VOCABULARIES[name].label(code) for code in codes)


def known_label(code: str) -> str:
    """Return the label of a code whose list is not named (the bare ``options`` of a call document).

    The first vocabulary that knows it answers; a code none knows is made readable.
    """
    return next((listing.label(code) for listing in VOCABULARIES.values() if code in listing), readable(code))


def resolve_ref(ref: str) -> Vocabulary:
    """Return the vocabulary a call document cites, such as ``referentials.specialties``.

    Raises:
        InvalidError: the reference names no vocabulary.

    """
    found = VOCABULARIES.get(ref.removeprefix(_PREFIX)) if ref.startswith(_PREFIX) else None
    if found is None:
        raise InvalidError.on(ref, f"« {ref} » ne correspond à aucun référentiel.", code="referentiel-inconnu")
    return found
