"""The finished call of the demonstration: the proposal of its envelope gives its funded files, or a motive says why."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select, true

from aap.applications.models import Application, ApplicationState
from aap.awards.models import Decision, JuryOpinion
from aap.awards.queries import read_board
from aap.awards.simulation import Board, RefusalReason, Retained, Settings, Standing, base_settings, simulate
from aap.calls.models import Call, CallVersion, DecisionEffect
from aap.calls.queries import current_version, load_document
from aap.db import db
from tests.integration.applications.case import example
from tests.living import Living

FUNDED = (DecisionEffect.FUND, DecisionEffect.FUND_WITH_RESERVATIONS)
GUIDELINE = Decimal(65)  # "total ≥ 65, aucun plancher enfreint, enveloppe disponible": the call's word on Favorable


def finished() -> CallVersion:
    call = db.session.scalars(select(Call).where(Call.ref == "AAP-TS-2023-01")).one()
    return current_version(call)


def base_of(version: CallVersion) -> Settings:
    return base_settings(version, load_document(version).funding.partial_levels)


def decided(version: CallVersion) -> dict[str, Decimal]:
    """Return what the director granted, by reference; what was withdrawn after is not funded."""
    rows = db.session.execute(
        select(Application.reference, Decision.granted_eur)
        .join(Decision, Decision.application_id == Application.id)
        .where(
            Application.call_version_id == version.id,
            Application.state != ApplicationState.WITHDRAWN,
            Decision.effect.in_(FUNDED),
        )
    )
    return {reference or "": granted or Decimal(0) for reference, granted in rows}


def motives(version: CallVersion) -> dict[str, str]:
    rows = db.session.execute(
        select(Application.reference, JuryOpinion.motive, Decision.motive)
        .join(Application, Application.id == JuryOpinion.application_id)
        .outerjoin(Decision, Decision.application_id == Application.id)
        .where(Application.call_version_id == version.id)
    )
    return {reference or "": f"{advice or ''}{decision or ''}".strip() for reference, advice, decision in rows}


@pytest.fixture
def board(living: Living) -> Board:
    with living.app.app_context():
        return read_board(finished(), seen=true(), known=true())


def test_the_base_proposal_differs_from_the_decisions_only_where_a_motive_was_recorded(
    living: Living, board: Board
) -> None:
    with living.app.app_context():
        version = finished()
        outcome, granted, why = simulate(board, base_of(version)), decided(version), motives(version)
        proposed = outcome.granted()
        assert set(granted) <= set(proposed)
        assert len(granted) == 4
        differing = {ref for ref in proposed if granted.get(ref) != proposed[ref]}
        assert differing
        assert all(why[reference] for reference in differing)
        standing = {line.file.reference: line.refusal.reason for line in outcome.lines if line.refusal}
        assert sorted(reason.value for reason in standing.values()) == [
            "eliminated",
            "inadmissible",
            "inadmissible",
            "withdrawn",
            "withdrawn",
        ]


def test_the_call_s_guideline_and_the_amount_retained_give_the_case_to_the_euro(living: Living, board: Board) -> None:
    """The total of the guideline and the nurse's line brought down give the files funded and what they received.

    Two files pass the guideline and were put on the waiting list, one was closed without following: their motives
    are recorded.
    """
    with living.app.app_context():
        version = finished()
        told = example("application.yaml")["application"]
        case = next(
            row for row in board.ranked if row.total is not None and row.rank == told["review"]["rank"]["overall"]
        )
        amount = Decimal(told["decision"]["granted_eur"])
        settings = Settings(
            base_of(version).envelope_eur,
            strands=base_of(version).strands,
            least_total=GUIDELINE,
            retained=(Retained(case.reference, amount),),
        )
        outcome, granted, why = simulate(board, settings), decided(version), motives(version)
        proposed = outcome.granted()
        assert proposed[case.reference] == granted[case.reference] == Decimal(112500)
        assert {ref: proposed[ref] for ref in granted} == granted
        beyond = set(proposed) - set(granted)
        assert all(why[reference] for reference in beyond)
        below = [line for line in outcome.lines if line.refusal and line.refusal.reason is RefusalReason.BELOW_TOTAL]
        assert below
        assert all(line.file.reference not in granted for line in below)
        assert outcome.whole.granted_eur == sum(proposed.values())
        assert sum(1 for row in board.files if row.standing is Standing.WITHDRAWN) == 2
