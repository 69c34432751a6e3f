"""Inviting to a jury somebody who has no account: one link, one use, one address, one place."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from aap.accounts.links import hash_of, make_token
from aap.accounts.models import User
from aap.accounts.service import create_user
from aap.applications.models import Application
from aap.calls.models import Call
from aap.calls.queries import current_version
from aap.db import constraint_of, db
from aap.extensions import settings
from aap.jury.models import JuryInvitation, JuryMember
from aap.jury.service import assign
from aap.outbox import Promise
from aap.policies import may
from tests.integration.pages.office_case import SCORING
from tests.integration.pages.office_stage import Browser, browser, stage, words

__all__ = ["browser", "stage"]

pytestmark = pytest.mark.parametrize("stage", ["assigned:1"], indirect=True)
JURY = "/agence/appels/{call}/jury"
ADDRESS = "camille.neuve@exemple.invalid"
ACCOUNT = {
    "given_name": "Camille",
    "family_name": "Neuve",
    "password": "quatre mots sans lien aucun",
    "password_confirm": "quatre mots sans lien aucun",
}


@pytest.fixture(autouse=True)
def _officer(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("officer")


def college(browser: Browser) -> str:
    return str(browser.page(JURY).select("#college option[value]:not([value=''])")[0]["value"])


def invite(browser: Browser, email: str = ADDRESS, **values: str) -> str:
    """Invite somebody from the page of the jury; return the address of the link."""
    browser.accepted(JURY, email=email, college=college(browser), **values)
    return link_of(browser, email)


def link_of(browser: Browser, email: str = ADDRESS) -> str:
    """Return the address of the last link sent to an address, as the worker writes it in the mail."""
    with browser.stage.app.app_context():
        found = db.session.scalars(
            select(JuryInvitation)
            .where(JuryInvitation.email == email, JuryInvitation.revoked_at.is_(None))
            .order_by(JuryInvitation.created_at.desc())
        ).first()
        assert found is not None
        promised = db.session.scalars(select(Promise).where(Promise.key == f"link-mail:{found.id}")).one()
        assert promised.payload["path"] == "/invitations/"
        assert promised.payload["template"] == "jury-link"
        token = make_token(settings().web.secret_key.get_secret_value(), found.id)
        assert token not in str(promised.payload)
        return f"/invitations/{token}"


def sign_out(browser: Browser) -> None:
    with browser.client.session_transaction() as held:
        held.clear()


def register(browser: Browser, link: str, **changes: str) -> Any:
    """Make an account from the page of a link, signed out."""
    sign_out(browser)
    field = browser.client.page(link).select_one('input[name="csrf_token"]')
    assert field is not None
    return browser.client.post(f"{link}/compte", data={"csrf_token": field["value"], **ACCOUNT, **changes})


def member_of(email: str = ADDRESS) -> JuryMember:
    return db.session.scalars(
        select(JuryMember).join(User, User.id == JuryMember.user_id).where(User.email == email)
    ).one()


def seat_id(code: str) -> uuid.UUID:
    return db.session.scalars(select(JuryMember.id).where(JuryMember.code == code)).one()


def test_a_stranger_makes_an_account_and_sits_then_declares(browser: Browser) -> None:
    link = invite(browser)
    told = browser.text(JURY)
    assert "Invitations sans réponse" in told
    assert f"{ADDRESS}" in told
    assert "En attente" in told
    sign_out(browser)
    page = words(browser.client.page(link))
    assert "Siéger au jury" in page
    assert "Créez votre compte" in page
    answer = register(browser, link)
    assert answer.status_code == 303
    assert answer.location == browser.stage.address("/jury/{call}")
    assert browser.client.get(answer.location).location.endswith("/declaration")  # no file before it is signed
    with browser.stage.app.app_context():
        member = member_of()
        assert (member.code, member.substitute, member.voting) == ("J6", False, True)
        assert member.user.confirmed_at is not None
        joined = db.session.scalars(select(Promise.payload).where(Promise.key.startswith("mail:jury-joined"))).one()
        assert joined["context"]["person"] == "Camille Neuve"
        assert not db.session.scalars(
            select(Promise).where(Promise.key.startswith(f"mail:jury-invitation:{member.id}"))
        ).all()
    browser.sign_in("officer")
    assert "J6 – Camille Neuve" in browser.text(JURY)
    assert "Invitations sans réponse" not in browser.text(JURY)
    assert browser.client.get(link).status_code == 410


def test_an_account_that_is_refused_keeps_what_was_typed(browser: Browser) -> None:
    link = invite(browser)
    answer = register(browser, link, password_confirm="autre chose")
    assert answer.status_code == 400
    text = answer.get_data(as_text=True)
    assert 'value="Camille"' in text
    assert "Les deux mots de passe saisis sont différents." in text
    assert ACCOUNT["password"] not in text


def test_a_link_expires_and_is_sent_again(browser: Browser) -> None:
    link = invite(browser)
    browser.clock.set(SCORING + timedelta(days=14))
    assert browser.client.get(link).status_code == 410
    assert "Expirée" in browser.text(JURY)
    form = browser.page(JURY).select_one('form[action$="/renvoi"]')
    assert form is not None
    browser.accepted(str(form["action"]))
    fresh = link_of(browser)
    assert fresh != link
    assert "annulée" in words(browser.client.page(link, 410))
    assert register(browser, fresh).status_code == 303


def test_a_cancelled_link_serves_nobody(browser: Browser) -> None:
    link = invite(browser)
    form = browser.page(JURY).select_one('form[action$="/annulation"]')
    assert form is not None
    browser.accepted(str(form["action"]))
    assert "Invitations sans réponse" not in browser.text(JURY)
    assert browser.client.get(link).status_code == 410
    browser.accepted(str(form["action"]))  # twice: said, not broken
    assert "déjà été utilisée ou annulée" in str(browser.client.get(browser.stage.address(JURY)).get_data(as_text=True))


def test_an_address_is_invited_once(browser: Browser) -> None:
    invite(browser)
    page = browser.refused(JURY, email=ADDRESS.upper(), college=college(browser))
    error = page.select_one("#email-error")
    assert error is not None
    assert "attend déjà" in error.get_text()


def test_a_link_is_for_one_address(browser: Browser) -> None:
    link = invite(browser)
    browser.page(JURY)
    browser.sign_in("stranger")
    page = words(browser.client.page(link, 403))
    assert "pour une autre adresse" in page
    assert ADDRESS not in page
    assert browser.send(link).status_code == 403
    with browser.stage.app.app_context():
        assert not db.session.scalars(select(JuryMember).where(JuryMember.code == "J6")).all()


def test_an_account_made_meanwhile_accepts_by_signing_in(browser: Browser) -> None:
    link = invite(browser)
    with browser.stage.app.app_context():
        person = create_user(ADDRESS, now=SCORING, given_name="Camille", family_name="Neuve")
        token = person.fs_uniquifier
        db.session.commit()
    sign_out(browser)
    assert "Un compte existe" in words(browser.client.page(link))
    browser.client.sign_in(uuid.uuid4(), token=token)
    assert browser.accepted(link).endswith(str(browser.stage.call))
    assert browser.client.get(link).status_code == 410


def test_a_substitute_waits_until_called_in(browser: Browser) -> None:
    link = invite(browser, place="suppleant")
    assert "Suppléant" in browser.text(JURY)
    register(browser, link)
    with browser.stage.app.app_context():
        member = member_of()
        assert member.substitute
        case = db.session.get_one(Application, browser.stage.case)
        assert not may(member.user, "application.read", case)
    browser.sign_in("officer")
    with browser.stage.app.app_context():
        address, absent = f"/agence/jury/membres/{member_of().id}/appeler", str(seat_id("J3"))
    browser.accepted(address, absent=absent)
    with browser.stage.app.app_context():
        assert not member_of().substitute
        told = db.session.scalars(select(Promise.payload).where(Promise.key.startswith("mail:jury-called-in"))).one()
        assert told["to"] == ADDRESS


def test_who_is_invited_in_somebody_s_place_takes_it(browser: Browser) -> None:
    with browser.stage.app.app_context():
        third = seat_id("J3")
    link = invite(browser, place=str(third))
    assert "Remplace J3" in browser.text(JURY)
    register(browser, link)
    with browser.stage.app.app_context():
        member = member_of()
        assert (member.stands_in_for_id, member.substitute) == (third, False)
        assign(member, db.session.get_one(Application, browser.stage.case), actor=member.user, now=SCORING)


def test_a_place_filled_meanwhile_sends_nobody_away(browser: Browser) -> None:
    with browser.stage.app.app_context():
        third = seat_id("J3")
    first = invite(browser, place=str(third))
    second = invite(browser, email="dominique.autre@exemple.invalid", place=str(third))
    register(browser, first)
    register(browser, second)
    with browser.stage.app.app_context():
        late = member_of("dominique.autre@exemple.invalid")
        assert (late.stands_in_for_id, late.substitute) == (None, True)


def test_somebody_with_an_account_takes_a_place_at_once(browser: Browser) -> None:
    with browser.stage.app.app_context():
        third = seat_id("J3")
    browser.accepted(JURY, email="stranger@exemple.invalid", college=college(browser), place=str(third))
    with browser.stage.app.app_context():
        assert member_of("stranger@exemple.invalid").stands_in_for_id == third
    again = browser.refused(JURY, email=ADDRESS, college=college(browser), place=str(third))
    assert again.select_one("#place-error") is not None  # the place is no longer offered


@pytest.mark.parametrize("name", ["director", "reader", "j1", "lead"])
def test_only_who_runs_the_call_sends_links(browser: Browser, name: str) -> None:
    invite(browser)
    with browser.stage.app.app_context():
        one = db.session.scalars(select(JuryInvitation.id)).one()
    browser.sign_in(name)
    for verb in ("renvoi", "annulation"):
        assert browser.send(f"/agence/jury/invitations/{one}/{verb}").status_code == 404
    with browser.stage.app.app_context():
        assert db.session.scalars(select(JuryInvitation.revoked_at)).one() is None


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"substitute": True}, "ck_jury_invitations_waits_or_stands_in"),
        ({"used_at": SCORING}, "ck_jury_invitations_used_by_somebody"),
        ({"email": "Camille@exemple.invalid"}, "ck_jury_invitations_email_lowercase"),
        ({"expires_at": SCORING}, "ck_jury_invitations_expires_after_creation"),
        ({"token_hash": "court"}, "ck_jury_invitations_token_hash_is_sha256"),
        ({"email": "premiere@exemple.invalid"}, "uq_jury_invitations_waiting"),
    ],
)
def test_the_database_refuses_what_makes_no_sense(browser: Browser, changes: dict[str, Any], constraint: str) -> None:
    with browser.stage.app.app_context():
        call = db.session.get_one(Call, browser.stage.call)
        by = member_of("j1@j1.invalid").user_id
        common = {
            "call_id": call.id,
            "college_id": current_version(call).colleges[0].id,
            "created_at": SCORING,
            "created_by_id": by,
            "expires_at": SCORING + timedelta(days=14),
            "stands_in_for_id": seat_id("J3"),
        }
        db.session.add(JuryInvitation(**common, email="premiere@exemple.invalid", token_hash=hash_of("a")))
        db.session.flush()
        db.session.add(JuryInvitation(**{**common, "email": ADDRESS, "token_hash": hash_of("b"), **changes}))
        with pytest.raises(IntegrityError) as raised:
            db.session.flush()
        assert constraint_of(raised.value) == constraint
        db.session.rollback()
