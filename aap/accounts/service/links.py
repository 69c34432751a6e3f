"""What every link of an invitation asks: that it still serves, and that it serves the person it was sent to."""

from __future__ import annotations

from datetime import datetime

from aap import french
from aap.accounts.links import LinkState, OneTimeLink, masked
from aap.accounts.models import User
from aap.db import db
from aap.errors import ConflictError, ForbiddenError


def check_open_link(link: OneTimeLink, now: datetime) -> None:
    """Refuse a link that was used or cancelled, or that has expired.

    Raises:
        ConflictError: with the reason and the hour.

    """
    match link.state(now):
        case LinkState.USED:
            message = f"Ce lien a déjà servi le {french.moment(link.used_at)}."
            raise ConflictError(message, code="lien-deja-utilise")
        case LinkState.REVOKED:
            message = "Ce lien a été annulé par la personne qui vous l'avait envoyé."
            raise ConflictError(message, code="lien-annule")
        case LinkState.EXPIRED:
            message = f"Ce lien a expiré le {french.moment(link.expires_at)}. Demandez-en un nouveau."
            raise ConflictError(message, code="lien-expire")
        case LinkState.OPEN:
            return


def check_bound_to(link: OneTimeLink, person: User) -> None:
    """Refuse a link to whoever it was not sent to.

    Raises:
        ForbiddenError: it is bound to another address.

    """
    if person.email != link.email:
        message = f"Cette invitation est pour {masked(link.email)} : elle ne peut pas servir à un autre compte."
        raise ForbiddenError(message, code="lien-d-une-autre-personne")


def revoke_link(link: OneTimeLink, now: datetime) -> None:
    """Kill a link that nobody used.

    Raises:
        ConflictError: it was already used or cancelled.

    """
    db.session.refresh(link, with_for_update=True)
    if link.state(now) in {LinkState.USED, LinkState.REVOKED}:
        raise ConflictError("Cette invitation a déjà été utilisée ou annulée.", code="invitation-close")
    link.revoked_at = now
    db.session.flush()
