"""From the rows and the stored document of a version back to the whole ``call/1`` tree, in its written order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from aap.calls.document.selection import Decision
from aap.calls.document.storage import fingerprint, thaw
from aap.calls.models import CalendarStep, Call, CallVersion, CategoryRule, Criterion, InstalmentTerm, Strand
from aap.clock import paris

_FUNDING_ORDER = (
    "envelope_eur",
    "source",
    "multi_year",
    "project_duration_months",
    "cap_eur",
    "max_rate_by_zone",
    "rate_basis",
    "rate_note",
    "category_rules",
    "eligible_costs",
    "ineligible_costs",
    "cofunding",
    "partial_levels",
    "payment_schedule",
    "balance_rule",
    "contract_form",
)
_RUBRIC_ORDER = (
    "id",
    "scale",
    "total_max",
    "formula",
    "rounding",
    "aggregation",
    "na_limit",
    "thresholds",
    "criteria",
    "consistency",
    "ranking",
    "disclosure",
)
_AMENDABLE = ("status", "calendar")


def compose(call: Call, version: CallVersion, status: str | None = None) -> dict[str, Any]:
    """Return what stands under ``call:``. Keys left out at import stay out; ``status`` is written when given."""
    document: dict[str, Any] = thaw(version.document)
    tree: dict[str, Any] = {
        "ref": call.ref,
        "region": call.region_code,
        "status": status,
        "title": call.title,
        "short_title": call.short_title,
        "kind": call.kind.value,
        "roadmap_links": [{"axis": x.axis, "sheet": x.sheet, "action": x.action} for x in call.roadmap_links],
        "issuer": _filled(
            organisation=call.issuer,
            service=document.get("issuer_service"),
            co_steering=document.get("co_steering"),
            contact_mailbox=call.contact_mailbox,
        ),
        "summary": call.summary,
        "objectives": document.get("objectives"),
        "scope": document["scope"],
        "strands": [_strand(strand) for strand in version.strands],
        "funding": _funding(version, document["funding"]),
        "calendar": {"timezone": "Europe/Paris", "steps": [_step(step) for step in call.steps]},
        "eligibility_rules": document.get("eligibility_rules"),
        "admissibility": document.get("admissibility"),
        "form": document["form"],
        "annexes": document.get("annexes"),
        "annexes_max_mb": document.get("annexes_max_mb"),
        "honour_statements": document.get("honour_statements"),
        "selection": _selection(version, document.get("selection")),
        "rubric": _rubric(version, document.get("rubric")),
        "decisions": _decisions(version),
        "decision_note": document.get("decision_note"),
        "notification": document.get("notification"),
        "reporting_obligations": _obligations(version),
        "publication": document.get("publication"),
        "mandatory_indicators": [indicator.code for indicator in version.indicators],
    }
    return {key: value for key, value in tree.items() if value not in (None, [])}


def fingerprint_of(call: Call, version: CallVersion) -> str:
    """Return the SHA-256 of a version: everything but what dated amendments may change (calendar, contact)."""
    tree = {key: value for key, value in compose(call, version).items() if key not in _AMENDABLE}
    tree["issuer"] = {key: value for key, value in tree["issuer"].items() if key != "contact_mailbox"}
    return fingerprint(tree)


def _filled(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, [], {})}


def _ordered(values: Mapping[str, Any], order: Iterable[str]) -> dict[str, Any]:
    return {key: values[key] for key in order if values.get(key) not in (None, [], {})}


def _strand(strand: Strand) -> dict[str, Any]:
    return _filled(
        id=strand.key,
        label=strand.label,
        description=strand.description,
        envelope_eur=_money(strand.envelope_eur),
    )


def _funding(version: CallVersion, kept: dict[str, Any]) -> dict[str, Any]:
    rows = {
        "envelope_eur": _money(version.envelope_eur),
        "project_duration_months": {"min": version.duration_min_months, "max": version.duration_max_months},
        "cap_eur": [
            {
                "when": cap.label,
                **({} if cap.condition is None else {"if": thaw(cap.condition)}),
                "max": _money(cap.max_eur),
            }
            for cap in version.caps
        ],
        "max_rate_by_zone": {rate.zone: rate.max_rate for rate in version.rates},
        "category_rules": [_category(rule) for rule in version.category_rules],
        "payment_schedule": [_instalment(term) for term in version.instalments],
    }
    return _ordered({**kept, **rows}, _FUNDING_ORDER)


def _category(rule: CategoryRule) -> dict[str, Any]:
    return _filled(
        category=rule.category,
        max_share_of_subsidy=rule.max_share_of_subsidy,
        min_share_of_subsidy=rule.min_share_of_subsidy,
        max_share_of_total=rule.max_share_of_total,
        min_share_of_total=rule.min_share_of_total,
    )


def _instalment(term: InstalmentTerm) -> dict[str, Any]:
    return _filled(rank=term.rank, share=term.share, trigger=term.trigger.value, on=term.due_on, label=term.label)


def _step(step: CalendarStep) -> dict[str, Any]:
    """Write a step in Paris time; hours and days are texts, as in the documents people send."""
    return _filled(
        id=step.key,
        label=step.label,
        at=None if step.at is None else paris(step.at).replace(tzinfo=None).isoformat(),
        **{
            "from": None if step.from_date is None else step.from_date.isoformat(),
            "to": None if step.to_date is None else step.to_date.isoformat(),
        },
        strict=step.strict or None,
    )


def _selection(version: CallVersion, kept: dict[str, Any] | None) -> dict[str, Any] | None:
    if kept is None:
        return None
    opinions = [
        {"id": o.key, "label": o.label, "required": o.required, "scale": list(o.scale)} for o in version.opinion_kinds
    ]
    colleges = [
        {"college": c.label, "seats": c.seats, **({} if c.voting else {"voting": False})} for c in version.colleges
    ]
    jury = dict(kept["jury"])
    order = ("size", "composition", *(key for key in jury if key != "size"))
    tree = {**kept, "instruction_opinions": opinions, "jury": _ordered({**jury, "composition": colleges}, order)}
    return _ordered(tree, ("instruction_opinions", "jury", "hearings"))


def compose_rubric(version: CallVersion) -> dict[str, Any] | None:
    """Return what stands under ``call.rubric:`` for the grid in force; ``None`` when the call has no grid."""
    return _rubric(version, thaw(version.document).get("rubric"))


def _rubric(version: CallVersion, kept: dict[str, Any] | None) -> dict[str, Any] | None:
    if kept is None:
        return None
    criteria = [_criterion(criterion, kept["scale"]) for criterion in version.criteria]
    return _ordered({**kept, "criteria": criteria}, _RUBRIC_ORDER)


def _criterion(criterion: Criterion, default: Mapping[str, Any]) -> dict[str, Any]:
    scale = {"min": criterion.min_mark, "max": criterion.max_mark, "step": criterion.step}
    usual = all(Decimal(default[key]) == value for key, value in scale.items())
    return _filled(
        id=criterion.key,
        label=criterion.label,
        weight=criterion.weight,
        floor=criterion.floor,
        na_allowed=criterion.na_allowed or None,
        scale=None if usual else scale,
        guidance=criterion.guidance or None,
        descriptors={descriptor.mark: descriptor.text for descriptor in criterion.descriptors},
    )


def _decisions(version: CallVersion) -> list[dict[str, Any]]:
    rows = []
    for kind in version.decision_kinds:
        written = _filled(id=kind.key, label=kind.label, guideline=kind.guideline, needs=list(kind.needs))
        implied = Decision.model_validate(written).implied_effect
        rows.append(written if implied is kind.effect else {**written, "effect": kind.effect.value})
    return rows


def _obligations(version: CallVersion) -> list[dict[str, Any]]:
    return [
        _filled(
            id=o.key,
            label=o.label,
            month=o.month,
            grace_days=o.grace_days or None,
            unlocks_payment=o.unlocks_rank,
        )
        for o in version.obligations
    ]


def _money(amount: Decimal) -> Decimal | int:
    whole = amount.to_integral_value()
    return int(whole) if whole == amount else amount
