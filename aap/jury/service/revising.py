"""Revising the grid of a published call while it is being marked: a new grid, what it replaces kept, everybody told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload

from aap import audit, french
from aap.accounts.models import User
from aap.calls.document.checks.selection import check_rubric
from aap.calls.document.composing import compose_rubric, fingerprint_of
from aap.calls.document.grid_changes import GridChange, compare_grids
from aap.calls.document.messages import told
from aap.calls.document.rows import criteria_rows, rubric_terms
from aap.calls.document.selection import Rubric
from aap.calls.models import Call, CallVersion, Criterion, GridRevision
from aap.db import db
from aap.errors import ConflictError, ForbiddenError, InvalidError, Problem
from aap.jury import checks
from aap.jury.models import JuryMember
from aap.jury.queries.reading import latest_version
from aap.jury.service.bundles import renew_bundle
from aap.jury.service.standings import refresh_standings
from aap.outbox import promise, promise_mail

LONGEST_REASON = 2000
_PLACE = ("call", "rubric")


@dataclass(frozen=True, slots=True)
class Revised:
    """A grid as it would be: what it replaces and every difference, in words."""

    before: Rubric
    after: Rubric
    changes: tuple[GridChange, ...]


def grid_in_force(version: CallVersion) -> Rubric:
    """Return the grid of a version as the call document writes it.

    Raises:
        ConflictError: the call has no grid.

    """
    tree = compose_rubric(version)
    if tree is None:
        raise ConflictError("Cet appel n'a pas de grille de notation.", code="appel-sans-grille")
    return Rubric.model_validate(tree)


def check_revisable(call: Call, actor: User, now: datetime) -> CallVersion:
    """Return the version whose grid may be revised now by this person.

    Raises:
        ConflictError: not published, cancelled, without a grid, or scoring has ended: marks may have been read.
        ForbiddenError: the person sits, or sat, on this jury.

    """
    version = latest_version(call.id)
    if version is None or call.published_at is None:
        raise ConflictError("Un brouillon d'appel se modifie directement.", code="appel-non-publie")
    if call.cancelled_at is not None:
        raise ConflictError("Cet appel est annulé.", code="appel-annule")
    if checks.scoring_window(version).is_over(now):
        message = "La notation individuelle est terminée : la grille ne se révise plus."
        raise ConflictError(message, code="notation-close")
    seat = exists().where(JuryMember.call_id == call.id, JuryMember.user_id == actor.id)
    if db.session.scalar(select(seat)):
        message = "Vous siégez à ce jury : une autre personne doit en réviser la grille."
        raise ForbiddenError(message, code="jure")
    return version


def prepare_revision(version: CallVersion, tree: dict[str, Any]) -> Revised:
    """Read a revised grid, written as the call document writes it, and compare it with the one in force.

    Raises:
        InvalidError: with every fault, at places such as ``call.rubric.criteria[2].weight``; or nothing changes.

    """
    before = grid_in_force(version)
    try:
        after = Rubric.model_validate(tree)
    except ValidationError as error:
        faults = [found for fault in error.errors(include_url=False) for found in told(fault, _PLACE, Rubric)]
        raise InvalidError("La grille est à corriger.", tuple(faults), code="grille-invalide") from error
    problems = [*check_rubric(after), *_used_again(version, before, after)]
    if problems:
        raise InvalidError("La grille est à corriger.", tuple(problems), code="grille-invalide")
    changes = compare_grids(before, after)
    if not changes:
        raise InvalidError.on("call.rubric", "Rien ne change dans cette grille.", code="rien-a-reviser")
    return Revised(before, after, changes)


def _used_again(version: CallVersion, before: Rubric, after: Rubric) -> list[Problem]:
    """Refuse to give the key of a criterion that was removed to another one: its marks would come back."""
    known = {criterion.id for criterion in before.criteria}
    fresh = [criterion.id for criterion in after.criteria if criterion.id not in known]
    ever = keys_ever(version)
    return [
        Problem(f"call.rubric.criteria[{place}].id", "Ce code a déjà servi à un critère retiré : prenez-en un autre.")
        for place, criterion in enumerate(after.criteria)
        if criterion.id in fresh and criterion.id in ever
    ]


def keys_ever(version: CallVersion) -> frozenset[str]:
    """Return the keys of every criterion that the grids of a version ever had."""
    return frozenset(db.session.scalars(select(Criterion.key).where(Criterion.version_id == version.id)))


def revise_grid(
    call: Call, tree: dict[str, Any], *, reason: str, seen: int, actor: User, now: datetime
) -> GridRevision:
    """Put a revised grid in force: the one before is kept whole, every review begun under it will be asked about.

    ``seen`` is the number of the grid that the page was made from. Jurors and drafts are told; the call shows it.

    Raises:
        InvalidError: no reason (on ``reason``), a fault of the grid, or nothing changes.
        ConflictError: not revisable now, or somebody revised it meanwhile.
        ForbiddenError: the person sits on this jury.

    """
    version = check_revisable(call, actor, now)
    db.session.refresh(version, with_for_update={"of": CallVersion})
    if version.grid_number != seen:
        message = "Quelqu'un d'autre vient de réviser cette grille : relisez-la, puis recommencez."
        raise ConflictError(message, code="grille-revisee-entre-temps")
    revised = prepare_revision(version, tree)
    _check_reason(reason)
    old_terms, old_fingerprint = version.document["rubric"], version.fingerprint
    rows = criteria_rows(revised.after)
    number = seen + 1
    for row in rows:
        row.version_id, row.grid_number = version.id, number
    db.session.add_all(rows)
    version.document = {**version.document, "rubric": rubric_terms(revised.after)}
    version.grid_number = number
    db.session.flush()
    db.session.expire(version, ["criteria"])
    version.fingerprint = fingerprint_of(call, version)
    revision = GridRevision(
        call_version_id=version.id,
        number=number,
        old_terms=old_terms,
        old_fingerprint=old_fingerprint,
        new_fingerprint=version.fingerprint,
        changes=[[change.what, change.before, change.after] for change in revised.changes],
        reason=reason.strip(),
        made_at=now,
        made_by_id=actor.id,
    )
    db.session.add(revision)
    db.session.flush()
    detail = {"grid": number, "revision": str(revision.id), "fingerprint": version.fingerprint}
    audit.record("call.revise-grid", call, actor_id=actor.id, now=now, detail=detail)
    refresh_standings(call, now)
    _tell(call, revision, now)
    return revision


def _check_reason(reason: str) -> None:
    if not reason.strip():
        message = "Indiquez le motif : il sera publié et communiqué aux membres du jury."
        raise InvalidError.on("reason", message, code="motif-manquant")
    if len(reason.strip()) > LONGEST_REASON:
        message = f"Le motif compte {LONGEST_REASON} caractères au plus."
        raise InvalidError.on("reason", message, code="motif-trop-long")


def _tell(call: Call, revision: GridRevision, now: datetime) -> None:
    """Tell the members of the jury, and every draft: how files are judged is published."""
    members = (
        select(JuryMember)
        .where(JuryMember.call_id == call.id, JuryMember.left_at.is_(None), ~JuryMember.substitute)
        .options(joinedload(JuryMember.user))
        .order_by(JuryMember.code)
    )
    context = {
        "call_title": call.title,
        "number": revision.number,
        "reason": revision.reason,
        "changes": [f"{what} : {after} (avant : {before})" for what, before, after in revision.changes],
        "count": french.plural(len(revision.changes), "changement"),
        "path": f"/jury/{call.id}",
    }
    for member in db.session.scalars(members).all():
        renew_bundle(member, now)  # its blank grids are those of the version before
        key = f"jury-grid-revised:{revision.id}:{member.id}"
        promise_mail("jury-grid-revised", member.user.email, context, key=key, now=now, region_code=call.region_code)
    promise(
        "call-amended",
        {"call_id": str(call.id), "what": "grid", "amendment_id": str(revision.id)},
        key=f"call-amended:{revision.id}",
        now=now,
        region_code=call.region_code,
    )
