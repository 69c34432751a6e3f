"""Text made comparable: addresses of sheets and what the search looks in."""

from __future__ import annotations

import re
import unicodedata

SLUG_LENGTH = 120


def plain(text: str) -> str:
    """Return the text in lower case without accents, ligatures opened, spaces single."""
    opened = text.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae").replace("Æ", "AE")
    decomposed = unicodedata.normalize("NFKD", opened)
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(letters.casefold().replace("’", "'").split())


def slug_of(title: str) -> str:
    """Return the words of a title fit for an address: lower case letters, digits and hyphens, never empty."""
    slug = re.sub(r"[^a-z0-9]+", "-", plain(title)).strip("-")
    return slug[:SLUG_LENGTH].rstrip("-") or "fiche"
