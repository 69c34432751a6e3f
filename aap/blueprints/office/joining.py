"""Who joins a jury: at once with an account, by a link without one; links sent again or cancelled."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import DataRequired, Length

from aap import french
from aap.accounts.queries import get_user_by_email
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.one_time_links import make_token
from aap.calls.models import Call
from aap.calls.queries import current_version
from aap.db import unit_of_work
from aap.errors import ConflictError, InvalidError
from aap.extensions import clock
from aap.jury.models import JuryInvitation
from aap.jury.queries import MemberRow, get_jury_invitation, get_member, list_waiting_invitations
from aap.jury.service import Place, cancel_invitation, invite, seat, send_again
from aap.policies import visible

bp = Blueprint("office_joining", __name__, url_prefix="/agence/jury/invitations")

SEATED, SUBSTITUTE = "membre", "suppleant"


class MemberForm(FlaskForm):
    """A person who joins the jury."""

    email = StringField(
        "Adresse électronique",
        description="Avec un compte, la personne siège aussitôt et en est avertie. Sans compte, elle reçoit un lien "
        "personnel pour en créer un et accepter.",
        validators=[DataRequired("Indiquez l'adresse de la personne."), Length(max=254)],
    )
    college = SelectField("Collège", validators=[DataRequired("Choisissez le collège.")])
    place = SelectField("Place", default=SEATED, validators=[DataRequired("Choisissez la place.")])
    chair = BooleanField("Préside le jury")


def member_form(call: Call, members: Sequence[MemberRow]) -> MemberForm:
    """Return the form of who joins, with the colleges of the call and the places that may be taken over."""
    form = MemberForm()
    form.college.choices = {
        str(college.id): college.label + ("" if college.voting else " (sans voix)")
        for college in current_version(call).colleges
    }
    filled = {row.stands_in_for_id for row in members if row.left_at is None}
    form.place.choices = [
        (SEATED, "Membre du jury"),
        (SUBSTITUTE, "Suppléant, appelé plus tard"),
        *(
            (str(row.id), f"Remplace {row.code} – {row.name}" + (" (a quitté le jury)" if row.left_at else ""))
            for row in members
            if not row.substitute and row.id not in filled
        ),
    ]
    if form.place.data is None:
        form.place.data = SEATED
    return form


def join(call: Call, form: MemberForm) -> str:
    """Make the person of a valid form sit, or invite them; return what to say.

    Raises:
        InvalidError: on ``email`` or ``college``.
        ConflictError: already on this jury, or the place was filled meanwhile.

    """
    person, officer, now = get_user_by_email(form.email.data or ""), signed_in_actor(), clock().now()
    college = next(one for one in current_version(call).colleges if str(one.id) == form.college.data)
    named = form.place.data or SEATED
    place = Place(
        college,
        chair=bool(form.chair.data),
        substitute=named == SUBSTITUTE,
        stands_in_for=None if named in {SEATED, SUBSTITUTE} else get_member(uuid.UUID(named)),
    )
    with unit_of_work():
        if person is not None:
            seat(call, person, place, actor=officer, now=now)
            return f"{person.display_name} rejoint le jury et reçoit une invitation."
        sent = invite(call, form.email.data or "", place, make_token=make_token, actor=officer, now=now)
        return f"Aucun compte n'a cette adresse : un lien d'invitation part à {sent.email}."


def waiting_rows(call: Call) -> list[dict[str, Any]]:
    """Return the invitations that nobody answered, each with its state and what may be done."""
    now = clock().now()
    rows = []
    for row in list_waiting_invitations(call.id, seen=visible(signed_in_actor(), JuryInvitation)):
        place = "Suppléant" if row.substitute else "Membre"
        if row.stands_in_for:
            place = f"Remplace {row.stands_in_for}"
        rows.append(
            {
                "row": row,
                "place": place + (", préside" if row.chair else ""),
                "state": ("Expirée", "warning") if row.expired(now) else ("En attente", "info"),
                "until": french.day(row.expires_at),
                "again": url_for("office_joining.send_again_now", invitation_id=row.id),
                "cancel": url_for("office_joining.cancel", invitation_id=row.id),
            }
        )
    return rows


@bp.post("/<uuid:invitation_id>/renvoi")
@allow("jury_invitation.manage", load=get_jury_invitation)
def send_again_now(invitation: JuryInvitation) -> ResponseReturnValue:
    """Send a fresh link in place of the former one, which dies."""
    try:
        with unit_of_work():
            send_again(invitation, make_token=make_token, actor=signed_in_actor(), now=clock().now())
    except (InvalidError, ConflictError) as error:
        flash(error.message, "error")
    else:
        flash(f"Un nouveau lien part à {invitation.email}. L'ancien ne sert plus.", "success")
    return see_other("office_jury.show", call_id=invitation.call_id, _anchor="invitations")


@bp.post("/<uuid:invitation_id>/annulation")
@allow("jury_invitation.manage", load=get_jury_invitation)
def cancel(invitation: JuryInvitation) -> ResponseReturnValue:
    """Cancel an invitation."""
    try:
        with unit_of_work():
            cancel_invitation(invitation, actor=signed_in_actor(), now=clock().now())
    except ConflictError as error:
        flash(error.message, "error")
    else:
        flash("L'invitation est annulée : son lien ne sert plus.", "success")
    return see_other("office_jury.show", call_id=invitation.call_id, _anchor="invitations")
