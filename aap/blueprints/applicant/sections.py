"""One section of the form: shown, saved, given one row more or less, and mended when two people wrote at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aap.applications.communes import with_codes
from aap.applications.facts import Reading, read_application
from aap.applications.models import Application, ApplicationState
from aap.applications.openness import check_open
from aap.applications.people import open_to
from aap.applications.pieces import subject_names
from aap.applications.queries.dossier import answer_text
from aap.applications.queries.places import list_places
from aap.applications.service import save_section
from aap.applications.verdicts import funding_limits
from aap.applications.written import written_rows
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.applicant.answer_files import DETACH, file_views, take_files
from aap.blueprints.applicant.budget_tables import (
    WORKBOOK,
    asks_reading,
    waiting_tables,
    with_tables_taken,
    with_workbook,
)
from aap.blueprints.applicant.comparing import told_conflicts
from aap.blueprints.applicant.fields import NOTHING_BESIDE, BesideBudget, Shown, is_wide, place_of, said, shown_fields
from aap.blueprints.applicant.inputs import (
    SEEN,
    Texts,
    asks_row_change,
    received,
    seen_versions,
    with_rows_changed,
    written_versions,
)
from aap.blueprints.applicant.line_pieces import (
    go_join,
    keyed,
    line_files,
    stray_files,
    tell_renamed,
    wanted_piece,
)
from aap.blueprints.applicant.loading import arrival, own_application
from aap.blueprints.applicant.places import NOTHING_FOUND, Found, asks_commune, with_commune
from aap.blueprints.applicant.standing import Place, place_in, steps_of
from aap.blueprints.light_text import LIGHT_HINT
from aap.calls.document.form import FieldKind
from aap.db import unit_of_work
from aap.errors import InvalidError, Problem, TooLargeError
from aap.forms.completeness import section_status
from aap.forms.entries import read_section, written_section
from aap.forms.service import Conflict, SaveResult
from aap.forms.spec import SectionSpec
from aap.french import listing

bp = Blueprint("applicant_sections", __name__, url_prefix="/dossiers/<uuid:application_id>/rubriques")


@bp.get("/<section>")
@allow("application.read", load=own_application)
def show(application: Application) -> ResponseReturnValue:
    """Show a section to fill; a file that is closed is read instead."""
    now = arrival()
    reading = read_application(application, now)
    place = place_in(reading, now)
    if not place.open_fields & {spec.id for spec in place.section.fields}:
        return redirect(url_for("applicant_file.read", application_id=application.id, _anchor=place.section.id))
    texts = written_section(place.section, reading.values, reading.unread)
    return _page(reading, place, texts, _known_problems(reading, place.section), reading.versions)


@bp.post("/<section>")
@allow("application.edit", load=own_application)
def save(application: Application) -> ResponseReturnValue:
    """Save a section. What cannot be read stays typed; what was written meanwhile by somebody else is shown beside."""
    now = arrival()
    check_open(application, now)
    reading = read_application(application, now)
    place = place_in(reading, now)
    asked = place.open_section
    files = take_files(application, asked, now)
    if files.changed:
        reading = read_application(application, now)
    texts, wanted = wanted_piece(asked, received(asked, request.form))
    seen = seen_versions(request.form.get(SEEN, ""))
    texts, found = with_commune(asked, texts, request.form, application.region_code)
    try:
        texts, told = _with_tables(place, texts)
    except (InvalidError, TooLargeError) as error:
        return _page(reading, place, texts, _faults_of_file(place, error), seen, told=True), 400
    if asks_reading(request.form) or asks_row_change(request.form) or asks_commune(request.form):
        texts = with_rows_changed(place.section, texts, request.form)
        return _page(reading, place, texts, files.problems, seen, told=bool(files.problems), found=found)
    before = subject_names(reading.rows) if told else {}
    texts = keyed(application, asked, texts, wanted)
    entry = read_section(asked, with_codes(asked.fields, texts))
    with unit_of_work():
        result = save_section(
            application, asked.id, entry.values, seen, actor=signed_in_actor(), now=now, unread=entry.unread
        )
    if result.conflicts:
        return _conflict_page(application, place, texts, result), 409
    for doubt in entry.doubts:
        _tell_doubt(place.section, doubt)
    tell_renamed(application, before)
    problems = (*entry.problems, *files.problems)
    if wanted and wanted.is_saved(entry.values, entry.unread) and not waiting_tables(place.section, texts):
        return go_join(application, asked, wanted, wanted.key_in(texts))
    if problems:
        reading = read_application(application, now)
        typed = written_section(place.section, reading.values, reading.unread) | entry.typed
        typed |= waiting_tables(place.section, texts)
        return _page(reading, place, typed, problems, {**seen, **result.versions}, told=True), 400
    if told:
        flash(f"{told}. Le budget d'avant reste dans l'historique de la rubrique.", "success")
    return _still_waiting(application, place, texts, now) or _after(
        application, place, now, staying=bool(told) or DETACH in request.form
    )


def _with_tables(place: Place, texts: Texts) -> tuple[Texts, str]:
    """Read the workbook sent, or put the tables accepted among the rows; an ordinary save changes nothing."""
    if "import" in request.form:
        file = request.files.get(request.form["import"] + WORKBOOK)
        return with_workbook(place.section, texts, file), ""
    return with_tables_taken(place.section, texts, request.form)


def _faults_of_file(place: Place, error: InvalidError | TooLargeError) -> tuple[Problem, ...]:
    """Put what is wrong in a workbook on the place where it was chosen."""
    spec = next((one for one in place.section.fields if one.type == "budget"), place.section.fields[0])
    where = spec.id + WORKBOOK
    told = [Problem(where, problem.message) for problem in getattr(error, "problems", ())]
    return (Problem(where, error.message), *told)


def _still_waiting(application: Application, place: Place, texts: Texts, now: datetime) -> str | None:
    """Show the page again, saved, when a pasted table was neither taken nor set aside."""
    waiting = waiting_tables(place.section, texts)
    if not waiting:
        return None
    flash("Vos réponses sont enregistrées. Le tableau collé n'est pas repris : relisez-le plus bas.", "warning")
    reading = read_application(application, now)
    shown = written_section(place.section, reading.values, reading.unread) | waiting
    return _page(reading, place, shown, (), reading.versions)


def _known_problems(reading: Reading, section: SectionSpec) -> tuple[Problem, ...]:
    """Return what is wrong in the answers already given, and what misses when the person comes to check."""
    status = section_status(section, reading.values, reading.unread)
    return (*status.wrong, *status.missing) if request.args.get("controle") else status.wrong


def _page(
    reading: Reading,
    place: Place,
    texts: Texts,
    problems: Iterable[Problem],
    seen: Mapping[str, int],
    *,
    told: bool = False,
    found: Found = NOTHING_FOUND,
) -> str:
    problems = tuple(problems)
    told_as_text = (
        spec
        for spec in place.section.fields
        if spec.type == FieldKind.COMPUTED.value or spec.id not in place.open_fields
    )
    answers = {spec.id: answer_text(reading, spec) for spec in told_as_text}
    return render_template(
        "applicant/section.html",
        layout="_layout/page.html" if is_wide(place.section) else "_layout/form.html",
        application=reading.application,
        call=reading.application.call_version.call,
        place=place,
        fields=shown_fields(
            place.section,
            texts,
            problems,
            open_fields=place.open_fields,
            notes=answers,
            files=file_views(reading.application, place.section),
            beside=_beside(reading, place.section),
        ),
        strays=stray_files(reading.application, place.section),
        summary=[(place_of(place.section, problem.place), said(place.section, problem)) for problem in problems]
        if told
        else [],
        completing=_completing(reading.application),
        steps=() if _completing(reading.application) else steps_of(reading, place),
        seen=written_versions({spec.id: seen[spec.id] for spec in place.section.fields if spec.id in seen}),
        versions=seen,
        found=found,
        places=list_places(reading.rows) if any(spec.type == "sites" for spec in place.section.fields) else None,
        shown=",".join(spec.id for spec in place.section.fields if spec.id in place.open_fields),
        person=signed_in_actor(),
        light_hint=LIGHT_HINT if any(spec.type == FieldKind.LONGTEXT.value for spec in place.section.fields) else "",
    )


def _beside(reading: Reading, section: SectionSpec) -> BesideBudget:
    if not any(spec.type == FieldKind.BUDGET.value for spec in section.fields):
        return NOTHING_BESIDE
    opened = open_to(reading.application, signed_in_actor(), arrival()).annexes
    return BesideBudget(funding_limits(reading), _exports(reading.application), line_files(reading, opened))


def _tell_unknown_communes(application: Application) -> None:
    lost = [row.name for row in list_places(written_rows(application)).rows if row.is_lost]
    if lost:
        flash(f"Commune non reconnue pour {listing(lost)} : cherchez-la et choisissez-la dans la liste.", "warning")


def _exports(application: Application) -> tuple[tuple[str, str], ...]:
    kinds = (("ODS (LibreOffice)", "applicant_budget.as_ods"), ("XLSX (Excel)", "applicant_budget.as_xlsx"))
    return tuple((words, url_for(endpoint, application_id=application.id)) for words, endpoint in kinds)


def _tell_doubt(section: SectionSpec, doubt: Problem) -> None:
    flash(said(section, doubt), "warning")


def _after(application: Application, place: Place, now: datetime, *, staying: bool = False) -> ResponseReturnValue:
    """Go to the next section, or stay where new questions have just appeared."""
    section = read_application(application, now).standing_form.section(place.section.id)
    known = {spec.id for spec in place.section.fields}
    appeared = section is not None and any(spec.id not in known for spec in section.fields)
    flash("Vos réponses sont enregistrées.", "success")
    if any(spec.type == "sites" for spec in place.section.fields):
        _tell_unknown_communes(application)
    if _completing(application):
        return see_other("applicant_completion.show", application_id=application.id)
    if appeared:
        flash("Vos réponses font apparaître de nouvelles questions dans cette rubrique.", "info")
    if appeared or staying or request.form.get("action") == "stay":
        return see_other("applicant_sections.show", application_id=application.id, section=place.section.id)
    following = place.following
    if following is None or request.form.get("action") == "list":
        return see_other("applicant_file.show", application_id=application.id)
    return see_other("applicant_sections.show", application_id=application.id, section=following.id)


def _completing(application: Application) -> bool:
    return application.state is ApplicationState.COMPLETION_REQUESTED


def _conflict_page(application: Application, place: Place, texts: Texts, result: SaveResult) -> str:
    keys = [conflict.field_key for conflict in result.conflicts]
    section = replace(place.section, fields=tuple(spec for spec in place.whole.fields if spec.id in keys))
    fields = shown_fields(section, texts, (), open_fields=place.open_fields, notes={})
    return render_template(
        "applicant/conflict.html",
        layout="_layout/page.html" if is_wide(section) else "_layout/form.html",
        application=application,
        call=application.call_version.call,
        place=place,
        pairs=_pairs(section, result.conflicts, fields),
        seen=written_versions(result.versions),
        only=",".join(keys),
    )


def _pairs(
    section: SectionSpec, conflicts: tuple[Conflict, ...], fields: list[Shown]
) -> list[tuple[dict[str, Any], Shown]]:
    """Return both texts of each answer beside its field, in the order of the form."""
    told = {one["field"]: one for one in told_conflicts(section, conflicts, signed_in_actor())}
    return [(told[shown.spec.id], shown) for shown in fields]
