"""One head, and models that equal the migrations, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, inspect

from aap.app import create_app
from aap.assembly.base import ROOT
from aap.db import Base, db
from tests.conftest import make_settings


def test_there_is_one_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


@pytest.mark.sqlite
def test_models_equal_migrations(backend: str, migrated: Callable[[str], str]) -> None:
    engine = create_engine(migrated(backend))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert not differences


@pytest.mark.sqlite
def test_migrations_go_down_and_up_again(
    backend: str, migrated: Callable[[str], str], valkey: str, folder: Path
) -> None:
    app = create_app(make_settings(migrated(backend), valkey, folder))
    with app.app_context():
        downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        upgrade()
        assert set(Base.metadata.tables) <= set(inspect(db.engine).get_table_names())
        db.engine.dispose()
