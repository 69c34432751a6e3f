"""One's own account, and the confirmation of an address by a button (a mail reader follows links by itself)."""

from __future__ import annotations

from flask import Blueprint, flash, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_security.confirmable import confirm_email_token_status, confirm_user
from flask_wtf import FlaskForm
from flask_wtf.csrf import generate_csrf
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from aap.accounts.queries import ROLE_LABELS
from aap.accounts.service import rename_user
from aap.blueprints.access import allow, public, see_other, signed_in_actor
from aap.db import unit_of_work
from aap.extensions import clock

bp = Blueprint("account", __name__, url_prefix="/compte")


class ProfileForm(FlaskForm):
    """Name and function, as other people of a file see them."""

    given_name = StringField("Prénom", validators=[DataRequired("Indiquez votre prénom."), Length(max=80)])
    family_name = StringField("Nom", validators=[DataRequired("Indiquez votre nom."), Length(max=80)])
    job_title = StringField("Fonction", validators=[Length(max=200)])


@bp.get("")
@allow("account.use")
def home() -> ResponseReturnValue:
    """Show who I am here and what I may do."""
    return render_template("account/home.html", person=signed_in_actor(), role_labels=ROLE_LABELS)


@bp.get("/session")
@allow("account.use")
def session() -> ResponseReturnValue:
    """Tell a page left open who is signed in now, and give it a fresh token for its form; 401 when nobody is."""
    return jsonify(person=str(signed_in_actor().id), csrf_token=generate_csrf())


@bp.route("/modifier", methods=["GET", "POST"])
@allow("account.use")
def edit() -> ResponseReturnValue:
    """Change my name and function."""
    person = signed_in_actor()
    form = ProfileForm(obj=person)
    if form.validate_on_submit():
        with unit_of_work():
            rename_user(
                person,
                given_name=form.given_name.data or "",
                family_name=form.family_name.data or "",
                job_title=form.job_title.data or "",
                now=clock().now(),
            )
        flash("Votre profil est enregistré.", "success")
        return see_other("account.home")
    return render_template("account/edit.html", form=form), 400 if form.errors else 200


@bp.get("/a-confirmer")
@public
def to_confirm() -> ResponseReturnValue:
    """Say what to do after registration."""
    return render_template("account/to_confirm.html")


@bp.get("/confirmer/<token>")
@public
def confirm(token: str) -> ResponseReturnValue:
    """Show the button that confirms the address. Nothing changes before it is pressed."""
    expired, invalid, user = confirm_email_token_status(token)
    done = user is not None and user.confirmed_at is not None
    return render_template(
        "account/confirm.html", token=token, expired=expired, invalid=invalid and not done, done=done
    )


@bp.post("/confirmer/<token>")
@public
def confirm_now(token: str) -> ResponseReturnValue:
    """Confirm the address."""
    expired, invalid, user = confirm_email_token_status(token)
    if user is None or expired or invalid:
        return see_other("account.confirm", token=token)
    if user.confirmed_at is None:
        with unit_of_work():
            confirm_user(user)
    flash("Votre adresse est confirmée. Vous pouvez vous connecter.", "success")
    return see_other("security.login")
