"""The call of 2023 and its seventeen applications: the finished case among the others, each at its hour.

The case is the seventeenth deposit, the fourth contract of 2024 and the third sheet of 2026, as its documents say:
sixteen applications, three contracts and two sheets come before it.
"""

from __future__ import annotations

from datetime import date, timedelta

from aap.applications.models import Application
from aap.awards.models import Project
from aap.calls.models import Call
from aap.clock import FixedClock
from aap.demonstration.accounts import People
from aap.demonstration.case.application import play_admissibility, play_deposit, play_draft, play_opinions
from aap.demonstration.case.award import play_contract, play_decision, play_notification
from aap.demonstration.case.call import play_call
from aap.demonstration.case.jury import play_closing, play_marks, play_members
from aap.demonstration.case.project import play_project
from aap.demonstration.case.sheet import play_sheet
from aap.demonstration.case.story import Case
from aap.demonstration.living.awarding import advise, award, contract, lift, tell
from aap.demonstration.living.dossiers import Dossier, list_dossiers
from aap.demonstration.living.filing import deposit, draft, examine, give_up, instruct
from aap.demonstration.living.following import follow
from aap.demonstration.living.marking import mark_all
from aap.demonstration.living.sheets import publish_short_sheet
from aap.demonstration.living.timeline import FIRST, PROJECT_START, Timeline

RESERVATIONS_END = date(2024, 3, 8)
LAST_DAY = date(2026, 6, 1)  # after it, nothing happens to the other projects but their conclusion
File = tuple[Application, Dossier]


def play_first_call(clock: FixedClock, people: People) -> Case:
    """Play the whole call, stage by stage."""
    call = play_call(clock, people)
    others = file_all(clock, people, call, list_dossiers("earlier"), FIRST, PROJECT_START)
    application = play_draft(clock, people, call)
    play_deposit(clock, people, application)
    examined = examine_all(clock, people, others, FIRST)
    play_admissibility(clock, people, application)
    play_opinions(clock, people, application)
    members = play_members(clock, people, call)
    mark_all(clock, people, examined, members, FIRST.hour("2023-12-14T09:00:00"))
    play_marks(clock, people, application, members)
    play_closing(clock)
    projects = award_all(clock, people, examined, FIRST, PROJECT_START)
    play_decision(clock, people, application)
    play_notification(clock, people, application)
    project = play_contract(clock, people, application)
    for other, dossier in projects:
        follow(clock, people, other, dossier, LAST_DAY)
    play_project(clock, people, project)
    settled = [(other, dossier) for other, dossier in projects if dossier.project == "settled"]
    for number, (other, dossier) in enumerate(settled):
        publish_short_sheet(clock, people, other, dossier, date(2026, 6, 29) + timedelta(days=24 * number))
    sheet = play_sheet(clock, people, project)
    return Case(people, call, application, project, sheet)


def file_all(
    clock: FixedClock,
    people: People,
    call: Call,
    dossiers: tuple[Dossier, ...],
    timeline: Timeline,
    starts_on: date,
) -> tuple[File, ...]:
    """Draft and deposit applications one after the other, in the last two weeks before the closing."""
    found = []
    for number, dossier in enumerate(dossiers):
        first = timeline.hour("2023-09-12T09:00:00") + timedelta(hours=26 * number)
        application = draft(clock, people, call, dossier, starts_on=starts_on, drafted_at=first)
        moment = timeline.hour("2023-10-18T10:20:00") + timedelta(hours=23 * number)
        deposit(clock, people, application, dossier, moment)
        found.append((application, dossier))
    return tuple(found)


def examine_all(clock: FixedClock, people: People, files: tuple[File, ...], timeline: Timeline) -> tuple[File, ...]:
    """Decide the admissibility of every file and instruct those that go on; return those that reach the jury."""
    kept = []
    for number, (application, dossier) in enumerate(files):
        moment = timeline.hour("2023-11-14T09:30:00") + timedelta(minutes=55 * number)
        if not examine(clock, people, application, dossier, moment):
            continue
        if dossier.end == "withdrawn" and not dossier.outcome:
            give_up(clock, people, application, dossier, timeline.hour("2023-11-28T11:00:00"))
            continue
        if dossier.end == "admissible":
            continue
        instruct(clock, people, application, dossier, moment + timedelta(days=14))
        kept.append((application, dossier))
    return tuple(kept)


def award_all(
    clock: FixedClock, people: People, files: tuple[File, ...], timeline: Timeline, starts_on: date
) -> list[tuple[Project, Dossier]]:
    """Advise, decide, notify and sign, as far as each application goes; return the projects."""
    projects = []
    for number, (application, dossier) in enumerate(files):
        delay = timedelta(minutes=12 * number)
        advise(clock, people, application, dossier, timeline.hour("2024-01-18T10:00:00") + delay)
        decided = timeline.hour("2024-01-31T09:00:00") + delay
        decision = award(clock, people, application, dossier, decided, timeline.day(RESERVATIONS_END))
        tell(clock, people, application, timeline.hour("2024-02-07T09:05:00") + delay)
        if dossier.end == "withdrawn":
            give_up(clock, people, application, dossier, timeline.hour("2024-02-21T15:00:00"))
        if dossier.end == "contracted":
            lift(clock, people, decision, timeline.hour("2024-02-28T11:00:00"), ("R1", "R2"))
            signed = timeline.hour("2024-03-19T14:00:00") + timedelta(days=number % 7, hours=number % 3)
            projects.append((contract(clock, people, application, decision, signed, starts_on), dossier))
    return projects
