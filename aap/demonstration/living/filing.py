"""Applications are drafted, deposited, examined: the verbs of an applicant and of an officer, one after the other."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from aap.applications.models import Application, CompletionItemKind
from aap.applications.service import (
    ItemAsked,
    attach_answer,
    close_instruction,
    decide_admissibility,
    give_opinion,
    request_completion,
    start_application,
    submit,
    tick_manual_rule,
    withdraw,
)
from aap.applications.terms import file_questions
from aap.calls.models import Call
from aap.calls.queries import current_version
from aap.clock import FixedClock
from aap.demonstration.accounts import People
from aap.demonstration.answers import fill_in_at_once
from aap.demonstration.living.dossiers import Dossier, themes, write_answers
from aap.demonstration.pieces import join_required, make_upload
from aap.demonstration.stage import at
from aap.extensions import storage

SECTIONS = ("S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9")
ADMISSIBLE = "recevable"
REFUSED = ("irrecevable_hors_objet", "irrecevable_incomplet")
FAVOURABLE, OBSERVED, UNFAVOURABLE = "favorable", "favorable_avec_observations", "defavorable"


def draft(
    clock: FixedClock, people: People, call: Call, dossier: Dossier, *, starts_on: date, drafted_at: datetime
) -> Application:
    """Open a draft and write its first sections; join the pieces when the application says so."""
    lead = people.lead_of(dossier.who)
    with at(clock, drafted_at) as now:
        application = start_application(
            current_version(call),
            lead=lead,
            now=now,
            strand_key=dossier.strand,
            organisation=people.organisations[dossier.who],
        )
        answers = write_answers(dossier, starts_on)
        fill_in_at_once(application, answers, lead=lead, now=now, sections=SECTIONS[: dossier.sections])
        if dossier.pieces:
            join_required(application, lead=lead, now=now)
            for question in file_questions(application.call_version):
                upload = make_upload(f"{question.id}.pdf", question.label, application.applicant_name)
                attach_answer(application, question.id, upload, storage=storage(), actor=lead, now=now)
    return application


def deposit(clock: FixedClock, people: People, application: Application, dossier: Dossier, moment: datetime) -> None:
    """Join what the call requires and deposit."""
    lead = people.lead_of(dossier.who)
    with at(clock, moment) as now:
        join_required(application, lead=lead, now=now)
        submit(application, actor=lead, now=now)


def ask_completion(
    clock: FixedClock, people: People, application: Application, dossier: Dossier, moment: datetime
) -> None:
    """Ask for one annex again."""
    with at(clock, moment) as now:
        asked = ItemAsked(CompletionItemKind.ANNEX, dossier.annex, dossier.why)
        request_completion(application, [asked], dossier.why, actor=people.officer, now=now)


def give_up(clock: FixedClock, people: People, application: Application, dossier: Dossier, moment: datetime) -> None:
    """Withdraw the file, for its reason."""
    with at(clock, moment) as now:
        withdraw(application, actor=people.lead_of(dossier.who), now=now, reason=dossier.why)


def examine(clock: FixedClock, people: People, application: Application, dossier: Dossier, moment: datetime) -> bool:
    """Answer the manual rules and decide the admissibility; return whether the file goes on."""
    refused = dossier.outcome in REFUSED
    reasons = {
        "E12": (True, "Pas de financement du FIR pour cet objet."),
        "E13": (not refused, dossier.why if refused else "Le projet porte une organisation, pas un simple achat."),
        "E14": (dossier.draw("E14").random() > 0.4, "D'après les pièces jointes au dossier."),
    }
    with at(clock, moment) as now:
        for key, (passed, because) in reasons.items():
            tick_manual_rule(application, key, passed=passed, because=because, actor=people.officer, now=now)
        outcome, motive = (dossier.outcome, dossier.why) if refused else (ADMISSIBLE, "")
        decide_admissibility(application, outcome, motive, actor=people.officer, now=now)
    return not refused


def instruct(clock: FixedClock, people: People, application: Application, dossier: Dossier, moment: datetime) -> None:
    """Receive the three opinions, a day apart, then close the instruction."""
    with at(clock, moment) as now:
        opine(people, application, dossier, now)
        close_instruction(application, actor=people.officer, now=now + timedelta(days=6))


def opine(people: People, application: Application, dossier: Dossier, now: datetime, bodies: int = 3) -> None:
    """Give the first opinions of the three that the call requires."""
    rng, words = dossier.draw("opinions"), themes()["opinions"]
    authors = {"dd": people.dd(dossier.structure.department), "dcgdr": people["dcgdr"], "grades": people["grades"]}
    for days, (body, author) in enumerate(list(authors.items())[:bodies]):
        value = rng.choice(_likely(dossier.level))
        give_opinion(application, body, value, words[body][value], actor=author, now=now + timedelta(days=days))


def _likely(level: str) -> tuple[str, ...]:
    if level == "high":
        return FAVOURABLE, FAVOURABLE, OBSERVED
    return (OBSERVED, UNFAVOURABLE, OBSERVED) if level == "low" else (FAVOURABLE, OBSERVED, OBSERVED)
