"""Admissibility of the example: completion asked and given, manual rules, decision, opinions, instruction closed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.accounts.models import User
from aap.applications.models import (
    Application,
    ApplicationState,
    CheckOutcome,
    CompletionItemKind,
    Piece,
)
from aap.applications.openness import open_parts
from aap.applications.queries import list_check_rows, list_completion_rows, list_opinion_rows
from aap.applications.service import (
    ItemAsked,
    Upload,
    attach_piece,
    close_instruction,
    decide_admissibility,
    give_opinion,
    list_checks,
    remove_piece,
    replace_piece,
    request_completion,
    resubmit,
    save_section,
    submit,
    tick_manual_rule,
)
from aap.clock import from_paris
from aap.errors import ConflictError, ForbiddenError, InvalidError
from aap.outbox import Promise
from aap.storage import Storage
from tests.integration.applications.case import DEPOSITED, PDF, People

pytestmark = pytest.mark.sqlite

ASKED = from_paris(datetime(2023, 11, 13, 11, 5))  # noqa: DTZ001  # a wall-clock hour of Paris
COMPLETED = from_paris(datetime(2023, 11, 20, 9, 30))  # noqa: DTZ001  # same
ADMITTED = from_paris(datetime(2023, 11, 22, 15))  # noqa: DTZ001  # same
INSTRUCTED = from_paris(datetime(2023, 12, 11, 17, 20))  # noqa: DTZ001  # same
LETTERS = ItemAsked(CompletionItemKind.ANNEX, "A09", "Lettre d'engagement de la MSP non signée.")


@pytest.fixture
def deposited(case: Application, people: People) -> Application:
    submit(case, actor=people.lead, now=DEPOSITED)
    return case


@pytest.fixture
def asked(deposited: Application, people: People) -> Application:
    request_completion(deposited, [LETTERS], "Il manque une signature.", actor=people.officer, now=ASKED)
    return deposited


@pytest.fixture
def admitted(deposited: Application, people: People) -> Application:
    _answer_manual_rules(deposited, people.officer)
    decide_admissibility(deposited, "recevable", "", actor=people.officer, now=ADMITTED)
    return deposited


def _answer_manual_rules(application: Application, officer: User) -> None:
    for key, passed in (("E12", True), ("E13", True), ("E14", False)):
        tick_manual_rule(application, key, passed=passed, because="Vérifié.", actor=officer, now=ADMITTED)


def _letter(application: Application) -> Piece:
    return next(piece for piece in application.pieces if piece.annex_key == "A09" and piece.replaced_at is None)


def test_only_what_was_asked_opens_again(asked: Application, people: People, store: Storage) -> None:
    assert asked.state is ApplicationState.COMPLETION_REQUESTED
    parts = open_parts(asked, COMPLETED)
    assert (parts.fields, parts.annexes) == (frozenset(), frozenset({"A09"}))
    with pytest.raises(ConflictError):
        save_section(asked, "S2", {"title": "Autre titre"}, {"title": 1}, actor=people.lead, now=COMPLETED)
    upload = Upload([PDF], "autre.pdf", 1_000_000)
    with pytest.raises(ConflictError):
        attach_piece(asked, "A01", upload, storage=store, actor=people.lead, now=COMPLETED)


def test_the_delay_is_the_calls_and_never_passes_the_calendar(asked: Application) -> None:
    (request,) = asked.completion_requests
    assert request.deadline == from_paris(datetime(2023, 11, 23, 23, 59, 59))  # noqa: DTZ001  # same
    late = open_parts(asked, request.deadline + timedelta(seconds=1))
    assert late.nothing


def test_a_completed_file_keeps_the_hour_of_its_first_deposit(
    asked: Application, people: People, store: Storage, session: Session
) -> None:
    signed = Upload([PDF + b" signed"], "lettre-signee.pdf", 1_000_000)
    replace_piece(asked, _letter(asked), signed, storage=store, actor=people.lead, now=COMPLETED)
    submission = resubmit(asked, actor=people.lead, now=COMPLETED)
    again = resubmit(asked, actor=people.lead, now=COMPLETED)
    assert (submission.number, again.id) == (2, submission.id)
    assert (asked.submitted_at, asked.reference) == (DEPOSITED, "AAP-TS-2023-01-0001")
    assert asked.state is ApplicationState.SUBMITTED
    closing = next(check for check in list_checks(asked) if check.rule_key == "E01")
    assert (closing.round, closing.outcome) == (2, CheckOutcome.PASSED)
    session.flush()
    templates = [row.payload["template"] for row in session.scalars(select(Promise).where(Promise.kind == "mail"))]
    assert sorted(templates) == [
        "application-completed",
        "application-completion-requested",
        "application-receipt",
        "application-receipt",
    ]
    (row,) = list_completion_rows(asked)
    assert row.answered_at == COMPLETED
    assert row.items[0] == ("Lettre d'engagement de chaque partenaire", LETTERS.note)


def test_what_was_asked_must_be_given(asked: Application, people: People) -> None:
    remove_piece(asked, _letter(asked), actor=people.lead, now=COMPLETED)
    with pytest.raises(InvalidError) as refused:
        resubmit(asked, actor=people.lead, now=COMPLETED)
    assert [problem.place for problem in refused.value.problems] == ["annex-A09"]


def test_one_round_is_all_the_call_allows(asked: Application, people: People) -> None:
    resubmit(asked, actor=people.lead, now=COMPLETED)
    with pytest.raises(ConflictError) as refused:
        request_completion(asked, [LETTERS], "Encore.", actor=people.officer, now=COMPLETED)
    assert refused.value.code == "trop-de-demandes-de-complements"


def test_nothing_is_asked_after_the_step_of_the_calendar(deposited: Application, people: People) -> None:
    with pytest.raises(ConflictError) as refused:
        request_completion(deposited, [LETTERS], "Tard.", actor=people.officer, now=INSTRUCTED)
    assert refused.value.code == "fin-des-complements"


def test_a_request_names_what_exists(deposited: Application, people: People) -> None:
    for items in ([], [ItemAsked(CompletionItemKind.FIELD, "inconnu")]):
        with pytest.raises(InvalidError):
            request_completion(deposited, items, "Texte.", actor=people.officer, now=ASKED)


def test_strangers_and_leads_do_not_judge(deposited: Application, people: People) -> None:
    for person in (people.lead, people.reader, people.stranger):
        with pytest.raises(ForbiddenError):
            request_completion(deposited, [LETTERS], "Texte.", actor=person, now=ASKED)
        with pytest.raises(ForbiddenError):
            decide_admissibility(deposited, "recevable", "", actor=person, now=ASKED)


def test_a_file_is_admitted_once_every_blocking_rule_holds(deposited: Application, people: People) -> None:
    with pytest.raises(ConflictError) as refused:
        decide_admissibility(deposited, "recevable", "", actor=people.officer, now=ADMITTED)
    assert "E12 et E13" in refused.value.message
    _answer_manual_rules(deposited, people.officer)
    decide_admissibility(deposited, "recevable", "", actor=people.officer, now=ADMITTED)
    assert deposited.state is ApplicationState.ADMISSIBLE
    verdicts = {row.key: row.outcome for row in list_check_rows(deposited)}
    assert verdicts["E14"] is CheckOutcome.FAILED  # not blocking


def test_a_manual_answer_has_a_reason_and_outlives_a_completion(deposited: Application, people: People) -> None:
    with pytest.raises(InvalidError):
        tick_manual_rule(deposited, "E12", passed=True, because=" ", actor=people.officer, now=ASKED)
    tick_manual_rule(deposited, "E12", passed=True, because="Pas d'autre aide.", actor=people.officer, now=ASKED)
    request_completion(deposited, [LETTERS], "Signature.", actor=people.officer, now=ASKED)
    resubmit(deposited, actor=people.lead, now=COMPLETED)
    answered = next(check for check in list_checks(deposited) if check.rule_key == "E12")
    assert (answered.round, answered.because, answered.at) == (2, "Pas d'autre aide.", ASKED)


def test_a_refusal_has_a_coded_outcome_and_a_motive(deposited: Application, people: People, session: Session) -> None:
    with pytest.raises(InvalidError):
        decide_admissibility(deposited, "irrecevable_hors_objet", " ", actor=people.officer, now=ADMITTED)
    with pytest.raises(InvalidError):
        decide_admissibility(deposited, "irrecevable", "Motif", actor=people.officer, now=ADMITTED)
    decide_admissibility(deposited, "irrecevable_hors_objet", "Achat seul.", actor=people.officer, now=ADMITTED)
    assert deposited.state is ApplicationState.INADMISSIBLE
    session.flush()
    mails = session.scalars(select(Promise).where(Promise.kind == "mail")).all()
    refusal = next(row.payload for row in mails if row.payload["template"] == "application-inadmissible")
    assert refusal["context"]["outcome"] == "Irrecevable : hors de l'objet de l'appel"


def test_nobody_judges_while_the_lead_may_still_complete(asked: Application, people: People) -> None:
    with pytest.raises(ConflictError) as refused:
        decide_admissibility(asked, "irrecevable_incomplet", "Rien reçu.", actor=people.officer, now=COMPLETED)
    assert refused.value.code == "complements-en-cours"


def test_opinions_are_given_by_role_and_department(admitted: Application, people: People) -> None:
    give_opinion(admitted, "dd", "favorable", "Priorité locale.", actor=people.dd, now=INSTRUCTED)
    for key, person in (("dd", people.dd_elsewhere), ("dcgdr", people.dd), ("grades", people.officer)):
        with pytest.raises(ForbiddenError):
            give_opinion(admitted, key, "favorable", "", actor=person, now=INSTRUCTED)
    rows = {row.key: row for row in list_opinion_rows(admitted)}
    assert (rows["dd"].value_label, rows["dd"].author_name, rows["dd"].tone) == ("Favorable", "dd77", "success")
    assert rows["dcgdr"].value == ""


def test_an_opinion_with_observations_says_which(admitted: Application, people: People) -> None:
    with pytest.raises(InvalidError) as refused:
        give_opinion(admitted, "dcgdr", "favorable_avec_observations", " ", actor=people.dcgdr, now=INSTRUCTED)
    assert refused.value.problems[0].place == "text"
    with pytest.raises(InvalidError):
        give_opinion(admitted, "dcgdr", "tres_favorable", "", actor=people.dcgdr, now=INSTRUCTED)


def test_the_instruction_closes_when_the_required_opinions_are_in(admitted: Application, people: People) -> None:
    give_opinion(admitted, "dd", "favorable", "", actor=people.dd, now=INSTRUCTED)
    give_opinion(admitted, "dcgdr", "defavorable", "Motif.", actor=people.dcgdr, now=INSTRUCTED)
    with pytest.raises(ConflictError) as refused:
        close_instruction(admitted, actor=people.officer, now=INSTRUCTED)
    assert "GRADeS" in refused.value.message
    give_opinion(admitted, "grades", "favorable", "", actor=people.grades, now=INSTRUCTED)
    close_instruction(admitted, actor=people.officer, now=INSTRUCTED)
    assert admitted.state is ApplicationState.INSTRUCTED
    with pytest.raises(ConflictError):
        give_opinion(admitted, "dd", "defavorable", "Trop tard.", actor=people.dd, now=INSTRUCTED)


def test_the_completion_mail_lists_what_is_asked(asked: Application, session: Session) -> None:
    session.flush()
    mails = session.scalars(select(Promise).where(Promise.kind == "mail")).all()
    context = next(row.payload["context"] for row in mails if row.payload["template"].endswith("completion-requested"))
    assert context["items"] == [f"Lettre d'engagement de chaque partenaire : {LETTERS.note}"]
    assert context["path"] == f"/dossiers/{asked.id}"
