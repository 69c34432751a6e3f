"""The forms of an organisation: its card (SIRET, FINESS), and a delegation of signature."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue

from aap.accounts.models import Organisation
from aap.accounts.service import OrganisationCard, describe_organisation, grant_delegation
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.applicant.fields import said
from aap.blueprints.applicant.organisations import own_organisation
from aap.db import unit_of_work
from aap.errors import InvalidError, Problem
from aap.extensions import clock
from aap.forms.entries import read_section
from aap.forms.fields import field_type
from aap.forms.spec import FieldSpec, Option, SectionSpec
from aap.referentials.queries import list_departments
from aap.referentials.vocabularies import vocabulary

bp = Blueprint("organisation_forms", __name__, url_prefix="/structures/<uuid:organisation_id>")


@bp.get("/modifier")
@allow("organisation.manage", load=own_organisation)
def card(organisation: Organisation) -> ResponseReturnValue:
    """Show the card to change."""
    texts = {
        "name": organisation.name,
        "kind": organisation.kind,
        "siret": organisation.siret or "",
        "finess_ej": organisation.finess_ej or "",
        "finess_et": organisation.finess_et or "",
        "department": organisation.department_code or "",
        "mailbox": organisation.mailbox or "",
        "requires_signature": "y" if organisation.requires_signature else "",
    }
    return _card_page(organisation, texts, ())


@bp.post("/modifier")
@allow("organisation.manage", load=own_organisation)
def card_now(organisation: Organisation) -> ResponseReturnValue:
    """Change the card. A FINESS whose key is wrong is told, not refused."""
    spec = card_spec(organisation.region_code)
    entry = read_section(spec, {name: (text,) for name, text in request.form.items()})
    problems = list(entry.problems)
    for one in spec.fields:
        problems += field_type(one).missing(one, entry.values.get(one.id))
    values = {key: value or None for key, value in entry.values.items()}
    try:
        _refuse(problems)
        with unit_of_work():
            describe_organisation(
                organisation,
                OrganisationCard(
                    name=values.get("name") or "",
                    kind=values.get("kind") or "",
                    siret=values.get("siret"),
                    finess_ej=values.get("finess_ej"),
                    finess_et=values.get("finess_et"),
                    department_code=values.get("department"),
                    mailbox=values.get("mailbox"),
                    requires_signature=request.form.get("requires_signature") == "y",
                ),
                actor=signed_in_actor(),
                now=clock().now(),
            )
    except InvalidError as error:
        return _card_page(organisation, request.form, error.problems), 400
    for doubt in entry.doubts:
        flash(said(spec, doubt), "warning")
    flash("La fiche de la structure est enregistrée.", "success")
    return see_other("organisations.show", organisation_id=organisation.id)


@bp.get("/delegations/nouvelle")
@allow("organisation.manage", load=own_organisation)
def delegation(organisation: Organisation) -> ResponseReturnValue:
    """Ask who may sign, for whom, from when until when."""
    return _delegation_page(organisation, {})


@bp.post("/delegations/nouvelle")
@allow("organisation.manage", load=own_organisation)
def delegate(organisation: Organisation) -> ResponseReturnValue:
    """Record a delegation."""
    try:
        with unit_of_work():
            grant_delegation(
                organisation,
                _identifier(request.form.get("user_id", "")),
                on_behalf_of=request.form.get("on_behalf_of", ""),
                starts_on=_day("starts_on"),
                ends_on=_day("ends_on"),
                actor=signed_in_actor(),
                now=clock().now(),
            )
    except InvalidError as error:
        return _delegation_page(organisation, {one.place: one.message for one in error.problems}), 400
    flash("La délégation est enregistrée.", "success")
    return see_other("organisations.show", organisation_id=organisation.id)


def card_spec(region_code: str) -> SectionSpec:
    """Return the fields of a structure's card."""
    kinds = tuple(Option(term.code, term.label) for term in vocabulary("applicant_types").terms)
    departments = tuple(Option(row.code, f"{row.code} – {row.name}") for row in list_departments(region_code))
    return SectionSpec(
        "organisation",
        "Structure",
        (
            FieldSpec("name", "text", "Raison sociale", required=True, max=200),
            FieldSpec("kind", "select", "Catégorie", required=True, options=kinds),
            FieldSpec("siret", "siret", "SIRET", required=True),
            FieldSpec("finess_ej", "finess", "FINESS de l'entité juridique (EJ)"),
            FieldSpec("finess_et", "finess", "FINESS de l'établissement (ET)"),
            FieldSpec("department", "select", "Département", required=True, options=departments),
            FieldSpec("mailbox", "email", "Boîte électronique de la structure", max=254),
        ),
    )


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise InvalidError(problems[0].message, tuple(problems), code="structure-incomplete")


def _identifier(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


def _day(name: str) -> date | None:
    """Read a day of the form.

    Raises:
        InvalidError: unreadable (on its input).

    """
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = "Cette date n'est pas lisible. Exemple : 2026-01-31."
        raise InvalidError.on(name, message, code="date-illisible") from error


def _card_page(organisation: Organisation, texts: Mapping[str, str], problems: tuple[Problem, ...]) -> str:
    spec = card_spec(organisation.region_code)
    return render_template(
        "applicant/organisations/card.html",
        organisation=organisation,
        card=spec,
        texts=texts,
        errors={problem.place: problem.message for problem in reversed(problems)},
        summary=[(problem.place, said(spec, problem)) for problem in problems],
    )


def _delegation_page(organisation: Organisation, errors: Mapping[str, str]) -> str:
    return render_template(
        "applicant/organisations/delegation.html",
        organisation=organisation,
        members=[
            (str(held.user_id), held.user.display_name) for held in organisation.memberships if held.ended_at is None
        ],
        typed={name: request.form.get(name, "") for name in ("user_id", "on_behalf_of", "starts_on", "ends_on")},
        errors=errors,
    )
