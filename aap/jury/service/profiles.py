"""What a member knows and can take on: the proposal of assignments starts from it. Substitutes called in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from aap import audit
from aap.accounts.models import User
from aap.calls.models import Call
from aap.db import db
from aap.errors import ConflictError, InvalidError, Problem, StaleError
from aap.jury import checks
from aap.jury.models import Assignment, ExpertiseKind, JuryDepartment, JuryExpertise, JuryMember
from aap.outbox import promise_mail
from aap.referentials.queries import list_departments
from aap.referentials.vocabularies import vocabulary

VOCABULARY_OF = {ExpertiseKind.PUBLIC: "target_publics", ExpertiseKind.ACT: "act_types"}
MOST_FILES = 500


@dataclass(frozen=True, slots=True)
class Profile:
    """What a member knows: codes of publics, of acts, of departments; the most files to mark, if limited."""

    publics: frozenset[str] = frozenset()
    acts: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    capacity: int | None = None
    substitute: bool = False


def profile_of(member: JuryMember) -> Profile:
    """Return what is known of a member."""
    codes = {kind: frozenset(row.code for row in member.expertises if row.kind is kind) for kind in ExpertiseKind}
    return Profile(
        publics=codes[ExpertiseKind.PUBLIC],
        acts=codes[ExpertiseKind.ACT],
        departments=frozenset(row.department_code for row in member.departments),
        capacity=member.capacity,
        substitute=member.substitute,
    )


def fingerprint(profile: Profile) -> str:
    """Return the SHA-256 of a profile: a page says by it what it was made from."""
    parts = [sorted(profile.publics), sorted(profile.acts), sorted(profile.departments)]
    return hashlib.sha256(json.dumps([*parts, profile.capacity, profile.substitute]).encode()).hexdigest()


def describe_member(
    member: JuryMember, profile: Profile, *, actor: User, now: datetime, seen: str | None = None
) -> JuryMember:
    """Write what a member knows and can take on, in place of what was known.

    ``seen`` is the ``fingerprint`` of the profile that the page showed.

    Raises:
        StaleError: somebody else wrote another profile meanwhile; carries both.
        InvalidError: a code out of its vocabulary, a negative or absurd capacity, or a substitute who already
            received files (each on its field).
        ConflictError: the person left the jury.

    """
    db.session.refresh(member, with_for_update={"of": JuryMember})
    checks.check_active(member)
    known_now = profile_of(member)
    if seen not in {None, fingerprint(known_now)} and profile != known_now:
        message = "Une autre personne vient de modifier ce profil. Relisez, puis enregistrez de nouveau vos choix."
        raise StaleError(message, yours=profile, theirs=known_now)
    _check_profile(member, profile)
    wanted = {(ExpertiseKind.PUBLIC, code) for code in profile.publics}
    wanted |= {(ExpertiseKind.ACT, code) for code in profile.acts}
    kept = [row for row in member.expertises if (row.kind, row.code) in wanted]
    known = {(row.kind, row.code) for row in kept}
    added = sorted(wanted - known, key=lambda pair: (pair[0].value, pair[1]))
    member.expertises = [*kept, *(JuryExpertise(kind=kind, code=code) for kind, code in added)]
    places = [row for row in member.departments if row.department_code in profile.departments]
    missing = sorted(profile.departments - {row.department_code for row in places})
    member.departments = [*places, *(JuryDepartment(department_code=code) for code in missing)]
    member.capacity, member.substitute = profile.capacity, profile.substitute
    db.session.flush()
    detail = {"expertises": len(wanted), "departments": len(profile.departments), "capacity": profile.capacity}
    audit.record("jury.describe_member", member, actor_id=actor.id, now=now, detail=detail)
    return member


def _check_profile(member: JuryMember, profile: Profile) -> None:
    problems = [
        Problem(field, "Choisissez dans la liste.")
        for field, codes, known in (
            ("publics", profile.publics, _codes(ExpertiseKind.PUBLIC)),
            ("acts", profile.acts, _codes(ExpertiseKind.ACT)),
            ("departments", profile.departments, {row.code for row in list_departments()}),
        )
        if codes - frozenset(known)
    ]
    if profile.capacity is not None and not 0 <= profile.capacity <= MOST_FILES:
        problems.append(Problem("capacity", f"Indiquez un nombre de dossiers entre 0 et {MOST_FILES}."))
    if profile.substitute and _has_files(member):
        problems.append(Problem("substitute", "Ce membre a déjà des dossiers : il siège, il n'est plus suppléant."))
    if profile.substitute and member.stands_in_for_id is not None:
        problems.append(Problem("substitute", "Ce suppléant a déjà été appelé à siéger."))
    if problems:
        raise InvalidError("Le profil est à corriger.", tuple(problems), code="profil-invalide")


def _codes(kind: ExpertiseKind) -> Iterable[str]:
    return (term.code for term in vocabulary(VOCABULARY_OF[kind]).terms)


def _has_files(member: JuryMember) -> bool:
    first = select(Assignment.id).where(Assignment.jury_member_id == member.id).limit(1)
    return db.session.scalar(first) is not None


def call_in(substitute: JuryMember, absent: JuryMember, *, actor: User, now: datetime, told: bool = True) -> JuryMember:
    """Call a substitute in for a member who left or cannot sit: the substitute may now receive files and votes.

    A mail says so, unless the person has just accepted it (``told`` is false).

    Raises:
        ConflictError: not a waiting substitute, another jury, or a seat already filled by another substitute.

    """
    for member in sorted(
        (substitute, absent), key=lambda one: str(one.id)
    ):  # two officers at once: one seat, one person
        db.session.refresh(member, with_for_update={"of": JuryMember})
    checks.check_active(substitute)
    if not substitute.substitute or substitute.call_id != absent.call_id or substitute.id == absent.id:
        raise ConflictError("Cette personne n'est pas un suppléant en attente de ce jury.", code="pas-suppleant")
    taken = select(JuryMember.id).where(JuryMember.stands_in_for_id == absent.id, JuryMember.left_at.is_(None))
    if db.session.scalar(taken.limit(1)) is not None:
        raise ConflictError("Un suppléant siège déjà à cette place.", code="place-pourvue")
    substitute.substitute, substitute.stands_in_for_id = False, absent.id
    db.session.flush()
    audit.record("jury.call_in", substitute, actor_id=actor.id, now=now, detail={"for": str(absent.id)})
    if told:
        call = db.session.get_one(Call, substitute.call_id)
        promise_mail(
            "jury-called-in",
            substitute.user.email,
            {"call_title": call.title, "contact": call.contact_mailbox, "path": f"/jury/{call.id}"},
            key=f"jury-called-in:{substitute.id}:{now.isoformat()}",
            now=now,
            region_code=call.region_code,
        )
    return substitute
