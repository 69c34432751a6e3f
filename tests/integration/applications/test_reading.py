"""Reading applications: lists of constant cost, and the whole file for each audience."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, true
from sqlalchemy.orm import Session

from aap.accounts.models import User
from aap.applications.models import Application, ApplicationState
from aap.applications.queries import (
    Audience,
    OfficeFilters,
    count_by_state,
    get_application,
    get_dossier,
    list_my_applications,
    list_office_applications,
)
from aap.applications.service import submit
from aap.calls.models import CallVersion
from aap.errors import NotFoundError
from aap.forms.service import create_sheet
from tests.integration.applications.case import CLOSING, DEPOSITED, DRAFTED, People

pytestmark = pytest.mark.sqlite


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """Count the queries of a block."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append(statement)

    bind = session.connection()
    event.listen(bind, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(bind, "before_cursor_execute", note)


def make_deposits(session: Session, version: CallVersion, lead: User, numbers: range) -> None:
    for number in numbers:
        session.add(
            Application(
                call_version_id=version.id,
                strand_id=version.strands[number % 4].id,
                region_code="IDF",
                sheet=create_sheet(),
                lead_id=lead.id,
                state=ApplicationState.SUBMITTED if number % 2 else ApplicationState.ADMISSIBLE,
                title=f"Projet {number:03d}",
                applicant_name="50 % du temps" if number == 7 else "Porteur",
                department_code="77" if number % 3 else "95",
                created_at=DRAFTED,
                reference=f"R-{number:04d}",
                submitted_at=DEPOSITED,
            )
        )
    session.flush()


def test_the_office_list_costs_the_same_for_3_and_for_60(
    session: Session, version: CallVersion, people: People, draft: Application
) -> None:
    costs = []
    for first, last in ((0, 3), (3, 60)):
        make_deposits(session, version, people.lead, range(first, last))
        with counted(session) as queries:
            rows = list_office_applications(version.call_id, true(), sort="-requested", per_page=100).rows
        costs.append((len(queries), len(rows)))
    assert costs == [(2, 3), (2, 60)]
    assert draft.id not in {row.id for row in rows}


def test_the_office_list_is_filtered_sorted_and_paged(session: Session, version: CallVersion, people: People) -> None:
    make_deposits(session, version, people.lead, range(60))
    page = list_office_applications(version.call_id, true(), sort="-title", page=2, per_page=25)
    assert (page.total, page.pages, len(page.rows)) == (60, 3, 25)
    assert page.rows[0].title == "Projet 034"
    admissible = OfficeFilters(states=(ApplicationState.ADMISSIBLE,), strand_key="A", department_code="77")
    rows = list_office_applications(version.call_id, true(), admissible).rows
    assert {(row.state, row.strand_key, row.department_code) for row in rows} == {
        (ApplicationState.ADMISSIBLE, "A", "77")
    }
    found = list_office_applications(version.call_id, true(), OfficeFilters(text="50 %")).rows
    assert [row.reference for row in found] == ["R-0007"]
    assert count_by_state(version.call_id, true()) == {ApplicationState.SUBMITTED: 30, ApplicationState.ADMISSIBLE: 30}


def test_a_lead_sees_until_when_a_draft_may_be_deposited(draft: Application, people: People) -> None:
    (row,) = list_my_applications(people.lead)
    assert (row.id, row.deadline, row.state_label) == (draft.id, CLOSING, "Brouillon")
    assert list_my_applications(people.stranger) == ()


def test_the_whole_file_is_read(case: Application, people: People) -> None:
    submit(case, actor=people.lead, now=DEPOSITED)
    dossier = get_dossier(get_application(case.id), DEPOSITED)
    assert [section.id for section in dossier.sections] == [f"S{number}" for number in range(1, 10)]
    fields = {field.id: field for section in dossier.sections for field in section.fields}
    assert fields["has_cpom"].text == "Oui"
    assert fields["zones"].text.count("Zone d'intervention prioritaire (ZIP)") == 2
    assert len(fields["budget"].tables) == 2
    assert dossier.budget.balanced
    assert [total.category for total in dossier.budget.categories][:2] == ["Investissement", "Fonctionnement"]
    assert sum(len(annex.pieces) for annex in dossier.annexes) == 22
    assert [row.label for row in dossier.history] == ["Brouillon commencé", "Dossier déposé"]


def test_the_jury_reads_no_confidential_piece_and_no_history(case: Application) -> None:
    dossier = get_dossier(case, DEPOSITED, Audience.JURY)
    assert {"A02", "A08", "A10"}.isdisjoint(annex.key for annex in dossier.annexes)
    assert dossier.history == ()


def test_an_unknown_file_is_not_found(case: Application) -> None:
    with pytest.raises(NotFoundError):
        get_application(case.sheet_id)
