"""My tasks, my deadlines with their private agenda, and which mails I receive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aap import french
from aap.accounts.feeds import close_feed, find_feed, open_feed, owner_of
from aap.accounts.models import User
from aap.accounts.notifications import CATEGORIES, choose_notifications, refused_by
from aap.applications.models import ApplicationState
from aap.applications.queries import list_my_applications
from aap.applications.queries.tasks import list_signatures_awaited
from aap.awards.queries.tasks import list_reservations_awaited
from aap.blueprints.access import allow, public, see_other, signed_in_actor
from aap.clock import paris
from aap.db import unit_of_work
from aap.documents.agenda import AgendaEntry, render_agenda
from aap.errors import NotFoundError
from aap.evaluation.queries.tasks import list_reports_awaited
from aap.extensions import clock, settings

bp = Blueprint("account_tasks", __name__)

_S = ApplicationState
SOON_DAYS = 60  # a report further away is a deadline, not yet a task


@dataclass(frozen=True, slots=True)
class MyTask:
    """Something that waits for a person. ``when`` is an hour, a day, or nothing; ``key`` is stable."""

    key: str
    what: str
    title: str
    href: str
    when: datetime | date | None

    def late(self, now: datetime) -> bool:
        """Tell whether its hour has passed; a day is included."""
        if isinstance(self.when, datetime):
            return self.when < now
        return self.when is not None and self.when < paris(now).date()

    @property
    def day(self) -> date:
        """The day of Paris it is due, the end of time when it has none."""
        if isinstance(self.when, datetime):
            return paris(self.when).date()
        return self.when or date.max

    @property
    def words(self) -> str:
        """Its date in French."""
        if isinstance(self.when, datetime):
            return french.moment(self.when)
        return french.weekday(self.when) if self.when else "Sans date"


def tasks_of(person: User, now: datetime) -> list[MyTask]:
    """Return what waits for a person, the first due first: five reads, whatever the files."""
    return sorted(_tasks(person, now), key=lambda task: (task.day, task.what, task.key))


def _tasks(person: User, now: datetime) -> Iterator[MyTask]:
    for row in list_my_applications(person):
        title = row.title or "Dossier sans intitulé"
        href = url_for("applicant_file.show", application_id=row.id)
        if row.state is _S.DRAFT and row.deadline is not None and row.deadline >= now:
            yield MyTask(f"draft:{row.id}", "Dossier à déposer", title, href, row.deadline)
        if row.state is _S.COMPLETION_REQUESTED:
            there = url_for("applicant_completion.show", application_id=row.id)
            yield MyTask(f"completion:{row.id}", "Compléments à envoyer", title, there, row.deadline)
        if row.unread:
            words = french.plural(row.unread, "message à lire", "messages à lire")
            there = url_for("applicant_messages.show", application_id=row.id)
            yield MyTask(f"messages:{row.id}", words, title, there, None)
    for identifier, title in list_signatures_awaited(person.id):
        there = url_for("applicant_signing.show", application_id=identifier)
        yield MyTask(f"signature:{identifier}", "Dossier à signer", title, there, None)
    for reservation in list_reservations_awaited(person.id):
        there = url_for("applicant_award.show", application_id=reservation.application_id)
        what = f"Réserve à lever – {reservation.title}"
        yield MyTask(f"reservation:{reservation.id}", what, reservation.text, there, reservation.deadline)
    for report in list_reports_awaited(person.id):
        what = f"Rapport à {'compléter' if report.returned else 'transmettre'} – {report.project}"
        there = url_for("applicant_reports.show", report_id=report.id)
        yield MyTask(f"report:{report.id}", what, report.label, there, report.due_on)


@bp.get("/compte/taches")
@allow("account.use")
def tasks() -> ResponseReturnValue:
    """Say what waits for me now, the first due first; reports come in two months before their day."""
    now = clock().now()
    today = paris(now).date()
    mine = [task for task in tasks_of(signed_in_actor(), now) if not _distant(task, today)]
    return render_template("account/tasks.html", tasks=[_shown(task, now) for task in mine])


def _distant(task: MyTask, today: date) -> bool:
    """Tell whether a task can wait: reports are known years ahead."""
    return task.key.startswith("report:") and (task.day - today).days > SOON_DAYS


def _shown(task: MyTask, now: datetime) -> dict[str, str]:
    late = task.late(now)
    status = "En retard" if late else task.words
    return {
        "title": task.what,
        "href": task.href,
        "hint": f"{task.title}{f' – {task.words}' if late else ''}",
        "status": status,
        "tone": "error" if late else "info",
    }


@bp.get("/compte/echeances")
@allow("account.use")
def deadlines() -> ResponseReturnValue:
    """List my dated deadlines, each with its file for an agenda, and the private address of all of them."""
    return _deadlines_page()


@bp.post("/compte/echeances/agenda")
@allow("account.use")
def open_agenda() -> ResponseReturnValue:
    """Make the private address and show it once."""
    with unit_of_work():
        secret = open_feed(signed_in_actor(), clock().now())
    address = f"{settings().web.public_url}{url_for('account_tasks.feed', token=secret)}"
    return _deadlines_page(address)


@bp.post("/compte/echeances/agenda/retrait")
@allow("account.use")
def close_agenda() -> ResponseReturnValue:
    """Withdraw the private address: agendas that read it receive nothing more."""
    with unit_of_work():
        closed = close_feed(signed_in_actor(), clock().now())
    flash(
        "L'adresse est retirée : elle ne donne plus rien." if closed else "Aucune adresse n'était ouverte.", "success"
    )
    return see_other("account_tasks.deadlines")


@bp.get("/compte/echeances.ics")
@allow("account.use")
def agenda() -> ResponseReturnValue:
    """Give all my deadlines, or the one that ``cle`` names, as a file for an agenda."""
    person, now = signed_in_actor(), clock().now()
    wanted = request.args.get("cle", "")
    mine = [task for task in tasks_of(person, now) if task.when is not None and wanted in {"", task.key}]
    if wanted and not mine:
        raise NotFoundError("Cette échéance n'existe plus.")
    return _agenda_file(mine, now)


@bp.get("/agenda/<token>.ics")
@public
def feed(token: str) -> ResponseReturnValue:
    """Give the deadlines of whoever holds this private address to an agenda, which cannot sign in."""
    now = clock().now()
    person = owner_of(token)
    return _agenda_file([task for task in tasks_of(person, now) if task.when is not None], now)


@bp.get("/compte/notifications")
@allow("account.use")
def notifications() -> ResponseReturnValue:
    """Show which mails I receive; the obligatory ones are marked as such."""
    return render_template("account/notifications.html", categories=CATEGORIES, refused=refused_by(signed_in_actor()))


@bp.post("/compte/notifications")
@allow("account.use")
def choose() -> ResponseReturnValue:
    """Keep my choice."""
    with unit_of_work():
        choose_notifications(signed_in_actor(), request.form.getlist("wanted"), clock().now())
    flash("Vos choix sont enregistrés.", "success")
    return see_other("account_tasks.notifications")


def _deadlines_page(address: str = "") -> str:
    person, now = signed_in_actor(), clock().now()
    mine = [task for task in tasks_of(person, now) if task.when is not None]
    return render_template(
        "account/deadlines.html",
        deadlines=[(task, task.late(now), url_for(".agenda", cle=task.key)) for task in mine],
        feed=find_feed(person),
        address=address,
    )


def _agenda_file(mine: list[MyTask], now: datetime) -> Response:
    base = settings().web.public_url
    entries = [
        AgendaEntry(
            "deadlines", task.key, f"{task.what} : {task.title}", task.when, url=f"{base}{task.href}", warned=True
        )
        for task in mine
        if task.when is not None
    ]
    answer = Response(render_agenda("Mes échéances – aap", entries, now), mimetype="text/calendar")
    answer.headers.set("Content-Disposition", "attachment", filename="echeances.ics")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
