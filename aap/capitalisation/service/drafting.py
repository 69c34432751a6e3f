"""Starting a sheet: from a project, prefilled with its facts, or from nothing."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import select

from aap.accounts.models import User
from aap.awards.models import Project, ProjectFunder
from aap.capitalisation import checks
from aap.capitalisation.body import Body, write_body
from aap.capitalisation.models import Sheet, SheetFigure, SheetKind
from aap.capitalisation.text import slug_of
from aap.db import db
from aap.evaluation.models import NoteKind, RecommendationValue
from aap.evaluation.queries import get_conclusion, list_expenses, list_notes, list_series
from aap.referentials.vocabularies import labels
from aap.workflow import record_event

LICENCE = "Licence Ouverte 2.0"

# What became of a project, as a facet.
_MATURITY = {
    RecommendationValue.GENERALISE: "generalisation",
    RecommendationValue.GENERALISE_WITH_ADAPTATIONS: "generalisation_avec_adaptations",
    RecommendationValue.EXTEND: "prolongation",
    RecommendationValue.REDIRECT: "evalue",
    RecommendationValue.DO_NOT_GENERALISE: "arrete",
}


def create_sheet(
    region_code: str,
    kind: SheetKind,
    title: str,
    *,
    actor: User,
    now: datetime,
    body: Body | None = None,
    hook: str = "",
    summary: str = "",
) -> Sheet:
    """Start a sheet without project (an initiative, a guide, a use case).

    Raises:
        InvalidError: empty title.

    """
    sheet = _blank(region_code, kind, title, actor, now)
    sheet.hook, sheet.summary = hook.strip(), summary.strip()
    sheet.body = write_body(body or Body())
    return _begin(sheet, actor, now)


def draft_sheet_from_project(
    project: Project, *, kind: SheetKind = SheetKind.CAPITALISATION, actor: User, now: datetime
) -> Sheet:
    """Start the sheet of a project with what is known: facts, amounts, notes, one figure per measured indicator."""
    sheet = _blank(project.region_code, kind, project.title, actor, now)
    sheet.project = project
    sheet.body = write_body(Body.model_validate(_facts(project)))
    _begin(sheet, actor, now)
    measured = [series for series in list_series(project) if series.shown is not None]
    sheet.figures = [
        SheetFigure(
            sheet_id=sheet.id,
            position=position,
            indicator_id=series.indicator_id,
            label=series.label,
            unit=series.unit,
        )
        for position, series in enumerate(measured, start=1)
    ]
    db.session.flush()
    return sheet


def _blank(region_code: str, kind: SheetKind, title: str, actor: User, now: datetime) -> Sheet:
    kept = checks.check_title(title)
    return Sheet(
        region_code=region_code,
        kind=kind,
        slug=free_slug(kept),
        licence=LICENCE,
        title=kept,
        section_versions={},
        writer_id=actor.id,
        created_at=now,
    )


def _begin(sheet: Sheet, actor: User, now: datetime) -> Sheet:
    db.session.add(sheet)
    db.session.flush()
    record_event(sheet, "create", None, sheet.state.value, actor, now)
    return sheet


def free_slug(title: str, but: uuid.UUID | None = None) -> str:
    """Return an address for this title that no other sheet has."""
    base = slug_of(title)
    query = select(Sheet.slug).where(Sheet.slug.startswith(base, autoescape=True))
    taken = set(db.session.scalars(query if but is None else query.where(Sheet.id != but)))
    number = 2
    slug = base
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug


def _facts(project: Project) -> dict[str, Any]:
    application = project.application
    call = project.call_version.call
    notes = list_notes(project.id)
    return {
        "metadata": _metadata(project),
        "roadmap_links": [
            {"axis": link.axis, "sheet": link.sheet, "action": link.action} for link in call.roadmap_links
        ],
        "identity_card": {
            "lead": application.applicant_name,
            "partners": [partner.name for partner in application.partners],
            "period": {"start": f"{project.starts_on:%Y-%m}", "end": f"{project.ends_on:%Y-%m}"},
            "population": f"{application.population} personnes" if application.population else "",
            "budget_eur": project.budget_eur,
            "spent_eur": next(reversed(list_expenses(project.id).values()), None),
            "ars_eur": project.paid_total_eur or project.subsidy_eur,
            "cofunders": [funder.name for funder in _cofunders(project)],
            "contact": call.contact_mailbox,
        },
        "context": application.abstract,
        "results_limits": " ".join(note.text for note in notes if note.kind is NoteKind.LIMIT),
        "success_factors": [note.text for note in notes if note.kind is NoteKind.LEVER],
        "barriers": [note.text for note in notes if note.kind is NoteKind.BARRIER],
    }


def _metadata(project: Project) -> dict[str, Any]:
    application = project.application
    decision = get_conclusion(project.id).decision
    sites = application.sites
    departments = {site.department_code for site in sites if site.department_code} | (
        {application.department_code} if application.department_code else set()
    )
    acts = [act.code for act in application.acts]
    return {
        "departements": sorted(departments),
        "territories": list(dict.fromkeys(site.territory for site in sites if site.territory)),
        "zones": list(dict.fromkeys(site.zone for site in sites if site.zone)),
        "target_publics": [public.code for public in application.publics],
        "act_types": acts,
        "keywords": list(labels("act_types", acts)),
        "maturity": _MATURITY[decision.outcome] if decision else "experimentation",
    }


def _cofunders(project: Project) -> list[ProjectFunder]:
    """Return who pays beside the agency; the agency's own share is a subsidy."""
    return [funder for funder in project.funders if funder.kind != "subvention"]
