"""``may`` and its SQL twin agree on sheets and publications."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.accounts.models import RoleName, User
from aap.capitalisation.models import Sheet, SheetKind, SheetPublication
from aap.capitalisation.service import archive_sheet, create_sheet
from aap.policies.capitalisation import VERBS, VISIBLE
from tests.integration.capitalisation.writing import Desk, draft, publish
from tests.integration.evaluation.story import at, make_user

NOW = at("2026-10-01")

MODELS: tuple[tuple[Any, str], ...] = ((Sheet, "sheet.read"), (SheetPublication, "publication.read"))


@pytest.fixture
def people(session: Session, desk: Desk) -> dict[str, User | None]:
    found: dict[str, User | None] = {role.value: make_user(session, f"role-{role.value}", role) for role in RoleName}
    found |= {
        f"{role.value} elsewhere": make_user(session, f"hdf-{role.value}", role, region="HDF") for role in RoleName
    }
    return found | {
        "nobody": None,
        "writer": desk.writer,
        "lead": desk.lead,
        "call officer": desk.story.officer,
        "stranger": desk.story.stranger,
    }


def test_reading_agrees_with_what_lists_show(session: Session, desk: Desk, people: dict[str, User | None]) -> None:
    archived, _ = publish(desk)
    archive_sheet(archived, "Essai.", actor=desk.editor, now=NOW)
    other = draft(desk)
    create_sheet("IDF", SheetKind.GUIDE, "Un guide", actor=desk.editor, now=NOW)
    create_sheet("HDF", SheetKind.GUIDE, "Un autre guide", actor=desk.writer, now=NOW)
    session.flush()
    for name, person in people.items():
        for model, verb in MODELS:
            every = session.scalars(select(model)).all()
            shown = set(session.scalars(select(model.id).where(VISIBLE[model](person))))
            assert shown == {row.id for row in every if VERBS[verb](person, row)}, (name, model.__name__)
    assert other.state.value == "draft"


def test_everybody_reads_what_is_published(desk: Desk, people: dict[str, User | None]) -> None:
    _, publication = publish(desk)
    assert all(VERBS["publication.read"](person, publication) for person in people.values())


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        ("sheet.edit", {"writer", "lead", "editor", "administrator"}),
        ("sheet.review", {"reviewer"}),
        ("sheet.validate_by_lead", {"lead"}),
        ("sheet.validate", {"editor", "administrator"}),
        ("sheet.publish", {"editor", "administrator"}),
    ],
)
def test_who_acts_on_the_sheet_of_a_project(
    desk: Desk, people: dict[str, User | None], verb: str, expected: set[str]
) -> None:
    sheet = draft(desk)
    assert {name for name, person in people.items() if VERBS[verb](person, sheet)} == expected


def test_who_starts_a_sheet(desk: Desk, people: dict[str, User | None]) -> None:
    starters = {name for name, person in people.items() if VERBS["project.capitalise"](person, desk.project)}
    assert starters == {"lead", "call officer", "editor", "administrator"}
