"""Depositing: complete, strict to the second, sealed, once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aap import audit
from aap.accounts.models import User
from aap.applications.models import Application, ApplicationState, CallCounter, CheckMode, Submission
from aap.applications.queries import get_dossier
from aap.applications.service import (
    list_checks,
    remove_piece,
    replace_piece,
    save_section,
    start_application,
    submit,
    withdraw,
)
from aap.applications.service.pieces import Upload, attach_piece
from aap.applications.snapshot import seal_of
from aap.errors import ConflictError, ForbiddenError, InvalidError
from aap.outbox import Promise
from aap.storage import Storage
from tests.integration.applications.case import (
    CLOSING,
    DEPOSITED,
    DRAFTED,
    PDF,
    People,
    case_answers,
    join_pieces,
    write_answers,
)

pytestmark = pytest.mark.sqlite


def test_a_deposit_takes_the_next_number_of_the_call(
    case: Application, people: People, store: Storage, session: Session
) -> None:
    session.add(CallCounter(call_id=case.call_version.call_id, last_number=16))
    submit(case, actor=people.lead, now=DEPOSITED)
    assert case.reference == "AAP-TS-2023-01-0017"
    assert (case.state, case.submitted_at) == (ApplicationState.SUBMITTED, DEPOSITED)
    other = _second_case(case, people.lead, store)
    submit(other, actor=people.lead, now=DEPOSITED)
    assert other.reference == "AAP-TS-2023-01-0018"


def _second_case(case: Application, lead: User, store: Storage) -> Application:
    other = start_application(case.call_version, lead=lead, now=DRAFTED, strand_key="B")
    write_answers(other, case_answers(), lead)
    join_pieces(other, lead, store)
    return other


def test_the_last_instant_is_the_hour_itself(case: Application, people: People) -> None:
    assert submit(case, actor=people.lead, now=CLOSING).at == CLOSING


def test_one_microsecond_later_is_too_late(case: Application, people: People) -> None:
    with pytest.raises(ConflictError) as refused:
        submit(case, actor=people.lead, now=CLOSING + timedelta(microseconds=1))
    assert refused.value.code == "depot-clos"
    assert case.state is ApplicationState.DRAFT
    assert case.reference is None


def test_a_double_click_is_one_deposit(case: Application, people: People, session: Session) -> None:
    first = submit(case, actor=people.lead, now=DEPOSITED, idempotency_key="formulaire-1")
    again = submit(case, actor=people.lead, now=DEPOSITED + timedelta(seconds=1), idempotency_key="formulaire-1")
    other_tab = submit(case, actor=people.lead, now=DEPOSITED + timedelta(seconds=2), idempotency_key="formulaire-2")
    assert first.id == again.id == other_tab.id
    assert len(session.scalars(select(Submission)).all()) == 1
    receipts = session.scalars(select(Promise).where(Promise.kind == "application-receipt")).all()
    assert len(receipts) == 1
    session.commit()
    assert audit.verify().ok


def test_the_seal_covers_answers_and_pieces(case: Application, people: People, session: Session) -> None:
    submission = submit(case, actor=people.lead, now=DEPOSITED)
    session.flush()
    session.expire(submission)
    assert seal_of(submission.snapshot) == submission.seal
    assert submission.snapshot["totals"] == {"expenses": "164040.00", "income": "164040.00", "requested": "120000.00"}
    assert len(submission.snapshot["pieces"]) == 22
    changed = {**submission.snapshot, "title": "Autre"}
    assert seal_of(changed) != submission.seal


def test_an_empty_draft_is_told_everything_that_is_missing(draft: Application, people: People) -> None:
    with pytest.raises(InvalidError) as refused:
        submit(draft, actor=people.lead, now=DEPOSITED)
    places = [problem.place for problem in refused.value.problems]
    assert {"applicant_name", "title", "sites", "annex-A01", "rule-E11"} <= set(places)
    assert "rule-E10" not in places  # each missing piece is told once, by its own line
    assert draft.state is ApplicationState.DRAFT


def test_a_blocking_rule_that_breaks_stops_the_deposit(case: Application, people: People) -> None:
    save_section(case, "S2", {"duration_months": None}, {"duration_months": 1}, actor=people.lead, now=DRAFTED)
    with pytest.raises(InvalidError) as refused:
        submit(case, actor=people.lead, now=DEPOSITED)
    assert {problem.place for problem in refused.value.problems} == {"duration_months", "rule-E05"}


def test_a_missing_letter_is_named_with_its_partner(case: Application, people: People) -> None:
    letter = next(piece for piece in case.pieces if piece.annex_key == "A09" and piece.subject == "P01")
    remove_piece(case, letter, actor=people.lead, now=DRAFTED)
    with pytest.raises(InvalidError) as refused:
        submit(case, actor=people.lead, now=DEPOSITED)
    (problem,) = refused.value.problems
    assert problem.place == "annex-A09"
    assert "MSP du Plateau briard" in problem.message


def test_a_replaced_piece_stays_in_the_history(case: Application, people: People, store: Storage) -> None:
    old = next(piece for piece in case.pieces if piece.annex_key == "A01")
    new = replace_piece(
        case, old, Upload([PDF + b" v2"], "lettre.pdf", 1_000_000), storage=store, actor=people.lead, now=DRAFTED
    )
    assert (old.replaced_at, old.successor_id) == (DRAFTED, new.id)
    with pytest.raises(ConflictError):
        remove_piece(case, old, actor=people.lead, now=DRAFTED)


def test_a_piece_about_nobody_is_refused(case: Application, people: People, store: Storage) -> None:
    upload = Upload([PDF], "lettre.pdf", 1_000_000)
    with pytest.raises(InvalidError) as refused:
        attach_piece(case, "A09", upload, storage=store, actor=people.lead, now=DRAFTED, subject="P99")
    assert refused.value.code == "piece-sans-objet"


def test_the_letter_of_a_partner_who_left_is_not_sealed(case: Application, people: People, session: Session) -> None:
    letters = [piece for piece in case.pieces if piece.annex_key == "A09"]
    left = next(partner for partner in case.partners if partner.key == "P04")
    session.delete(left)
    session.flush()
    session.expire(case, ["partners"])
    submission = submit(case, actor=people.lead, now=DEPOSITED)
    sealed = [piece["subject"] for piece in submission.snapshot["pieces"] if piece["annex"] == "A09"]
    assert len(sealed) == len(letters) - 1
    assert "P04" not in sealed
    dossier = get_dossier(case, DEPOSITED)
    shown = next(annex for annex in dossier.annexes if annex.key == "A09")
    assert len(shown.pieces) == len(sealed)


def test_only_the_lead_deposits(case: Application, people: People) -> None:
    with pytest.raises(ForbiddenError):
        submit(case, actor=people.administrator, now=DEPOSITED)


def test_verdicts_are_frozen_at_the_deposit(case: Application, people: People) -> None:
    submit(case, actor=people.lead, now=DEPOSITED)
    checks = list_checks(case)
    assert [check.rule_key for check in checks] == [f"E{number:02d}" for number in range(1, 15)]
    assert {check.round for check in checks} == {1}
    assert [check.rule_key for check in checks if check.mode is CheckMode.MANUAL] == ["E12", "E13", "E14"]


def test_the_lead_is_told_by_mail_and_by_a_receipt(case: Application, people: People, session: Session) -> None:
    submit(case, actor=people.lead, now=DEPOSITED)
    session.flush()
    mails = [row.payload for row in session.scalars(select(Promise).where(Promise.kind == "mail"))]
    assert [(mail["template"], mail["to"]) for mail in mails] == [("application-receipt", people.lead.email)]
    assert re.fullmatch(r"[0-9a-f]{64}", mails[0]["context"]["seal"])


def test_a_deposited_file_is_withdrawn_with_a_reason(case: Application, people: People) -> None:
    submit(case, actor=people.lead, now=DEPOSITED)
    with pytest.raises(ConflictError):
        withdraw(case, actor=people.lead, now=DEPOSITED)
    withdraw(case, actor=people.lead, now=DEPOSITED, reason="Projet abandonné")
    assert case.state is ApplicationState.WITHDRAWN


def test_a_draft_is_given_up_without_a_word_to_the_agency(draft: Application, people: People, session: Session) -> None:
    withdraw(draft, actor=people.lead, now=DRAFTED)
    assert draft.state is ApplicationState.WITHDRAWN
    assert session.scalars(select(Promise)).all() == []
