"""The sections of a sheet, in the order they are written: what each edits of the document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aap.errors import NotFoundError

HEAD = "head"  # title, hook and summary: columns, not part of the document
FIGURES = "figures"  # rows, not part of the document


@dataclass(frozen=True, slots=True)
class Section:
    """A section: its key in an address, its French name, and its place in the document."""

    key: str
    label: str
    path: tuple[str, ...]


SECTIONS = (
    Section("metadata", "Recherche et classement", ("metadata",)),
    Section("roadmap-links", "Actions de la feuille de route", ("roadmap_links",)),
    Section("identity-card", "Carte d'identité", ("identity_card",)),
    Section("context", "Contexte", ("context",)),
    Section("objectives", "Objectifs", ("objectives",)),
    Section("steps", "Étapes", ("steps",)),
    Section("organisation", "Organisation", ("dimensions", "organisation")),
    Section("projet-medical", "Projet médical", ("dimensions", "projet_medical")),
    Section("numerique", "Numérique", ("dimensions", "numerique")),
    Section("communication", "Communication", ("dimensions", "communication")),
    Section("facturation", "Facturation", ("dimensions", "facturation")),
    Section("ressources-humaines", "Ressources humaines", ("dimensions", "ressources_humaines")),
    Section("results-limits", "Limites des résultats", ("results_limits",)),
    Section("technical-comparison", "Comparaison des points techniques", ("technical_comparison",)),
    Section("success-factors", "Facteurs de réussite", ("success_factors",)),
    Section("barriers", "Freins", ("barriers",)),
    Section("transferability", "Transférabilité", ("transferability",)),
    Section("verbatims", "Paroles d'acteurs", ("verbatims",)),
    Section("toolbox", "Boîte à outils", ("toolbox",)),
)


def get_section(key: str) -> Section:
    """Return a section by its key.

    Raises:
        NotFoundError: no such section.

    """
    section = next((section for section in SECTIONS if section.key == key), None)
    if section is None:
        raise NotFoundError("Cette partie de la fiche n'existe pas.")
    return section


def read_section(document: dict[str, Any], section: Section) -> Any:
    """Return the content of a section in a document."""
    content: Any = document
    for step in section.path:
        content = content[step]
    return content


def with_section(document: dict[str, Any], section: Section, content: Any) -> dict[str, Any]:
    """Return a copy of the document where the section holds this content."""
    first, *rest = section.path
    if rest:
        return {**document, first: {**document[first], rest[0]: content}}
    return {**document, first: content}
