"""Stage 2: the application is drafted, deposited, completed, admitted, and receives its opinions."""

from __future__ import annotations

from typing import Any

from aap.applications.models import Application, CompletionItemKind
from aap.applications.service import (
    ItemAsked,
    close_instruction,
    decide_admissibility,
    give_opinion,
    replace_piece,
    request_completion,
    resubmit,
    start_application,
    submit,
    tick_manual_rule,
)
from aap.calls.models import Call
from aap.calls.queries import current_version
from aap.clock import FixedClock
from aap.demonstration.accounts import People
from aap.demonstration.answers import answers_of, fill_in
from aap.demonstration.examples import read_tree
from aap.demonstration.pieces import join, join_required, make_upload
from aap.demonstration.stage import at, hour
from aap.demonstration.structures import CASE
from aap.extensions import storage

MANUAL_RULES = {
    "E12": (True, "Aucun financement du FIR pour cet objet sur les trois derniers exercices."),
    "E13": (True, "Projet médical et organisation décrits : l'équipement n'est qu'un moyen."),
    "E14": (False, "Attestation de l'éditeur non produite : à lever avant convention."),
}
QUOTES = (
    "Chariots de téléconsultation",
    "Mallettes connectées",
    "Couverture Wi-Fi, site A",
    "Couverture Wi-Fi, site B",
    "Couverture Wi-Fi, site C",
    "Abonnement à la plateforme",
    "Maintenance et support",
)
UNSIGNED = "Lettre d'engagement de la MSP non signée."


def document() -> dict[str, Any]:
    """Return the application of the example."""
    found: dict[str, Any] = read_tree("application.yaml")["application"]
    return found


def play_draft(clock: FixedClock, people: People, call: Call) -> Application:
    """Open the draft on 2 October 2023 and write every section, then join the pieces."""
    lead = people.lead_of(CASE)
    with at(clock, hour("2023-10-02T10:15:00")) as now:
        application = start_application(
            current_version(call),
            lead=lead,
            now=now,
            strand_key=document()["strand"],
            organisation=people.organisations[CASE],
        )
    answers = answers_of(document())
    with at(clock, hour("2023-10-02T10:40:00")) as now:
        fill_in(application, answers, lead=lead, now=now, sections=("S1",))
    with at(clock, hour("2023-10-12T15:20:00")) as now:
        fill_in(application, answers, lead=lead, now=now, sections=("S2", "S3", "S4", "S5", "S6", "S7"))
    with at(clock, hour("2023-10-24T11:05:00")) as now:
        fill_in(application, answers, lead=lead, now=now, sections=("S8", "S9"))
    with at(clock, hour("2023-11-02T17:30:00")) as now:
        for label in QUOTES:
            join(application, "A10", "", f"Devis : {label}", lead=lead, now=now)
        join(application, "A12", "", "Projet de santé de la maison de santé partenaire", lead=lead, now=now)
        join_required(application, lead=lead, now=now)
    return application


def play_deposit(clock: FixedClock, people: People, application: Application) -> None:
    """Deposit on 3 November at 16:42; complete the one letter asked for, on 20 November."""
    lead = people.lead_of(CASE)
    with at(clock, hour("2023-11-03T16:42:00")) as now:
        submit(application, actor=lead, now=now)
    with at(clock, hour("2023-11-13T11:05:00")) as now:
        asked = ItemAsked(CompletionItemKind.ANNEX, "A09", UNSIGNED)
        request_completion(application, [asked], UNSIGNED, actor=people.officer, now=now)
    with at(clock, hour("2023-11-20T09:20:00")) as now:
        letters = (piece for piece in application.pieces if piece.annex_key == "A09" and piece.replaced_at is None)
        first = min(letters, key=lambda piece: piece.subject)
        upload = make_upload("A09-lettre-signee.pdf", "Lettre d'engagement de la MSP, signée le 17 novembre 2023")
        replace_piece(application, first, upload, storage=storage(), actor=lead, now=now)
    with at(clock, hour("2023-11-20T09:30:00")) as now:
        resubmit(application, actor=lead, now=now)


def play_admissibility(clock: FixedClock, people: People, application: Application) -> None:
    """Tick the manual rules with their reasons and admit the file on 22 November."""
    with at(clock, hour("2023-11-22T14:30:00")) as now:
        for key, (passed, because) in MANUAL_RULES.items():
            tick_manual_rule(application, key, passed=passed, because=because, actor=people.officer, now=now)
    with at(clock, hour("2023-11-22T15:00:00")) as now:
        decide_admissibility(application, document()["eligibility"]["outcome"], "", actor=people.officer, now=now)


def play_opinions(clock: FixedClock, people: People, application: Application) -> None:
    """Receive the three opinions and close the instruction on 11 December."""
    authors = {"dd": people.dd("77"), "dcgdr": people["dcgdr"], "grades": people["grades"]}
    for day, opinion in zip(("2023-11-29", "2023-12-04", "2023-12-07"), document()["opinions"], strict=True):
        with at(clock, hour(f"{day}T14:10:00")) as now:
            give_opinion(
                application,
                opinion["by"],
                opinion["opinion"],
                opinion["text"],
                actor=authors[opinion["by"]],
                now=now,
            )
    with at(clock, hour("2023-12-11T17:20:00")) as now:
        close_instruction(application, actor=people.officer, now=now)
