"""Who looks at what: one person per role, and one sample of each thing that an address may name, in several states."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from aap.accounts.models import RoleName, User
from aap.accounts.service import create_user, grant_role
from aap.applications.models import Application
from aap.awards.models import Project
from aap.db import db
from aap.jury.models import JuryMember, Recusal
from aap.jury.service import refresh_stale_standings
from aap.outbox import Promise
from tests.architecture.call_samples import list_calls
from tests.architecture.file_samples import list_files, list_people
from tests.architecture.project_samples import list_projects, list_reservations, list_sheets
from tests.architecture.sample import CASE_LEAD, Sample, first_of
from tests.architecture.territory_samples import add_refused_import
from tests.living import NOW, Living

FORM_SECRET = "the form's half"

# In the order of the columns of the matrix. A name stands for the account of the demonstration that plays it; the lead
# and the correspondent of the department are those of each sample.
ROLES: dict[str, str] = {
    "anonymous": "",
    "lead": "of the sample",
    "lead_elsewhere": "porteur.clairval",
    "invited": "convie",
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
        "invited",
        "officer_elsewhere",
        "editor",
        "reviewer",
        "dd_elsewhere",
        "administrator_elsewhere",
    }
)
ELSEWHERE = {"instruction.hdf": RoleName.OFFICER, "administration.hdf": RoleName.ADMINISTRATOR}


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
        return self.session_of(self.people[name][1] if name else "")

    def session_of(self, token: str) -> str:
        """Return the session of whoever has this token, signed; of nobody without one."""
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
        samples = (*_samples(session), *list_people(session, str(app.config["SECRET_KEY"])))
        _stand_back(session, samples)
        session.flush()
        refresh_stale_standings(NOW)  # as the service does whenever somebody stands back
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
    yield from list_files(session)
    yield from list_calls(session)
    yield from list_projects(session)
    yield from list_sheets(session)
    yield from _others(session)
    yield Sample("refused import", {"import_id": add_refused_import(session)})


def _others(session: Session) -> Iterator[Sample]:
    yield from list_reservations(session)
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
    yield Sample("promise failed", first_of(session, "promise_id", Promise, Promise.key == "matrix:failed"))
    yield Sample("forged token", {"token": "forged"})
