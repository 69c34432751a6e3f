"""The minutes of a session: drafted from what was recorded, completed by hand, signed, downloaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import Length

from aap.awards.queries import tell_start
from aap.awards.service import sign
from aap.blueprints.access import actor, allow, form_errors, see_other, signed_in_actor
from aap.blueprints.downloads import download_kept
from aap.blueprints.office.inputs import LONGEST
from aap.blueprints.office.session import session_crumbs
from aap.calls.queries import get_call_by_id
from aap.db import unit_of_work
from aap.documents.minutes import ranking_sentences, start_sentence
from aap.errors import ConflictError, InvalidError, NotFoundError, StaleError
from aap.extensions import clock
from aap.jury.minutes import read_minutes, without
from aap.jury.models import JurySession
from aap.jury.queries import draft_minutes, get_session, list_read, on_agenda
from aap.jury.service import write_minutes
from aap.policies import may
from aap.policies.marks import minuted, others_marks
from aap.referentials.queries import get_region

bp = Blueprint("office_minutes", __name__, url_prefix="/agence/seances")


class MinutesForm(FlaskForm):
    """What the minutes say before and after the files."""

    opening_text = TextAreaField(
        "Avant les dossiers", description="Membres excusés, rappel des règles.", validators=[Length(max=LONGEST)]
    )
    closing_text = TextAreaField("Après les dossiers", validators=[Length(max=LONGEST)])


@bp.get("/<uuid:session_id>/proces-verbal")
@allow("session.read", load=get_session)
def show(session: JurySession) -> ResponseReturnValue:
    """Read the minutes: a draft made of what was recorded, or what was signed; never a file one stood back from."""
    return _page(session)


def _page(session: JurySession, form: MinutesForm | None = None, compared: StaleError | None = None) -> str:
    call = get_call_by_id(session.call_id)
    told = _told(session)
    minutes = read_minutes(told, get_region(call.region_code), signed_at=session.signed_at, seal=session.seal or "")
    return render_template(
        "office/minutes.html",
        call=call,
        crumbs=session_crumbs(call, "Procès-verbal"),
        session=session,
        minutes=minutes,
        left=sum(row["opinion"] is None for row in told["files"]),
        rankings=ranking_sentences(minutes.rankings),
        start=start_sentence(minutes) if minutes.start else "",
        form=form or MinutesForm(data={"opening_text": session.opening_text, "closing_text": session.closing_text}),
        compared=compared,
        runs=may(actor(), "session.manage", session),
        whole=_is_whole(session, told),
    )


def _told(session: JurySession) -> dict[str, Any]:
    """Return what this person may read: of what was recorded, or of what was signed."""
    if session.minutes is None:
        return tell_start(draft_minutes(session, seen=others_marks(actor())), session)
    return without(session.minutes, list_read(session, seen=minuted(actor())))


def _is_whole(session: JurySession, told: Mapping[str, Any]) -> bool:
    files = on_agenda(session) if session.minutes is None else session.minutes["files"]
    return len(told["files"]) == len(files)


@bp.post("/<uuid:session_id>/proces-verbal")
@allow("session.manage", load=get_session)
def write(session: JurySession) -> ResponseReturnValue:
    """Write the text around the files, or sign the whole."""
    form = MinutesForm()
    if not form.validate():
        return _page(session, form), 400
    person, now, seen = signed_in_actor(), clock().now(), request.form.get("seen_version", type=int)
    signing = request.form.get("action") == "sign"
    try:
        with unit_of_work():
            texts = (form.opening_text.data or "", form.closing_text.data or "")
            write_minutes(session, *texts, actor=person, now=now, seen_version=seen)
            if signing and session.signed_at is None:
                sign(session, draft_minutes(session, seen=others_marks(person)), actor=person, now=now)
    except InvalidError as error:
        form_errors(form, error)
        return _page(session, form), 400
    except StaleError as error:
        return _page(session, form, error), 409
    except ConflictError as error:
        form.form_errors.append(error.message)
        return _page(session, form), 400
    flash(
        "Le procès-verbal est signé : les avis du jury sont rendus." if signing else "Le texte est enregistré.",
        "success",
    )
    return see_other("office_minutes.show", session_id=session.id)


@bp.get("/<uuid:session_id>/proces-verbal.pdf")
@allow("session.read", load=get_session)
def pdf(session: JurySession) -> ResponseReturnValue:
    """Download the signed minutes: only whoever may read every file of the session."""
    if not _is_whole(session, _told(session)):
        raise NotFoundError("Le procès-verbal entier porte sur un dossier dont vous vous êtes déporté.")
    return download_kept(session.minutes_file_id, missing="Le procès-verbal n'est pas encore prêt.")
