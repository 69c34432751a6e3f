"""From an application to what the rules read of it: every field of the form, and the built-in facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from aap.applications.asked_form import form_of
from aap.applications.lateness import granted_until
from aap.applications.models import Application, IncomeKind
from aap.applications.particulars import (
    FunderFacts,
    LineFacts,
    Particulars,
    PartnerFacts,
    PieceFacts,
    SiteFacts,
    Terms,
)
from aap.applications.pieces import deposited_pieces, without_infected
from aap.applications.plan import FundingPlan, PlanFunder, PlanLine, cents
from aap.applications.terms import terms_of
from aap.calls.document.body import VersionDocument
from aap.calls.queries import calendar_of, load_document, load_words, references_for
from aap.calls.wording import CallWords
from aap.forms.conditions import resolved
from aap.forms.entries import Values, facts, typed_values
from aap.forms.queries import get_answers, json_values, versions_of
from aap.forms.spec import FormSpec
from aap.forms.unread import Unread, unread_of
from aap.rules import Rule, evaluate

CLOSING = "calendar.submission_deadline"


@dataclass(frozen=True, slots=True)
class Reading:
    """One application read once: its form, its typed answers, the terms of its call, and its particulars."""

    application: Application
    document: VersionDocument
    form: FormSpec
    values: Values
    unread: Unread
    versions: Mapping[str, int]
    terms: Terms
    particulars: Particulars
    words: CallWords
    references: Callable[[str], object]

    def holds(self, rule: Rule) -> bool:
        """Tell whether a condition of the form holds; one that cannot be judged yet does not."""
        return evaluate(rule, self.particulars.values, self.references, words=self.words).is_held

    @property
    def standing_form(self) -> FormSpec:
        """The form as it stands for this applicant: conditional fields shown or not, required or not."""
        return resolved(self.form, self.holds)


def read_application(application: Application, now: datetime) -> Reading:
    """Read an application for its rules; a draft is judged as if it were deposited now."""
    version = application.call_version
    form = form_of(version)
    answers = get_answers(application.sheet_id)
    stored = json_values(answers)
    values = without_infected(application, typed_values(form, stored))
    return Reading(
        application=application,
        document=load_document(version),
        form=form,
        values=values,
        unread=unread_of(stored),
        versions=versions_of(answers),
        terms=terms_of(version),
        particulars=particulars_of(application, form, values, now),
        words=load_words(version),
        references=_references(application, now),
    )


def _references(application: Application, now: datetime) -> Callable[[str], object]:
    """Read the references of the call; a late admission moves the closing for this file alone."""
    read = references_for(application.call_version)
    closes_at = calendar_of(application.call_version.call).closes_at
    if closes_at is None or (application.submitted_at or now) <= closes_at:
        return read
    late = granted_until(application)
    if late is None:
        return read
    return lambda ref: late if ref == CLOSING else read(ref)


def particulars_of(application: Application, form: FormSpec, values: Values, now: datetime) -> Particulars:
    """Gather the facts of an application from its rows and its typed answers."""
    named = facts(form, values)
    return Particulars(
        values={**named, **built_in_facts(application, named, now)},
        sites=tuple(SiteFacts(site.name, site.zone, site.capacity, site.key) for site in application.sites),
        partners=tuple(PartnerFacts(row.key, row.name, row.category) for row in application.partners),
        cofunders=tuple(
            FunderFacts(row.key, row.name) for row in application.funders if row.kind is IncomeKind.COFUNDING
        ),
        lines=tuple(
            LineFacts(row.key, row.category, row.label, row.amount_eur, row.requested_eur)
            for row in application.budget_lines
        ),
        pieces=tuple(PieceFacts(piece.annex_key, piece.subject) for piece in deposited_pieces(application)),
        requested_eur=application.requested_eur,
        total_expenses=application.total_expenses,
    )


def saved_plan(application: Application) -> FundingPlan:
    """Return the saved budget of an application, in cents, as the rules about money read it."""
    return FundingPlan(
        tuple(
            PlanLine(
                row.key,
                row.label or f"ligne {number}",
                row.category,
                cents(row.amount_eur),
                cents(row.requested_eur),
                row.has_quote or bool(row.quote_ref),
            )
            for number, row in enumerate(application.budget_lines, start=1)
        ),
        tuple(
            PlanFunder(
                row.name,
                row.kind.value if row.kind else "",
                cents(row.amount_eur),
                tuple(earmark.line_key for earmark in row.earmarks),
            )
            for row in application.funders
        ),
    )


def built_in_facts(application: Application, named: dict[str, Any], now: datetime) -> dict[str, object]:
    """Return the facts that every call may cite, under their names of the ``call/1`` document."""
    zones = tuple(dict.fromkeys(site.zone for site in application.sites if site.zone is not None))
    total = application.total_expenses
    rate = Fraction(application.requested_eur) / Fraction(total) if total else None
    has_budget = bool(application.total_expenses or application.total_income)  # two noughts are not a balance
    money: dict[str, Decimal | None] = {
        "budget.total_expenses": application.total_expenses,
        "budget.total_income": application.total_income,
        "budget.requested_eur": application.requested_eur,
    }
    return {
        "submitted_at": application.submitted_at or now,
        "applicant.type": application.applicant_type,
        "applicant.has_cpom": application.has_cpom,
        "duration_months": named.get("duration_months", application.duration_months),
        "sites.count": len(application.sites),
        "sites.zone": zones if application.sites else None,
        "target_publics": tuple(row.code for row in application.publics),
        "act_types": tuple(row.code for row in application.acts),
        "partners": tuple(row.key for row in application.partners),
        "cofunders": tuple(row.key for row in application.funders if row.kind is IncomeKind.COFUNDING),
        "budget.lines": tuple(row.key for row in application.budget_lines),
        "budget.requested_rate": rate,
        **(money if has_budget else dict.fromkeys(money)),
    }
