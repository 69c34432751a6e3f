"""A draft started from an older file: everything it can give, no file, and a report of what was done."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.applications.copying import Fate
from aap.applications.models import Application, ApplicationCopy, ApplicationState
from aap.applications.service import submit
from aap.applications.service.duplication import duplicate_application, get_copy
from aap.calls.models import CallVersion
from aap.calls.queries import load_document
from aap.db import constraint_of
from aap.errors import ConflictError, ForbiddenError, NotFoundError
from tests.integration.applications.case import CLOSING, DEPOSITED, People

pytestmark = pytest.mark.sqlite


def test_answers_budget_and_partners_come_along(case: Application, version: CallVersion, people: People) -> None:
    submit(case, actor=people.lead, now=DEPOSITED)
    draft = duplicate_application(case, version, actor=people.lead, now=DEPOSITED)
    assert (draft.state, draft.reference, draft.strand) == (ApplicationState.DRAFT, None, case.strand)
    assert draft.title == case.title
    assert [row.name for row in draft.partners] == [row.name for row in case.partners]
    assert [(row.label, row.amount_eur) for row in draft.budget_lines] == [
        (row.label, row.amount_eur) for row in case.budget_lines
    ]
    assert draft.total_expenses == case.total_expenses
    assert draft.pieces == []
    assert not any(row.has_quote for row in draft.budget_lines)
    found, lines = get_copy(draft)
    assert len(found.report["files"]) == 22
    assert {line.fate for line in lines} >= {Fate.COPIED, Fate.LEFT}
    assert all(line.why for line in lines if line.fate is not Fate.COPIED)
    assert found.source_id == case.id


def test_the_files_to_join_again_are_told_in_the_order_of_the_call(
    case: Application, version: CallVersion, people: People
) -> None:
    draft = duplicate_application(case, version, actor=people.lead, now=DEPOSITED)
    told = [file["annex"] for file in get_copy(draft)[0].report["files"]]
    labels = [annex.label for annex in load_document(version).annexes]
    ranks = [next(rank for rank, label in enumerate(labels) if words.startswith(label)) for words in told]
    assert ranks == sorted(ranks)
    assert "Lettre d'engagement de chaque partenaire – MSP du Plateau briard (fictive)" in told


def test_only_those_who_write_the_file_reuse_it(case: Application, version: CallVersion, people: People) -> None:
    with pytest.raises(ForbiddenError):
        duplicate_application(case, version, actor=people.officer, now=DEPOSITED)
    with pytest.raises(NotFoundError):
        get_copy(case)


def test_a_closed_call_takes_no_copy(case: Application, version: CallVersion, people: People) -> None:
    with pytest.raises(ConflictError):
        duplicate_application(case, version, actor=people.lead, now=CLOSING.replace(hour=23))


def test_the_database_keeps_one_origin(
    session: Session, case: Application, version: CallVersion, people: People
) -> None:
    draft = duplicate_application(case, version, actor=people.lead, now=DEPOSITED)
    rows = {
        "ck_application_copies_copied_from_another": (case.id, case.id),
        "uq_application_copies_application_id": (draft.id, case.id),
    }
    for name, (application_id, source_id) in rows.items():
        row = ApplicationCopy(
            application_id=application_id, source_id=source_id, report={}, at=DEPOSITED, by_id=people.lead.id
        )
        with pytest.raises(IntegrityError) as raised:
            add(session, row)
        assert constraint_of(raised.value) == name


def add(session: Session, row: ApplicationCopy) -> None:
    with session.begin_nested():
        session.add(row)
        session.flush()
