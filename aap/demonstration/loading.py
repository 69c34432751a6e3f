"""Loading the demonstration: the reference data, the people, the finished case, then the living instance."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import func, select

from aap import outbox
from aap.applications.models import Application
from aap.awards.models import Contract, Decision
from aap.calls.models import Call
from aap.capitalisation.models import SheetPublication
from aap.db import db, unit_of_work
from aap.demonstration.accounts import People, create_accounts
from aap.demonstration.case.story import Case
from aap.demonstration.first_call import play_first_call
from aap.demonstration.living.play import play_deliberation, play_marking, play_open, play_projects
from aap.demonstration.stage import at, hour, playing
from aap.errors import ConflictError
from aap.jobs.delivery import HANDLERS
from aap.outbox import Promise
from aap.referentials.service import load_referentials

Say = Callable[[str], object]
BEGINNING = hour("2023-08-25T09:00:00")
MAIL = "mail"
ALREADY = "La base contient déjà des appels : la démonstration ne se charge que dans une base vide."

STEPS = (
    ("un appel dont les projets sont en cours", play_projects),
    ("un appel en délibération", play_deliberation),
    ("un appel que son jury note", play_marking),
    ("un appel ouvert pour six semaines", play_open),
)


def load_demonstration(now: datetime, *, only_if_empty: bool, say: Say) -> bool:
    """Load the demonstration and return ``True``; in a database that holds calls, load nothing and return ``False``.

    ``say`` is told each step in French.

    Raises:
        ConflictError: the database holds calls and ``only_if_empty`` was not asked for.

    """
    if db.session.scalar(select(func.count()).select_from(Call)):
        if only_if_empty:
            return False
        raise ConflictError(ALREADY, code="demonstration-deja-chargee")
    db.session.rollback()
    with playing(BEGINNING) as clock, without_collector():
        say("Démonstration : référentiels, personnes et structures fictives…")
        with at(clock, BEGINNING) as hour_of_birth:
            load_referentials()
            people: People = create_accounts(hour_of_birth)
        say("Démonstration : l'appel de 2023, du dépôt à la fiche publiée…")
        case = play_first_call(clock, people)
        for label, play in STEPS:
            say(f"Démonstration : {label}…")
            play(clock, people, now)
        say("Démonstration : courriels promis…")
        deliver_each_at_its_hour(now, documents_of(case))
    total = db.session.scalar(select(func.count()).select_from(Application))
    say(f"Démonstration : {total} dossiers.")
    return True


def deliver_each_at_its_hour(now: datetime, documents: Collection[str]) -> int:
    """Deliver the mails promised, each at the hour it was promised for, and the documents about these ids.

    The other documents wait for the worker, which makes them in its first minute. What fails stays promised, with its
    error. Returns how many were delivered.
    """
    due = select(Promise.id, Promise.due_at, Promise.kind, Promise.payload).where(
        Promise.delivered_at.is_(None), Promise.due_at <= now
    )
    with unit_of_work() as session:
        waiting = session.execute(due.order_by(Promise.due_at, Promise.id)).all()
    wanted = [row for row in waiting if row.kind == MAIL or not set(row.payload.values()).isdisjoint(documents)]
    return sum(outbox.deliver(row.id, HANDLERS, row.due_at) for row in wanted)


def documents_of(case: Case) -> frozenset[str]:
    """Return the ids of what has a document in the finished case: deposits, decision, contract, publication."""
    application = case.application
    decision = select(Decision.id).where(Decision.application_id == application.id)
    contract = select(Contract.id).where(Contract.project_id == case.project.id)
    publications = select(SheetPublication.id).where(SheetPublication.sheet_id == case.sheet.id)
    found = [submission.id for submission in application.submissions]
    for query in (decision, contract, publications):
        found += db.session.scalars(query)
    return frozenset(map(str, found))


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep the garbage collector off for a while: it would read thousands of live rows again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
