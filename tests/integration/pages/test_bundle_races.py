"""A document finished by the worker at the very instant when a file of it closes is erased all the same."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from aap.db import db, unit_of_work
from aap.extensions import storage
from aap.files.service import store_document
from aap.jury.models import JuryBundle, JuryMember
from aap.jury.service import ask_bundle, end_membership
from aap.jury.service.bundles import ERASE
from aap.outbox import Promise
from tests.integration.pages.office_case import SCORING
from tests.integration.pages.office_stage import Browser, browser, stage

__all__ = ["browser", "stage"]


@pytest.mark.parametrize("stage", ["assigned:2"], indirect=True)
def test_a_file_kept_by_the_worker_meanwhile_is_erased(browser: Browser) -> None:
    with browser.stage.app.app_context():
        member = db.session.scalars(select(JuryMember).where(JuryMember.code == "J1")).one()
        with unit_of_work():
            bundle = ask_bundle(member, actor=member.user, now=SCORING)
        with unit_of_work():
            assert bundle.file_id is None  # what this transaction has read
            made = store_document(storage(), [b"%PDF-1.7"], "dossiers.pdf", region_code="IDF", now=SCORING)
            kept = update(JuryBundle).where(JuryBundle.id == bundle.id).values(file_id=made.id, made_at=SCORING)
            db.session.execute(kept.execution_options(synchronize_session=False))  # what the worker commits meanwhile
            end_membership(member, reason="Départ", actor=member.user, now=SCORING)
        erasures = select(Promise.payload["bundle_id"].as_string()).where(Promise.kind == ERASE)
        assert db.session.scalars(erasures).all() == [str(bundle.id)]
