"""A trial that somebody already uses goes through every later revision and keeps each of its rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask_migrate import downgrade, upgrade
from sqlalchemy import func, inspect, select, table, text

from aap.app import create_app
from aap.db import db
from aap.demonstration import load_demonstration
from tests.conftest import make_settings
from tests.living import NOW

FIRST = "0001"


def count_rows() -> dict[str, int]:
    names = inspect(db.engine).get_table_names()
    return {name: db.session.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}


def handed_in() -> set[tuple[str, str]]:
    rows = db.session.execute(text("SELECT submission_id, piece_id FROM submission_pieces"))
    return {(submission, piece) for submission, piece in rows}


def test_a_trial_in_use_is_upgraded_with_its_rows(migrated: Callable[[str], str], valkey: str, folder: Path) -> None:
    """On SQLite alone, which makes a table again to alter it; PostgreSQL alters its tables in place."""
    app = create_app(make_settings(migrated("sqlite"), valkey, folder / "upgrade"))
    with app.app_context():
        load_demonstration(NOW, only_if_empty=False, say=lambda _step: None)
        handed = handed_in()
        db.session.remove()
        downgrade(revision=FIRST)
        before = count_rows()
        db.session.remove()
        upgrade()
        after = count_rows()
        assert {name: after[name] for name in before} == before
        assert before["jury_members"] > 0
        assert handed_in() == handed, "the pieces of each deposit are found again in its snapshot"
        assert not db.session.execute(text("PRAGMA foreign_key_check")).all()
        db.session.remove()
        db.engine.dispose()
