"""Text and numbers as people type them: cleaned, counted and read exactly."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

from aap.forms.fields.field_type import UnreadableError

HARD_LIMIT = 50_000  # characters of one input, whatever the form allows: keeps a page and a row of a sane size

# What neither PostgreSQL nor XML (ODS, XLSX, PDF metadata) can hold: control characters, halves of surrogate pairs,
# the two non-characters of the basic plane. Tabs and line ends are handled before.
_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f\u2060'’]")
_NUMBER = re.compile(r"([+-]?)([0-9]*)(?:[.,]([0-9]*))?")


def clean_text(text: str) -> str:
    """Return a text of several lines: plain line ends, composed characters, no blank around.

    Raises:
        UnreadableError: it holds a character that cannot be stored, or is beyond any reason in length.

    """
    if len(text) > HARD_LIMIT:
        raise UnreadableError(f"Ce texte est trop long pour être enregistré (plus de {HARD_LIMIT} caractères).")
    lines = _LINE_END.sub("\n", text)
    found = _FORBIDDEN.search(lines)
    if found is not None:
        raise UnreadableError(
            f"Le texte contient, après {found.start()} caractères, un signe invisible qui ne peut pas être enregistré. "
            "Effacez-le, ou collez le texte sans sa mise en forme."
        )
    return unicodedata.normalize("NFC", lines).strip()


def made_visible(text: str) -> str:
    """Return a text whose forbidden characters are seen (�), so that a person finds them."""
    return _FORBIDDEN.sub("\ufffd", text)


def clean_line(text: str) -> str:
    """Return a text of one line: inner line ends and tabs become spaces.

    Raises:
        UnreadableError: as ``clean_text``.

    """
    return re.sub(r"[\n\t]+", " ", clean_text(text)).strip()


def browser_length(text: str) -> int:
    """Count characters as a browser's ``maxlength`` does: UTF-16 units, a line end counting once."""
    return len(_LINE_END.sub("\n", text).encode("utf-16-le", "surrogatepass")) // 2


def word_count(text: str) -> int:
    """Count words: runs of characters between blanks that hold a letter or a digit (« : » is none, « l'acte » one)."""
    return sum(any(sign.isalnum() for sign in word) for word in text.split())


def read_decimal(text: str, *, decimals: int, digits: int = 12, unit: str = "") -> Decimal | None:
    """Read a number typed the French way or the programmers' way, exactly; blank text is ``None``.

    Spaces of every kind group digits; a comma or a point separates the decimals, never both. ``digits`` bounds the
    whole part, ``decimals`` the other.

    Raises:
        UnreadableError: not a number, or too many digits.

    """
    compact = _SPACES.sub("", clean_line(text)).replace("\u2212", "-")
    if unit:
        compact = compact.removesuffix(unit)
    if not compact:
        return None
    found = _NUMBER.fullmatch(compact)
    if found is None or not (found[2] or found[3]):
        raise UnreadableError("Écrivez un nombre, par exemple 1 234,56.")
    sign, whole, fraction = found[1], found[2].lstrip("0") or "0", (found[3] or "").rstrip("0")
    if len(whole) > digits:
        raise UnreadableError(f"Ce nombre est trop grand : {digits} chiffres au plus avant la virgule.")
    if len(fraction) > decimals:
        raise UnreadableError(
            f"Donnez au plus {decimals} chiffres après la virgule." if decimals else "Donnez un nombre entier."
        )
    value = Decimal(f"{whole}.{fraction}" if fraction else whole)
    return -value if sign == "-" and value else value


def decimal_from_json(value: Any) -> Decimal:
    """Read an exact number kept as text, or an integer or a Decimal of a document; never a float.

    Raises:
        UnreadableError: anything else.

    """
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise UnreadableError("Un nombre est attendu.")
    if isinstance(value, str):
        read = read_decimal(value, decimals=12, digits=20)
        if read is None:
            raise UnreadableError("Un nombre est attendu.")
        return read
    number = Decimal(value)
    if not number.is_finite():
        raise UnreadableError("Un nombre est attendu.")
    return number


def text_from_json(value: Any) -> str:
    """Read a text.

    Raises:
        UnreadableError: not a text, or one that cannot be stored.

    """
    if not isinstance(value, str):
        raise UnreadableError("Un texte est attendu.")
    return clean_text(value)
