"""What is asked and said around the calls: questions and their answers, threads of files with the directorate."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from aap.applications.models import Application
from aap.applications.service import mark_read, write_message
from aap.calls.models import Call, CallQuestion
from aap.calls.service import (
    add_entry,
    answer_privately,
    ask_question,
    correct_answer,
    merge_question,
    publish_answer,
)
from aap.clock import FixedClock
from aap.demonstration.accounts import People
from aap.demonstration.examples import read_tree
from aap.demonstration.living.timeline import Timeline
from aap.demonstration.pieces import make_upload
from aap.demonstration.stage import at
from aap.extensions import storage

_KEYS = uuid.UUID("6f1c2f0e-6a0b-4a52-9a53-3d1f8a0f7e11")  # makes the same idempotency keys at each play


def converse(clock: FixedClock, people: People, call: Call, name: str, timeline: Timeline) -> None:
    """Play the questions about a call of ``conversations.yaml``, then the entries that its agency adds."""
    asked: list[CallQuestion] = []
    for number, words in enumerate(read_tree("conversations.yaml")["questions"].get(name, ())):
        with at(clock, timeline.hour(words["at"])) as now:
            key = str(uuid.uuid5(_KEYS, f"{name}:{number}"))
            lead = people.lead_of(words["who"])
            asked.append(ask_question(call, words["text"], actor=lead, now=now, idempotency_key=key))
        _answer(clock, people, asked, words, timeline)
    for words in read_tree("conversations.yaml")["entries"].get(name, ()):
        with at(clock, timeline.hour(words["at"])) as now:
            add_entry(call, words["question"], words["answer"], actor=people.officer, now=now)


def _answer(
    clock: FixedClock, people: People, asked: list[CallQuestion], words: Mapping[str, Any], timeline: Timeline
) -> None:
    """Give the last question what became of it; one without an hour of answer waits."""
    question, officer = asked[-1], people.officer
    if "published" in words:
        with at(clock, timeline.hour(words["published"])) as now:
            publish_answer(question, words["question"], words["answer"], actor=officer, now=now)
    if "corrected" in words:
        with at(clock, timeline.hour(words["corrected"])) as now:
            correct_answer(question, words["question"], words["correction"], seen=0, actor=officer, now=now)
    if "answered" in words:
        with at(clock, timeline.hour(words["answered"])) as now:
            if "merged" in words:
                merge_question(question, asked[int(words["merged"])].id, actor=officer, now=now)
            else:
                answer_privately(question, words["answer"], words["reason"], actor=officer, now=now)


def talk(clock: FixedClock, people: People, application: Application, name: str, who: str, timeline: Timeline) -> None:
    """Play the thread of a deposited file, if ``conversations.yaml`` has one; each side reads before it answers."""
    for number, words in enumerate(read_tree("conversations.yaml")["threads"].get(name, {}).get(who, ())):
        by_agency = words["by"] == "officer"
        person = people.officer if by_agency else people.lead_of(who)
        with at(clock, timeline.hour(words["at"])) as now:
            mark_read(application, person, until=now, as_agency=by_agency)
            uploads = [make_upload(words["file"], words["text"])] if "file" in words else []
            write_message(
                application,
                words["text"],
                uploads,
                storage=storage(),
                actor=person,
                now=now,
                idempotency_key=str(uuid.uuid5(_KEYS, f"{name}:{who}:{number}")),
            )
            if words.get("read"):
                mark_read(application, people.officer, until=now, as_agency=True)
