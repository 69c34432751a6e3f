"""The inputs of each part of a sheet, and the way from what is typed to the shape of its document and back.

A list is one text area, one item a line; a table is repeated rows that work without JavaScript.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aap.capitalisation.sections import FIGURES, HEAD, Section
from aap.errors import InvalidError
from aap.referentials.queries import list_departments
from aap.referentials.vocabularies import vocabulary

Sent = Mapping[str, Sequence[str]]
ROWS = "rows"  # the name of the repeated rows of a part
_ROW = re.compile(rf"{ROWS}-([0-9]{{1,3}})-([a-z0-9_.-]{{1,60}})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SheetField:
    """An input. ``kind``: line, prose, lines, amount, month, choice, codes (check boxes), rows.

    ``path`` is the place in the content of the part, empty when the part is that value itself; ``region`` narrows
    the departments offered.
    """

    key: str
    label: str
    kind: str = "prose"
    hint: str = ""
    words: str = ""
    columns: tuple[dict[str, Any], ...] = ()
    path: tuple[str, ...] | None = None
    region: str = ""

    @property
    def place(self) -> tuple[str, ...]:
        """Where the value stands in the content."""
        return (self.key,) if self.path is None else self.path

    @property
    def options(self) -> list[tuple[str, str]]:
        """The choices."""
        if self.words == "departements":
            return [(place.code, f"{place.name} ({place.code})") for place in list_departments(self.region or None)]
        return [(term.code, term.label) for term in vocabulary(self.words).terms]


_EACH = "Un élément par ligne."
_DIMENSION = (
    SheetField("what_was_done", "Ce qui a été fait"),
    SheetField("what_worked", "Ce qui a marché", "lines", _EACH),
    SheetField("what_did_not", "Ce qui n'a pas marché", "lines", "Dites-le simplement : c'est ce qui aide le plus."),
    SheetField("advice", "Votre conseil à une autre équipe"),
)
_DIMENSIONS = ("organisation", "projet-medical", "numerique", "communication", "facturation", "ressources-humaines")


def _alone(label: str, kind: str, hint: str = "", columns: tuple[dict[str, Any], ...] = ()) -> tuple[SheetField, ...]:
    """Return the input of a part that is one value."""
    return (SheetField(ROWS if kind == "rows" else "content", label, kind, hint, columns=columns, path=()),)


FIELDS: dict[str, tuple[SheetField, ...]] = {
    HEAD: (
        SheetField("title", "Titre", "line"),
        SheetField("hook", "Accroche", "short", "Une phrase qui donne envie de lire, avec un chiffre."),
        SheetField("summary", "Résumé", "prose", "Une dizaine de lignes : contexte, action, résultats, limites."),
    ),
    FIGURES: _alone(
        "Chiffres de la fiche",
        "rows",
        "",
        (
            {"key": "label", "label": "Libellé"},
            {"key": "unit", "label": "Unité", "width": "s"},
            {"key": "baseline", "label": "Départ", "kind": "number", "width": "s"},
            {"key": "target", "label": "Cible", "kind": "number", "width": "s"},
            {"key": "final", "label": "Résultat", "kind": "number", "width": "s"},
        ),
    ),
    "metadata": (
        SheetField("departements", "Départements", "codes", words="departements"),
        SheetField("territories", "Territoires", "lines", _EACH),
        SheetField("target_publics", "Publics", "codes", words="target_publics"),
        SheetField("act_types", "Actes", "codes", words="act_types"),
        SheetField("settings", "Lieux d'exercice", "codes", words="settings"),
        SheetField("specialties", "Spécialités", "codes", words="specialties"),
        SheetField("pathways", "Parcours", "codes", words="pathways"),
        SheetField("zones", "Zones", "codes", words="zone_types"),
        SheetField("funding", "Financement", "codes", words="funder_kinds"),
        SheetField("maturity", "Maturité", "choice", words="maturity"),
        SheetField("keywords", "Mots clés", "lines", _EACH),
    ),
    "roadmap-links": _alone(
        "Actions de la feuille de route régionale",
        "rows",
        "",
        (
            {"key": "axis", "label": "Axe", "kind": "number", "width": "xs"},
            {"key": "sheet", "label": "Fiche", "width": "xs"},
            {"key": "action", "label": "Action", "width": "s"},
        ),
    ),
    "identity-card": (
        SheetField("lead", "Porteur", "line", "Une structure, jamais une personne."),
        SheetField("partners", "Partenaires", "lines", _EACH),
        SheetField("start", "Premier mois", "month", "Année et mois, par exemple 2024-04.", path=("period", "start")),
        SheetField("end", "Dernier mois", "month", "Année et mois, par exemple 2026-03.", path=("period", "end")),
        SheetField("population", "Population", "line"),
        SheetField("staff", "Moyens humains", "line"),
        SheetField("budget_eur", "Budget", "amount"),
        SheetField("spent_eur", "Dépense réelle", "amount"),
        SheetField("ars_eur", "Part de l'agence", "amount"),
        SheetField("cofunders", "Cofinanceurs", "lines", _EACH),
        SheetField("contact", "Contact", "line", "Une boîte générique, jamais le nom d'une personne."),
    ),
    "context": _alone("Contexte", "prose", "La situation avant le projet, avec ses chiffres."),
    "objectives": _alone("Objectifs", "lines", _EACH),
    "steps": _alone(
        "Étapes",
        "rows",
        "",
        (
            {"key": "when", "label": "Quand", "hint": "M0–M2", "width": "xs"},
            {"key": "title", "label": "Étape"},
            {"key": "text", "label": "Ce qui a été fait", "kind": "long"},
        ),
    ),
    **dict.fromkeys(_DIMENSIONS, _DIMENSION),
    "results-limits": _alone("Limites des résultats", "prose", "Ce que les chiffres ne permettent pas d'affirmer."),
    "success-factors": _alone("Facteurs de réussite", "lines", _EACH),
    "barriers": _alone("Freins", "lines", _EACH),
    "transferability": (
        SheetField("conditions", "Ce qu'il faut réunir", "lines", _EACH),
        SheetField("adaptable", "Ce qui peut être adapté", "lines", _EACH),
        SheetField("not_transferable", "Ce qui ne se transpose pas", "lines", _EACH),
        SheetField("cost_to_replicate", "Coût pour une autre équipe"),
    ),
    "verbatims": _alone(
        "Paroles d'acteurs",
        "rows",
        "Une fonction, jamais un nom ; avec l'accord de la personne.",
        ({"key": "role", "label": "Fonction"}, {"key": "text", "label": "Parole", "kind": "long"}),
    ),
    "toolbox": _alone(
        "Outils",
        "rows",
        "",
        (
            {"key": "file_id", "label": "", "kind": "hidden"},
            {"key": "label", "label": "Outil"},
            {"key": "type", "label": "Nature", "kind": "select", "words": "tool_types"},
            {"key": "format", "label": "Format", "width": "xs"},
        ),
    ),
}
COMPARISON = "technical-comparison"
_COMPARISON_ANSWERS = [("oui", "Oui"), ("partiel", "Partiel"), ("non", "Non"), ("inconnu", "Non connu")]


def fields_of(section: Section, content: Any) -> tuple[SheetField, ...]:
    """Return the inputs of a part; a comparison has a column for each of its solutions."""
    if section.key != COMPARISON:
        return FIELDS[section.key]
    answers = tuple(
        {"key": f"answer.{name}", "label": name, "kind": "select", "options": _COMPARISON_ANSWERS}
        for name in content["solutions"]
    )
    columns = (
        {"key": "group", "label": "Domaine", "width": "m"},
        {"key": "point", "label": "Point technique", "kind": "long"},
        *answers,
    )
    letters = "Une lettre par solution, séparées par des virgules. Enregistrez pour ouvrir une colonne de plus."
    return (
        SheetField("solutions", "Solutions comparées", "line", letters),
        SheetField(ROWS, "Points comparés", "rows", columns=columns),
        SheetField("note", "Note de lecture"),
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """An input with what stands in it: ``text``, ``chosen`` codes or ``rows``, and its errors."""

    spec: SheetField
    text: str = ""
    chosen: tuple[str, ...] = ()
    rows: list[dict[str, str]] = field(default_factory=list)
    error: str = ""
    row_errors: dict[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> list[dict[str, Any]]:
        """The columns of the rows, with the words of their choices."""
        return [
            {**column, "options": [(term.code, term.label) for term in vocabulary(column["words"]).terms]}
            if "words" in column
            else column
            for column in self.spec.columns
        ]


def shown(section: Section, content: Any, errors: Mapping[str, str] | None = None) -> list[Shown]:
    """Return the inputs of a part filled with a content."""
    found = errors or {}
    return [_shown(spec, section, content, found) for spec in fields_of(section, content)]


def _shown(spec: SheetField, section: Section, content: Any, errors: Mapping[str, str]) -> Shown:
    value = content
    for step in spec.place:
        value = value[step]
    error = errors.get(spec.key, "")
    match spec.kind:
        case "codes":
            return Shown(spec, chosen=tuple(value), error=error)
        case "rows":
            prefix = f"{ROWS}-"
            cells = {place.removeprefix(prefix): text for place, text in errors.items() if place.startswith(prefix)}
            return Shown(spec, rows=[_flat(row) for row in value], error=error, row_errors=cells)
        case "lines":
            return Shown(spec, text="\n".join(value), error=error)
        case _ if section.key == COMPARISON and spec.key == "solutions":
            return Shown(spec, text=", ".join(value), error=error)
        case "amount":
            return Shown(spec, text="" if value is None else str(value).replace(".", ","), error=error)
        case _:
            return Shown(spec, text="" if value is None else str(value), error=error)


def _flat(row: Mapping[str, Any]) -> dict[str, str]:
    """Return a row as cells; the answers of a comparison each have their own."""
    answers = {f"answer.{name}": answer for name, answer in row.get("answers", {}).items()}
    plain = {key: "" if value is None else str(value) for key, value in row.items() if key != "answers"}
    return {**plain, **answers}


def typed_content(section: Section, sent: Sent, before: Any) -> Any:
    """Return the content that was typed, in the shape of the part; ``before`` tells the solutions of the page."""
    content: Any = {}
    for spec in fields_of(section, before):
        value = _typed(spec, sent)
        if section.key == COMPARISON and spec.key == "solutions":
            value = [name.strip() for name in value.split(",") if name.strip()]
        if not spec.place:
            return value
        target = content
        for step in spec.place[:-1]:
            target = target.setdefault(step, {})
        target[spec.place[-1]] = value
    if section.key == COMPARISON:
        content["rows"] = [_answered(row, content["solutions"]) for row in content["rows"]]
    return content


def _typed(spec: SheetField, sent: Sent) -> Any:
    text = (sent.get(spec.key) or ("",))[0].strip()
    match spec.kind:
        case "codes":
            return list(sent.get(spec.key, ()))
        case "rows":
            return typed_rows(spec, sent)
        case "lines":
            return [line.strip() for line in text.splitlines() if line.strip()]
        case "amount":
            return re.sub(r"[\s\u202f\u00a0€]", "", text).replace(",", ".") or None
        case _:
            return text


def typed_rows(spec: SheetField, sent: Sent) -> list[dict[str, str | None]]:
    """Return the rows typed: without the blank ones, unless a button of the table adds or removes a row."""
    found: dict[int, dict[str, str | None]] = {}
    empty = {column["key"]: None if column.get("kind") == "hidden" else "" for column in spec.columns}
    for name, values in sent.items():
        match = _ROW.fullmatch(name)
        if match and match[2] in empty and values:
            found.setdefault(int(match[1]), dict(empty))[match[2]] = values[0].strip() or empty[match[2]]
    if not {"add", "remove"} & sent.keys():
        return [row for _, row in sorted(found.items()) if any(row.values())]
    removed = (sent.get("remove") or ("",))[0].removeprefix(f"{ROWS}-")
    rows = [row for index, row in sorted(found.items()) if str(index) != removed]
    return [*rows, dict(empty)] if "add" in sent else rows


def _answered(row: Mapping[str, str | None], solutions: Sequence[str]) -> dict[str, Any]:
    unknown = "inconnu" if row.get("point") else ""
    answers = {name: row.get(f"answer.{name}") or unknown for name in solutions}
    return {"group": row.get("group", ""), "point": row.get("point", ""), "answers": answers}


def errors_on(section: Section, error: InvalidError) -> dict[str, str]:
    """Return the message of each input: ``body.steps.0.title`` is the cell ``rows-0-title``."""
    start = ".".join(("body", *section.path))
    found: dict[str, str] = {}
    for problem in error.problems:
        place = problem.place.removeprefix(start).strip(".")
        found.setdefault(_input_of(section, place.split(".") if place else []), problem.message)
    return found or {"": error.message}


def _input_of(section: Section, rest: list[str]) -> str:
    """Return the name of the input that a place inside a part is about."""
    specs = FIELDS.get(section.key, ())
    if section.key == COMPARISON:
        specs = (SheetField(ROWS, "", "rows"),)
        if rest[:1] != [ROWS]:
            return rest[0] if rest[:1] == ["note"] else "solutions"
        rest = rest[1:]
    if len(specs) == 1:
        return f"{ROWS}-{rest[0]}-{rest[1]}" if specs[0].kind == "rows" and len(rest) > 1 else specs[0].key
    return next((name for name in rest if any(spec.key == name for spec in specs)), "")
