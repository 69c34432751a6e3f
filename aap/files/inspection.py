"""What a file is, read from its content; what is refused before it is kept: disguises, passwords, bombs.

The file is read from disk, never whole in memory, with the standard library only: a hostile PDF is not given to a PDF
library within a page. What is damaged is kept: a person reads what the service could not merge.
"""

from __future__ import annotations

import mmap
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

from aap.errors import InvalidError

MOST_INFLATED = 400_000_000  # octets that the parts of one document may unfold into
MOST_RATIO = 150  # times its own size, beyond which a large unfolding is a bomb
SMALL = 20_000_000  # octets unfolded that nobody minds, whatever the ratio
MOST_ENTRIES = 10_000
MOST_PIXELS = 120_000_000  # an A2 sheet at 300 dots per inch is 35 million
_CHUNK = 64 * 1024
_HEAD = 1024
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ODF = "application/vnd.oasis.opendocument."
_OOXML = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True, slots=True)
class FileType:
    """A permitted type: its extensions (the usual one first), its media type and what a person calls it."""

    extensions: tuple[str, ...]
    media_type: str
    noun: str


PDF = FileType(("pdf",), "application/pdf", "un PDF")
PNG = FileType(("png",), "image/png", "une image PNG")
JPEG = FileType(("jpg", "jpeg"), "image/jpeg", "une image JPEG")
ODT = FileType(("odt",), f"{_ODF}text", "un texte OpenDocument")
ODS = FileType(("ods",), f"{_ODF}spreadsheet", "un tableur OpenDocument")
DOCX = FileType(("docx",), f"{_OOXML}wordprocessingml.document", "un texte Word")
XLSX = FileType(("xlsx",), f"{_OOXML}spreadsheetml.sheet", "un tableur Excel")
DOC = FileType(("doc",), "application/msword", "un ancien texte Word")
XLS = FileType(("xls",), "application/vnd.ms-excel", "un ancien tableur Excel")
FILE_TYPES = (PDF, PNG, JPEG, ODT, ODS, DOCX, XLSX, DOC, XLS)
ACCEPTED = ", ".join(f".{extension}" for kind in FILE_TYPES for extension in kind.extensions)

_ENCRYPTED_PDF = re.compile(rb"/Encrypt\s*(?:<<|\d+\s+\d+\s+R)")
_PDF_STREAM = re.compile(rb"stream\r?\n")
_FLATE = re.compile(rb"/(?:FlateDecode|Fl)\b")


def inspect(file: BinaryIO, name: str) -> FileType:
    """Return the type of a file by its content; ``file`` is a real file, open and rewindable.

    Raises:
        InvalidError: not a permitted type, not what its name says, protected by a password, or a bomb (on ``file``).

    """
    kind = _read_type(file, name)
    _check_name(kind, name)
    if kind is PDF:
        _check_pdf(file, name)
    elif kind in {PNG, JPEG}:
        _check_image(file, name)
    elif kind in {ODT, ODS, DOCX, XLSX}:
        _check_package(file, name)
    file.seek(0)
    return kind


def named_type(name: str) -> FileType | None:
    """Return the permitted type that a name announces, if any."""
    extension = name.rpartition(".")[2].lower()
    return next((kind for kind in FILE_TYPES if extension in kind.extensions), None)


def _refused(message: str, code: str) -> InvalidError:
    return InvalidError.on("file", message, code=code)


def _read_type(file: BinaryIO, name: str) -> FileType:
    file.seek(0)
    head = file.read(_HEAD)
    if head.lstrip(b"\xef\xbb\xbf\r\n\t \0").startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(_ZIP):
        return _read_package_type(file, name)
    if head.startswith(_OLE):
        return _read_ole_type(file, name)
    announced = named_type(name)
    if announced is not None:
        raise _refused(
            f"Le fichier « {name} » n'est pas un vrai fichier .{announced.extensions[0]} : "
            "ouvrez-le et réenregistrez-le.",
            "type-trompeur",
        )
    raise _refused(f"Ce type de fichier n'est pas accepté. Formats possibles : {ACCEPTED}.", "type-refuse")


def _check_name(kind: FileType, name: str) -> None:
    """Refuse a name that announces another type: whoever opens it would be misled."""
    if name.rpartition(".")[2].lower() not in kind.extensions:
        raise _refused(
            f"Le fichier « {name} » est en réalité {kind.noun} : donnez-lui l'extension .{kind.extensions[0]}, "
            "ou choisissez le bon fichier.",
            "type-trompeur",
        )


# ------------------------------------------------------------------------------------------------- office documents
def _read_package_type(file: BinaryIO, name: str) -> FileType:
    with _package(file, name) as package:
        names = set(package.namelist())
        if "mimetype" in names and package.getinfo("mimetype").file_size < _HEAD:
            declared = package.read("mimetype").decode("ascii", "replace").strip()
            found = next((kind for kind in (ODT, ODS) if kind.media_type == declared), None)
        elif "[Content_Types].xml" in names:
            found = DOCX if "word/document.xml" in names else XLSX if "xl/workbook.xml" in names else None
        else:
            found = None
    if found is None:
        message = f"« {name} » est une archive, ou un document d'un type qui n'est pas accepté. Formats : {ACCEPTED}."
        raise _refused(message, "type-refuse")
    return found


def _read_ole_type(file: BinaryIO, name: str) -> FileType:
    """Tell old Word and Excel files, and new ones behind a password, by the names of their streams."""
    with _mapped(file) as content:
        if content.find("EncryptedPackage".encode("utf-16-le")) >= 0:
            raise _locked(name)
        if content.find("WordDocument".encode("utf-16-le")) >= 0:
            return DOC
        if content.find("Workbook".encode("utf-16-le")) >= 0:
            return XLS
    raise _refused(f"Ce type de fichier n'est pas accepté. Formats possibles : {ACCEPTED}.", "type-refuse")


def _check_package(file: BinaryIO, name: str) -> None:
    with _package(file, name) as package:
        entries = package.infolist()
        if len(entries) > MOST_ENTRIES:
            raise _bomb(name)
        if any(entry.flag_bits & 1 for entry in entries) or _odf_locked(package, entries):
            raise _locked(name)
        total, budget = 0, _budget(_size(file))
        if sum(entry.file_size for entry in entries) > budget:
            raise _bomb(name)
        try:
            for entry in entries:
                with package.open(entry) as part:
                    while chunk := part.read(_CHUNK):
                        total += len(chunk)
                        if total > budget:
                            raise _bomb(name)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise _damaged(name) from error


def _odf_locked(package: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> bool:
    manifest = next((entry for entry in entries if entry.filename == "META-INF/manifest.xml"), None)
    if manifest is None or manifest.file_size > SMALL:
        return False
    try:
        return b"encryption-data" in package.read(manifest)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        return False


def _package(file: BinaryIO, name: str) -> zipfile.ZipFile:
    file.seek(0)
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _damaged(name) from error


# --------------------------------------------------------------------------------------------------------------- PDF
def _check_pdf(file: BinaryIO, name: str) -> None:
    with _mapped(file) as content:
        if _ENCRYPTED_PDF.search(content):
            raise _locked(name)
        total, budget = 0, _budget(len(content))
        for match in _PDF_STREAM.finditer(content):
            words = content[max(0, match.start() - 600) : match.start()].rpartition(b"obj")[2]
            filters = len(_FLATE.findall(words))
            if filters > 1:
                raise _bomb(name)
            if filters == 1:
                for length in _inflated(content, match.end()):
                    total += length
                    if total > budget:
                        raise _bomb(name)


def _inflated(content: mmap.mmap, start: int) -> Iterator[int]:
    """Unfold one stream piece by piece, keeping nothing; a damaged stream simply ends."""
    engine = zlib.decompressobj()
    try:
        while start < len(content) and not engine.eof:
            waiting = content[start : start + _CHUNK]
            start += len(waiting)
            while waiting and not engine.eof:
                yield len(engine.decompress(waiting, 1_000_000))
                waiting = engine.unconsumed_tail
    except zlib.error:
        return


# ------------------------------------------------------------------------------------------------------------ images
def _check_image(file: BinaryIO, name: str) -> None:
    file.seek(0)
    try:
        with Image.open(file, formats=("PNG", "JPEG")) as image:
            width, height = image.size
    except Image.DecompressionBombError as error:
        raise _bomb(name) from error
    except (OSError, ValueError, SyntaxError) as error:
        raise _damaged(name) from error
    if width * height > MOST_PIXELS:
        raise _bomb(name)


# ------------------------------------------------------------------------------------------------------------- words
def _budget(size: int) -> int:
    return min(MOST_INFLATED, max(SMALL, MOST_RATIO * size))


def _size(file: BinaryIO) -> int:
    return file.seek(0, 2)


def _mapped(file: BinaryIO) -> mmap.mmap:
    file.flush()
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _locked(name: str) -> InvalidError:
    return _refused(
        f"« {name} » est protégé par un mot de passe ou chiffré : ni l'agence ni l'antivirus ne peuvent le lire. "
        "Enregistrez-en une copie sans protection, puis joignez-la.",
        "fichier-chiffre",
    )


def _bomb(name: str) -> InvalidError:
    return _refused(
        f"« {name} » est refusé : son contenu compressé est anormalement volumineux. "
        "Réenregistrez-le depuis le logiciel d'origine, ou allégez ses images.",
        "fichier-piege",
    )


def _damaged(name: str) -> InvalidError:
    return _refused(f"« {name} » est abîmé : ouvrez-le, réenregistrez-le, puis joignez-le.", "fichier-abime")
