"""A member's files as one PDF: asked, voided as soon as one of them closes, and each download written down."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from aap import audit
from aap.accounts.models import User
from aap.applications.models import Submission
from aap.calls.models import Call
from aap.db import db, refusing
from aap.errors import ConflictError, NotFoundError
from aap.jury import checks
from aap.jury.models import JuryBundle, JuryBundleFile, JuryMember
from aap.jury.queries import list_my_files
from aap.outbox import promise

BUNDLE, ERASE = "jury-bundle", "jury-bundle-erase"


@dataclass(frozen=True, slots=True)
class BundleGap:
    """How a bundle differs from what its member may read now, in numbers of files."""

    closed: int
    renewed: int
    added: int

    @property
    def may_be_handed(self) -> bool:
        """Tell whether nothing inside was closed to the member."""
        return not self.closed


def find_bundle(member: JuryMember) -> JuryBundle | None:
    """Return the bundle in force of a member, asked or made."""
    return db.session.scalar(
        select(JuryBundle).where(JuryBundle.jury_member_id == member.id, JuryBundle.voided_at.is_(None))
    )


def last_deposits(application_ids: list[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Return the last deposit of each file: one query."""
    query = (
        select(Submission.application_id, Submission.id)
        .where(Submission.application_id.in_(application_ids))
        .order_by(Submission.number)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def bundle_gap(bundle: JuryBundle) -> BundleGap:
    """Compare a bundle with the files open to its member now: assigned, declared, never recused, before the jury."""
    open_now = last_deposits([row.application_id for row in list_my_files(bundle.member)])
    inside = {row.application_id: row.submission_id for row in bundle.contents}
    return BundleGap(
        closed=len(inside.keys() - open_now.keys()),
        renewed=sum(1 for key, deposit in inside.items() if open_now.get(key, deposit) != deposit),
        added=len(open_now.keys() - inside.keys()),
    )


def ask_bundle(member: JuryMember, *, actor: User, now: datetime) -> JuryBundle:
    """Ask the worker for the files confided to a member as one PDF, in place of the one made before.

    One that waits to be made is returned as it is, and so is one that still says everything.

    Raises:
        ConflictError: no file is confided to the member.
        ForbiddenError: the actor is not this member, or the declaration is not signed.

    """
    checks.check_is_member(member, actor)
    checks.check_active(member)
    checks.check_declared(member)
    known = find_bundle(member)
    if known is not None and (known.file_id is None or bundle_gap(known) == BundleGap(0, 0, 0)):
        return known
    if not list_my_files(member):
        raise ConflictError("Aucun dossier ne vous est confié : il n'y a rien à réunir.", code="aucun-dossier")
    if known is not None:
        _void(known, now)
    return _ask(member, now)


def renew_bundle(member: JuryMember, now: datetime) -> None:
    """Void the bundle of a member to whom a file has just been closed, and ask for another one without it."""
    known = find_bundle(member)
    if known is None:
        return
    _void(known, now)
    if member.left_at is None and list_my_files(member):
        _ask(member, now)


def _void(bundle: JuryBundle, now: datetime) -> None:
    db.session.flush()
    db.session.refresh(bundle, with_for_update={"of": JuryBundle})  # the worker may have just kept its file: erased too
    bundle.voided_at = now
    db.session.flush()
    audit.record("jury.void_bundle", bundle, actor_id=None, now=now)
    if bundle.file_id is not None:
        _promise_erasure(bundle, now)


def _promise_erasure(bundle: JuryBundle, now: datetime) -> None:
    promise(ERASE, {"bundle_id": str(bundle.id)}, key=f"{ERASE}:{bundle.id}", now=now, region_code=_region(bundle))


def _ask(member: JuryMember, now: datetime) -> JuryBundle:
    row = JuryBundle(id=uuid.uuid4(), jury_member_id=member.id, member=member, asked_at=now)
    together = ConflictError("Ce document vient déjà d'être demandé.", code="deja-demande")
    with refusing({"uq_jury_bundles_in_force": together}):
        db.session.add(row)
    promise(BUNDLE, {"bundle_id": str(row.id)}, key=f"{BUNDLE}:{row.id}", now=now, region_code=_region(row))
    return row


def _region(bundle: JuryBundle) -> str:
    return db.session.get_one(Call, bundle.member.call_id).region_code


def keep_bundle(
    bundle: JuryBundle, file_id: uuid.UUID, deposits: list[tuple[uuid.UUID, uuid.UUID]], now: datetime
) -> None:
    """Write down the file made and what it holds: pairs of a file and its deposit, in the order of the pages.

    A bundle voided while it was made keeps its file for the time of an erasure.
    """
    db.session.refresh(bundle, ["voided_at"], with_for_update=True)
    bundle.file_id, bundle.made_at = file_id, now
    bundle.contents = [
        JuryBundleFile(application_id=application_id, submission_id=deposit_id, position=position)
        for position, (application_id, deposit_id) in enumerate(deposits, start=1)
    ]
    db.session.flush()
    if bundle.voided_at is not None:
        _promise_erasure(bundle, now)


def hand_bundle(member: JuryMember, *, actor: User, now: datetime) -> JuryBundle:
    """Write down that a member takes the PDF away, and return it.

    Raises:
        ForbiddenError: the actor is not this member, left the jury, or did not sign.
        NotFoundError: it is not made yet.
        ConflictError: a file inside was closed to the member since: it is handed to nobody.

    """
    checks.check_is_member(member, actor)
    checks.check_active(member)
    checks.check_declared(member)
    bundle = find_bundle(member)
    if bundle is None or bundle.file_id is None:
        raise NotFoundError("Ce document n'est pas encore prêt.")
    if not bundle_gap(bundle).may_be_handed:
        message = "Un dossier de ce document ne vous est plus ouvert : il n'est plus remis. Préparez-en un nouveau."
        raise ConflictError(message, code="document-perime")
    detail = {"files": [str(row.application_id) for row in bundle.contents]}
    audit.record("jury.download_bundle", bundle, actor_id=actor.id, now=now, detail=detail)
    return bundle
