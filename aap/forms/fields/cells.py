"""The types a cell of a table may have: every type held by plain inputs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from aap.forms.fields.checklist import ChecklistType
from aap.forms.fields.choices import CheckboxType, KeysType, MultiSelectType, SelectType, YesNoType
from aap.forms.fields.field_type import FieldType
from aap.forms.fields.figures import (
    DateType,
    IntegerType,
    MoneyType,
    MonthType,
    NumberType,
    PercentageType,
    QuantityType,
    RateType,
    ScaleType,
)
from aap.forms.fields.identifiers import (
    CommuneType,
    DepartmentType,
    FinessType,
    IbanType,
    PlaceType,
    RnaType,
    RppsType,
    SiretType,
)
from aap.forms.fields.outside import ComputedType
from aap.forms.fields.texts import EmailType, LongTextType, PhoneType, TextType, UrlType

_TYPES: tuple[FieldType[Any], ...] = (
    TextType(),
    LongTextType(),
    NumberType(),
    IntegerType(),
    MoneyType(),
    QuantityType(),
    PercentageType(),
    RateType(),
    DateType(),
    MonthType(),
    YesNoType(),
    CheckboxType(),
    SelectType(),
    KeysType(),
    MultiSelectType(),
    ChecklistType(),
    ScaleType(),
    SiretType(),
    FinessType(),
    RnaType(),
    IbanType(),
    RppsType(),
    EmailType(),
    PhoneType(),
    UrlType(),
    CommuneType(),
    PlaceType(),
    DepartmentType(),
    ComputedType(),
)

CELL_TYPES: Mapping[str, FieldType[Any]] = MappingProxyType({one.name: one for one in _TYPES})
