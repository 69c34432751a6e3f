"""Drafting: an application is started while the call is open, and written section by section."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from aap import french
from aap.accounts.models import Organisation, User
from aap.applications.asked_form import form_of
from aap.applications.facts import read_application
from aap.applications.models import Application, ApplicationState
from aap.applications.openness import OpenParts, check_field_open, check_open
from aap.applications.people import check_writes_section
from aap.applications.projection import COLUMN_FIELDS, has_rows, is_projected, project, project_columns
from aap.applications.service.amounts import check_amounts
from aap.applications.service.attached import follow_files
from aap.applications.service.commitments import void_changed_commitments
from aap.applications.written import is_written_apart
from aap.calls.models import CallVersion
from aap.calls.phases import CallPhase, phase
from aap.calls.queries import calendar_of
from aap.db import db
from aap.errors import ConflictError, InvalidError, NotFoundError
from aap.forms.entries import Values, typed_values
from aap.forms.fields import Storage, field_type
from aap.forms.queries import get_answers, get_texts, json_values, versions_of
from aap.forms.service import SaveResult, create_sheet, restore_revision, save_answers
from aap.forms.spec import FieldSpec, FormSpec, SectionSpec
from aap.forms.unread import Unread, unread_texts
from aap.workflow import record_event

_NO_SECTION = "Cette rubrique n'existe pas dans le dossier."
_PROJECTED = (
    "title",
    "acronym",
    "applicant_name",
    "abstract",
    "applicant_type",
    "siret",
    "finess",
    "has_cpom",
    "duration_months",
    "population",
    "starts_on",
    "lock_version",
)  # the columns that saving a text may change, and the lock that guards them


def start_application(
    version: CallVersion,
    *,
    lead: User,
    now: datetime,
    strand_key: str | None = None,
    organisation: Organisation | None = None,
) -> Application:
    """Open a draft on a call that is open by the clock; the organisation's identity is filled in.

    Raises:
        ConflictError: the call is not open now.
        InvalidError: the call has no such strand (on ``strand``).

    """
    check_call_open(version, now)
    application = Application(
        call_version=version,
        region_code=version.call.region_code,
        organisation=organisation,
        sheet=create_sheet(),
        lead=lead,
        state=ApplicationState.DRAFT,
        created_at=now,
    )
    _set_strand(application, strand_key)
    db.session.add(application)
    record_event(application, "create", None, ApplicationState.DRAFT.value, lead, now)
    if organisation is not None:
        _fill_in(application, organisation, lead, now)
    return application


def check_call_open(version: CallVersion, now: datetime) -> None:
    """Refuse a call that is not published yet, not open yet, cancelled, or closed, to the second.

    Raises:
        ConflictError: with the hour.

    """
    calendar = calendar_of(version.call)
    match phase(calendar, now):
        case CallPhase.OPEN:
            return
        case CallPhase.DRAFT | CallPhase.COMING:
            raise ConflictError("Cet appel n'est pas encore ouvert.", code="appel-non-ouvert")
        case CallPhase.CANCELLED:
            raise ConflictError("Cet appel a été annulé.", code="appel-annule")
        case _:
            message = f"Le dépôt des dossiers est clos depuis le {french.moment(calendar.closes_at)}."
            raise ConflictError(message, code="depot-clos")


def choose_strand(application: Application, strand_key: str, *, now: datetime) -> None:
    """Change the strand of a draft.

    Raises:
        ConflictError: the file is no longer a draft, or the call is closed.
        InvalidError: the call has no such strand (on ``strand``).

    """
    check_open(application, now)
    if application.state is not ApplicationState.DRAFT:
        raise ConflictError("Le volet d'un dossier déposé ne change plus.", code="dossier-ferme")
    _set_strand(application, strand_key)
    db.session.flush()


def save_section(
    application: Application,
    section_id: str,
    values: Values,
    expected: Mapping[str, int],
    *,
    actor: User,
    now: datetime,
    unread: Unread | None = None,
    form: FormSpec | None = None,
) -> SaveResult:
    """Save what was sent for a section: typed values by field, and the version of each field the page was made from.

    Tabular fields are fields like any other here: one version per table, both texts kept in a conflict. The rows and
    the totals of the application follow, recomputed. ``unread`` holds the inputs of fields that cannot be read: they
    are kept as typed, and the rows stay those of the last text that could be read. ``form`` is the application's, when
    the caller has read it already.

    Raises:
        NotFoundError: no such section.
        ForbiddenError: the person was not invited to change this section.
        ConflictError: a field is closed.
        InvalidError: an amount is not quantity × unit price, to the cent (on its input).

    """
    form = form or form_of(application.call_version)
    section = form.section(section_id)
    if section is None:
        raise NotFoundError(_NO_SECTION)
    check_writes_section(application, section_id, actor)
    for field_id in (*values, *(unread or {})):
        check_field_open(application, field_id, now)
    check_amounts(section, values)
    result = save_answers(application.sheet_id, section, values, expected, actor_id=actor.id, now=now, unread=unread)
    if result.saved:
        read = tuple(key for key in result.saved if key not in (unread or {}))
        _follow(application, form, read)
        _void_commitments(application, section, read, actor=actor, now=now)
    return result


def restore_answer(
    application: Application, field_id: str, version: int, expected: int, *, actor: User, now: datetime
) -> int:
    """Make an earlier answer of a field the current one, as a new version; the rows follow. Returns that version.

    Raises:
        NotFoundError: the field never had this version.
        ForbiddenError: the person was not invited to change its section.
        ConflictError: the field is closed; a ``StaleError`` when somebody else changed it after ``expected``.

    """
    form = form_of(application.call_version)
    section = next((one for one in form.sections if any(spec.id == field_id for spec in one.fields)), None)
    if section is None:
        raise NotFoundError(_NO_SECTION)
    check_writes_section(application, section.id, actor)
    check_field_open(application, field_id, now)
    sheet = application.sheet_id
    restored = restore_revision(sheet, field_id, version, expected_version=expected, actor_id=actor.id, now=now)
    if unread_texts(get_texts(sheet, field_id, [restored]).get(restored)) is None:
        _follow(application, form, (field_id,))
        _void_commitments(application, section, (field_id,), actor=actor, now=now)
        follow_files(application, form, (field_id,), actor=actor, now=now)
    return restored


def _void_commitments(
    application: Application, section: SectionSpec, saved: Collection[str], *, actor: User, now: datetime
) -> None:
    """Void the partners' signatures that no longer hold, when what was saved may change what they committed to."""
    kinds = {spec.id: spec.type for spec in section.fields}
    if any(key == "applicant_name" or kinds.get(key) in {"partners", "budget"} for key in saved):
        void_changed_commitments(application, actor=actor, now=now)


def section_to_fill(application: Application, section_id: str, now: datetime) -> SectionSpec:
    """Return a section as a page shows it now: conditions resolved, closed fields and computed ones left out.

    Raises:
        NotFoundError: no such section, or nothing to fill in it.
        ConflictError: the whole file is closed.

    """
    parts = check_open(application, now)
    section = read_application(application, now).standing_form.section(section_id)
    fields = () if section is None else tuple(spec for spec in section.fields if _fillable(spec, parts))
    if section is None or not fields:
        raise NotFoundError("Cette rubrique n'est pas à remplir.")
    return replace(section, fields=fields)


def _fillable(spec: FieldSpec, parts: OpenParts) -> bool:
    return spec.id in parts.fields and field_type(spec).storage is not Storage.NONE


def section_of(application: Application, section_id: str) -> SectionSpec:
    """Return a section of the application's form.

    Raises:
        NotFoundError: no such section.

    """
    section = form_of(application.call_version).section(section_id)
    if section is None:
        raise NotFoundError(_NO_SECTION)
    return section


def _follow(application: Application, form: FormSpec, saved: tuple[str, ...]) -> None:
    """Project the answers, as they now are, on an application read again under the lock of its sheet.

    What is written in a file to complete is projected when it is sent: until then, the rows are those of its deposit.
    """
    db.session.flush()
    if is_written_apart(application) or not is_projected(form, saved):
        return
    if not has_rows(form, saved) and application.department_code is not None:
        db.session.refresh(application, _PROJECTED)
        fields = tuple(spec for spec in form.fields() if spec.id in COLUMN_FIELDS)
        stored = json_values(get_answers(application.sheet_id, COLUMN_FIELDS))
        project_columns(application, typed_values(FormSpec((SectionSpec("", "", fields),)), stored))
        return
    db.session.refresh(application)
    values = typed_values(form, json_values(get_answers(application.sheet_id)))
    project(application, form, values, saved)


def _set_strand(application: Application, strand_key: str | None) -> None:
    if strand_key is None:
        application.strand = None
        return
    strand = next((one for one in application.call_version.strands if one.key == strand_key), None)
    if strand is None:
        raise InvalidError.on("strand", "Choisissez un volet de l'appel.", code="volet-inconnu")
    application.strand = strand


def fill_draft(application: Application, values: Mapping[str, Any], *, actor: User, now: datetime) -> SaveResult:
    """Answer several fields of a draft at once, over whatever they hold; rows and totals follow."""
    form, expected = form_of(application.call_version), versions_of(get_answers(application.sheet_id))
    result = save_answers(application.sheet_id, form, values, expected, actor_id=actor.id, now=now)
    if result.saved:
        _follow(application, form, result.saved)
        follow_files(application, form, result.saved, actor=actor, now=now)
    return result


def _fill_in(application: Application, organisation: Organisation, lead: User, now: datetime) -> None:
    """Answer what the organisation's card already says."""
    form = form_of(application.call_version)
    card: dict[str, Any] = {
        "applicant_name": organisation.name,
        "applicant_type": organisation.kind,
        "siret": organisation.siret,
        "finess": organisation.finess_et or organisation.finess_ej,
    }
    known = {spec.id: spec for spec in form.fields()}
    values = {key: value for key, value in card.items() if value and key in known}
    options = known["applicant_type"].options if "applicant_type" in values else ()
    if options and values["applicant_type"] not in {option.value for option in options}:
        del values["applicant_type"]
    if values:
        result = save_answers(application.sheet_id, form, values, {}, actor_id=lead.id, now=now)
        _follow(application, form, result.saved)
