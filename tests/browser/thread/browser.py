"""The machine's own Chromium, driven by Playwright: skipped where there is none, missed where it is required."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.services.chromium import ARGUMENTS, MISSING, find_chromium, is_required


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Yield the browser."""
    program = find_chromium()
    if program is None:
        (pytest.fail if is_required() else pytest.skip)(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()
