"""One section of the form: shown, saved, given one row more or less, and mended when two people wrote at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aap.applications.facts import Reading, read_application
from aap.applications.models import Application, ApplicationState
from aap.applications.openness import check_open
from aap.applications.people import open_to, sections_read
from aap.applications.queries.dossier import answer_text
from aap.applications.service import save_section
from aap.applications.verdicts import funding_limits
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.applicant.fields import is_wide, place_of, said, shown_fields
from aap.blueprints.applicant.inputs import (
    ONLY,
    SEEN,
    Texts,
    asks_row_change,
    received,
    seen_versions,
    with_rows_changed,
    written_versions,
)
from aap.blueprints.applicant.loading import address_part, arrival, own_application
from aap.calls.document.form import FieldKind
from aap.db import unit_of_work
from aap.errors import NotFoundError, Problem
from aap.forms.completeness import section_status
from aap.forms.entries import read_section, written_section
from aap.forms.fields import UnreadableError, field_type
from aap.forms.service import Conflict, SaveResult
from aap.forms.spec import FormSpec, SectionSpec

bp = Blueprint("applicant_sections", __name__, url_prefix="/dossiers/<uuid:application_id>/rubriques")


@dataclass(frozen=True, slots=True)
class Place:
    """A section within the form as it stands, and what may be changed in it now."""

    form: FormSpec
    section: SectionSpec
    open_fields: frozenset[str]

    @property
    def number(self) -> int:
        """The section's rank, from 1."""
        return [one.id for one in self.form.sections].index(self.section.id) + 1

    @property
    def following(self) -> SectionSpec | None:
        """The next section, if any."""
        return self.form.sections[self.number] if self.number < len(self.form.sections) else None

    @property
    def open_section(self) -> SectionSpec:
        """The section reduced to what may be changed now, or to the fields that the page says it shows."""
        only = set(request.form.get(ONLY, "").split(",")) - {""}
        kept = (spec for spec in self.section.fields if spec.id in self.open_fields)
        return replace(self.section, fields=tuple(spec for spec in kept if not only or spec.id in only))


@bp.get("/<section>")
@allow("application.read", load=own_application)
def show(application: Application) -> ResponseReturnValue:
    """Show a section to fill; a file that is closed is read instead."""
    now = arrival()
    reading = read_application(application, now)
    place = _place(reading, now)
    if not place.open_fields & {spec.id for spec in place.section.fields}:
        return redirect(url_for("applicant_file.read", application_id=application.id, _anchor=place.section.id))
    texts = written_section(place.section, reading.values)
    return _page(reading, place, texts, _known_problems(reading, place.section), reading.versions)


@bp.post("/<section>")
@allow("application.edit", load=own_application)
def save(application: Application) -> ResponseReturnValue:
    """Save a section. What cannot be read stays typed; what was written meanwhile by somebody else is shown beside."""
    now = arrival()
    check_open(application, now)
    reading = read_application(application, now)
    place = _place(reading, now)
    asked = place.open_section
    texts = received(asked, request.form)
    seen = seen_versions(request.form.get(SEEN, ""))
    if asks_row_change(request.form):
        return _page(reading, place, with_rows_changed(place.section, texts, request.form), (), seen)
    entry = read_section(asked, texts)
    with unit_of_work():
        result = save_section(application, place.section.id, entry.values, seen, actor=signed_in_actor(), now=now)
    if result.conflicts:
        return _conflict_page(application, place, texts, result), 409
    for doubt in entry.doubts:
        _tell_doubt(place.section, doubt)
    if entry.problems:
        typed = written_section(place.section, read_application(application, now).values) | entry.typed
        return _page(reading, place, typed, entry.problems, {**seen, **result.versions}, told=True), 400
    return _after(application, place, now)


def _place(reading: Reading, now: datetime) -> Place:
    form = reading.standing_form
    person = signed_in_actor()
    only = sections_read(reading.application, person)
    if only is not None:
        form = replace(form, sections=tuple(one for one in form.sections if one.id in only))
    section = form.section(address_part("section"))
    if section is None:
        raise NotFoundError("Cette rubrique n'existe pas dans votre dossier, ou elle ne vous est pas ouverte.")
    return Place(form, section, open_to(reading.application, person, now).fields)


def _known_problems(reading: Reading, section: SectionSpec) -> tuple[Problem, ...]:
    """Return what is wrong in the answers already given, and what misses when the person comes to check."""
    status = section_status(section, reading.values)
    return (*status.wrong, *status.missing) if request.args.get("controle") else status.wrong


def _page(
    reading: Reading,
    place: Place,
    texts: Texts,
    problems: Iterable[Problem],
    seen: Mapping[str, int],
    *,
    told: bool = False,
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
            limits=funding_limits(reading),
        ),
        summary=[(place_of(place.section, problem.place), said(place.section, problem)) for problem in problems]
        if told
        else [],
        completing=_completing(reading.application),
        seen=written_versions({spec.id: seen[spec.id] for spec in place.section.fields if spec.id in seen}),
    )


def _tell_doubt(section: SectionSpec, doubt: Problem) -> None:
    flash(said(section, doubt), "warning")


def _after(application: Application, place: Place, now: datetime) -> ResponseReturnValue:
    """Go to the next section, or stay where new questions have just appeared."""
    section = read_application(application, now).standing_form.section(place.section.id)
    known = {spec.id for spec in place.section.fields}
    appeared = section is not None and any(spec.id not in known for spec in section.fields)
    flash("Vos réponses sont enregistrées.", "success")
    if _completing(application):
        return see_other("applicant_completion.show", application_id=application.id)
    if appeared:
        flash("Vos réponses font apparaître de nouvelles questions dans cette rubrique.", "info")
    if appeared or request.form.get("action") == "stay":
        return see_other("applicant_sections.show", application_id=application.id, section=place.section.id)
    following = place.following
    if following is None or request.form.get("action") == "list":
        return see_other("applicant_file.show", application_id=application.id)
    return see_other("applicant_sections.show", application_id=application.id, section=following.id)


def _completing(application: Application) -> bool:
    return application.state is ApplicationState.COMPLETION_REQUESTED


def _conflict_page(application: Application, place: Place, texts: Texts, result: SaveResult) -> str:
    keys = [conflict.field_key for conflict in result.conflicts]
    section = replace(place.section, fields=tuple(spec for spec in place.section.fields if spec.id in keys))
    fields = shown_fields(section, texts, (), open_fields=place.open_fields, notes={})
    return render_template(
        "applicant/conflict.html",
        layout="_layout/page.html" if is_wide(section) else "_layout/form.html",
        application=application,
        call=application.call_version.call,
        place=place,
        pairs=[(_both(section, conflict), shown) for conflict, shown in zip(result.conflicts, fields, strict=True)],
        seen=written_versions(result.versions),
        only=",".join(keys),
    )


def _both(section: SectionSpec, conflict: Conflict) -> dict[str, Any]:
    spec = next(one for one in section.fields if one.id == conflict.field_key)
    kind = field_type(spec)

    def words(stored: Any) -> str:
        try:
            return "" if stored is None else kind.show(spec, kind.from_json(spec, stored))
        except UnreadableError:
            return str(stored)

    return {
        "label": conflict.label,
        "yours": words(conflict.yours),
        "theirs": words(conflict.theirs),
        "at": conflict.theirs_at,
    }
