"""The tabs over the pages of a call and of a file: only those the person may open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for

from aap import french
from aap.applications.models import Application
from aap.applications.states import LABELS
from aap.blueprints.access import actor
from aap.calls.models import Call
from aap.policies import may


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class FileHead:
    """What stands over every page of a file: its name, state, key facts and tabs."""

    title: str
    kicker: str
    crumbs: tuple[tuple[str, str | None], ...]
    badges: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, ...], ...]
    tabs: tuple[Tab, ...]


_CALL_TABS = (
    ("Vue d'ensemble", "office_calls.show", "call.follow"),
    ("Dossiers", "office_applications.index", "call.follow"),
    ("Questions", "office_questions.index", "call.manage"),
    ("Délais", "office_lateness.show", "call.manage"),
    ("Jury", "office_jury.show", "jury.manage"),
    ("Notation", "office_jury.progress", "jury.manage"),
    ("Classement", "office_ranking.index", "jury.read_ranking"),
    ("Simulateur", "office_simulation.show", "envelope.simulate"),
    ("Séance", "office_session.show", "jury.read_ranking"),
    ("Décisions", "office_decisions.index", "decisions.list"),
)
_FILE_TABS = (
    ("Dossier", "office_applications.show", "application.read"),
    ("Recevabilité", "office_admissibility.show", "application.read_instruction"),
    ("Messages", "office_messages.show", "thread.read"),
    ("Avis", "office_opinions.show", "application.read_instruction"),
    ("Notation", "office_ranking.marks", "application.read_marks"),
    ("Décision", "office_decisions.show", "award.read"),
    ("Historique", "office_applications.history", "application.read_instruction"),
)


def call_tabs(call: Call, current: str) -> tuple[Tab, ...]:
    """Return the tabs of a call; ``current`` is an endpoint."""
    return tuple(
        Tab(label, url_for(endpoint, call_id=call.id), endpoint == current)
        for label, endpoint, verb in _CALL_TABS
        if may(actor(), verb, call)
    )


def call_crumbs(call: Call, last: str = "") -> tuple[tuple[str, str | None], ...]:
    """Return the way to a page of a call; a juror, who has no business at the agency, comes from the jury."""
    if not may(actor(), "call.follow", call):
        return (
            ("Jury", url_for("juror.home")),
            (call.short_title, url_for("juror.desk", call_id=call.id)),
            (last or "Appel", None),
        )
    way: tuple[tuple[str, str | None], ...] = (
        ("Agence", url_for("office.home")),
        ("Appels", url_for("office_calls.index")),
    )
    if not last:
        return (*way, (call.short_title, None))
    return (*way, (call.short_title, url_for("office_calls.show", call_id=call.id)), (last, None))


def file_head(application: Application, current: str, last: str = "") -> FileHead:
    """Return what stands over a page of a file; ``current`` is an endpoint, ``last`` names a page below its tab."""
    call, state = application.call_version.call, LABELS[application.state]
    reference = application.reference or ""
    here = url_for("office_applications.show", application_id=application.id)
    listing = url_for("office_applications.index", call_id=call.id)
    crumbs: list[tuple[str, str | None]] = [("Agence", url_for("office.home")), (call.short_title, listing)]
    crumbs += [(reference, here), (last, None)] if last else [(reference, None)]
    tabs = (
        Tab(label, url_for(endpoint, application_id=application.id), endpoint == current)
        for label, endpoint, verb in _FILE_TABS
        if may(actor(), verb, application)
    )
    return FileHead(
        title=application.label,
        kicker=f"{reference} – {application.applicant_name}",
        crumbs=tuple(crumbs),
        badges=((state.label, state.tone),),
        facts=_facts(application),
        tabs=tuple(tabs),
    )


def _facts(application: Application) -> tuple[tuple[str, ...], ...]:
    asked: tuple[str, ...] = ("Demandé", french.euros(application.requested_eur))
    if application.total_expenses:
        rate = application.requested_eur / application.total_expenses
        asked = (*asked, f"{french.percent(rate, 2)} de {french.euros(application.total_expenses)}")
    facts: list[tuple[str, ...]] = [asked]
    if application.strand is not None:
        facts.append(("Volet", application.strand.key, application.strand.label))
    facts.append(("Département", application.department_code or "–"))
    if application.submitted_at is not None:
        facts.append(("Premier dépôt", french.day(application.submitted_at), french.hour(application.submitted_at)))
    return tuple(facts)


def sort_links(columns: list[dict[str, Any]], chosen: str, endpoint: str, **kept: Any) -> list[dict[str, Any]]:
    """Give each column that has a ``sort`` key its link and direction; a second click turns the order round."""
    linked = []
    for column in columns:
        key = column.get("sort")
        if key is None:
            linked.append(column)
            continue
        turned = f"-{key}" if chosen == key else key
        words = {key: "ascending", f"-{key}": "descending"}.get(chosen)
        extra = {"sort_href": url_for(endpoint, **{**kept, "tri": turned}), **({"sorted": words} if words else {})}
        linked.append({**column, **extra})
    return linked
