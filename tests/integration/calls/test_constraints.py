"""What the database itself refuses, constraint by constraint."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.accounts.models import User
from aap.calls import models as m
from aap.db import Base, constraint_of

from .conftest import BEFORE

pytestmark = [pytest.mark.sqlite, pytest.mark.usefixtures("session")]


def add(session: Session, row: Base) -> None:
    with session.begin_nested():
        session.add(row)
        session.flush()


def refused(session: Session, row: Base) -> str:
    with pytest.raises(IntegrityError) as raised:
        add(session, row)
    return constraint_of(raised.value)


def strand(**changes: Any) -> m.Strand:
    return m.Strand(**{"key": "Z", "label": "Z", "envelope_eur": Decimal(1), "position": 9, **changes})


def criterion(**changes: Any) -> m.Criterion:
    values = {"key": "Z", "label": "Z", "guidance": "", "weight": 1, "min_mark": 0, "max_mark": 5, "step": 1}
    return m.Criterion(**{**values, "na_allowed": False, "position": 9, **changes})


def instalment(**changes: Any) -> m.InstalmentTerm:
    values = {"rank": 9, "share": Decimal("0.1"), "trigger": m.InstalmentTrigger.REPORT_VALIDATED, "label": "Z"}
    return m.InstalmentTerm(**{**values, **changes})


def obligation(**changes: Any) -> m.ReportingObligation:
    return m.ReportingObligation(**{"key": "Z", "label": "Z", "month": 1, "grace_days": 0, "position": 9, **changes})


def rule(**changes: Any) -> m.CategoryRule:
    return m.CategoryRule(**{"category": "formation", "position": 9, "max_share_of_total": Decimal("0.5"), **changes})


ROWS: dict[str, Callable[[], Any]] = {
    "uq_strands_version_id_key": lambda: strand(key="A"),
    "ck_strands_envelope_positive": lambda: strand(envelope_eur=Decimal(0)),
    "uq_criteria_version_id_grid_number_key": lambda: criterion(key="C1"),
    "ck_criteria_weight_not_negative": lambda: criterion(weight=Decimal("-0.5")),
    "ck_criteria_scale_ordered": lambda: criterion(min_mark=10, max_mark=9),
    "ck_criteria_step_positive": lambda: criterion(step=0),
    "ck_criteria_floor_on_scale": lambda: criterion(floor=Decimal("5.5")),
    "uq_instalment_terms_version_id_rank": lambda: instalment(rank=1),
    "ck_instalment_terms_rank_positive": lambda: instalment(rank=0),
    "ck_instalment_terms_share_within_unit": lambda: instalment(share=Decimal("1.01")),
    "ck_instalment_terms_date_when_dated": lambda: instalment(due_on=date(2026, 6, 30)),
    "uq_reporting_obligations_version_id_key": lambda: obligation(key="R-M6"),
    "ck_reporting_obligations_month_not_negative": lambda: obligation(month=-1),
    "ck_reporting_obligations_grace_not_negative": lambda: obligation(grace_days=-1),
    "uq_opinion_kinds_version_id_key": lambda: m.OpinionKind(key="dd", label="Z", required=True, scale=[], position=9),
    "uq_decision_kinds_version_id_key": lambda: m.DecisionKind(
        key="favorable", label="Z", needs=[], effect=m.DecisionEffect.FUND, position=9
    ),
    "uq_jury_colleges_version_id_label": lambda: m.JuryCollege(
        label="Assurance maladie", seats=1, voting=True, position=9
    ),
    "ck_jury_colleges_seats_positive": lambda: m.JuryCollege(label="Z", seats=0, voting=True, position=9),
    "uq_rates_by_zone_version_id_zone": lambda: m.RateByZone(zone="ZIP", max_rate=Decimal("0.1"), position=9),
    "ck_rates_by_zone_max_rate_within_unit": lambda: m.RateByZone(zone="Z", max_rate=Decimal("1.1"), position=9),
    "uq_funding_caps_version_id_position": lambda: m.FundingCap(label="Z", max_eur=Decimal(1), position=0),
    "ck_funding_caps_max_positive": lambda: m.FundingCap(label="Z", max_eur=Decimal(0), position=9),
    "uq_category_rules_version_id_category": lambda: rule(category="rh"),
    "ck_category_rules_some_limit": lambda: rule(max_share_of_total=None),
    "ck_category_rules_max_share_of_subsidy_within_unit": lambda: rule(max_share_of_subsidy=Decimal(2)),
    "ck_category_rules_min_share_of_subsidy_within_unit": lambda: rule(min_share_of_subsidy=Decimal("-0.1")),
    "ck_category_rules_max_share_of_total_within_unit": lambda: rule(max_share_of_total=Decimal(10)),
    "ck_category_rules_min_share_of_total_within_unit": lambda: rule(min_share_of_total=Decimal("1.5")),
    "uq_mandatory_indicators_version_id_code": lambda: m.MandatoryIndicator(code="ACT-TLC", position=9),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_version_refuses(session: Session, call: m.Call, name: str) -> None:
    row = ROWS[name]()
    row.version_id = call.versions[0].id
    assert refused(session, row) == name


def test_shares_are_compared_as_numbers_and_not_as_texts(session: Session, call: m.Call) -> None:
    row = criterion(min_mark=Decimal(9), max_mark=Decimal(10), floor=Decimal("9.5"), version_id=call.versions[0].id)
    session.add(row)
    session.flush()
    assert row.floor == Decimal("9.5")


def test_an_obligation_unlocks_only_an_instalment_of_its_own_version(session: Session, call: m.Call) -> None:
    with pytest.raises(IntegrityError):
        add(session, obligation(version_id=call.versions[0].id, unlocks_rank=7))


def step(call: m.Call, **changes: Any) -> m.CalendarStep:
    values = {"call_id": call.id, "key": "z", "label": "Z", "strict": False, "position": 99, "at": BEFORE}
    return m.CalendarStep(**{**values, **changes})


def test_a_step_is_an_hour_or_ordered_days(session: Session, call: m.Call) -> None:
    day, before = date(2024, 1, 16), date(2024, 1, 15)
    assert refused(session, step(call, key="publication")) == "uq_calendar_steps_call_id_key"
    assert refused(session, step(call, at=None)) == "ck_calendar_steps_instant_or_days"
    assert refused(session, step(call, from_date=day, to_date=day)) == "ck_calendar_steps_instant_or_days"
    assert refused(session, step(call, at=None, from_date=day)) == "ck_calendar_steps_instant_or_days"
    assert refused(session, step(call, at=None, from_date=day, to_date=before)) == "ck_calendar_steps_days_ordered"


def version(call: m.Call, **changes: Any) -> m.CallVersion:
    values = {"call_id": call.id, "number": 2, "document": {}, "fingerprint": "0" * 64, "envelope_eur": Decimal(1)}
    return m.CallVersion(
        **{**values, "duration_min_months": 1, "duration_max_months": 2, "created_at": BEFORE, **changes}
    )


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"number": 1}, "uq_call_versions_call_id_number"),
        ({"number": 0}, "ck_call_versions_number_positive"),
        ({"fingerprint": "court"}, "ck_call_versions_fingerprint_is_sha256"),
        ({"envelope_eur": Decimal(0)}, "ck_call_versions_envelope_positive"),
        ({"duration_min_months": 0}, "ck_call_versions_duration_positive"),
        ({"duration_min_months": 3}, "ck_call_versions_duration_ordered"),
    ],
)
def test_a_version_itself_is_checked(session: Session, call: m.Call, changes: dict[str, Any], name: str) -> None:
    assert refused(session, version(call, **changes)) == name


def test_a_call_is_unique_and_cancelled_with_a_reason(session: Session, call: m.Call) -> None:
    values: dict[str, Any] = {
        "ref": call.ref,
        "region_code": "IDF",
        "kind": m.CallKind.PROJECTS,
        "title": "T",
        "short_title": "T",
        "summary": "T",
        "issuer": "T",
        "contact_mailbox": "t@exemple.invalid",
        "created_at": BEFORE,
    }
    assert refused(session, m.Call(**values)) == "uq_calls_ref"
    assert refused(session, m.Call(**{**values, "ref": "X"})) == "ck_calls_ref_filled"
    assert (
        refused(session, m.Call(**{**values, "ref": "XYZ", "cancelled_at": BEFORE})) == "ck_calls_cancelled_with_reason"
    )


def test_one_role_on_a_call_is_one_row(session: Session, call: m.Call, officer: User) -> None:
    values = {"call_id": call.id, "user_id": officer.id, "role": m.CallRole.OFFICER, "added_at": BEFORE}
    session.add(m.CallTeamMember(**values))
    session.flush()
    assert refused(session, m.CallTeamMember(**values)) == "uq_call_team_members_call_id_user_id_role"


def test_history_does_not_leave_with_what_it_tells(session: Session, call: m.Call) -> None:
    amendment = m.CalendarAmendment(step=call.steps[0], old_at=BEFORE, new_at=BEFORE, reason="Report", made_at=BEFORE)
    session.add(amendment)
    session.flush()
    with pytest.raises(IntegrityError):
        session.execute(delete(m.CalendarStep).where(m.CalendarStep.id == call.steps[0].id))


def test_an_amendment_has_a_reason_and_links_are_unique(session: Session, call: m.Call) -> None:
    amended = m.CalendarAmendment(step_id=call.steps[0].id, reason="", made_at=BEFORE)
    assert refused(session, amended) == "ck_calendar_amendments_reason_filled"
    contact = m.ContactAmendment(call_id=call.id, old_mailbox="a", new_mailbox="b", reason="", made_at=BEFORE)
    assert refused(session, contact) == "ck_contact_amendments_reason_filled"
    link = m.RoadmapLink(call_id=call.id, axis=2, sheet="2B", action="2B-1", position=9)
    assert refused(session, link) == "uq_roadmap_links_call_id_action"
    assert refused(session, m.RoadmapLink(call_id=call.id, axis=0, sheet="2B", action="X", position=9)) == (
        "ck_roadmap_links_axis_positive"
    )
    descriptor = m.CriterionDescriptor(criterion_id=call.versions[0].criteria[0].id, mark=0, text="Z", position=9)
    assert refused(session, descriptor) == "uq_criterion_descriptors_criterion_id_mark"
