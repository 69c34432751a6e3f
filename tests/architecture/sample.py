"""A sample of what an address may name, and how the rows of the demonstration that stand for it are found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.accounts.models import User
from aap.applications.models import Application, ApplicationState
from aap.awards.models import Project
from aap.db import db

CASE_LEAD = "porteur.valfleuri"

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


def about_file(application: Application) -> dict[str, Any]:
    """Say who leads the file and whose department it is in."""
    lead = db.session.get_one(User, application.lead_id).email.partition("@")[0]
    return {"lead": lead, "department": application.department_code or "75"}


def first_of(session: Session, name: str, model: Any, *conditions: Any, order: Any = None) -> dict[str, Any]:
    """Return the identifier of the first row, under the name of a parameter; nothing when there is none."""
    found = session.scalar(select(model.id).where(*conditions).order_by(model.id if order is None else order).limit(1))
    return {} if found is None else {name: found}


def missing(what: str) -> Any:
    """Say what the demonstration lacks; raise LookupError."""
    message = f"the demonstration has no {what}"
    raise LookupError(message)


def case_of(session: Session) -> Project:
    """Return the project of the case that is followed from end to end."""
    return session.scalars(
        select(Project)
        .join(Application, Application.id == Project.application_id)
        .join(User, User.id == Application.lead_id)
        .where(User.email == f"{CASE_LEAD}@demo.invalid")
    ).one()
