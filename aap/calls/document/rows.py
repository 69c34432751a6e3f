"""From the document to the rows of a version, and what remains as its stored document."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from aap.calls.document.body import CallBody, VersionDocument
from aap.calls.document.selection import Rubric
from aap.calls.document.storage import freeze
from aap.calls.models import (
    CalendarStep,
    CallVersion,
    CategoryRule,
    Criterion,
    CriterionDescriptor,
    DecisionKind,
    FundingCap,
    InstalmentTerm,
    JuryCollege,
    MandatoryIndicator,
    OpinionKind,
    RateByZone,
    ReportingObligation,
    RoadmapLink,
    Strand,
)
from aap.clock import from_paris
from aap.rules import to_data

# Keys of the document that are kept as rows or columns, by section.
FUNDING_ROWS = (
    "envelope_eur",
    "project_duration_months",
    "cap_eur",
    "max_rate_by_zone",
    "category_rules",
    "payment_schedule",
)


def remainder(body: CallBody) -> dict[str, Any]:
    """Return the stored document of a version, as JSON: exactly the keys written, without what becomes rows."""
    whole: dict[str, Any] = body.model_dump(by_alias=True, exclude_unset=True)
    kept = {name: whole[name] for name in VersionDocument.model_fields if name in whole}
    kept["funding"] = {key: value for key, value in whole["funding"].items() if key not in FUNDING_ROWS}
    if whole.get("selection"):
        jury = {key: value for key, value in whole["selection"]["jury"].items() if key != "composition"}
        others = {key: value for key, value in whole["selection"].items() if key != "instruction_opinions"}
        kept["selection"] = {**others, "jury": jury}
    if whole.get("rubric"):
        kept["rubric"] = {key: value for key, value in whole["rubric"].items() if key != "criteria"}
    if body.issuer.co_steering:
        kept["co_steering"] = list(body.issuer.co_steering)
    if body.issuer.service:
        kept["issuer_service"] = whole["issuer"]["service"]
    frozen: dict[str, Any] = freeze(kept)
    return frozen


def fill(version: CallVersion, body: CallBody) -> None:
    """Give a version its rows, columns and document."""
    funding = body.funding
    version.document = remainder(body)
    version.envelope_eur = funding.envelope_eur
    version.duration_min_months = funding.project_duration_months.min
    version.duration_max_months = funding.project_duration_months.max
    version.strands = [
        Strand(key=s.id, label=s.label, description=s.description, envelope_eur=s.envelope_eur, position=i)
        for i, s in enumerate(body.strands)
    ]
    version.criteria = criteria_rows(body.rubric) if body.rubric else []
    _fill_money(version, body)
    _fill_selection(version, body)
    terms = {term.rank: term for term in version.instalments}
    version.obligations = [
        ReportingObligation(
            key=o.id,
            label=o.label,
            month=o.month,
            grace_days=o.grace_days,
            unlocks_rank=o.unlocks_payment,
            instalment=None if o.unlocks_payment is None else terms[o.unlocks_payment],
            position=i,
        )
        for i, o in enumerate(body.reporting_obligations)
    ]
    version.indicators = [MandatoryIndicator(code=code, position=i) for i, code in enumerate(body.mandatory_indicators)]


def _fill_money(version: CallVersion, body: CallBody) -> None:
    funding = body.funding
    version.rates = [
        RateByZone(zone=zone, max_rate=rate, position=i)
        for i, (zone, rate) in enumerate(funding.max_rate_by_zone.items())
    ]
    version.caps = [
        FundingCap(
            label=cap.when,
            condition=None if cap.condition is None else freeze(to_data(cap.condition)),
            max_eur=cap.max,
            position=i,
        )
        for i, cap in enumerate(funding.cap_eur)
    ]
    version.category_rules = [
        CategoryRule(
            category=rule.category,
            max_share_of_subsidy=rule.max_share_of_subsidy,
            min_share_of_subsidy=rule.min_share_of_subsidy,
            max_share_of_total=rule.max_share_of_total,
            min_share_of_total=rule.min_share_of_total,
            position=i,
        )
        for i, rule in enumerate(funding.category_rules)
    ]
    version.instalments = [
        InstalmentTerm(rank=term.rank, share=term.share, trigger=term.trigger, due_on=term.on, label=term.label)
        for term in funding.payment_schedule
    ]


def _fill_selection(version: CallVersion, body: CallBody) -> None:
    selection = body.selection
    version.opinion_kinds = [
        OpinionKind(key=o.id, label=o.label, required=o.required, scale=list(o.scale), position=i)
        for i, o in enumerate(selection.instruction_opinions if selection else ())
    ]
    version.colleges = [
        JuryCollege(label=c.college, seats=c.seats, voting=c.voting, position=i)
        for i, c in enumerate(selection.jury.composition if selection else ())
    ]
    version.decision_kinds = [
        DecisionKind(
            key=d.id,
            label=d.label,
            guideline=d.guideline,
            needs=[need.value for need in d.needs],
            effect=d.effect or d.implied_effect,
            position=i,
        )
        for i, d in enumerate(body.decisions)
    ]


def rubric_terms(rubric: Rubric) -> dict[str, Any]:
    """Return the stored settings of a grid, as JSON: exactly the keys written, without the criteria, which are rows."""
    whole: dict[str, Any] = rubric.model_dump(by_alias=True, exclude_unset=True)
    frozen: dict[str, Any] = freeze({key: value for key, value in whole.items() if key != "criteria"})
    return frozen


def criteria_rows(rubric: Rubric) -> list[Criterion]:
    """Return the rows of the criteria of a grid, in order, with their descriptors."""
    rows = []
    for position, criterion in enumerate(rubric.criteria):
        scale = criterion.scale or rubric.scale
        rows.append(
            Criterion(
                key=criterion.id,
                label=criterion.label,
                guidance=criterion.guidance,
                weight=criterion.weight,
                min_mark=scale.min,
                max_mark=scale.max,
                step=scale.step,
                floor=criterion.floor,
                na_allowed=criterion.na_allowed,
                position=position,
                descriptors=_descriptors(criterion.descriptors),
            )
        )
    return rows


def _descriptors(texts: dict[Decimal, str]) -> list[CriterionDescriptor]:
    return [CriterionDescriptor(mark=mark, text=text, position=i) for i, (mark, text) in enumerate(texts.items())]


def calendar_steps(body: CallBody) -> list[CalendarStep]:
    """Return the rows of the calendar, hours of Paris turned to UTC."""
    return [
        CalendarStep(
            key=step.id,
            label=step.label,
            at=None if step.at is None else from_paris(step.at),
            from_date=step.from_date,
            to_date=step.to_date,
            strict=step.strict,
            position=i,
        )
        for i, step in enumerate(body.calendar.steps)
    ]


def roadmap_links(body: CallBody) -> list[RoadmapLink]:
    """Return the rows that tie the call to the roadmap."""
    return [
        RoadmapLink(axis=link.axis, sheet=link.sheet, action=link.action, position=i)
        for i, link in enumerate(body.roadmap_links)
    ]
