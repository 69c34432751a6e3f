"""Quotes joined to the expenses of a budget: from the line itself, kept with it, never lost when it goes."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy.orm import Session

from aap.applications.facts import read_deposit
from aap.applications.models import Application, ParticipantRole, Piece
from aap.applications.queries import Audience, get_application, get_dossier
from aap.applications.receipts import received_pieces
from aap.applications.service import Upload, attach_piece, submit
from aap.applications.service.duplication import duplicate_application, get_copy
from aap.applications.verdicts import list_annexes
from aap.clock import FixedClock
from aap.extensions import storage
from tests.client import StrictClient
from tests.integration.applications.case import DEPOSITED, DRAFTED, case_answers, example, make_user, write_answers
from tests.integration.applications.inviting import seat
from tests.integration.pages.applicant_case import (
    Scene,
    draft,
    link_of,
    one,
    parsed,
    send,
    sent_by,
    set_scene,
    words_of,
)

Within = Callable[[], AbstractContextManager[Session]]
PDF = b"%PDF-1.7 fictif"


def by_line(document: dict[str, Any]) -> None:
    """Ask for the quotes expense by expense."""
    annex = next(annex for annex in document["call"]["annexes"] if annex["id"] == "A10")
    annex |= {"label": "Devis de chaque équipement de plus de 5 000 €", "per": "lines"}


def join(application: Application, subject: str, name: str) -> Piece:
    upload = Upload([PDF + name.encode()], name, 1_000_000)
    return attach_piece(
        application, "A10", upload, storage=storage(), actor=application.lead, now=DRAFTED, subject=subject
    )


@pytest.fixture
def scene(within: Within, client: StrictClient) -> Scene:
    """A file with the budget of the example and a quote for its second line, whose lead is signed in."""
    with within() as session:
        lead, officer, stranger = set_scene(session, by_line)
        application = draft(lead)
        write_answers(application, case_answers(), lead)
        join(application, "L02", "mallettes.pdf")
        session.commit()
        scene = Scene(lead.fs_uniquifier, officer.fs_uniquifier, stranger.fs_uniquifier, application.id)
    with client.session_transaction() as held:
        held["_user_id"], held["_fresh"] = scene.lead, True
    return scene


def budget_of(scene: Scene) -> str:
    return f"{scene.path}/rubriques/S8"


def joined(within: Within, scene: Scene) -> dict[str, str]:
    """Return the names of the quotes in force, by line."""
    assert scene.file_id is not None
    with within():
        application = get_application(scene.file_id)
        return {piece.subject: piece.file.name for piece in application.pieces if piece.replaced_at is None}


def labels(within: Within, scene: Scene) -> dict[str, str]:
    assert scene.file_id is not None
    with within():
        return {line.key: line.label for line in get_application(scene.file_id).budget_lines}


def row_of(page: BeautifulSoup, key: str) -> str:
    row = one(page, f'input[type="hidden"][value="{key}"]').find_parent("tr")
    assert row is not None
    return words_of(row)


def test_each_line_shows_its_quote_or_that_it_wants_one(client: StrictClient, scene: Scene) -> None:
    page = client.page(budget_of(scene))
    assert "À joindre" in row_of(page, "L01")
    assert "mallettes.pdf" in row_of(page, "L02")
    assert "À joindre" not in row_of(page, "L02")
    assert "À joindre" not in row_of(page, "L07")  # a salary asks for no quote, and takes one all the same
    assert "Joindre un devis" in row_of(page, "L07")
    assert page.find("input", attrs={"name": "budget_lines-0-quote"}) is None


def test_a_quote_is_joined_from_the_line_and_what_was_typed_is_saved_on_the_way(
    client: StrictClient, scene: Scene, within: Within
) -> None:
    page = client.page(budget_of(scene))
    answer = send(client, budget_of(scene), page, budget_lines__0__label="Chariots tapés", budget_lines__0__join="A10")
    assert answer.status_code == 303
    assert labels(within, scene)["L01"] == "Chariots tapés"
    page = client.page(answer.location)
    assert "Chariots tapés (L01)" in words_of(page)
    assert "Mallettes" not in words_of(one(page, "main"))
    answer = client.post(
        f"{scene.path}/pieces/A10",
        data=sent_by(page).to_dict() | {"file": (io.BytesIO(PDF), "chariots.pdf", "application/pdf")},
    )
    assert answer.status_code == 303, words_of(parsed(answer))
    assert answer.location.endswith("/rubriques/S8")
    assert "chariots.pdf" in row_of(client.page(answer.location), "L01")
    assert joined(within, scene) == {"L01": "chariots.pdf", "L02": "mallettes.pdf"}


def test_a_line_added_in_the_page_takes_its_quote_under_its_own_number(client: StrictClient, scene: Scene) -> None:
    page = parsed(send(client, budget_of(scene), client.page(budget_of(scene)), add="budget_lines"))
    cells = {"category": "investissement", "label": "Caméras", "quantity": "1", "unit_price": "6000"}
    sent = {f"budget_lines__12__{name}": text for name, text in cells.items()}
    answer = send(client, budget_of(scene), page, budget_lines__12__join="A10", **sent)
    assert answer.status_code == 303
    assert "Caméras (L13)" in words_of(client.page(answer.location))


def test_a_blank_line_cannot_take_a_quote(client: StrictClient, scene: Scene) -> None:
    page = parsed(send(client, budget_of(scene), client.page(budget_of(scene)), add="budget_lines"))
    answer = send(client, budget_of(scene), page, budget_lines__12__join="A10")
    assert "Remplissez d'abord cette dépense" in words_of(client.page(answer.location))


def test_a_refused_file_is_told_on_the_page_of_the_line(client: StrictClient, scene: Scene) -> None:
    address = f"{scene.path}/pieces/A10?depense=L01&retour=S8"
    sent = sent_by(client.page(address)).to_dict() | {
        "file": (io.BytesIO(b"MZ"), "devis.exe", "application/octet-stream")
    }
    page = parsed(client.post(f"{scene.path}/pieces/A10", data=sent))
    assert "Chariots" in words_of(one(page, "main"))
    assert one(page, '[id="file-L01-error"]')
    assert link_of(page, "Revenir au budget").endswith("/rubriques/S8")


def removed(client: StrictClient, scene: Scene, row: int) -> BeautifulSoup:
    """Take a line out of the budget, and return the page of the section as it comes back."""
    page = parsed(send(client, budget_of(scene), client.page(budget_of(scene)), remove=f"budget_lines-{row}"))
    send(client, budget_of(scene), page, action="stay")
    return client.page(budget_of(scene))


def test_the_quote_of_a_removed_line_is_kept_told_and_not_handed_in(
    client: StrictClient, scene: Scene, within: Within
) -> None:
    page = removed(client, scene, 1)
    assert "Des fichiers ne seront pas déposés" in words_of(page)
    assert link_of(page, "mallettes.pdf").endswith("/pieces/A10#fichiers-a-rattacher")
    assert "1 fichier ne sera pas déposé" in words_of(client.page(f"{scene.path}/pieces"))
    assert joined(within, scene) == {"L02": "mallettes.pdf"}
    assert scene.file_id is not None
    with within():
        dossier = get_dossier(get_application(scene.file_id), DRAFTED, Audience.LEAD)
        assert [annex.pieces for annex in dossier.annexes if annex.key == "A10"] == [()]


def test_an_invited_reader_never_learns_the_names_of_confidential_quotes(
    client: StrictClient, scene: Scene, within: Within
) -> None:
    removed(client, scene, 1)
    with within() as session:
        assert scene.file_id is not None
        join(get_application(scene.file_id), "L01", "chariots.pdf")
        reader = make_user(session, "lectrice")
        seat(get_application(scene.file_id), reader, ParticipantRole.READER)
        session.commit()
        token = reader.fs_uniquifier
    with client.session_transaction() as held:
        held["_user_id"], held["_fresh"] = token, True
    for path in ("/pieces", "/pieces/A10", "/lecture"):
        words = words_of(client.page(scene.path + path))
        assert "mallettes.pdf" not in words
        assert "chariots.pdf" not in words
    assert "Votre invitation ne vous ouvre pas les fichiers" in words_of(client.page(f"{scene.path}/pieces/A10"))


def test_another_line_never_takes_the_quote_of_a_removed_one(
    client: StrictClient, scene: Scene, within: Within
) -> None:
    removed(client, scene, 1)
    page = parsed(send(client, budget_of(scene), client.page(budget_of(scene)), add="budget_lines"))
    cells = {"category": "investissement", "label": "Écrans", "quantity": "1", "unit_price": "6000"}
    sent = {f"budget_lines__11__{name}": text for name, text in cells.items()}
    answer = send(client, budget_of(scene), page, action="stay", **sent)
    assert "La ligne L02 n'existe pas dans les dépenses." in words_of(parsed(answer))  # a funder still names it
    assert {key for key, label in labels(within, scene).items() if label == "Écrans"} == {"L13"}
    assert "mallettes.pdf" not in row_of(client.page(budget_of(scene)), "L13")


def test_the_line_typed_again_finds_its_quote_again(client: StrictClient, scene: Scene, within: Within) -> None:
    page = client.page(budget_of(scene))
    sent = sent_by(page)
    del sent["budget_lines-1-id"]  # a page opened before the line had its number
    assert client.post(budget_of(scene), data=sent | {"action": "stay"}).status_code == 303
    assert labels(within, scene)["L02"] == "Mallettes connectées"
    assert "mallettes.pdf" in row_of(client.page(budget_of(scene)), "L02")


def test_a_stray_quote_is_given_to_another_line_and_the_history_tells_it(
    client: StrictClient, scene: Scene, within: Within
) -> None:
    removed(client, scene, 1)
    page = client.page(f"{scene.path}/pieces/A10")
    form = next(form for form in page.find_all("form") if "/rattachement/" in str(form.get("action")))
    token = str(one(form, 'input[name="csrf_token"]')["value"])
    refused = client.post(str(form["action"]), data={"csrf_token": token, "subject": ""})
    assert refused.status_code == 400
    assert "Indiquez le partenaire, le cofinanceur, le site ou la dépense" in words_of(parsed(refused))
    assert client.post(str(form["action"]), data={"csrf_token": token, "subject": "L01"}).status_code == 303
    assert joined(within, scene) == {"L01": "mallettes.pdf"}
    page = client.page(f"{scene.path}/pieces/A10")
    assert "Rattaché ailleurs" in words_of(page)
    assert "Fichiers à rattacher" not in words_of(page)


PASTED = (
    "Poste\tIntitulé\tQuantité\tPrix unitaire\tPart demandée\n"
    "Formation\tSessions\t2\t900\t1800\n"
    "Investissement\tMallettes connectées\t2\t4200\t5400\n"
)


def test_a_budget_replaced_by_an_import_keeps_the_quotes_of_the_lines_it_names(
    client: StrictClient, scene: Scene, within: Within
) -> None:
    with within() as session:
        assert scene.file_id is not None
        join(get_application(scene.file_id), "L01", "chariots.pdf")
        session.commit()
    sent = sent_by(client.page(budget_of(scene))) | {
        "budget_lines_paste": PASTED,
        "paste-replace": "budget_lines",
    }
    client.post(budget_of(scene), data=sent)
    found = labels(within, scene)
    assert found["L02"] == "Mallettes connectées"
    assert set(found) == {"L02", "L03"}  # L01 is not given to another expense while its quote waits
    page = client.page(budget_of(scene))
    assert link_of(page, "chariots.pdf").endswith("/pieces/A10#fichiers-a-rattacher")
    assert "mallettes.pdf" in row_of(page, "L02")


def test_lines_that_keep_a_quote_under_other_words_are_told(client: StrictClient, scene: Scene) -> None:
    table = "N°\tPoste\tIntitulé\tQuantité\tPrix unitaire\nL02\tInvestissement\tImprimantes\t1\t6000\n"
    sent = sent_by(client.page(budget_of(scene))) | {"budget_lines_paste": table, "paste-replace": "budget_lines"}
    page = parsed(client.post(budget_of(scene), data=sent))
    assert "relisez « Imprimantes (L02) »" in words_of(page)


def test_a_reference_does_not_stand_for_the_file(client: StrictClient, scene: Scene) -> None:
    send(client, budget_of(scene), client.page(budget_of(scene)), budget_lines__0__quote_ref="D-2023-17", action="stay")
    rule = one(client.page(budget_of(scene)), '[data-rule="quotes-A10"]')
    assert "Sans devis joint" in words_of(rule)
    assert "Chariots" in words_of(rule)
    assert "Mallettes" not in words_of(rule)


def complete(within: Within, scene: Scene) -> None:
    """Join what the deposit asks for."""
    assert scene.file_id is not None
    with within() as session:
        application = get_application(scene.file_id)
        for annex in example("application.yaml")["application"]["annexes"]:
            subjects = [""] if annex["provided"] else []
            if annex["id"] == "A09":
                subjects = [partner.key for partner in application.partners]
            elif annex["id"] == "A11":
                subjects = ["F02", "F03"]
            elif annex["id"] == "A10":
                subjects = ["L03"]
            for subject in subjects:
                upload = Upload([PDF], f"{annex['id']}-{subject}.pdf", 1_000_000)
                attach_piece(
                    application,
                    annex["id"],
                    upload,
                    storage=storage(),
                    actor=application.lead,
                    now=DRAFTED,
                    subject=subject,
                )
        session.commit()


def test_the_deposit_wants_the_quote_of_each_line_and_seals_them_in_order(
    client: StrictClient, scene: Scene, within: Within, clock: FixedClock
) -> None:
    complete(within, scene)
    clock.set(DEPOSITED)
    words = words_of(client.page(f"{scene.path}/verification"))
    assert "Chariots de téléconsultation équipés (L01)" in words
    assert scene.file_id is not None
    with within():
        application = get_application(scene.file_id)
        join(application, "L01", "chariots.pdf")
        sealed = submit(application, actor=application.lead, now=DEPOSITED)
        quotes = [(piece["subject"], piece["name"]) for piece in sealed.snapshot["pieces"] if piece["annex"] == "A10"]
        assert sorted(quotes) == [("L01", "chariots.pdf"), ("L02", "mallettes.pdf"), ("L03", "A10-L03.pdf")]
        received = [piece.name for piece in received_pieces(sealed) if "Devis" in piece.label]
        assert received == ["chariots.pdf", "mallettes.pdf", "A10-L03.pdf"]
        keys = [piece.label.split(" – ")[0] for piece in received_pieces(sealed)]
        assert keys == sorted(keys, key=[annex.label for annex in list_annexes(application, DEPOSITED)].index)
        dossier = get_dossier(application, DEPOSITED)
        annex = next(annex for annex in dossier.annexes if annex.key == "A10")
        assert [piece.subject_label for piece in annex.pieces] == [
            "Chariots de téléconsultation équipés (L01)",
            "Mallettes connectées (L02)",
            "Compléments de couverture Wi-Fi en chambre (3 sites) (L03)",
        ]
        assert read_deposit(sealed, DEPOSITED).particulars.pieces


def test_a_reused_file_names_the_quotes_to_join_again_with_their_line(scene: Scene, within: Within) -> None:
    assert scene.file_id is not None
    with within():
        source = get_application(scene.file_id)
        copy = duplicate_application(source, source.call_version, actor=source.lead, now=DRAFTED)
        told = get_copy(copy)[0].report["files"]
        about = "Devis de chaque équipement de plus de 5 000 € – Mallettes connectées (L02)"
        assert told == [{"name": "mallettes.pdf", "annex": about}]
        assert not copy.pieces


def test_a_script_that_sends_a_file_leaves_the_message_to_the_next_page(client: StrictClient, scene: Scene) -> None:
    address = f"{scene.path}/pieces/A10?depense=L01&retour=S8"
    sent = sent_by(client.page(address)).to_dict() | {"file": (io.BytesIO(PDF), "chariots.pdf", "application/pdf")}
    answer = client.post(f"{scene.path}/pieces/A10", data=sent, headers={"X-Requested-With": "XMLHttpRequest"})
    assert answer.get_json() == {"next": budget_of(scene)}
    assert "Le fichier est joint." in words_of(client.page(budget_of(scene)))
