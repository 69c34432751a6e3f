"""The document of a sheet: what is only shown and validated, typed section by section.

Amounts are euros; dates of steps are words ("M0–M2"). Nothing here names a person or a patient.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from aap.errors import InvalidError, Problem

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=12000)]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_.-]{1,80}$")]
Amount = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]
ComparisonAnswer = Literal["oui", "partiel", "non", "inconnu"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Metadata(_Part):
    """Search facets: codes of the vocabularies, and free keywords and territories."""

    departements: tuple[Code, ...] = ()
    territories: tuple[Line, ...] = ()
    zones: tuple[Code, ...] = ()
    settings: tuple[Code, ...] = ()
    target_publics: tuple[Code, ...] = ()
    pathways: tuple[Code, ...] = ()
    specialties: tuple[Code, ...] = ()
    act_types: tuple[Code, ...] = ()
    funding: tuple[Code, ...] = ()
    maturity: Code | Literal[""] = ""
    keywords: tuple[Line, ...] = ()


class RoadmapLink(_Part):
    """The action of the regional roadmap that the sheet serves."""

    axis: int = Field(ge=1)
    sheet: Code
    action: Code


class Period(_Part):
    """First and last month, ``YYYY-MM``."""

    start: str = Field(default="", pattern=r"^(\d{4}-\d{2})?$")
    end: str = Field(default="", pattern=r"^(\d{4}-\d{2})?$")


class IdentityCard(_Part):
    """Who, with whom, when, for whom, with what."""

    lead: Word = ""
    partners: tuple[Line, ...] = ()
    period: Period = Period()
    population: Word = ""
    staff: Word = ""
    budget_eur: Amount | None = None
    spent_eur: Amount | None = None
    ars_eur: Amount | None = None
    cofunders: tuple[Line, ...] = ()
    contact: Word = ""


class Step(_Part):
    """A step: its period in words, its name, what was done."""

    when: Word = ""
    title: Line
    text: Prose = ""


class Dimension(_Part):
    """One dimension of the roadmap: what was done, what worked, what did not, what to advise."""

    what_was_done: Prose = ""
    what_worked: tuple[Line, ...] = ()
    what_did_not: tuple[Line, ...] = ()
    advice: Prose = ""


class Dimensions(_Part):
    """The six dimensions of the roadmap."""

    organisation: Dimension = Dimension()
    projet_medical: Dimension = Dimension()
    numerique: Dimension = Dimension()
    communication: Dimension = Dimension()
    facturation: Dimension = Dimension()
    ressources_humaines: Dimension = Dimension()


class ComparisonRow(_Part):
    """One technical point, with an answer for each solution, by its letter."""

    group: Word = ""
    point: Line
    answers: dict[Code, ComparisonAnswer]


class TechnicalComparison(_Part):
    """Anonymous solutions compared point by point; nothing is ranked, no brand is written."""

    note: Prose = ""
    solutions: tuple[Code, ...] = ()
    rows: tuple[ComparisonRow, ...] = ()


class Transferability(_Part):
    """What another team needs, may change, cannot take over, and what it costs."""

    conditions: tuple[Line, ...] = ()
    adaptable: tuple[Line, ...] = ()
    not_transferable: tuple[Line, ...] = ()
    cost_to_replicate: Prose = ""


class Verbatim(_Part):
    """Words of a person, by function only."""

    role: Line
    text: Line


class Tool(_Part):
    """A tool of the toolbox: its type (vocabulary), label, file format, and the stored file when there is one."""

    type: Code
    label: Line
    format: Word = ""
    file_id: str | None = None


class Body(_Part):
    """The whole document. Every section may be empty in a draft; ``checks`` says what a review asks for."""

    metadata: Metadata = Metadata()
    roadmap_links: tuple[RoadmapLink, ...] = ()
    identity_card: IdentityCard = IdentityCard()
    context: Prose = ""
    objectives: tuple[Line, ...] = ()
    steps: tuple[Step, ...] = ()
    dimensions: Dimensions = Dimensions()
    results_limits: Prose = ""
    technical_comparison: TechnicalComparison = TechnicalComparison()
    success_factors: tuple[Line, ...] = ()
    barriers: tuple[Line, ...] = ()
    transferability: Transferability = Transferability()
    verbatims: tuple[Verbatim, ...] = ()
    toolbox: tuple[Tool, ...] = ()


def read_body(document: Any, place: str = "body") -> Body:
    """Read a document, with every fault found in French words.

    Raises:
        InvalidError: one problem for each wrong place, such as ``body.steps.0.title``.

    """
    try:
        body = Body.model_validate(document)
    except ValidationError as error:
        problems = tuple(
            Problem(".".join((place, *map(str, fault["loc"]))), _in_french(fault["type"], fault.get("ctx") or {}))
            for fault in error.errors()
        )
        raise InvalidError("Ce texte ne peut pas être enregistré tel quel.", problems, code="fiche-invalide") from error
    known = set(body.technical_comparison.solutions)
    for index, row in enumerate(body.technical_comparison.rows):
        if set(row.answers) != known:
            where = f"{place}.technical_comparison.rows.{index}.answers"
            raise InvalidError.on(where, f"« {row.point} » : donnez une réponse par solution.", code="comparaison")
    return body


def write_body(body: Body) -> dict[str, Any]:
    """Write the document as JSON values; amounts are texts."""
    return body.model_dump(mode="json")


_SENTENCES = {
    "missing": "Ce champ est obligatoire.",
    "extra_forbidden": "Ce champ n'existe pas dans la fiche.",
    "string_too_short": "Ce texte ne peut pas être vide.",
    "string_too_long": "Ce texte est trop long ({max_length} caractères au plus).",
    "string_pattern_mismatch": "Cette valeur n'a pas la forme attendue.",
    "decimal_parsing": "Écrivez un montant, par exemple 112500 ou 7724.95.",
    "decimal_max_places": "Un montant a deux décimales au plus.",
    "greater_than_equal": "Ce nombre est trop petit.",
    "literal_error": "Choisissez une valeur de la liste.",
}


def _in_french(kind: str, facts: dict[str, Any]) -> str:
    return _SENTENCES.get(kind, "Cette valeur n'est pas acceptée ici.").format_map(facts)
