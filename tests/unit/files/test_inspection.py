"""What a file is, by its content; what is refused, and in which words."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

import pikepdf
import pytest
from PIL import Image

from aap.errors import InvalidError
from aap.files.inspection import DOC, DOCX, JPEG, ODT, PDF, PNG, XLSX, FileType, inspect

ODT_TYPE = "application/vnd.oasis.opendocument.text"


def kind_of(content: bytes, name: str, folder: Path) -> FileType:
    with opened(content, folder) as file:
        return inspect(file, name)


def opened(content: bytes, folder: Path) -> BinaryIO:
    path = folder / "file"
    path.write_bytes(content)
    return path.open("rb")


def refusal(content: bytes, name: str, folder: Path) -> InvalidError:
    with pytest.raises(InvalidError) as refused:
        kind_of(content, name, folder)
    assert refused.value.problems[0].place == "file"
    return refused.value


def package(entries: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def docx(**more: bytes) -> bytes:
    return package({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>", **more})


def odt(manifest: str = "<manifest/>") -> bytes:
    return package({"mimetype": ODT_TYPE, "content.xml": "<office/>", "META-INF/manifest.xml": manifest})


def picture(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, kind)
    return buffer.getvalue()


def pdf(**options: object) -> bytes:
    buffer = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(buffer, **options)  # type: ignore[arg-type]  # options of pikepdf
    return buffer.getvalue()


def bomb(octets: int) -> bytes:
    packed = zlib.compress(b"\0" * octets, 9)
    words = b"1 0 obj\n<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed)
    return b"%PDF-1.7\n" + words + packed + b"\nendstream\nendobj\n%%EOF"


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (pdf(), "statuts.pdf", PDF),
        (b"%PDF-1.7 fictif", "abîmé mais lisible.PDF", PDF),
        (picture("PNG"), "plan.png", PNG),
        (picture("JPEG"), "photo.jpeg", JPEG),
        (docx(), "lettre.docx", DOCX),
        (package({"[Content_Types].xml": "x", "xl/workbook.xml": "x"}), "comptes.xlsx", XLSX),
        (odt(), "lettre.odt", ODT),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "WordDocument".encode("utf-16-le"), "ancien.doc", DOC),
    ],
)
def test_the_content_decides(content: bytes, name: str, kind: FileType, tmp_path: Path) -> None:
    assert kind_of(content, name, tmp_path) is kind


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"MZ\x90\0 programme", "statuts.pdf", "type-trompeur"),
        (b"<html>", "page.html", "type-refuse"),
        (docx(), "statuts.pdf", "type-trompeur"),
        (pdf(), "statuts.docx", "type-trompeur"),
        (package({"virus.exe": b"x"}), "lettre.docx", "type-refuse"),
        (docx()[:-40], "lettre.docx", "fichier-abime"),
        (odt('<manifest:encryption-data manifest:checksum="x"/>'), "lettre.odt", "fichier-chiffre"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "lettre.docx",
            "fichier-chiffre",
        ),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 40, "plan.png", "fichier-abime"),
    ],
)
def test_a_disguise_is_refused(content: bytes, name: str, code: str, tmp_path: Path) -> None:
    assert refusal(content, name, tmp_path).code == code


@pytest.mark.parametrize("user", ["secret", ""])
def test_an_encrypted_pdf_is_refused_with_its_reason(user: str, tmp_path: Path) -> None:
    locked = pdf(encryption=pikepdf.Encryption(owner="proprietaire", user=user))
    error = refusal(locked, "statuts.pdf", tmp_path)
    assert error.code == "fichier-chiffre"
    assert "Enregistrez-en une copie sans protection" in error.message


def test_what_unfolds_beyond_measure_is_refused(tmp_path: Path) -> None:
    assert refusal(bomb(60_000_000), "plan.pdf", tmp_path).code == "fichier-piege"
    inflated = docx(**{"word/media/image1.png": b"\0" * 60_000_000})
    assert len(inflated) < 100_000
    assert refusal(inflated, "lettre.docx", tmp_path).code == "fichier-piege"
    twice = bomb(1000).replace(b"/Filter /FlateDecode", b"/Filter [/FlateDecode /FlateDecode]")
    assert refusal(twice, "plan.pdf", tmp_path).code == "fichier-piege"


def test_a_document_that_unfolds_as_usual_is_kept(tmp_path: Path) -> None:
    assert kind_of(bomb(2_000_000), "plan.pdf", tmp_path) is PDF
    assert kind_of(docx(**{"word/media/image1.png": b"\0" * 2_000_000}), "lettre.docx", tmp_path) is DOCX


def test_an_image_of_too_many_points_is_refused(tmp_path: Path) -> None:
    header = bytearray(picture("PNG"))
    header[16:24] = (60_000).to_bytes(4, "big") * 2
    header[29:33] = zlib.crc32(header[12:29]).to_bytes(4, "big")
    assert refusal(bytes(header), "plan.png", tmp_path).code == "fichier-piege"
