"""What a controlled vocabulary is: ordered codes, each with the French words shown for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """One code, its label on screen, an optional hint below it and the group it is listed under."""

    code: str
    label: str
    hint: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A closed, ordered list of terms. ``title`` is what the list is called on screen."""

    name: str
    title: str
    terms: tuple[Term, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes in their order."""
        return tuple(term.code for term in self.terms)

    def term(self, code: str) -> Term | None:
        """Return the term of a code, or ``None``."""
        return next((term for term in self.terms if term.code == code), None)

    def label(self, code: str) -> str:
        """Return the label of a code; a code the list does not know is made readable."""
        term = self.term(code)
        return readable(code) if term is None else term.label

    def __contains__(self, code: object) -> bool:
        return any(term.code == code for term in self.terms)


def readable(code: str) -> str:
    """Make an unknown code readable: ``"suivi_a_distance"`` becomes ``"Suivi a distance"``."""
    words = code.replace("_", " ").replace("-", " ").strip() if code.islower() else code.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def listed(name: str, title: str, *rows: tuple[str, ...]) -> Vocabulary:
    """Build a vocabulary from rows ``(code, label[, hint[, group]])``."""
    terms = tuple(Term(*row) for row in rows)
    codes = [term.code for term in terms]
    if len(set(codes)) != len(codes):
        message = f"vocabulary {name} repeats a code"
        raise ValueError(message)
    return Vocabulary(name, title, terms)
