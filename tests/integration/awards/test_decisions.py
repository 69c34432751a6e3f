from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.applications.models import Application, ApplicationState
from aap.awards.inputs import DecisionInput, ReservationInput
from aap.awards.letters import decision_letter
from aap.awards.queries import list_decisions, list_envelopes, list_public_results, propose_plan, warn_of_strand
from aap.awards.service import decide, lift_reservation, notify
from aap.calls.models import Call, CallVersion
from aap.clock import paris
from aap.documents.letter import render_letter
from aap.errors import ConflictError, ForbiddenError, InvalidError
from aap.jury.service import close_scoring
from aap.outbox import Promise
from aap.policies.awards import visible_awards
from tests.integration.awards.path import GRANTED, advise, case_decision, decided, kind, notified, score
from tests.integration.jury.scene import (
    DECISION,
    NOTES,
    NOTIFICATION,
    SCORING_END,
    People,
    at,
    make_file,
    mark,
    seat,
)

pytestmark = pytest.mark.sqlite


def places(error: InvalidError) -> set[str]:
    return {problem.place for problem in error.problems}


def test_the_example_is_decided_with_two_reservations(case: Application, people: People) -> None:
    decision = decided(case, people)

    assert case.state is ApplicationState.DECIDED
    assert decision.granted_eur == GRANTED
    assert [row.key for row in decision.reservations] == ["R1", "R2"]
    assert decision.divergence_motive is None


def test_only_the_direction_decides(case: Application, people: People) -> None:
    score(case)
    advise(case, people)
    for person in (people.officer, people.administrator, people.finance, people.lead):
        with pytest.raises(ForbiddenError):
            decide(case, case_decision(case), actor=person, now=DECISION)


def test_who_recorded_the_advice_does_not_decide(case: Application, people: People) -> None:
    score(case)
    from_director = replace(people, officer=people.director)
    advise(case, from_director)

    with pytest.raises(ForbiddenError) as refused:
        decide(case, case_decision(case), actor=people.director, now=DECISION)
    assert refused.value.code == "avis-et-decision"


def test_nothing_is_decided_before_the_jury_advises(case: Application, people: People) -> None:
    with pytest.raises(ConflictError):
        decide(case, case_decision(case), actor=people.director, now=DECISION)
    score(case)
    with pytest.raises(ConflictError) as refused:
        decide(case, case_decision(case), actor=people.director, now=DECISION)
    assert refused.value.code == "avis-absent"


def test_the_jury_advises_once(case: Application, people: People) -> None:
    score(case)
    advise(case, people)
    with pytest.raises(ConflictError) as refused:
        advise(case, people)
    assert refused.value.code == "deja-rendu"


@pytest.mark.parametrize(
    ("key", "data", "missing"),
    [
        ("favorable", {}, {"granted_eur"}),
        ("favorable_sous_reserve", {"granted_eur": GRANTED}, {"reservations"}),
        (
            "favorable_sous_reserve",
            {"granted_eur": GRANTED, "reservations": (ReservationInput("Pièce", None),)},
            {"reservations-0-deadline"},
        ),
        ("liste_complementaire", {}, {"rank"}),
        ("defavorable", {}, {"motive"}),
        ("sans_suite", {}, {"motive"}),
        ("defavorable", {"motive": "Hors sujet", "granted_eur": GRANTED}, {"granted_eur"}),
        ("favorable", {"granted_eur": GRANTED, "rank": 1}, {"rank"}),
    ],
)
def test_a_decision_comes_with_what_its_kind_needs(
    case: Application, people: People, key: str, data: dict[str, object], missing: set[str]
) -> None:
    score(case)
    advise(case, people)

    given = DecisionInput(kind(case, key), divergence_motive="x", **data)  # type: ignore[arg-type]  # fields by name
    with pytest.raises(InvalidError) as refused:
        decide(case, given, actor=people.director, now=DECISION)

    assert places(refused.value) == missing
    assert case.state is ApplicationState.SCORED


def test_no_more_is_granted_than_asked(case: Application, people: People) -> None:
    score(case)
    advise(case, people)
    given = replace(case_decision(case), granted_eur=Decimal("120000.01"))
    with pytest.raises(InvalidError) as refused:
        decide(case, given, actor=people.director, now=DECISION)
    assert refused.value.code == "montant-superieur-a-la-demande"


def test_the_envelope_of_the_call_is_never_overrun_and_that_of_a_strand_warns(
    session: Session, version: CallVersion, case: Application, people: People
) -> None:
    version.envelope_eur = Decimal(1100000)
    big = make_file(session, version, people.lead, 40, requested_eur=Decimal(1000000))
    score(case)
    advise(big, people, "favorable", amount_eur=Decimal(1000000))
    assert warn_of_strand(big, Decimal(1000000), people.director) is not None
    assert warn_of_strand(case, GRANTED, people.director) is None
    decide(big, DecisionInput(kind(big, "favorable"), Decimal(1000000)), actor=people.director, now=DECISION)

    advise(case, people)
    with pytest.raises(InvalidError) as refused:
        decide(case, case_decision(case), actor=people.director, now=DECISION)
    assert refused.value.code == "enveloppe-depassee"

    rows = {row.key: row for row in list_envelopes(version, seen=true(), awarded=true())}
    assert rows["B"].left_eur == Decimal(-500000)
    assert rows[None].granted_eur == Decimal(1000000)
    assert rows[None].left_eur == Decimal(100000)


def test_departing_from_the_advice_is_motivated(case: Application, people: People) -> None:
    score(case)
    advise(case, people, "favorable", amount_eur=Decimal(120000))
    with pytest.raises(InvalidError) as refused:
        decide(case, case_decision(case), actor=people.director, now=DECISION)
    assert refused.value.code == "divergence-non-motivee"

    given = replace(case_decision(case), divergence_motive="Attestation manquante : réserve nécessaire.")
    decision = decide(case, given, actor=people.director, now=DECISION)
    assert decision.divergence_motive == "Attestation manquante : réserve nécessaire."


def test_another_amount_than_advised_is_a_departure(case: Application, people: People) -> None:
    score(case)
    advise(case, people, amount_eur=Decimal(120000))
    with pytest.raises(InvalidError) as refused:
        decide(case, case_decision(case), actor=people.director, now=DECISION)
    assert refused.value.code == "divergence-non-motivee"


def test_a_rank_of_the_waiting_list_is_held_once(
    session: Session, version: CallVersion, case: Application, people: People
) -> None:
    other = make_file(session, version, people.lead, 40)
    score(case)
    for file in (case, other):
        advise(file, people, "liste_complementaire")
    decide(case, DecisionInput(kind(case, "liste_complementaire"), rank=1), actor=people.director, now=DECISION)
    with pytest.raises(InvalidError) as refused:
        decide(other, DecisionInput(kind(other, "liste_complementaire"), rank=1), actor=people.director, now=DECISION)
    assert refused.value.code == "rang-pris"


def test_a_reservation_is_lifted_on_evidence_before_its_deadline(case: Application, people: People) -> None:
    first, second = notified(case, people).reservations
    assert first.deadline == date(2024, 3, 8)
    with pytest.raises(InvalidError) as refused:
        lift_reservation(first, evidence=" ", actor=people.officer, now=at("2024-03-01T10:00:00"))
    assert places(refused.value) == {"evidence"}

    lift_reservation(first, evidence="Plan révisé", actor=people.officer, now=at("2024-03-08T23:59:00"))
    assert first.lifted_by_id == people.officer.id
    with pytest.raises(ConflictError):
        lift_reservation(first, evidence="encore", actor=people.officer, now=at("2024-03-08T23:59:00"))

    with pytest.raises(InvalidError) as late:
        lift_reservation(second, evidence="Attestation", actor=people.officer, now=at("2024-03-09T00:00:00"))
    assert places(late.value) == {"late_reason"}
    lift_reservation(
        second,
        evidence="Attestation",
        late_reason="Éditeur en retard, accord de la direction",
        actor=people.officer,
        now=at("2024-03-09T00:00:00"),
    )
    assert second.late_reason == "Éditeur en retard, accord de la direction"


def test_the_notification_promises_a_letter_and_a_mail(session: Session, case: Application, people: People) -> None:
    decision = notified(case, people)

    assert case.state is ApplicationState.NOTIFIED
    promises = {row.kind: row for row in session.scalars(select(Promise).where(Promise.key.contains(str(decision.id))))}
    assert promises["award-letter"].payload == {"decision_id": str(decision.id)}
    mail = promises["mail"].payload
    assert (mail["template"], mail["to"]) == ("award-notification", people.lead.email)
    text = written(mail)
    assert "Montant accordé : 112\u202f500\u00a0€" in text
    assert "avant le 8\u00a0mars 2024" in text
    with pytest.raises(ConflictError):
        notify(case, actor=people.officer, now=NOTIFICATION)


def written(payload: dict[str, object]) -> str:
    """Render a promised mail as the job does."""
    folder = Path(__file__).parents[3] / "templates" / "email"
    environment = Environment(loader=FileSystemLoader(folder), undefined=StrictUndefined)  # noqa: S701  # plain text
    context = payload["context"]
    assert isinstance(context, dict)
    return environment.get_template(f"{payload['template']}.txt").render(
        **context, public_url="https://aap.exemple.invalid", service_name="Service"
    )


def test_every_promised_mail_can_be_written(session: Session, case: Application, people: People) -> None:
    from_path = notified(case, people)
    lift_reservation(from_path.reservations[0], evidence="Plan", actor=people.officer, now=at("2024-03-01T10:00:00"))
    ours = ("award-", "jury-")
    mails = [row.payload for row in session.scalars(select(Promise).where(Promise.kind == "mail"))]
    texts = [written(mail) for mail in mails if mail["template"].startswith(ours)]
    assert len(texts) == 2
    assert all(text.startswith("Objet : ") for text in texts)


def test_the_letter_shows_the_applicants_own_means(
    session: Session, call: Call, case: Application, people: People
) -> None:
    for name, college in (("J1", 0), ("J2", 2), ("J3", 3)):
        mark(seat(session, call, name, college, people.officer), case, NOTES[name], people.officer)
    decision = notified(case, people)

    letter = decision_letter(decision, paris(NOTIFICATION).date())

    assert letter.outcome_label == "Favorable sous réserve"
    assert round(float(letter.total or 0), 2) == 76.67
    assert len(letter.marks) == 8
    assert [row.deadline for row in letter.reservations] == [date(2024, 3, 8)] * 2
    assert render_letter(letter).startswith(b"%PDF-")


def test_a_letter_without_marks_can_be_written(case: Application, people: People) -> None:
    decision = notified(case, people)
    assert decision_letter(decision, paris(NOTIFICATION).date()).marks == ()


def test_results_are_public_once_notified_and_hold_nothing_of_the_others(
    session: Session, call: Call, version: CallVersion, case: Application, people: People
) -> None:
    refused = make_file(session, version, people.lead, 40)
    decided(case, people)
    advise(refused, people, "defavorable", motive="Hors sujet")
    given = DecisionInput(kind(refused, "defavorable"), motive="Hors sujet")
    decide(refused, given, actor=people.director, now=DECISION)
    assert list_public_results(call.id) == ()

    for file in (case, refused):
        notify(file, actor=people.officer, now=NOTIFICATION)

    (row,) = list_public_results(call.id)
    assert row.winner_name == "EHPAD Résidence du Val Fleuri (fictif)"
    assert row.amount_eur == GRANTED
    assert row.territory == "Seine-et-Marne"


def test_the_office_list_tells_advice_decision_and_standing_reservations(
    call: Call, case: Application, people: People
) -> None:
    notified(case, people)

    rows, total = list_decisions(call.id, seen=visible_awards(people.officer))

    assert total == 1
    (row,) = rows
    assert (row.opinion_label, row.outcome_label) == ("Favorable sous réserve", "Favorable sous réserve")
    assert (row.reservations, row.reservations_open) == (2, 2)
    assert row.notified_at == NOTIFICATION
    assert list_decisions(call.id, seen=visible_awards(people.stranger)) == ((), 0)


def test_the_proposed_plan_gives_the_difference_to_the_applicant(case: Application) -> None:
    plan = propose_plan(case, GRANTED)
    assert {row.key: row.amount_eur for row in plan.funders} == {
        "F01": Decimal(112500),
        "F02": Decimal(15000),
        "F03": Decimal(15000),
        "F04": Decimal(21540),
    }
    assert plan.budget_eur == Decimal(164040)


def test_the_advice_waits_for_the_closure(case: Application, people: People) -> None:
    with pytest.raises(ConflictError):
        advise(case, people)
    close_scoring(case.call_version.call, now=SCORING_END)
    advise(case, people)


def test_the_database_refuses_a_funded_decision_without_amount(
    session: Session, case: Application, people: People
) -> None:
    decision = decided(case, people)
    decision.granted_eur = None
    with pytest.raises(IntegrityError, match="amount_when_funded"):
        session.flush()
