from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests.services.postgres import Cluster, running_postgres

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with running_postgres() as running:
        yield running


def test_it_sorts_and_folds_french_as_the_application_relies_on(cluster: Cluster) -> None:
    engine = create_engine(cluster.create("french"))
    with engine.begin() as connection:
        connection.execute(text("CREATE EXTENSION unaccent"))
        words = "SELECT w FROM (VALUES ('zoé'), ('Éric'), ('eva'), ('Œuvre')) v(w) ORDER BY lower(unaccent(w))"
        assert connection.scalars(text(words)).all() == ["Éric", "eva", "Œuvre", "zoé"]
        assert connection.scalar(text("SELECT lower('ÉCOLE')")) == "école"
    engine.dispose()


def test_a_copy_of_a_template_holds_its_rows_and_lives_apart(cluster: Cluster) -> None:
    template = create_engine(cluster.create("template"))
    with template.begin() as connection:
        connection.execute(text("CREATE TABLE thing (id int PRIMARY KEY)"))
        connection.execute(text("INSERT INTO thing VALUES (1)"))
    template.dispose()
    copy = create_engine(cluster.create_from_template("copy", "template"))
    with copy.begin() as connection:
        connection.execute(text("INSERT INTO thing VALUES (2)"))
        assert connection.scalar(text("SELECT count(*) FROM thing")) == 2
    copy.dispose()
    with template.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM thing")) == 1
    template.dispose()
    cluster.drop("copy")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(host=cluster.folder, user="aap", dbname="copy")


def test_it_leaves_nothing_behind_and_opens_no_folder() -> None:
    home = Path.home()
    before = home.stat().st_mode
    with running_postgres() as cluster:
        folder = Path(cluster.folder)
        pid = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, 0)
    assert not folder.exists()
    assert home.stat().st_mode == before
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
