"""Frozen rankings on screen: made with a name and a reason, read, compared, taken away; nothing for the recused."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile

import pytest
from sqlalchemy import insert, select, update

from aap.accounts.models import User
from aap.applications.models import Application, ApplicationState
from aap.jury.models import JuryMember, RankingSnapshot, Recusal
from tests.integration.pages.office_case import SCORED, SCORING
from tests.integration.pages.office_stage import Browser, browser, stage, words

__all__ = ["browser", "stage"]

LIST = "/agence/appels/{call}/classements-figes"
scored = pytest.mark.parametrize("stage", ["scored:3"], indirect=True)


def freeze(browser: Browser, name: str = "Avant la séance") -> str:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    return browser.accepted(LIST, name=name, reason="Préparer l'ordre du jour")


@scored
def test_an_officer_freezes_reads_and_takes_away_a_ranking(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    assert "Aucun classement figé" in browser.text(LIST)
    here = freeze(browser)
    page = browser.page(here)
    said = words(page)
    assert "Classement n° 1 – Avant la séance" in said
    assert "Préparer l'ordre du jour" in said
    for number in range(1, 5):
        assert f"AAP-TS-2023-01-000{number}" in said
    assert "Rang calibré" in said
    sealed = browser.client.get(f"{here}.json")
    seal = hashlib.sha256(sealed.get_data()).hexdigest()
    assert seal in said
    assert seal[:12] in browser.text(LIST)
    lines = list(
        csv.reader(io.StringIO(browser.client.get(f"{here}.csv").get_data().decode("utf-8-sig")), delimiter=";")
    )
    assert lines[0][:4] == ["Rang", "Rang dans le volet", "Ex æquo", "Référence"]
    assert len(lines) == 5
    assert re.fullmatch(r"\d+/\d+", lines[1][9])
    for ending in ("ods", "xlsx"):
        assert zipfile.is_zipfile(io.BytesIO(browser.client.get(f"{here}.{ending}").get_data()))


@scored
def test_what_is_missing_is_asked_and_nothing_typed_is_lost(browser: Browser) -> None:
    browser.clock.set(SCORED)
    browser.sign_in("officer")
    page = browser.refused(LIST, name="", reason="Un motif déjà écrit")
    assert "Donnez un nom à ce classement." in words(page)
    area = page.select_one("textarea[name=reason]")
    assert area is not None
    assert "Un motif déjà écrit" in area.get_text()


@scored
def test_two_rankings_are_compared_and_each_move_has_its_reason(browser: Browser) -> None:
    here = freeze(browser)
    assert "Aucun dossier n’a bougé" in browser.text(f"{here}/ecarts")
    connection = browser.stage.connection
    first = connection.execute(
        select(JuryMember.id, JuryMember.user_id, JuryMember.code).order_by(JuryMember.code).limit(1)
    ).one()
    connection.execute(
        insert(Recusal).values(
            jury_member_id=first.id, application_id=browser.stage.case, reason="Lien", at=SCORED, by_id=first.user_id
        )
    )
    said = browser.text(f"{here}/ecarts")
    assert f"Évaluation de {first.code} retirée (déport)" in said
    freeze(browser, "Après le déport")
    said = browser.text(f"{here}/ecarts?avec=2")
    assert "Du classement n° 1 au n° 2" in said
    assert f"Évaluation de {first.code} retirée (déport)" in said
    assert "Du classement n° 1 au classement actuel" in browser.text(f"{here}/ecarts?avec=n'importe")


@scored
def test_the_recused_read_it_without_the_file_and_never_its_sealed_text(browser: Browser) -> None:
    here = freeze(browser)
    connection = browser.stage.connection
    seat = connection.execute(select(JuryMember.id, JuryMember.user_id).where(JuryMember.code == "J2")).one()
    reference = str(
        connection.execute(select(Application.reference).where(Application.id == browser.stage.case)).scalar_one()
    )
    connection.execute(
        insert(Recusal).values(
            jury_member_id=seat.id, application_id=browser.stage.case, reason="Lien", at=SCORED, by_id=seat.user_id
        )
    )
    browser.sign_in("j2")
    for address in (here, f"{here}/ecarts"):
        assert reference not in browser.text(address)
    assert "les rangs sont comptés sans eux" in browser.text(here)
    assert "Rang calibré" not in browser.text(here)
    assert reference not in browser.client.get(f"{here}.csv").get_data(as_text=True)
    browser.page(f"{here}.json", 404)
    assert browser.send(LIST, name="x", reason="y").status_code in {403, 404}


@pytest.mark.parametrize("stage", ["marked"], indirect=True)
def test_nothing_is_frozen_while_members_mark(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("officer")
    assert "Un classement se fige à la fin de la notation" in browser.text(LIST)
    assert browser.send(LIST, name="x", reason="y").status_code == 400
    assert browser.stage.connection.execute(select(RankingSnapshot.id)).all() == []


@scored
def test_what_was_sealed_is_still_verified_once_a_file_is_withdrawn(browser: Browser) -> None:
    here = freeze(browser)
    sealed = browser.client.get(f"{here}.json").get_data()
    gone = browser.stage.files[1]
    connection = browser.stage.connection
    reference = str(connection.execute(select(Application.reference).where(Application.id == gone)).scalar_one())
    connection.execute(update(Application).where(Application.id == gone).values(state=ApplicationState.WITHDRAWN))
    assert browser.client.get(f"{here}.json").get_data() == sealed
    assert reference in browser.text(here)
    assert "Dossier sorti du jury" in browser.text(f"{here}/ecarts")
    browser.sign_in("j2")
    assert reference not in browser.text(here)
    browser.page(f"{here}.json", 404)
    seat = connection.execute(select(JuryMember.id).where(JuryMember.code == "J1")).scalar_one()
    officer = connection.execute(
        select(User.id).where(User.fs_uniquifier == browser.stage.tokens["officer"])
    ).scalar_one()
    connection.execute(update(JuryMember).where(JuryMember.id == seat).values(user_id=officer))
    connection.execute(
        insert(Recusal).values(jury_member_id=seat, application_id=gone, reason="Lien", at=SCORED, by_id=officer)
    )
    browser.sign_in("officer")
    assert reference not in browser.text(here)
    browser.page(f"{here}.json", 404)
