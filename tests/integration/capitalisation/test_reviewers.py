"""Who is told that a sheet waits for its review: its reviewers, save who stood back from the project's file."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.accounts.models import User
from aap.capitalisation.service import submit_sheet
from aap.capitalisation.service.circuit import tell_writers
from aap.jury.models import JuryMember, Recusal
from aap.jury.service import add_member
from aap.outbox import Promise
from tests.integration.capitalisation.writing import Desk, draft, write
from tests.integration.evaluation.story import at

NOW = at("2026-07-24")


def stand_back(session: Session, desk: Desk, person: User) -> None:
    """Sit on the jury of the call, and stand back from the project's file."""
    application = desk.project.application
    version = application.call_version
    member: JuryMember = add_member(version.call, person, version.colleges[0], actor=desk.editor, now=NOW)
    session.add(
        Recusal(jury_member_id=member.id, application_id=application.id, reason="Lien.", at=NOW, by_id=person.id)
    )
    session.flush()


def told(session: Session, template: str) -> set[str]:
    """Return whom a kind of mail was promised to."""
    query = select(Promise).where(Promise.payload["template"].as_string() == template)
    return {row.payload["to"] for row in session.scalars(query)}


def test_a_reviewer_is_told_that_a_sheet_waits(desk: Desk, session: Session) -> None:
    submit_sheet(write(desk, draft(desk)), actor=desk.writer, now=NOW)
    session.flush()
    assert desk.reviewer.email in told(session, "sheet-to-review")


def test_a_reviewer_who_stood_back_from_the_file_is_told_nothing(desk: Desk, session: Session) -> None:
    sheet = write(desk, draft(desk))
    stand_back(session, desk, desk.reviewer)
    submit_sheet(sheet, actor=desk.writer, now=NOW)
    session.flush()
    assert desk.reviewer.email not in told(session, "sheet-to-review")


def test_a_writer_who_stood_back_from_the_file_is_told_nothing_more(desk: Desk, session: Session) -> None:
    sheet = write(desk, draft(desk))
    stand_back(session, desk, desk.writer)
    tell_writers(sheet, "sheet-changes-requested", NOW, "À revoir.")
    session.flush()
    assert told(session, "sheet-changes-requested") == {desk.lead.email}
