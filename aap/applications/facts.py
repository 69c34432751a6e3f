"""From an application to what the rules read of it: every field of the form, and the built-in facts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from aap.applications.asked_form import form_of
from aap.applications.communes import with_names
from aap.applications.lateness import granted_until
from aap.applications.models import Application, IncomeKind, Piece, Submission
from aap.applications.particulars import (
    FunderFacts,
    LineFacts,
    Particulars,
    PartnerFacts,
    PieceFacts,
    SiteFacts,
    Terms,
)
from aap.applications.pieces import handed_in, held_pieces, pieces_to_hand_in, without_infected
from aap.applications.plan import FundingPlan, PlanFunder, PlanLine, cents
from aap.applications.rows import FileRows
from aap.applications.terms import terms_of
from aap.applications.written import is_sealed, is_written_apart, last_deposit, rows_aside
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
    """One application read once: its form, its typed answers, the terms of its call, and its particulars.

    ``rows`` and ``pieces`` are those of the same version of the file as the answers.
    """

    application: Application
    rows: FileRows
    pieces: tuple[Piece, ...]
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
    """Read an application as its own people read it; a draft is judged as if it were deposited now.

    While it is open to them, what they are writing; else what was handed in.
    """
    if is_sealed(application):
        return read_deposit(application.submissions[-1], now)
    form, answers = form_of(application.call_version), get_answers(application.sheet_id)
    stored = json_values(answers)
    rows = rows_aside(application, form, stored) if is_written_apart(application) else application
    given = Given(rows, held_pieces(application), pieces_to_hand_in(application))
    return _reading(application, form, stored, given, now, versions_of(answers))


def read_handed_in(application: Application, now: datetime) -> Reading:
    """Read an application as everybody else reads it: its last deposit, sealed."""
    last = last_deposit(application)
    return read_application(application, now) if last is None else read_deposit(last, now)


def read_deposit(submission: Submission, now: datetime) -> Reading:
    """Read a deposit as it was sealed, whatever was written since."""
    application, stored = submission.application, submission.snapshot["answers"]
    given = Given(rows_of_deposit(submission), submission.pieces, handed_in(submission))
    return _reading(application, form_of(application.call_version), stored, given, now, {})


def rows_of_deposit(submission: Submission) -> FileRows:
    """Return the partners, sites, lines and funders of a deposit: those of the file, unless it was deposited again."""
    application = submission.application
    if submission is application.submissions[-1]:
        return application
    return rows_aside(application, form_of(application.call_version), submission.snapshot["answers"])


@dataclass(frozen=True, slots=True)
class Given:
    """What comes with a version of the answers: their rows, the pieces held, and those of them that are handed in."""

    rows: FileRows
    held: Sequence[Piece]
    pieces: Sequence[Piece]


def _reading(
    application: Application,
    form: FormSpec,
    stored: Mapping[str, Any],
    given: Given,
    now: datetime,
    versions: Mapping[str, int],
) -> Reading:
    version, values = application.call_version, without_infected(given.held, typed_values(form, stored))
    return Reading(
        application=application,
        rows=given.rows,
        pieces=tuple(given.pieces),
        document=load_document(version),
        form=with_names(form, values),
        values=values,
        unread=unread_of(stored),
        versions=versions,
        terms=terms_of(version),
        particulars=particulars_of(application, form, values, now, given.rows, given.pieces),
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


def particulars_of(
    application: Application,
    form: FormSpec,
    values: Values,
    now: datetime,
    rows: FileRows,
    pieces: Sequence[Piece],
) -> Particulars:
    """Gather the facts of an application from its typed answers, their rows and the pieces that come with them."""
    named = facts(form, values)
    return Particulars(
        values={**named, **built_in_facts(application.submitted_at or now, rows, named)},
        sites=tuple(SiteFacts(site.name, site.zone, site.capacity, site.key) for site in rows.sites),
        partners=tuple(PartnerFacts(row.key, row.name, row.category) for row in rows.partners),
        cofunders=tuple(FunderFacts(row.key, row.name) for row in rows.funders if row.kind is IncomeKind.COFUNDING),
        lines=tuple(
            LineFacts(row.key, row.category, row.label, row.amount_eur, row.requested_eur) for row in rows.budget_lines
        ),
        pieces=tuple(PieceFacts(piece.annex_key, piece.subject) for piece in pieces),
        requested_eur=rows.requested_eur,
        total_expenses=rows.total_expenses,
    )


def saved_plan(rows: FileRows, joined: Collection[str] | None = None) -> FundingPlan:
    """Return the saved budget of a file, in cents, as the rules about money read it.

    ``joined`` holds the keys of the expenses with a file when the call asks for files by expense: what is typed about
    quotes then counts for nothing.
    """
    return FundingPlan(
        tuple(
            PlanLine(
                row.key,
                row.label or f"ligne {number}",
                row.category,
                cents(row.amount_eur),
                cents(row.requested_eur),
                (row.has_quote or bool(row.quote_ref)) if joined is None else row.key in joined,
            )
            for number, row in enumerate(rows.budget_lines, start=1)
        ),
        tuple(
            PlanFunder(
                row.name,
                row.kind.value if row.kind else "",
                cents(row.amount_eur),
                tuple(earmark.line_key for earmark in row.earmarks),
            )
            for row in rows.funders
        ),
    )


def built_in_facts(submitted_at: datetime, rows: FileRows, named: Mapping[str, Any]) -> dict[str, object]:
    """Return the facts that every call may cite, under their names of the ``call/1`` document."""
    zones = tuple(dict.fromkeys(site.zone for site in rows.sites if site.zone is not None))
    total = rows.total_expenses
    rate = Fraction(rows.requested_eur) / Fraction(total) if total else None
    has_budget = bool(rows.total_expenses or rows.total_income)  # two noughts are not a balance
    money: dict[str, Decimal | None] = {
        "budget.total_expenses": rows.total_expenses,
        "budget.total_income": rows.total_income,
        "budget.requested_eur": rows.requested_eur,
    }
    return {
        "submitted_at": submitted_at,
        "applicant.type": rows.applicant_type,
        "applicant.has_cpom": rows.has_cpom,
        "duration_months": named.get("duration_months", rows.duration_months),
        "sites.count": len(rows.sites),
        "sites.zone": zones if rows.sites else None,
        "target_publics": tuple(row.code for row in rows.publics),
        "act_types": tuple(row.code for row in rows.acts),
        "partners": tuple(row.key for row in rows.partners),
        "cofunders": tuple(row.key for row in rows.funders if row.kind is IncomeKind.COFUNDING),
        "budget.lines": tuple(row.key for row in rows.budget_lines),
        "budget.requested_rate": rate,
        **(money if has_budget else dict.fromkeys(money)),
    }
