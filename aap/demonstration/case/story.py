"""The finished case alone, from the import of its call to the publication of its sheet."""

from __future__ import annotations

from dataclasses import dataclass

from aap.applications.models import Application
from aap.awards.models import Project
from aap.calls.models import Call
from aap.capitalisation.models import Sheet
from aap.clock import FixedClock
from aap.demonstration.accounts import People
from aap.demonstration.case.application import play_admissibility, play_deposit, play_draft, play_opinions
from aap.demonstration.case.award import play_contract, play_decision, play_notification
from aap.demonstration.case.call import play_call
from aap.demonstration.case.jury import play_closing, play_marks, play_members
from aap.demonstration.case.project import play_project
from aap.demonstration.case.sheet import play_sheet


@dataclass(frozen=True, slots=True)
class Case:
    """What the play leaves."""

    people: People
    call: Call
    application: Application
    project: Project
    sheet: Sheet


def play(clock: FixedClock, people: People) -> Case:
    """Play the six stages, each step at the hour of its documents."""
    call = play_call(clock, people)
    application = play_draft(clock, people, call)
    play_deposit(clock, people, application)
    play_admissibility(clock, people, application)
    play_opinions(clock, people, application)
    members = play_members(clock, people, call)
    play_marks(clock, people, application, members)
    play_closing(clock)
    play_decision(clock, people, application)
    play_notification(clock, people, application)
    project = play_contract(clock, people, application)
    play_project(clock, people, project)
    sheet = play_sheet(clock, people, project)
    return Case(people, call, application, project, sheet)
