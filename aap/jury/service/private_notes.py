"""The private note of a juror: its own version, so that two windows never write over each other unseen."""

from __future__ import annotations

from dataclasses import dataclass

from aap.errors import Problem
from aap.jury.models import Review

NOTE = "private_note"
LONGEST_NOTE = 10_000  # characters


@dataclass(frozen=True, slots=True)
class NoteConflict:
    """The note was saved elsewhere meanwhile: both texts, and the version that is now the last."""

    yours: str
    theirs: str
    version: int


def too_long(text: str) -> bool:
    """Tell whether a note is longer than what is kept."""
    return len(text) > LONGEST_NOTE


def dispute_note(review: Review, text: str, seen: int) -> NoteConflict | None:
    """Return both texts when the note was saved since the page knew version ``seen``, unless they say the same."""
    text = _plain(text)
    if text == review.private_note or seen == review.note_version:
        return None
    return NoteConflict(text, review.private_note, review.note_version)


def write_note(review: Review, text: str) -> None:
    """Change the note and its version; nothing when nothing changed."""
    text = _plain(text)
    if text != review.private_note:
        review.private_note, review.note_version = text, review.note_version + 1


def _plain(text: str) -> str:
    """Give the ends of lines one form: a page sends one, its script the other."""
    return text.replace("\r\n", "\n")


def note_problems(text: str | None) -> tuple[Problem, ...]:
    """Say what is wrong with a note, at its place."""
    if text is None or not too_long(text):
        return ()
    return (Problem(NOTE, too_long_words(len(text), LONGEST_NOTE)),)


def too_long_words(length: int, longest: int) -> str:
    """Say how far a text is over its limit."""
    return f"Ce texte compte {length} caractères : raccourcissez-le à {longest} au plus."
