"""From a decision or a contract to the frozen data of its document. A letter holds the applicant's own facts only."""

from __future__ import annotations

from datetime import date, timedelta

from aap.applications.models import Application
from aap.applications.written import last_deposit
from aap.awards.arithmetic import rate
from aap.awards.models import Contract, Decision, Project
from aap.awards.terms import read_funding_terms, told_to_applicant
from aap.calls.document.body import Disclosable
from aap.calls.models import DecisionEffect
from aap.clock import paris
from aap.documents import contract as annex
from aap.documents import letter as document
from aap.errors import ConflictError
from aap.jury.queries import OwnMarks, get_own_marks
from aap.referentials.queries import get_region
from aap.referentials.vocabularies import label

SIGNATORY = "La directrice générale ou le directeur général de l'agence"
RECIPIENT = "Représentante légale ou représentant légal"

# CRPA L411-2 and CJA R421-1: two months from the notification, whether or not an informal appeal comes first.
_WITHIN = "dans les deux mois qui suivent la réception de cette lettre"
APPEAL_ROUTES = (
    f"Recours gracieux auprès de la direction générale de l'agence, {_WITHIN}.",
    f"Recours contentieux devant le tribunal administratif, {_WITHIN} ou le rejet du recours gracieux.",
)

_BY_EFFECT = {
    DecisionEffect.FUND: document.Outcome.FAVORABLE,
    DecisionEffect.FUND_WITH_RESERVATIONS: document.Outcome.FAVORABLE_WITH_RESERVATIONS,
    DecisionEffect.WAIT: document.Outcome.WAITING_LIST,
    DecisionEffect.REFUSE: document.Outcome.UNFAVORABLE,
}


def decision_letter(decision: Decision, on: date) -> document.Letter:
    """Gather what the letter of a decision says, dated ``on``."""
    application = decision.application
    version, call = application.call_version, application.call_version.call
    region = get_region(application.region_code)
    marks = _own_marks(application)
    show_motive = told_to_applicant(version, Disclosable.MOTIVE)
    return document.Letter(
        agency=region.agency_name,
        service_name=region.direction_name,
        service_mailbox=call.contact_mailbox,
        reference=application.reference or "",
        call_ref=call.ref,
        call_title=call.title,
        project_title=application.label,
        applicant_name=application.applicant_name,
        recipient_function=RECIPIENT,
        dated=on,
        outcome=_outcome(decision),
        outcome_label=decision.kind.label,
        decided_on=paris(decision.decided_at).date(),
        requested_eur=application.requested_eur,
        granted_eur=decision.granted_eur,
        motive=decision.motive if show_motive else "",
        reservations=tuple(document.Reservation(row.text, row.deadline) for row in decision.reservations),
        marks=tuple(
            document.CriterionMark(mark.label, mark.weight, mark.mean, mark.maximum)
            for mark in (marks.marks if marks else ())
        ),
        total=marks.total if marks else None,
        total_maximum=marks.total_maximum if marks else 0,
        appeal_routes=APPEAL_ROUTES,
        signatory_function=SIGNATORY,
        rank=decision.rank,
    )


def _outcome(decision: Decision) -> document.Outcome:
    """Choose the usual wording: by the kind's own name when the letter knows it, by its effect otherwise."""
    if decision.outcome in set(document.Outcome):
        return document.Outcome(decision.outcome)
    return _BY_EFFECT[decision.effect]


def _own_marks(application: Application) -> OwnMarks | None:
    """Return the marks the applicant may read; ``None`` when the call keeps them, or has no grid."""
    if not told_to_applicant(application.call_version, Disclosable.OWN_SCORES):
        return None
    try:
        return get_own_marks(application.id)
    except ConflictError:
        return None


def contract_annex(contract: Contract) -> annex.ContractAnnex:
    """Gather what the financial annex of a contract says: the plan as signed, its instalments and reports."""
    project = contract.project
    application = project.application
    region = get_region(project.region_code)
    last = last_deposit(application)
    signatory = None if last is None else last.snapshot["answers"].get("legal_signatory_role")
    return annex.ContractAnnex(
        agency=region.agency_name,
        number=contract.number,
        form_label=label("contract_forms", contract.form),
        application_ref=application.reference or "",
        call_title=application.call_version.call.title,
        project_title=project.title,
        drawn_up_on=paris(contract.signed_at).date(),
        parties=(
            annex.Party("L'agence", region.agency_name, (), SIGNATORY),
            annex.Party(
                "Le bénéficiaire", application.applicant_name, _identifiers(application), str(signatory or RECIPIENT)
            ),
        ),
        purpose=application.abstract,
        start=project.starts_on,
        end=project.ends_on,
        duration_months=_months(project),
        budget_eur=project.budget_eur,
        subsidy_eur=contract.subsidy_eur,
        rate=rate(contract.subsidy_eur, project.budget_eur),
        instalments=tuple(
            annex.Instalment(row.rank, row.label, row.share, row.planned_eur) for row in project.instalments
        ),
        obligations=_obligations(project),
        balance_rule=read_funding_terms(application.call_version).balance_rule or "",
        lapses_on=contract.lapses_on,
    )


def _identifiers(application: Application) -> tuple[str, ...]:
    numbers = (("SIRET", application.siret), ("FINESS", application.finess))
    return tuple(f"{name} {number}" for name, number in numbers if number)


def _months(project: Project) -> int:
    """Count the months of a project, first and last day included."""
    after = project.ends_on + timedelta(days=1)
    return (after.year - project.starts_on.year) * 12 + after.month - project.starts_on.month


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or the last day of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def _obligations(project: Project) -> tuple[annex.Obligation, ...]:
    """List the reports owed: so many months after the start, plus the days of grace."""
    return tuple(
        annex.Obligation(
            row.label,
            add_months(project.starts_on, row.month) - timedelta(days=1) + timedelta(days=row.grace_days),
            row.unlocks_rank,
        )
        for row in project.call_version.obligations
    )
