"""The case of the example, scored by its jury."""

from __future__ import annotations

from tests.integration.jury.conftest import call, case, people, version

__all__ = ["call", "case", "people", "version"]
