"""A draw anybody can check: the last resort between applications that nothing else separates.

The SHA-256 of the seed is published before marks are visible, the seed afterwards; the order is that of the SHA-256, in
hexadecimal, of "seed:reference". Nobody can choose the seed once the marks are known, and everybody can redo the draw.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable

from aap.errors import InvalidError

SEED_BYTES = 32  # 256 bits: the commitment cannot be searched for its seed


def new_seed() -> str:
    """Draw a secret seed of 256 bits, written as 64 hexadecimal digits."""
    return secrets.token_hex(SEED_BYTES)


def commitment(seed: str) -> str:
    """SHA-256 of the seed's UTF-8 text, in hexadecimal: what is published first. Raises ``InvalidError`` if empty."""
    if not seed:
        raise InvalidError.on("seed", "La graine du tirage ne peut pas être vide.", code="graine-vide")
    return hashlib.sha256(_bytes(seed, "seed")).hexdigest()


def matches(seed: str, published: str) -> bool:
    """Tell whether a revealed seed is the one that was committed to."""
    return hmac.compare_digest(commitment(seed).encode(), published.strip().lower().encode())


def draw_key(seed: str, ref: str) -> str:
    """SHA-256 of "seed:reference" in hexadecimal: the smaller comes first."""
    return hashlib.sha256(_bytes(f"{seed}:{ref}", "refs")).hexdigest()


def draw_order(seed: str, refs: Iterable[str]) -> tuple[str, ...]:
    """Put references in the order of the draw, whatever the order they came in.

    The draw of a subset is the same order restricted to it. Raises ``InvalidError`` on an empty seed or a reference
    given twice.
    """
    given = tuple(refs)
    commitment(seed)  # refuses an empty seed
    if len(set(given)) != len(given):
        raise InvalidError.on("refs", "Un dossier figure deux fois dans le tirage.", code="dossier-en-double")
    return tuple(sorted(given, key=lambda ref: draw_key(seed, ref)))


def _bytes(text: str, place: str) -> bytes:
    """Encode in UTF-8; a text that cannot be (half a character, bytes of another encoding) could not be redone."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        shown = text.encode(errors="backslashreplace").decode()
        raise InvalidError.on(place, f"« {shown} » n'est pas un texte lisible.", code="texte-illisible") from error
