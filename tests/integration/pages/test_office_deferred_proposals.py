"""A proposal that the worker computes: in the making, read page by page, adopted whole or not at all; replacements."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from aap.accounts.models import User
from aap.applications.models import Application
from aap.audit import AuditEntry
from aap.db import constraint_of, db
from aap.jobs.delivery import HANDLERS
from aap.jury.models import Assignment, AssignmentProposal, JuryMember, ProposedPair, Recusal, Review
from aap.jury.service import end_membership, recuse, save_review, start_review
from aap.outbox import Promise, deliver_all
from tests.integration.pages.office_case import SCORED, SCORING
from tests.integration.pages.office_stage import Browser, browser, stage, words

__all__ = ["browser", "stage"]

pytestmark = pytest.mark.parametrize("stage", ["assigned:2"], indirect=True)
TABLE = "/agence/appels/{call}/jury/repartition"
ASK = f"{TABLE}/proposition"
HERE = f"{ASK}/calcul"
WANTED = {"reviews": "2", "minimum": "0", "maximum": "3"}


@pytest.fixture(autouse=True)
def _long(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every table is too large for a page; only J1 reads the files; the officer is there."""
    monkeypatch.setattr("aap.jury.proposal.MOST_CELLS", 0)
    browser.clock.set(SCORING)
    with browser.stage.app.app_context():
        first = seat("J1")
        db.session.execute(delete(Assignment).where(Assignment.jury_member_id != first.id))
        db.session.commit()
    browser.sign_in("officer")


def seat(code: str) -> JuryMember:
    return db.session.scalars(select(JuryMember).where(JuryMember.code == code)).one()


def work(browser: Browser) -> None:
    """Let the worker do what was asked about proposals."""
    with browser.stage.app.app_context():
        waiting = select(Promise.id).where(Promise.kind.startswith("assignment-"), Promise.delivered_at.is_(None))
        ids = db.session.scalars(waiting).all()
        assert deliver_all(HANDLERS, browser.clock.now(), ids) == len(ids), db.session.scalars(
            select(Promise.last_error).where(Promise.id.in_(ids))
        ).all()


def readings(browser: Browser) -> int:
    with browser.stage.app.app_context():
        return db.session.scalar(select(func.count(Assignment.id))) or 0


def asked(browser: Browser, **changes: str) -> None:
    assert browser.accepted(ASK, **{**WANTED, **changes}).endswith("/calcul")


def test_it_is_computed_read_then_adopted(browser: Browser) -> None:
    asked(browser)
    waiting = browser.page(HERE)
    assert waiting.select_one("[data-refresh]") is not None
    assert "vous pouvez quitter cette page" in words(waiting)
    work(browser)
    told = browser.text(HERE)
    assert "3 lectures proposées" in told
    assert "Il est prouvé qu’aucune autre répartition ne fait mieux" in told
    assert "aucun point commun déclaré ; charge" in told.lower()
    assert readings(browser) == 3  # nothing is written before it is adopted
    browser.accepted(f"{HERE}/adopter")
    assert "s’enregistrent" in browser.text(HERE)
    work(browser)
    assert readings(browser) == 6
    assert browser.client.get(browser.stage.address(HERE)).location.endswith("/proposition")
    with browser.stage.app.app_context():
        lines = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "jury.assign")).all()
        assert sum(1 for line in lines if "proposal" in line.detail) == 3


def test_what_was_asked_wrong_is_said_at_its_field(browser: Browser) -> None:
    page = browser.refused(ASK, **{**WANTED, "minimum": "9"})
    assert page.select_one("#minimum-error") is not None
    with browser.stage.app.app_context():
        assert not db.session.scalars(select(AssignmentProposal)).all()


def test_a_jury_that_changed_is_not_overwritten(browser: Browser) -> None:
    asked(browser)
    work(browser)
    with browser.stage.app.app_context():
        member = seat("J3")
        recuse(
            member, db.session.get_one(Application, browser.stage.case), reason="Lien.", actor=member.user, now=SCORING
        )
        db.session.commit()
    browser.accepted(f"{HERE}/adopter")
    work(browser)
    assert readings(browser) == 3
    assert "ont changé depuis" in browser.text(HERE)
    browser.accepted(f"{HERE}/ecarter")
    asked(browser)
    work(browser)
    assert "lectures proposées" in browser.text(HERE)


def test_scoring_that_ended_meanwhile_refuses_the_adoption(browser: Browser) -> None:
    asked(browser)
    work(browser)
    browser.accepted(f"{HERE}/adopter")
    browser.clock.set(SCORED + timedelta(days=1))
    work(browser)
    assert readings(browser) == 3
    assert "Pas de répartition" in browser.text(HERE)


def test_set_aside_nothing_is_written_and_the_worker_lets_it_go(browser: Browser) -> None:
    asked(browser)
    browser.accepted(f"{HERE}/ecarter")
    work(browser)
    with browser.stage.app.app_context():
        assert not db.session.scalars(select(ProposedPair)).all()
    assert browser.send(f"{HERE}/adopter").status_code == 404
    assert readings(browser) == 3


def test_adopted_twice_it_is_written_once(browser: Browser) -> None:
    asked(browser)
    work(browser)
    browser.accepted(f"{HERE}/adopter")
    browser.accepted(f"{HERE}/adopter")
    assert "n'est pas à adopter" in browser.client.get(browser.stage.address(HERE)).get_data(as_text=True).replace(
        "&#39;", "'"
    )
    work(browser)
    work(browser)
    assert readings(browser) == 6


def test_each_officer_reads_their_own_and_nobody_else_any(browser: Browser) -> None:
    asked(browser)
    work(browser)
    browser.sign_in("administrator")  # runs the call too, asked for nothing
    assert browser.client.get(browser.stage.address(HERE)).location.endswith("/proposition")
    assert browser.send(f"{HERE}/adopter").status_code == 404
    for name in ("director", "j1", "lead"):
        browser.sign_in(name)
        browser.page(HERE, 404)
        assert browser.send(f"{HERE}/ecarter").status_code == 404


def test_a_file_closed_to_the_officer_since_is_not_shown(browser: Browser) -> None:
    asked(browser)
    work(browser)
    with browser.stage.app.app_context():
        case = db.session.get_one(Application, browser.stage.case)
        reference, officer = (
            case.reference or "",
            db.session.scalars(select(User).where(User.family_name == "officer")).one(),
        )
        member = seat("J5")
        member.user_id = officer.id
        db.session.add(
            Recusal(jury_member_id=member.id, application_id=case.id, reason="Lien.", at=SCORING, by_id=officer.id)
        )
        db.session.commit()
    assert reference not in browser.text(HERE)


class TestReplacing:
    """Somebody stands back or leaves: only those readings are proposed again, and what was given back counts."""

    def lose(self, browser: Browser) -> None:
        """J2 and J3 read everything; J2 begins a grid, then leaves; J3 stands back from the case."""
        with browser.stage.app.app_context():
            second, third = seat("J2"), seat("J3")
            for member in (second, third):
                for key in browser.stage.files:
                    db.session.add(Assignment(jury_member_id=member.id, application_id=key, assigned_at=SCORING))
            db.session.flush()
            other = db.session.get_one(Application, browser.stage.files[1])
            save_review(start_review(second, other, actor=second.user, now=SCORING), {}, actor=second.user, now=SCORING)
            case = db.session.get_one(Application, browser.stage.case)
            recuse(third, case, reason="Lien.", actor=third.user, now=SCORING)
            end_membership(second, reason="Malade.", actor=second.user, now=SCORING)
            db.session.commit()

    def test_only_the_lost_readings_are_proposed_again(self, browser: Browser) -> None:
        self.lose(browser)
        assert "Proposer des remplaçants" in browser.text("/agence/appels/{call}/jury")
        box = browser.page(f"{ASK}?remplacement=1").select_one("#replacing[checked]")
        assert box is not None
        asked(browser, reviews="3", replacing="y", maximum="9")
        work(browser)
        told = browser.text(HERE)
        assert "Remplacer les seuls évaluateurs perdus" in told
        with browser.stage.app.app_context():
            pairs = {
                (code, str(key))
                for code, key in db.session.execute(
                    select(JuryMember.code, ProposedPair.application_id).join(
                        JuryMember, JuryMember.id == ProposedPair.jury_member_id
                    )
                )
            }
            files = [str(key) for key in browser.stage.files]
            # J1 keeps reading everything, J3 what it did not stand back from. The case lost two readers, but J2 left,
            # J3 stood back and J4 is tied to a partner (a link to be settled): nobody else may read it but J5.
            assert all(code in {"J4", "J5"} for code, _ in pairs)
            assert {key for _, key in pairs} == set(files)
            by_file = {key: sum(1 for _, one in pairs if one == key) for key in files}
            assert by_file[files[1]] == by_file[files[2]] == 1
            assert db.session.scalars(select(Review)).all()  # what was begun stays

    def test_a_smaller_number_of_readers_bounds_it(self, browser: Browser) -> None:
        self.lose(browser)
        asked(browser, reviews="2", replacing="y", maximum="9")
        work(browser)
        with browser.stage.app.app_context():
            files = set(db.session.scalars(select(ProposedPair.application_id)))
            assert files == {browser.stage.case}  # the others still have two readers

    def test_nobody_lost_nobody_replaced(self, browser: Browser) -> None:
        asked(browser, replacing="y")
        work(browser)
        assert "n'a perdu d'évaluateur" in browser.text(HERE)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"made_at": SCORING}, "ck_assignment_proposals_made_with_its_outcome_or_failure"),
        ({"applied_at": SCORING}, "ck_assignment_proposals_adopted_is_closed"),
        ({}, "uq_assignment_proposals_open"),
    ],
)
def test_the_database_refuses_what_makes_no_sense(browser: Browser, values: dict[str, Any], constraint: str) -> None:
    asked(browser)
    with browser.stage.app.app_context():
        known = db.session.scalars(select(AssignmentProposal)).one()
        common = {"call_id": known.call_id, "asked_by_id": known.asked_by_id, "asked_at": SCORING, "wishes": {}}
        db.session.add(AssignmentProposal(**common, **values))
        with pytest.raises(IntegrityError) as raised:
            db.session.flush()
        assert constraint_of(raised.value) == constraint
        db.session.rollback()


def test_a_reading_is_proposed_once(browser: Browser) -> None:
    asked(browser)
    work(browser)
    with browser.stage.app.app_context():
        one = db.session.scalars(select(ProposedPair)).first()
        assert one is not None
        twin = {"proposal_id": one.proposal_id, "application_id": one.application_id, "why": "", "told": ""}
        db.session.add(ProposedPair(**twin, jury_member_id=one.jury_member_id))
        with pytest.raises(IntegrityError) as raised:
            db.session.flush()
        assert constraint_of(raised.value) == "uq_proposed_pairs_file_member"
        db.session.rollback()
