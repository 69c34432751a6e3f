"""Free text and addresses: text, longtext, email, phone, url."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from typing_extensions import override

from aap.errors import Problem
from aap.forms.fields.cleaning import browser_length, clean_line, clean_text, text_from_json, word_count
from aap.forms.fields.field_type import ScalarType
from aap.forms.spec import FieldSpec
from aap.french import HARD, number, plural

_MAILBOX = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]")
_FRENCH_PHONE = re.compile(r"(?:\+33|0033|0)([1-9][0-9]{8})")
_FOREIGN_PHONE = re.compile(r"\+[1-9][0-9]{7,14}")


class TextType(ScalarType[str]):
    """One line of text."""

    name = "text"
    title = "Texte court"
    default_max = 500

    @override
    def read(self, text: str) -> str | None:
        """Return the cleaned line."""
        return clean_line(text) or None

    @override
    def write(self, value: str) -> str:
        """Return the text itself."""
        return value

    @override
    def to_json(self, spec: FieldSpec, value: str) -> Any:
        """Return the text."""
        return value

    @override
    def from_json(self, spec: FieldSpec, value: Any) -> str:
        """Return the text, cleaned."""
        return self.read(text_from_json(value)) or ""

    @override
    def show(self, spec: FieldSpec, value: str) -> str:
        """Return the text itself."""
        return value

    @override
    def check(self, spec: FieldSpec, value: str) -> tuple[Problem, ...]:
        """Report a text longer than the field allows, counted as the browser counts."""
        allowed = self.default_max if spec.max is None else int(spec.max)
        length = browser_length(value)
        if length > allowed:
            over = plural(length - allowed, "caractère")
            return (Problem(spec.id, f"Le texte dépasse la limite de {number(allowed)} caractères : {over} en trop."),)
        words = word_count(value)
        if spec.max_words is not None and words > spec.max_words:
            over = plural(words - spec.max_words, "mot")
            return (Problem(spec.id, f"Le texte dépasse la limite de {number(spec.max_words)} mots : {over} en trop."),)
        if spec.min is not None and length < spec.min:
            return (Problem(spec.id, f"Écrivez au moins {plural(int(spec.min), 'caractère')}."),)
        return ()


class LongTextType(TextType):
    """Text of several lines."""

    name = "longtext"
    title = "Texte long"
    default_max = 10_000

    @override
    def read(self, text: str) -> str | None:
        """Return the cleaned text, with its line ends."""
        return clean_text(text) or None


class EmailType(TextType):
    """An electronic address. Its shape is checked, never its existence."""

    name = "email"
    title = "Adresse électronique"

    @override
    def check(self, spec: FieldSpec, value: str) -> tuple[Problem, ...]:
        """Report a text that is no address."""
        mailbox, _, domain = value.rpartition("@")
        shaped = _MAILBOX.fullmatch(mailbox) and _DOMAIN.fullmatch(domain)
        if len(value) > 254 or not shaped or ".." in value or value.startswith("."):
            return (Problem(spec.id, "Écrivez une adresse électronique complète, par exemple contact@exemple.fr."),)
        return ()


class PhoneType(TextType):
    """A telephone number, kept as ``+33123456789`` when it is recognised."""

    name = "phone"
    title = "Téléphone"

    @override
    def read(self, text: str) -> str | None:
        """Return the international form of a French number, or the text as typed."""
        line = clean_line(text)
        compact = re.sub(r"[\s.\-/()\u00a0\u202f\u2009]", "", line)
        compact = compact.replace("+330", "+33", 1)
        french = _FRENCH_PHONE.fullmatch(compact)
        if french:
            return f"+33{french[1]}"
        if _FOREIGN_PHONE.fullmatch(compact):
            return compact
        return line or None

    @override
    def show(self, spec: FieldSpec, value: str) -> str:
        """Return a French number in pairs: ``01 23 45 67 89``."""
        if not re.fullmatch(r"\+33[1-9][0-9]{8}", value):
            return value
        digits = f"0{value[3:]}"
        return HARD.join(digits[place : place + 2] for place in range(0, 10, 2))

    @override
    def check(self, spec: FieldSpec, value: str) -> tuple[Problem, ...]:
        """Report a text that is no telephone number."""
        if _FOREIGN_PHONE.fullmatch(value):
            return ()
        return (Problem(spec.id, "Écrivez un numéro de téléphone, par exemple 01 23 45 67 89."),)


class UrlType(TextType):
    """A web address; ``http`` and ``https`` only, because it becomes a link."""

    name = "url"
    title = "Adresse web"

    @override
    def check(self, spec: FieldSpec, value: str) -> tuple[Problem, ...]:
        """Report what is not a plain web address."""
        if len(value) <= 2000 and not re.search(r"[\s<>\"\\]", value) and _is_web_address(value):
            return ()
        return (Problem(spec.id, "Écrivez une adresse web complète, par exemple https://www.exemple.fr/page."),)


def _is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    host = (parts.hostname or "").strip(".")
    return parts.scheme in {"http", "https"} and "." in host and "@" not in parts.netloc and port != 0
