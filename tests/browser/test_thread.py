"""The whole job on screen: an application is filed, marked, decided, followed to its verdict, and its sheet published.

Several people in turn, each with a browser of their own, before a live server whose clock the test sets to the hours of
the example. Every figure of the example is read where people read it. ``AAP_SHOTS`` names a folder for screenshots.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.thread import (
    arriving,
    awarding,
    filing,
    following,
    instructing,
    judging,
    publishing,
)
from tests.browser.thread.cast import Cast, prepare
from tests.browser.thread.site import running_site

STAGES = (
    (arriving.register, arriving.start),
    (filing.fill_by_hand, filing.fill_fast, filing.fill_budget, filing.join_pieces, filing.check_conditions),
    (filing.deposit, instructing.request_completion, filing.complete),
    (instructing.admit, instructing.give_opinions),
    (judging.set_up, judging.declare, judging.share_out, judging.mark, judging.close, judging.advise),
    (awarding.decide, awarding.notify, awarding.lift, awarding.contract, awarding.pay_first),
    (following.complete_plan, following.validate_plan, following.report_m6, following.report_m12),
    (following.report_m18, following.take_notes, following.report_m24, following.settle, following.conclude),
    (publishing.draft, publishing.review, publishing.validate, publishing.read_publicly),
)

BEFORE = datetime(2023, 9, 20, 8, 0, tzinfo=UTC)


@pytest.fixture
def cast(chromium: Browser, migrated: Callable[[str], str], valkey: str, tmp_path: Path) -> Iterator[Cast]:
    """Nobody yet, before a service that nobody has used."""
    shots = os.environ.get("AAP_SHOTS")
    with running_site(migrated("postgresql"), valkey, tmp_path, BEFORE) as site:
        yield Cast(site, chromium, Path(shots) if shots else None)


@pytest.mark.slow
def test_a_project_goes_from_the_registration_of_its_lead_to_its_published_lessons(cast: Cast) -> None:
    prepare(cast.site)
    for stage in STAGES:
        for scene in stage:
            scene(cast)
    assert not cast.faults()
