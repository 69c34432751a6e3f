"""Joining a jury, declaring interests, leaving."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from aap import audit
from aap.accounts.models import User
from aap.calls.models import Call, JuryCollege
from aap.db import db, refusing
from aap.errors import ConflictError, InvalidError, Problem
from aap.jury import checks
from aap.jury.models import DeclaredLink, InterestDeclaration, JuryMember, SessionPresence
from aap.jury.service.bundles import renew_bundle
from aap.outbox import promise_mail


@dataclass(frozen=True, slots=True)
class LinkInput:
    """An organisation the member declares a link with; ``siren`` when known (nine digits)."""

    organisation_name: str
    siren: str | None = None
    nature: str = ""


def add_member(
    call: Call,
    user: User,
    college: JuryCollege,
    *,
    actor: User,
    now: datetime,
    chair: bool = False,
    told: bool = True,
) -> JuryMember:
    """Add a person to the jury of a call, in a college that gives or not a vote, under the next code (J1, J2…).

    A mail says so, unless the person has just accepted it (``told`` is false).

    Raises:
        ConflictError: the person is already on this jury.
        InvalidError: the college is not one of the call's.

    """
    checks.check_college(college, call.id)
    member = JuryMember(
        call_id=call.id,
        user_id=user.id,
        college_id=college.id,
        code=_next_code(call),
        voting=college.voting,
        chair=chair,
        added_at=now,
        added_by_id=actor.id,
    )
    taken = ConflictError("Cette personne est déjà membre de ce jury.", code="deja-membre")
    with refusing({"uq_jury_members_call_id_user_id": taken}):
        db.session.add(member)
    audit.record("jury.add_member", member, actor_id=actor.id, now=now, detail={"call": str(call.id)})
    if told:
        promise_mail(
            "jury-invitation",
            user.email,
            {"call_title": call.title, "call_ref": call.ref, "contact": call.contact_mailbox},
            key=f"jury-invitation:{member.id}",
            now=now,
            region_code=call.region_code,
        )
    return member


def _next_code(call: Call) -> str:
    """Return the first free code; codes of members who left are not given again."""
    codes = db.session.scalars(select(JuryMember.code).where(JuryMember.call_id == call.id))
    numbers = [int(code[1:]) for code in codes if code[:1] == "J" and code[1:].isdigit()]
    return f"J{max(numbers, default=0) + 1}"


def end_membership(member: JuryMember, *, reason: str, actor: User, now: datetime) -> None:
    """Take a person off the jury, and out of its session. What this person submitted stays and counts."""
    checks.check_active(member)
    checks.check_reason(reason)
    member.left_at = now
    renew_bundle(member, now)
    there = (SessionPresence.jury_member_id == member.id, SessionPresence.left_at.is_(None))
    db.session.execute(update(SessionPresence).where(*there).values(left_at=now))
    audit.record("jury.end_membership", member, actor_id=actor.id, now=now)


def sign_declaration(
    member: JuryMember,
    *,
    has_interests: bool,
    text: str,
    dpi_up_to_date: bool,
    links: Sequence[LinkInput] = (),
    actor: User,
    now: datetime,
) -> InterestDeclaration:
    """Sign the declaration of interests for the call: it opens the files. Signed once, by the member in person.

    Raises:
        InvalidError: interests declared without saying which.
        ConflictError: already signed.
        ForbiddenError: signed by somebody else, or by a former member.

    """
    checks.check_is_member(member, actor)
    checks.check_active(member)
    _check_described(has_interests=has_interests, text=text, links=links)
    signed = InterestDeclaration(
        jury_member_id=member.id,
        has_interests=has_interests,
        text=text.strip() or _names(links),
        dpi_up_to_date=dpi_up_to_date,
        signed_at=now,
        links=[_link(link) for link in links],
    )
    already = ConflictError("Votre déclaration est déjà signée pour cet appel.", code="deja-signee")
    twice = InvalidError.on("links", "Une structure est citée deux fois.", code="structure-en-double")
    with refusing({"uq_interest_declarations_jury_member_id": already, "uq_declared_links_organisation_name": twice}):
        db.session.add(signed)
    db.session.refresh(member, ["declaration"])
    detail = {"interests": has_interests, "dpi_up_to_date": dpi_up_to_date}
    audit.record("jury.sign_declaration", signed, actor_id=actor.id, now=now, detail=detail)
    return signed


def _names(links: Sequence[LinkInput]) -> str:
    return ", ".join(link.organisation_name.strip() for link in links)


def _link(link: LinkInput) -> DeclaredLink:
    siren = "".join(character for character in link.siren or "" if character.isdigit())
    return DeclaredLink(
        organisation_name=link.organisation_name.strip(), siren=siren or None, nature=link.nature.strip()
    )


def _check_described(*, has_interests: bool, text: str, links: Sequence[LinkInput]) -> None:
    problems = [
        Problem(f"links-{index}-organisation_name", "Indiquez le nom de la structure.")
        for index, link in enumerate(links)
        if not link.organisation_name.strip()
    ]
    if has_interests and not text.strip() and not links:
        problems.append(Problem("text", "Décrivez vos liens d'intérêts."))
    if problems:
        raise InvalidError("La déclaration est incomplète.", tuple(problems), code="declaration-incomplete")
