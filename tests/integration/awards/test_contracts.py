from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import Select, event, select, true
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import ORMExecuteState, Session

from aap import french
from aap.applications.models import Application, ApplicationState
from aap.awards.inputs import Plan
from aap.awards.letters import contract_annex
from aap.awards.models import Project, ProjectState
from aap.awards.queries import list_instalments, list_payments_due, list_projects, money_of
from aap.awards.service import (
    amend_amount,
    amend_duration,
    compute_balance,
    lift_reservation,
    pay_instalment,
    record_final_validation,
    resume_project,
    settle_project,
    sign_contract,
    start_due_projects,
    suspend_project,
    terminate_project,
    unlock_instalments,
)
from aap.awards.service.contracts import _next_reference
from aap.calls.models import InstalmentTrigger
from aap.documents.contract import render_contract
from aap.errors import ConflictError, ForbiddenError, InvalidError
from aap.outbox import Promise
from aap.workflow import list_events
from tests.integration.awards.path import GRANTED, SIGNATURE, contract_data, contracted, notified, revised_plan
from tests.integration.jury.scene import People, at

pytestmark = pytest.mark.sqlite

POSTGRESQL = make_url("postgresql+psycopg://").get_dialect()()
FIRST_PAYMENT = at("2024-04-19T10:00:00")
INTERIM = at("2025-05-20T10:00:00")
SECOND_PAYMENT = at("2025-06-06T10:00:00")
FINAL = at("2026-06-10T10:00:00")
BALANCE = at("2026-06-20T10:00:00")
LAST_PAYMENT = at("2026-07-03T10:00:00")


@pytest.fixture
def project(case: Application, people: People) -> Project:
    """The project of the example, just contracted."""
    return contracted(case, people)


def pay(project: Project, rank: int, amount: str, people: People, now: datetime) -> None:
    instalment = next(row for row in project.instalments if row.rank == rank)
    pay_instalment(instalment, amount_eur=Decimal(amount), actor=people.finance, now=now)


def to_final(project: Project, people: People) -> None:
    """Pay the first two instalments and validate the final report."""
    start_due_projects(FIRST_PAYMENT)
    pay(project, 1, "67500", people, FIRST_PAYMENT)
    unlock_instalments(project, InstalmentTrigger.INTERIM_REPORT_VALIDATED, actor=people.officer, now=INTERIM, rank=2)
    pay(project, 2, "33750", people, SECOND_PAYMENT)
    record_final_validation(project, actor=people.officer, now=FINAL)
    unlock_instalments(project, InstalmentTrigger.FINAL_REPORT_VALIDATED, actor=people.officer, now=FINAL)


def test_the_example_is_contracted_as_written(case: Application, project: Project) -> None:
    assert case.state is ApplicationState.CONTRACTED
    assert project.contract is not None
    assert (project.contract.form, project.contract.number) == ("avenant_cpom", "FIR-2024-77-0012")
    assert project.contract.lapses_on == date(2027, 12, 31)
    assert project.reference == "PRJ-2024-0001"
    assert (project.budget_eur, project.subsidy_eur) == (Decimal(164040), GRANTED)
    assert {row.key: row.amount_eur for row in project.funders}["F04"] == Decimal(21540)
    assert money_of(project).rate == Fraction(112500, 164040)
    assert french.percent(money_of(project).rate, 2) == "68,58\u00a0%"
    assert [row.planned_eur for row in project.instalments] == [Decimal(67500), Decimal(33750), Decimal(11250)]
    assert [row.unlocked_at for row in project.instalments] == [SIGNATURE, None, None]


def test_a_lead_without_cpom_signs_a_convention(case: Application, people: People) -> None:
    case.has_cpom = False
    project = contracted(case, people)
    assert project.contract is not None
    assert project.contract.form == "convention_fir"


@pytest.mark.usefixtures("project")
def test_references_follow_each_other_in_a_year() -> None:
    assert _next_reference(2024) == "PRJ-2024-0002"
    assert _next_reference(2025) == "PRJ-2025-0001"


def test_no_contract_while_a_reservation_stands(case: Application, people: People) -> None:
    decision = notified(case, people)
    lift_reservation(decision.reservations[0], evidence="Plan", actor=people.officer, now=at("2024-03-01T10:00:00"))
    with pytest.raises(ConflictError) as refused:
        sign_contract(case, contract_data(case), actor=people.finance, now=SIGNATURE)
    assert refused.value.code == "reserves-non-levees"
    assert "R2" in refused.value.message


def test_the_revised_plan_must_be_exactly_the_grant(case: Application, people: People) -> None:
    decision = notified(case, people)
    for row in decision.reservations:
        lift_reservation(row, evidence="Pièce", actor=people.officer, now=at("2024-03-01T10:00:00"))
    plan = revised_plan(case)
    unbalanced = Plan(plan.lines, plan.funders[:-1])
    too_much = Plan((replace(plan.lines[0], granted_share_eur=Decimal(28500)), *plan.lines[1:]), plan.funders)
    for wrong, place in ((unbalanced, "funders"), (too_much, "lines")):
        with pytest.raises(InvalidError) as refused:
            sign_contract(case, contract_data(case, plan=wrong), actor=people.finance, now=SIGNATURE)
        assert place in {problem.place for problem in refused.value.problems}
    assert case.state is ApplicationState.NOTIFIED


def test_the_contract_promises_its_annex_and_tells_the_lead(session: Session, project: Project) -> None:
    assert project.contract is not None
    kinds = session.scalars(select(Promise.kind).where(Promise.key.contains(str(project.contract.id)))).all()
    assert sorted(kinds) == ["contract-annex", "mail"]
    annex = contract_annex(project.contract)
    assert annex.duration_months == 24
    assert [row.due for row in annex.obligations][:2] == [date(2024, 10, 30), date(2025, 4, 30)]
    assert render_contract(annex).startswith(b"%PDF-")


def test_the_example_is_paid_and_settled_to_the_cent(project: Project, people: People) -> None:
    to_final(project, people)
    statement = compute_balance(project, spent_eur=Decimal(158900), actor=people.finance, now=BALANCE)

    assert statement.subsidy_due_eur == Decimal("108974.95")
    assert statement.balance_eur == Decimal("7724.95")
    last = project.instalments[-1]
    assert last.due_eur == Decimal("7724.95")
    assert last.note == (
        "Prorata : 158\u202f900 × 112\u202f500 / 164\u202f040 = 108\u202f974,95\u00a0€ dus, "
        "moins 101\u202f250\u00a0€ versés."
    )
    with pytest.raises(InvalidError):
        pay(project, 3, "11250", people, LAST_PAYMENT)
    pay(project, 3, "7724.95", people, LAST_PAYMENT)
    assert project.paid_total_eur == Decimal("108974.95")
    settle_project(project, actor=people.finance, now=LAST_PAYMENT)
    assert project.state is ProjectState.SETTLED
    assert [event.event for event in list_events(project)] == ["sign", "start", "validate_final", "settle"]


def test_an_overpayment_is_to_be_paid_back_and_nothing_more_is_due(project: Project, people: People) -> None:
    to_final(project, people)
    compute_balance(project, spent_eur=Decimal(82020), actor=people.finance, now=BALANCE)

    assert money_of(project).to_reverse_eur == Decimal(45000)
    assert project.instalments[-1].due_eur == 0
    with pytest.raises(InvalidError):
        pay(project, 3, "1", people, LAST_PAYMENT)
    settle_project(project, actor=people.finance, now=LAST_PAYMENT)


def test_the_balance_waits_for_the_final_report_and_is_computed_once(project: Project, people: People) -> None:
    with pytest.raises(ConflictError):
        compute_balance(project, spent_eur=Decimal(158900), actor=people.finance, now=BALANCE)
    to_final(project, people)
    with pytest.raises(ConflictError):
        pay(project, 3, "11250", people, LAST_PAYMENT)
    compute_balance(project, spent_eur=Decimal(158900), actor=people.finance, now=BALANCE)
    with pytest.raises(ConflictError) as refused:
        compute_balance(project, spent_eur=Decimal(150000), actor=people.finance, now=BALANCE)
    assert refused.value.code == "solde-calcule"
    with pytest.raises(ConflictError):
        settle_project(project, actor=people.finance, now=BALANCE)


def test_an_instalment_is_paid_once_unlocked_never_twice_never_above(project: Project, people: People) -> None:
    with pytest.raises(ConflictError) as refused:
        pay(project, 2, "33750", people, FIRST_PAYMENT)
    assert refused.value.code == "versement-bloque"
    with pytest.raises(InvalidError):
        pay(project, 1, "67500.01", people, FIRST_PAYMENT)
    pay(project, 1, "67500", people, FIRST_PAYMENT)
    with pytest.raises(ConflictError) as refused:
        pay(project, 1, "67500", people, FIRST_PAYMENT)
    assert refused.value.code == "deja-paye"
    assert project.paid_total_eur == Decimal(67500)


def test_a_payment_is_not_dated_before_it_was_due(project: Project, people: People) -> None:
    instalment = project.instalments[0]
    assert instalment.unlocked_at is not None
    with pytest.raises(ConflictError) as refused:
        pay_instalment(
            instalment,
            amount_eur=Decimal(67500),
            actor=people.finance,
            now=FIRST_PAYMENT,
            paid_at=instalment.unlocked_at - timedelta(microseconds=1),
        )
    assert refused.value.code == "versement-bloque"
    pay_instalment(
        instalment, amount_eur=Decimal(67500), actor=people.finance, now=FIRST_PAYMENT, paid_at=instalment.unlocked_at
    )
    assert project.paid_total_eur == Decimal(67500)


def test_what_is_due_never_leads_above_the_subsidy(project: Project, people: People) -> None:
    start_due_projects(FIRST_PAYMENT)
    pay(project, 1, "67500", people, FIRST_PAYMENT)
    unlock_instalments(project, InstalmentTrigger.INTERIM_REPORT_VALIDATED, actor=people.officer, now=INTERIM, rank=2)
    second = next(row for row in project.instalments if row.rank == 2)
    second.due_eur = project.subsidy_eur - project.paid_total_eur + Decimal("0.01")
    with pytest.raises(InvalidError) as refused:
        pay(project, 2, f"{second.due_eur}", people, SECOND_PAYMENT)
    assert refused.value.code == "subvention-depassee"
    pay(project, 2, f"{second.due_eur - Decimal('0.01')}", people, SECOND_PAYMENT)
    assert project.paid_total_eur == project.subsidy_eur


def test_lapsed_sums_are_not_paid(project: Project, people: People) -> None:
    with pytest.raises(ConflictError) as refused:
        pay(project, 1, "67500", people, at("2028-01-01T00:00:00"))
    assert refused.value.code == "credits-prescrits"
    pay(project, 1, "67500", people, at("2027-12-31T23:59:00"))


def test_a_payment_is_late_after_sixty_days(project: Project, people: People) -> None:
    on_time, late = at("2024-05-26T18:00:00"), at("2024-05-27T09:00:00")
    assert [row.late for row in list_instalments(project, on_time)] == [False, False, False]
    assert [row.late for row in list_instalments(project, late)] == [True, False, False]
    assert list_instalments(project, late)[0].pay_by == date(2024, 5, 26)
    assert list_payments_due(on_time, seen=true(), late_only=True)[1] == 0
    assert list_payments_due(late, seen=true(), late_only=True)[1] == 1
    pay(project, 1, "67500", people, late)
    assert list_payments_due(late, seen=true())[1] == 0
    assert list_instalments(project, late)[0].late


def test_an_amendment_shares_what_is_left_over_the_unpaid_instalments(project: Project, people: People) -> None:
    start_due_projects(FIRST_PAYMENT)
    pay(project, 1, "67500", people, FIRST_PAYMENT)
    plan = revised_plan(project.application)
    lines = tuple(
        replace(row, granted_share_eur=row.granted_share_eur - 2500) if row.key == "L07" else row for row in plan.lines
    )
    funders = tuple(
        replace(row, amount_eur=row.amount_eur + {"F01": -2500, "F04": 2500}.get(row.key, 0)) for row in plan.funders
    )

    amendment = amend_amount(
        project, Plan(lines, funders), reason="Poste réduit", signed_at=INTERIM, actor=people.finance, now=INTERIM
    )

    assert (amendment.number, amendment.old_subsidy_eur, amendment.new_subsidy_eur) == (1, GRANTED, Decimal(110000))
    assert project.subsidy_eur == Decimal(110000)
    assert [row.planned_eur for row in project.instalments] == [Decimal(67500), Decimal(31875), Decimal(10625)]
    assert project.contract is not None
    assert project.contract.subsidy_eur == GRANTED


def test_an_amendment_holds_the_envelope_while_it_counts(project: Project, people: People, session: Session) -> None:
    said: list[str] = []

    def note(state: ORMExecuteState) -> None:
        assert isinstance(state.statement, Select)
        said.append(str(state.statement.compile(dialect=POSTGRESQL)))

    plan = revised_plan(project.application)
    event.listen(session, "do_orm_execute", note)
    try:
        amend_amount(project, plan, reason="Inchangé", signed_at=INTERIM, actor=people.finance, now=INTERIM)
    finally:
        event.remove(session, "do_orm_execute", note)
    held = [index for index, text in enumerate(said) if "FROM call_versions" in text and text.endswith("FOR UPDATE")]
    counted = [index for index, text in enumerate(said) if "sum(coalesce(projects.subsidy_eur" in text]
    assert held[0] < counted[0]


def test_an_amendment_never_goes_below_what_is_paid_nor_above_what_was_asked(project: Project, people: People) -> None:
    pay(project, 1, "67500", people, FIRST_PAYMENT)
    plan = revised_plan(project.application)
    less = Plan(
        tuple(replace(row, granted_share_eur=Decimal(6000 if row.key == "L12" else 0)) for row in plan.lines),
        tuple(
            replace(row, amount_eur={"F01": Decimal(6000), "F04": Decimal(128040)}.get(row.key, row.amount_eur))
            for row in plan.funders
        ),
    )
    with pytest.raises(InvalidError) as refused:
        amend_amount(project, less, reason="x", signed_at=INTERIM, actor=people.finance, now=INTERIM)
    assert refused.value.code == "deja-verse"


def test_a_duration_is_amended_with_its_reason(project: Project, people: People) -> None:
    new = date(2026, 6, 30)
    with pytest.raises(InvalidError):
        amend_duration(project, new, reason=" ", signed_at=INTERIM, actor=people.officer, now=INTERIM)
    amendment = amend_duration(project, new, reason="Recrutement", signed_at=INTERIM, actor=people.officer, now=INTERIM)
    assert (amendment.old_ends_on, project.ends_on) == (date(2026, 3, 31), new)


def test_a_project_starts_on_its_day_and_a_suspended_one_is_not_paid(project: Project, people: People) -> None:
    assert start_due_projects(at("2024-03-31T23:59:00")) == 0
    assert start_due_projects(at("2024-04-01T00:00:00")) == 1
    with pytest.raises(ConflictError):
        suspend_project(project, reason="", actor=people.officer, now=FIRST_PAYMENT)
    suspend_project(project, reason="Portage en cours de changement", actor=people.officer, now=FIRST_PAYMENT)
    with pytest.raises(ConflictError):
        pay(project, 1, "67500", people, FIRST_PAYMENT)
    resume_project(project, actor=people.officer, now=FIRST_PAYMENT)
    with pytest.raises(ForbiddenError):
        terminate_project(project, reason="x", actor=people.officer, now=FIRST_PAYMENT)
    terminate_project(project, reason="Abandon", actor=people.director, now=FIRST_PAYMENT)
    with pytest.raises(ConflictError):
        pay(project, 1, "67500", people, FIRST_PAYMENT)


def test_unlocking_twice_keeps_the_first_date(project: Project, people: People) -> None:
    trigger = InstalmentTrigger.INTERIM_REPORT_VALIDATED
    assert len(unlock_instalments(project, trigger, actor=people.officer, now=INTERIM, rank=2)) == 1
    assert unlock_instalments(project, trigger, actor=people.officer, now=FINAL, rank=2) == []
    assert project.instalments[1].unlocked_at == INTERIM


@pytest.mark.usefixtures("project")
def test_projects_are_found_by_their_words() -> None:
    rows, total = list_projects(seen=true(), text="val fleuri")
    assert total == 1
    assert (rows[0].reference, rows[0].to_pay, rows[0].call_ref) == ("PRJ-2024-0001", 1, "AAP-TS-2023-01")
    assert list_projects(seen=true(), text="%")[1] == 0
    assert list_projects(seen=true(), state=ProjectState.SETTLED)[1] == 0


def test_the_database_refuses_to_pay_more_than_the_subsidy(session: Session, project: Project) -> None:
    project.paid_total_eur = Decimal("112500.01")
    with pytest.raises(IntegrityError, match="paid_within_subsidy"):
        session.flush()
