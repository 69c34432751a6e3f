"""The people of a file: who takes part and how, invited, changed, removed; partners' letters; the signature."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aap.accounts.links import LinkState
from aap.accounts.models import User
from aap.applications.asked_form import form_of
from aap.applications.models import Application, FileInvitation, Participant, ParticipantRole
from aap.applications.people import ROLE_LABELS, find_participant, reads_whole
from aap.applications.service import (
    Rights,
    cancel_invitation,
    change_rights,
    invite,
    list_waiting,
    remove_participant,
    send_again,
)
from aap.applications.service.leading import find_offer
from aap.applications.service.signing import content_sha256, find_signature, who_asks
from aap.blueprints.access import allow, see_other, signed_in_actor
from aap.blueprints.applicant.letters import partner_rows
from aap.blueprints.applicant.loading import arrival, own_application
from aap.blueprints.applicant.people_loading import own_invitation, own_participant
from aap.blueprints.one_time_links import make_token
from aap.db import unit_of_work
from aap.errors import InvalidError
from aap.policies import may

bp = Blueprint("applicant_people", __name__, url_prefix="/dossiers/<uuid:application_id>/personnes")

WHOLE, PART = "tout", "rubriques"
ROLE_HINTS = {
    ParticipantRole.EDITOR: "Écrit et joint des pièces. Ne dépose pas.",
    ParticipantRole.READER: "Lit, sans les pièces confidentielles (comptes, coordonnées bancaires).",
    ParticipantRole.SIGNATORY: "Lit tout le dossier et le signe avant le dépôt, si la structure ou l'appel le demande.",
}


@dataclass(frozen=True, slots=True)
class RightsForm:
    """What the page of an invitation shows: what was typed, and its errors by input."""

    email: str = ""
    role: str = ParticipantRole.EDITOR.value
    scope: str = WHOLE
    sections: tuple[str, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def sent(cls, error: InvalidError | None = None) -> RightsForm:
        """Build the form from what was typed, with the errors of a refusal."""
        errors = {problem.place: problem.message for problem in error.problems} if error else {}
        return cls(
            request.form.get("email", ""),
            request.form.get("role", ""),
            request.form.get("scope", ""),
            tuple(request.form.getlist("sections")),
            errors,
        )

    def rights(self) -> Rights:
        """Read the rights chosen.

        Raises:
            InvalidError: on ``role`` or ``scope``.

        """
        role = next((role for role in ParticipantRole if role.value == self.role), None)
        if role is None:
            raise InvalidError.on("role", "Choisissez ce que cette personne pourra faire.", code="role-manquant")
        if self.scope not in {WHOLE, PART}:
            raise InvalidError.on("scope", "Choisissez tout le dossier, ou des rubriques.", code="portee-manquante")
        return Rights(role, None if self.scope == WHOLE else self.sections)


@bp.get("")
@allow("application.read", load=own_application)
def show(application: Application) -> ResponseReturnValue:
    """Show who takes part, who is invited, where each partner's letter is, and who signs."""
    person, now = signed_in_actor(), arrival()
    whole = reads_whole(application, person)
    offer = find_offer(application) if whole else None
    return render_template(
        "applicant/people/show.html",
        application=application,
        call=application.call_version.call,
        is_lead=application.lead_id == person.id,
        whole=whole,
        mine=find_participant(application, person),
        people=[_row(application, one) for one in application.participants if one.ended_at is None] if whole else [],
        waiting=[_waiting(one, now) for one in list_waiting(application.id)] if whole else [],
        partners=partner_rows(application, now) if whole else [],
        offer=offer,
        signature=_signature(application, person) if whole else None,
    )


@bp.get("/inviter")
@allow("application.manage_people", load=own_application)
def invitation(application: Application) -> ResponseReturnValue:
    """Ask whom to invite, to do what, on what."""
    return _rights_page(application, RightsForm())


@bp.post("/inviter")
@allow("application.manage_people", load=own_application)
def invite_now(application: Application) -> ResponseReturnValue:
    """Invite somebody."""
    form = RightsForm.sent()
    try:
        with unit_of_work():
            made = invite(
                application, form.email, form.rights(), make_token=make_token, actor=signed_in_actor(), now=arrival()
            )
            address = made.email
    except InvalidError as error:
        return _rights_page(application, RightsForm.sent(error)), 400
    flash(f"L'invitation part à {address}.", "success")
    return _back(application)


@bp.post("/invitations/<uuid:invitation_id>/renvoi")
@allow("file_invitation.change", load=own_invitation)
def send_again_now(invitation: FileInvitation) -> ResponseReturnValue:
    """Send a fresh link; the former one dies."""
    with unit_of_work():
        send_again(invitation, make_token=make_token, actor=signed_in_actor(), now=arrival())
    flash("Un nouveau lien est envoyé ; l'ancien ne sert plus.", "success")
    return _back(invitation.application)


@bp.post("/invitations/<uuid:invitation_id>/annulation")
@allow("file_invitation.change", load=own_invitation)
def cancel(invitation: FileInvitation) -> ResponseReturnValue:
    """Cancel an invitation."""
    with unit_of_work():
        cancel_invitation(invitation, actor=signed_in_actor(), now=arrival())
    flash("L'invitation est annulée : son lien ne sert plus.", "success")
    return _back(invitation.application)


@bp.get("/<uuid:participant_id>/droits")
@allow("participant.change", load=own_participant)
def rights(participant: Participant) -> ResponseReturnValue:
    """Ask what somebody may do from now on."""
    form = RightsForm(
        participant.user.email,
        participant.role.value,
        WHOLE if participant.whole_file else PART,
        tuple(participant.sections),
    )
    return _rights_page(participant.application, form, participant)


@bp.post("/<uuid:participant_id>/droits")
@allow("participant.change", load=own_participant)
def rights_now(participant: Participant) -> ResponseReturnValue:
    """Change what somebody may do."""
    try:
        with unit_of_work():
            change_rights(participant, RightsForm.sent().rights(), actor=signed_in_actor(), now=arrival())
    except InvalidError as error:
        return _rights_page(participant.application, RightsForm.sent(error), participant), 400
    flash("Les droits sont changés.", "success")
    return _back(participant.application)


@bp.post("/<uuid:participant_id>/retrait")
@allow("participant.change", load=own_participant)
def remove(participant: Participant) -> ResponseReturnValue:
    """Take somebody out of the file."""
    with unit_of_work():
        remove_participant(participant, actor=signed_in_actor(), now=arrival())
    flash(f"{participant.user.display_name} ne participe plus au dossier. Ses textes restent.", "success")
    return _back(participant.application)


@bp.post("/depart")
@allow("application.leave", load=own_application)
def leave(application: Application) -> ResponseReturnValue:
    """Leave a file one was invited to."""
    person = signed_in_actor()
    held = find_participant(application, person)
    if held is not None:
        with unit_of_work():
            remove_participant(held, actor=person, now=arrival())
    flash("Vous ne participez plus à ce dossier. Son porteur en est prévenu.", "success")
    return see_other("applicant.home")


def _back(application: Application) -> ResponseReturnValue:
    return see_other("applicant_people.show", application_id=application.id)


def _row(application: Application, one: Participant) -> dict[str, Any]:
    address: dict[str, Any] = {"application_id": application.id, "participant_id": one.id}
    return {
        "name": one.user.display_name,
        "job": one.user.job_title,
        "email": one.user.email,
        "role": ROLE_LABELS[one.role],
        "scope": _scope(application, one),
        "active": one.user.active,
        "rights": url_for("applicant_people.rights", **address),
        "remove": url_for("applicant_people.remove", **address),
    }


def _scope(application: Application, one: Participant | FileInvitation) -> str:
    if one.whole_file:
        return "Tout le dossier"
    titles = {section.id: section.title for section in form_of(application.call_version).sections}
    return " ; ".join(titles.get(key, key) for key in one.sections)


def _waiting(one: FileInvitation, now: datetime) -> dict[str, Any]:
    address: dict[str, Any] = {"application_id": one.application_id, "invitation_id": one.id}
    return {
        "email": one.email,
        "role": ROLE_LABELS[one.role],
        "scope": _scope(one.application, one),
        "expired": one.state(now) is LinkState.EXPIRED,
        "expires_at": one.expires_at,
        "again": url_for("applicant_people.send_again_now", **address),
        "cancel": url_for("applicant_people.cancel", **address),
    }


def _signature(application: Application, person: User) -> dict[str, Any] | None:
    """Say who asks for a signature, and where it stands; nothing when nobody asks and nobody signed."""
    asker, last = who_asks(application), find_signature(application)
    if not asker and last is None:
        return None
    return {
        "asker": asker,
        "last": last,
        "holds": last is not None and (not asker or last.content_sha256 == content_sha256(application)),
        "may": bool(asker) and may(person, "application.sign", application),
    }


def _rights_page(application: Application, form: RightsForm, participant: Participant | None = None) -> str:
    return render_template(
        "applicant/people/rights.html",
        application=application,
        call=application.call_version.call,
        form=form,
        participant=participant,
        roles=[(role.value, ROLE_LABELS[role], ROLE_HINTS[role]) for role in ParticipantRole],
        scopes=[
            (WHOLE, "Tout le dossier", ""),
            (PART, "Certaines rubriques", "La personne ne voit que celles que vous cochez, et aucune pièce."),
        ],
        sections=[(section.id, section.title) for section in form_of(application.call_version).sections],
    )
