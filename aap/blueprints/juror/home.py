"""A juror's juries: the declaration of interests first, then the files to mark. Before it, nothing of any file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from aap import french
from aap.blueprints.access import allow, form_errors, see_other, signed_in_actor
from aap.blueprints.countdown import remaining
from aap.blueprints.juror.inputs import link_inputs, link_rows
from aap.calls.models import Call
from aap.calls.queries import current_version, get_call_by_id
from aap.db import unit_of_work
from aap.errors import InvalidError, NotFoundError
from aap.extensions import clock
from aap.jury.models import JuryMember, ReviewState
from aap.jury.queries import MyFile, MyJury, find_member, get_my_scale, list_my_files, list_my_juries
from aap.jury.service import sign_declaration

bp = Blueprint("juror", __name__, url_prefix="/jury")


class DeclarationForm(FlaskForm):
    """The declaration of interests of one member for one call."""

    has_interests = RadioField(
        "Avez-vous un lien avec une structure qui pourrait répondre à cet appel ?",
        choices={"yes": "Oui", "no": "Non"},
        description="Emploi, mandat, conseil, participation, lien familial, au cours des cinq dernières années.",
        validators=[InputRequired("Dites si vous avez un lien d'intérêts.")],
    )
    text = TextAreaField("Nature de ces liens", validators=[Length(max=5000)])
    dpi_up_to_date = BooleanField(
        "Ma déclaration publique d'intérêts est à jour",
        description="Déclaration des articles L. 1451-1 et suivants du code de la santé publique, si vous y êtes tenu.",
    )
    confidentiality = BooleanField(
        "Je garde confidentiels les dossiers, les notes et les délibérations",
        validators=[DataRequired("Cet engagement est demandé à chaque membre du jury.")],
    )


@dataclass(frozen=True, slots=True)
class JuryCard:
    """A jury as its member sees it: counts only once the declaration is signed; ``waits`` for something of theirs."""

    title: str
    href: str
    badge: tuple[str, str]
    meta: tuple[str, ...]
    waits: bool = False


@bp.get("")
@allow("jury.list_mine")
def home() -> ResponseReturnValue:
    """List the juries I sit on, those that wait for me first, and what each waits for."""
    now = clock().now()
    cards = sorted((_card(row, now) for row in list_my_juries(signed_in_actor())), key=lambda card: not card.waits)
    return render_template("juror/home.html", cards=cards)


def _card(row: MyJury, now: datetime) -> JuryCard:
    over = row.closed_at is not None or (row.scoring_ends_at is not None and now > row.scoring_ends_at)
    if row.signed_at is None:
        href = url_for("juror.declaration", call_id=row.call_id)
        meta = (f"{row.code}, {row.college}", "Aucun dossier ne s'ouvre avant votre déclaration")
        return JuryCard(row.call_title, href, ("Déclaration à signer", "warning"), meta, waits=not over)
    href = url_for("juror.desk", call_id=row.call_id)
    left = row.assigned - row.submitted
    marked = f"{french.plural(row.submitted, 'dossier noté', 'dossiers notés')} sur {row.assigned}"
    lines = [f"{row.code}, {row.college}", marked if row.assigned else "Aucun dossier ne vous est confié"]
    if over:
        return JuryCard(row.call_title, href, ("Notation close", "neutral"), tuple(lines))
    if row.scoring_ends_at is not None and left:
        lines.append(f"À rendre : {remaining(row.scoring_ends_at, now)}")
    if row.scoring_starts_at is not None and now < row.scoring_starts_at:
        return JuryCard(row.call_title, href, ("Notation à venir", "info"), tuple(lines))
    if not row.assigned:
        return JuryCard(row.call_title, href, ("Répartition à venir", "neutral"), tuple(lines))
    badge = (f"{left} à noter", "info") if left else ("Tout est rendu", "success")
    return JuryCard(row.call_title, href, badge, tuple(lines), waits=left > 0)


@bp.get("/<uuid:call_id>")
@allow("jury.enter", load=get_call_by_id)
def desk(call: Call) -> ResponseReturnValue:
    """Show my files on one call, with how many are left and until when."""
    seat = seat_of(call)
    if seat.declaration is None:
        return see_other("juror.declaration", call_id=call.id)
    now = clock().now()
    jury = next(row for row in list_my_juries(signed_in_actor()) if row.call_id == call.id)
    files = list_my_files(seat)
    left = sum(1 for row in files if row.review_state is not ReviewState.SUBMITTED)
    ends_at = jury.scoring_ends_at
    rows = [file_row(row, closed=jury.closed_at is not None) for row in files]
    begun = jury.scoring_starts_at is None or now >= jury.scoring_starts_at
    may_mark = begun and jury.closed_at is None and (ends_at is None or now <= ends_at)
    return render_template(
        "juror/desk.html",
        call=call,
        jury=jury,
        rows=rows,
        left=left,
        next_href=next((row["href"] for row in rows if may_mark and row["state"] != "Rendue"), ""),
        to_answer=sum(row.to_answer for row in files) if jury.closed_at is None else 0,
        time_left=remaining(ends_at, now) if ends_at and not jury.closed_at else "",
    )


@bp.get("/<uuid:call_id>/mes-notes")
@allow("jury.enter", load=get_call_by_id)
def scale(call: Call) -> ResponseReturnValue:
    """Put my own marks side by side, so that I keep one scale from the first file to the last."""
    seat = seat_of(call)
    if seat.declaration is None:
        return see_other("juror.declaration", call_id=call.id)
    found = get_my_scale(seat, current_version(call))
    return render_template("juror/scale.html", call=call, seat=seat, scale=found)


_STATES: Mapping[ReviewState | None, tuple[str, str]] = {
    None: ("À noter", "info"),
    ReviewState.DRAFT: ("Commencée", "warning"),
    ReviewState.SUBMITTED: ("Rendue", "success"),
}


def file_row(row: MyFile, *, closed: bool) -> dict[str, Any]:
    """Return a line of the desk, for the component of tables."""
    state, tone = _STATES[row.review_state]
    if closed and row.review_state is not ReviewState.SUBMITTED:
        state, tone = "Non rendue", "error"
    if row.to_answer and not closed:
        state, tone = "Grille révisée : répondez", "warning"
    return {
        "reference": row.reference,
        "href": url_for("juror_files.show", application_id=row.application_id),
        "title": row.title,
        "applicant": row.applicant_name,
        "strand": row.strand_key,
        "department": row.department_code,
        "requested": row.requested_eur,
        "state": state,
        "tone": tone,
        "marked": row.marked,
    }


def seat_of(call: Call) -> JuryMember:
    """Return my seat on the jury of a call.

    Raises:
        NotFoundError: I do not sit there.

    """
    seat = find_member(call.id, signed_in_actor().id)
    if seat is None:
        raise NotFoundError("Vous ne siégez pas à ce jury.")
    return seat


@bp.route("/<uuid:call_id>/declaration", methods=["GET", "POST"])
@allow("jury.declare", load=get_call_by_id)
def declaration(call: Call) -> ResponseReturnValue:
    """Sign my declaration of interests for this call, or read the one I signed."""
    seat = seat_of(call)
    form = DeclarationForm()
    if seat.declaration is not None:
        return render_template("juror/declared.html", call=call, seat=seat, declared=seat.declaration)
    rows, errors = link_rows(request.form), {}
    if request.method == "POST" and not {"add", "remove"} & request.form.keys() and form.validate():
        try:
            with unit_of_work():
                sign_declaration(
                    seat,
                    has_interests=form.has_interests.data == "yes",
                    text=form.text.data or "",
                    dpi_up_to_date=bool(form.dpi_up_to_date.data),
                    links=link_inputs(rows) if form.has_interests.data == "yes" else (),
                    actor=signed_in_actor(),
                    now=clock().now(),
                )
        except InvalidError as error:
            form_errors(form, error)
            errors = {problem.place.removeprefix("links-"): problem.message for problem in error.problems}
        else:
            flash("Votre déclaration est signée. Les dossiers qui vous sont confiés vous sont ouverts.", "success")
            return see_other("juror.desk", call_id=call.id)
    failed = bool(form.errors or form.form_errors)
    return render_template(
        "juror/declaration.html", call=call, seat=seat, form=form, rows=rows, row_errors=errors, failed=failed
    ), 400 if failed else 200
