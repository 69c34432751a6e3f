"""The small PDF files that the demonstration joins."""

from __future__ import annotations

import io

import pikepdf

from aap.demonstration.pieces import write_pdf


def test_a_piece_is_a_pdf_that_a_reader_opens_without_mending() -> None:
    content = write_pdf("Lettre d'engagement (MSP)", "Signée à l'été – 100 €")
    with pikepdf.open(io.BytesIO(content)) as document:
        assert len(document.pages) == 1
        assert document.check_pdf_syntax() == []
        text = document.pages[0].Contents.read_bytes().decode("cp1252")
    assert r"Lettre d'engagement \(MSP\)" in text
    assert "Signée à l'été – 100 €" in text


def test_what_the_encoding_does_not_know_does_not_break_it() -> None:
    content = write_pdf("Référence 文")
    with pikepdf.open(io.BytesIO(content)) as document:
        assert document.check_pdf_syntax() == []
