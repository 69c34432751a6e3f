"""My files as one PDF: all that the jury may read and nothing else, never a closed file, each download kept."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from aap.applications.models import Application, ApplicationState, Piece, Submission
from aap.audit import AuditEntry
from aap.db import constraint_of, db
from aap.demonstration.pieces import write_pdf
from aap.extensions import storage
from aap.files.service import store_document
from aap.jobs.delivery import HANDLERS
from aap.jury.models import JuryBundle, JuryBundleFile, JuryMember
from aap.jury.service import assign, end_membership, recuse, unassign
from aap.outbox import Promise, deliver_all, list_due
from tests.integration.pages.office_case import SCORING
from tests.integration.pages.office_stage import Browser, browser, stage

__all__ = ["browser", "stage"]

pytestmark = pytest.mark.parametrize("stage", ["assigned:2"], indirect=True)
HERE = "/jury/{call}/hors-ligne"


@pytest.fixture(autouse=True)
def _at_work(browser: Browser) -> None:
    """It is the time of marking; two pieces of the case have pages: one for all, one confidential."""
    browser.clock.set(SCORING)
    with browser.stage.app.app_context():
        for annex, text in (("A12", "PROJET DE SANTE"), ("A02", "RELEVE BANCAIRE")):
            piece = db.session.scalars(
                select(Piece).where(Piece.application_id == browser.stage.case, Piece.annex_key == annex)
            ).one()
            piece.file.media_type = "application/pdf"
            storage().delete(piece.file.storage_key)
            storage().put(piece.file.storage_key, [write_pdf(text)], max_bytes=1_000_000)
        db.session.commit()
    browser.sign_in("j1")


def deliver(browser: Browser) -> None:
    """Let the worker do what was promised about bundles."""
    with browser.stage.app.app_context():
        now = browser.clock.now()
        kinds = select(Promise.id).where(Promise.kind.startswith("jury-bundle"), Promise.delivered_at.is_(None))
        wanted = set(db.session.scalars(kinds))
        assert deliver_all(HANDLERS, now, [one for one in list_due(now) if one in wanted]) == len(wanted), list(
            db.session.scalars(select(Promise.last_error).where(Promise.id.in_(wanted)))
        )


def prepared(browser: Browser) -> None:
    browser.accepted(HERE)
    deliver(browser)


def taken(browser: Browser) -> bytes:
    answer = browser.send(f"{HERE}/pdf")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert "attachment" in answer.headers["Content-Disposition"]
    return answer.get_data()


def seat_of(code: str) -> JuryMember:
    return db.session.scalars(select(JuryMember).where(JuryMember.code == code)).one()


def references(browser: Browser) -> dict[str, str]:
    """Return the reference of each file of the stage, by its place."""
    with browser.stage.app.app_context():
        found = {str(row.id): row.reference for row in db.session.scalars(select(Application))}
    return {str(number): str(found[str(key)]) for number, key in enumerate(browser.stage.files)}


def outline_of(document: bytes) -> dict[str, list[str]]:
    """Return the bookmarks of a document: the first level, each with its children."""
    with pikepdf.open(io.BytesIO(document)) as pdf, pdf.open_outline() as outline:
        return {item.title: [child.title for child in item.children] for item in outline.root}


def target_of(item: pikepdf.OutlineItem) -> pikepdf.Object:
    """Return the page that a bookmark opens."""
    assert isinstance(item.destination, pikepdf.Array)
    return item.destination[0]


def pages_of(document: bytes) -> list[str]:
    """Return what is drawn on each page, raw."""
    with pikepdf.open(io.BytesIO(document)) as pdf:
        return [
            page.Contents.read_bytes().decode("latin-1") if isinstance(page.Contents, pikepdf.Stream) else ""
            for page in pdf.pages
        ]


def test_one_document_holds_each_file_its_pieces_and_a_blank_grid(browser: Browser) -> None:
    assert "Préparer le PDF" in browser.text(HERE)
    browser.accepted(HERE)
    assert "en attente" in browser.text(HERE)
    deliver(browser)
    assert "3 dossiers, préparé le" in browser.text(HERE)
    document = taken(browser)
    outline = outline_of(document)
    for reference in references(browser).values():
        branch = outline[f"Dossier {reference}"]
        assert branch[-1] == f"Grille à remplir – {reference}"
    assert "Pièces jointes" in outline[f"Dossier {references(browser)['0']}"]
    assert "Avis consultatifs, non notés" in outline[f"Dossier {references(browser)['0']}"]
    with pikepdf.open(io.BytesIO(document)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "fr-FR"


def test_the_pieces_come_before_the_grid_and_confidential_ones_stay_out(browser: Browser) -> None:
    prepared(browser)
    document = taken(browser)
    drawn = pages_of(document)
    assert any("PROJET DE SANTE" in page for page in drawn)
    assert not any("RELEVE BANCAIRE" in page for page in drawn)
    assert "bancaire" not in str(outline_of(document)).lower()
    with pikepdf.open(io.BytesIO(document)) as pdf, pdf.open_outline() as outline:
        case = next(item for item in outline.root if item.title == f"Dossier {references(browser)['0']}")
        pages = [page.obj.objgen for page in pdf.pages]
        where = {child.title: pages.index(target_of(child).objgen) for child in case.children}
        assert "PROJET DE SANTE" in drawn[where["Pièces jointes"]]
        assert where["Pièces jointes"] < where[f"Grille à remplir – {references(browser)['0']}"]
        assert len(pdf.Root.StructTreeRoot.ParentTree.Nums) // 2 < len(pdf.pages)  # pages of pieces have no tags


def test_asked_twice_it_is_made_once(browser: Browser) -> None:
    browser.accepted(HERE)
    browser.accepted(HERE)
    deliver(browser)
    browser.accepted(HERE)
    with browser.stage.app.app_context():
        assert len(db.session.scalars(select(JuryBundle)).all()) == 1


def test_each_download_is_a_line_of_the_journal(browser: Browser) -> None:
    prepared(browser)
    taken(browser)
    taken(browser)
    with browser.stage.app.app_context():
        lines = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "jury.download_bundle")).all()
        assert [line.actor_id for line in lines] == [seat_of("J1").user_id] * 2
        assert {*lines[0].detail["files"]} == {str(one) for one in browser.stage.files}


def test_a_recusal_takes_the_document_back_and_makes_another_without_the_file(browser: Browser) -> None:
    prepared(browser)
    named = references(browser)
    assert f"Dossier {named['0']}" in outline_of(taken(browser))
    with browser.stage.app.app_context():
        first = db.session.scalars(select(JuryBundle)).one()
        assert first.file is not None
        key = first.file.storage_key
    browser.accepted("/jury/dossiers/{case}/deport", reason="Ma sœur y travaille.")
    assert browser.send(f"{HERE}/pdf").status_code == 404  # the former one is handed no more, the next not made yet
    assert "en attente" in browser.text(HERE)
    deliver(browser)
    document = taken(browser)
    assert f"Dossier {named['0']}" not in outline_of(document)
    assert f"Dossier {named['1']}" in outline_of(document)
    assert not any("PROJET DE SANTE" in page for page in pages_of(document)[:1])
    with browser.stage.app.app_context(), pytest.raises(Exception, match="plus disponible"):
        list(storage().read(key))


@pytest.mark.parametrize("how", ["withdrawn", "undone"])
def test_a_file_that_closes_by_itself_closes_the_document(browser: Browser, how: str) -> None:
    """What no service told of is found out at the download: the file left the jury, or is changed by its lead again."""
    prepared(browser)
    state = ApplicationState.WITHDRAWN if how == "withdrawn" else ApplicationState.COMPLETION_REQUESTED
    with browser.stage.app.app_context():
        db.session.get_one(Application, browser.stage.case).state = state
        db.session.commit()
    answer = browser.send(f"{HERE}/pdf")
    assert answer.status_code == 409
    assert "ne vous est plus ouvert" in browser.text(HERE)
    prepared(browser)
    assert f"Dossier {references(browser)['0']}" not in outline_of(taken(browser))


def test_a_file_taken_back_is_no_longer_inside(browser: Browser) -> None:
    prepared(browser)
    with browser.stage.app.app_context():
        seat, case = seat_of("J1"), db.session.get_one(Application, browser.stage.case)
        unassign(seat, case, actor=seat.user, now=SCORING)
        db.session.commit()
    deliver(browser)
    assert f"Dossier {references(browser)['0']}" not in outline_of(taken(browser))


def test_a_file_confided_later_is_announced_and_added_on_demand(browser: Browser) -> None:
    with browser.stage.app.app_context():
        seat, case = seat_of("J1"), db.session.get_one(Application, browser.stage.case)
        unassign(seat, case, actor=seat.user, now=SCORING)
        db.session.commit()
    prepared(browser)
    with browser.stage.app.app_context():
        seat, case = seat_of("J1"), db.session.get_one(Application, browser.stage.case)
        assign(seat, case, actor=seat.user, now=SCORING)
        db.session.commit()
    assert "1 dossier confié depuis n’y est pas" in browser.text(HERE)
    assert len(outline_of(taken(browser))) == 3  # still handed: the cover and two files
    prepared(browser)
    assert len(outline_of(taken(browser))) == 4


def test_who_leaves_the_jury_takes_nothing(browser: Browser) -> None:
    prepared(browser)
    with browser.stage.app.app_context():
        seat = seat_of("J1")
        end_membership(seat, reason="Démission.", actor=seat.user, now=SCORING)
        db.session.commit()
    assert browser.send(f"{HERE}/pdf").status_code == 404
    with browser.stage.app.app_context():
        assert db.session.scalars(select(JuryBundle.voided_at)).one() is not None


def test_a_recusal_while_it_is_made_leaves_no_file_behind(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    browser.accepted(HERE)

    def recused_meanwhile(*args: Any, **options: Any) -> Any:
        seat, case = seat_of("J1"), db.session.get_one(Application, browser.stage.case)
        recuse(seat, case, reason="Lien.", actor=seat.user, now=SCORING)
        return store_document(*args, **options)

    with monkeypatch.context() as patch:
        patch.setattr("aap.jobs.bundles.store_document", recused_meanwhile)
        deliver(browser)
    deliver(browser)
    document = taken(browser)
    assert f"Dossier {references(browser)['0']}" not in outline_of(document)
    with browser.stage.app.app_context():
        voided = db.session.scalars(select(JuryBundle).where(JuryBundle.voided_at.is_not(None))).one()
        assert voided.file is not None
        with pytest.raises(Exception, match="plus disponible"):
            list(storage().read(voided.file.storage_key))


def test_nothing_before_the_declaration_nor_for_others(browser: Browser) -> None:
    browser.sign_in("j5")
    assert browser.client.get(browser.stage.address(HERE)).location.endswith("/declaration")
    assert browser.send(HERE).location.endswith("/declaration")
    assert browser.send(f"{HERE}/pdf").location.endswith("/declaration")
    for stranger in ("lead", "officer", "director"):
        browser.sign_in(stranger)
        browser.page(HERE, 404)


def test_without_any_file_the_page_says_so(browser: Browser) -> None:
    with browser.stage.app.app_context():
        seat = seat_of("J1")
        for key in browser.stage.files:
            unassign(seat, db.session.get_one(Application, key), actor=seat.user, now=SCORING)
        db.session.commit()
    assert "Aucun dossier ne vous est confié" in browser.text(HERE)
    answer = browser.send(HERE)
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"made_at": SCORING}, "ck_jury_bundles_file_comes_with_its_hour"),
        ({}, "uq_jury_bundles_in_force"),
    ],
)
def test_the_database_refuses_what_makes_no_sense(browser: Browser, values: dict[str, object], constraint: str) -> None:
    browser.accepted(HERE)
    with browser.stage.app.app_context():
        row = JuryBundle(**{"jury_member_id": seat_of("J1").id, "asked_at": SCORING + timedelta(hours=1), **values})
        db.session.add(row)
        with pytest.raises(IntegrityError) as raised:
            db.session.flush()
        assert constraint_of(raised.value) == constraint
        db.session.rollback()


@pytest.mark.parametrize(
    ("position", "constraint"),
    [(0, "ck_jury_bundle_files_position_from_one"), (4, "uq_jury_bundle_files_bundle_id_submission_id")],
)
def test_the_database_keeps_the_contents_in_order(browser: Browser, position: int, constraint: str) -> None:
    prepared(browser)
    with browser.stage.app.app_context():
        bundle = db.session.scalars(select(JuryBundle)).one()
        deposits = set(db.session.scalars(select(Submission.id)))
        free = deposits - {one.submission_id for one in bundle.contents} or deposits
        deposit = min(free) if position == 0 else bundle.contents[0].submission_id
        row = JuryBundleFile(
            bundle_id=bundle.id, application_id=browser.stage.case, submission_id=deposit, position=position
        )
        db.session.add(row)
        with pytest.raises(IntegrityError) as raised:
            db.session.flush()
        assert constraint_of(raised.value) == constraint
        db.session.rollback()
