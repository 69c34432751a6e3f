"""What an application of the living instance says: the answers to the form, drawn from a theme and a structure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from aap.demonstration.examples import read_tree
from aap.demonstration.living.budget import make_budget
from aap.demonstration.structures import BY_KEY, Structure

SITE_NAMES = ("Les Aulnes", "Belle-Vue", "Le Moulin", "La Source")
MONTHS = 24
SHARED = (
    "equity",
    "governance",
    "protocols",
    "treating_physician",
    "organisation",
    "training",
    "users_involved",
    "privacy",
    "billing",
    "sustainability",
    "evaluation_method",
    "milestones",
    "risks",
)


@dataclass(frozen=True, slots=True)
class Dossier:
    """One application to play: who applies with which theme, how far it goes and what the jury thinks of it."""

    who: str
    theme: str
    sites: int
    end: str
    level: str = "middle"
    outcome: str = ""
    project: str = ""
    reviews: str = ""
    why: str = ""
    annex: str = ""
    sections: int = 9
    pieces: bool = False

    @property
    def structure(self) -> Structure:
        """Who applies."""
        return BY_KEY[self.who]

    @property
    def strand(self) -> str:
        """The strand of its theme."""
        return str(themes()["themes"][self.theme]["strand"])

    def draw(self, salt: str = "") -> Random:
        """Return the dice of this application: the same at each load."""
        return Random(f"{self.who}/{self.theme}/{self.end}/{salt}")


def themes() -> dict[str, Any]:
    """Return the themes and what they share."""
    found: dict[str, Any] = read_tree("themes.yaml")
    return found


def list_dossiers(group: str) -> tuple[Dossier, ...]:
    """Return the applications of a group (a key of ``living.yaml``), in the order of their deposits."""
    return tuple(Dossier(**row) for row in read_tree("living.yaml")[group])


def write_answers(dossier: Dossier, starts_on: date) -> dict[str, Any]:
    """Return the answers to every field of the call's form."""
    rng, structure = dossier.draw(), dossier.structure
    shared, theme = themes(), themes()["themes"][dossier.theme]
    sites = _sites(rng, dossier, structure)
    population = sum(site["capacity"] for site in sites)
    words = {
        "name": structure.name,
        "place": shared["places"][dossier.who],
        "share": rng.randint(14, 36),
        "delay": rng.randint(38, 74),
        "visits": rng.randint(60, 190),
    }
    return {
        **{key: shared[key] for key in SHARED},
        **_applicant(structure),
        "title": theme["title"].format_map(words),
        "acronym": theme["acronym"],
        "duration_months": MONTHS,
        "start": starts_on.isoformat(),
        "abstract": _abstract(theme, words, dossier.sites, population),
        "need": theme["need"].format_map(words),
        "sites": sites,
        "target_publics": theme["publics"],
        "population": population,
        "act_types": theme["acts"],
        "specialties": theme["specialties"],
        "pathway": theme["pathway"].format_map(words),
        "staffing": _staffing(),
        "partners": _partners(rng, structure),
        "solution_status": rng.choice(("deja_deployee", "regionale_grades", "marche_a_passer")),
        "solutions": _solutions(structure),
        "compliance": _compliance(rng),
        "budget": make_budget(rng, dossier.sites, structure.zone, theme["equipment"]),
        "indicators": propose_indicators(rng, population),
        "sharing_commitment": True,
    }


def _applicant(structure: Structure) -> dict[str, Any]:
    return {
        "applicant_name": structure.name,
        "applicant_type": structure.kind,
        "siret": structure.siret,
        "finess": structure.finess,
        "has_cpom": structure.has_cpom,
        "signatory_is_legal": True,
        "legal_signatory_role": "Représentante ou représentant légal de la structure",
        "project_lead_role": "Responsable du projet de télésanté",
        "medical_lead_role": "Médecin responsable du projet médical",
    }


def _abstract(theme: Mapping[str, Any], words: Mapping[str, Any], sites: int, population: int) -> str:
    publics = theme["people"]
    return (
        f"{words['name']} organise avec ses partenaires, {words['place']}, un accès à distance aux soins pour "
        f"{population} {publics} sur {sites} sites. {theme['need'].format_map(words)} Le projet prévoit un "
        "accompagnement humain à chaque acte, un repli en présence écrit à l'avance et un financement par les actes "
        "après vingt-quatre mois."
    )


def _sites(rng: Random, dossier: Dossier, structure: Structure) -> list[dict[str, Any]]:
    return [
        {
            "name": f"{structure.site} {SITE_NAMES[number]} (fictif)",
            "commune": structure.commune,
            "departement": structure.department,
            "territory": structure.territory,
            "capacity": rng.randint(45, 120),
        }
        for number in range(dossier.sites)
    ]


def _staffing() -> list[dict[str, Any]]:
    return [
        {
            "profile": "Infirmière ou infirmier d'accompagnement",
            "fte": Decimal("0.5"),
            "months": MONTHS,
            "mission": "Accompagnement des actes, planification, formation",
        },
        {
            "profile": "Médecin coordonnateur",
            "fte": Decimal("0.05"),
            "months": MONTHS,
            "mission": "Protocoles et revue des situations",
        },
    ]


def _partners(rng: Random, structure: Structure) -> list[dict[str, Any]]:
    others = [row for row in themes()["partners"] if row["category"] != structure.kind]
    kept = others[: rng.randint(3, len(others))]
    return [{**row, "commitment_letter": True} for row in kept]


def _solutions(structure: Structure) -> list[dict[str, Any]]:
    return [
        {
            "label": "Plateforme de télésanté – solution A",
            "function": ["teleconsultation", "teleexpertise"],
            "status": "en_deploiement",
            "territory": structure.territory,
        }
    ]


def _compliance(rng: Random) -> dict[str, str]:
    answers = ("oui", "oui", "oui", "en_cours", "partiel")
    points = ("referentiel_teleconsultation", "ins", "mssante", "mon_espace_sante", "marquage_ce")
    return {"hebergement_donnees_sante": "oui", **{point: rng.choice(answers) for point in points}}


def propose_indicators(rng: Random, population: int) -> list[dict[str, Any]]:
    """Propose the indicators that the call makes mandatory, with plausible starting values and targets."""
    acts = population * rng.randint(3, 5)
    rows: tuple[tuple[str, Any, Any, str, str], ...] = (
        ("ACT-TLC", 0, acts, "Plateforme", "mensuelle"),
        ("ACT-TLE", 0, acts // 4, "Plateforme", "mensuelle"),
        ("PAT-PART", rng.randint(0, 6), rng.randint(50, 70), "Registre de site", "trimestrielle"),
        ("DEL-AVIS", rng.randint(40, 72), rng.randint(10, 24), "Registre des demandes", "trimestrielle"),
        ("SAT-PAT", None, 8, "Enquête", "annuelle"),
        ("SAT-PRO", None, Decimal("7.5"), "Enquête", "annuelle"),
        ("QUA-DMP", 0, 80, "Plateforme", "semestrielle"),
        ("COU-ACTE", None, rng.randint(120, 190), "Calculé", "annuelle"),
    )
    return [
        {"code": code, "baseline": baseline, "target": target, "source": source, "frequency": frequency}
        for code, baseline, target, source, frequency in rows
    ]
