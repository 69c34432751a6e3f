"""Fields whose value comes from elsewhere: computed by the application."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from aap.forms.fields.cleaning import clean_line, text_from_json
from aap.forms.fields.field_type import Parsed, Raw, ScalarType, Storage, Written
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
