"""Databases that already hold the referentials: loading them took most of the time of most tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import opened


@pytest.fixture(scope="session")
def _app(backend: str, stocked: Callable[[str], str], valkey: str, folder: Path) -> Iterator[Flask]:
    with opened(stocked(backend), valkey, folder) as app:
        yield app
