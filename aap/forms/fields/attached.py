"""A question answered by a file. The file itself is received, typed, scanned and kept by ``files``."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from aap import french
from aap.forms.fields.field_type import FieldType, Parsed, Raw, Storage, UnreadableError, Written
from aap.forms.spec import FieldSpec

_GONE = "Ce fichier n'est plus disponible : déposez-le de nouveau."
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """The file given as an answer: which stored file, its name as given, its size in octets, its SHA-256.

    The name and the hash are part of the answer, so that its versions, its differences and the sealed deposit say
    which file it was without asking the storage.
    """

    id: uuid.UUID
    name: str
    size: int
    sha256: str


class FileType(FieldType[AttachedFile]):
    """An attachment. Only an upload writes it: what a browser sends under its name is never believed."""

    name = "file"
    title = "Fichier"
    storage = Storage.FILE

    @override
    def parse(self, spec: FieldSpec, raw: Raw) -> Parsed[AttachedFile]:
        """Ignore whatever was submitted."""
        return Parsed(None)

    @override
    def written(self, spec: FieldSpec, value: AttachedFile | None) -> Written:
        """Return nothing: the input of a file cannot be filled."""
        return {}

    @override
    def to_json(self, spec: FieldSpec, value: AttachedFile) -> Any:
        """Return the four particulars as text."""
        return {"id": str(value.id), "name": value.name, "size": str(value.size), "sha256": value.sha256}

    @override
    def from_json(self, spec: FieldSpec, value: Any) -> AttachedFile:
        """Read the four particulars."""
        if not isinstance(value, Mapping) or not {"id", "name", "size", "sha256"} <= set(value):
            raise UnreadableError(_GONE)
        size, sha256 = str(value["size"]), str(value["sha256"])
        if not (size.isascii() and size.isdigit()) or not _SHA256.fullmatch(sha256):
            raise UnreadableError(_GONE)
        try:
            return AttachedFile(uuid.UUID(str(value["id"])), str(value["name"]), int(size), sha256)
        except ValueError:
            raise UnreadableError(_GONE) from None

    @override
    def show(self, spec: FieldSpec, value: AttachedFile) -> str:
        """Return the name and the size."""
        return f"{value.name} ({french.size(value.size)})"

    @override
    def fact(self, value: AttachedFile | None) -> Any:
        """Return the name: a rule only asks whether there is a file."""
        return None if value is None else value.name
