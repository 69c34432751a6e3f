"""The rules of the sheets, one ``check_*`` each, raising one named error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from aap.capitalisation.body import Body
from aap.capitalisation.grid import BINDING_FAMILIES, REVIEW_GRID
from aap.capitalisation.models import GridAnswer, ReviewOutcome, Sheet, SheetKind, SheetReview
from aap.capitalisation.states import EDITABLE
from aap.errors import ConflictError, InvalidError, Problem, StaleError

LONGEST_TITLE = 400


def check_editable(sheet: Sheet) -> None:
    """Refuse to write in a sheet that is being read, validated or shown."""
    if sheet.state not in EDITABLE:
        raise ConflictError("Cette fiche est en relecture ou validée : elle ne se modifie plus.", code="fiche-figee")


def check_section_seen(sheet: Sheet, section: str, seen: int, *, yours: object, theirs: object) -> None:
    """Refuse to write over a section that somebody else saved since the page was opened; carry both texts."""
    if sheet.section_versions.get(section, 0) != seen:
        message = "Quelqu'un d'autre a enregistré cette partie entre-temps. Relisez avant de recommencer."
        raise StaleError(message, yours=yours, theirs=theirs)


def check_title(title: str) -> str:
    """Return the title without its outer spaces; refuse an empty or endless one."""
    kept = " ".join(title.split())
    if not kept:
        raise InvalidError.on("title", "Donnez un titre à la fiche.", code="titre-vide")
    if len(kept) > LONGEST_TITLE:
        raise InvalidError.on("title", f"Le titre a {LONGEST_TITLE} caractères au plus.", code="titre-long")
    return kept


def check_complete(sheet: Sheet, body: Body, figures: int) -> None:
    """Ask for the three parts of a sheet before a review: summary, identity card, text, failures included."""
    wanted: list[tuple[str, object, str]] = [
        ("title", sheet.title, "Donnez un titre à la fiche."),
        ("hook", sheet.hook, "Écrivez l'accroche."),
        ("summary", sheet.summary, "Écrivez le résumé."),
    ]
    if sheet.kind is SheetKind.CAPITALISATION:
        parts = [getattr(body.dimensions, name) for name in type(body.dimensions).model_fields]
        wanted += [
            ("metadata", body.metadata.departements, "Indiquez au moins un département."),
            ("metadata", body.metadata.act_types, "Indiquez au moins un type d'acte."),
            ("metadata", body.metadata.target_publics, "Indiquez au moins un public."),
            ("identity-card", body.identity_card.lead, "Indiquez le porteur dans la carte d'identité."),
            ("context", body.context, "Écrivez le contexte."),
            ("objectives", body.objectives, "Écrivez au moins un objectif."),
            ("steps", body.steps, "Décrivez au moins une étape."),
            ("organisation", any(p.what_was_done for p in parts), "Décrivez au moins une dimension."),
            ("organisation", any(p.what_did_not for p in parts), "Écrivez aussi ce qui n'a pas marché."),
            ("results-limits", body.results_limits or not figures, "Écrivez les limites des résultats."),
            ("transferability", body.transferability.conditions, "Écrivez les conditions de transférabilité."),
        ]
    problems = tuple(Problem(place, message) for place, content, message in wanted if not content)
    if problems:
        raise InvalidError("La fiche n'est pas complète.", problems, code="fiche-incomplete")


def check_grid(answers: Mapping[str, tuple[GridAnswer, str]], outcome: ReviewOutcome) -> None:
    """Ask for an answer to every point; refuse a favourable review with a "no" in a binding family."""
    known = {point.key for point in REVIEW_GRID}
    problems = [Problem(key, "Ce point n'est pas dans la grille.") for key in answers if key not in known]
    problems += [
        Problem(point.key, f"Répondez au point {point.key}.") for point in REVIEW_GRID if point.key not in answers
    ]
    if outcome is ReviewOutcome.OK and not problems:
        problems = [
            Problem(point.key, f"{point.key} est à « non » : demandez des corrections.")
            for point in REVIEW_GRID
            if point.family in BINDING_FAMILIES and answers[point.key][0] is GridAnswer.NO
        ]
    if problems:
        raise InvalidError("La grille de relecture est à revoir.", tuple(problems), code="grille-incomplete")


def check_note(outcome: ReviewOutcome, note: str) -> str:
    """Return the note; ask for one with requested changes."""
    kept = note.strip()
    if outcome is ReviewOutcome.CHANGES_REQUESTED and not kept:
        raise InvalidError.on("note", "Dites quelles corrections sont demandées.", code="note-manquante")
    return kept


def check_reviewed(reviews: Iterable[SheetReview], version: int) -> None:
    """Ask for a favourable review of this very version before the lead validates it."""
    if not any(review.version == version and review.outcome is ReviewOutcome.OK for review in reviews):
        raise ConflictError("Aucun relecteur n'a encore donné son accord sur cette version.", code="sans-relecture")


def check_figures_bound(unbound: Sequence[str]) -> None:
    """Refuse to publish a figure of a project that no validated measure carries."""
    if unbound:
        problems = tuple(Problem("figures", f"« {label} » n'a pas de mesure validée.") for label in unbound)
        raise InvalidError("Des chiffres n'ont pas de mesure validée.", problems, code="chiffre-sans-mesure")


def check_comparison_anonymous(body: Body) -> None:
    """Ask that solutions be letters or numbers: a sheet puts no brand forward."""
    named = [name for name in body.technical_comparison.solutions if len(name) > 2]
    if named:
        message = "Désignez les solutions par une lettre : la fiche ne cite pas de marque."
        raise InvalidError.on("technical-comparison", message, code="marque-citee")


def check_own_figure(value: Decimal | None, *, bound: bool) -> None:
    """Refuse a typed value on a figure that reads its measure."""
    if bound and value is not None:
        raise InvalidError.on("figures", "Ce chiffre est lu dans les mesures du projet.", code="chiffre-lie")
