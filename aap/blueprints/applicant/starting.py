"""The form that starts a file: the strand, and the organisation that carries the project."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from werkzeug.datastructures import MultiDict

from aap.accounts.models import MembershipRole, Organisation, User
from aap.accounts.queries import list_organisations_of
from aap.accounts.service import OrganisationCard, create_organisation, join_organisation
from aap.blueprints.applicant.fields import said
from aap.calls.models import Call
from aap.calls.queries import current_version, load_document
from aap.errors import InvalidError, Problem
from aap.forms.entries import read_section
from aap.forms.fields import field_type
from aap.forms.spec import FieldSpec, Option, SectionSpec
from aap.french import euros
from aap.referentials.queries import list_departments
from aap.referentials.vocabularies import label

NEW = "nouvelle"


@dataclass(frozen=True, slots=True)
class StartForm:
    """What the page shows: choices, what was typed, errors by input."""

    strands: tuple[tuple[str, str, str], ...]
    organisations: tuple[tuple[str, str, str], ...]
    card: SectionSpec
    texts: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def blank(cls, call: Call, person: User) -> StartForm:
        """Build the form before anything is typed; a single choice is already made."""
        form = cls(_strands(call), _organisations(person, call), _card(call), {})
        chosen = {
            "strand": form.strands[0][0] if len(form.strands) == 1 else "",
            "organisation": form.organisations[0][0] if len(form.organisations) <= 2 else "",
        }
        return replace(form, texts=chosen)

    @classmethod
    def sent(cls, call: Call, person: User, sent: MultiDict[str, str]) -> StartForm:
        """Build the form from what was typed."""
        return cls(_strands(call), _organisations(person, call), _card(call), sent.to_dict())

    def with_errors(self, error: InvalidError) -> StartForm:
        """Return the form with the errors of a refusal."""
        told: dict[str, str] = {}
        for problem in error.problems or (Problem("organisation", error.message),):
            told.setdefault(problem.place, problem.message)
        order = ["strand", "organisation", *(spec.id for spec in self.card.fields)]
        places = sorted(told, key=lambda place: order.index(place) if place in order else len(order))
        return replace(self, errors={place: told[place] for place in places})

    def choices(self, spec: FieldSpec) -> list[tuple[str, str]]:
        """Return the options of a list as the component reads them."""
        return [(option.value, option.label) for option in spec.options]

    @property
    def card_open(self) -> bool:
        """Tell whether the description of a new structure is unfolded."""
        return len(self.organisations) == 1 or self.texts.get("organisation") == NEW

    @property
    def summary(self) -> list[tuple[str, str]]:
        """The errors, each with the name of its input, and the input each leads to."""
        return [(place, said(self.card, Problem(place, message))) for place, message in self.errors.items()]


@dataclass(frozen=True, slots=True)
class Start:
    """What was chosen."""

    strand_key: str | None
    organisation: Organisation


def read_start(form: StartForm, call: Call, person: User, now: datetime) -> Start:
    """Read the choices, creating the organisation when it is a new one.

    Raises:
        InvalidError: with every problem, on the inputs of the page.

    """
    problems = []
    strand = form.texts.get("strand", "")
    if form.strands and strand not in {value for value, _, _ in form.strands}:
        problems.append(Problem("strand", "Choisissez le volet auquel répond votre projet."))
    chosen = form.texts.get("organisation", "")
    if chosen not in {value for value, _, _ in form.organisations}:
        problems.append(Problem("organisation", "Choisissez la structure qui porte le projet."))
    card = _read_card(form, problems) if chosen == NEW else None
    if problems:
        raise InvalidError(problems[0].message, tuple(problems), code="depart-incomplet")
    if card is not None:
        organisation = create_organisation(card, region_code=call.region_code, now=now, actor_id=person.id)
        join_organisation(person, organisation, MembershipRole.MANAGER, now)
    else:
        organisation = next(one for one in list_organisations_of(person) if one.id == uuid.UUID(chosen))
    return Start(strand or None, organisation)


def _read_card(form: StartForm, problems: list[Problem]) -> OrganisationCard:
    raw = {name: (text,) for name, text in form.texts.items()}
    entry = read_section(form.card, raw)
    problems += entry.problems
    for spec in form.card.fields:
        problems += field_type(spec).missing(spec, entry.values.get(spec.id))
    values = {key: value or None for key, value in entry.values.items()}
    return OrganisationCard(
        name=values.get("name") or "",
        kind=values.get("kind") or "",
        siret=values.get("siret"),
        finess_et=values.get("finess"),
        department_code=values.get("department"),
    )


def _strands(call: Call) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (strand.key, f"{strand.key} – {strand.label}", f"Enveloppe : {euros(strand.envelope_eur)}")
        for strand in current_version(call).strands
    )


def _organisations(person: User, call: Call) -> tuple[tuple[str, str, str], ...]:
    mine = [one for one in list_organisations_of(person) if one.region_code == call.region_code]
    listed = tuple((str(one.id), one.name, label("applicant_types", one.kind)) for one in mine)
    return (*listed, (NEW, "Une autre structure" if listed else "Ma structure", "À décrire ci-dessous."))


def _card(call: Call) -> SectionSpec:
    kinds = tuple(
        Option(code, label("applicant_types", code))
        for code in load_document(current_version(call)).scope.applicant_types
    )
    departments = tuple(Option(row.code, f"{row.code} – {row.name}") for row in list_departments(call.region_code))
    return SectionSpec(
        "organisation",
        "Structure",
        (
            FieldSpec("name", "text", "Raison sociale", required=True, max=200),
            FieldSpec("kind", "select", "Catégorie", required=True, options=kinds),
            FieldSpec("siret", "siret", "SIRET", required=True),
            FieldSpec("finess", "finess", "FINESS, s'il existe"),
            FieldSpec("department", "select", "Département", required=True, options=departments),
        ),
    )
