"""Which mails a person receives: what the procedure obliges to tell always leaves, the rest may be refused."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from aap import audit
from aap.accounts.models import NotificationRefusal, User
from aap.db import db

PROCEDURE = "procedure"


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of mail; ``templates`` are the names, or beginnings of names, of its mails."""

    key: str
    label: str
    text: str
    templates: tuple[str, ...] = ()

    @property
    def obligatory(self) -> bool:
        """Tell whether nobody may refuse it."""
        return self.key == PROCEDURE


CATEGORIES = (
    Category(
        PROCEDURE,
        "Suivi de la procédure",
        "Accusés de réception, compléments demandés, décisions, changements de calendrier, invitations, sécurité du "
        "compte. La procédure oblige l'agence à vous les envoyer.",
    ),
    Category(
        "messages",
        "Messages sur un dossier",
        "Un courriel pour chaque message de l'agence. Sans lui, les messages restent à lire dans le dossier.",
        ("application-message",),
    ),
    Category(
        "questions",
        "Nouvelles réponses sur un appel",
        "Un courriel quand l'agence publie une réponse sur un appel pour lequel vous avez un brouillon.",
        ("application-question-published",),
    ),
    Category(
        "reminders",
        "Rappels d'échéance",
        "Avant la clôture d'un appel, la date d'un rapport ou la fin de la notation.",
        ("application-draft-reminder", "evaluation-report-due", "jury-reminder"),
    ),
    Category(
        "sheets",
        "Vie des fiches de capitalisation",
        "Relectures, corrections et publications des fiches que vous suivez.",
        ("sheet-",),
    ),
)
_BY_KEY = {category.key: category for category in CATEGORIES}


def category_of(template: str) -> Category:
    """Return the category of a mail by its template; what no category names is obligatory."""
    found = (one for one in CATEGORIES if any(template.startswith(prefix) for prefix in one.templates))
    # A message to the agency's mailbox is nobody's to refuse; the mailbox has no account anyway.
    return next(found, _BY_KEY[PROCEDURE])


def is_refused(address: str, template: str) -> bool:
    """Tell whether whoever has this address refuses this mail; one query, none for what is obligatory."""
    category = category_of(template)
    if category.obligatory:
        return False
    query = (
        select(NotificationRefusal.id)
        .join(User, User.id == NotificationRefusal.user_id)
        .where(User.email == address.lower(), NotificationRefusal.category == category.key)
    )
    return db.session.scalar(query.limit(1)) is not None


def refused_by(person: User) -> frozenset[str]:
    """Return the categories that a person refuses."""
    query = select(NotificationRefusal.category).where(NotificationRefusal.user_id == person.id)
    return frozenset(db.session.scalars(query))


def choose_notifications(person: User, wanted: Collection[str], now: datetime) -> None:
    """Keep the choice of a person: the optional categories not ``wanted`` are refused, unknown ones ignored."""
    refused = {one.key for one in CATEGORIES if not one.obligatory and one.key not in wanted}
    known = refused_by(person)
    db.session.execute(
        delete(NotificationRefusal).where(
            NotificationRefusal.user_id == person.id, NotificationRefusal.category.in_(known - refused)
        )
    )
    for key in sorted(refused - known):
        db.session.add(NotificationRefusal(user_id=person.id, category=key, refused_at=now))
    db.session.flush()
    audit.record("user.choose_notifications", person, actor_id=person.id, now=now, detail={"refused": sorted(refused)})
