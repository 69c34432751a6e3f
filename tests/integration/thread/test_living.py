"""The demonstration as somebody who tries the service finds it: fifty applications around the present hour."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from fractions import Fraction

import pytest
from flask import Flask
from sqlalchemy import func, select, true

from aap import audit, french
from aap.accounts.queries import list_demonstration_accounts
from aap.applications.models import Application, ApplicationPublic, ApplicationState, Submission
from aap.applications.snapshot import seal_of
from aap.applications.verdicts import evaluate_eligibility, get_progress
from aap.awards.models import Decision, Project, ProjectState, Reservation
from aap.awards.queries import list_instalments, list_payments_due
from aap.blueprints.followed_project import instalment_rows
from aap.calls.models import Call, CallVersion, Strand
from aap.calls.phases import CallPhase
from aap.calls.queries import calendar_of, get_call, phase_of
from aap.capitalisation.models import Sheet, SheetState
from aap.clock import paris
from aap.db import db
from aap.demonstration import load_demonstration
from aap.demonstration.accounts import ACCOUNTS
from aap.errors import ConflictError
from aap.evaluation.models import ReportState
from aap.evaluation.queries import get_board
from aap.jury.models import InterestDeclaration, JuryMember, Recusal, Review, ReviewState
from aap.jury.queries import get_summary, list_ranking
from aap.mail import MailboxMessage
from aap.outbox import Promise
from tests.living import NOW

pytestmark = pytest.mark.sqlite

OPEN, MARKING, DELIBERATING, RUNNING = "AAP-TS-2026-01", "AAP-PARC-2026-01", "AAP-DOM-2026-01", "AAP-TS-2025-01"
_S = ApplicationState


def _files_of(ref: str) -> list[Application]:
    query = (
        select(Application)
        .join(CallVersion, CallVersion.id == Application.call_version_id)
        .join(Call, Call.id == CallVersion.call_id)
        .where(Call.ref == ref)
    )
    return list(db.session.scalars(query.order_by(Application.created_at)))


@pytest.mark.usefixtures("loaded")
def test_there_are_fifty_applications_in_every_state() -> None:
    states = Counter(db.session.scalars(select(Application.state)))
    assert states.total() == 50
    assert states == {
        _S.DRAFT: 6,
        _S.SUBMITTED: 4,
        _S.COMPLETION_REQUESTED: 1,
        _S.ADMISSIBLE: 1,
        _S.INADMISSIBLE: 3,
        _S.INSTRUCTED: 5,
        _S.SCORED: 3,
        _S.DECIDED: 2,
        _S.NOTIFIED: 12,
        _S.CONTRACTED: 9,
        _S.WITHDRAWN: 4,
    }


@pytest.mark.usefixtures("loaded")
def test_they_cover_the_eight_departments_the_four_strands_and_the_publics() -> None:
    departments = set(db.session.scalars(select(Application.department_code)))
    assert departments == {"75", "77", "78", "91", "92", "93", "94", "95"}
    strands = Counter(db.session.scalars(select(Strand.key).join(Application, Application.strand_id == Strand.id)))
    assert set(strands) == set("ABCD")
    assert min(strands.values()) >= 8
    publics = set(db.session.scalars(select(ApplicationPublic.code)))
    assert {"personnes_agees", "personnes_handicap", "ald", "detenus", "precaires"} <= publics


@pytest.mark.usefixtures("loaded")
def test_titles_of_a_call_are_all_different() -> None:
    for ref in (OPEN, MARKING, DELIBERATING, RUNNING, "AAP-TS-2023-01"):
        titles = [application.title for application in _files_of(ref)]
        assert len(set(titles)) == len(titles)


@pytest.mark.usefixtures("loaded")
def test_the_case_bears_the_references_of_its_documents() -> None:
    application = db.session.scalars(select(Application).where(Application.reference == "AAP-TS-2023-01-0017")).one()
    project = db.session.scalars(select(Project).where(Project.application_id == application.id)).one()
    sheet = db.session.scalars(select(Sheet).where(Sheet.project_id == project.id)).one()
    assert (project.reference, sheet.reference) == ("PRJ-2024-0004", "CAP-2026-003")
    assert application.acronym == "VAL-TLM 77"


@pytest.mark.usefixtures("loaded")
def test_a_call_stays_open_for_six_weeks() -> None:
    call = get_call(OPEN)
    assert phase_of(call, NOW) is CallPhase.OPEN
    closes_at = calendar_of(call).closes_at
    assert closes_at is not None
    assert timedelta(weeks=6) <= closes_at - NOW < timedelta(weeks=7, days=1)
    assert (paris(closes_at).weekday(), paris(closes_at).hour) == (0, 12)


@pytest.mark.usefixtures("loaded")
def test_drafts_are_more_or_less_complete_and_deposits_hold_every_blocking_rule() -> None:
    files = _files_of(OPEN)
    drafts = [one for one in files if one.state is _S.DRAFT]
    answered = sorted(len(get_progress(one, NOW).problems) for one in drafts)
    assert answered[:2] == [0, 0]
    assert len(set(answered)) >= 4
    for application in files:
        if application.state is _S.SUBMITTED:
            results = evaluate_eligibility(application, NOW)
            assert [result.because for result in results if result.outcome.value == "failed"] == []


@pytest.mark.usefixtures("loaded")
def test_every_budget_balances_and_every_deposit_keeps_its_seal() -> None:
    deposited = db.session.scalars(select(Application).where(Application.submitted_at.is_not(None))).all()
    assert all(one.total_expenses == one.total_income > one.requested_eur > 0 for one in deposited)
    submissions = db.session.scalars(select(Submission)).all()
    assert len(submissions) == 44
    assert all(one.seal == seal_of(one.snapshot) for one in submissions)


@pytest.mark.usefixtures("loaded")
def test_a_jury_is_marking_now() -> None:
    call = get_call(MARKING)
    assert phase_of(call, NOW) is CallPhase.SCORING
    files = [one for one in _files_of(MARKING) if one.state is _S.INSTRUCTED]
    ids = [one.id for one in files]
    states = Counter(db.session.scalars(select(Review.state).where(Review.application_id.in_(ids))))
    assert states[ReviewState.SUBMITTED] >= 8
    assert states[ReviewState.DRAFT] >= 3
    assert any(get_summary(one.id).divergence_over for one in files)
    members = select(JuryMember.id).where(JuryMember.call_id == call.id)
    recusals = select(func.count()).select_from(Recusal).where(Recusal.jury_member_id.in_(members))
    signed = (
        select(func.count()).select_from(InterestDeclaration).where(InterestDeclaration.jury_member_id.in_(members))
    )
    assert (db.session.scalar(recusals), db.session.scalar(signed)) == (1, 10)


@pytest.mark.usefixtures("loaded")
def test_a_call_is_being_decided() -> None:
    assert phase_of(get_call(DELIBERATING), NOW) is CallPhase.DELIBERATION
    totals = [row.total or Fraction(0) for row in list_ranking(get_call(DELIBERATING).id)]
    assert len(totals) == 5
    assert totals == sorted(totals, reverse=True)
    assert len(set(totals)) >= 3


@pytest.mark.usefixtures("loaded")
def test_projects_are_under_way_some_of_them_late() -> None:
    projects = db.session.scalars(
        select(Project).where(Project.reference.like("PRJ-2025-%")).order_by(Project.reference)
    ).all()
    assert Counter(one.state for one in projects) == {ProjectState.RUNNING: 4, ProjectState.SUSPENDED: 1}
    boards = [get_board(one, NOW) for one in projects]
    interim = Counter(next(row.state for row in board.reports if row.period_key == "M12") for board in boards)
    assert interim == {
        ReportState.VALIDATED: 1,
        ReportState.SUBMITTED: 1,
        ReportState.RETURNED: 1,
        ReportState.DRAFT: 2,
    }
    assert sum(board.late_count > 0 for board in boards) >= 2
    assert Counter(sum(row.paid_at is not None for row in one.instalments) for one in projects) == {1: 5}


@pytest.mark.usefixtures("loaded")
def test_finance_finds_an_instalment_to_pay_within_its_legal_delay() -> None:
    rows, total = list_payments_due(NOW, seen=true())
    assert total >= 1
    assert [(row.rank, row.late, row.claimable_eur == row.due_eur) for row in rows][:1] == [(2, False, True)]


@pytest.mark.usefixtures("loaded")
def test_nothing_is_said_due_before_its_condition_is_met_and_the_condition_is_named() -> None:
    due = list_payments_due(NOW, seen=true())[0][0]
    project = db.session.get_one(Project, due.project_id)
    cells = {row[0].split(".")[0]: row[2:] for row in instalment_rows(list_instalments(project, NOW))}
    assert cells["2"][0] == french.euros(due.due_eur)
    assert cells["3"] == ("–", "–", "Pas encore exigible : le sera à la validation du rapport final")


@pytest.mark.usefixtures("loaded")
def test_a_notified_file_still_has_a_reservation_to_lift() -> None:
    standing = (
        select(func.count())
        .select_from(Reservation)
        .join(Decision, Decision.id == Reservation.decision_id)
        .join(Application, Application.id == Decision.application_id)
        .where(Reservation.lifted_at.is_(None), Application.state == _S.NOTIFIED)
    )
    assert (db.session.scalar(standing) or 0) >= 1


@pytest.mark.usefixtures("loaded")
def test_nothing_happened_in_the_future() -> None:
    assert (db.session.scalar(select(func.max(audit.AuditEntry.at))) or NOW) <= NOW
    assert (db.session.scalar(select(func.max(MailboxMessage.at))) or NOW) <= NOW


@pytest.mark.usefixtures("loaded")
def test_three_sheets_are_published() -> None:
    sheets = db.session.execute(select(Sheet.reference, Sheet.state).order_by(Sheet.reference)).all()
    assert [tuple(row) for row in sheets] == [(f"CAP-2026-00{number}", SheetState.PUBLISHED) for number in (1, 2, 3)]


@pytest.mark.usefixtures("loaded")
def test_mails_are_delivered_at_their_hour_and_nothing_failed() -> None:
    assert db.session.scalar(select(func.count()).select_from(Promise).where(Promise.last_error.is_not(None))) == 0
    waiting = select(Promise.kind).where(Promise.delivered_at.is_(None)).distinct()
    assert "mail" not in db.session.scalars(waiting).all()
    receipt = select(MailboxMessage.at).where(MailboxMessage.subject == "Dossier déposé – AAP-TS-2023-01-0017")
    assert paris(db.session.scalars(receipt).one()).isoformat() == "2023-11-03T16:42:00+01:00"


@pytest.mark.usefixtures("loaded")
def test_accounts_are_listed_by_role() -> None:
    groups = {group.label: [account.email for account in group.accounts] for group in list_demonstration_accounts()}
    assert sum(map(len, groups.values())) == len(ACCOUNTS)
    assert len(groups["Jury"]) == 11
    assert len(groups["Porteurs de projet"]) == 16
    assert len(groups["Référence e-santé en délégation"]) == 8
    assert groups["Décision, direction générale"] == ["direction@demo.invalid"]


@pytest.mark.usefixtures("loaded")
def test_the_journal_holds() -> None:
    verified = audit.verify()
    assert verified.ok, verified.reason
    assert verified.checked > 1500


def test_it_loads_once(loaded: Flask) -> None:
    said: list[str] = []
    assert loaded.name == "aap"
    assert not load_demonstration(NOW, only_if_empty=True, say=said.append)
    assert said == []
    with pytest.raises(ConflictError, match="base vide"):
        load_demonstration(NOW, only_if_empty=False, say=said.append)
