"""How names of places and headers of tables are compared: no accent, no case, no hyphen, "st" is "saint"."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LIGATURES: Final = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "’": "'"})
_SHORT: Final = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}


def plain(text: str) -> str:
    """Return the letters and digits of a text, in lower case, without accents, one space between words."""
    bare = unicodedata.normalize("NFKD", text.translate(_LIGATURES).lower())
    return re.sub(r"[^a-z0-9]+", " ", "".join(c for c in bare if not unicodedata.combining(c))).strip()


def sought(text: str) -> str:
    """Return a name of place as searches compare it: plain, with "st" and "ste" in full."""
    return " ".join(_SHORT.get(word, word) for word in plain(text).split())


def kept_name(name: str) -> str:
    """Return the name as the table of communes keeps it: between spaces, so that a word is found by its beginning."""
    return f" {sought(name)} "
