"""Short sheets of projects that ended well: through the whole editorial circuit, with their measured figures."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from aap.awards.models import Project
from aap.capitalisation.grid import REVIEW_GRID
from aap.capitalisation.models import GridAnswer, ReviewOutcome, Sheet
from aap.capitalisation.sections import HEAD, get_section, read_section
from aap.capitalisation.service import (
    draft_sheet_from_project,
    edit_head,
    edit_section,
    publish_sheet,
    review_sheet,
    submit_sheet,
    validate_by_lead,
    validate_sheet,
)
from aap.clock import FixedClock
from aap.demonstration.accounts import People
from aap.demonstration.living.dossiers import Dossier, themes
from aap.demonstration.stage import at, on

DIMENSIONS = {
    "organisation": (
        "Une personne référente, un suppléant par site, un planning partagé.",
        "Un créneau court chaque jour plutôt qu'une longue plage par semaine",
        "Le recrutement a retardé le démarrage de deux mois",
        "Former le suppléant dès le premier mois.",
    ),
    "facturation": (
        "Règles écrites avec la CPAM avant le premier acte.",
        "La fiche d'une page par acte",
        "Les premiers actes de téléexpertise n'ont pas été facturés",
        "Relire ensemble la facturation du premier mois.",
    ),
}


def publish_short_sheet(clock: FixedClock, people: People, project: Project, dossier: Dossier, first: date) -> Sheet:
    """Draft the sheet of a project on ``first``, and publish it three weeks later."""
    writer, lead = people["redaction"], people.lead_of(dossier.who)
    with at(clock, on(first)) as now:
        sheet = draft_sheet_from_project(project, actor=writer, now=now)
        edit_head(
            sheet,
            title=project.title,
            hook="Ce que deux ans ont appris à l'équipe, chiffres à l'appui.",
            summary=project.application.abstract,
            seen=sheet.section_versions.get(HEAD, 0),
            actor=writer,
            now=now,
        )
        for key, content in _sections(sheet, dossier).items():
            edit_section(sheet, key, content, seen=sheet.section_versions.get(key, 0), actor=writer, now=now)
        submit_sheet(sheet, actor=writer, now=now)
    with at(clock, on(first + timedelta(days=10))) as now:
        answers = {point.key: (GridAnswer.YES, "") for point in REVIEW_GRID}
        review_sheet(sheet, answers, ReviewOutcome.OK, actor=people["relecture"], now=now)
    with at(clock, on(first + timedelta(days=14))) as now:
        validate_by_lead(sheet, actor=lead, now=now)
    with at(clock, on(first + timedelta(days=20))) as now:
        validate_sheet(sheet, actor=people["edition"], now=now)
        publish_sheet(sheet, actor=people["edition"], now=now)
    return sheet


def _sections(sheet: Sheet, dossier: Dossier) -> dict[str, Any]:
    """Return the sections that a review asks for, written from the theme."""
    theme = themes()["themes"][dossier.theme]
    metadata = dict(read_section(sheet.body, get_section("metadata")))
    metadata |= {"keywords": [theme["people"], "accompagnement", "repli en présence"]}
    card = {**read_section(sheet.body, get_section("identity-card")), "contact": "Boîte générique de la structure"}
    sections: dict[str, Any] = {
        "metadata": metadata,
        "identity-card": card,
        "objectives": ["Donner un avis en temps utile à chaque personne.", "Tenir sans le chef de projet."],
        "steps": [
            {"when": "M0–M3", "title": "Cadrer et équiper", "text": "Charte, recrutement, équipement des sites."},
            {"when": "M4–M12", "title": "Démarrer", "text": "Premiers actes sur un site, puis sur tous."},
            {"when": "M13–M24", "title": "Passer le relais", "text": "Organisation portée par les équipes."},
        ],
        "results-limits": "Comparaison avant et après, sans groupe témoin.",
        "success-factors": ["Un temps d'accompagnement dédié", "Des partenaires engagés par écrit"],
        "barriers": ["Recrutement", "Réseau d'un site"],
        "transferability": {
            "conditions": ["Un créneau médical garanti chaque jour ouvré", "Un temps d'accompagnement dédié"],
            "adaptable": ["Nombre de sites", "Spécialités"],
            "not_transferable": [],
            "cost_to_replicate": "De 12 000 à 16 000 € d'investissement par site.",
        },
    }
    for key, (done, worked, failed, advice) in DIMENSIONS.items():
        sections[key] = {"what_was_done": done, "what_worked": [worked], "what_did_not": [failed], "advice": advice}
    return sections
