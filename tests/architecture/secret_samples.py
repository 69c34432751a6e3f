"""What some people may not see, as a change of the world; and the people who must not notice that change."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from aap.accounts.models import RegionalRole, RoleName, User
from aap.applications.asked_form import form_of
from aap.applications.models import (
    Application,
    ApplicationState,
    CompletionItemKind,
    FileInvitation,
    Message,
    Participant,
    ParticipantRole,
    Partner,
    Piece,
)
from aap.applications.service import ItemAsked, request_completion
from aap.awards.models import Decision
from aap.calls.models import CallRole, CallTeamMember
from aap.files.models import StoredFile
from aap.forms.models import Answer
from aap.jury.models import Assignment, InterestDeclaration, JuryMember, Mark, Recusal, Review
from tests.architecture.erasing import erase
from tests.architecture.sample import FILES
from tests.living import NOW

Change = Callable[[Session], None]
Watcher = Callable[[Session, Application], User]


@dataclass(frozen=True, slots=True)
class Secret:
    """The file a secret is about, how it comes about, and how it is otherwise in the other world."""

    state: ApplicationState
    otherwise: Callable[[Session, Application], None]
    first: Callable[[Session, Application], None] = lambda _session, _file: None


def file_in(session: Session, state: ApplicationState) -> Application:
    """Return the file of the demonstration that stands for a state."""
    email = f"porteur.{FILES[state]}@demo.invalid"
    query = select(Application).join(User, User.id == Application.lead_id)
    query = query.where(Application.state == state, User.email == email).order_by(Application.created_at.desc())
    return session.scalars(query).first() or session.get_one(Application, uuid.UUID(int=0))


def _never_was(session: Session, file: Application) -> None:
    erase(session, "applications", [file.id])


def _other_bank_details(session: Session, _file: Application) -> None:
    """Give every confidential file another name, another size, another hash."""
    values = {"name": "autre.pdf", "size": 7, "sha256": "7" * 64}
    session.execute(update(StoredFile).where(StoredFile.confidential).values(**values))


def _other_marks(session: Session, file: Application) -> None:
    """Change what the other jurors wrote on every file of the call, never how far they are."""
    own = select(User.id).where(User.email == "jury2@demo.invalid")
    seats = select(JuryMember.id).where(JuryMember.call_id == file.call_version.call_id, JuryMember.user_id.not_in(own))
    reviews = select(Review.id).where(Review.jury_member_id.in_(seats))
    session.execute(update(Review).where(Review.id.in_(reviews)).values(private_note="Autre note."))
    session.execute(
        update(Mark).where(Mark.review_id.in_(reviews), Mark.value.is_not(None)).values(value=0, comment="Autre avis.")
    )


def _undecided(session: Session, file: Application) -> None:
    """Take back the decision that was not notified: the lead knows nothing of it."""
    erase(session, "decisions", session.scalars(select(Decision.id).where(Decision.application_id == file.id)).all())


def _other_sections(session: Session, file: Application) -> None:
    """Change every answer, amount, partner and piece outside the section that is read."""
    read = {spec.id for spec in form_of(file.call_version).sections[-1].fields}
    for answer in session.scalars(select(Answer).where(Answer.sheet_id == file.sheet_id)):
        if answer.field_key not in read | {"title", "acronym"} and isinstance(answer.value, str):
            answer.value = "Autre réponse."
    file.requested_eur = file.total_expenses = file.total_income = Decimal(1)
    session.execute(update(Partner).where(Partner.application_id == file.id).values(name="Autre partenaire"))
    files = select(Piece.file_id).where(Piece.application_id == file.id)
    session.execute(update(StoredFile).where(StoredFile.id.in_(files)).values(name="autre.pdf", size=7))


def _silent(session: Session, _file: Application) -> None:
    """Nobody ever wrote in any thread."""
    erase(session, "messages", session.scalars(select(Message.id)).all())


def _completing(session: Session, file: Application) -> None:
    """Ask the file to be completed: its lead writes, and has sent nothing."""
    officer = _named(session, "instruction")
    asked = [ItemAsked(CompletionItemKind.SECTION, section.id, "") for section in form_of(file.call_version).sections]
    request_completion(file, asked, "À revoir.", actor=officer, now=NOW - timedelta(days=1))


def _written(session: Session, file: Application) -> None:
    """Write other answers, and join a piece, without sending anything."""
    for answer in session.scalars(select(Answer).where(Answer.sheet_id == file.sheet_id)):
        if isinstance(answer.value, str):
            answer.value = f"{answer.value} Pas encore envoyé."
            flag_modified(answer, "value")
    held = next(piece for piece in file.pieces if piece.replaced_at is None)
    values = {"annex_key": held.annex_key, "subject": held.subject, "file_id": held.file_id}
    session.add(Piece(application_id=file.id, added_at=NOW, added_by_id=file.lead_id, **values))
    held.replaced_at, held.replaced_by_id = NOW, file.lead_id


SECRETS: Mapping[str, Secret] = {
    "a file being marked": Secret(ApplicationState.INSTRUCTED, _never_was),
    "a file decided": Secret(ApplicationState.DECIDED, _never_was),
    "a draft": Secret(ApplicationState.DRAFT, _never_was),
    "bank details": Secret(ApplicationState.SUBMITTED, _other_bank_details),
    "marks before the closure": Secret(ApplicationState.INSTRUCTED, _other_marks),
    "a decision before its notification": Secret(ApplicationState.DECIDED, _undecided),
    "the other sections": Secret(ApplicationState.DRAFT, _other_sections),
    "a thread": Secret(ApplicationState.CONTRACTED, _silent),
    "answers not sent": Secret(ApplicationState.SUBMITTED, _written, _completing),
}


def _named(session: Session, name: str) -> User:
    return session.scalars(select(User).where(User.email == f"{name}@demo.invalid")).one()


def _account(name: str) -> Watcher:
    return lambda session, _file: _named(session, name)


def _lead(session: Session, file: Application) -> User:
    return session.get_one(User, file.lead_id)


def _somebody(session: Session) -> User:
    person = User(email="quelquun@demo.invalid", fs_uniquifier=uuid.uuid4().hex, created_at=NOW, given_name="Alix")
    session.add(person)
    session.flush()
    return person


def _seat(session: Session, file: Application, person: User) -> JuryMember:
    """Give somebody the seat of a juror who was asked to mark this file, with everything that was marked."""
    call = file.call_version.call_id
    asked = select(Assignment.jury_member_id).where(Assignment.application_id == file.id)
    seats = select(JuryMember).where(JuryMember.call_id == call).order_by(JuryMember.code)
    seat = session.scalars(seats.where(JuryMember.id.in_(asked))).first() or session.scalars(seats).first()
    assert seat is not None
    seat.user_id = person.id
    session.flush()
    return seat


def _recused(session: Session, file: Application, person: User) -> None:
    seat = _seat(session, file, person)
    known = select(Recusal.id).where(Recusal.jury_member_id == seat.id, Recusal.application_id == file.id)
    if session.scalar(known) is None:
        named = {"jury_member_id": seat.id, "application_id": file.id, "by_id": person.id}
        session.add(Recusal(**named, reason="Lien.", at=NOW))


def _recused_juror(session: Session, file: Application) -> User:
    person = _somebody(session)
    _recused(session, file, person)
    return person


def _recused_from_every_hat(session: Session, file: Application) -> User:
    """Sit on the jury, run the call, direct, pay and administer the region; and stand back from this file."""
    person = _somebody(session)
    for role in RoleName:
        held: dict[str, Any] = {"user_id": person.id, "region_code": file.region_code, "role": role}
        session.add(RegionalRole(**held, granted_at=NOW))
    call = file.call_version.call_id
    session.add(CallTeamMember(call_id=call, user_id=person.id, role=CallRole.OFFICER, added_at=NOW))
    _recused(session, file, person)
    return person


def _undeclared_juror(session: Session, file: Application) -> User:
    person = _somebody(session)
    seat = _seat(session, file, person)
    declared = select(InterestDeclaration).where(InterestDeclaration.jury_member_id == seat.id)
    erase(session, "interest_declarations", [row.id for row in session.scalars(declared)])
    return person


def _departed_juror(session: Session, file: Application) -> User:
    person = _somebody(session)
    _seat(session, file, person).left_at = NOW
    return person


def _invited(session: Session, file: Application) -> User:
    """Be invited to the whole file, and not have answered yet."""
    person = _somebody(session)
    values: dict[str, Any] = {
        "role": ParticipantRole.READER,
        "whole_file": True,
        "sections": [],
        "token_hash": "0" * 64,
    }
    row = FileInvitation(
        application_id=file.id, email=person.email, created_at=NOW, created_by_id=file.lead_id, **values
    )
    row.expires_at = NOW + timedelta(days=14)
    session.add(row)
    return person


def _once_invited(session: Session, file: Application) -> User:
    return _join(session, file, whole_file=True, sections=[], ended_at=NOW, ended_by_id=file.lead_id)


def _reader(session: Session, file: Application) -> User:
    return _join(session, file, whole_file=True, sections=[])


def _reader_of_a_section(session: Session, file: Application) -> User:
    return _join(session, file, whole_file=False, sections=[form_of(file.call_version).sections[-1].id])


def _join(session: Session, file: Application, **values: Any) -> User:
    person = _somebody(session)
    session.add(
        Participant(application_id=file.id, user_id=person.id, role=ParticipantRole.READER, added_at=NOW, **values)
    )
    return person


PEOPLE: Mapping[str, Watcher] = {
    "recused juror": _recused_juror,
    "recused in every capacity": _recused_from_every_hat,
    "juror before the declaration": _undeclared_juror,
    "juror who left": _departed_juror,
    "invited, not accepted": _invited,
    "invited, taken out": _once_invited,
    "invited reader": _reader,
    "reader of one section": _reader_of_a_section,
    "lead": _lead,
    "juror": _account("jury2"),
    "agency reader": _account("copil"),
    "giver of opinions": _account("dcgdr"),
    "departments elsewhere": _account("dd95"),
    "officer": _account("instruction"),
    "director": _account("direction"),
}
OUTSIDE = ("recused juror", "recused in every capacity", "juror before the declaration", "juror who left")
WATCHERS: Mapping[str, tuple[str, ...]] = {
    "a file being marked": (*OUTSIDE, "invited, taken out", "departments elsewhere"),
    "a file decided": OUTSIDE,
    "a draft": ("officer", "invited, not accepted", "invited, taken out"),
    "bank details": ("agency reader", "giver of opinions", "juror", "invited reader"),
    "marks before the closure": ("juror", "officer", "director"),
    "a decision before its notification": ("lead",),
    "the other sections": ("reader of one section",),
    "a thread": ("agency reader", "giver of opinions", "juror", "reader of one section"),
    "answers not sent": ("officer", "director", "agency reader", "giver of opinions"),
}
