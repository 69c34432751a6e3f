"""The whole job, played by the services on both databases: every figure of the example documents."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import func, select

from aap import audit, french
from aap.applications.models import (
    AdmissibilityCheck,
    Application,
    ApplicationState,
    CheckMode,
    CheckOutcome,
    Opinion,
    Piece,
)
from aap.applications.service import list_checks, list_missing_opinions, list_obstacles
from aap.awards.models import Contract, Decision, JuryOpinion, Project, ProjectState
from aap.awards.queries import money_of
from aap.calls.models import Call
from aap.calls.phases import CallPhase
from aap.calls.queries import current_version, phase_of
from aap.capitalisation.models import Sheet, SheetPublication, SheetReview, SheetState
from aap.capitalisation.queries.figures import list_figures
from aap.clock import paris
from aap.db import db
from aap.demonstration.case import application as filing
from aap.demonstration.case import award, jury
from aap.demonstration.case.call import play_call
from aap.demonstration.case.project import play_project
from aap.demonstration.case.sheet import play_sheet
from aap.demonstration.examples import read_tree
from aap.demonstration.stage import hour
from aap.evaluation.models import EvaluationPlanVersion, MeasureState, PlanState, ReportState
from aap.evaluation.queries import get_board
from aap.extensions import storage
from aap.jobs.delivery import deliver_due
from aap.jury.models import Recusal, Review
from aap.jury.queries import get_summary
from aap.mail import MailboxMessage
from aap.outbox import Promise
from aap.policies import may, visible
from aap.workflow import list_events
from tests.integration.thread.conftest import Stage

pytestmark = pytest.mark.sqlite

LEAD = "porteur.valfleuri@demo.invalid"


def test_the_whole_job(stage: Stage) -> None:
    clock, people = stage.clock, stage.people
    call = play_call(clock, people)
    _check_call(call)
    application = filing.play_draft(clock, people, call)
    _check_draft(application)
    filing.play_deposit(clock, people, application)
    _check_deposits(application)
    filing.play_admissibility(clock, people, application)
    filing.play_opinions(clock, people, application)
    _check_instruction(application)
    members = jury.play_members(clock, people, call)
    jury.play_marks(clock, people, application, members)
    _check_recusal(application, stage)
    assert jury.play_closing(clock) == 1
    _check_marks(application)
    award.play_decision(clock, people, application)
    award.play_notification(clock, people, application)
    _check_decision(application)
    project = award.play_contract(clock, people, application)
    _check_contract(project)
    play_project(clock, people, project)
    _check_project(project)
    sheet = play_sheet(clock, people, project)
    _check_sheet(sheet)
    _check_promises(stage)
    _check_history(application)
    assert audit.verify().ok


def _check_call(call: Call) -> None:
    version = current_version(call)
    envelopes = {strand.key: strand.envelope_eur for strand in version.strands}
    assert envelopes == {"A": 500000, "B": 500000, "C": 300000, "D": 200000}
    assert version.envelope_eur == sum(envelopes.values()) == 1500000
    assert sum(criterion.weight for criterion in version.criteria) == 100
    assert sum(term.share for term in version.instalments) == 1
    assert paris(call.published_at or hour("2000-01-01T00:00:00")).isoformat() == "2023-09-04T09:00:00+02:00"
    assert phase_of(call, hour("2023-09-04T08:59:59")) is not CallPhase.OPEN
    assert phase_of(call, hour("2023-11-06T12:00:00")) is CallPhase.OPEN
    assert phase_of(call, hour("2023-11-06T12:00:01")) is CallPhase.INSTRUCTION


def _check_draft(application: Application) -> None:
    told = read_tree("application.yaml")["application"]["budget"]["totals"]
    totals = (application.total_expenses, application.total_income, application.requested_eur)
    assert totals == (told["expenses"], told["income"], told["requested"]) == (164040, 164040, 120000)
    rate = Fraction(application.requested_eur) / Fraction(application.total_expenses)
    assert french.rounded(rate, 4) == told["requested_rate"] == Decimal("0.7315")
    assert list_obstacles(application, hour("2023-11-02T18:00:00")) == ()
    counted = select(Piece.annex_key, func.count()).group_by(Piece.annex_key)
    pieces = {key: number for key, number in db.session.execute(counted)}  # noqa: C416  # rows are not pairs for mypy
    assert pieces == {
        **dict.fromkeys(("A01", "A02", "A03", "A06", "A08", "A12", "A13", "A15"), 1),
        "A09": 5,
        "A10": 7,
        "A11": 2,
    }


def _check_deposits(application: Application) -> None:
    assert application.reference == "AAP-TS-2023-01-0001"
    assert application.submitted_at == hour("2023-11-03T16:42:00")
    first, second = application.submissions
    assert (first.at, second.at) == (hour("2023-11-03T16:42:00"), hour("2023-11-20T09:30:00"))
    assert first.seal != second.seal
    verdicts = db.session.execute(
        select(AdmissibilityCheck.round, AdmissibilityCheck.rule_key, AdmissibilityCheck.outcome).where(
            AdmissibilityCheck.mode == CheckMode.AUTO
        )
    ).all()
    automatic = [f"E{number:02d}" for number in range(1, 12)]
    assert {(number, key) for number, key, _ in verdicts} == {(n, key) for n in (1, 2) for key in automatic}
    assert {outcome for _, _, outcome in verdicts} == {CheckOutcome.PASSED}
    request = application.completion_requests[0]
    assert [item.key for item in request.items] == ["A09"]
    assert len([piece for piece in application.pieces if piece.replaced_at is not None]) == 1


def _check_instruction(application: Application) -> None:
    told = read_tree("application.yaml")["application"]
    outcomes = {check.rule_key: check.outcome is CheckOutcome.PASSED for check in list_checks(application)}
    assert outcomes == {**told["eligibility"]["auto"], **told["eligibility"]["manual"]}
    assert application.state is ApplicationState.INSTRUCTED
    assert list_missing_opinions(application) == ()
    given = db.session.scalars(select(Opinion).order_by(Opinion.at)).all()
    assert [(one.value, one.text) for one in given] == [(row["opinion"], row["text"]) for row in told["opinions"]]


def _check_recusal(application: Application, stage: Stage) -> None:
    recused, marking = stage.people["jury4"], stage.people["jury1"]
    assert db.session.scalar(select(func.count()).select_from(Recusal)) == 1
    assert may(marking, "application.read", application)
    assert not may(recused, "application.read", application)
    seen = select(Application.id).where(visible(recused, Application))
    assert db.session.scalars(seen).all() == []


def _check_marks(application: Application) -> None:
    told = read_tree("application.yaml")["application"]["review"]
    summary = get_summary(application.id)
    totals = {review.code: review.total for review in summary.reviews}
    assert totals == {"J1": 80, "J2": 74, "J3": 76}
    assert summary.mean == Fraction(230, 3)
    assert french.rounded(summary.mean, 2) == told["mean"] == Decimal("76.67")
    assert [summary.minimum, summary.maximum, summary.divergence] == [Fraction(74), Fraction(80), Fraction(6)]
    assert summary.floors_ok
    assert not summary.divergence_over
    assert db.session.scalar(select(func.count()).select_from(Review)) == 3
    assert application.state is ApplicationState.SCORED


def _check_decision(application: Application) -> None:
    opinion = db.session.scalars(select(JuryOpinion)).one()
    decision = db.session.scalars(select(Decision)).one()
    assert opinion.by_id != decision.decided_by_id
    assert (decision.outcome, decision.granted_eur) == ("favorable_sous_reserve", Decimal(112500))
    assert decision.divergence_motive is None
    assert paris(decision.decided_at).isoformat() == "2024-01-31T12:00:00+01:00"
    lifted = [(one.key, one.deadline, paris(one.lifted_at).date()) for one in decision.reservations if one.lifted_at]
    deadline = date(2024, 3, 8)
    assert lifted == [("R1", deadline, date(2024, 3, 1)), ("R2", deadline, date(2024, 3, 6))]
    assert application.state is ApplicationState.NOTIFIED


def _check_contract(project: Project) -> None:
    contract = db.session.scalars(select(Contract)).one()
    assert (contract.form, contract.subsidy_eur) == ("avenant_cpom", Decimal(112500))
    assert contract.lapses_on == date(2027, 12, 31)
    assert paris(contract.signed_at).date() == date(2024, 3, 27)
    assert [row.planned_eur for row in project.instalments] == [67500, 33750, 11250]
    assert french.rounded(money_of(project).rate, 4) == Decimal("0.6858")
    incomes = {row.key: row.amount_eur for row in project.funders}
    assert incomes == {"F01": 112500, "F02": 15000, "F03": 15000, "F04": 21540}
    assert (project.starts_on, project.ends_on) == (date(2024, 4, 1), date(2026, 3, 31))


def _check_project(project: Project) -> None:
    told = read_tree("evaluation.yaml")["evaluation"]
    board = get_board(project, hour("2026-07-31T12:00:00"), only_validated=True)
    _check_measures(board, told)
    _check_calendar(board, told)
    assert (board.plan_state, board.plan_version) == (PlanState.DECIDED, 2)
    assert board.expenses == told["finance"]["spent_at"] == {"M12": 96400, "M24": 158900}
    assert sum(line.actual_eur or 0 for line in board.lines) == 158900
    reasons = db.session.scalars(select(EvaluationPlanVersion.reason).order_by(EvaluationPlanVersion.number)).all()
    assert reasons == [None, told["plan_history"][1]["reason"]]
    _check_payments(project, told)
    verdicts = {row.question: row.verdict.value for row in board.conclusion.verdicts}
    assert verdicts == {row["id"]: row["verdict"] for row in told["conclusion"]["grid"]}
    decision = board.conclusion.decision
    assert decision is not None
    assert (decision.body, decision.decided_on) == ("COPIL", date(2026, 6, 25))
    assert decision.outcome.value == told["conclusion"]["decision"]["outcome"]


def _check_measures(board: Any, told: dict[str, Any]) -> None:
    series = {each.code: each for each in board.series}
    for row in told["indicators"]:
        values = {point.period_key: point.value for point in series[row["code"]].points if point.value is not None}
        assert values == {measure["at"]: measure["value"] for measure in row["measures"]}, row["code"]
        assert series[row["code"]].baseline == row["baseline"]["value"], row["code"]
        assert series[row["code"]].target == row["target"]["value"], row["code"]
        assert {point.state for point in series[row["code"]].points if point.value is not None} == {
            MeasureState.VALIDATED
        }
    costs = {point.period_key: point.value for point in series["COU-ACTE"].points if point.value is not None}
    assert costs == {"M12": Decimal("238.02"), "M24": Decimal("134.09")}
    assert series["COU-ACTE"].to_date == Fraction(158900, 934 + 251)
    assert (board.targets.reached, board.targets.total) == (14, 16)
    assert set(board.targets.missed) == {"TRA-URG", "QUA-DMP"}


def _check_calendar(board: Any, told: dict[str, Any]) -> None:
    done = {row.key: (row.label, f"{row.due_on}", f"{row.done_on}") for row in board.milestones}
    expected = {row["id"]: (row["label"], f"{row['due']}", f"{row['done']}") for row in told["milestones"]}
    assert done.pop("J10")[:2] == expected.pop("J10")[:2]  # reached by the publication, later
    assert done == expected
    reports = {row.key: row for row in board.reports}
    assert {key for key, row in reports.items() if row.state is ReportState.VALIDATED} == {
        "R-M6",
        "R-M12",
        "R-M18",
        "R-M24",
    }
    assert paris(reports["R-M12"].submitted_at).date() == date(2025, 5, 19)
    assert reports["R-M12"].remark == "Dénominateur de PAT-PART à préciser."
    for row in told["reports"][:4]:
        assert f"{paris(reports[row['id']].validated_at).date()}" == f"{row['validated']}"


def _check_payments(project: Project, told: dict[str, Any]) -> None:
    paid = {row.rank: (row.paid_eur, f"{paris(row.paid_at).date()}") for row in project.instalments if row.paid_at}
    assert paid == {row["rank"]: (row["paid"], f"{row['paid_at']}") for row in told["finance"]["payments"]}
    assert project.paid_total_eur == Decimal("108974.95")
    assert project.balance is not None
    assert project.balance.subsidy_due_eur == Decimal("108974.95")
    assert project.balance.balance_eur == Decimal("7724.95")
    assert project.state is ProjectState.SETTLED
    note = project.instalments[-1].note.replace("\u202f", " ").replace("\u00a0", " ")
    assert "158 900 × 112 500 / 164 040" in note
    assert "108 974,95 € dus" in note
    assert "101 250 € versés" in note.replace("101 250,00", "101 250")


def _check_sheet(sheet: Sheet) -> None:
    told = read_tree("capitalisation.yaml")["sheet"]
    assert (sheet.reference, sheet.version, sheet.state) == ("CAP-2026-001", 2, SheetState.PUBLISHED)
    assert (sheet.title, sheet.hook, sheet.summary) == (told["title"], told["hook"], told["summary"])
    assert paris(sheet.published_at or hour("2000-01-01T00:00:00")).date() == date(2026, 9, 15)
    assert sheet.review_due == date(2028, 9, 15)
    figures = {figure.code: figure for figure in list_figures(sheet)}
    for row in told["results"]:
        figure = figures[row["indicator"]]
        shown = (figure.label, figure.unit, figure.baseline, figure.target, figure.final, bool(figure.missed))
        assert shown == (
            row["label"],
            row["unit"],
            row["baseline"],
            row["target"],
            row["final"],
            row.get("missed", False),
        )
    assert all(figure.measure_id for figure in figures.values())
    reviews = db.session.scalars(select(SheetReview).order_by(SheetReview.at)).all()
    assert [(review.version, review.outcome.value) for review in reviews] == [(1, "changes_requested"), (2, "ok")]
    milestones = get_board(sheet.project, hour("2026-10-01T09:00:00")).milestones if sheet.project else ()
    assert milestones[-1].done_on == date(2026, 9, 15)
    publication = db.session.scalars(select(SheetPublication)).one()
    assert publication.content["evaluation"]["recommendation"] == "generaliser_avec_adaptations"


def _check_promises(stage: Stage) -> None:
    count = db.session.scalar(select(func.count()).select_from(Promise)) or 0
    assert count > 30
    delivered = 0
    while found := deliver_due():
        delivered += found
    assert delivered == count
    assert db.session.scalars(select(Promise.last_error).where(Promise.delivered_at.is_(None))).all() == []
    application = db.session.scalars(select(Application)).one()
    files = [submission.receipt_file for submission in application.submissions]
    publication = db.session.scalars(select(SheetPublication)).one()
    assert all(file is not None for file in files)
    assert publication.pdf_file_id is not None
    for file in files:
        content = b"".join(storage().read(file.storage_key)) if file else b""
        assert content.startswith(b"%PDF-")
    _check_mails()
    assert stage.session is db.session()


def _check_mails() -> None:
    mails = db.session.scalars(select(MailboxMessage).where(MailboxMessage.recipient == LEAD)).all()
    subjects = {mail.subject: mail.text.replace("\u202f", " ").replace("\u00a0", " ") for mail in mails}
    assert "Dossier déposé – AAP-TS-2023-01-0001" in subjects
    assert "120 000" in subjects["Dossier déposé – AAP-TS-2023-01-0001"]
    decision = subjects["Décision sur votre dossier AAP-TS-2023-01-0001"]
    assert "112 500" in decision
    assert "Attestation de conformité de la solution" in decision
    assert any("7 724,95" in text for text in subjects.values())
    assert any("Lettre d'engagement de la MSP non signée." in text for text in subjects.values())


def _check_history(application: Application) -> None:
    """The hours of every state are those of the document, but the closing, which the document dates at the hour."""
    told = read_tree("application.yaml")["application"]["history"]
    lived = [(event.target, paris(event.at).replace(tzinfo=None).isoformat()) for event in list_events(application)]
    assert lived == [(row["to"], str(row["at"])) for row in told]
