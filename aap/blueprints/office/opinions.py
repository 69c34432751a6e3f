"""Advisory opinions: those a person owes, those given on a file, the form of one, and the end of the instruction."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from aap.applications.models import Application, ApplicationState
from aap.applications.queries import (
    OfficeRow,
    OpinionRow,
    get_dossier,
    list_opinion_rows,
)
from aap.applications.service import (
    close_instruction,
    give_opinion,
    list_missing_opinions,
    opinion_seal,
    opinions_open_to,
)
from aap.blueprints.access import actor, allow, form_errors, see_other, signed_in_actor
from aap.blueprints.office.desks import OPINION_ROLES, list_opinions_due
from aap.blueprints.office.inputs import LONGEST
from aap.blueprints.office.loading import agency_file
from aap.blueprints.office.tabs import file_head
from aap.db import unit_of_work
from aap.errors import InvalidError, NotFoundError, StaleError
from aap.extensions import clock
from aap.policies import may
from aap.policies.applications import audience_of

bp = Blueprint("office_opinions", __name__, url_prefix="/agence")


class OpinionForm(FlaskForm):
    """One opinion: its value in the call's scale, and observations."""

    value = RadioField("Votre avis", validators=[InputRequired("Choisissez un avis.")])
    text = TextAreaField(
        "Observations",
        description="Obligatoires si l'avis n'est pas pleinement favorable. Le jury et l'agence les lisent.",
        validators=[Length(max=LONGEST)],
    )


@bp.get("/avis")
@allow("office.enter")
def index() -> ResponseReturnValue:
    """List the files on which I owe an opinion, the next call to close its instruction first."""
    person = signed_in_actor()
    return render_template(
        "office/opinions_due.html",
        groups=[(due, [_due(row) for row in due.files.rows]) for due in list_opinions_due(person, clock().now())],
        gives=any(held.role in OPINION_ROLES for held in person.regional_roles),
    )


def _due(row: OfficeRow) -> dict[str, Any]:
    return {
        "reference": row.reference,
        "href": url_for("office_opinions.show", application_id=row.id),
        "title": row.title,
        "applicant": row.applicant_name,
        "department": row.department_code,
        "requested": row.requested_eur,
        "opinions": row.opinions,
    }


@bp.get("/dossiers/<uuid:application_id>/avis")
@allow("application.read_instruction", load=agency_file)
def show(application: Application) -> ResponseReturnValue:
    """Read the opinions given and awaited; give mine; close the instruction."""
    person = signed_in_actor()
    mine = opinions_open_to(application, person) if may(person, "application.give_opinion", application) else ()
    rows = list_opinion_rows(application)
    closing = may(actor(), "application.close_instruction", application)
    return render_template(
        "office/opinions.html",
        application=application,
        head=file_head(application, "office_opinions.show"),
        opinions=rows,
        mine=[_mine(application, row) for row in rows if row.key in mine],
        closing=closing,
        missing=list_missing_opinions(application) if closing else (),
        early=application.state in {ApplicationState.SUBMITTED, ApplicationState.COMPLETION_REQUESTED},
    )


def _mine(application: Application, row: OpinionRow) -> tuple[str, str]:
    verb = "Modifier l'avis" if row.value else "Donner l'avis"
    href = url_for("office_opinions.give", application_id=application.id, kind=row.key)
    return f"{verb} – {row.label}", href


def _row_of(application: Application, key: str) -> OpinionRow:
    row = next((one for one in list_opinion_rows(application) if one.key == key), None)
    if row is None or key not in opinions_open_to(application, signed_in_actor()):
        raise NotFoundError("Cet avis ne vous est pas demandé.")
    return row


@bp.route("/dossiers/<uuid:application_id>/avis/rediger", methods=["GET", "POST"])
@allow("application.give_opinion", load=agency_file)
def give(application: Application) -> ResponseReturnValue:
    """Write or mend one opinion, beside the file; ``kind`` of the address names it."""
    row = _row_of(application, request.args.get("kind", ""))
    form = OpinionForm(data={"value": row.value or None, "text": row.text})
    form.value.choices = dict(row.scale)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                give_opinion(
                    application,
                    row.key,
                    form.value.data,
                    form.text.data or "",
                    actor=signed_in_actor(),
                    now=clock().now(),
                    seen=request.form.get("seen"),
                )
        except StaleError as error:
            row = _row_of(application, row.key)
            head = file_head(application, "office_opinions.show", row.label)
            return _form_page(application, form=form, row=row, head=head, compared=error), 409
        except InvalidError as error:
            form_errors(form, error)
        else:
            flash("Votre avis est enregistré. Vous pouvez le modifier jusqu'à la clôture de l'instruction.", "success")
            return see_other("office_opinions.show", application_id=application.id)
    head = file_head(application, "office_opinions.show", row.label)
    page = _form_page(application, form=form, row=row, head=head)
    return page, 400 if form.errors else 200


def _form_page(application: Application, **parts: Any) -> str:
    """Show the form beside the file; ``compared`` holds what was typed and what somebody else wrote meanwhile."""
    dossier = get_dossier(application, clock().now(), audience_of(signed_in_actor(), application))
    row: OpinionRow = parts["row"]
    parts = {"compared": None, "seen": opinion_seal(row.value, row.text), **parts}
    return render_template("office/opinion.html", application=application, dossier=dossier, **parts)


@bp.post("/dossiers/<uuid:application_id>/instruction/clore")
@allow("application.close_instruction", load=agency_file)
def close(application: Application) -> ResponseReturnValue:
    """End the instruction: the file goes to the jury."""
    with unit_of_work():
        close_instruction(application, actor=signed_in_actor(), now=clock().now())
    flash("L'instruction est close : le dossier est prêt pour le jury.", "success")
    return see_other("office_opinions.show", application_id=application.id)
