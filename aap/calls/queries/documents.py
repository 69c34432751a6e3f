"""The typed document of a version, read once: a frozen version never changes, a draft changes its fingerprint."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from aap.calls.document.body import VersionDocument
from aap.calls.document.form import FormDocument
from aap.calls.document.storage import thaw
from aap.calls.form import form_spec
from aap.calls.models import CallVersion
from aap.calls.queries.calendars import step_row
from aap.calls.wording import CallWords
from aap.forms.spec import FormSpec
from aap.referentials.vocabularies import VOCABULARIES

KEPT = 64  # documents of a process; a region has a few calls at a time

_documents: dict[tuple[uuid.UUID, str], VersionDocument] = {}


def load_document(version: CallVersion) -> VersionDocument:
    """Return the document of a version, typed and frozen, from the cache of the process when it is known."""
    key = (version.id, version.fingerprint)
    if key not in _documents:
        while len(_documents) >= KEPT:
            _documents.pop(next(iter(_documents)))
        _documents[key] = VersionDocument.model_validate(thaw(version.document))
    return _documents[key]


def load_form(version: CallVersion) -> FormDocument:
    """Return the form of a version as the document writes it."""
    return load_document(version).form


def load_form_spec(version: CallVersion) -> FormSpec:
    """Return the form of a version as ``aap.forms`` fills it: choices resolved, French labels."""
    return _spec(_Held(version.id, version.fingerprint, load_document(version)))


def load_words(version: CallVersion) -> CallWords:
    """Return the French words of a version's facts, choices and dates, for explaining its rules."""
    return CallWords(load_document(version), {step.key: step_row(step) for step in version.call.steps})


def references_for(version: CallVersion) -> Callable[[str], Any]:
    """Return the reader of references that ``aap.rules.evaluate`` takes; an unknown one raises ``KeyError``."""
    scope = load_document(version).scope
    steps = {step.key: step.at for step in version.call.steps}

    def read(ref: str) -> Any:
        root, _, name = ref.partition(".")
        if root == "scope" and isinstance(getattr(scope, name, None), tuple):
            return getattr(scope, name)
        if root == "calendar":
            return steps[name]
        if root == "referentials":
            return VOCABULARIES[name].codes
        raise KeyError(ref)

    return read


class _Held:
    """A document with the key of its cache, so that what is built from it is kept as long."""

    __slots__ = ("document", "key")

    def __init__(self, version_id: uuid.UUID, fingerprint: str, document: VersionDocument) -> None:
        self.key = (version_id, fingerprint)
        self.document = document

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.key == self.key


@lru_cache(maxsize=KEPT)
def _spec(held: _Held) -> FormSpec:
    return form_spec(held.document)
