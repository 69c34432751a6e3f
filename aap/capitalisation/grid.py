"""The review grid: ten points in three families, each answered yes, no, or not applicable."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GridPoint:
    """A point of the grid; ``family`` is a code of the vocabulary ``review_families``."""

    key: str
    family: str
    label: str


REVIEW_GRID = (
    GridPoint("G1", "principal", "Les trois parties (résumé, carte d'identité, texte) sont présentes"),
    GridPoint("G2", "principal", "Les métadonnées de recherche sont complètes"),
    GridPoint("G3", "principal", "Étapes, points saillants, compétences et outils sont décrits"),
    GridPoint("G4", "principal", "La parole des acteurs est restituée"),
    GridPoint("G5", "principal", "Ce qui n'a pas marché est écrit"),
    GridPoint("G6", "principal", "Les chiffres correspondent aux mesures validées du projet"),
    GridPoint(
        "G7", "ethique", "Aucune donnée de patient ni nom de personne ; effectifs de personnes trop petits masqués"
    ),
    GridPoint("G8", "ethique", "Aucune marque mise en avant ; liens d'intérêts déclarés"),
    GridPoint("G9", "secondaire", "Conditions de transférabilité explicites"),
    GridPoint("G10", "secondaire", "Participation des usagers décrite"),
)

# A sheet is not found good to publish while one of these families has a "no".
BINDING_FAMILIES = ("principal", "ethique")
