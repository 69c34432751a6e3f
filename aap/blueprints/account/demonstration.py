"""The demonstration's own pages, registered nowhere else: one-click accounts, and the mailbox of its mails."""

from __future__ import annotations

import uuid

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_security import login_user

from aap.accounts.queries import get_user_by_email, list_demonstration_accounts
from aap.blueprints.access import public, see_other
from aap.errors import NotFoundError
from aap.mail import get_message, list_messages

bp = Blueprint("demonstration", __name__, url_prefix="/demonstration")


@bp.get("/comptes")
@public
def accounts() -> ResponseReturnValue:
    """List the fictional accounts by role, each with a button to sign in."""
    return render_template("account/demonstration.html", groups=list_demonstration_accounts())


@bp.post("/entrer/<email>")
@public
def enter(email: str) -> ResponseReturnValue:
    """Sign in as a fictional person."""
    user = get_user_by_email(email)
    if user is None or not user.email.endswith("@demo.invalid"):
        message = "Ce compte de démonstration n'existe pas."
        raise NotFoundError(message)
    login_user(user)
    return see_other("account.home")


@bp.get("/courriels")
@public
def mailbox() -> ResponseReturnValue:
    """List the mails that the demonstration would have sent, newest first."""
    return render_template("account/mailbox.html", messages=list_messages())


@bp.get("/courriels/<uuid:message_id>")
@public
def message(message_id: uuid.UUID) -> ResponseReturnValue:
    """Show one mail."""
    return render_template("account/message.html", message=get_message(message_id))
