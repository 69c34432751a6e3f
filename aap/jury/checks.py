"""The rules of a jury: one ``check_*`` per rule, each raising one named error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select

from aap.accounts.models import User
from aap.applications.models import Application
from aap.applications.people import takes_part
from aap.calls.models import CallVersion, JuryCollege
from aap.db import db
from aap.errors import ConflictError, ForbiddenError, InvalidError, Problem
from aap.jury.blindness import READABLE
from aap.jury.grid import Grid
from aap.jury.models import (
    FrozenRubric,
    InterestDeclaration,
    JuryMember,
    JurySession,
    Recusal,
    Review,
    ReviewState,
    ScoringClosure,
)
from aap.scoring.rubric import Marks, comment_required, missing_marks
from aap.workflow import Actor

SCORING_START, SCORING_END = "scoring_start", "scoring_end"


@dataclass(frozen=True, slots=True)
class ScoringWindow:
    """When marks may be given: from ``starts_at`` to ``ends_at``, both included, and never after the closure."""

    starts_at: datetime | None
    ends_at: datetime | None
    closed: bool

    def is_open(self, now: datetime) -> bool:
        """Tell whether individual scoring is open, to the second."""
        if self.closed or self.ends_at is None:
            return False
        return (self.starts_at is None or now >= self.starts_at) and now <= self.ends_at

    def is_over(self, now: datetime) -> bool:
        """Tell whether individual scoring has ended."""
        return self.closed or (self.ends_at is not None and now > self.ends_at)


def scoring_window(version: CallVersion) -> ScoringWindow:
    """Read the hours of the call's calendar, and whether the service closed the scoring."""
    return window_of(version, closed=is_closed(version))


def is_closed(version: CallVersion) -> bool:
    """Tell whether the service closed the individual scoring of a call; one query."""
    return bool(db.session.scalar(select(exists().where(ScoringClosure.call_id == version.call_id))))


def window_of(version: CallVersion, *, closed: bool) -> ScoringWindow:
    """Read the hours of the call's calendar beside a closure already read."""
    hours = {step.key: step.at for step in version.call.steps}
    return ScoringWindow(hours.get(SCORING_START), hours.get(SCORING_END), closed=closed)


def check_college(college: JuryCollege, call_id: object) -> None:
    """Refuse a college that belongs to another call."""
    if db.session.scalar(select(CallVersion.call_id).where(CallVersion.id == college.version_id)) != call_id:
        raise InvalidError.on("college_id", "Ce collège n'appartient pas à cet appel.", code="college-etranger")


def check_same_call(member: JuryMember, application: Application) -> None:
    """Refuse to bring together a member and a file of different calls."""
    if application.call_version.call_id != member.call_id:
        raise ConflictError("Ce dossier n'est pas celui de ce jury.", code="autre-appel")


def check_active(member: JuryMember) -> None:
    """Refuse whoever left the jury."""
    if member.left_at is not None:
        raise ForbiddenError("Cette personne n'est plus membre du jury.", code="plus-membre")


def check_called_in(member: JuryMember) -> None:
    """Refuse a substitute nobody called in: no file, no vote."""
    if member.substitute:
        raise ConflictError("Ce suppléant n'a pas été appelé à siéger.", code="suppleant-en-attente")


def check_is_member(member: JuryMember, actor: Actor) -> None:
    """Refuse to act in the place of a member."""
    if member.user_id != actor.id:
        raise ForbiddenError("Seul le membre concerné peut faire cela.", code="autre-membre")


def check_declared(member: JuryMember) -> None:
    """Refuse to open a file before the declaration of interests is signed."""
    declared = db.session.scalar(select(exists().where(InterestDeclaration.jury_member_id == member.id)))
    refuse_undeclared(declared=bool(declared))


def refuse_undeclared(*, declared: bool) -> None:
    """Refuse whoever has not signed the declaration."""
    if not declared:
        message = "Signez votre déclaration d'intérêts avant d'ouvrir un dossier."
        raise ForbiddenError(message, code="declaration-manquante")


def check_not_recused(member: JuryMember, application: Application) -> None:
    """Refuse whoever stood back from the file."""
    stood_back = exists().where(Recusal.jury_member_id == member.id, Recusal.application_id == application.id)
    refuse_recused(recused=bool(db.session.scalar(select(stood_back))))


def refuse_recused(*, recused: bool) -> None:
    """Refuse whoever stood back."""
    if recused:
        raise ForbiddenError("Ce membre s'est déporté de ce dossier.", code="deporte")


def check_readable(application: Application) -> None:
    """Refuse a file that is not ready for the jury, or that left it."""
    if application.state not in READABLE:
        raise ConflictError("Ce dossier n'est pas soumis au jury.", code="dossier-hors-jury")


def refuse_unassigned(*, assigned: bool) -> None:
    """Refuse a mark from whoever was not asked for one."""
    if not assigned:
        raise ForbiddenError("Ce dossier ne vous est pas confié.", code="dossier-non-confie")


def check_scoring_open(window: ScoringWindow, open_until: datetime | None, now: datetime) -> None:
    """Refuse a mark outside the hours of the calendar, unless this reviewer was named afterwards."""
    if window.is_open(now) or (open_until is not None and now < open_until):
        return
    if window.is_over(now):
        raise ConflictError(
            "La notation individuelle est close : votre grille n'est plus modifiable.", code="notation-close"
        )
    raise ConflictError("La notation individuelle n'est pas encore ouverte.", code="notation-non-ouverte")


def check_additional_until(version: CallVersion, open_until: datetime | None, now: datetime) -> None:
    """Ask a closing hour for a reviewer named after the closure, and only then."""
    over = scoring_window(version).is_over(now)
    if over and open_until is None:
        message = "La notation est close : indiquez jusqu'à quand cet évaluateur supplémentaire peut noter."
        raise InvalidError.on("open_until", message, code="heure-manquante")
    if open_until is not None and (not over or open_until <= now):
        message = "Cette heure sert à un évaluateur supplémentaire, après la clôture, et doit être à venir."
        raise InvalidError.on("open_until", message, code="heure-inutile")


def check_draft(review: Review) -> None:
    """Refuse to change a submitted review."""
    if review.state is not ReviewState.DRAFT:
        raise ConflictError("Cette grille est remise : rouvrez-la pour la modifier.", code="grille-remise")


def check_submitted(review: Review) -> None:
    """Refuse to reopen what is still a draft."""
    if review.state is not ReviewState.SUBMITTED:
        raise ConflictError("Cette grille n'est pas encore remise.", code="grille-en-cours")


def check_complete(grid: Grid, marks: Marks) -> None:
    """Refuse a review that misses a mark: a missing mark is not a zero."""
    missing = missing_marks(grid.rubric, marks)
    if missing:
        problems = tuple(Problem(key, "Indiquez une note.") for key in missing)
        message = f"Il manque {len(missing)} notes." if len(missing) > 1 else "Il manque une note."
        raise InvalidError(message, problems, code="notes-manquantes")


def check_justified(grid: Grid, marks: Marks, comments: dict[str, str]) -> None:
    """Refuse a review whose low (or high) marks are not justified in writing, as the call asks."""
    problems = tuple(
        Problem(f"{key}.comment", "Justifiez cette note.")
        for key, criterion in grid.criteria.items()
        if comment_required(criterion, marks[key]) and not comments.get(key, "").strip()
    )
    if problems:
        raise InvalidError("Certaines notes demandent une justification.", problems, code="justification-manquante")


def check_same_grid(grid: Grid, frozen: FrozenRubric | None) -> None:
    """Refuse marks given with another grid than the one frozen by the first submitted review."""
    if frozen is not None and frozen.fingerprint != grid.fingerprint:
        message = "La grille a changé depuis la première évaluation remise : elle est figée."
        raise ConflictError(message, code="grille-figee")


def check_answered(review: Review, version: CallVersion) -> None:
    """Refuse to submit or take back a review of an earlier grid before its juror has answered the revision."""
    if review.grid_number < version.grid_number:
        message = "La grille de l'appel a été révisée : dites d'abord si vous gardez votre grille ou si vous renotez."
        raise ConflictError(message, code="grille-revisee")


def check_reason(reason: str, field: str = "reason") -> str:
    """Ask for a written reason; return it trimmed."""
    text = reason.strip()
    if not text:
        raise InvalidError.on(field, "Indiquez le motif.", code="motif-manquant")
    return text


def check_not_applicant(user: User, application: Application) -> None:
    """Refuse an assignment to whoever leads the file, or was invited to it."""
    if takes_part(application, user):
        raise ConflictError("Cette personne porte ce dossier : elle doit se déporter.", code="porteur-du-dossier")


def check_not_signed(session: JurySession) -> None:
    """Refuse any change once the minutes are signed."""
    if session.signed_at is not None:
        raise ConflictError("Le procès-verbal est signé : la séance ne change plus.", code="proces-verbal-signe")
