"""The page of an invitation's link: what it offers, and how to accept it with an account or by making one.

Nobody needs to be signed in to read it: the link itself is the secret. Every way it may no longer serve has its page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import hash_password, login_user, logout_user

from aap.accounts import service as accounts
from aap.accounts.links import LinkState, masked
from aap.accounts.models import MembershipRole, OrganisationInvitation, User
from aap.accounts.queries import find_organisation_invitation, get_user_by_email
from aap.applications import service as files
from aap.applications.asked_form import form_of
from aap.applications.models import FileInvitation
from aap.applications.people import ROLE_LABELS
from aap.applications.queries.people import find_file_invitation
from aap.blueprints.access import actor, public, see_other
from aap.db import unit_of_work
from aap.errors import InvalidError, NotFoundError, Problem
from aap.extensions import clock
from aap.jury import service as jury
from aap.jury.models import JuryInvitation
from aap.jury.queries import find_jury_invitation

bp = Blueprint("invitations", __name__, url_prefix="/invitations")

Invitation = FileInvitation | OrganisationInvitation | JuryInvitation


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody who makes an account typed, and its errors by input. Passwords are never shown again."""

    given_name: str = ""
    family_name: str = ""
    job_title: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@bp.get("/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """Show what the link offers, or why it no longer serves."""
    return _page(token, invitation_of(token))


@bp.post("/<token>")
@public
def accept(token: str) -> ResponseReturnValue:
    """Accept with the account that is signed in."""
    invitation, person = invitation_of(token), actor()
    if person is None or not _serves(invitation, person):
        return _page(token, invitation)
    return _accepted(invitation, person)


@bp.post("/<token>/compte")
@public
def register(token: str) -> ResponseReturnValue:
    """Make an account for the address of the invitation, which the link proves, and accept."""
    invitation = invitation_of(token)
    if actor() is not None or not _open(invitation) or get_user_by_email(invitation.email) is not None:
        return _page(token, invitation)
    given, family, job = (request.form.get(name, "").strip() for name in ("given_name", "family_name", "job_title"))
    typed = Typed(given, family, job)
    try:
        with unit_of_work():
            person = _make_account(invitation, typed)
            where = _accept(invitation, person)
    except InvalidError as error:
        errors = {problem.place: problem.message for problem in error.problems}
        again = Typed(typed.given_name, typed.family_name, typed.job_title, errors)
        return _page(token, invitation, again, status=400)
    login_user(person)
    flash("Votre compte est créé et l'invitation acceptée.", "success")
    return see_other(**where)


@bp.post("/<token>/refus")
@public
def decline(token: str) -> ResponseReturnValue:
    """Say no to a jury, from the link alone: nobody makes an account to refuse."""
    invitation = invitation_of(token)
    if not isinstance(invitation, JuryInvitation):
        raise NotFoundError("Cette invitation ne se décline pas : ne l'acceptez pas, elle expirera.")
    if not _open(invitation):
        return _page(token, invitation)
    reason = request.form.get("reason", "")
    try:
        with unit_of_work():
            jury.decline_invitation(invitation, reason=reason, now=clock().now())
    except InvalidError as error:
        return _page(token, invitation, Typed(errors={"reason": error.problems[0].message}), status=400)
    flash("Votre réponse est transmise à l'agence. Merci de l'avoir donnée.", "success")
    return see_other("invitations.show", token=token)


@bp.post("/<token>/autre-compte")
@public
def change_account(token: str) -> ResponseReturnValue:
    """Sign out, and come back to the invitation."""
    invitation_of(token)
    if actor() is not None:
        logout_user()
    return see_other("invitations.show", token=token)


def invitation_of(token: str) -> Invitation:
    """Return the invitation of a link.

    Raises:
        NotFoundError: no such link.

    """
    found = find_file_invitation(token) or find_organisation_invitation(token) or find_jury_invitation(token)
    if found is None:
        raise NotFoundError("Ce lien d'invitation n'existe pas, ou il n'a pas été copié en entier.")
    return found


def _open(invitation: Invitation) -> bool:
    return invitation.state(clock().now()) is LinkState.OPEN


def _serves(invitation: Invitation, person: User) -> bool:
    return _open(invitation) and person.email == invitation.email


def _accepted(invitation: Invitation, person: User) -> ResponseReturnValue:
    with unit_of_work():
        where = _accept(invitation, person)
    flash("L'invitation est acceptée.", "success")
    return see_other(**where)


def _accept(invitation: Invitation, person: User) -> dict[str, Any]:
    """Accept, and say where to go next."""
    now = clock().now()
    if isinstance(invitation, FileInvitation):
        files.accept_invitation(invitation, actor=person, now=now)
        return _where(invitation)
    if isinstance(invitation, JuryInvitation):
        jury.accept_invitation(invitation, actor=person, now=now)
        return _where(invitation)
    accounts.accept_invitation(invitation, actor=person, now=now)
    return _where(invitation)


def _make_account(invitation: Invitation, typed: Typed) -> User:
    problems = []
    if not typed.given_name:
        problems.append(Problem("given_name", "Indiquez votre prénom."))
    if not typed.family_name:
        problems.append(Problem("family_name", "Indiquez votre nom."))
    password = request.form.get("password", "")
    refused, password = current_app.extensions["security"].password_util.validate(password, is_register=True)
    problems += [Problem("password", str(refusal)) for refusal in (refused or [])[:1]]
    if password != request.form.get("password_confirm", ""):
        problems.append(Problem("password_confirm", "Les deux mots de passe saisis sont différents."))
    if problems:
        raise InvalidError(problems[0].message, tuple(problems), code="compte-incomplet")
    return accounts.create_user(
        invitation.email,
        now=clock().now(),
        password_hash=hash_password(password),
        given_name=typed.given_name[:80],
        family_name=typed.family_name[:80],
        job_title=typed.job_title[:200],
    )


def _page(
    token: str, invitation: Invitation, typed: Typed | None = None, status: int | None = None
) -> ResponseReturnValue:
    person, state = actor(), invitation.state(clock().now())
    mine = person is not None and person.email == invitation.email
    wrong = person is not None and not mine
    page = render_template(
        "applicant/people/invitation.html",
        token=token,
        invitation=invitation,
        offer=_offer(invitation),
        state=state.value,
        person=person,
        mine=mine,
        wrong=wrong and state is LinkState.OPEN,
        masked=masked(invitation.email),
        has_account=get_user_by_email(invitation.email) is not None,
        typed=typed or Typed(),
        declines=isinstance(invitation, JuryInvitation),
        declined_at=invitation.declined_at if isinstance(invitation, JuryInvitation) else None,
        where=url_for(**_where(invitation)) if state is LinkState.USED and mine else "",
    )
    return page, status or (410 if state is not LinkState.OPEN else 403 if wrong else 200)


def _where(invitation: Invitation) -> dict[str, Any]:
    if isinstance(invitation, FileInvitation):
        return {"endpoint": "applicant_file.show", "application_id": invitation.application_id}
    if isinstance(invitation, JuryInvitation):
        return {"endpoint": "juror.desk", "call_id": invitation.call_id}
    return {"endpoint": "organisations.show", "organisation_id": invitation.organisation_id}


def _offer(invitation: Invitation) -> dict[str, Any]:
    """Say what is offered: a title, and its facts."""
    inviter = invitation.created_by.display_name
    if isinstance(invitation, OrganisationInvitation):
        role = "Administrateur de la structure" if invitation.role is MembershipRole.MANAGER else "Membre"
        facts = [("Invitation de", inviter), ("Votre rôle", role)]
        return {"title": f"Rejoindre {invitation.organisation.name}", "facts": facts, "sections": []}
    if isinstance(invitation, JuryInvitation):
        return _jury_offer(invitation, inviter)
    application = invitation.application
    titles = {section.id: section.title for section in form_of(application.call_version).sections}
    facts = [
        ("Invitation de", inviter),
        ("Votre rôle", ROLE_LABELS[invitation.role]),
        ("Appel à projets", application.call_version.call.title),
        ("Porteur", application.applicant_name or application.lead.display_name),
    ]
    sections = [titles.get(key, key) for key in invitation.sections]
    return {"title": f"Participer au dossier « {application.label} »", "facts": facts, "sections": sections}


def _jury_offer(invitation: JuryInvitation, inviter: str) -> dict[str, Any]:
    college = invitation.college
    place = "Suppléant, appelé si un membre est empêché" if invitation.substitute else "Membre du jury"
    facts = [
        ("Invitation de", inviter),
        ("Appel à projets", invitation.call.title),
        ("Collège", college.label + ("" if college.voting else ", voix consultative")),
        ("Votre place", place + (", vous présidez" if invitation.chair else "")),
    ]
    return {"title": "Siéger au jury", "facts": facts, "sections": []}
