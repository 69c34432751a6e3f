"""Two texts of one answer, for a person to read: what a conflict shows, on a page or to the browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aap import french
from aap.accounts.models import User
from aap.accounts.queries import names_of
from aap.forms.fields import UnreadableError, field_type
from aap.forms.service import Conflict
from aap.forms.spec import FieldSpec, SectionSpec
from aap.forms.unread import unread_texts, unread_words

YOURSELF = "vous, dans une autre fenêtre"
SOMEBODY = "quelqu'un d'autre"


def words_of(spec: FieldSpec, stored: Any) -> str:
    """Return a stored answer as a person reads it, one that could not be read as it was typed."""
    typed = unread_texts(stored)
    if typed is not None:
        return unread_words(typed)
    kind = field_type(spec)
    try:
        return "" if stored is None else kind.show(spec, kind.from_json(spec, stored))
    except UnreadableError:
        return str(stored)


def told_conflicts(section: SectionSpec, conflicts: tuple[Conflict, ...], actor: User) -> list[dict[str, Any]]:
    """Return each conflict in words: both texts, who saved the other one and when."""
    specs = {spec.id: spec for spec in section.fields}
    names = names_of({one.theirs_by_id for one in conflicts if one.theirs_by_id is not None})
    return [_told(specs[one.field_key], one, actor, names) for one in conflicts]


def _told(spec: FieldSpec, conflict: Conflict, actor: User, names: Mapping[Any, str]) -> dict[str, Any]:
    mine = conflict.theirs_by_id == actor.id
    return {
        "field": conflict.field_key,
        "label": conflict.label,
        "yours": words_of(spec, conflict.yours),
        "theirs": words_of(spec, conflict.theirs),
        "by": YOURSELF if mine else names.get(conflict.theirs_by_id) or SOMEBODY,
        "at": f"le {french.moment(conflict.theirs_at)}",
        "version": conflict.theirs_version,
    }
