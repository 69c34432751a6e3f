"""The four calls of the living instance, each at its moment: projects under way, deliberating, being marked, open."""

from __future__ import annotations

from datetime import datetime

from aap.calls.models import Call
from aap.calls.service import import_call, publish_call
from aap.clock import FixedClock, paris
from aap.demonstration.accounts import People
from aap.demonstration.case.call import staff
from aap.demonstration.examples import read_tree
from aap.demonstration.first_call import RESERVATIONS_END, File, award_all, examine_all, file_all
from aap.demonstration.living import timeline as moments
from aap.demonstration.living.awarding import advise, award
from aap.demonstration.living.conversations import converse, talk
from aap.demonstration.living.deliberating import hold
from aap.demonstration.living.dossiers import Dossier, list_dossiers
from aap.demonstration.living.filing import ask_completion, deposit, draft, give_up, opine
from aap.demonstration.living.following import follow
from aap.demonstration.living.marking import mark_all, mark_some, scorers_of, seat, stand_back
from aap.demonstration.living.timeline import PROJECT_START, Timeline
from aap.demonstration.stage import at
from aap.jury.service import close_due_scoring

DEPOSITED = ("submitted", "completion_requested")
SIGNED = 10  # of the eleven members of the jury that marks now, those who have signed their declaration


def open_call(clock: FixedClock, people: People, name: str, timeline: Timeline) -> Call:
    """Import a call of ``living.yaml`` on its calendar, staff it and publish it."""
    words = read_tree("living.yaml")["calls"][name]
    with at(clock, timeline.hour("2023-08-28T10:00:00")) as now:
        call = import_call(timeline.call_document(**words), people["administration"], now).call
        staff(call, people, clock)
    with at(clock, timeline.hour("2023-09-04T09:00:00")) as now:
        publish_call(call, people["administration"], now)
    return call


def play_projects(clock: FixedClock, people: People, now: datetime) -> Call:
    """Play the call whose projects started fourteen months ago."""
    timeline, first = moments.under_way(now), moments.first_day(now)
    call = open_call(clock, people, "projects", timeline)
    files = file_all(clock, people, call, list_dossiers("projects"), timeline, first)
    examined = examine_all(clock, people, files, timeline)
    _mark_and_close(clock, people, call, examined, timeline)
    for project, dossier in award_all(clock, people, examined, timeline, first):
        follow(clock, people, project, dossier, paris(now).date())
    return call


def play_deliberation(clock: FixedClock, people: People, now: datetime) -> Call:
    """Play the call whose jury has just met: some files are decided, none is notified."""
    timeline = moments.being_decided(now)
    call = open_call(clock, people, "deliberation", timeline)
    converse(clock, people, call, "deliberation", timeline)
    files = file_all(clock, people, call, list_dossiers("deliberation"), timeline, timeline.day(PROJECT_START))
    examined = examine_all(clock, people, files, timeline)
    _mark_and_close(clock, people, call, examined, timeline)
    hold(clock, people, call, examined, timeline.hour("2024-01-18T10:00:00"))
    for application, dossier in examined:
        if dossier.outcome:
            advise(clock, people, application, dossier, timeline.hour("2024-01-18T11:00:00"))
        if dossier.end == "decided":
            moment = timeline.hour("2024-01-19T15:00:00")
            award(clock, people, application, dossier, moment, timeline.day(RESERVATIONS_END))
    return call


def _mark_and_close(
    clock: FixedClock, people: People, call: Call, examined: tuple[File, ...], timeline: Timeline
) -> None:
    joined, declared = timeline.hour("2023-12-04T09:30:00"), timeline.hour("2023-12-12T20:05:00")
    members = seat(clock, people, call, joined, declared, signed=11)
    mark_all(clock, people, examined, members, timeline.hour("2023-12-14T09:00:00"))
    with at(clock, timeline.hour("2024-01-09T18:00:00")) as now:
        close_due_scoring(now)


def play_marking(clock: FixedClock, people: People, now: datetime) -> Call:
    """Play the call that its jury is marking now."""
    timeline = moments.being_marked(now)
    call = open_call(clock, people, "marking", timeline)
    files = file_all(clock, people, call, list_dossiers("marking"), timeline, timeline.day(PROJECT_START))
    examined = examine_all(clock, people, files, timeline)
    for application, dossier in files:
        if dossier.end == "admissible":
            with at(clock, timeline.hour("2023-11-30T10:00:00")) as hour:
                opine(people, application, dossier, hour, bodies=2)
    joined, declared = timeline.hour("2023-12-04T09:30:00"), timeline.hour("2023-12-12T20:05:00")
    members = seat(clock, people, call, joined, declared, signed=SIGNED)
    free = next(code for code in members if code not in scorers_of(0))
    for application, dossier in examined:
        talk(clock, people, application, "marking", dossier.who, timeline)
    stand_back(clock, members[free], examined[0][0], timeline.hour("2023-12-13T10:00:00"))
    mark_some(clock, people, examined, members, timeline.hour("2023-12-14T09:00:00"))
    return call


def play_open(clock: FixedClock, people: People, now: datetime) -> Call:
    """Play the open call: drafts in several states of completeness, first deposits, one completion asked."""
    timeline = moments.open_for_six_weeks(now)
    call = open_call(clock, people, "open", timeline)
    for number, dossier in enumerate(list_dossiers("open")):
        _play_draft(clock, people, call, dossier, timeline, number)
    converse(clock, people, call, "open", timeline)
    return call


def _play_draft(
    clock: FixedClock, people: People, call: Call, dossier: Dossier, timeline: Timeline, number: int
) -> None:
    drafted = timeline.hour(f"2023-09-{5 + number:02d}T10:05:00")
    starts_on = timeline.day(PROJECT_START)
    application = draft(clock, people, call, dossier, starts_on=starts_on, drafted_at=drafted)
    if dossier.end in DEPOSITED:
        deposit(clock, people, application, dossier, timeline.hour(f"2023-09-{11 + number:02d}T17:35:00"))
    if dossier.end == "completion_requested":
        ask_completion(clock, people, application, dossier, timeline.hour("2023-09-18T09:30:00"))
    if dossier.end == "withdrawn":
        give_up(clock, people, application, dossier, timeline.hour("2023-09-18T10:00:00"))
    if dossier.end in DEPOSITED:
        talk(clock, people, application, "open", dossier.who, timeline)
