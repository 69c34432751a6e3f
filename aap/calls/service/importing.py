"""Importing a call document: everything or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from aap import audit
from aap.accounts.models import User
from aap.calls.document.body import CallBody
from aap.calls.document.composing import fingerprint_of
from aap.calls.document.reading import read_call
from aap.calls.document.rows import calendar_steps, fill, roadmap_links
from aap.calls.models import Call, CallVersion
from aap.calls.service.publishing import publish_call
from aap.db import db, refusing
from aap.errors import ConflictError, InvalidError, Problem
from aap.referentials.models import IndicatorDefinition, Region, RoadmapAction, Zoning


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The imported call and what is odd in its document, without forbidding it."""

    call: Call
    warnings: tuple[Problem, ...]


def import_call(content: bytes, actor: User | None, now: datetime, *, publish: bool = False) -> ImportResult:
    """Import a ``call/1`` document as a new draft call, published at once on request.

    Raises:
        InvalidError: with every problem of the document; nothing is changed.

    """
    body, warnings = read_call(content)
    _check_region(body)
    if db.session.scalar(select(Call.id).where(Call.ref == body.ref)):
        raise _already(body.ref)
    call = Call(ref=body.ref, region_code=body.region, created_at=now)
    version = CallVersion(number=1, created_at=now, created_by_id=None if actor is None else actor.id)
    call.versions = [version]
    with refusing({"uq_calls_ref": _already(body.ref)}):
        _write(call, version, body)
    audit.record("call.import", call, actor_id=version.created_by_id, now=now, detail=_sealed(version))
    if publish:
        publish_call(call, actor, now)
    return ImportResult(call, warnings + _reference_warnings(body))


def replace_draft(call: Call, content: bytes, actor: User | None, now: datetime) -> ImportResult:
    """Replace the whole content of a draft call by another document of the same reference and region.

    Raises:
        ConflictError: the call is published: only dates and contact change, as dated amendments.
        InvalidError: with every problem of the document.

    """
    if call.published_at is not None:
        raise ConflictError("Un appel publié ne se remplace plus : seules ses dates se modifient.", code="appel-publie")
    body, warnings = read_call(content)
    _check_region(body)
    if (body.ref, body.region) != (call.ref, call.region_code):
        raise InvalidError.on("call.ref", f"Ce document n'est pas celui de l'appel {call.ref}.", code="autre-appel")
    version = call.versions[-1]
    _erase(call, version)
    _write(call, version, body)
    audit.record("call.replace", call, actor_id=None if actor is None else actor.id, now=now, detail=_sealed(version))
    return ImportResult(call, warnings + _reference_warnings(body))


def _write(call: Call, version: CallVersion, body: CallBody) -> None:
    call.kind, call.title, call.short_title, call.summary = body.kind, body.title, body.short_title, body.summary
    call.issuer, call.contact_mailbox = body.issuer.organisation, body.issuer.contact_mailbox
    with db.session.no_autoflush:
        call.steps = calendar_steps(body)
        call.roadmap_links = roadmap_links(body)
        fill(version, body)
        version.fingerprint = fingerprint_of(call, version)
        db.session.add(call)
    db.session.flush()


def _erase(call: Call, version: CallVersion) -> None:
    """Delete the rows of a draft, those that point before those pointed at."""
    for criterion in version.criteria:
        for descriptor in criterion.descriptors:
            db.session.delete(descriptor)
    for obligation in version.obligations:
        db.session.delete(obligation)
    db.session.flush()
    kinds = (
        version.strands,
        version.criteria,
        version.instalments,
        version.indicators,
        version.opinion_kinds,
        version.colleges,
        version.decision_kinds,
        version.rates,
        version.caps,
        version.category_rules,
        call.steps,
        call.roadmap_links,
    )
    for kind in kinds:
        for row in kind:
            db.session.delete(row)
    db.session.flush()
    db.session.expire(version)
    db.session.expire(call)


def _already(ref: str) -> InvalidError:
    return InvalidError.on("call.ref", f"L'appel {ref} existe déjà.", code="appel-existant")


def _check_region(body: CallBody) -> None:
    if db.session.get(Region, body.region) is None:
        raise InvalidError.on(
            "call.region", f"La région « {body.region} » n'est pas connue ici.", code="region-inconnue"
        )


def _sealed(version: CallVersion) -> dict[str, str | int]:
    return {"version": version.number, "fingerprint": version.fingerprint}


def _reference_warnings(body: CallBody) -> tuple[Problem, ...]:
    """Say which zoning, indicators or roadmap actions are not in the referentials yet."""
    warnings = []
    zoning = body.scope.zone_reference
    if zoning and not db.session.scalar(
        select(Zoning.id).where(Zoning.dataset == zoning.dataset, Zoning.valid_on == zoning.valid_on)
    ):
        message = f"Le zonage « {zoning.dataset} » du {zoning.valid_on:%d/%m/%Y} n'est pas chargé."
        warnings.append(Problem("call.scope.zone_reference", message))
    codes = select(IndicatorDefinition.code).where(IndicatorDefinition.code.in_(body.mandatory_indicators))
    known = set(db.session.scalars(codes))
    for i, code in enumerate(body.mandatory_indicators):
        if code not in known:
            message = f"L'indicateur « {code} » n'est pas dans la bibliothèque."
            warnings.append(Problem(f"call.mandatory_indicators[{i}]", message))
    actions = set(db.session.scalars(select(RoadmapAction.code).where(RoadmapAction.region_code == body.region)))
    for i, link in enumerate(body.roadmap_links):
        if link.action not in actions:
            message = f"L'action « {link.action} » n'est pas dans la feuille de route de la région."
            warnings.append(Problem(f"call.roadmap_links[{i}].action", message))
    return tuple(warnings)
