"""The page of a call: all that somebody who thinks of applying wants to know, ready to be shown."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from aap import french
from aap.calls.document.body import VersionDocument
from aap.calls.document.form import Annex
from aap.calls.models import CalendarAmendment, CalendarStep, CallVersion, CategoryRule, Criterion
from aap.calls.phases import CallCalendar, StepRow, phase
from aap.calls.queries.calendars import step_row
from aap.calls.queries.calls import current_version, get_call
from aap.calls.queries.documents import KEPT, load_document
from aap.calls.queries.page_rows import (
    AmendmentLine,
    AnnexLine,
    AudiencePart,
    CallPage,
    CapLine,
    CostLine,
    CriterionLine,
    DecisionLine,
    EligibilityLine,
    FundingPart,
    InstalmentLine,
    ObligationLine,
    PublishedRules,
    RateLine,
    SelectionPart,
    StrandLine,
)
from aap.calls.queries.revisions import list_grid_revisions
from aap.calls.questions import questions_until
from aap.calls.wording import CallWords
from aap.db import db
from aap.referentials.models import IndicatorDefinition, Region, Zoning
from aap.referentials.vocabularies import label, labels
from aap.rules import describe

_published: dict[tuple[uuid.UUID, str, tuple[StepRow, ...]], PublishedRules] = {}
_PER = {
    "partners": "une par partenaire",
    "cofunders": "une par cofinanceur",
    "sites": "une par site",
    "lines": "une par dépense",
}


def get_call_page(ref: str, now: datetime) -> CallPage:
    """Gather the page of a call, whatever its phase: who may see a draft is decided by the policies.

    Raises:
        NotFoundError: no call has this reference.

    """
    call = get_call(ref)
    version = current_version(call)
    document = load_document(version)
    query = (
        select(CalendarStep)
        .where(CalendarStep.call_id == call.id)
        .order_by(CalendarStep.position)
        .options(selectinload(CalendarStep.amendments))
    )
    found = db.session.scalars(query).all()
    steps = tuple(step_row(step, amended=bool(step.amendments)) for step in found)
    amendments = sorted((row for step in found for row in step.amendments), key=lambda row: row.made_at)
    calendar = CallCalendar({step.key: step for step in steps}, call.published_at, call.cancelled_at)
    rules = _rules_of(version, document, steps)
    region = db.session.get_one(Region, call.region_code)
    return CallPage(
        ref=call.ref,
        kind_label=label("call_kinds", call.kind.value),
        title=call.title,
        short_title=call.short_title,
        summary=call.summary,
        objectives=document.objectives,
        region_code=region.code,
        region_name=region.name,
        issuer=call.issuer,
        co_steering=document.co_steering,
        contact_mailbox=call.contact_mailbox,
        phase=phase(calendar, now),
        cancel_reason=call.cancel_reason or "",
        opens_at=calendar.opens_at,
        closes_at=calendar.closes_at,
        questions_until=questions_until(calendar),
        published_at=call.published_at,
        steps=steps,
        amendments=tuple(_amendment(amendment) for amendment in amendments),
        audience=_audience(document),
        funding=rules.funding,
        eligibility=rules.eligibility,
        form_sections=tuple(section.title for section in document.form.sections),
        annexes=rules.annexes,
        selection=rules.selection,
        grid_revisions=list_grid_revisions(version),
        obligations=rules.obligations,
        indicators=_indicator_labels(rules.indicators),
        mask_below=document.publication.mask_below,
    )


def _rules_of(version: CallVersion, document: VersionDocument, steps: tuple[StepRow, ...]) -> PublishedRules:
    """Return what the version and its dates alone decide, kept by the process: a version does not change.

    A draft that changes has another fingerprint, and a date that moves another key.
    """
    key = (version.id, version.fingerprint, steps)
    if key not in _published:
        while len(_published) >= KEPT:
            _published.pop(next(iter(_published)))
        words = CallWords(document, {step.key: step for step in steps})
        _published[key] = PublishedRules(
            funding=_funding(version, document),
            eligibility=tuple(
                EligibilityLine(r.id, r.label, r.blocking, "" if r.check is None else describe(r.check, words))
                for r in document.eligibility_rules
            ),
            annexes=tuple(_annex(annex, words) for annex in document.annexes),
            selection=_selection(version, document),
            obligations=tuple(ObligationLine(o.label, o.month) for o in version.obligations),
            indicators=tuple(indicator.code for indicator in version.indicators),
        )
    return _published[key]


def _amendment(row: CalendarAmendment) -> AmendmentLine:
    return AmendmentLine(
        row.step.label,
        _when(row.old_at, row.old_from_date, row.old_to_date),
        _when(row.new_at, row.new_from_date, row.new_to_date),
        row.reason,
        row.made_at,
    )


def _when(at: datetime | None, first: date | None, last: date | None) -> str:
    if at is not None:
        return french.moment(at)
    return french.period(first, last)


def _audience(document: VersionDocument) -> AudiencePart:
    scope = document.scope
    zoning = ""
    if scope.zone_reference:
        dataset, valid_on = scope.zone_reference.dataset, scope.zone_reference.valid_on
        found = db.session.scalar(
            select(Zoning.label).where(Zoning.dataset == dataset, Zoning.valid_on == valid_on).order_by(Zoning.id)
        )
        zoning = f"{found or dataset}, au {french.day(valid_on)}"
    return AudiencePart(
        applicants=labels("applicant_types", scope.applicant_types),
        excluded=scope.excluded_applicants,
        publics=labels("target_publics", scope.target_publics),
        acts=labels("act_types", scope.act_types),
        zones=labels("zone_types", scope.zone_types),
        zoning=zoning,
        territories=labels("territory_levels", scope.territory_levels),
    )


def _funding(version: CallVersion, document: VersionDocument) -> FundingPart:
    terms, cofunding = document.funding, document.funding.cofunding
    return FundingPart(
        envelope_eur=version.envelope_eur,
        source=terms.source,
        multi_year=terms.multi_year,
        duration_min_months=version.duration_min_months,
        duration_max_months=version.duration_max_months,
        strands=tuple(StrandLine(s.key, s.label, s.description or "", s.envelope_eur) for s in version.strands),
        caps=tuple(CapLine(cap.label, cap.max_eur) for cap in version.caps),
        rates=tuple(RateLine(r.zone, label("zone_types", r.zone), r.max_rate) for r in version.rates),
        rate_note=terms.rate_note or "",
        costs=_costs(version, document),
        ineligible_costs=terms.ineligible_costs,
        cofunding_required=cofunding is not None and cofunding.required,
        own_share_min=None if cofunding is None else cofunding.own_share_min,
        cofunders=labels("funder_kinds", cofunding.accepted) if cofunding else (),
        instalments=tuple(InstalmentLine(i.rank, i.share, i.label) for i in version.instalments),
        balance_rule=terms.balance_rule or "",
        contracts=tuple((choice.when, label("contract_forms", choice.form)) for choice in terms.contract_form),
    )


def _costs(version: CallVersion, document: VersionDocument) -> tuple[CostLine, ...]:
    rules = {rule.category: rule for rule in version.category_rules}
    categories = dict.fromkeys((*document.funding.eligible_costs, *rules))
    return tuple(
        CostLine(
            category,
            label("budget_categories", category),
            document.funding.eligible_costs.get(category, ()),
            _limits(rules.get(category)),
        )
        for category in categories
    )


def _limits(rule: CategoryRule | None) -> tuple[str, ...]:
    if rule is None:
        return ()
    wordings = (
        (rule.max_share_of_subsidy, "au plus {} de la subvention"),
        (rule.min_share_of_subsidy, "au moins {} de la subvention"),
        (rule.max_share_of_total, "au plus {} du coût total"),
        (rule.min_share_of_total, "au moins {} du coût total"),
    )
    return tuple(words.format(french.percent(share)) for share, words in wordings if share is not None)


def _annex(annex: Annex, words: CallWords) -> AnnexLine:
    return AnnexLine(
        key=annex.id,
        label=annex.label,
        required=annex.required,
        condition="" if annex.required_if is None else describe(annex.required_if, words),
        per=_PER.get(annex.per or "", ""),
        confidential=annex.confidential,
        hint=annex.hint or "",
    )


def _selection(version: CallVersion, document: VersionDocument) -> SelectionPart:
    rubric, selection = document.rubric, document.selection
    return SelectionPart(
        criteria=tuple(_criterion(criterion) for criterion in version.criteria),
        total_max=None if rubric is None else rubric.total_max,
        formula="" if rubric is None else rubric.formula or "",
        opinions=tuple(kind.label for kind in version.opinion_kinds),
        colleges=tuple(f"{college.label} ({french.plural(college.seats, 'siège')})" for college in version.colleges),
        hearings=selection.hearings.when if selection and selection.hearings else "",
        decisions=tuple(DecisionLine(kind.label, kind.guideline or "") for kind in version.decision_kinds),
        decision_note=document.decision_note or "",
    )


def _criterion(row: Criterion) -> CriterionLine:
    return CriterionLine(
        key=row.key,
        label=row.label,
        guidance=row.guidance,
        weight=row.weight,
        min_mark=row.min_mark,
        max_mark=row.max_mark,
        floor=row.floor,
        descriptors=tuple((descriptor.mark, descriptor.text) for descriptor in row.descriptors),
    )


def _indicator_labels(codes: tuple[str, ...]) -> tuple[str, ...]:
    query = select(IndicatorDefinition).where(IndicatorDefinition.code.in_(codes))
    found = {definition.code: definition.label for definition in db.session.scalars(query)}
    return tuple(found.get(code, code) for code in codes)
