"""Who looks at what: one person per role, and one sample of each thing that an address may name, in several states."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from aap.accounts.models import RoleName, User
from aap.accounts.service import create_user, grant_role
from aap.applications.models import Application, ApplicationState, Message, MessageFile, Piece, Submission
from aap.awards.models import Decision, Instalment, Project, ProjectState, Reservation
from aap.calls.models import Call, CallQuestion, CallVersion
from aap.capitalisation.models import Sheet, SheetPublication, SheetState
from aap.db import db
from aap.evaluation.models import Indicator, Milestone, Report, ReportState
from aap.jury.models import JuryMember, JurySession, Recusal, SessionItem
from aap.outbox import Promise
from tests.architecture.people_samples import add_people
from tests.architecture.territory_samples import add_refused_import
from tests.living import NOW, Living

CASE_LEAD = "porteur.valfleuri"
FORM_SECRET = "the form's half"

# In the order of the columns of the matrix. A name stands for the account of the demonstration that plays it; the lead
# and the correspondent of the department are those of each sample.
ROLES: dict[str, str] = {
    "anonymous": "",
    "lead": "of the sample",
    "lead_elsewhere": "porteur.clairval",
    "juror": "jury2",
    "recused": "jury4",
    "officer": "instruction",
    "officer_elsewhere": "instruction.hdf",
    "director": "direction",
    "finance": "finances",
    "editor": "edition",
    "reviewer": "relecture",
    "dd": "of the sample's department",
    "dd_elsewhere": "dd95",
    "dcgdr": "dcgdr",
    "grades": "grades",
    "reader": "copil",
    "administrator": "administration",
    "administrator_elsewhere": "administration.hdf",
}
# People who have no business with any of the files: three states of a file are enough to show it.
OUTSIDERS = frozenset(
    {
        "anonymous",
        "lead_elsewhere",
        "officer_elsewhere",
        "editor",
        "reviewer",
        "dd_elsewhere",
        "administrator_elsewhere",
    }
)
ELSEWHERE = {"instruction.hdf": RoleName.OFFICER, "administration.hdf": RoleName.ADMINISTRATOR}

# The applications of the demonstration that stand for each state: who applied.
FILES = {
    ApplicationState.DRAFT: "tilleuls",
    ApplicationState.SUBMITTED: "plaine-nord",
    ApplicationState.ADMISSIBLE: "ville-marne",
    ApplicationState.INSTRUCTED: "appui-sud",
    ApplicationState.SCORED: "montois",
    ApplicationState.DECIDED: "rosiers",
    ApplicationState.NOTIFIED: "passerelle",
    ApplicationState.CONTRACTED: "valfleuri",
}

PIECES_OF = (ApplicationState.DRAFT, ApplicationState.CONTRACTED)
TELLING = {state.value for state in (ApplicationState.DRAFT, ApplicationState.SUBMITTED, ApplicationState.CONTRACTED)}


@dataclass(frozen=True, slots=True)
class Sample:
    """Values for the parameters of an address. ``needs``: parameters without which the sample says nothing new."""

    label: str
    values: Mapping[str, Any]
    needs: frozenset[str] = frozenset()
    lead: str = CASE_LEAD
    department: str = "77"

    @property
    def tells_outsiders(self) -> bool:
        """Tell whether somebody with no business here is asked about this sample: one state of a file in three."""
        return self.label not in {state.value for state in FILES} or self.label in TELLING

    def fits(self, arguments: set[str]) -> bool:
        """Tell whether this sample is one for an address with these parameters."""
        return bool(arguments) and arguments <= set(self.values) and self.needs <= arguments


@dataclass(frozen=True, slots=True)
class World:
    """The people and the samples, by identifiers: no row outlives the context that loaded it."""

    app: Flask
    people: Mapping[str, tuple[uuid.UUID, str]]
    samples: tuple[Sample, ...]
    clients: dict[str, Client] = field(default_factory=dict)

    def who(self, role: str, sample: Sample | None = None) -> str:
        """Return the account that plays a role before a sample, empty for nobody."""
        lead, department = (sample.lead, sample.department) if sample else (CASE_LEAD, "77")
        return {"lead": lead, "dd": f"dd{department}"}.get(role, ROLES[role])

    def actor(self, name: str) -> User | None:
        """Load a person in the current context."""
        return db.session.get_one(User, self.people[name][0]) if name else None

    def cookie(self, name: str) -> str:
        """Return the session of a person, signed; of nobody when the name is empty."""
        token = self.people[name][1] if name else ""
        signed_in = {"_user_id": token, "_fresh": True, "fs_cc": "set", "fs_paa": 2**31} if token else {}
        signer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]  # Flask's own
        return str(signer.dumps({**signed_in, "csrf_token": FORM_SECRET}))

    def form_token(self) -> str:
        """Return the token that goes with these sessions."""
        secret = str(self.app.config["SECRET_KEY"])
        return str(URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(FORM_SECRET))

    def client(self, living: Living, name: str) -> Client:
        """Return the browser of a person."""
        if name not in self.clients:
            self.clients[name] = Client(living, self.cookie(name), self.form_token())
        return self.clients[name]

    def samples_of(self, arguments: set[str]) -> tuple[Sample, ...]:
        """Return the samples of an address; one without parameters has a single, empty one."""
        if not arguments:
            return (Sample("", {}),)
        return tuple(sample for sample in self.samples if sample.fits(arguments))


class Client:
    """A browser that remembers nothing from one request to the next, with a valid token for its forms."""

    def __init__(self, living: Living, cookie: str, form_token: str) -> None:
        """Take the session as it is signed, and the token of its forms."""
        self._headers = {"Cookie": f"{living.app.config['SESSION_COOKIE_NAME']}={cookie}"}
        self._form = {"csrf_token": form_token}
        self._living = living
        self._client = living.app.test_client(use_cookies=False)

    def open(self, path: str, method: str = "GET") -> TestResponse:
        """Send a request, with an empty form when it is unsafe; what it writes is forgotten."""
        form = self._form if method == "POST" else None
        with self._living.forgetting():
            return self._client.open(path, method=method, data=form, headers=self._headers)


def build_world(app: Flask) -> World:
    """Add to the demonstration the people and the recusals it lacks, and choose the samples."""
    with app.app_context():
        session = db.session()
        for name, role in ELSEWHERE.items():
            person = create_user(f"{name}@demo.invalid", now=NOW, given_name="Alix", family_name="Hors-Région")
            grant_role(person, "HDF", role, now=NOW)
        samples = (*_samples(session), *_people(session, str(app.config["SECRET_KEY"])))
        _stand_back(session, samples)
        session.commit()
        rows = session.execute(select(User.email, User.id, User.fs_uniquifier))
        people = {email.partition("@")[0]: (identifier, token) for email, identifier, token in rows}
    return World(app, people, samples)


def _stand_back(session: Session, samples: tuple[Sample, ...]) -> None:
    """Recuse the recused juror from every sample that has a jury."""
    juror = session.scalars(select(User).where(User.email == f"{ROLES['recused']}@demo.invalid")).one()
    seats = {seat.call_id: seat for seat in session.scalars(select(JuryMember).where(JuryMember.user_id == juror.id))}
    files = {sample.values["application_id"] for sample in samples if "application_id" in sample.values}
    files |= set(session.scalars(select(Project.application_id)))
    known = set(
        session.scalars(
            select(Recusal.application_id).where(Recusal.jury_member_id.in_(seat.id for seat in seats.values()))
        )
    )
    for identifier in files - known:
        seat = seats.get(session.get_one(Application, identifier).call_version.call_id)
        if seat is not None:
            row = Recusal(jury_member_id=seat.id, application_id=identifier, reason="Lien.", at=NOW, by_id=juror.id)
            session.add(row)


def _samples(session: Session) -> Iterator[Sample]:
    yield from _files(session)
    yield from _calls(session)
    yield from _projects(session)
    yield from _sheets(session)
    yield from _others(session)
    yield Sample("refused import", {"import_id": add_refused_import(session)})


def _people(session: Session, secret: str) -> Iterator[Sample]:
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
    ).first() or _missing("draft")
    about = _about(draft)
    for label, values, needs in add_people(session, draft, secret):
        yield Sample(label, values, needs, **about)


def _about(application: Application) -> dict[str, Any]:
    """Say who leads the file and whose department it is in."""
    lead = db.session.get_one(User, application.lead_id).email.partition("@")[0]
    return {"lead": lead, "department": application.department_code or "75"}


def _files(session: Session) -> Iterator[Sample]:
    for state, structure in FILES.items():
        application = session.scalars(
            select(Application)
            .join(User, User.id == Application.lead_id)
            .where(Application.state == state, User.email == f"porteur.{structure}@demo.invalid")
            .order_by(Application.created_at.desc())
        ).first()
        assert application is not None, f"no application of {structure} is {state.value}"
        about = _about(application)
        values = {
            "application_id": application.id,
            "section": "S1",
            "annex": "A09",
            "field": "governance",
            "number": 1,
            **_first(
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


def _first(session: Session, name: str, model: Any, *conditions: Any, order: Any = None) -> dict[str, Any]:
    """Return the identifier of the first row, under the name of a parameter; nothing when there is none."""
    found = session.scalar(select(model.id).where(*conditions).order_by(model.id if order is None else order).limit(1))
    return {} if found is None else {name: found}


def _calls(session: Session) -> Iterator[Sample]:
    settled = session.get_one(Application, _case(session).application_id)
    marking = _first_file(session, ApplicationState.INSTRUCTED)
    running = _first_file(session, ApplicationState.DRAFT)
    for label, application in (("settled", settled), ("being marked", marking), ("open", running)):
        call = application.call_version.call
        member = _first(session, "member_id", JuryMember, JuryMember.call_id == call.id, order=JuryMember.code)
        yield from _sessions(session, call, label, _about(settled))
        yield Sample(f"question, call {label}", _question(session, application), **_about(settled))
        yield Sample(f"call {label}", {"call_id": call.id, "reference": call.ref, **member}, **_about(settled))


def _sessions(session: Session, call: Call, label: str, about: dict[str, Any]) -> Iterator[Sample]:
    """Plan a session, with the case on its agenda, where the demonstration has none."""
    held = session.scalars(select(JurySession).where(JurySession.call_id == call.id)).first()
    if held is None:
        held = JurySession(call_id=call.id, held_at=NOW + timedelta(days=3), place="Salle 2")
        held.items.append(SessionItem(application_id=_one_of(session, call), position=1))
        session.add(held)
        session.flush()
    yield Sample(f"session, call {label}", {"session_id": held.id}, **about)
    yield Sample(f"session, call {label}", {"item_id": held.items[0].id}, **about)


def _one_of(session: Session, call: Call) -> uuid.UUID:
    """Return a file of a call: the case when it is the case's."""
    query = select(Application.id).join(CallVersion, CallVersion.id == Application.call_version_id)
    order = (Application.reference.is_(None), Application.reference, Application.created_at)
    of_call = query.where(CallVersion.call_id == call.id).order_by(*order)
    return session.scalars(of_call.limit(1)).one()


def _first_file(session: Session, state: ApplicationState) -> Application:
    return session.scalars(
        select(Application).where(Application.state == state).order_by(Application.created_at, Application.title)
    ).first() or (_missing(state.value))


def _question(session: Session, application: Application) -> dict[str, Any]:
    """Put a question without an answer on the call of a file, asked by its lead."""
    row = CallQuestion(
        call_id=application.call_version.call_id,
        asker_id=application.lead_id,
        text="La location d'un matériel est-elle admise ?",
        asked_at=NOW - timedelta(days=2),
        idempotency_key="matrix",
    )
    session.add(row)
    session.flush()
    return {"question_id": row.id}


def _missing(what: str) -> Any:
    message = f"the demonstration has no {what}"
    raise LookupError(message)


def _case(session: Session) -> Project:
    return session.scalars(
        select(Project)
        .join(Application, Application.id == Project.application_id)
        .join(User, User.id == Application.lead_id)
        .where(User.email == f"{CASE_LEAD}@demo.invalid")
    ).one()


def _projects(session: Session) -> Iterator[Sample]:
    running = session.scalars(
        select(Project).where(Project.state == ProjectState.RUNNING).order_by(Project.reference.desc())
    ).first() or _missing("running project")
    for label, project in (("project settled", _case(session)), ("project running", running)):
        values = {
            "project_id": project.id,
            **_first(session, "indicator_id", Indicator, Indicator.project_id == project.id, order=Indicator.position),
            **_first(session, "milestone_id", Milestone, Milestone.project_id == project.id, order=Milestone.key),
            **_first(session, "instalment_id", Instalment, Instalment.project_id == project.id, order=Instalment.rank),
        }
        yield Sample(label, values, **_about(project.application))
    for state in ReportState:
        report = session.scalars(
            select(Report)
            .join(Project, Project.id == Report.project_id)
            .where(Report.state == state)
            .order_by(Project.reference, Report.due_on, Report.label)
        ).first()
        if report is not None:
            about = _about(report.project.application)
            yield Sample(f"report {state.value}", {"report_id": report.id}, **about)


def _sheets(session: Session) -> Iterator[Sample]:
    """Give the sheet of the case as it is, and two others as they were before they were published."""
    case = _case(session)
    published = session.scalars(select(Sheet).where(Sheet.project_id == case.id)).one()
    others = session.scalars(select(Sheet).where(Sheet.project_id != case.id).order_by(Sheet.reference)).all()
    for sheet, state in zip(others, (SheetState.IN_REVIEW, SheetState.DRAFT), strict=False):
        sheet.state = state
    slug = session.scalars(select(SheetPublication.slug).where(SheetPublication.sheet_id == published.id)).first()
    for sheet in (published, *others[:2]):
        named = {"sheet_id": sheet.id, "part": "head", **({"slug": slug} if sheet is published else {})}
        about = _about(sheet.project.application) if sheet.project else {}
        yield Sample(f"sheet {sheet.state.value}", named, **about)


def _others(session: Session) -> Iterator[Sample]:
    for label, lifted in (("reservation open", False), ("reservation lifted", True)):
        condition = Reservation.lifted_at.is_not(None) if lifted else Reservation.lifted_at.is_(None)
        row = session.scalars(
            select(Reservation)
            .join(Reservation.decision)
            .join(Application, Application.id == Decision.application_id)
            .where(condition)
            .order_by(Application.reference, Reservation.key)
        ).first()
        if row is not None:
            yield Sample(label, {"reservation_id": row.id}, **_about(row.decision.application))
    session.add(
        Promise(
            kind="mail",
            key="matrix:failed",
            payload={},
            region_code="IDF",
            created_at=NOW - timedelta(days=1),
            due_at=NOW,
            attempts=3,
            last_error="ConnectionRefusedError : boîte injoignable",
        )
    )
    session.flush()
    yield Sample("promise failed", _first(session, "promise_id", Promise, Promise.key == "matrix:failed"))
    yield Sample("forged token", {"token": "forged"})
