"""The tables of a call's page: rows of ready words, the first cell naming the row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aap import french
from aap.calls.queries.page_rows import AnnexLine, CallPage, CriterionLine

Rows = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class CallTables:
    """What the page of a call shows in tables."""

    strands: Rows
    caps: Rows
    rates: Rows
    costs: Rows
    instalments: Rows
    criteria: Rows
    marks: Mapping[str, Rows]
    hearings: str
    annexes: Rows
    contracts: tuple[str, ...]
    largest_cap: str
    largest_rate: str

    @classmethod
    def of(cls, call: CallPage) -> CallTables:
        """Word the figures of a call."""
        funding = call.funding
        return cls(
            strands=[(strand.key, strand.label, french.euros(strand.envelope_eur)) for strand in funding.strands],
            caps=[(capital(cap.when), french.euros(cap.max_eur)) for cap in funding.caps],
            rates=[(rate.zone_label, french.percent(rate.max_rate)) for rate in funding.rates],
            costs=[(cost.label, " ; ".join(cost.examples), " ; ".join(cost.limits)) for cost in funding.costs],
            instalments=[(str(one.rank), one.label, french.percent(one.share)) for one in funding.instalments],
            criteria=[_criterion(criterion) for criterion in call.selection.criteria],
            marks={criterion.key: _marks(criterion) for criterion in call.selection.criteria},
            hearings=f"{capital(call.selection.hearings)}.",
            annexes=[(annex.label, _obligation(annex)) for annex in call.annexes],
            contracts=tuple(f"{capital(when)} : {form[:1].lower()}{form[1:]}" for when, form in funding.contracts),
            largest_cap=french.euros(max((cap.max_eur for cap in funding.caps), default=None)),
            largest_rate=french.percent(max((rate.max_rate for rate in funding.rates), default=None)),
        )


def _criterion(criterion: CriterionLine) -> tuple[str, ...]:
    top = french.number(criterion.max_mark)
    floor = "–" if criterion.floor is None else f"{french.number(criterion.floor)} sur {top}"
    return (criterion.label, criterion.guidance, french.number(criterion.weight), floor)


def _obligation(annex: AnnexLine) -> str:
    secret = " Confidentielle : lue par l'agence seule." if annex.confidential else ""
    return f"{capital(annex.obligation)}.{secret}"


def _marks(criterion: CriterionLine) -> Rows:
    top = french.number(criterion.max_mark)
    return [(f"{french.number(mark)} sur {top}", text) for mark, text in criterion.descriptors]


def capital(text: str) -> str:
    """Begin a text with a capital, the rest unchanged."""
    return f"{text[:1].upper()}{text[1:]}"
