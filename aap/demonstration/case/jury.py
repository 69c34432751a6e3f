"""Stage 3: the jury joins, declares, stands back, marks and submits; the service closes at the hour."""

from __future__ import annotations

from collections.abc import Mapping

from aap.applications.models import Application
from aap.calls.models import Call
from aap.calls.queries import current_version
from aap.clock import FixedClock
from aap.demonstration.accounts import People
from aap.demonstration.case.application import document
from aap.demonstration.stage import at, hour
from aap.jury.models import JuryMember
from aap.jury.service import (
    LinkInput,
    MarkInput,
    add_member,
    assign,
    close_due_scoring,
    recuse,
    save_review,
    sign_declaration,
    start_review,
    submit_review,
)

HOSPITAL = "Centre hospitalier de l'Est 77 (fictif)"
Members = Mapping[str, JuryMember]


def play_members(clock: FixedClock, people: People, call: Call) -> Members:
    """Eleven people join on 4 December and sign their declaration; J4 declares a link with a partner hospital."""
    colleges = current_version(call).colleges
    with at(clock, hour("2023-12-04T09:30:00")) as now:
        members = [
            add_member(call, user, colleges[college], actor=people.officer, now=now, chair=number == 0)
            for number, (user, college) in enumerate(people.jurors())
        ]
    with at(clock, hour("2023-12-12T20:05:00")) as now:
        for member in members:
            linked = member.code == "J4"
            sign_declaration(
                member,
                has_interests=linked,
                text="Vacations de pharmacie clinique dans un hôpital du territoire." if linked else "",
                dpi_up_to_date=True,
                links=[LinkInput(HOSPITAL, nature="Vacations rémunérées")] if linked else [],
                actor=member.user,
                now=now,
            )
    return {member.code: member for member in members}


def play_marks(clock: FixedClock, people: People, application: Application, members: Members) -> None:
    """J4 stands back; J1, J2 and J3 mark and submit their grids."""
    with at(clock, hour("2023-12-13T09:10:00")) as now:
        reason = "Lien d'intérêts déclaré avec un partenaire hospitalier du projet."
        recuse(members["J4"], application, reason=reason, actor=members["J4"].user, now=now)
    with at(clock, hour("2023-12-13T10:00:00")) as now:
        for code in ("J1", "J2", "J3"):
            assign(members[code], application, actor=people.officer, now=now)
    review = document()["review"]
    remarks = {(row["juror"], row["criterion"]): row["text"] for row in review["comments"]}
    given = [row for row in review["scores"] if "notes" in row]
    for day, row in zip(("2023-12-18", "2023-12-21", "2024-01-05"), given, strict=True):
        member = members[row["juror"]]
        entries = {
            key: MarkInput(str(mark), comment=remarks.get((row["juror"], key), ""))
            for key, mark in row["notes"].items()
        }
        with at(clock, hour(f"{day}T21:15:00")) as now:
            draft = start_review(member, application, actor=member.user, now=now)
            save_review(draft, entries, actor=member.user, now=now)
        with at(clock, hour(f"{day}T21:40:00")) as now:
            submit_review(draft, actor=member.user, now=now)


def play_closing(clock: FixedClock) -> int:
    """Close the individual scoring at its hour, 9 January 2024 at 18:00; returns how many files became scored."""
    with at(clock, hour("2024-01-09T18:00:00")) as now:
        return close_due_scoring(now)
