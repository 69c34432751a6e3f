"""Tables whose columns are fixed because their rows are counted and joined: sites, partners, solutions, and kin.

A field may override the label, the options, the help and the bounds of a column by naming a column of the same id.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from typing_extensions import override

from aap.forms.fields.choices import Choices
from aap.forms.fields.field_type import Storage
from aap.forms.fields.tables import Cells, RowsType
from aap.forms.rows import IndicatorRow, MilestoneRow, PartnerRow, SiteRow, SolutionRow
from aap.forms.spec import FieldSpec, Option
from aap.referentials.vocabularies import vocabulary

R = TypeVar("R")


def offered(name: str) -> tuple[Option, ...]:
    """Return a vocabulary as the options of a field."""
    return tuple(Option(term.code, term.label, term.hint, term.group) for term in vocabulary(name).terms)


def whole(value: Decimal | None) -> int | None:
    """Return a whole number read in a cell as an int."""
    return None if value is None else int(value)


class FixedTable(RowsType[R]):
    """A table with columns of its own."""

    storage = Storage.ROWS
    own_columns: ClassVar[tuple[FieldSpec, ...]]

    @override
    def columns(self, spec: FieldSpec) -> tuple[FieldSpec, ...]:
        """Return the fixed columns, as the field presents them."""
        return tuple(_presented(column, spec.column(column.id)) for column in self.own_columns)


class SitesType(FixedTable[SiteRow]):
    """The sites of a project."""

    name = "sites"
    title = "Sites"
    prefix = "S"
    aliases = {"departement": "department", "id": "key"}  # noqa: RUF012  # annotated ClassVar in the base class
    own_columns = (
        FieldSpec("name", "text", "Nom du site", required=True, max=200),
        FieldSpec("finess", "finess", "FINESS"),
        FieldSpec(
            "commune",
            "place",
            "Commune",
            required=True,
            max=120,
            help="Nom ou code postal, puis choisissez dans la liste ; à domicile ou en détention, « Sans commune ».",
        ),
        FieldSpec("department", "department", "Département", required=True),
        FieldSpec("territory", "text", "Territoire de vie-santé", max=120),
        FieldSpec("capacity", "integer", "Capacité", max=100_000, help="Places, lits ou file active."),
    )

    @override
    def build(self, key: str, cells: Cells) -> SiteRow:
        """Make a site."""
        return SiteRow(
            key=key,
            name=cells["name"] or "",
            finess=cells["finess"] or "",
            commune=cells["commune"] or "",
            department=cells["department"] or "",
            territory=cells["territory"] or "",
            capacity=whole(cells["capacity"]),
        )

    @override
    def cells(self, row: SiteRow) -> Cells:
        """Return the cells of a site."""
        return {
            "name": row.name,
            "finess": row.finess,
            "commune": row.commune,
            "department": row.department,
            "territory": row.territory,
            "capacity": None if row.capacity is None else Decimal(row.capacity),
        }

    @override
    def identity(self, spec: FieldSpec, row: SiteRow) -> Hashable | None:
        """Refuse the same name twice in one commune."""
        return (row.name.casefold(), row.commune.casefold()) if row.name else None


class PartnersType(FixedTable[PartnerRow]):
    """The partners of a project."""

    name = "partners"
    title = "Partenaires"
    prefix = "P"
    aliases = {"id": "key"}  # noqa: RUF012  # annotated ClassVar in the base class
    own_columns = (
        FieldSpec("name", "text", "Nom du partenaire", required=True, max=200),
        FieldSpec("category", "select", "Catégorie", required=True, options=offered("partner_categories")),
        FieldSpec("role", "text", "Rôle dans le projet", required=True, max=500),
        FieldSpec("commitment_letter", "checkbox", "Lettre d'engagement signée"),
    )

    @override
    def build(self, key: str, cells: Cells) -> PartnerRow:
        """Make a partner."""
        return PartnerRow(
            key=key,
            name=cells["name"] or "",
            category=cells["category"] or "",
            role=cells["role"] or "",
            commitment_letter=bool(cells["commitment_letter"]),
        )

    @override
    def cells(self, row: PartnerRow) -> Cells:
        """Return the cells of a partner."""
        return {
            "name": row.name,
            "category": row.category,
            "role": row.role,
            "commitment_letter": row.commitment_letter,
        }

    @override
    def identity(self, spec: FieldSpec, row: PartnerRow) -> Hashable | None:
        """Refuse the same name twice."""
        return row.name.casefold() or None


class SolutionsType(FixedTable[SolutionRow]):
    """The digital solutions of a project."""

    name = "solutions"
    title = "Solutions numériques"
    prefix = "N"
    aliases = {"function": "functions", "id": "key"}  # noqa: RUF012  # annotated ClassVar in the base class
    own_columns = (
        FieldSpec("label", "text", "Intitulé", required=True, max=200),
        FieldSpec("functions", "multiselect", "Fonctions", required=True, options=offered("solution_functions")),
        FieldSpec("status", "select", "Situation", required=True, options=offered("solution_status")),
        FieldSpec("territory", "text", "Territoire", max=120),
    )

    @override
    def build(self, key: str, cells: Cells) -> SolutionRow:
        """Make a solution."""
        chosen: Choices = cells["functions"] or Choices()
        return SolutionRow(
            key=key,
            label=cells["label"] or "",
            functions=chosen.codes,
            status=cells["status"] or "",
            territory=cells["territory"] or "",
        )

    @override
    def cells(self, row: SolutionRow) -> Cells:
        """Return the cells of a solution."""
        return {
            "label": row.label,
            "functions": Choices(row.functions),
            "status": row.status,
            "territory": row.territory,
        }


class MilestonesType(FixedTable[MilestoneRow]):
    """The milestones of a project, in months from its start."""

    name = "milestones"
    title = "Jalons"
    prefix = "J"
    aliases = {"id": "key"}  # noqa: RUF012  # annotated ClassVar in the base class
    own_columns = (
        FieldSpec("label", "text", "Jalon", required=True, max=200),
        FieldSpec("month", "integer", "Mois", required=True, min=1, max=120, help="1 est le premier mois du projet."),
        FieldSpec("deliverable", "text", "Livrable", required=True, max=200),
    )

    @override
    def build(self, key: str, cells: Cells) -> MilestoneRow:
        """Make a milestone."""
        return MilestoneRow(key, cells["label"] or "", whole(cells["month"]), cells["deliverable"] or "")

    @override
    def cells(self, row: MilestoneRow) -> Cells:
        """Return the cells of a milestone."""
        month = None if row.month is None else Decimal(row.month)
        return {"label": row.label, "month": month, "deliverable": row.deliverable}


class IndicatorsType(FixedTable[IndicatorRow]):
    """The indicators a project proposes. The options of the field are the library it chooses from."""

    name = "indicators"
    title = "Indicateurs"
    own_columns = (
        FieldSpec("code", "select", "Indicateur", required=True),
        FieldSpec("baseline", "number", "Valeur de départ", help="Laissez vide si elle n'est pas connue."),
        FieldSpec("target", "number", "Cible", required=True),
        FieldSpec("source", "text", "Source", required=True, max=120),
        FieldSpec("frequency", "select", "Rythme", required=True, options=offered("frequencies")),
    )

    @override
    def columns(self, spec: FieldSpec) -> tuple[FieldSpec, ...]:
        """Return the columns; without a library the code is free text."""
        code, *others = FixedTable.columns(self, spec)
        options = code.options or spec.options
        kind = "select" if options else "text"
        return (replace(code, type=kind, options=options, max=None if options else 20), *others)

    @override
    def build(self, key: str, cells: Cells) -> IndicatorRow:
        """Make an indicator."""
        return IndicatorRow(
            code=cells["code"] or "",
            baseline=cells["baseline"],
            target=cells["target"],
            source=cells["source"] or "",
            frequency=cells["frequency"] or "",
        )

    @override
    def cells(self, row: IndicatorRow) -> Cells:
        """Return the cells of an indicator."""
        return {
            "code": row.code,
            "baseline": row.baseline,
            "target": row.target,
            "source": row.source,
            "frequency": row.frequency,
        }

    @override
    def identity(self, spec: FieldSpec, row: IndicatorRow) -> Hashable | None:
        """Refuse the same indicator twice."""
        return row.code or None


def _presented(column: FieldSpec, wish: FieldSpec | None) -> FieldSpec:
    if wish is None:
        return column
    changes: dict[str, Any] = {"required": column.required or wish.required}
    for name in ("label", "options", "help", "min", "max", "step"):
        wanted = getattr(wish, name)
        if wanted or wanted == 0:
            changes[name] = wanted
    return replace(column, **changes)


__all__ = [
    "FixedTable",
    "IndicatorsType",
    "MilestonesType",
    "PartnersType",
    "SitesType",
    "SolutionsType",
    "offered",
    "whole",
]
