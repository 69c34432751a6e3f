"""Depositing: the hour is strict to the second, the file complete, the deposit sealed, and a double click is one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError

from aap import audit
from aap.accounts.models import User
from aap.applications.checks import AnnexStatus, RuleResult
from aap.applications.facts import Reading, read_application
from aap.applications.models import (
    Application,
    ApplicationState,
    CallCounter,
    CheckMode,
    CheckOutcome,
    Submission,
)
from aap.applications.notices import tell_received, tell_withdrawn
from aap.applications.openness import check_open
from aap.applications.service.admissibility import freeze_verdicts
from aap.applications.service.signing import signature_problem
from aap.applications.snapshot import pieces_of_deposit, seal_of, take_snapshot
from aap.applications.states import WORKFLOW
from aap.applications.verdicts import annexes_of, eligibility_of, progress_of
from aap.applications.written import project_written
from aap.db import db, refusing
from aap.errors import ConflictError, ForbiddenError, InvalidError, Problem
from aap.workflow import apply

MOTIVE_LIMIT = 2000


def submit(application: Application, *, actor: User, now: datetime, idempotency_key: str = "") -> Submission:
    """Deposit a draft. ``now`` is the instant the request arrived: one microsecond after the closing is too late.

    The same request sent twice is one deposit: the second call returns the first one's.

    Raises:
        ForbiddenError: the person is not the lead.
        ConflictError: the call is closed, or the file is in a state that is not deposited.
        InvalidError: with every problem of the form, the annexes and the blocking rules, and their places.

    """
    _check_lead(application, actor)
    _lock(application)
    known = find_submission(application, idempotency_key)
    if known is not None:
        return known
    check_open(application, now)
    reading = read_application(application, now)
    check_ready(reading)
    application.reference, application.submitted_at = next_reference(application), now
    apply(WORKFLOW, application, "submit", actor, now)
    return _deposit(application, reading, idempotency_key, actor=actor, now=now)


def resubmit(application: Application, *, actor: User, now: datetime, idempotency_key: str = "") -> Submission:
    """Send a completed file back, before the deadline of the request. The hour of the first deposit keeps counting.

    Only what was opened again must be complete; the officer reads the rest in the verdicts.

    Raises:
        ForbiddenError: the person is not the lead.
        ConflictError: nothing was asked, or the deadline has passed.
        InvalidError: what was asked is still missing.

    """
    _check_lead(application, actor)
    _lock(application)
    known = find_submission(application, idempotency_key)
    if known is not None:
        return known
    parts = check_open(application, now)
    reading = read_application(application, now)
    problems = [
        problem
        for section in progress_of(reading).sections
        for status in section.fields
        if status.id in parts.fields
        for problem in (*status.missing, *status.wrong)
    ]
    problems += _annex_problems([status for status in annexes_of(reading) if status.key in parts.annexes])
    _refuse(problems)
    request = application.completion_requests[-1]
    request.answered_at = now
    project_written(application)
    apply(WORKFLOW, application, "resubmit", actor, now)
    return _deposit(application, reading, idempotency_key, actor=actor, now=now)


def withdraw(application: Application, *, actor: User, now: datetime, reason: str = "") -> None:
    """Withdraw a file; a draft is simply given up.

    Raises:
        ForbiddenError: the person is neither the lead nor, after the deposit, an officer of the call.
        ConflictError: too late, or no reason was given for a deposited file.

    """
    deposited = application.submitted_at is not None
    apply(WORKFLOW, application, "withdraw", actor, now, reason.strip()[:MOTIVE_LIMIT] or None)
    db.session.flush()
    if deposited:
        tell_withdrawn(application, now)


def find_submission(application: Application, idempotency_key: str) -> Submission | None:
    """Return the deposit that this request, or the double click before it, has already made."""
    if not application.submissions:
        return None
    last = application.submissions[-1]
    same = bool(idempotency_key) and last.idempotency_key == idempotency_key
    return last if same or application.state is ApplicationState.SUBMITTED else None


def list_obstacles(application: Application, now: datetime, *, reading: Reading | None = None) -> tuple[Problem, ...]:
    """Return everything that keeps a draft from being deposited now, for the page that checks answers.

    ``reading`` is the file as its people read it now, when it was read already.
    """
    return tuple(_obstacles(read_application(application, now) if reading is None else reading))


def check_ready(reading: Reading) -> None:
    """Refuse a file that is not complete, or that a blocking automatic rule would make inadmissible.

    Raises:
        InvalidError: with every problem; places are input names, ``annex-<key>`` and ``rule-<key>``.

    """
    _refuse(_obstacles(reading))


def _obstacles(reading: Reading) -> list[Problem]:
    problems = list(progress_of(reading).problems)
    if reading.application.strand is None and reading.application.call_version.strands:
        problems.append(Problem("strand", "Choisissez le volet de l'appel auquel le dossier répond."))
    annexes = _annex_problems(annexes_of(reading))
    problems += annexes
    problems += _rule_problems(eligibility_of(reading), annexes_told=bool(annexes))
    unsigned = signature_problem(reading.application)
    return problems if unsigned is None else [*problems, unsigned]


def _refuse(problems: list[Problem]) -> None:
    if problems:
        message = "Le dossier n'est pas prêt à être déposé : corrigez les points signalés."
        raise InvalidError(message, tuple(problems), code="dossier-incomplet")


def _annex_problems(statuses: Sequence[AnnexStatus]) -> list[Problem]:
    return [
        Problem(f"annex-{status.key}", f"Il manque la pièce « {status.label} »{_for_whom(status)}.")
        for status in statuses
        if status.missing
    ]


def _for_whom(status: AnnexStatus) -> str:
    return f" pour {', '.join(status.missing)}" if status.per else ""


def _rule_problems(results: Sequence[RuleResult], *, annexes_told: bool) -> list[Problem]:
    """Report the blocking automatic rules that do not hold; missing annexes are not told twice."""
    return [
        Problem(f"rule-{result.key}", f"{result.label} : {result.because}")
        for result in results
        if result.mode is CheckMode.AUTO
        and result.blocking
        and result.outcome is not CheckOutcome.PASSED
        and not (annexes_told and "missing" in result.figures)
    ]


def next_reference(application: Application) -> str:
    """Take the next number of the call, under the lock of its counter: ``<ref of the call>-0001``."""
    call = application.call_version.call
    query = select(CallCounter).where(CallCounter.call_id == call.id).with_for_update()
    counter = db.session.scalar(query)
    if counter is None:
        try:
            with db.session.begin_nested():
                db.session.add(CallCounter(call_id=call.id, last_number=0))
        except IntegrityError:
            db.session.expire_all()  # somebody else made it at the same instant: it is read below, under its lock
        counter = db.session.scalar(query.execution_options(populate_existing=True))
    if counter is None:
        raise ConflictError("Le numéro du dossier n'a pas pu être attribué. Réessayez.", code="numero-indisponible")
    counter.last_number += 1
    db.session.flush()
    return f"{call.ref}-{counter.last_number:04d}"


def _deposit(
    application: Application, reading: Reading, idempotency_key: str, *, actor: User, now: datetime
) -> Submission:
    number = len(application.submissions) + 1
    asked = {spec.id for spec in reading.standing_form.fields()}
    snapshot = take_snapshot(application, number, now, asked)
    submission = Submission(
        application_id=application.id,
        number=number,
        at=now,
        by_id=actor.id,
        idempotency_key=(idempotency_key or str(uuid.uuid4()))[:80],
        snapshot=snapshot,
        seal=seal_of(snapshot),
        pieces=pieces_of_deposit(application, asked),
    )
    twice = ConflictError("Ce dossier vient d'être déposé.", code="deja-depose")
    with refusing(
        {
            "uq_submissions_application_id_number": twice,
            "uq_submissions_application_id_idempotency_key": twice,
        }
    ):
        db.session.add(submission)
    db.session.expire(application, ["submissions"])
    freeze_verdicts(application, eligibility_of(reading), number, now)
    detail = {"submission": str(submission.id), "number": number, "seal": submission.seal}
    audit.record("applications.deposit", application, actor_id=actor.id, now=now, detail=detail)
    tell_received(application, submission, now)
    return submission


def _check_lead(application: Application, actor: User) -> None:
    if application.lead_id != actor.id:
        raise ForbiddenError("Seul le porteur peut déposer ce dossier.")


def _lock(application: Application) -> None:
    """Make two deposits of one file take turns, and read it as the first one left it."""
    db.session.flush()
    columns = [column.key for column in inspect(Application).column_attrs]  # its call is not read again with it
    db.session.refresh(application, columns, with_for_update={"of": Application})
    db.session.expire(application, ["submissions", "completion_requests", "pieces"])
