"""An overrun is refused to all; by how much is told only to whoever reads every file that the sum counts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from aap.accounts.models import User
from aap.applications.models import Application
from aap.awards.inputs import DecisionInput
from aap.awards.queries import warn_of_strand
from aap.awards.service import decide
from aap.awards.service.decisions import check_decision
from aap.calls.models import Call, CallVersion
from aap.errors import InvalidError
from aap.jury.models import Recusal
from tests.integration.awards.path import advise, case_decision, kind, score
from tests.integration.jury.scene import DECISION, MARKING, People, make_file, seat

pytestmark = pytest.mark.sqlite


@pytest.fixture
def granted(session: Session, version: CallVersion, case: Application, people: People) -> Application:
    """A file that was granted most of the envelope, before the case comes to its decision."""
    version.envelope_eur = Decimal(1100000)
    big = make_file(session, version, people.lead, 40, requested_eur=Decimal(1000000))
    score(case)
    advise(big, people, "favorable", amount_eur=Decimal(1000000))
    decide(big, DecisionInput(kind(big, "favorable"), Decimal(1000000)), actor=people.director, now=DECISION)
    advise(case, people)
    return big


def refusal(case: Application, director: User) -> str:
    """Return what the director is told, the same before confirming and at the decision."""
    with pytest.raises(InvalidError) as before:
        check_decision(case, case_decision(case), actor=director)
    with pytest.raises(InvalidError) as refused:
        decide(case, case_decision(case), actor=director, now=DECISION)
    said = [problem.message for problem in refused.value.problems]
    assert said == [problem.message for problem in before.value.problems]
    return said[0]


def plain(text: str | None) -> str:
    """Return a sentence with plain spaces."""
    return " ".join((text or "").split())


def test_who_reads_every_file_is_told_by_how_much(case: Application, people: People, granted: Application) -> None:
    assert plain(refusal(case, people.director)) == "L'enveloppe de l'appel serait dépassée de 12 500 €."
    assert "dépassée de" in plain(warn_of_strand(granted, Decimal(0), people.director))


def test_who_stood_back_from_a_granted_file_is_refused_without_its_figure(
    session: Session, call: Call, case: Application, people: People, granted: Application
) -> None:
    member = seat(session, call, "J1", 0, people.officer)
    member.user_id = people.director.id
    session.add(
        Recusal(
            jury_member_id=member.id, application_id=granted.id, reason="Lien.", at=MARKING, by_id=people.director.id
        )
    )
    session.flush()
    assert refusal(case, people.director) == "L'enveloppe de l'appel serait dépassée."
    warned = warn_of_strand(granted, Decimal(0), people.director)
    assert warned is not None
    assert not any(character.isdigit() for character in warned)
