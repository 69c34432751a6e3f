"""Juries mark: members join, declare, receive files, write grids; some submit, one stands back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from aap.applications.models import Application
from aap.calls.models import Call
from aap.calls.queries import current_version
from aap.clock import FixedClock
from aap.demonstration.accounts import People
from aap.demonstration.living.dossiers import Dossier, themes
from aap.demonstration.stage import at
from aap.jury.models import JuryMember
from aap.jury.service import (
    MarkInput,
    Profile,
    add_member,
    assign,
    describe_member,
    recuse,
    save_review,
    sign_declaration,
    start_review,
    submit_review,
)
from aap.referentials.vocabularies import vocabulary

CRITERIA = ("C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8")
DEPARTMENTS = ("75", "77", "78", "91", "92", "93", "94", "95")
SCORERS = 3
VOTING = 10  # the eleventh member has no vote and marks nothing
Members = Mapping[str, JuryMember]

# What each level is worth: the marks that a juror draws from.
MARKS = {"high": (4, 4, 5, 4, 4), "middle": (3, 3, 4, 3, 4), "low": (2, 2, 3, 1, 2)}


def seat(clock: FixedClock, people: People, call: Call, joined: datetime, declared: datetime, signed: int) -> Members:
    """Seat the eleven members of the jury; the first ``signed`` sign their declaration of interests."""
    colleges = current_version(call).colleges
    with at(clock, joined) as now:
        members = [
            add_member(call, user, colleges[college], actor=people.officer, now=now, chair=number == 0)
            for number, (user, college) in enumerate(people.jurors())
        ]
        for number, member in enumerate(members):
            describe_member(member, profile_of(number), actor=people.officer, now=now)
    with at(clock, declared) as now:
        for member in members[:signed]:
            sign_declaration(member, has_interests=False, text="", dpi_up_to_date=True, actor=member.user, now=now)
    return {member.code: member for member in members}


def profile_of(number: int) -> Profile:
    """Return what the n-th member knows: three publics and two acts in turn, a department, and eight files at most."""
    publics, acts = ([term.code for term in vocabulary(name).terms] for name in ("target_publics", "act_types"))
    return Profile(
        publics=frozenset(publics[(3 * number + place) % len(publics)] for place in range(3)),
        acts=frozenset(acts[(number + place) % len(acts)] for place in range(2)),
        departments=frozenset({DEPARTMENTS[number % len(DEPARTMENTS)]}),
        capacity=8 if number % 2 else None,
    )


def scorers_of(number: int) -> tuple[str, ...]:
    """Return the codes of the three members who mark the n-th file of a call, in turn."""
    return tuple(f"J{(SCORERS * number + place) % VOTING + 1}" for place in range(SCORERS))


def mark_all(
    clock: FixedClock,
    people: People,
    files: Sequence[tuple[Application, Dossier]],
    members: Members,
    moment: datetime,
) -> None:
    """Assign every file to three members, who mark and submit over the following days."""
    for number, (application, dossier) in enumerate(files):
        with at(clock, moment) as now:
            for place, code in enumerate(scorers_of(number)):
                assign(members[code], application, actor=people.officer, now=now)
                mark(members[code], application, dossier.level, dossier.draw(code), now + timedelta(days=1 + place))


def mark_some(
    clock: FixedClock,
    people: People,
    files: Sequence[tuple[Application, Dossier]],
    members: Members,
    moment: datetime,
) -> None:
    """Leave a jury in the middle of its work: each file's ``reviews`` say how far its three members are."""
    for number, (application, dossier) in enumerate(files):
        levels = {
            "all": (dossier.level,) * SCORERS,
            "divergent": ("high", "low", "middle"),
            "most": (dossier.level, dossier.level, "draft"),
            "some": (dossier.level, "draft", ""),
            "begun": ("draft", "", ""),
        }[dossier.reviews]
        with at(clock, moment) as now:
            for code, level in zip(scorers_of(number), levels, strict=True):
                assign(members[code], application, actor=people.officer, now=now)
                if level:
                    mark(members[code], application, level, dossier.draw(code), now + timedelta(days=2))


def stand_back(clock: FixedClock, member: JuryMember, application: Application, moment: datetime) -> None:
    """Recuse a member from a file."""
    with at(clock, moment) as now:
        recuse(member, application, reason="Un proche travaille dans la structure.", actor=member.user, now=now)


def mark(member: JuryMember, application: Application, level: str, rng: Random, now: datetime) -> None:
    """Fill in a grid and submit it; a ``draft`` stops half way."""
    review = start_review(member, application, actor=member.user, now=now)
    keys = CRITERIA[: rng.randint(3, 6)] if level == "draft" else CRITERIA
    kept = level if level in MARKS else "middle"
    comments = themes()["comments"][kept]
    values = {key: rng.choice(MARKS[kept]) for key in keys}
    if kept != "low":
        values["C2"] = max(values["C2"], 3)
    said = rng.choice(CRITERIA[:3])
    entries = {
        key: MarkInput(str(value), comment=rng.choice(comments) if value < 2 or key == said else "")
        for key, value in values.items()
    }
    save_review(review, entries, actor=member.user, now=now)
    if level != "draft":
        submit_review(review, actor=member.user, now=now + timedelta(minutes=25))
