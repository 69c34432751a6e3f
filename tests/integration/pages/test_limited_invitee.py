"""Somebody invited to some sections walks through the whole site: those sections, and nothing of the rest."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.orm import Session

from aap.accounts.models import User
from aap.applications.models import Application, CompletionItemKind, ParticipantRole
from aap.applications.queries import get_application
from aap.applications.service import ItemAsked, Upload, attach_piece, request_completion, submit
from aap.clock import FixedClock
from aap.extensions import storage
from tests.client import StrictClient
from tests.integration.applications.case import DEPOSITED, DRAFTED, make_user
from tests.integration.applications.inviting import seat
from tests.integration.pages.applicant_case import Scene, draft, fill, set_scene, value_of, words_of
from tests.integration.pages.test_line_pieces import by_line

Within = Callable[[], AbstractContextManager[Session]]
OPEN = ("S5", "S7")  # partners; calendar and risks
# Words of sections, pieces and sums that the invitation does not open, and of people it does not name.
SECRETS = (
    "Infirmière ou infirmier référent télésanté",
    "Chariots de téléconsultation",
    "120 000",
    "164 040",
    "A02-0.pdf",
    "A10-",
    "Relevé d'identité bancaire",
    "Plateforme de téléconsultation et téléexpertise – solution A",
    "autre.convive@exemple.invalid",
    "999771017",
)


def invited(session: Session) -> tuple[Application, str]:
    """Fill the file of the example, invite somebody to two sections of it and somebody else to the whole."""
    lead, _, _ = set_scene(session, by_line)
    application = draft(lead)
    fill_by_line(application)
    guest, other = make_user(session, "convive"), make_user(session, "autre.convive")
    seat(application, guest, ParticipantRole.EDITOR, OPEN)
    seat(application, other)
    return application, guest.fs_uniquifier


def fill_by_line(application: Application) -> None:
    """Answer everything; join the quotes of the three expenses that ask for one."""
    fill(application, application.lead, storage(), skipping=("A10",))
    for key in ("L01", "L02", "L03"):
        upload = Upload([b"%PDF-1.7 fictif"], f"A10-{key}.pdf", 1_000_000)
        attach_piece(application, "A10", upload, storage=storage(), actor=application.lead, now=DRAFTED, subject=key)


@pytest.fixture
def scene(within: Within, client: StrictClient) -> Scene:
    """The guest is signed in."""
    with within() as session:
        application, guest = invited(session)
        session.commit()
        scene = Scene(application.lead.fs_uniquifier, "", "", application.id)
    with client.session_transaction() as held:
        held["_user_id"], held["_fresh"] = guest, True
    return scene


def walk(client: StrictClient, scene: Scene) -> dict[str, BeautifulSoup]:
    """Follow every link into the file, from the list of files, the tasks and the deadlines; each must open."""
    seen: dict[str, BeautifulSoup] = {}
    waiting = ["/dossiers", "/compte/taches", "/compte/echeances"]
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        if "html" not in str(answer.content_type):
            seen[address] = BeautifulSoup("", "html5lib")
            continue
        seen[address] = BeautifulSoup(answer.get_data(as_text=True), "html5lib")
        links = (str(link["href"]) for link in seen[address].find_all("a", href=True))
        waiting += [urlsplit(link).path for link in links if link.startswith(scene.path)]
    return seen


def check_nothing_leaks(pages: dict[str, BeautifulSoup]) -> None:
    for address, page in pages.items():
        words = words_of(page).replace("\u202f", " ").replace("’", "'")
        told = [secret for secret in SECRETS if secret in words]
        assert told == [], (address, told)


def test_a_draft_shows_its_sections_and_no_trace_of_the_others(client: StrictClient, scene: Scene) -> None:
    pages = walk(client, scene)
    check_nothing_leaks(pages)
    sections = {address.rpartition("/")[2] for address in pages if "/rubriques/" in address and "histor" not in address}
    assert sections == set(OPEN)
    assert value_of(pages[f"{scene.path}/rubriques/S5"], "partners-0-name") == "MSP du Plateau briard (fictive)"
    read = words_of(pages[f"{scene.path}/lecture"])
    assert "Conseils de la vie sociale" in read
    assert "Diagnostic chiffré" not in read


@pytest.mark.parametrize(
    "path",
    [
        "/rubriques/S8",
        "/rubriques/S8/historique",
        "/rubriques/S1/historique/governance",
        "/pieces",
        "/pieces/A10",
        "/verification",
        "/conditions",
        "/apercu",
        "/budget.ods",
        "/budget.xlsx",
        "/recepisse",
        "/dossier-pdf",
        "/volet",
        "/signature",
    ],
)
def test_what_the_invitation_does_not_open_is_refused(client: StrictClient, scene: Scene, path: str) -> None:
    assert client.get(scene.path + path).status_code in {403, 404}


def test_the_files_of_others_are_out_of_reach(client: StrictClient, scene: Scene, within: Within) -> None:
    assert scene.file_id is not None
    with within():
        pieces = [piece.id for piece in get_application(scene.file_id).pieces]
    assert pieces
    for piece in pieces[:3]:
        assert client.get(f"{scene.path}/pieces/fichier/{piece}").status_code in {403, 404}


def test_after_the_deposit_and_in_a_completion_the_rest_stays_hidden(
    client: StrictClient, scene: Scene, within: Within, clock: FixedClock
) -> None:
    assert scene.file_id is not None
    clock.set(DEPOSITED + timedelta(days=10))
    with within() as session:
        application = get_application(scene.file_id)
        submit(application, actor=application.lead, now=DEPOSITED)
        session.commit()
    check_nothing_leaks(walk(client, scene))
    with within() as session:
        application = get_application(scene.file_id)
        officer = session.get_one(User, application.call_version.call.team[0].user_id)
        items = [
            ItemAsked(CompletionItemKind.ANNEX, "A02", "Relevé d'identité bancaire illisible."),
            ItemAsked(CompletionItemKind.SECTION, "S5", "Précisez le rôle de chacun."),
        ]
        now = DEPOSITED + timedelta(days=9)
        request_completion(application, items, "Deux points à reprendre.", actor=officer, now=now)
        session.commit()
    pages = walk(client, scene)
    check_nothing_leaks(pages)
    asked = words_of(pages[f"{scene.path}/complements"])
    assert "Précisez le rôle de chacun." in asked
