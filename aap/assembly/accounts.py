"""Accounts by Flask-Security on our plain tables, in French, in our look, with mails promised in the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from email_validator import SPECIAL_USE_DOMAIN_NAMES
from flask import Flask, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_security import MailUtil, RegisterFormV2, RoleMixin, Security, SQLAlchemyUserDatastore
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from aap import extensions
from aap.accounts.models import User
from aap.accounts.queries import get_user_by
from aap.assembly.account_words import ACCOUNT_SENTENCES
from aap.config import Settings
from aap.db import db, unit_of_work
from aap.outbox import promise_mail

FICTIONAL_DOMAIN = "invalid"  # RFC 2606: the demonstration's people write to nobody


class _NoRole(RoleMixin):
    """Flask-Security asks for a role class; our roles are regional and read by ``aap.policies`` alone."""


class Datastore(SQLAlchemyUserDatastore):
    """Creates and finds users with our columns."""

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> User | None:  # noqa: ARG002, FBT001, FBT002  # Flask-Security's signature; our addresses are lowercase
        """Return the user of one attribute, with the regional roles that every policy reads, in one query."""
        ((attribute, value),) = kwargs.items()
        wanted = str(value).lower() if attribute == "email" else value
        return get_user_by(attribute, wanted)

    def create_user(self, **kwargs: Any) -> User:
        """Create a user; the hour comes from the injected clock."""
        kwargs.setdefault("created_at", extensions.clock().now())
        kwargs["email"] = str(kwargs["email"]).lower()
        return cast("User", super().create_user(**kwargs))

    def commit(self) -> None:
        """Commit what a page of the library did, and ring the worker for the mails it promised."""
        with unit_of_work():
            pass


class OutboxMailUtil(MailUtil):
    """Mails about accounts are promises, like every other mail."""

    def send_mail(  # the signature is Flask-Security's
        self,
        template: str,
        subject: str,
        recipient: Any,
        sender: Any,  # noqa: ARG002  # the mailer knows the sender
        body: str | None,
        html: str | None,  # noqa: ARG002  # plain text only
        **kwargs: Any,
    ) -> None:
        """Promise the mail in the current transaction; it leaves after the commit."""
        now = extensions.clock().now()
        address = recipient[1] if isinstance(recipient, tuple) else str(recipient)
        user = kwargs.get("user")
        key = f"account:{template}:{getattr(user, 'id', address)}:{now.isoformat()}"
        promise_mail("account", address, {"subject": str(subject), "body": body or ""}, key=key, now=now)


class RegistrationForm(RegisterFormV2):
    """Registration asks for a name and a function, so that the agency knows whom it answers."""

    given_name = StringField(
        "Prénom",
        validators=[DataRequired("Indiquez votre prénom."), Length(max=80)],
        render_kw={"autocomplete": "given-name"},
    )
    family_name = StringField(
        "Nom",
        validators=[DataRequired("Indiquez votre nom."), Length(max=80)],
        render_kw={"autocomplete": "family-name"},
    )
    job_title = StringField("Fonction", validators=[Length(max=200)], render_kw={"autocomplete": "organization-title"})

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None, **kwargs: Any) -> bool:
        """Check the answers; the second password is asked for in other words than the first."""
        held = bool(super().validate(extra_validators=extra_validators, **kwargs))
        if not self.password_confirm.data and self.password_confirm.errors:
            self.password_confirm.errors = ["Tapez le mot de passe une seconde fois."]
        return held


def plug_accounts(app: Flask, settings: Settings) -> None:
    """Plug registration, confirmation, sign-in, reset and change of password."""
    if settings.mode != "production" and FICTIONAL_DOMAIN in SPECIAL_USE_DOMAIN_NAMES:
        SPECIAL_USE_DOMAIN_NAMES.remove(FICTIONAL_DOMAIN)  # the library's own way of accepting a reserved domain
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106  # the name of a hash, not a password
        SECURITY_PASSWORD_SALT=app.config["SECRET_KEY"],
        SECURITY_PASSWORD_LENGTH_MIN=12,
        SECURITY_JOIN_USER_ROLES=False,
        SECURITY_REGISTERABLE=True,
        SECURITY_CONFIRMABLE=True,
        SECURITY_RECOVERABLE=True,
        SECURITY_CHANGEABLE=True,
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_LOGIN_URL="/connexion",
        SECURITY_LOGOUT_URL="/deconnexion",
        SECURITY_REGISTER_URL="/inscription",
        SECURITY_CONFIRM_URL="/confirmation",
        SECURITY_RESET_URL="/mot-de-passe/oubli",
        SECURITY_CHANGE_URL="/mot-de-passe/changer",
        SECURITY_VERIFY_URL="/verification",
        SECURITY_POST_LOGIN_VIEW="/compte",
        SECURITY_POST_LOGOUT_VIEW="/",
        SECURITY_POST_REGISTER_VIEW="/compte/a-confirmer",
        SECURITY_POST_CHANGE_VIEW="/compte",
        SECURITY_POST_RESET_VIEW="/connexion",
        SECURITY_EMAIL_SUBJECT_REGISTER="Confirmez votre adresse",
        SECURITY_EMAIL_SUBJECT_CONFIRM="Confirmez votre adresse",
        SECURITY_EMAIL_SUBJECT_PASSWORD_RESET="Choisissez un nouveau mot de passe",  # noqa: S106  # a subject
        SECURITY_EMAIL_SUBJECT_PASSWORD_NOTICE="Votre mot de passe a été changé",  # noqa: S106  # a subject
        SECURITY_EMAIL_SUBJECT_PASSWORD_CHANGE_NOTICE="Votre mot de passe a été changé",  # noqa: S106  # a subject
        SECURITY_EMAIL_HTML=False,
        SECURITY_EMAIL_SENDER=settings.mail.sender,
        SECURITY_EMAIL_VALIDATOR_ARGS={
            "check_deliverability": False,
            "test_environment": settings.mode != "production",
        },
        SECURITY_DATETIME_FACTORY=lambda: extensions.clock().now(),
        SECURITY_STATIC_FOLDER=None,
        **ACCOUNT_SENTENCES,
    )
    # One instance for each application: what it is made with, such as the mail class, cannot be given to init_app().
    Security(app, Datastore(db, User, _NoRole), register_form=RegistrationForm, mail_util_cls=OutboxMailUtil)
    app.view_functions["security.confirm_email"] = _to_our_button


def _to_our_button(token: str) -> ResponseReturnValue:
    """Send Flask-Security's own confirmation address, which confirms on GET, to the page that has a button."""
    return redirect(url_for("account.confirm", token=token))
