"""The types of field, by the name that a call document gives them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from aap.errors import InvalidError
from aap.forms.fields.attached import AttachedFile, FileType
from aap.forms.fields.budget import BudgetLinesType, BudgetType, IncomeType
from aap.forms.fields.cells import CELL_TYPES
from aap.forms.fields.choices import Choices
from aap.forms.fields.cleaning import browser_length, made_visible, read_decimal
from aap.forms.fields.field_type import (
    NOT_GIVEN,
    Column,
    DisplayTable,
    FieldType,
    Parsed,
    Raw,
    Storage,
    UnreadableError,
    Written,
)
from aap.forms.fields.project_tables import (
    IndicatorsType,
    MilestonesType,
    PartnersType,
    SitesType,
    SolutionsType,
    offered,
)
from aap.forms.fields.tables import RepeatType, TableType
from aap.forms.spec import FieldSpec

__all__ = [
    "CELL_TYPES",
    "FIELD_TYPES",
    "NOT_GIVEN",
    "AttachedFile",
    "Choices",
    "Column",
    "DisplayTable",
    "FieldType",
    "Parsed",
    "Raw",
    "Storage",
    "UnreadableError",
    "Written",
    "browser_length",
    "field_type",
    "made_visible",
    "offered",
    "read_decimal",
]

_TABLES: tuple[FieldType[Any], ...] = (
    TableType(),
    RepeatType(),
    SitesType(),
    PartnersType(),
    SolutionsType(),
    MilestonesType(),
    BudgetType(),
    BudgetLinesType(),
    IncomeType(),
    IndicatorsType(),
)

FIELD_TYPES: Mapping[str, FieldType[Any]] = MappingProxyType(
    {**CELL_TYPES, FileType.name: FileType(), **{table.name: table for table in _TABLES}},
)


def field_type(spec: FieldSpec) -> FieldType[Any]:
    """Return the type of a field.

    Raises:
        InvalidError: the document names a type that does not exist.

    """
    found = FIELD_TYPES.get(spec.type)
    if found is None:
        raise InvalidError.on(spec.id, f"Le type de champ « {spec.type} » n'existe pas.", code="type-inconnu")
    return found
