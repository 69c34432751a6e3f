"""A question answered by a file: with the form of its section, kept like any piece, and never replaced in silence."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import yaml
from flask import Flask
from sqlalchemy.orm import Session

from aap.accounts.models import User
from aap.applications.models import Application, CompletionItemKind
from aap.applications.queries import get_application, get_dossier
from aap.applications.queries.dossier_rows import Audience
from aap.applications.service import (
    ItemAsked,
    Upload,
    attach_answer,
    list_obstacles,
    request_completion,
    restore_answer,
    submit,
)
from aap.applications.service.duplication import duplicate_application, find_copy
from aap.applications.snapshot import take_snapshot
from aap.calls.export import export_call
from aap.calls.queries import current_version, get_call
from aap.clock import FixedClock
from aap.errors import ConflictError, TooLargeError
from aap.extensions import Services
from aap.files.models import ScanState
from aap.forms.queries import get_answers
from aap.storage import Storage
from tests.client import StrictClient
from tests.integration.applications.case import DEPOSITED, PDF
from tests.integration.pages.applicant_case import REF, Scene, draft, fill, one, parsed, sent_by, set_scene, words_of

Within = Callable[[], AbstractContextManager[Session]]
SCHEMA = {"id": "scheme", "type": "file", "required": True, "max_mb": 2, "label": "Schéma d'organisation"}
SECRET = {"id": "payroll", "type": "file", "blind": True, "label": "Grille des salaires"}
WHY = {
    "id": "no_scheme",
    "type": "text",
    "label": "Qui a dessiné le schéma ?",
    "show_if": {"field": "scheme", "op": "filled"},
}


def asking_files(document: dict[str, Any]) -> None:
    document["call"]["form"]["sections"][3]["fields"] += [SCHEMA, SECRET, WHY]


@pytest.fixture
def scene(within: Within, client: StrictClient, clock: FixedClock) -> Scene:
    """An empty file of a call that asks for files in its fourth section, on the day of its deposit."""
    clock.set(DEPOSITED)
    with within() as session:
        lead, officer, stranger = set_scene(session, asking_files)
        application = draft(lead)
        session.commit()
        made = Scene(lead.fs_uniquifier, officer.fs_uniquifier, stranger.fs_uniquifier, application.id)
    with client.session_transaction() as cookies:
        cookies.update({"_user_id": made.lead, "_fresh": True, "fs_cc": "set", "fs_paa": 2**31})
    return made


def store_of(app: Flask) -> Storage:
    services: Services = app.extensions["aap"]
    return services.storage


def join(application: Application, field: str, name: str, store: Storage, content: bytes = PDF) -> None:
    lead = application.lead
    attach_answer(application, field, Upload([content], name, 5_000_000), storage=store, actor=lead, now=DEPOSITED)


def test_a_file_comes_with_the_form_and_the_other_answers(client: StrictClient, scene: Scene, within: Within) -> None:
    path = f"{scene.path}/rubriques/S4"
    page = client.page(path)
    assert one(page, "main form[method=post]")["enctype"] == "multipart/form-data"
    assert "2 Mo au plus" in words_of(one(page, "#scheme-hint"))
    assert not page.select("#no_scheme")
    sent: dict[str, Any] = {**sent_by(page), "organisation": "Une équipe mobile.", "action": "stay"}
    answer = client.post(path, data={**sent, "scheme": (io.BytesIO(PDF), "schéma.pdf")})
    assert answer.status_code == 303
    page = client.page(path)
    told = words_of(one(page, "main"))
    assert "Le fichier « schéma.pdf » est joint." in told
    assert "Une équipe mobile." in told
    assert words_of(one(page, "[data-field=scheme] .aap-files a")) == "schéma.pdf"
    assert page.select("#no_scheme"), "a condition may ask whether a file is there"
    got = client.get(str(one(page, "[data-field=scheme] .aap-files a")["href"]))
    assert got.data == PDF
    with within():
        piece = get_application(_id(scene)).pieces[0]
        assert (piece.annex_key, piece.file.confidential) == ("scheme", False)


def test_a_refused_file_is_told_at_its_question_and_nothing_else_is_lost(client: StrictClient, scene: Scene) -> None:
    path = f"{scene.path}/rubriques/S4"
    sent: dict[str, Any] = {**sent_by(client.page(path)), "organisation": "Deux équipes."}
    disguised = client.post(path, data={**sent, "scheme": (io.BytesIO(b"MZ\x90\x00programme"), "photo.pdf")})
    assert disguised.status_code == 400
    page = parsed(disguised)
    assert words_of(one(page, "#scheme-error")).startswith("Erreur : ")
    assert words_of(one(page, "#organisation")) == "Deux équipes."
    assert words_of(one(client.page(path), "#organisation")) == "Deux équipes."


def test_a_replaced_file_is_told_and_can_be_restored(client: StrictClient, scene: Scene, within: Within) -> None:
    path = f"{scene.path}/rubriques/S4"
    for name in ("premier.pdf", "second.pdf"):
        sent: dict[str, Any] = {**sent_by(client.page(path)), "action": "stay"}
        client.post(path, data={**sent, "scheme": (io.BytesIO(PDF + name.encode()), name)})
    page = client.page(path)
    assert "« second.pdf » remplace « premier.pdf », qui reste dans les versions" in words_of(one(page, "main"))
    with within():
        old, new = sorted(get_application(_id(scene)).pieces, key=lambda piece: piece.replaced_at is None)
        assert (old.replaced_at, old.successor_id, new.replaced_at) == (DEPOSITED, new.id, None)
    history = f"{path}/historique/scheme?detail=1"
    told = words_of(one(client.page(history), "main"))
    assert "premier.pdf" in told
    assert "second.pdf" in told
    form = {**sent_by(client.page(path)), "detach": "scheme"}
    client.post(path, data=form)
    page = client.page(path)
    assert "« second.pdf » est retiré. Il reste dans les versions" in words_of(one(page, "main"))
    assert not page.select("[data-field=scheme] .aap-files")
    with within() as session:
        application = get_application(_id(scene))
        restore_answer(application, "scheme", 1, 3, actor=application.lead, now=DEPOSITED)
        session.commit()
    page = client.page(path)
    assert words_of(one(page, "[data-field=scheme] .aap-files a")) == "premier.pdf"
    with within():
        held = [piece for piece in get_application(_id(scene)).pieces if piece.replaced_at is None]
        assert [piece.file.name for piece in held] == ["premier.pdf"]


def test_the_browser_sends_a_file_at_once(client: StrictClient, scene: Scene) -> None:
    page = client.page(f"{scene.path}/rubriques/S4")
    address = str(one(page, "[data-field=scheme] [data-attach]")["data-attach"])
    token = sent_by(page)["csrf_token"]
    said = client.post(address, data={"csrf_token": token, "file": (io.BytesIO(PDF), "plan.pdf")})
    assert (said.status_code, said.json) == (200, {"said": "Le fichier « plan.pdf » est joint.", "version": 1})
    empty = client.post(address, data={"csrf_token": token, "file": (io.BytesIO(b""), "vide.pdf")})
    assert empty.status_code == 400
    assert "vide" in str(empty.json)
    other = address.replace("/scheme", "/organisation")
    headers = {"Accept": "application/json"}
    wrong = client.post(other, data={"csrf_token": token, "file": (io.BytesIO(PDF), "a.pdf")}, headers=headers)
    assert wrong.status_code == 404


def test_a_file_over_the_limit_of_its_question_is_refused(scene: Scene, within: Within, app: Flask) -> None:
    with within():
        application = get_application(_id(scene))
        with pytest.raises(TooLargeError, match="taille permise \\(2 Mo\\)"):
            join(application, "scheme", "lourd.pdf", store_of(app), PDF + b"0" * 2_000_000)
        join(application, "payroll", "plus-lourd.pdf", store_of(app), PDF + b"0" * 2_000_000)


def test_what_a_browser_types_is_never_believed(client: StrictClient, scene: Scene, within: Within) -> None:
    path = f"{scene.path}/rubriques/S4"
    sent = {**sent_by(client.page(path)), "scheme": "7d9d4f3e-8a54-4f3c-9a51-0d0c9ff0f3aa", "action": "stay"}
    client.post(path, data=sent)
    with within():
        assert "scheme" not in get_answers(get_application(_id(scene)).sheet_id)


def test_a_required_file_is_missed_and_one_in_quarantine_too(scene: Scene, within: Within, app: Flask) -> None:
    with within():
        application = get_application(_id(scene))
        assert "scheme" in {problem.place for problem in list_obstacles(application, DEPOSITED)}
        join(application, "scheme", "plan.pdf", store_of(app))
        assert "scheme" not in {problem.place for problem in list_obstacles(application, DEPOSITED)}
        piece = application.pieces[0]
        piece.file.scan_state, piece.file.scanned_at, piece.file.virus = ScanState.INFECTED, DEPOSITED, "Eicar"
        assert "scheme" in {problem.place for problem in list_obstacles(application, DEPOSITED)}


def test_a_file_is_read_sealed_and_hidden_as_its_question_is(scene: Scene, within: Within, app: Flask) -> None:
    with within():
        application = get_application(_id(scene))
        join(application, "scheme", "plan.pdf", store_of(app))
        join(application, "payroll", "salaires.pdf", store_of(app))
        shown = {audience: _names(application, audience) for audience in Audience}
        assert shown[Audience.AGENCY] == shown[Audience.LEAD] == ["plan.pdf", "salaires.pdf"]
        assert shown[Audience.JURY] == ["plan.pdf"]
        dossier = get_dossier(application, DEPOSITED, Audience.JURY)
        answers = {field.id: field.text for section in dossier.sections for field in section.fields}
        assert answers["scheme"].startswith("plan.pdf (")
        assert "payroll" not in answers
        snapshot = take_snapshot(application, 1, DEPOSITED, {"scheme"})
        assert [(one_["annex"], one_["label"], one_["name"]) for one_ in snapshot["pieces"]] == [
            ("scheme", "Schéma d'organisation", "plan.pdf")
        ]
        assert snapshot["answers"]["scheme"]["sha256"] == snapshot["pieces"][0]["sha256"]


def test_only_a_question_asked_again_takes_another_file(scene: Scene, within: Within, app: Flask) -> None:
    with within() as session:
        application = get_application(_id(scene))
        fill(application, application.lead, store_of(app))
        join(application, "scheme", "plan.pdf", store_of(app))
        submit(application, actor=application.lead, now=DEPOSITED)
        officer = session.query(User).filter_by(fs_uniquifier=scene.officer).one()
        later = DEPOSITED + timedelta(days=10)
        asked = (ItemAsked(CompletionItemKind.FIELD, "scheme", "Illisible."),)
        request_completion(application, asked, "Un schéma lisible.", actor=officer, now=later)
        again = Upload([PDF + b"2"], "plan-2.pdf", 5_000_000)
        store, lead = store_of(app), application.lead
        done = attach_answer(application, "scheme", again, storage=store, actor=lead, now=later)
        assert done.before is not None
        assert done.before.name == "plan.pdf"
        with pytest.raises(ConflictError, match="ne fait pas partie des compléments"):
            attach_answer(application, "payroll", again, storage=store, actor=lead, now=later)


def test_a_file_serves_again_in_a_copy_and_is_to_be_checked(scene: Scene, within: Within, app: Flask) -> None:
    with within():
        source = get_application(_id(scene))
        join(source, "scheme", "plan.pdf", store_of(app))
        version = current_version(get_call(REF))
        copy = duplicate_application(source, version, actor=source.lead, now=DEPOSITED)
        (piece,) = copy.pieces
        assert (piece.annex_key, piece.file.name, piece.file_id) == ("scheme", "plan.pdf", source.pieces[0].file_id)
        report = next(one_ for one_ in _report(copy) if one_["label"] == "Schéma d'organisation")
        assert report["fate"] == "to_review"
        assert "plan.pdf" in report["why"]


def test_a_call_that_asks_for_files_is_exported_as_it_was_imported(within: Within) -> None:
    with within() as session:
        set_scene(session, asking_files)
        exported = yaml.safe_load(export_call(get_call(REF)))
        assert exported["call"]["form"]["sections"][3]["fields"][-3:] == [SCHEMA, SECRET, WHY]


def _names(application: Application, audience: Audience) -> list[str]:
    dossier = get_dossier(application, DEPOSITED, audience)
    return [piece.name for annex in dossier.annexes for piece in annex.pieces]


def _report(copy: Application) -> list[dict[str, str]]:
    found = find_copy(copy)
    assert found is not None
    return list(found.report["lines"])


def _id(scene: Scene) -> Any:
    assert scene.file_id is not None
    return scene.file_id
