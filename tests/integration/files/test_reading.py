"""The text of the pieces is read by a process of its own, for one thing: a number that looks like a patient's."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from aap.applications.models import Application
from aap.applications.service import Upload, attach_piece
from aap.demonstration.pieces import write_pdf
from aap.documents.reading import seems_sensitive, text_of
from aap.documents.story import Story
from aap.documents.tagging import Meta
from aap.extensions import storage
from aap.jobs.files import read_files
from tests.integration.applications.case import DRAFTED, PDF, People
from tests.integration.applications.conftest import call, draft, people, version

__all__ = ["call", "draft", "people", "version"]
NIR = "2 69 05 49 588 157 80"


def printed(text: str) -> bytes:
    """Return a PDF whose embedded font has its own codes, as word processors write them."""
    story = Story()
    story.title("Lettre")
    story.text(text)
    return story.render(Meta("Lettre", "Structure", "Lettre", "L1", DRAFTED))


@pytest.mark.parametrize("write", [write_pdf, printed])
def test_a_number_is_recognised_whatever_the_font(write: object, tmp_path: Path) -> None:
    path = tmp_path / "lettre.pdf"
    path.write_bytes(write(f"Suivi de {NIR}."))  # type: ignore[operator]  # both write a PDF
    assert "Suivi de" in text_of(path)
    assert seems_sensitive(path)
    path.write_bytes(write("Suivi de 24 résidents."))  # type: ignore[operator]  # same
    assert not seems_sensitive(path)


def test_what_cannot_be_read_is_not_suspected(tmp_path: Path) -> None:
    path = tmp_path / "abime.pdf"
    path.write_bytes(PDF)
    assert not seems_sensitive(path)


def test_pieces_are_read_once(session: Session, draft: Application, people: People) -> None:
    contents = {"patient.pdf": write_pdf(f"Patient {NIR}"), "projet.pdf": write_pdf("Projet de santé"), "x.pdf": PDF}
    for name, content in contents.items():
        upload = Upload([content], name, 1_000_000)
        attach_piece(draft, "A12", upload, storage=storage(), actor=people.lead, now=DRAFTED)
    session.commit()
    assert read_files() == 3
    assert [piece.file.name for piece in draft.pieces if piece.file.sensitive] == ["patient.pdf"]
    assert read_files() == 0
