"""Databases without any referential: here they are loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import opened


@pytest.fixture(scope="session")
def _app(backend: str, migrated: Callable[[str], str], valkey: str, folder: Path) -> Iterator[Flask]:
    with opened(migrated(backend), valkey, folder) as app:
        yield app
