"""What calibration cannot tell from these marks, in sentences for whoever reads its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aap.scoring.design import Design


def zero_doubts(design: Design, merit: float, severity: float) -> tuple[str, ...]:
    """Say which variance is zero, where it could have been seen."""
    applications, jurors, components = design.sizes
    said = []
    if not merit and applications > components:
        said.append("Les écarts entre dossiers ne dépassent pas le hasard des notes : le calibrage les met à égalité.")
    if not severity and jurors > components:
        said.append("Aucun écart de sévérité ne dépasse le hasard des notes : le calibrage n'en corrige pas.")
    return tuple(said)


def structure_doubts(design: Design) -> tuple[str, ...]:
    """Say what the graph of who marked what does not allow."""
    applications, jurors, components = design.sizes
    said = []
    if components > 1:
        said.append(
            f"Les évaluations forment {components} ensembles sans évaluateur ni dossier commun : d'un ensemble à "
            "l'autre, la sévérité ne se distingue pas de la qualité. Le calibrage se fait à l'intérieur de chacun ; "
            "les écarts bruts entre ensembles sont gardés, en supposant la même sévérité moyenne partout."
        )
    if applications == 1:
        said.append("Il n'y a qu'un dossier : il n'y a rien à classer.")
    if jurors == 1:
        said.append("Il n'y a qu'un évaluateur : sa sévérité ne peut pas être mesurée.")
    elif components < jurors:
        once = int((design.juror_counts == 1).sum())
        if once:
            said.append(
                "Un évaluateur n'a noté qu'un dossier : sa sévérité est mal connue."
                if once == 1
                else f"{once} évaluateurs n'ont noté qu'un dossier : leur sévérité est mal connue."
            )
    return tuple(said)
