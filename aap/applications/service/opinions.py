"""Advisory opinions, never scored: given by role and department, mended until the instruction is closed."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import select

from aap import audit, french
from aap.accounts.models import RoleName, User
from aap.applications.models import Application, ApplicationState, Opinion
from aap.applications.states import WORKFLOW, is_officer
from aap.calls.models import OpinionKind
from aap.db import db, refusing
from aap.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, StaleError
from aap.referentials.vocabularies import label
from aap.workflow import apply

LONGEST_OPINION = 5000
_ROLES = {role.value: role for role in (RoleName.DD, RoleName.DCGDR, RoleName.GRADES, RoleName.DIRECTION_METIER)}


def opinion_seal(value: str, text: str) -> str:
    """Return what a page remembers of the opinion it showed, to tell later whether somebody else wrote since."""
    return hashlib.sha256(f"{value}\n{text.strip()}".encode()).hexdigest()[:16]


def give_opinion(
    application: Application,
    kind_key: str,
    value: str,
    text: str,
    *,
    actor: User,
    now: datetime,
    seen: str | None = None,
) -> Opinion:
    """Write or mend the opinion of one body; ``seen`` is the ``opinion_seal`` of what the page showed.

    The same opinion sent twice is written once.

    Raises:
        NotFoundError: the call asks for no such opinion.
        ForbiddenError: the person does not speak for this body, or not in this department.
        ConflictError: the file is not in instruction.
        InvalidError: the value is not in the scale, or observations are missing (on ``value`` or ``text``).
        StaleError: somebody else of the same body wrote meanwhile, were it at the same instant; carries both texts.

    """
    kind = opinion_kind(application, kind_key)
    if kind_key not in opinions_open_to(application, actor):
        raise ForbiddenError("Vous ne pouvez pas donner cet avis sur ce dossier.")
    if application.state is not ApplicationState.ADMISSIBLE:
        message = "Les avis se donnent sur un dossier recevable, avant la clôture de l'instruction."
        raise ConflictError(message, code="instruction-close")
    words = text.strip()
    check_opinion(kind, value, words)
    opinion = _held_opinion(application, kind)
    before = None if opinion is None else opinion.value
    if opinion is not None and (opinion.value, opinion.text) == (value, words):
        return opinion
    if opinion is not None and seen is not None and seen != opinion_seal(opinion.value, opinion.text):
        raise _written_meanwhile(opinion, value, words)
    try:
        opinion = _put(opinion, application, kind, (value, words), actor, now)
    except ConflictError:
        first = _held_opinion(application, kind)
        if first is None:
            raise
        raise _written_meanwhile(first, value, words) from None
    detail = {"kind": kind.key, "value": value, "before": before}
    audit.record("applications.give_opinion", application, actor_id=actor.id, now=now, detail=detail)
    return opinion


def _held_opinion(application: Application, kind: OpinionKind) -> Opinion | None:
    """Return the opinion as it stands now, held until the end of the unit of work."""
    return db.session.scalar(
        select(Opinion)
        .where(Opinion.application_id == application.id, Opinion.opinion_kind_id == kind.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _put(
    opinion: Opinion | None,
    application: Application,
    kind: OpinionKind,
    words: tuple[str, str],
    actor: User,
    now: datetime,
) -> Opinion:
    opinion = opinion or Opinion(application_id=application.id, opinion_kind_id=kind.id)
    (opinion.value, opinion.text), opinion.author_id, opinion.at = words, actor.id, now
    together = "Cet avis vient d'être donné par quelqu'un d'autre. Relisez-le avant d'écrire le vôtre."
    with refusing({"uq_opinions_application_id_opinion_kind_id": ConflictError(together, code="avis-simultane")}):
        db.session.add(opinion)
    return opinion


def _written_meanwhile(theirs: Opinion, value: str, text: str) -> StaleError:
    """Say whose opinion stands, with both."""
    labels = {one: label("opinion_scale", one) for one in (value, theirs.value)}
    who, hour = theirs.author.display_name, french.moment(theirs.at)
    message = f"{who} a donné cet avis le {hour} : c'est le sien qui est gardé."
    mine = f"Avis : {labels[value]}\n{text}".strip()
    return StaleError(message, yours=mine, theirs=f"Avis : {labels[theirs.value]}\n{theirs.text}".strip())


def check_opinion(kind: OpinionKind, value: str, text: str) -> None:
    """Refuse a value out of the scale, and anything but the best value without observations.

    Raises:
        InvalidError: on ``value`` or ``text``.

    """
    if value not in kind.scale:
        raise InvalidError.on("value", "Choisissez un avis dans la liste.", code="avis-hors-echelle")
    if value != kind.scale[0] and not text:
        message = "Écrivez les observations ou les motifs de cet avis."
        raise InvalidError.on("text", message, code="avis-sans-motif")
    if len(text) > LONGEST_OPINION:
        message = f"L'avis compte {french.number(LONGEST_OPINION)} caractères au plus."
        raise InvalidError.on("text", message, code="avis-trop-long")


def opinion_kind(application: Application, kind_key: str) -> OpinionKind:
    """Return the kind of opinion of this key in the application's call.

    Raises:
        NotFoundError: the call asks for no such opinion.

    """
    kind = next((kind for kind in application.call_version.opinion_kinds if kind.key == kind_key), None)
    if kind is None:
        raise NotFoundError("L'appel ne demande pas cet avis.")
    return kind


def opinions_open_to(application: Application, actor: User) -> tuple[str, ...]:
    """Return the keys of the opinions this person may give on this file, by role and department, in order.

    A body that is no role of the service is answered for by the officer.
    """
    return tuple(
        kind.key for kind in application.call_version.opinion_kinds if speaks_for(application, actor, kind.key)
    )


def speaks_for(application: Application, actor: User, kind_key: str) -> bool:
    """Tell whether the person speaks for this body on this file."""
    role = _ROLES.get(kind_key)
    if role is None:
        return is_officer(application, actor)
    if role is not RoleName.DD:
        return actor.has_role_in(application.region_code, role)
    departments = actor.departments_as(application.region_code, role)
    return None in departments or bool(departments & departments_of(application))


def departments_of(application: Application) -> frozenset[str]:
    """Return the departments a file concerns: its lead's and its sites'."""
    found = {application.department_code, *(site.department_code for site in application.sites)}
    return frozenset(code for code in found if code)


def list_missing_opinions(application: Application) -> tuple[str, ...]:
    """Return the labels of the required opinions not given yet."""
    given = set(db.session.scalars(select(Opinion.opinion_kind_id).where(Opinion.application_id == application.id)))
    kinds = application.call_version.opinion_kinds
    return tuple(kind.label for kind in kinds if kind.required and kind.id not in given)


def close_instruction(application: Application, *, actor: User, now: datetime) -> None:
    """End the instruction: the file goes to the jury.

    Raises:
        ConflictError: a required opinion is missing (named), or the state does not allow it.
        ForbiddenError: the person is not an officer of the call.

    """
    missing = list_missing_opinions(application)
    if missing and application.state is ApplicationState.ADMISSIBLE:
        message = f"Il manque encore un avis obligatoire : {french.listing(missing)}."
        raise ConflictError(message, code="avis-manquants")
    apply(WORKFLOW, application, "instruct", actor, now)
    db.session.flush()
