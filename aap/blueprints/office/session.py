"""The session of the jury: prepared, held live file by file, told in its minutes. Members read what they may."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from aap.awards.queries import find_proposal, find_start, get_scenario
from aap.awards.service import agree
from aap.blueprints.access import actor, allow, form_errors, see_other, signed_in_actor
from aap.blueprints.office.inputs import LONGEST, HourField, MoneyField
from aap.blueprints.office.tabs import call_crumbs, call_tabs
from aap.calls.models import Call
from aap.calls.queries import current_version, get_call_by_id
from aap.clock import from_paris, paris
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError, NotFoundError, StaleError
from aap.extensions import clock
from aap.jury.calendar_file import session_ics
from aap.jury.checks import scoring_window
from aap.jury.grid import read_grid
from aap.jury.models import JurySession, SessionItem
from aap.jury.queries import (
    AgendaRow,
    find_opening_snapshot,
    find_session,
    get_session,
    get_session_item,
    get_summary,
    list_agenda,
    list_seats,
)
from aap.jury.service import (
    Agreement,
    close_session,
    move_session,
    place_item,
    plan_session,
    record_presence,
    resume_session,
    schedule_hearing,
)
from aap.policies import may
from aap.policies.marks import others_marks

bp = Blueprint("office_session", __name__, url_prefix="/agence")


class PlanForm(FlaskForm):
    """When and where the jury meets."""

    held_at = HourField(
        "Date et heure", description="Heure de Paris.", validators=[InputRequired("Indiquez la date et l'heure.")]
    )
    place = StringField("Lieu", description="Une salle, ou un lien de visioconférence.", validators=[Length(max=200)])


class AgreementForm(FlaskForm):
    """What the jury agrees on a file."""

    kind = RadioField("Avis du jury", validators=[InputRequired("Choisissez l'avis du jury.")])
    consensus_mark = MoneyField("Note de consensus", description="Si le jury en donne une, elle se motive.")
    amount_eur = MoneyField("Montant proposé")
    rank = IntegerField(
        "Rang sur la liste complémentaire", validators=[Optional(), NumberRange(1, 9999, "Indiquez un rang.")]
    )
    motive = TextAreaField(
        "Motif", description="Obligatoire si l'avis est défavorable.", validators=[Length(max=LONGEST)]
    )
    departure = TextAreaField("Pourquoi le jury s'écarte du scénario", validators=[Length(max=LONGEST)])
    reservations = TextAreaField(
        "Réserves",
        description="Une par ligne. Obligatoires si l'avis est favorable sous réserve.",
        validators=[Length(max=LONGEST)],
    )
    votes_for = IntegerField("Voix pour", validators=[Optional(), NumberRange(0, 999, "Indiquez un nombre de voix.")])
    votes_against = IntegerField("Contre", validators=[Optional(), NumberRange(0, 999, "Indiquez un nombre de voix.")])
    abstentions = IntegerField("Abstentions", validators=[Optional(), NumberRange(0, 999, "Indiquez un nombre.")])


class HearingForm(FlaskForm):
    """When the lead is heard; both empty: no hearing."""

    hearing_at = HourField("Heure de l'audition", description="Heure de Paris.", validators=[Optional()])
    hearing_minutes = IntegerField("Durée, en minutes", validators=[Optional()])


@bp.get("/appels/<uuid:call_id>/seance")
@allow("jury.read_ranking", load=get_call_by_id)
def show(call: Call) -> ResponseReturnValue:
    """Show the session: date, members there, agenda. The agency runs it from here; members read their own part."""
    return _page(call)


def _page(
    call: Call, plan: PlanForm | None = None, presence_error: str = "", ticked: Collection[str] | None = None
) -> str:
    session = find_session(call.id)
    rows = list_agenda(session, seen=others_marks(actor())) if session else ()
    plan = plan or PlanForm(
        data={"held_at": paris(session.held_at).replace(tzinfo=None), "place": session.place} if session else None
    )
    start = find_start(call.id) if session else None
    opens = start is not None and may(actor(), "scenario.read", get_scenario(start.scenario_id))
    return render_template(
        "office/session.html",
        start=start,
        start_href=url_for("office_scenarios.show", scenario_id=start.scenario_id) if start and opens else "",
        call=call,
        tabs=call_tabs(call, "office_session.show"),
        crumbs=call_crumbs(call, "Séance"),
        session=session,
        rows=rows,
        seats=list_seats(session) if session else (),
        plan=plan,
        presence_error=presence_error,
        ticked=ticked,
        runs=may(actor(), "jury.manage", call),
        closed_scoring=scoring_window(current_version(call)).closed,
        frozen=find_opening_snapshot(call.id),
        recorded=sum(1 for row in rows if row.item.recorded_at is not None),
    )


@bp.post("/appels/<uuid:call_id>/seance")
@allow("jury.manage", load=get_call_by_id)
def plan(call: Call) -> ResponseReturnValue:
    """Call the jury together, or move the session."""
    form = PlanForm()
    if not form.validate() or form.held_at.data is None:
        return _page(call, form), 400
    person, now, session = signed_in_actor(), clock().now(), find_session(call.id)
    held_at, place = from_paris(form.held_at.data), form.place.data or ""
    try:
        with unit_of_work():
            if session is None:
                plan_session(call, held_at=held_at, place=place, actor=person, now=now)
            else:
                move_session(session, held_at=held_at, place=place, actor=person, now=now)
    except InvalidError as error:
        form_errors(form, error)
        return _page(call, form), 400
    except ConflictError as error:
        form.form_errors.append(error.message)
        return _page(call, form), 400
    flash("La séance est prévue. Les membres reçoivent un courriel.", "success")
    return see_other("office_session.show", call_id=call.id)


@bp.get("/appels/<uuid:call_id>/seance.ics")
@allow("jury.read_ranking", load=get_call_by_id)
def calendar(call: Call) -> ResponseReturnValue:
    """Hand the session to an agenda."""
    session = find_session(call.id)
    if session is None:
        raise NotFoundError("La séance n'est pas encore prévue.")
    return ics(session_ics(session, call, clock().now()), "seance-du-jury.ics")


def ics(content: bytes, name: str) -> Response:
    """Answer with an iCalendar file."""
    answer = Response(content, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


@bp.post("/seances/<uuid:session_id>/presences")
@allow("session.manage", load=get_session)
def presences(session: JurySession) -> ResponseReturnValue:
    """Say who is there now; the first time opens the session."""
    call, ticked = get_call_by_id(session.call_id), request.form.getlist("present")
    try:
        present = [uuid.UUID(value) for value in ticked]
        seen = [uuid.UUID(value) for value in request.form.getlist("there")] if "knows" in request.form else None
        with unit_of_work():
            count = record_presence(session, present, actor=signed_in_actor(), now=clock().now(), seen=seen)
    except ValueError:
        return _page(call, presence_error="Une personne ne siège pas à ce jury.", ticked=ticked), 400
    except (InvalidError, ConflictError) as error:
        return _page(call, presence_error=error.message, ticked=ticked), 400
    flash(f"Présences enregistrées : {count}.", "success")
    return see_other("office_session.show", call_id=call.id, _anchor="ordre")


@bp.post("/seances/<uuid:session_id>/lever")
@allow("session.manage", load=get_session)
def close(session: JurySession) -> ResponseReturnValue:
    """Close the session."""
    with unit_of_work():
        close_session(session, actor=signed_in_actor(), now=clock().now())
    flash("La séance est levée. Relisez le procès-verbal, puis signez-le.", "success")
    return see_other("office_minutes.show", session_id=session.id)


@bp.post("/seances/<uuid:session_id>/reprendre")
@allow("session.manage", load=get_session)
def resume(session: JurySession) -> ResponseReturnValue:
    """Open again a session closed before its last file."""
    with unit_of_work():
        resume_session(session, actor=signed_in_actor(), now=clock().now())
    flash("La séance reprend : notez qui est là.", "success")
    return see_other("office_session.show", call_id=session.call_id, _anchor="presences")


@bp.route("/seances/dossiers/<uuid:item_id>", methods=["GET", "POST"])
@allow("session_item.record", load=get_session_item)
def item(found: SessionItem) -> ResponseReturnValue:
    """Record what the jury agrees on a file, live; two officers at once do not overwrite each other."""
    form = _agreement_form(found)
    if form.validate_on_submit():
        kinds = found.application.call_version.decision_kinds
        data = Agreement(
            kind=next(kind for kind in kinds if kind.key == form.kind.data),
            consensus_mark=form.consensus_mark.amount,
            amount_eur=form.amount_eur.amount,
            rank=form.rank.data,
            motive=form.motive.data or "",
            reservations=form.reservations.data or "",
            votes_for=form.votes_for.data,
            votes_against=form.votes_against.data,
            abstentions=form.abstentions.data,
            departure=form.departure.data or "",
        )
        seen = request.form.get("seen_version", type=int)
        try:
            with unit_of_work():
                agree(found, data, actor=signed_in_actor(), now=clock().now(), seen_version=seen)
        except InvalidError as error:
            form_errors(form, error)
        except StaleError as error:
            return _item_page(found, form, compared=error), 409
        except ConflictError as error:
            form.form_errors.append(error.message)
        else:
            flash(f"L'avis sur {found.application.reference} est enregistré.", "success")
            return see_other("office_session.show", call_id=found.session.call_id, _anchor="ordre")
    return _item_page(found, form), 400 if form.errors or form.form_errors else 200


def _agreement_form(found: SessionItem) -> AgreementForm:
    """Fill the form with what was recorded, else with what the start of the session proposes."""
    proposal = find_proposal(found.application) if found.recorded_at is None else None
    form = AgreementForm(
        data={
            "kind": found.kind.key if found.kind else proposal.kind.key if proposal else None,
            "consensus_mark": found.consensus_mark,
            "amount_eur": proposal.amount_eur if proposal else found.amount_eur,
            "rank": found.rank,
            "motive": found.motive,
            "departure": found.departure or "",
            "reservations": found.reservations,
            "votes_for": found.votes_for,
            "votes_against": found.votes_against,
            "abstentions": found.abstentions,
        }
    )
    form.kind.choices = {kind.key: kind.label for kind in found.application.call_version.decision_kinds}
    return form


def _item_page(
    found: SessionItem, form: AgreementForm, hearing: HearingForm | None = None, compared: StaleError | None = None
) -> str:
    """Show the page of a file; ``compared`` holds what was typed and what somebody else recorded meanwhile."""
    call = get_call_by_id(found.session.call_id)
    rows = list_agenda(found.session, seen=others_marks(actor()))
    row = next((one for one in rows if one.item.id == found.id), None)
    if row is None:
        raise NotFoundError("Ce dossier n'est plus à l'ordre du jour.")
    start = find_start(call.id)
    return render_template(
        "office/session_item.html",
        proposal=start.proposal_for(found.application) if start else None,
        start_name=start.name if start else "",
        call=call,
        crumbs=session_crumbs(call, row.ranked.reference),
        item=found,
        row=row,
        count=len(rows),
        following=_neighbour(rows, row, 1),
        previous=_neighbour(rows, row, -1),
        form=form,
        hearing=hearing or _hearing_form(found),
        compared=compared,
        summary=get_summary(found.application_id),
        total_maximum=read_grid(found.application.call_version).rubric.scale_to,
        kinds=found.application.call_version.decision_kinds,
    )


def _hearing_form(found: SessionItem) -> HearingForm:
    at = found.hearing_at
    if at is None:
        return HearingForm()
    return HearingForm(data={"hearing_at": paris(at).replace(tzinfo=None), "hearing_minutes": found.hearing_minutes})


def session_crumbs(call: Call, last: str) -> tuple[tuple[str, str | None], ...]:
    """Return the way to a page below the session."""
    here = url_for("office_session.show", call_id=call.id)
    return (*call_crumbs(call, "Séance")[:-1], ("Séance", here), (last, None))


def _neighbour(rows: tuple[AgendaRow, ...], row: AgendaRow, step: int) -> AgendaRow | None:
    index = rows.index(row) + step
    return rows[index] if 0 <= index < len(rows) else None


@bp.post("/seances/dossiers/<uuid:item_id>/audition")
@allow("session_item.record", load=get_session_item)
def hearing(found: SessionItem) -> ResponseReturnValue:
    """Arrange, move or call off the hearing of a file; its lead is told."""
    form = HearingForm()
    valid = form.validate()
    who, now, seen = signed_in_actor(), clock().now(), request.form.get("seen_version", type=int)
    try:
        if valid:
            at: datetime | None = from_paris(form.hearing_at.data) if form.hearing_at.data else None
            with unit_of_work():
                schedule_hearing(found, at, form.hearing_minutes.data, actor=who, now=now, seen_version=seen)
    except InvalidError as error:
        form_errors(form, error)
    except StaleError as error:
        return _item_page(found, _agreement_form(found), form, error), 409
    except ConflictError as error:
        form.form_errors.append(error.message)
    if form.errors or form.form_errors:
        blank = _agreement_form(found)
        return _item_page(found, blank, form), 400
    flash("L'audition est enregistrée ; le porteur est prévenu.", "success")
    return see_other("office_session.item", item_id=found.id)


@bp.post("/seances/dossiers/<uuid:item_id>/place")
@allow("session_item.record", load=get_session_item)
def move(found: SessionItem) -> ResponseReturnValue:
    """Move a file one place up or down the agenda."""
    step = -1 if request.form.get("way") == "up" else 1
    with unit_of_work():
        place_item(found, found.position + step, actor=signed_in_actor(), now=clock().now())
    return see_other("office_session.show", call_id=found.session.call_id, _anchor="ordre")
