"""JSON read without a float, without a key written twice and without NaN: what decides about ranks is exact.

Syntax: RFC 8259. Its section 4 leaves the meaning of a repeated key open; here it is refused, as each reader would
silently choose another.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from aap.errors import InvalidError

LONGEST_NUMBER = 1000  # digits, as in aap.scoring.exact


def read_json(content: bytes) -> Any:
    """Read a document: numbers are ``int`` or ``Decimal``, never ``float``.

    Raises ``InvalidError`` with the line when it is not JSON in UTF-8, repeats a key or is nested beyond reason.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidError("Le fichier n'est pas un texte en UTF-8.", code="json-illisible") from error
    try:
        return json.loads(
            text, parse_float=_decimal, parse_int=_whole, parse_constant=_constant, object_pairs_hook=_unique
        )
    except json.JSONDecodeError as error:
        message = f"Le fichier n'est pas du JSON : erreur à la ligne {error.lineno}, colonne {error.colno}."
        raise InvalidError(message, code="json-illisible") from error
    except RecursionError as error:
        raise InvalidError("Le fichier imbrique trop d'éléments.", code="json-illisible") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise InvalidError(f"« {key} » est écrit deux fois dans le même objet.", code="cle-en-double")
            seen.add(key)
    return found


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise InvalidError("Un nombre du fichier a trop de chiffres.", code="pas-un-nombre")
    return int(text)


def _decimal(text: str) -> Decimal:
    if len(text) > LONGEST_NUMBER:
        raise InvalidError("Un nombre du fichier a trop de chiffres.", code="pas-un-nombre")
    return Decimal(text)  # exact whatever the context: only operations round


def _constant(text: str) -> Any:
    raise InvalidError(f"« {text} » n'est pas un nombre.", code="pas-un-nombre")
