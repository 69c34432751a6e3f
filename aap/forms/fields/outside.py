"""Fields whose value comes from elsewhere: computed by the application, or attached as a file."""

from __future__ import annotations

import uuid
from typing import Any

from aap.forms.fields.cleaning import clean_line, text_from_json
from aap.forms.fields.field_type import Parsed, Raw, ScalarType, Storage, UnreadableError, Written
from aap.forms.spec import FieldSpec


class ComputedType(ScalarType[str]):
    """A text the application computes: shown, never submitted."""

    name = "computed"
    title = "Valeur calculée"
    storage = Storage.NONE

    def parse(self, spec: FieldSpec, raw: Raw) -> Parsed[str]:  # noqa: ARG002  # what a browser sends here is ignored
        """Ignore whatever was submitted."""
        return Parsed(None)

    def read(self, text: str) -> str | None:
        """Return the text."""
        return clean_line(text) or None

    def write(self, value: str) -> str:
        """Return the text."""
        return value

    def written(self, spec: FieldSpec, value: str | None) -> Written:  # noqa: ARG002  # there is no input
        """Return nothing: there is no input."""
        return {}

    def to_json(self, value: str) -> Any:
        """Return the text."""
        return value

    def from_json(self, value: Any) -> str:
        """Return the text."""
        return text_from_json(value)

    def show(self, spec: FieldSpec, value: str) -> str:  # noqa: ARG002  # signature of the family
        """Return the text."""
        return value


class FileType(ScalarType[uuid.UUID]):
    """An attachment, by its identifier: ``files`` receives, scans and keeps the file itself."""

    name = "file"
    title = "Fichier"

    def read(self, text: str) -> uuid.UUID | None:
        """Return the identifier."""
        line = clean_line(text)
        if not line:
            return None
        try:
            return uuid.UUID(line)
        except ValueError:
            raise UnreadableError("Ce fichier n'est plus disponible : déposez-le de nouveau.") from None

    def write(self, value: uuid.UUID) -> str:
        """Return the identifier."""
        return str(value)

    def to_json(self, value: uuid.UUID) -> Any:
        """Return the identifier."""
        return str(value)

    def from_json(self, value: Any) -> uuid.UUID:
        """Return the identifier."""
        read = value if isinstance(value, uuid.UUID) else self.read(text_from_json(value))
        if read is None:
            raise UnreadableError("Un fichier est attendu.")
        return read

    def show(self, spec: FieldSpec, value: uuid.UUID) -> str:  # noqa: ARG002  # the page shows the name and a link
        """Say that a file is there."""
        return "Fichier joint"
