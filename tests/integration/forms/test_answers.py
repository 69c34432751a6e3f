"""Saving answers: every text kept, two people never overwrite each other, and a page costs the same at any size."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aap.accounts.models import User
from aap.errors import NotFoundError, StaleError
from aap.forms.models import Answer
from aap.forms.queries import get_answers, get_answers_of, json_values, list_revisions, versions_of
from aap.forms.service import SaveResult, create_sheet, restore_revision, save_answers
from aap.forms.spec import FieldSpec, FormSpec, SectionSpec

pytestmark = pytest.mark.sqlite
NOW = datetime(2023, 10, 2, 8, 15, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
NEED = FieldSpec("need", "longtext", "Besoin", max=4000)
COST = FieldSpec("cost", "money", "Coût")
TITLE = FieldSpec("title", "text", "Intitulé")
SECTION = SectionSpec("S1", "Projet", (NEED, COST, TITLE))


@pytest.fixture
def people(session: Session) -> tuple[uuid.UUID, uuid.UUID]:
    users = [
        User(email=f"{name}@exemple.invalid", fs_uniquifier=name, active=True, created_at=NOW)
        for name in ("une", "deux")
    ]
    session.add_all(users)
    session.flush()
    return users[0].id, users[1].id


@pytest.fixture
def sheet_id(session: Session) -> uuid.UUID:
    assert session is not None
    return create_sheet().id


def save(
    sheet_id: uuid.UUID, actor_id: uuid.UUID, expected: dict[str, int], at: datetime = NOW, **values: Any
) -> SaveResult:
    return save_answers(sheet_id, SECTION, values, expected, actor_id=actor_id, now=at)


@contextmanager
def queries_counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE")):
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_answers_are_kept_with_their_version_author_and_hour(
    sheet_id: uuid.UUID, people: tuple[uuid.UUID, uuid.UUID]
) -> None:
    result = save(sheet_id, people[0], {}, need="52 heures 👵", cost=Decimal("1234.50"), title=None)
    assert (set(result.saved), result.conflicts) == ({"need", "cost"}, ())
    assert result.versions == {"need": 1, "cost": 1, "title": 0}
    answers = get_answers(sheet_id)
    assert json_values(answers) == {"need": "52 heures 👵", "cost": "1234.50"}
    assert (answers["need"].updated_by_id, answers["need"].updated_at) == (people[0], NOW)


def test_an_unchanged_answer_writes_nothing(sheet_id: uuid.UUID, people: tuple[uuid.UUID, uuid.UUID]) -> None:
    save(sheet_id, people[0], {}, need="Texte", cost=Decimal(5))
    with queries_counted() as statements:
        again = save(sheet_id, people[1], {"need": 1, "cost": 1}, LATER, need="Texte", cost=Decimal(5))
    assert again.saved == ()
    assert not [one for one in statements if one.startswith(("INSERT", "UPDATE"))]
    assert get_answers(sheet_id)["need"].updated_by_id == people[0]
    assert len(list_revisions(sheet_id, "need")) == 1


def test_a_conflict_keeps_both_texts_and_saves_the_other_fields(
    sheet_id: uuid.UUID, people: tuple[uuid.UUID, uuid.UUID]
) -> None:
    save(sheet_id, people[0], {}, need="Départ", cost=Decimal(1))
    save(sheet_id, people[0], {"need": 1, "cost": 1}, need="Le texte de la première", cost=Decimal(1))
    result = save(sheet_id, people[1], {"need": 1, "cost": 1}, LATER, need="Le texte de la seconde", cost=Decimal(2))
    assert result.saved == ("cost",)
    (conflict,) = result.conflicts
    assert (conflict.label, conflict.yours, conflict.theirs) == (
        "Besoin",
        "Le texte de la seconde",
        "Le texte de la première",
    )
    assert (conflict.theirs_version, conflict.theirs_by_id, conflict.theirs_at) == (2, people[0], NOW)
    assert json_values(get_answers(sheet_id)) == {"need": "Le texte de la première", "cost": "2"}
    resolved = save(sheet_id, people[1], {"need": 2}, LATER, need="Les deux textes réunis")
    assert resolved.conflicts == ()
    assert [one.value for one in list_revisions(sheet_id, "need")] == [
        "Les deux textes réunis",
        "Le texte de la première",
        "Départ",
    ]


def test_a_field_the_person_did_not_touch_is_no_conflict(
    sheet_id: uuid.UUID, people: tuple[uuid.UUID, uuid.UUID]
) -> None:
    save(sheet_id, people[0], {}, need="Départ")
    save(sheet_id, people[0], {"need": 1}, need="Corrigé", title="Nouveau")
    result = save(sheet_id, people[1], {"need": 1}, LATER, need="Départ", cost=Decimal(9), title=None)
    assert (result.saved, result.conflicts) == (("cost",), ())
    assert json_values(get_answers(sheet_id)) == {"need": "Corrigé", "cost": "9", "title": "Nouveau"}
    assert result.versions == {"need": 2, "cost": 1, "title": 1}


def test_two_first_answers_to_one_field_are_a_conflict(
    sheet_id: uuid.UUID, people: tuple[uuid.UUID, uuid.UUID]
) -> None:
    save(sheet_id, people[0], {}, need="Premier")
    result = save(sheet_id, people[1], {}, LATER, need="Second")
    assert [(one.yours, one.theirs) for one in result.conflicts] == [("Second", "Premier")]
    same = save(sheet_id, people[1], {}, LATER, need="Premier")
    assert (same.saved, same.conflicts) == ((), ())


def test_a_cleared_answer_keeps_its_earlier_text(sheet_id: uuid.UUID, people: tuple[uuid.UUID, uuid.UUID]) -> None:
    save(sheet_id, people[0], {}, need="À reprendre")
    save(sheet_id, people[0], {"need": 1}, LATER, need="")
    assert get_answers(sheet_id)["need"].value is None
    assert [(one.version, one.value) for one in list_revisions(sheet_id, "need")] == [(2, None), (1, "À reprendre")]


def test_an_earlier_text_is_restored_as_a_new_version(sheet_id: uuid.UUID, people: tuple[uuid.UUID, uuid.UUID]) -> None:
    save(sheet_id, people[0], {}, need="Un")
    save(sheet_id, people[0], {"need": 1}, need="Deux")
    with pytest.raises(StaleError) as refused:
        restore_revision(sheet_id, "need", 1, expected_version=1, actor_id=people[1], now=LATER)
    assert (refused.value.yours, refused.value.theirs) == ("Un", "Deux")
    assert restore_revision(sheet_id, "need", 1, expected_version=2, actor_id=people[1], now=LATER) == 3
    assert [one.value for one in list_revisions(sheet_id, "need")] == ["Un", "Deux", "Un"]
    assert restore_revision(sheet_id, "need", 1, expected_version=3, actor_id=people[1], now=LATER) == 3
    with pytest.raises(NotFoundError):
        restore_revision(sheet_id, "need", 9, expected_version=3, actor_id=people[1], now=LATER)


def test_a_sheet_that_does_not_exist_and_a_field_of_another_form_are_refused(
    sheet_id: uuid.UUID, people: tuple[uuid.UUID, uuid.UUID]
) -> None:
    with pytest.raises(NotFoundError):
        save(uuid.uuid4(), people[0], {}, need="Perdu")
    with pytest.raises(ValueError, match="granted_eur"):
        save(sheet_id, people[0], {}, granted_eur=Decimal(1))


def test_one_field_has_one_current_answer(session: Session, sheet_id: uuid.UUID) -> None:
    def answer() -> Answer:
        return Answer(sheet_id=sheet_id, field_key="need", value="x", version=1, updated_at=NOW)

    session.add(answer())
    session.flush()
    session.add(answer())
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


@pytest.mark.parametrize("step", ["first", "change"])
def test_four_fields_and_forty_cost_the_same_queries(
    people: tuple[uuid.UUID, uuid.UUID], session: Session, step: str
) -> None:
    counts = []
    for size in (4, 40):
        form = FormSpec((SectionSpec("S", "S", tuple(FieldSpec(f"f{n}", "text", "Champ") for n in range(size))),))
        sheet = create_sheet().id
        values = {f"f{number}": f"Texte {number}" for number in range(size)}
        if step == "change":
            save_answers(sheet, form, values, {}, actor_id=people[0], now=NOW)
            values = {key: text + " revu" for key, text in values.items()}
        session.commit()
        expected = versions_of(get_answers(sheet))
        session.expire_all()
        with queries_counted() as saving:
            result = save_answers(sheet, form, values, expected, actor_id=people[0], now=LATER)
        assert len(result.saved) == size
        with queries_counted() as reading:
            assert len(get_answers(sheet)) == size
        assert len(reading) == 1, reading
        counts.append(len(saving))
    assert counts[0] == counts[1] <= 5, counts


def test_many_sheets_are_read_in_one_query(people: tuple[uuid.UUID, uuid.UUID], session: Session) -> None:
    assert session is not None
    sheets = [create_sheet().id for _ in range(3)]
    for number, sheet in enumerate(sheets):
        save(sheet, people[0], {}, need=f"Besoin {number}")
    with queries_counted() as reading:
        found = get_answers_of(sheets)
    assert len(reading) == 1
    assert [found[sheet]["need"].value for sheet in sheets] == ["Besoin 0", "Besoin 1", "Besoin 2"]
