"""Answers saved while they are typed: a few fields at a time, told to the browser as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from aap import french
from aap.applications.asked_form import form_for
from aap.applications.communes import with_codes
from aap.applications.facts import Reading, particulars_of, read_application
from aap.applications.models import Application
from aap.applications.openness import check_open
from aap.applications.row_keys import with_kept_keys
from aap.applications.service import save_section
from aap.blueprints.access import allow, signed_in_actor
from aap.blueprints.applicant.comparing import told_conflicts
from aap.blueprints.applicant.fields import field_of, place_of
from aap.blueprints.applicant.inputs import ONLY, SEEN, received, seen_versions
from aap.blueprints.applicant.loading import address_part, arrival, own_draft
from aap.blueprints.applicant.standing import Place, layout_of, standing_place
from aap.db import unit_of_work
from aap.errors import InvalidError, Problem
from aap.forms.conditions import has_conditions
from aap.forms.entries import SectionEntry, read_section
from aap.forms.fields import field_type
from aap.forms.fields.tables import RowsType
from aap.forms.spec import SectionSpec

bp = Blueprint("applicant_autosave", __name__, url_prefix="/dossiers/<uuid:application_id>/rubriques")


@bp.post("/<section>/brouillon")
@allow("application.edit", load=own_draft)
def save(application: Application) -> ResponseReturnValue:
    """Save the fields that ``only`` names, made from the versions that ``seen`` gives.

    Answers ``at`` (the hour, as the page says it), ``versions`` by field, ``problems`` and ``doubts`` by field and
    input, ``conflicts`` in words, ``refused`` (too large to be kept) and ``layout``, the questions that now stand.
    """
    now, person = arrival(), signed_in_actor()
    check_open(application, now)
    form = form_for(application.call_version, address_part("section"))
    reading = read_application(application, now) if has_conditions(form) else None
    place = standing_place(application, form, form if reading is None else reading.standing_form, now)
    asked = place.open_section
    _check_named(asked)
    texts = with_kept_keys(application, asked, received(asked, request.form))
    entry = read_section(asked, with_codes(asked.fields, texts))
    seen = seen_versions(request.form.get(SEEN, ""))
    with unit_of_work():
        result = save_section(
            application, asked.id, entry.values, seen, actor=person, now=now, unread=entry.unread, form=form
        )
    return jsonify(
        at=french.hour(now.replace(second=0, microsecond=0)),
        versions=result.versions,
        problems=_by_field(asked, _worth_telling(asked, entry)),
        doubts=_by_field(asked, entry.doubts),
        conflicts=told_conflicts(asked, result.conflicts, person),
        refused=entry.refused,
        layout=_layout(reading, place, entry, now),
    )


def _check_named(asked: SectionSpec) -> None:
    """Refuse a call that names no field of the section that may be changed: it would have nothing to say."""
    if not request.form.get(ONLY) or not asked.fields:
        raise InvalidError("Aucune réponse à enregistrer dans cette rubrique.", code="rien-a-enregistrer")


def _worth_telling(section: SectionSpec, entry: SectionEntry) -> tuple[Problem, ...]:
    """Return what a person still typing wants to know: not the cells of a row that is only half written."""
    simple = {spec.id for spec in section.fields if not _tabular(spec.type, spec)}
    told = (one for one in entry.wrong if (spec := field_of(section, one.place)) is not None and spec.id in simple)
    return (*entry.unreadable, *told)


def _tabular(name: str, spec: Any) -> bool:
    return name == "budget" or isinstance(field_type(spec), RowsType)


def _by_field(section: SectionSpec, problems: Iterable[Problem]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {spec.id: {} for spec in section.fields}
    for problem in problems:
        spec = field_of(section, problem.place)
        if spec is not None:
            found[spec.id].setdefault(place_of(section, problem.place), problem.message)
    return {key: told for key, told in found.items() if told}


def _layout(reading: Reading | None, place: Place, entry: SectionEntry, now: datetime) -> str:
    """Return the questions that stand once the new answers are counted."""
    if reading is None:
        return place.layout
    values = {**reading.values, **entry.values}
    for key in entry.unread:
        values.pop(key, None)
    known = particulars_of(reading.application, reading.form, values, now, reading.rows, reading.pieces)
    after = replace(reading, values=values, particulars=known)
    section = after.standing_form.section(place.section.id)
    return "" if section is None else layout_of(section)
