"""Samples of files in each state, of their pieces, their thread and their people."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.accounts.models import User
from aap.applications.models import Application, ApplicationState, Message, MessageFile, Piece, Submission
from tests.architecture.people_samples import add_people
from tests.architecture.sample import FILES, Sample, about_file, first_of, missing
from tests.living import NOW

ANSWERED_BY_A_FILE = {"section": "S3", "field": "pathway_diagram"}  # of the call that is open
PIECES_OF = (ApplicationState.DRAFT, ApplicationState.CONTRACTED)


def list_files(session: Session) -> Iterator[Sample]:
    """Give a file in each state, its pieces, and the thread of the contracted one."""
    for state, structure in FILES.items():
        application = session.scalars(
            select(Application)
            .join(User, User.id == Application.lead_id)
            .where(Application.state == state, User.email == f"porteur.{structure}@demo.invalid")
            .order_by(Application.created_at.desc())
        ).first()
        assert application is not None, f"no application of {structure} is {state.value}"
        about = about_file(application)
        values = {
            "application_id": application.id,
            "section": "S1",
            "annex": "A09",
            "field": "governance",
            **(ANSWERED_BY_A_FILE if state is ApplicationState.DRAFT else {}),
            "number": 1,
            **first_of(
                session,
                "submission_id",
                Submission,
                Submission.application_id == application.id,
                order=Submission.number,
            ),
        }
        yield Sample(state.value, values, **about)
        for confidential in (False, True) if state in PIECES_OF else ():
            piece = session.scalars(
                select(Piece)
                .where(Piece.application_id == application.id, Piece.file.has(confidential=confidential))
                .order_by(Piece.annex_key, Piece.id)
            ).first()
            assert piece is not None, f"no such piece in the file of {structure}"
            label = f"{state.value}, {'confidential' if confidential else 'plain'} piece"
            named = {"application_id": application.id, "piece_id": piece.id}
            yield Sample(label, named, frozenset({"piece_id"}), **about)
        if state is ApplicationState.CONTRACTED:
            named = {"application_id": application.id, "message_file_id": _message_file(session, application)}
            yield Sample("thread", named, frozenset({"message_file_id"}), **about)


def _message_file(session: Session, application: Application) -> uuid.UUID:
    """Put a message with a file in the thread of a file: the lead asks, and nobody has answered yet."""
    file = session.scalars(select(Piece).where(Piece.application_id == application.id).order_by(Piece.id)).first()
    assert file is not None
    joined = MessageFile(file_id=file.file_id, position=0)
    message = Message(
        application_id=application.id,
        author_id=application.lead_id,
        from_agency=False,
        text="Pouvons-nous décaler le rapport d'un mois ?",
        at=NOW - timedelta(days=2),
        idempotency_key="matrix",
        files=[joined],
    )
    session.add(message)
    session.flush()
    return joined.id


def list_people(session: Session, secret: str) -> Iterator[Sample]:
    """Give the samples of the people of the draft that stands for that state."""
    lead = f"porteur.{FILES[ApplicationState.DRAFT]}"
    draft = session.scalars(
        select(Application)
        .join(User, User.id == Application.lead_id)
        .where(
            Application.state == ApplicationState.DRAFT,
            User.email == f"{lead}@demo.invalid",
        )
        .order_by(Application.created_at.desc())
    ).first() or missing("draft")
    about = about_file(draft)
    for label, values, needs in add_people(session, draft, secret):
        yield Sample(label, values, needs, **about)
