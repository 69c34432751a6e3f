"""Ranked requests and quotas in plain files, read to the cent, and the document that answers them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from aap.errors import InvalidError, Problem
from aap.scoring.plain_csv import Row, Table, read_table
from aap.scoring.plain_json import read_json
from aap.scoring.selection.portfolio import Candidate, Measure, Portfolio, Quota
from aap.scoring.selection.walk import Refusal, Selection

COLUMNS = ("rank", "application", "score", "requested_eur")
_SPACED = re.compile(r"[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+(?=[.,]|$)")
_AMOUNT = re.compile(r"[0-9]{1,12}(?:[.,][0-9]{1,2})?")
_SCORE = re.compile(r"[+-]?[0-9]{1,12}(?:[.,][0-9]{1,30})?(?:/[0-9]{1,12})?")
_RANK = re.compile(r"[0-9]{1,9}")
_FIELDS = {"name", "measure", "minimum", "maximum"}


def read_amount(text: str) -> Decimal | None:
    """Read euros to the cent, with a comma or a point, thousands apart by spaces or not; ``None`` for anything else.

    « 1,234 » and « 1.234,56 » are refused: nobody can tell a thousand from a decimal.
    """
    spaced = _SPACED.match(text)
    joined = re.sub(r"[ \u00a0\u202f]", "", spaced.group()) + text[spaced.end() :] if spaced else text
    return Decimal(joined.replace(",", ".")) if _AMOUNT.fullmatch(joined) else None


def read_quotas(content: bytes, name: str) -> tuple[Quota, ...]:
    """Read ``[{name, measure, minimum, maximum}]``; a bound that is null or absent does not bind.

    Raises ``InvalidError`` naming the file and the place of each fault.
    """
    try:
        document = read_json(content)
    except InvalidError as error:
        raise InvalidError(f"{name} : {error.message}", code=error.code) from error
    if not isinstance(document, list):
        raise InvalidError(f"{name} : il faut une liste de quotas.", code="quotas-illisibles")
    problems: list[Problem] = []
    quotas: dict[str, Quota] = {}
    for index, entry in enumerate(document):
        found = _quota(entry, f"{name}, quota {index + 1}", problems)
        if found is None:
            continue
        if found.name in quotas:
            problems.append(Problem(f"{name}, quota {index + 1}", f"Le quota « {found.name} » figure déjà."))
        quotas[found.name] = found
    if problems:
        raise InvalidError(f"{name} : les quotas ne sont pas utilisables.", tuple(problems))
    return tuple(quotas.values())


def read_portfolio(content: bytes, name: str, envelope: Decimal, quotas: tuple[Quota, ...]) -> Portfolio:
    """Read rank, application, score, requested_eur, then a 0/1 column per quota; candidates come out in rank order.

    Raises ``InvalidError`` naming the file, the line and the column of each fault.
    """
    if content.strip() and COLUMNS[-1].encode() not in content.partition(b"\n")[0].lower():
        told = f"{name}, ligne 1 : Il manque la colonne « {COLUMNS[-1]} » : la première ligne doit être l'en-tête."
        raise InvalidError(told, code="en-tete-absent")
    try:
        table = read_table(content)
        places = dict(zip(COLUMNS, table.columns(*COLUMNS), strict=True))
    except InvalidError as error:
        problems = tuple(Problem(f"{name}, {each.place}", each.message, each.line) for each in error.problems)
        raise InvalidError(f"{name} : {error.message}", problems, code=error.code) from error
    members = _members(table, name, quotas)
    found: list[Problem] = []
    ranked: dict[int, Candidate] = {}
    lines: dict[str, int] = {}
    for row in table.rows:
        candidate = _candidate(row, places, members, table.header, name, found)
        rank = _rank(row, places["rank"], ranked, name, found)
        if candidate.ref in lines:
            told = f"le dossier « {candidate.ref} » figure déjà à la ligne {lines[candidate.ref]}."
            found.append(_problem(name, row, "application", told))
        lines.setdefault(candidate.ref, row.line)
        ranked[rank] = candidate
    if found:
        raise InvalidError(f"{name} : le classement n'est pas utilisable.", tuple(found))
    return Portfolio(tuple(ranked[rank] for rank in sorted(ranked)), envelope, quotas)


def selection_document(selection: Selection) -> dict[str, Any]:
    """Write a selection: funded in rank order, what they spend, and each refusal with its reason."""
    return {
        "funded": [grant.ref for grant in selection.grants],
        "spent": _number(selection.spent),
        "refusals": {refusal.ref: _refusal(refusal) for refusal in selection.refusals},
    }


def _refusal(refusal: Refusal) -> dict[str, Any]:
    document: dict[str, Any] = {"reason": refusal.reason.value}
    if refusal.missing is not None:
        document["missing_eur"] = _number(refusal.missing)
    if refusal.quotas:
        document["quotas"] = list(refusal.quotas)
    return document


def _number(amount: Decimal) -> int | float:
    """Write euros as a number of JSON, whose shortest writing is exact for any amount under a thousand billion."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _quota(entry: object, place: str, problems: list[Problem]) -> Quota | None:
    """Read one quota, adding what is wrong to the problems."""
    before = len(problems)
    if not isinstance(entry, dict):
        problems.append(Problem(place, "il faut un objet {name, measure, minimum, maximum}."))
        return None
    unknown = sorted(set(entry) - _FIELDS)
    if unknown:
        problems.append(Problem(place, f"champ inconnu : « {unknown[0]} »."))
    title, measure = entry.get("name"), str(entry.get("measure"))
    if not isinstance(title, str) or not title.strip():
        problems.append(Problem(place, "le nom (« name ») manque."))
    if measure not in {each.value for each in Measure}:
        told = f"la mesure « {measure} » est inconnue : il faut « amount » (euros) ou « number » (dossiers)."
        problems.append(Problem(place, told))
    if len(problems) > before:
        return None
    low = _limit(entry.get("minimum"), "minimum", Measure(measure), place, problems)
    high = _limit(entry.get("maximum"), "maximum", Measure(measure), place, problems)
    if low is not None and high is not None and low > high:
        problems.append(Problem(place, f"« {title} » : le minimum ({low}) dépasse le maximum ({high})."))
    return Quota(str(title).strip(), Measure(measure), low, high)


def _limit(value: object, field: str, measure: Measure, place: str, problems: list[Problem]) -> Decimal | None:
    """Read a bound: a number or the text of one, to the cent, whole when applications are counted."""
    if value is None:
        return None
    written = isinstance(value, int | Decimal | str) and not isinstance(value, bool)
    amount = read_amount(f"{value:f}" if isinstance(value, Decimal) else str(value).strip()) if written else None
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and value < 0:
        problems.append(Problem(place, f"« {field} » est négatif : {value}."))
    elif amount is None:
        told = f"« {field} » n'est pas un nombre au centime : « {value} »."
        problems.append(Problem(place, told))
    elif measure is Measure.NUMBER and amount % 1:
        problems.append(Problem(place, f"« {field} » compte des dossiers : il faut un nombre entier, pas {value}."))
    return amount


def _members(table: Table, name: str, quotas: Sequence[Quota]) -> dict[str, int]:
    """Find the column of each quota, headed by its very name."""
    columns = {title: index for index, title in enumerate(table.header)}
    missing = [quota.name for quota in quotas if quota.name not in columns]
    if missing:
        said = ", ".join(f"« {each} »" for each in missing)
        raise InvalidError(f"{name}, ligne 1 : il manque la colonne du quota {said}.", code="colonne-manquante")
    return {quota.name: columns[quota.name] for quota in quotas}


def _candidate(
    row: Row, places: dict[str, int], members: dict[str, int], header: Sequence[str], name: str, problems: list[Problem]
) -> Candidate:
    """Read one application, adding what is wrong to the problems."""
    ref, score, requested = (row.cells[places[each]] for each in COLUMNS[1:])
    if not ref:
        problems.append(_problem(name, row, "application", "la référence du dossier manque."))
    if score and not _SCORE.fullmatch(score):
        problems.append(_problem(name, row, "score", f"« {score[:40]} » n'est pas une note."))
    amount = read_amount(requested)
    if amount is None:
        told = "le montant manque." if not requested else f"« {requested[:40]} » n'est pas un montant au centime."
        problems.append(_problem(name, row, "requested_eur", told))
    for index in members.values():
        if row.cells[index] not in {"0", "1"}:
            told = f"« {row.cells[index][:40]} » : il faut 0 ou 1."
            problems.append(_problem(name, row, header[index], told))
    quotas = frozenset(title for title, index in members.items() if row.cells[index] == "1")
    return Candidate(ref, (amount or Decimal(0),), quotas)


def _rank(row: Row, column: int, ranked: dict[int, Candidate], name: str, problems: list[Problem]) -> int:
    """Read a rank, adding what is wrong to the problems; ranks that are not numbers count down from -1."""
    text = row.cells[column]
    if not _RANK.fullmatch(text) or int(text) == 0:
        told = (
            "le rang manque." if not text else f"« {text[:40]} » n'est pas un rang : il faut un entier à partir de 1."
        )
        problems.append(_problem(name, row, "rank", told))
        return -len(ranked) - 1
    if int(text) in ranked:
        told = f"le rang {text} est déjà celui de « {ranked[int(text)].ref} » : départagez-les d'abord."
        problems.append(_problem(name, row, "rank", told))
    return int(text)


def _problem(name: str, row: Row, column: str, told: str) -> Problem:
    return Problem(f"{name}, ligne {row.line}, colonne « {column} »", told, row.line)
