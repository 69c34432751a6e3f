"""One file: what remains to be done, what happened, the conditions of the call, and the whole text to read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aap.applications.checks import RuleResult
from aap.applications.facts import Reading, read_application
from aap.applications.lateness import draft_code
from aap.applications.models import Application, ApplicationState, CheckMode, CheckOutcome
from aap.applications.openness import open_parts
from aap.applications.people import find_participant, sections_read
from aap.applications.queries import Audience, budget_of, get_dossier, list_history
from aap.applications.service import choose_strand
from aap.applications.service.duplication import find_copy
from aap.applications.states import LABELS, WORKFLOW
from aap.applications.verdicts import annexes_of, eligibility_so_far, progress_of
from aap.applications.written import written_rows
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.applicant.links import links_of
from aap.blueprints.applicant.loading import arrival, own_application
from aap.blueprints.applicant.standing import TONES
from aap.blueprints.applicant.steps import NEXT_STEPS
from aap.blueprints.countdown import remaining
from aap.db import unit_of_work
from aap.errors import InvalidError
from aap.forms.completeness import SectionState
from aap.french import plural
from aap.policies.applications import own_audience
from aap.workflow import allowed_events

bp = Blueprint("applicant_file", __name__, url_prefix="/dossiers/<uuid:application_id>")

_RULES = {CheckOutcome.PASSED: "held", CheckOutcome.FAILED: "not_held", CheckOutcome.PENDING: "unknown"}


@bp.get("")
@allow("application.read", load=own_application)
def show(application: Application) -> ResponseReturnValue:
    """Show a draft as a list of tasks, a deposited file as what happened to it."""
    now = arrival()
    parts = open_parts(application, now)
    if application.state is not ApplicationState.DRAFT:
        return _followed(application)
    reading, person = read_application(application, now), signed_in_actor()
    only = sections_read(application, person)
    sections = [one for one in progress_of(reading).sections if only is None or one.id in only]
    return render_template(
        "applicant/tasks.html",
        application=application,
        copied=find_copy(application) is not None,
        call=application.call_version.call,
        sections=[_task(application, one) for one in sections],
        others=[_strand_task(application), _annex_task(reading), _rule_task(reading)] if only is None else [],
        whole=only is None,
        invited=find_participant(application, person),
        done=sum(one.ready for one in sections),
        total=len(sections),
        budget=budget_of(reading.rows),
        parts=parts,
        now=now,
        code=draft_code(application.id),
        left=remaining(parts.until, now) if parts.until else "",
    )


@bp.get("/conditions")
@allow("application.read_whole", load=own_application)
def conditions(application: Application) -> ResponseReturnValue:
    """Say which conditions of the call hold, which do not, and why."""
    results = eligibility_so_far(read_application(application, arrival()))
    return render_template(
        "applicant/conditions.html",
        application=application,
        call=application.call_version.call,
        rules=[rule_line(result) for result in results],
        broken=[rule_line(result) for result in results if result.outcome is CheckOutcome.FAILED],
        counts=_counted(results),
    )


@bp.get("/lecture")
@allow("application.read", load=own_application)
def read(application: Application) -> ResponseReturnValue:
    """Read the whole file, or the sections that an invitation opens."""
    person = signed_in_actor()
    dossier = get_dossier(application, arrival(), own_audience(person, application))
    only = sections_read(application, person)
    if only is not None:
        kept = tuple(section for section in dossier.sections if section.id in only)
        dossier = replace(dossier, sections=kept, annexes=(), history=())
    return render_template(
        "applicant/read.html", application=application, dossier=dossier, tone=dossier.tone, whole=only is None
    )


@bp.get("/volet")
@allow("application.edit_whole", load=own_application)
def strand(application: Application) -> ResponseReturnValue:
    """Show the strands of the call."""
    return _strand_page(application, application.strand.key if application.strand else "")


@bp.post("/volet")
@allow("application.edit_whole", load=own_application)
def strand_now(application: Application) -> ResponseReturnValue:
    """Change the strand of a draft."""
    wanted = request.form.get("strand", "")
    try:
        with unit_of_work():
            choose_strand(application, wanted, now=arrival())
    except InvalidError as error:
        return _strand_page(application, wanted, error.message), 400
    flash("Le volet est enregistré.", "success")
    return see_other("applicant_file.show", application_id=application.id)


def rule_line(result: RuleResult) -> dict[str, Any]:
    """Return a verdict as the component of rules shows it."""
    manual = result.mode is CheckMode.MANUAL and result.outcome is CheckOutcome.PENDING
    return {
        "state": "manual" if manual else _RULES[result.outcome],
        "label": result.label,
        "why": "" if manual else result.because,
        "blocking": result.blocking,
    }


def annex_badge(missing: int) -> tuple[str, str]:
    """Return the words and the tone of the list of pieces."""
    return (f"{plural(missing, 'pièce')} à joindre", "info") if missing else ("Complètes", "success")


def _followed(application: Application) -> str:
    person = signed_in_actor()
    state = LABELS[application.state]
    events = {row.event for row in allowed_events(WORKFLOW, application, person)}
    return render_template(
        "applicant/followed.html",
        application=application,
        call=application.call_version.call,
        state=(state.public_label, "info" if application.state is ApplicationState.DECIDED else state.tone),
        history=list_history(application, Audience.LEAD),
        budget=budget_of(written_rows(application)),
        links=links_of(application, person),
        asked=application.state is ApplicationState.COMPLETION_REQUESTED,
        may_withdraw="withdraw" in events,
        next_step=NEXT_STEPS.get(application.state, ""),
        whole=sections_read(application, person) is None,
    )


def _task(application: Application, section: Any) -> dict[str, Any]:
    remaining_words = []
    if section.state is not SectionState.EMPTY and section.missing:
        remaining_words.append(f"{plural(len(section.missing), 'réponse')} à donner")
    if section.wrong:
        remaining_words.append(f"{plural(len(section.wrong), 'réponse')} à corriger")
    return {
        "title": section.title,
        "href": url_for("applicant_sections.show", application_id=application.id, section=section.id),
        "status": section.state.label,
        "tone": TONES[section.state],
        "hint": ", ".join(remaining_words),
    }


def _strand_task(application: Application) -> dict[str, Any]:
    chosen = application.strand
    return {
        "title": "Volet de l'appel",
        "href": url_for("applicant_file.strand", application_id=application.id),
        "status": "Choisi" if chosen else "À choisir",
        "tone": "success" if chosen else "info",
        "hint": f"{chosen.key} – {chosen.label}" if chosen else "",
    }


def _annex_task(reading: Reading) -> dict[str, Any]:
    missing = sum(len(status.missing) for status in annexes_of(reading))
    words, tone = annex_badge(missing)
    return {
        "title": "Pièces à joindre",
        "href": url_for("applicant_pieces.index", application_id=reading.application.id),
        "status": words,
        "tone": tone,
        "hint": "Statuts, délibération, lettres d'engagement, devis… selon votre situation.",
    }


def _rule_task(reading: Reading) -> dict[str, Any]:
    counts = _counted(eligibility_so_far(reading))
    broken, unknown = counts["not_held"], counts["unknown"]
    status = f"{broken} non respectée{'s' if broken > 1 else ''}" if broken else "En cours" if unknown else "Respectées"
    return {
        "title": "Conditions de l'appel",
        "href": url_for("applicant_file.conditions", application_id=reading.application.id),
        "status": status,
        "tone": "error" if broken else "info" if unknown else "success",
        "hint": "Calculées à partir de vos réponses.",
    }


def _counted(results: tuple[RuleResult, ...]) -> dict[str, int]:
    states = [rule_line(result)["state"] for result in results]
    return {state: states.count(state) for state in ("held", "not_held", "unknown", "manual")}


def _strand_page(application: Application, chosen: str, error: str = "") -> str:
    return render_template(
        "applicant/strand.html",
        application=application,
        call=application.call_version.call,
        strands=application.call_version.strands,
        chosen=chosen,
        error=error,
    )
