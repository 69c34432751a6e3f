"""A proposal of who marks which file, over the pages: read first, applied afterwards, and only additions."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import delete, event, select
from sqlalchemy.engine import Engine

from aap.accounts.models import User
from aap.applications.models import Application, ApplicationAct, ApplicationPublic
from aap.audit import AuditEntry
from aap.db import db
from aap.jury.models import Assignment, JuryMember
from aap.jury.service import Profile, describe_member
from tests.integration.pages.office_case import SCORED, SCORING
from tests.integration.pages.office_stage import Browser, browser, stage, words

__all__ = ["browser", "stage"]

TABLE = "/agence/appels/{call}/jury/repartition"
ASK = f"{TABLE}/proposition"
APPLY = f"{ASK}/appliquer"
CASE = "AAP-TS-2023-01-0001"
pytestmark = pytest.mark.parametrize("stage", ["assigned:2"], indirect=True)


def pairs(browser: Browser) -> dict[tuple[str, str], str]:
    """Return who reads what, with why."""
    query = (
        select(JuryMember.code, Application.reference, Assignment.why)
        .join(JuryMember, JuryMember.id == Assignment.jury_member_id)
        .join(Application, Application.id == Assignment.application_id)
    )
    with browser.stage.app.app_context():
        return {(code, reference or ""): why for code, reference, why in db.session.execute(query)}


def prepare(browser: Browser, *, kept: str = "J1", **profiles: Profile) -> None:
    """Sign the officer in during the scoring; take files back from all but one member; write profiles."""
    browser.clock.set(SCORING)
    with browser.stage.app.app_context():
        seats = {member.code: member for member in db.session.scalars(select(JuryMember))}
        officer = db.session.scalars(select(User).where(User.family_name == "officer")).one()
        db.session.execute(delete(Assignment).where(Assignment.jury_member_id != seats[kept].id))
        for code, profile in profiles.items():
            describe_member(seats[code], profile, actor=officer, now=SCORING)
        db.session.commit()
    browser.sign_in("officer")


def preview(browser: Browser, **asked: Any) -> BeautifulSoup:
    """Ask for a proposal and return its page."""
    answer = browser.send(ASK, **{"reviews": 2, "minimum": 0, "maximum": 3, **asked})
    assert answer.status_code == 200, words(BeautifulSoup(answer.get_data(as_text=True), "html5lib"))
    return BeautifulSoup(answer.get_data(as_text=True), "html5lib")


def applied(page: BeautifulSoup) -> dict[str, str]:
    """Return what the button « Appliquer » sends."""
    form = page.select_one('form[action$="/appliquer"]')
    assert form is not None
    return {str(one["name"]): str(one["value"]) for one in form.select("input") if one["name"] != "csrf_token"}


def proposed(page: BeautifulSoup) -> dict[str, str]:
    """Return what the table of readings says of each file."""
    table = page.select("table")[-1]
    return {words_of(row.th)[:19]: words_of(row.select("td")[-1]) for row in table.select("tbody tr")}


def words_of(tag: Any) -> str:
    return " ".join(tag.get_text(" ", strip=True).split())


def known_codes(browser: Browser) -> tuple[str, str]:
    """Return a public and an act of the case."""
    with browser.stage.app.app_context():
        public = db.session.scalars(
            select(ApplicationPublic.code).where(ApplicationPublic.application_id == browser.stage.case)
        ).first()
        act = db.session.scalars(
            select(ApplicationAct.code).where(ApplicationAct.application_id == browser.stage.case)
        ).first()
    assert public
    assert act
    return public, act


def test_the_form_starts_from_the_call(browser: Browser) -> None:
    prepare(browser)
    assert browser.page(TABLE).select_one('a[href$="/proposition"]') is not None
    page = browser.page(ASK)
    reviews = page.select_one("#reviews")
    assert reviews is not None
    assert str(reviews["value"]) in browser.text(TABLE).split("au moins")[1][:6]


def test_a_preview_says_why_and_writes_nothing(browser: Browser) -> None:
    public, act = known_codes(browser)
    prepare(browser, J2=Profile(publics=frozenset({public}), acts=frozenset({act}), departments=frozenset({"77"})))
    before = pairs(browser)
    with browser.stage.app.app_context():
        journal = db.session.scalar(select(AuditEntry.seq).order_by(AuditEntry.seq.desc()).limit(1))
    page = preview(browser)
    told = proposed(page)[CASE]
    assert "J2" in told
    assert "ublic en commun" in told
    assert "cte en commun" in told
    assert "même département : 77" in told
    assert "charge : 3 sur 3" in told
    assert "Rien n’est encore enregistré" in words(page)
    assert "prouvé" in words(page)
    assert pairs(browser) == before
    with browser.stage.app.app_context():
        assert db.session.scalar(select(AuditEntry.seq).order_by(AuditEntry.seq.desc()).limit(1)) == journal


def test_what_was_read_is_applied_and_nothing_by_hand_is_lost(browser: Browser) -> None:
    prepare(browser)
    before = pairs(browser)
    page = preview(browser)
    where = browser.accepted(APPLY, **applied(page))
    assert where.endswith("/jury/repartition")
    after = pairs(browser)
    assert before.items() <= after.items()
    added = {pair: why for pair, why in after.items() if pair not in before}
    assert len(added) == 3
    assert all("charge" in why.lower() for why in added.values())
    assert not any("mieux placé" in why for why in added.values())  # the member reads it: nobody else is named
    again = preview(browser)
    assert "Aucune lecture à ajouter" in words(again)
    assert again.select_one('form[action$="/appliquer"]') is None


def test_what_changed_meanwhile_is_read_again(browser: Browser) -> None:
    prepare(browser)
    sent = applied(preview(browser))
    with browser.stage.app.app_context():
        db.session.execute(delete(Assignment))
        db.session.commit()
    answer = browser.send(APPLY, **sent)
    assert answer.status_code == 409
    assert "ont changé" in answer.get_data(as_text=True)
    assert pairs(browser) == {}


def test_links_to_settle_recusals_and_substitutes_are_left_out(browser: Browser) -> None:
    prepare(browser, J3=Profile(substitute=True))
    page = preview(browser, reviews=5)
    assert "J4" not in proposed(page)[CASE]  # linked with a partner of the case, not settled
    assert f"pour {CASE} : lien avec un partenaire, lien à examiner" in words(page)
    assert "J3" not in " ".join(proposed(page).values())
    assert "suppléant qui n’a pas été appelé" in words(page)
    browser.sign_in("j2")
    browser.accepted("/jury/dossiers/{case}/deport", reason="Ancien employeur.")
    browser.sign_in("officer")
    page = preview(browser, reviews=5)
    assert "J2" not in proposed(page)[CASE]
    assert "J2" in proposed(page)["AAP-TS-2023-01-0002"]
    assert f"{CASE} : il manque" in words(page)


def test_loads_are_shown_and_who_did_not_declare_is_said(browser: Browser) -> None:
    prepare(browser, J2=Profile(capacity=1))
    page = preview(browser, reviews=4, minimum=2)
    loads = {words_of(row.th)[:2]: words_of(row) for row in page.select("table")[0].select("tbody tr")}
    assert "1 sur 1" in loads["J2"]
    assert "N’a pas déclaré" in words(page)
    head = words_of(browser.page(TABLE).select_one("thead"))
    assert "J1 j1 dossiers : 3" in head
    assert "J2 j2 dossiers : 0 sur 1" in head


def test_wrong_numbers_are_said_at_their_field(browser: Browser) -> None:
    prepare(browser)
    page = browser.refused(ASK, reviews="deux", minimum=4, maximum=3, college="0")
    assert "« deux » n'est pas un nombre entier" in words_of(page.select_one("#reviews-error"))
    assert "dépasse le maximum" in words_of(page.select_one("#minimum-error"))
    assert page.select_one("#college-error") is not None
    field = page.select_one("#reviews")
    assert field is not None
    assert field["value"] == "deux"


def test_nothing_is_proposed_once_marking_is_over(browser: Browser) -> None:
    prepare(browser)
    browser.clock.set(SCORED)
    assert "notation individuelle est close" in browser.text(ASK)
    browser.refused(ASK, reviews=2, minimum=0, maximum=3)


def test_a_recused_officer_reads_and_assigns_nothing_of_the_file(browser: Browser) -> None:
    prepare(browser)
    page = browser.page("/agence/appels/{call}/jury")
    college = page.select("select[name=college] option[value]")[-1]["value"]
    browser.accepted("/agence/appels/{call}/jury", email="officer@exemple.invalid", college=str(college))
    browser.accepted("/jury/dossiers/{case}/deport", reason="Ancien employeur.")
    assert "J1 j1 dossiers : 2" in words_of(browser.page(TABLE).select_one("thead"))  # J1 has three
    page = preview(browser)
    assert CASE not in words(page)
    browser.accepted(APPLY, **applied(page))
    assert [pair for pair in pairs(browser) if pair[1] == CASE] == [("J1", CASE)]


@pytest.mark.parametrize("name", ["director", "reader", "finance", "lead", "j1", "stranger"])
def test_the_others_propose_nothing(browser: Browser, name: str) -> None:
    prepare(browser)
    browser.sign_in(name)
    assert browser.send(ASK, reviews=2, minimum=0, maximum=3).status_code in {403, 404}
    assert browser.send(APPLY, reviews=2, minimum=0, maximum=3).status_code in {403, 404}


def test_a_preview_costs_the_same_whatever_the_members(browser: Browser) -> None:
    prepare(browser)
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    def cost() -> int:
        seen.clear()
        event.listen(Engine, "before_cursor_execute", note)
        try:
            preview(browser, reviews=1, maximum=50)
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        return len(seen)

    cost()
    few = cost()
    with browser.stage.app.app_context():
        model = db.session.scalars(select(JuryMember).where(JuryMember.code == "J2")).one()
        for number in range(6, 16):
            user = User(
                email=f"m{number}@m{number}.invalid",
                fs_uniquifier=uuid.uuid4().hex,
                created_at=SCORING,
                family_name=f"M{number}",
            )
            db.session.add(
                JuryMember(
                    call_id=model.call_id,
                    user=user,
                    college_id=model.college_id,
                    code=f"J{number}",
                    voting=True,
                    added_at=SCORING,
                )
            )
        db.session.commit()
    assert cost() == few
