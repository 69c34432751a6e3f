"""Starting and writing a draft: open hours, conflicts that lose nothing, figures recomputed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from aap.accounts.models import Organisation
from aap.applications.asked_form import form_of
from aap.applications.models import Application, ApplicationState
from aap.applications.service import save_section, start_application
from aap.calls.models import CallVersion
from aap.errors import ConflictError, InvalidError, NotFoundError
from aap.forms.entries import read_section, typed_values
from aap.forms.queries import get_answers, json_values
from aap.workflow import list_events
from tests.integration.applications.case import CLOSING, DRAFTED, PUBLISHED, People

pytestmark = pytest.mark.sqlite
SECOND = timedelta(seconds=1)


def test_a_draft_starts_while_the_call_is_open(version: CallVersion, people: People) -> None:
    application = start_application(version, lead=people.lead, now=CLOSING, strand_key="A")
    assert application.state is ApplicationState.DRAFT
    assert [event.event for event in list_events(application)] == ["create"]
    assert application.reference is None


@pytest.mark.parametrize("when", [PUBLISHED - SECOND, CLOSING + timedelta(microseconds=1)])
def test_no_draft_starts_outside_the_opening(version: CallVersion, people: People, when: object) -> None:
    with pytest.raises(ConflictError):
        start_application(version, lead=people.lead, now=when, strand_key="A")  # type: ignore[arg-type]  # parametrized


def test_an_unknown_strand_is_refused_on_its_field(version: CallVersion, people: People) -> None:
    with pytest.raises(InvalidError) as refused:
        start_application(version, lead=people.lead, now=DRAFTED, strand_key="Z")
    assert [problem.place for problem in refused.value.problems] == ["strand"]


def test_the_organisation_fills_in_its_own_card(version: CallVersion, people: People, session: Session) -> None:
    organisation = Organisation(
        region_code="IDF",
        department_code="77",
        name="EHPAD fictif",
        kind="ehpad",
        siret="99977101700012",
        created_at=DRAFTED,
    )
    session.add(organisation)
    session.flush()
    application = start_application(version, lead=people.lead, now=DRAFTED, organisation=organisation)
    assert (application.applicant_name, application.applicant_type) == ("EHPAD fictif", "ehpad")
    assert (application.siret, application.department_code) == ("99977101700012", "77")


def test_two_people_writing_one_field_lose_nothing(draft: Application, people: People) -> None:
    first = save_section(draft, "S2", {"title": "Premier titre"}, {}, actor=people.lead, now=DRAFTED)
    assert first.versions == {"title": 1}
    save_section(draft, "S2", {"title": "Titre d'un autre"}, {"title": 1}, actor=people.lead, now=DRAFTED)
    second = save_section(draft, "S2", {"title": "Mon titre"}, {"title": 1}, actor=people.lead, now=DRAFTED)
    (conflict,) = second.conflicts
    assert (conflict.yours, conflict.theirs) == ("Mon titre", "Titre d'un autre")
    assert draft.title == "Titre d'un autre"


def test_a_table_has_one_version_of_its_own(draft: Application, people: People) -> None:
    section = next(one for one in form_of(draft.call_version).sections if one.id == "S5")
    mine = read_section(section, {"partners-0-name": ["CPTS fictive"], "partners-0-category": ["cpts"]})
    theirs = read_section(section, {"partners-0-name": ["MSP fictive"], "partners-0-category": ["msp"]})
    save_section(draft, "S5", {"partners": theirs.values["partners"]}, {}, actor=people.lead, now=DRAFTED)
    result = save_section(draft, "S5", {"partners": mine.values["partners"]}, {}, actor=people.lead, now=DRAFTED)
    assert [conflict.field_key for conflict in result.conflicts] == ["partners"]
    assert [partner.name for partner in draft.partners] == ["MSP fictive"]


def test_amounts_are_computed_by_the_service_to_the_cent_half_up(draft: Application, people: People) -> None:
    section = next(one for one in form_of(draft.call_version).sections if one.id == "S8")
    sent = {
        "budget_lines-0-category": ["formation"],
        "budget_lines-0-label": ["Sessions"],
        "budget_lines-0-qty": ["1,5"],
        "budget_lines-0-unit_price": ["33,37"],
        "budget_lines-0-amount": ["9999"],
        "budget_lines-0-requested_eur": ["20"],
        "budget_income-0-funder": ["Agence"],
        "budget_income-0-kind": ["subvention"],
        "budget_income-0-amount": ["20"],
        "budget_income-0-status": ["demande"],
    }
    entry = read_section(section, sent)
    save_section(draft, "S8", {"budget": entry.values["budget"]}, {}, actor=people.lead, now=DRAFTED)
    assert draft.budget_lines[0].amount_eur == Decimal("50.06")  # 50.055
    assert (draft.total_expenses, draft.requested_eur, draft.total_income) == (
        Decimal("50.06"),
        Decimal(20),
        Decimal(20),
    )


def test_an_amount_that_does_not_follow_is_told(case: Application, people: People) -> None:
    form = form_of(case.call_version)
    plan = typed_values(form, json_values(get_answers(case.sheet_id)))["budget"]
    wrong = replace(plan, lines=(replace(plan.lines[0], amount=Decimal(1)), *plan.lines[1:]))
    section = form.section("S8")
    assert section is not None
    with pytest.raises(InvalidError) as refused:
        save_section(case, "S8", {"budget": wrong}, {"budget": 1}, actor=people.lead, now=DRAFTED)
    assert refused.value.problems[0].place == "budget_lines-0-amount"
    assert case.total_expenses == Decimal(164040)


def test_a_commune_that_nobody_knows_has_no_zone(draft: Application, people: People) -> None:
    section = next(one for one in form_of(draft.call_version).sections if one.id == "S2")
    entry = read_section(
        section,
        {
            "sites-0-name": ["Site"],
            "sites-0-commune": ["Nulle-Part"],
            "sites-0-department": ["77"],
            "sites-1-name": ["Autre"],
            "sites-1-commune": ["commune-est-c (fictive)"],
            "sites-1-department": ["77"],
        },
    )
    save_section(draft, "S2", {"sites": entry.values["sites"]}, {}, actor=people.lead, now=DRAFTED)
    assert [(site.commune_code, site.zone) for site in draft.sites] == [(None, None), ("77993", "ZAC")]


def test_nothing_is_saved_after_the_closing(draft: Application, people: People) -> None:
    save_section(draft, "S2", {"title": "À l'heure"}, {}, actor=people.lead, now=CLOSING)
    with pytest.raises(ConflictError) as refused:
        save_section(draft, "S2", {"title": "En retard"}, {"title": 1}, actor=people.lead, now=CLOSING + SECOND)
    assert refused.value.code == "depot-clos"


def test_an_unknown_section_is_not_found(draft: Application, people: People) -> None:
    with pytest.raises(NotFoundError):
        save_section(draft, "S99", {}, {}, actor=people.lead, now=DRAFTED)
