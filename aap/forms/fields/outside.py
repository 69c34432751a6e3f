"""Fields whose value comes from elsewhere: computed by the application, or attached as a file."""

from __future__ import annotations

import uuid
from typing import Any

from typing_extensions import override

from aap.forms.fields.cleaning import clean_line, text_from_json
from aap.forms.fields.field_type import Parsed, Raw, ScalarType, Storage, UnreadableError, Written
from aap.forms.spec import FieldSpec


class ComputedType(ScalarType[str]):
    """A text the application computes: shown, never submitted."""

    name = "computed"
    title = "Valeur calculée"
    storage = Storage.NONE

    @override
    def parse(self, spec: FieldSpec, raw: Raw) -> Parsed[str]:
        """Ignore whatever was submitted."""
        return Parsed(None)

    @override
    def read(self, text: str) -> str | None:
        """Return the text."""
        return clean_line(text) or None

    @override
    def write(self, value: str) -> str:
        """Return the text."""
        return value

    @override
    def written(self, spec: FieldSpec, value: str | None) -> Written:
        """Return nothing: there is no input."""
        return {}

    @override
    def to_json(self, spec: FieldSpec, value: str) -> Any:
        """Return the text."""
        return value

    @override
    def from_json(self, spec: FieldSpec, value: Any) -> str:
        """Return the text."""
        return text_from_json(value)

    @override
    def show(self, spec: FieldSpec, value: str) -> str:
        """Return the text."""
        return value


class FileType(ScalarType[uuid.UUID]):
    """An attachment, by its identifier: ``files`` receives, scans and keeps the file itself."""

    name = "file"
    title = "Fichier"

    @override
    def read(self, text: str) -> uuid.UUID | None:
        """Return the identifier."""
        line = clean_line(text)
        if not line:
            return None
        try:
            return uuid.UUID(line)
        except ValueError:
            raise UnreadableError("Ce fichier n'est plus disponible : déposez-le de nouveau.") from None

    @override
    def write(self, value: uuid.UUID) -> str:
        """Return the identifier."""
        return str(value)

    @override
    def to_json(self, spec: FieldSpec, value: uuid.UUID) -> Any:
        """Return the identifier."""
        return str(value)

    @override
    def from_json(self, spec: FieldSpec, value: Any) -> uuid.UUID:
        """Return the identifier."""
        read = value if isinstance(value, uuid.UUID) else self.read(text_from_json(value))
        if read is None:
            raise UnreadableError("Un fichier est attendu.")
        return read

    @override
    def show(self, spec: FieldSpec, value: uuid.UUID) -> str:
        """Say that a file is there."""
        return "Fichier joint"
