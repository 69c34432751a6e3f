"""Admissibility: automatic verdicts frozen at each deposit, manual rules answered, completion asked, decision taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select

from aap import audit, french
from aap.accounts.models import User
from aap.applications.checks.eligibility import RuleResult
from aap.applications.models import (
    AdmissibilityCheck,
    AdmissibilityDecision,
    Application,
    ApplicationState,
    CheckMode,
    CheckOutcome,
    CompletionItem,
    CompletionItemKind,
    CompletionRequest,
)
from aap.applications.notices import (
    tell_admissible,
    tell_completion_requested,
    tell_inadmissible,
)
from aap.applications.states import WORKFLOW, is_officer
from aap.applications.terms import COMPLETION_DEADLINE, step_instant
from aap.calls.document.body import VersionDocument
from aap.calls.queries import load_document
from aap.clock import PARIS, paris
from aap.db import db, refusing
from aap.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, Problem
from aap.referentials.vocabularies import label
from aap.workflow import apply

ADMISSIBLE = "recevable"
LONGEST_MESSAGE = 5000


@dataclass(frozen=True, slots=True)
class ItemAsked:
    """What is asked again: a section, a field or an annex by its key, and what is missing in it."""

    kind: CompletionItemKind
    key: str
    note: str = ""


def freeze_verdicts(application: Application, results: Sequence[RuleResult], number: int, now: datetime) -> None:
    """Write the verdicts of a deposit (its ``number``) as rows; answers to manual rules are kept from the last one."""
    before = {check.rule_key: check for check in list_checks(application) if check.mode is CheckMode.MANUAL}
    for position, result in enumerate(results):
        answered = before.get(result.key) if result.mode is CheckMode.MANUAL else None
        db.session.add(
            AdmissibilityCheck(
                application_id=application.id,
                round=number,
                rule_key=result.key,
                mode=result.mode,
                blocking=result.blocking,
                outcome=answered.outcome if answered else result.outcome,
                because=answered.because if answered else result.because,
                figures={} if answered else dict(result.figures),
                by_id=answered.by_id if answered else None,
                at=answered.at if answered else now,
                position=position,
            )
        )
    db.session.flush()


def list_checks(application: Application) -> list[AdmissibilityCheck]:
    """Return the verdicts of the last deposit, in the order of the call."""
    last = (
        select(AdmissibilityCheck.round)
        .where(AdmissibilityCheck.application_id == application.id)
        .order_by(AdmissibilityCheck.round.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(AdmissibilityCheck).where(
        AdmissibilityCheck.application_id == application.id, AdmissibilityCheck.round == last
    )
    return list(db.session.scalars(query.order_by(AdmissibilityCheck.position)))


def tick_manual_rule(
    application: Application, rule_key: str, *, passed: bool, because: str, actor: User, now: datetime
) -> AdmissibilityCheck:
    """Answer a manual rule of the last deposit, with its reason.

    Raises:
        ForbiddenError: the person is not an officer of the call.
        ConflictError: admissibility is not being examined.
        NotFoundError: no such manual rule.
        InvalidError: no reason (on ``because``).

    """
    _check_officer(application, actor)
    _check_examined(application)
    check = next((row for row in list_checks(application) if row.rule_key == rule_key), None)
    if check is None or check.mode is not CheckMode.MANUAL:
        raise NotFoundError("Cette règle n'est pas à vérifier à la main sur ce dossier.")
    if not because.strip():
        raise InvalidError.on("because", "Écrivez le motif de votre réponse.", code="motif-manquant")
    check.outcome = CheckOutcome.PASSED if passed else CheckOutcome.FAILED
    check.because, check.by_id, check.at = because.strip(), actor.id, now
    detail = {"rule": rule_key, "round": check.round, "outcome": check.outcome.value}
    audit.record("applications.tick_manual_rule", application, actor_id=actor.id, now=now, detail=detail)
    return check


def request_completion(
    application: Application, items: Sequence[ItemAsked], message: str, *, actor: User, now: datetime
) -> CompletionRequest:
    """Open named items again until a deadline, and tell the lead. The hour of the first deposit keeps counting.

    Raises:
        ConflictError: not allowed by the call, too many rounds, or the calendar leaves no time.
        InvalidError: nothing asked, an unknown item, or no message (on ``items`` or ``message``).
        ForbiddenError: the person is not an officer of the call.

    """
    _check_officer(application, actor)
    document = load_document(application.call_version)
    check_rounds(application, document)
    check_items(items, document)
    text = message.strip()
    if not text or len(text) > LONGEST_MESSAGE:
        raise InvalidError.on("message", "Dites au porteur ce qui manque (5 000 caractères au plus).")
    request = CompletionRequest(
        application_id=application.id,
        round=len(application.completion_requests) + 1,
        message=text,
        requested_at=now,
        requested_by_id=actor.id,
        deadline=completion_deadline(application, now),
        items=[
            CompletionItem(kind=item.kind, key=item.key, note=item.note.strip()[:400], position=position)
            for position, item in enumerate({(item.kind, item.key): item for item in items}.values())
        ],
    )
    apply(WORKFLOW, application, "request_completion", actor, now)
    application.completion_requests.append(request)
    db.session.flush()
    tell_completion_requested(application, request, now)
    return request


def completion_deadline(application: Application, now: datetime) -> datetime:
    """Return the end of the delay: the last second of the last day, never after the step of the calendar.

    Raises:
        ConflictError: the step of the calendar has passed.

    """
    document = load_document(application.call_version)
    terms = document.admissibility.completion_requests
    last_day = paris(now).date() + timedelta(days=terms.delay_days if terms else 0)
    deadline = datetime.combine(last_day, time(23, 59, 59), PARIS)
    step = step_instant(application.call_version.call, COMPLETION_DEADLINE)
    if step is not None and step <= now:
        message = f"Le calendrier n'admet plus de compléments depuis le {french.moment(step)}."
        raise ConflictError(message, code="fin-des-complements")
    return deadline if step is None else min(deadline, step)


def check_rounds(application: Application, document: VersionDocument) -> None:
    """Refuse a request that the call does not allow, or one too many.

    Raises:
        ConflictError: with the figure of the call.

    """
    terms = document.admissibility.completion_requests
    if terms is None or not terms.allowed:
        raise ConflictError("Cet appel ne prévoit pas de demande de compléments.", code="complements-exclus")
    if len(application.completion_requests) >= terms.max_rounds:
        times = french.plural(terms.max_rounds, "demande")
        message = f"L'appel prévoit {times} de compléments au plus par dossier : elles sont faites."
        raise ConflictError(message, code="trop-de-demandes-de-complements")


def check_items(items: Sequence[ItemAsked], document: VersionDocument) -> None:
    """Refuse an empty request, or one that names what the form does not have.

    Raises:
        InvalidError: on ``items``.

    """
    known = {
        CompletionItemKind.SECTION: {section.id for section in document.form.sections},
        CompletionItemKind.FIELD: {field.id for field in document.form.fields},
        CompletionItemKind.ANNEX: {annex.id for annex in document.annexes},
    }
    problems = [
        Problem("items", f"« {item.key} » n'existe pas dans le dossier.")
        for item in items
        if item.key not in known[item.kind]
    ]
    if not items:
        problems.append(Problem("items", "Choisissez au moins une rubrique ou une pièce à compléter."))
    if problems:
        raise InvalidError(problems[0].message, tuple(problems), code="complements-a-preciser")


def decide_admissibility(
    application: Application, outcome: str, motive: str, *, actor: User, now: datetime
) -> AdmissibilityDecision:
    """Declare the file admissible or not (a code of the call), and tell the lead.

    Raises:
        ForbiddenError: the person is not an officer of the call.
        InvalidError: an outcome the call does not know, or a refusal without motive.
        ConflictError: a blocking rule does not hold, the lead may still complete, or it is already decided.

    """
    _check_officer(application, actor)
    _check_examined(application)
    text = motive.strip()
    if outcome not in outcomes_of(application):
        raise InvalidError.on("outcome", "Choisissez une issue dans la liste.", code="issue-inconnue")
    if outcome == ADMISSIBLE:
        check_blocking_rules(list_checks(application))
    elif not text:
        raise InvalidError.on("motive", "Écrivez le motif de l'irrecevabilité.", code="motif-manquant")
    decision = AdmissibilityDecision(
        application_id=application.id, outcome=outcome, motive=text, by_id=actor.id, at=now
    )
    decided = ConflictError("La recevabilité de ce dossier est déjà décidée.", code="recevabilite-decidee")
    with refusing({"uq_admissibility_decisions_application_id": decided}):
        db.session.add(decision)
    if outcome == ADMISSIBLE:
        apply(WORKFLOW, application, "admit", actor, now, text or None)
        tell_admissible(application, now)
    else:
        reason = f"{label('admissibility_outcomes', outcome)}. {text}"
        apply(WORKFLOW, application, "refuse_admission", actor, now, reason)
        tell_inadmissible(application, decision, now)
    db.session.flush()
    return decision


def outcomes_of(application: Application) -> tuple[str, ...]:
    """Return the codes of the possible outcomes, admissible first."""
    codes = load_document(application.call_version).admissibility.outcomes
    return (ADMISSIBLE, *(code for code in codes if code != ADMISSIBLE))


def check_blocking_rules(checks: Sequence[AdmissibilityCheck]) -> None:
    """Refuse to admit a file while a blocking rule is broken or unanswered.

    Raises:
        ConflictError: naming the rules.

    """
    open_rules = [row.rule_key for row in checks if row.blocking and row.outcome is not CheckOutcome.PASSED]
    if open_rules:
        noun = "la règle bloquante" if len(open_rules) == 1 else "les règles bloquantes"
        verb = "n'est pas respectée ou vérifiée" if len(open_rules) == 1 else "ne sont pas respectées ou vérifiées"
        message = f"Le dossier ne peut pas être recevable : {noun} {french.listing(open_rules)} {verb}."
        raise ConflictError(message, code="regle-bloquante")


def _check_officer(application: Application, actor: User) -> None:
    if not is_officer(application, actor):
        raise ForbiddenError("Cette action revient aux instructeurs de l'appel.")


def _check_examined(application: Application) -> None:
    if application.state not in {ApplicationState.SUBMITTED, ApplicationState.COMPLETION_REQUESTED}:
        message = "La recevabilité de ce dossier n'est plus à l'examen."
        raise ConflictError(message, code="recevabilite-close")
