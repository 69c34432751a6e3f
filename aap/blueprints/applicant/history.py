"""The versions of the answers of a section: who wrote what and when, what changed, going back to an earlier text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aap.accounts.queries import names_of
from aap.applications.facts import Reading, read_application
from aap.applications.models import Application
from aap.applications.people import open_to, sections_read
from aap.applications.queries import Audience
from aap.applications.service import restore_answer
from aap.blueprints.access import allow, signed_in_actor
from aap.blueprints.applicant.comparing import words_of
from aap.blueprints.applicant.loading import address_part, arrival, own_application
from aap.blueprints.applicant.standing import NO_SECTION
from aap.calls.document.form import FieldKind
from aap.db import unit_of_work
from aap.errors import NotFoundError, StaleError
from aap.forms.differences import Segment, text_differences
from aap.forms.fields import Storage, field_type
from aap.forms.history import PAUSE, Step, steps_of
from aap.forms.queries import get_answers, get_texts, list_marks, versions_of
from aap.forms.spec import FieldSpec, SectionSpec
from aap.policies.applications import own_audience

bp = Blueprint("applicant_history", __name__, url_prefix="/dossiers/<uuid:application_id>/rubriques")

MOST_SAVES = 2_000  # of one section, the newest
MOST_STEPS = 20  # on one page


@dataclass(frozen=True, slots=True)
class Told:
    """A step in words. ``changes`` is empty on the page of a section, which only says that something changed."""

    step: Step
    label: str
    by: str
    href: str = ""
    changes: tuple[Segment, ...] = ()

    @property
    def at(self) -> datetime:
        """The hour of its last save."""
        return self.step.at


@bp.get("/<section>/historique")
@allow("application.read", load=own_application)
def section(application: Application) -> ResponseReturnValue:
    """List the steps of every answer of the section, the newest first."""
    reading = read_application(application, arrival())
    spec = _section(reading)
    fields = {one.id: one for one in spec.fields if field_type(one).storage is not Storage.NONE}
    steps = steps_of(list_marks(application.sheet_id, fields, most=MOST_SAVES))[:MOST_STEPS]
    names = _names(steps)
    return render_template(
        "applicant/section_history.html",
        application=application,
        call=application.call_version.call,
        section=spec,
        steps=[
            Told(step, fields[step.field_key].label, names(step), _href(application, spec.id, step.field_key))
            for step in steps
        ],
    )


@bp.get("/<section>/historique/<field>")
@allow("application.read", load=own_application)
def field(application: Application) -> ResponseReturnValue:
    """Show the steps of one answer with what each changed, and a button to go back where the answer is open."""
    now = arrival()
    reading = read_application(application, now)
    section_spec = _section(reading)
    spec = _field(section_spec)
    marks = list_marks(application.sheet_id, [spec.id], most=MOST_SAVES)
    detailed = "detail" in request.args
    steps = steps_of(marks, pause=timedelta(0) if detailed else PAUSE)[:MOST_STEPS]
    texts = get_texts(application.sheet_id, spec.id, {v for step in steps for v in (step.version, step.before)})
    words = {version: words_of(spec, value) for version, value in texts.items()}
    names = _names(steps)
    return render_template(
        "applicant/field_history.html",
        application=application,
        call=application.call_version.call,
        section=section_spec,
        field=spec,
        current=versions_of(get_answers(application.sheet_id, [spec.id])).get(spec.id, 0),
        detailed=detailed,
        open=spec.id in open_to(application, signed_in_actor(), now).fields,
        steps=[
            Told(
                step,
                spec.label,
                names(step),
                changes=text_differences(words.get(step.before, ""), words.get(step.version, "")),
            )
            for step in steps
        ],
    )


@bp.post("/<section>/historique/<field>")
@allow("application.edit", load=own_application)
def restore(application: Application) -> ResponseReturnValue:
    """Go back to an earlier text: it becomes the newest version, and nothing is erased."""
    now = arrival()
    spec = _field(_section(read_application(application, now)))
    back = _href(application, address_part("section"), spec.id)
    version, seen = request.form.get("version", 0, type=int), request.form.get("seen", 0, type=int)
    try:
        with unit_of_work():
            restore_answer(application, spec.id, version, seen, actor=signed_in_actor(), now=now)
    except StaleError as error:
        flash(error.message, "warning")
        return redirect(back, code=303)
    flash(f"La version choisie est rétablie pour « {spec.label} ».", "success")
    return redirect(back, code=303)


def _section(reading: Reading) -> SectionSpec:
    """Return the section that the address names, with its hidden fields, if this person reads it."""
    name = address_part("section")
    only = sections_read(reading.application, signed_in_actor())
    spec = reading.form.section(name) if only is None or name in only else None
    if spec is None:
        raise NotFoundError(NO_SECTION)
    if own_audience(signed_in_actor(), reading.application) is Audience.GUEST:
        return replace(spec, fields=tuple(one for one in spec.fields if one.type != FieldKind.IBAN.value))
    return spec


def _field(spec: SectionSpec) -> FieldSpec:
    name = address_part("field")
    found = next((one for one in spec.fields if one.id == name), None)
    if found is None or field_type(found).storage is Storage.NONE:
        raise NotFoundError("Cette question n'existe pas dans cette rubrique.")
    return found


def _names(steps: tuple[Step, ...]) -> Callable[[Step], str]:
    names = names_of(step.by_id for step in steps if step.by_id is not None)
    return lambda step: names.get(step.by_id, "") if step.by_id is not None else ""


def _href(application: Application, section_id: str, field_id: str) -> str:
    return url_for("applicant_history.field", application_id=application.id, section=section_id, field=field_id)
