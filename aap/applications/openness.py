"""Which parts of a file its lead may change now: all of a draft, only what was asked of a file to complete."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aap import french
from aap.applications.lateness import granted_until
from aap.applications.models import Application, ApplicationState, CompletionItemKind
from aap.calls.phases import CallCalendar, CallPhase, phase
from aap.calls.queries import calendar_of, load_document
from aap.errors import ConflictError


@dataclass(frozen=True, slots=True)
class OpenParts:
    """The fields and annexes that may change until ``until`` (``None``: no hour is set)."""

    fields: frozenset[str]
    annexes: frozenset[str]
    until: datetime | None

    @property
    def nothing(self) -> bool:
        """Tell whether the whole file is closed."""
        return not self.fields and not self.annexes


def open_parts(application: Application, now: datetime) -> OpenParts:
    """Say what the lead may change now, whoever asks."""
    document = load_document(application.call_version)
    if application.state is ApplicationState.DRAFT:
        calendar = calendar_of(application.call_version.call)
        until = calendar.closes_at
        current = phase(calendar, now)
        if current is not CallPhase.OPEN:
            late = granted_until(application) if _closed(calendar, current, now) else None
            if late is None or now > late:
                return OpenParts(frozenset(), frozenset(), until if late is None else late)
            until = late
        fields = frozenset(field.id for field in document.form.fields)
        return OpenParts(fields, frozenset(annex.id for annex in document.annexes), until)
    if application.state is ApplicationState.COMPLETION_REQUESTED:
        request = application.completion_requests[-1]
        if now > request.deadline:
            return OpenParts(frozenset(), frozenset(), request.deadline)
        return _asked(application)
    return OpenParts(frozenset(), frozenset(), None)


def _closed(calendar: CallCalendar, current: CallPhase, now: datetime) -> bool:
    """Tell whether the closing has passed, the call not being cancelled: only then does a late admission count."""
    return current is not CallPhase.CANCELLED and calendar.closes_at is not None and now > calendar.closes_at


def _asked(application: Application) -> OpenParts:
    document = load_document(application.call_version)
    request = application.completion_requests[-1]
    fields: set[str] = set()
    annexes: set[str] = set()
    for item in request.items:
        if item.kind is CompletionItemKind.ANNEX:
            annexes.add(item.key)
        elif item.kind is CompletionItemKind.FIELD:
            fields.add(item.key)
        else:
            section = document.form.section(item.key)
            fields.update(field.id for field in (section.fields if section else ()))
    return OpenParts(frozenset(fields), frozenset(annexes), request.deadline)


def check_open(application: Application, now: datetime) -> OpenParts:
    """Return what is open.

    Raises:
        ConflictError: nothing is, with the reason and the hour.

    """
    parts = open_parts(application, now)
    if parts.nothing:
        if application.state is ApplicationState.DRAFT:
            if application.call_version.call.cancelled_at is not None:
                raise ConflictError("Cet appel a été annulé.", code="appel-annule")
            message = f"Le dépôt des dossiers est clos depuis le {french.moment(parts.until)}."
            raise ConflictError(message, code="depot-clos")
        if application.state is ApplicationState.COMPLETION_REQUESTED:
            message = f"Le délai pour compléter ce dossier a pris fin le {french.moment(parts.until)}."
            raise ConflictError(message, code="delai-de-complements-passe")
        message = "Ce dossier est déposé : il ne peut plus être modifié."
        raise ConflictError(message, code="dossier-ferme")
    return parts


def check_field_open(application: Application, field_id: str, now: datetime) -> None:
    """Refuse to change a field that is closed.

    Raises:
        ConflictError: the field, or the whole file, is closed.

    """
    if field_id not in check_open(application, now).fields:
        message = "Cette rubrique ne fait pas partie des compléments demandés : elle ne peut plus être modifiée."
        raise ConflictError(message, code="rubrique-fermee")


def check_annex_open(application: Application, annex_key: str, now: datetime) -> None:
    """Refuse to change an annex that is closed.

    Raises:
        ConflictError: the annex, or the whole file, is closed.

    """
    if annex_key not in check_open(application, now).annexes:
        message = "Cette pièce ne fait pas partie des compléments demandés : elle ne peut plus être modifiée."
        raise ConflictError(message, code="piece-fermee")
