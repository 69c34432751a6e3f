"""The agency's first pages when its calls multiply: every call is shown, for the same number of statements."""

from __future__ import annotations

from importlib.resources import files

import pytest
from sqlalchemy import select

from aap.accounts.models import User
from aap.applications.models import Application, ApplicationState
from aap.applications.service import start_application
from aap.calls.queries import current_version
from aap.calls.service import import_call
from aap.db import db
from aap.jury.models import JuryMember
from tests.integration.pages.office_case import PUBLISHED, SCORING, at
from tests.integration.pages.office_stage import Browser, browser, stage

__all__ = ["browser", "stage"]

REF = "AAP-TS-2023-01"
DRAFTED, DEPOSITED = at(2023, 10, 3), at(2023, 10, 4)
S = ApplicationState
WAITING = (S.SUBMITTED, S.ADMISSIBLE, S.INSTRUCTED, S.SCORED, S.DECIDED, S.NOTIFIED)
TASKS = (
    "Contrôler la recevabilité",
    "Recueillir les avis",
    "Composer le jury",
    "Répartir les dossiers",
    "Avis du jury et décisions",
    "Notifier les décisions",
)


def clone_calls(numbers: range) -> None:
    """Publish other calls like the example's: a file waits in each state, and one member of the jury to declare."""
    content = (files("aap.demonstration") / "data" / "call.yaml").read_bytes()
    people = {user.family_name: user for user in db.session.scalars(select(User))}
    for number in numbers:
        ref = f"AAP-CLONE-{number:02}"
        call = import_call(content.replace(REF.encode(), ref.encode()), None, PUBLISHED, publish=True).call
        version = current_version(call)
        db.session.add(
            JuryMember(
                call_id=call.id,
                user=people["j1"],
                college=version.colleges[0],
                code="J1",
                voting=True,
                added_at=PUBLISHED,
            )
        )
        for rank, state in enumerate(WAITING):
            _put(start_application(version, lead=people["lead"], now=DRAFTED, strand_key="A"), f"{ref}-{rank}", state)
    db.session.commit()


def _put(application: Application, reference: str, state: ApplicationState) -> None:
    application.reference, application.submitted_at, application.state = reference, DEPOSITED, state
    application.department_code = "77"


@pytest.mark.parametrize("stage", ["notified"], indirect=True)
def test_the_first_pages_cost_the_same_for_two_calls_and_for_twelve(browser: Browser) -> None:
    browser.clock.set(SCORING)
    visits = [(name, page) for name in ("administrator", "officer", "dd77") for page in ("/agence", "/agence/appels")]

    def costs() -> dict[tuple[str, str], int]:
        found = {}
        for name, page in visits:
            browser.sign_in(name)
            browser.page(page)  # what a process keeps once read is not the page's cost
            found[name, page] = browser.queries(page)
        return found

    with browser.stage.app.app_context():
        clone_calls(range(1, 2))
    two = costs()
    with browser.stage.app.app_context():
        clone_calls(range(2, 12))
    assert costs() == two

    browser.sign_in("administrator")
    home = browser.text("/agence")
    assert {title: home.count(title) for title in TASKS} == dict.fromkeys(TASKS, 11)
    assert home.count("6 dossiers déposés") == 11
    assert home.count("1 déclaration attendue") == 11
    assert "2 réserves" in home  # those of the example's decision
    rows = [row.get_text(" ", strip=True) for row in browser.page("/agence/appels").select("tbody tr")]
    assert len(rows) == 12
    assert sum(row.endswith("6") for row in rows) == 11
    browser.sign_in("dd77")
    assert "11 avis" in browser.text("/agence")
    assert browser.text("/agence/avis").count("1 dossier attend votre avis") == 11


@pytest.mark.parametrize("stage", ["lifted"], indirect=True)
def test_a_file_without_standing_reservation_waits_for_its_contract(browser: Browser) -> None:
    browser.clock.set(SCORING)
    browser.sign_in("administrator")
    home = browser.text("/agence")
    assert "Signer les conventions" in home
    assert "1 convention" in home
    assert "Lever les réserves" not in home
