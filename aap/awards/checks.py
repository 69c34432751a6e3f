"""The rules of an award: one ``check_*`` per rule, each raising one named error."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import exists, select

from aap import french
from aap.applications.models import Application, ApplicationState, IncomeKind
from aap.awards.inputs import DecisionInput, OpinionInput, Plan
from aap.awards.models import Contract, Decision, Instalment, JuryOpinion, Project, ProjectState, Reservation
from aap.awards.people import DIRECTOR, relations_to_application
from aap.awards.start import Proposal
from aap.calls.models import DecisionEffect, DecisionKind
from aap.clock import paris
from aap.db import db
from aap.errors import ConflictError, ForbiddenError, InvalidError, Problem
from aap.workflow import Actor

FUNDED = frozenset({DecisionEffect.FUND, DecisionEffect.FUND_WITH_RESERVATIONS})
_PAYABLE = frozenset({ProjectState.CONTRACTED, ProjectState.RUNNING, ProjectState.FINAL_VALIDATED})


def check_state(application: Application, state: ApplicationState, message: str) -> None:
    """Refuse an action that comes before or after its hour."""
    if application.state is not state:
        raise ConflictError(message, code="etape-impossible")


def check_kind_of_call(kind: DecisionKind, application: Application) -> None:
    """Refuse a kind of decision that the call does not know."""
    if kind.version_id != application.call_version_id:
        raise InvalidError.on("kind", "Cette décision n'est pas prévue par l'appel.", code="decision-inconnue")


def check_decider(application: Application, actor: Actor) -> None:
    """Keep the decision to the direction of the agency."""
    if DIRECTOR not in relations_to_application(application, actor):
        raise ForbiddenError("La décision appartient à la direction générale.", code="decideur-seul")


def check_two_people(opinion: JuryOpinion, actor: Actor) -> None:
    """Keep the advice and the decision apart: two records, two people."""
    if opinion.by_id == actor.id:
        message = "Vous avez enregistré l'avis du jury : la décision revient à une autre personne."
        raise ForbiddenError(message, code="avis-et-decision")


def check_needs(data: DecisionInput) -> None:
    """Refuse a decision without what its kind must come with: amount, rank, motive, dated reservations."""
    needs, effect = set(data.kind.needs), data.kind.effect
    problems = []
    if effect in FUNDED and (data.granted_eur is None or data.granted_eur <= 0):
        problems.append(Problem("granted_eur", "Indiquez le montant accordé."))
    if effect not in FUNDED and data.granted_eur is not None:
        problems.append(Problem("granted_eur", "Cette décision n'accorde aucun montant."))
    if effect is DecisionEffect.WAIT and (data.rank is None or data.rank < 1):
        problems.append(Problem("rank", "Indiquez le rang sur la liste complémentaire."))
    if effect is not DecisionEffect.WAIT and data.rank is not None:
        problems.append(Problem("rank", "Le rang ne concerne que la liste complémentaire."))
    if ("motive" in needs or effect is DecisionEffect.REFUSE) and not data.motive.strip():
        problems.append(Problem("motive", "Cette décision doit être motivée."))
    problems.extend(_reservation_problems(data, needs))
    if problems:
        raise InvalidError("La décision est incomplète.", tuple(problems), code="decision-incomplete")


def _reservation_problems(data: DecisionInput, needs: set[str]) -> list[Problem]:
    expected = "reservations" in needs or data.kind.effect is DecisionEffect.FUND_WITH_RESERVATIONS
    if expected and not data.reservations:
        return [Problem("reservations", "Indiquez au moins une réserve.")]
    if not expected and data.reservations:
        return [Problem("reservations", "Cette décision n'admet pas de réserve.")]
    problems = []
    for index, reservation in enumerate(data.reservations):
        if not reservation.text.strip():
            problems.append(Problem(f"reservations-{index}-text", "Rédigez la réserve."))
        if reservation.deadline is None:
            problems.append(Problem(f"reservations-{index}-deadline", "Indiquez la date limite de levée."))
    return problems


def check_within_request(application: Application, granted_eur: Decimal | None, field: str = "granted_eur") -> None:
    """Refuse to grant more than was asked."""
    if granted_eur is not None and granted_eur > application.requested_eur:
        message = (
            f"Le montant accordé ne peut pas dépasser le montant demandé ({french.euros(application.requested_eur)})."
        )
        raise InvalidError.on(field, message, code="montant-superieur-a-la-demande")


def check_envelope(
    envelope_eur: Decimal,
    already_eur: Decimal,
    granted_eur: Decimal | None,
    place: str = "granted_eur",
    *,
    told: bool = True,
) -> None:
    """Refuse to grant more than the call has; strands are fungible and only warn.

    The rule counts every file. By how much it is passed is ``told`` to whoever reads them all: to the others, the
    figure would be what a file closed to them was granted.
    """
    over = already_eur + (granted_eur or 0) - envelope_eur
    if granted_eur is not None and over > 0:
        by = f" de {french.euros(over)}" if told else ""
        message = f"L'enveloppe de l'appel serait dépassée{by}."
        raise InvalidError.on(place, message, code="enveloppe-depassee")


def check_rank_free(application: Application, rank: int | None) -> None:
    """Refuse a rank of the waiting list that another file of the strand holds."""
    if rank is None:
        return
    taken = (
        select(Decision.id)
        .join(Application, Application.id == Decision.application_id)
        .where(
            Decision.rank == rank,
            Application.call_version_id == application.call_version_id,
            Application.strand_id.is_not_distinct_from(application.strand_id),
            Application.state != ApplicationState.WITHDRAWN,
        )
    )
    if db.session.scalar(select(taken.exists())):
        raise InvalidError.on("rank", "Ce rang est déjà attribué dans ce volet.", code="rang-pris")


def diverges(opinion: JuryOpinion, data: DecisionInput) -> bool:
    """Tell whether a decision departs from the advice: another outcome, another amount, another rank."""
    if opinion.outcome != data.kind.key:
        return True
    other_amount = opinion.amount_eur is not None and opinion.amount_eur != data.granted_eur
    return other_amount or (opinion.rank is not None and opinion.rank != data.rank)


def check_divergence(opinion: JuryOpinion, data: DecisionInput) -> None:
    """Ask why the direction departs from the jury's advice."""
    if diverges(opinion, data) and not data.divergence_motive.strip():
        message = "La décision s'écarte de l'avis du jury : indiquez pourquoi."
        raise InvalidError.on("divergence_motive", message, code="divergence-non-motivee")


def check_opinion(data: OpinionInput) -> None:
    """Refuse an advice whose amount or rank does not go with its kind."""
    problems = []
    if data.amount_eur is not None and data.kind.effect not in FUNDED:
        problems.append(Problem("amount_eur", "Cet avis ne propose aucun montant."))
    elif data.amount_eur is not None and data.amount_eur < 0:
        problems.append(Problem("amount_eur", "Indiquez un montant positif."))
    if data.rank is not None and data.kind.effect is not DecisionEffect.WAIT:
        problems.append(Problem("rank", "Le rang ne concerne que la liste complémentaire."))
    elif data.rank is not None and data.rank < 1:
        problems.append(Problem("rank", "Le premier rang est 1."))
    if data.kind.effect is DecisionEffect.REFUSE and not data.motive.strip():
        problems.append(Problem("motive", "Un avis défavorable est motivé."))
    if problems:
        raise InvalidError("L'avis est incomplet.", tuple(problems), code="avis-incomplet")


def check_reservations_told(kind: DecisionKind, reservations: str) -> None:
    """Ask which reservations an opinion of the session is subject to."""
    if kind.effect is DecisionEffect.FUND_WITH_RESERVATIONS and not reservations.strip():
        message = "Dites à quelles réserves cet avis est soumis, une par ligne."
        raise InvalidError.on("reservations", message, code="reserves-absentes")


def check_departure(
    proposal: Proposal | None, kind: DecisionKind, amount_eur: Decimal | None, motive: str, place: str
) -> None:
    """Ask why the jury departs from the scenario that its session starts from, in opinion or amount."""
    if proposal is not None and proposal.differs(kind, amount_eur) and not motive.strip():
        message = f"Le scénario adopté propose « {proposal.words} » : indiquez pourquoi le jury s'en écarte."
        raise InvalidError.on(place, message, code="ecart-non-motive")


def check_evidence(evidence: str) -> str:
    """Ask what shows that the reservation is met; return it trimmed."""
    if not evidence.strip():
        raise InvalidError.on(
            "evidence", "Indiquez la pièce ou le constat qui lève la réserve.", code="preuve-manquante"
        )
    return evidence.strip()


def check_lifting_hour(reservation: Reservation, now: datetime, late_reason: str) -> None:
    """Ask why a reservation is lifted after its deadline (a Paris day, included)."""
    if paris(now).date() > reservation.deadline and not late_reason.strip():
        message = (
            f"La date limite ({french.day(reservation.deadline)}) est passée : indiquez pourquoi la réserve est levée."
        )
        raise InvalidError.on("late_reason", message, code="reserve-hors-delai")


def check_reservations_lifted(decision: Decision) -> None:
    """Refuse a contract while a reservation stands."""
    standing = [row.key for row in decision.reservations if row.lifted_at is None]
    if standing:
        message = f"Réserves non levées : {french.listing(standing)}. La convention ne peut pas être signée."
        raise ConflictError(message, code="reserves-non-levees")


def check_funded(decision: Decision | None) -> Decision:
    """Refuse a contract for a file that is not funded; return the decision."""
    if decision is None or decision.effect not in FUNDED:
        raise ConflictError("Ce dossier n'est pas financé.", code="dossier-non-finance")
    return decision


def check_plan(plan: Plan, granted_eur: Decimal) -> None:
    """Refuse a revised plan that is not balanced, or whose shares are not exactly the subsidy."""
    problems = [
        Problem(f"lines-{line.key}-granted_share_eur", "La part de l'agence dépasse la dépense.")
        for line in plan.lines
        if not 0 <= line.granted_share_eur <= line.planned_eur
    ]
    if plan.granted_eur != granted_eur:
        message = f"Les parts de l'agence font {french.euros(plan.granted_eur)} au lieu de {french.euros(granted_eur)}."
        problems.append(Problem("lines", message))
    income = sum((funder.amount_eur for funder in plan.funders), Decimal(0))
    if income != plan.budget_eur:
        message = f"Dépenses ({french.euros(plan.budget_eur)}) et ressources ({french.euros(income)}) sont différentes."
        problems.append(Problem("funders", message))
    agency = sum((row.amount_eur for row in plan.funders if row.kind == IncomeKind.SUBSIDY.value), Decimal(0))
    if agency != granted_eur:
        problems.append(Problem("funders", f"La ligne de l'agence doit être de {french.euros(granted_eur)}."))
    if problems:
        raise InvalidError("Le plan de financement révisé est à corriger.", tuple(problems), code="plan-invalide")


def check_payable(project: Project) -> None:
    """Refuse a payment to a project that is suspended, terminated or settled."""
    if project.state not in _PAYABLE:
        raise ConflictError("L'état du projet ne permet aucun versement.", code="projet-non-payable")


def check_instalment(instalment: Instalment, amount_eur: Decimal, paid_at: datetime) -> None:
    """Refuse a payment twice, before it is due, above what is due, or after the sums lapsed."""
    if instalment.paid_at is not None:
        raise ConflictError("Ce versement est déjà payé.", code="deja-paye")
    if instalment.unlocked_at is None or paid_at < instalment.unlocked_at:
        raise ConflictError("Ce versement n'est pas encore exigible.", code="versement-bloque")
    due = instalment.planned_eur if instalment.due_eur is None else instalment.due_eur
    if not 0 < amount_eur <= due:
        message = f"Le montant payé va jusqu'à {french.euros(due)}."
        raise InvalidError.on("amount_eur", message, code="montant-superieur-au-du")


def check_total(project: Project, amount_eur: Decimal) -> None:
    """Refuse to pay more than the subsidy."""
    if project.paid_total_eur + amount_eur > project.subsidy_eur:
        raise InvalidError.on("amount_eur", "Le total versé dépasserait la subvention.", code="subvention-depassee")


def check_not_lapsed(contract: Contract | None, paid_at: datetime) -> None:
    """Refuse to pay sums that have lapsed (CSP L1435-10)."""
    if contract is not None and paris(paid_at).date() > contract.lapses_on:
        message = f"Ces crédits sont prescrits depuis le {french.day(contract.lapses_on)}."
        raise ConflictError(message, code="credits-prescrits")


def check_balance_first(project: Project, instalment: Instalment) -> None:
    """Refuse to pay the last instalment before the balance is computed from the real expense."""
    last = max(row.rank for row in project.instalments)
    if instalment.rank == last and last > 1 and project.balance is None:
        raise ConflictError("Calculez le solde avant de payer le dernier versement.", code="solde-absent")


def check_no_project(application: Application) -> None:
    """Refuse a second contract."""
    if db.session.scalar(select(exists().where(Project.application_id == application.id))):
        raise ConflictError("Ce dossier est déjà conventionné.", code="deja-conventionne")
