"""Who takes part in a file: invited, limited to what the invitation says, changed, removed; each link serves once."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.accounts.links import LINK_MAIL, VALIDITY, LinkState
from aap.applications.models import (
    Application,
    ApplicationState,
    FileInvitation,
    Participant,
    ParticipantRole,
    Piece,
)
from aap.applications.people import open_to, sections_read
from aap.applications.service import (
    Rights,
    accept_invitation,
    cancel_invitation,
    change_rights,
    invite,
    remove_participant,
    save_section,
    send_again,
    submit,
)
from aap.audit import AuditEntry
from aap.db import db
from aap.errors import ConflictError, ForbiddenError, InvalidError
from aap.jobs.delivery import send_link
from aap.mail import MailboxMessage
from aap.outbox import Promise
from aap.policies import may
from tests.integration.applications.case import DEPOSITED, DRAFTED, People, make_user
from tests.integration.applications.inviting import mails_to, make_token, seat

pytestmark = pytest.mark.sqlite
EDITOR = Rights(ParticipantRole.EDITOR)
ONLY_S1 = Rights(ParticipantRole.EDITOR, ("S1",))


def test_an_invitation_is_a_mail_and_a_hash(session: Session, draft: Application, people: People) -> None:
    made = invite(draft, " Stranger@Exemple.invalid", EDITOR, make_token=make_token, actor=people.lead, now=DRAFTED)
    assert (made.email, made.expires_at) == ("stranger@exemple.invalid", DRAFTED + VALIDITY)
    token = make_token(made.id)
    promise = session.scalars(select(Promise).where(Promise.kind == "link-mail")).one()
    assert token not in made.token_hash
    assert token not in str(promise.payload)
    assert promise.payload["to"] == "stranger@exemple.invalid"


def test_accepting_gives_what_was_said_and_serves_once(draft: Application, people: People) -> None:
    made = invite(draft, people.stranger.email, ONLY_S1, make_token=make_token, actor=people.lead, now=DRAFTED)
    assert not may(people.stranger, "application.read", draft)
    accept_invitation(made, actor=people.stranger, now=DRAFTED)
    assert may(people.stranger, "application.read", draft)
    assert may(people.stranger, "application.edit", draft)
    assert sections_read(draft, people.stranger) == frozenset({"S1"})
    assert mails_to(people.lead.email) == ["file-joined"]
    with pytest.raises(ConflictError) as told:
        accept_invitation(made, actor=people.stranger, now=DRAFTED)
    assert told.value.code == "lien-deja-utilise"


def test_a_link_expires_is_cancelled_and_is_bound_to_its_address(draft: Application, people: People) -> None:
    made = invite(draft, people.stranger.email, EDITOR, make_token=make_token, actor=people.lead, now=DRAFTED)
    with pytest.raises(ForbiddenError) as wrong:
        accept_invitation(made, actor=people.dd_elsewhere, now=DRAFTED)
    assert wrong.value.code == "lien-d-une-autre-personne"
    assert "s…@exemple.invalid" in wrong.value.message
    assert "stranger" not in wrong.value.message
    with pytest.raises(ConflictError) as late:
        accept_invitation(made, actor=people.stranger, now=DRAFTED + VALIDITY)
    assert late.value.code == "lien-expire"
    cancel_invitation(made, actor=people.lead, now=DRAFTED)
    with pytest.raises(ConflictError) as cancelled:
        accept_invitation(made, actor=people.stranger, now=DRAFTED)
    assert cancelled.value.code == "lien-annule"
    with pytest.raises(ConflictError, match="déjà été utilisée ou annulée"):
        cancel_invitation(made, actor=people.lead, now=DRAFTED)


def test_an_invitation_taken_back_before_it_left_is_not_sent(
    session: Session, draft: Application, people: People
) -> None:
    kept = invite(draft, people.stranger.email, EDITOR, make_token=make_token, actor=people.lead, now=DRAFTED)
    gone = invite(draft, people.dd.email, EDITOR, make_token=make_token, actor=people.lead, now=DRAFTED)
    cancel_invitation(gone, actor=people.lead, now=DRAFTED)
    links = {row.payload["link_id"]: row for row in session.scalars(select(Promise).where(Promise.kind == LINK_MAIL))}
    for invitation in (kept, gone):
        send_link(links[str(invitation.id)], DRAFTED)
    session.flush()
    assert session.scalars(select(MailboxMessage.recipient)).all() == [people.stranger.email]


def test_a_fresh_link_kills_the_former_one(draft: Application, people: People) -> None:
    first = invite(draft, people.stranger.email, ONLY_S1, make_token=make_token, actor=people.lead, now=DRAFTED)
    later = DRAFTED + VALIDITY + timedelta(days=1)
    second = send_again(first, make_token=make_token, actor=people.lead, now=later)
    assert first.state(later) is LinkState.REVOKED
    assert (second.state(later), second.sections, second.whole_file) == (LinkState.OPEN, ["S1"], False)
    assert first.token_hash != second.token_hash


def test_one_invitation_waits_per_address_and_several_people_at_once(draft: Application, people: People) -> None:
    invite(draft, "a@exemple.invalid", EDITOR, make_token=make_token, actor=people.lead, now=DRAFTED)
    invite(draft, "b@exemple.invalid", EDITOR, make_token=make_token, actor=people.lead, now=DRAFTED)
    with pytest.raises(InvalidError, match="Une invitation attend déjà") as twice:
        invite(draft, "A@exemple.invalid", EDITOR, make_token=make_token, actor=people.lead, now=DRAFTED)
    assert twice.value.problems[0].place == "email"
    later = DRAFTED + VALIDITY
    again = invite(draft, "a@exemple.invalid", EDITOR, make_token=make_token, actor=people.lead, now=later)
    assert again.state(later) is LinkState.OPEN


@pytest.mark.parametrize(
    ("email", "rights", "place"),
    [
        ("pas une adresse", EDITOR, "email"),
        ("lead@exemple.invalid", EDITOR, "email"),
        ("n@exemple.invalid", Rights(ParticipantRole.EDITOR, ()), "sections"),
        ("n@exemple.invalid", Rights(ParticipantRole.READER, ("S1", "S99")), "sections"),
        ("n@exemple.invalid", Rights(ParticipantRole.SIGNATORY, ("S1",)), "sections"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(
    draft: Application, people: People, email: str, rights: Rights, place: str
) -> None:
    with pytest.raises(InvalidError) as told:
        invite(draft, email, rights, make_token=make_token, actor=people.lead, now=DRAFTED)
    assert told.value.problems[0].place == place


def test_only_the_lead_invites_and_never_the_agency(draft: Application, people: People) -> None:
    seat(draft, people.stranger)
    with pytest.raises(ForbiddenError):
        invite(draft, "n@exemple.invalid", EDITOR, make_token=make_token, actor=people.stranger, now=DRAFTED)
    for person in (people.officer, people.dcgdr):
        made = invite(draft, person.email, EDITOR, make_token=make_token, actor=people.lead, now=DRAFTED)
        with pytest.raises(ConflictError) as told:
            accept_invitation(made, actor=person, now=DRAFTED)
        assert told.value.code == "personne-de-l-agence"


def test_a_scoped_editor_writes_these_sections_only(draft: Application, people: People) -> None:
    seat(draft, people.stranger, sections=("S1",))
    section = {"applicant_name": "EHPAD du Lac (fictif)"}
    result = save_section(draft, "S1", section, {}, actor=people.stranger, now=DRAFTED)
    assert result.saved == ("applicant_name",)
    with pytest.raises(ForbiddenError) as told:
        save_section(draft, "S2", {"title": "Autre"}, {}, actor=people.stranger, now=DRAFTED)
    assert told.value.code == "rubrique-hors-invitation"
    parts = open_to(draft, people.stranger, DRAFTED)
    assert "applicant_name" in parts.fields
    assert "title" not in parts.fields
    assert not parts.annexes
    for verb in ("read_whole", "edit_whole", "attach", "submit", "withdraw", "manage_people"):
        assert not may(people.stranger, f"application.{verb}", draft), verb


def test_a_reader_writes_nothing_and_opens_no_confidential_piece(
    session: Session, case: Application, people: People
) -> None:
    reader, editor = people.stranger, make_user(session, "editor")
    seat(case, reader, ParticipantRole.READER)
    seat(case, editor)
    with pytest.raises(ForbiddenError):
        save_section(case, "S1", {"applicant_name": "X"}, {}, actor=reader, now=DRAFTED)
    pieces = session.scalars(select(Piece).where(Piece.application_id == case.id)).all()
    opened = {piece.id for piece in pieces if may(reader, "piece.read", piece)}
    assert opened == {piece.id for piece in pieces if not piece.file.confidential}
    assert opened
    assert all(may(editor, "piece.read", piece) for piece in pieces)
    assert may(editor, "application.attach", case)
    assert not may(reader, "application.attach", case)


def test_only_the_lead_submits(case: Application, people: People) -> None:
    seat(case, people.stranger)
    assert not may(people.stranger, "application.submit", case)
    with pytest.raises(ForbiddenError):
        submit(case, actor=people.stranger, now=DEPOSITED)
    assert case.state is ApplicationState.DRAFT
    assert submit(case, actor=people.lead, now=DEPOSITED).number == 1


def test_rights_change_and_a_person_is_removed_then_invited_again(draft: Application, people: People) -> None:
    held = seat(draft, people.stranger, sections=("S1",))
    change_rights(held, Rights(ParticipantRole.READER), actor=people.lead, now=DRAFTED)
    assert sections_read(draft, people.stranger) is None
    assert not may(people.stranger, "application.edit", draft)
    remove_participant(held, actor=people.lead, now=DRAFTED)
    assert not may(people.stranger, "application.read", draft)
    assert "file-removed" in mails_to(people.stranger.email)
    with pytest.raises(ConflictError):
        remove_participant(held, actor=people.lead, now=DRAFTED)
    again = seat(draft, people.stranger)
    assert (again.id, again.ended_at) == (held.id, None)
    assert may(people.stranger, "application.edit", draft)


def test_a_person_leaves_by_itself_and_takes_nobody_out(session: Session, draft: Application, people: People) -> None:
    held, other = seat(draft, people.stranger), seat(draft, make_user(session, "editor"))
    with pytest.raises(ForbiddenError):
        remove_participant(other, actor=people.stranger, now=DRAFTED)
    remove_participant(held, actor=people.stranger, now=DRAFTED)
    assert "file-removed" in mails_to(people.lead.email)


def test_the_journal_holds_ids_and_no_name(session: Session, draft: Application, people: People) -> None:
    held = seat(draft, people.stranger, sections=("S1",))
    remove_participant(held, actor=people.lead, now=DRAFTED)
    session.commit()
    entries = session.scalars(select(AuditEntry).where(AuditEntry.subject_id == str(draft.id))).all()
    verbs = {entry.verb for entry in entries}
    assert {"applications.invite", "applications.join", "applications.remove_participant"} <= verbs
    assert not any("@" in str(entry.detail) or "stranger" in str(entry.detail) for entry in entries)


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("signatory_reads_everything", {"role": ParticipantRole.SIGNATORY, "whole_file": False}),
        ("end_is_signed", {"ended_at": DRAFTED}),
    ],
)
def test_constraints_of_participants(
    session: Session, draft: Application, people: People, constraint: str, changes: dict[str, object]
) -> None:
    values = {"role": ParticipantRole.READER, "whole_file": True, "sections": [], "added_at": DRAFTED, **changes}
    session.add(Participant(application_id=draft.id, user_id=people.stranger.id, **values))
    with pytest.raises(IntegrityError, match=constraint):
        session.flush()


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("email_lowercase", {"email": "N@exemple.invalid"}),
        ("expires_after_creation", {"expires_at": DRAFTED}),
        ("used_or_revoked", {"used_at": DRAFTED, "revoked_at": DRAFTED}),
        ("token_hash_is_sha256", {"token_hash": "court"}),
        ("signatory_reads_everything", {"role": ParticipantRole.SIGNATORY, "whole_file": False}),
    ],
)
def test_constraints_of_links(
    session: Session, draft: Application, people: People, constraint: str, changes: dict[str, object]
) -> None:
    values = {
        "email": "n@exemple.invalid",
        "token_hash": uuid.uuid4().hex * 2,
        "created_at": DRAFTED,
        "created_by_id": people.lead.id,
        "expires_at": DRAFTED + VALIDITY,
        "role": ParticipantRole.READER,
        "whole_file": True,
        "sections": [],
        **changes,
    }
    db.session.add(FileInvitation(application_id=draft.id, **values))
    with pytest.raises(IntegrityError, match=constraint):
        session.flush()
