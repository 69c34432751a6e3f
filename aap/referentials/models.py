"""Reference tables: agencies and their territory, dated zonings, indicator library, roadmap definitions.

They are data loaded from files (``service.load_referentials``); natural keys, because files and people cite them.
Two official tables never disagree inside the application: a project freezes the zoning row it was read from.
"""

from __future__ import annotations

import enum
import uuid
from datetime import date, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from aap.db import Base, ExactDecimal, Identified, LongText, fk


class Region(Base):
    """One agency and the words it uses for itself. Every business row reaches one of these.

    ``silence_months``: after how many months without a decision a request for money is refused (CRPA art. L231-4).
    """

    __tablename__ = "regions"
    __table_args__ = (CheckConstraint("silence_months >= 1", name="silence_at_least_a_month"),)

    code: Mapped[str] = mapped_column(String(3), primary_key=True)
    insee_code: Mapped[str] = mapped_column(String(2), unique=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    agency_name: Mapped[str] = mapped_column(String(120))
    direction_name: Mapped[str] = mapped_column(String(120))
    grades_name: Mapped[str] = mapped_column(String(80))
    delegation_word: Mapped[str] = mapped_column(String(60))
    postal_address: Mapped[str] = mapped_column(String(300), default="", server_default="")
    telephone: Mapped[str] = mapped_column(String(40), default="", server_default="")
    silence_months: Mapped[int] = mapped_column(Integer, default=2, server_default="2")


class Department(Base):
    """A department, by its official code (``"77"``, ``"2A"``, ``"974"``).

    ``region_code`` is the agency of this installation that it belongs to; empty for the rest of the country, which a
    site may still be in.
    """

    __tablename__ = "departments"

    code: Mapped[str] = mapped_column(String(3), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    region_code: Mapped[str | None] = fk("regions.code")


class Intercommunality(Base):
    """A group of communes (EPCI, or territory of the Grand Paris), by its SIREN number."""

    __tablename__ = "intercommunalities"

    code: Mapped[str] = mapped_column(String(9), primary_key=True)
    name: Mapped[str] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(10))


class Commune(Base):
    """A commune, or a municipal arrondissement of Paris, Lyon or Marseille, by its INSEE code.

    ``territory`` names the *territoire de vie-santé* it belongs to, when known. ``sought_name`` is the name as
    searches compare it (``aap.referentials.spelling``), between spaces. ``divided`` communes are chosen by their
    arrondissements. One that left the official list stays, no longer ``offered``: files cite it.
    """

    __tablename__ = "communes"
    __table_args__ = (
        CheckConstraint("parent_code IS NULL OR NOT divided", name="arrondissement_is_not_divided"),
        CheckConstraint("population IS NULL OR population >= 0", name="population_not_negative"),
    )

    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), index=True)
    department_code: Mapped[str] = fk("departments.code")
    postcodes: Mapped[list[str]] = mapped_column(JSON().with_variant(JSONB(), "postgresql"))
    territory: Mapped[str | None] = mapped_column(String(120))
    sought_name: Mapped[str] = mapped_column(String(200), default="")
    population: Mapped[int | None]
    divided: Mapped[bool] = mapped_column(default=False)
    offered: Mapped[bool] = mapped_column(default=True)
    parent_code: Mapped[str | None] = fk("communes.code")
    intercommunality_code: Mapped[str | None] = fk("intercommunalities.code")
    paris_territory_code: Mapped[str | None] = fk("intercommunalities.code")


class CommunePostcode(Base):
    """A postcode of a commune: what people search by."""

    __tablename__ = "commune_postcodes"

    postcode: Mapped[str] = mapped_column(String(5), primary_key=True)
    commune_code: Mapped[str] = mapped_column(String(5), primary_key=True)

    __table_args__ = (ForeignKeyConstraint(["commune_code"], ["communes.code"], ondelete="RESTRICT"),)


class FormerCommune(Base):
    """A code that official tables of other years still use, and the commune it is part of today."""

    __tablename__ = "former_communes"

    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    commune_code: Mapped[str] = fk("communes.code")


class Zoning(Identified, Base):
    """One dated version of a zoning: the order of 30 March 2022 stays readable after the next one."""

    __tablename__ = "zonings"
    __table_args__ = (UniqueConstraint("dataset", "valid_on"),)

    dataset: Mapped[str] = mapped_column(String(60))
    label: Mapped[str] = mapped_column(String(200))
    valid_on: Mapped[date]
    region_code: Mapped[str | None] = fk("regions.code")
    source: Mapped[str] = mapped_column(String(200))
    licence: Mapped[str] = mapped_column(String(80))


class ZoningClass(Identified, Base):
    """The class of one commune in one zoning. A commune absent from a zoning is *hors zone*."""

    __tablename__ = "zoning_classes"
    __table_args__ = (UniqueConstraint("zoning_id", "commune_code"),)

    zoning_id: Mapped[uuid.UUID] = fk("zonings.id", index=False)
    commune_code: Mapped[str] = fk("communes.code")
    zone: Mapped[str] = mapped_column(String(20))


class Accessibility(Identified, Base):
    """One vintage of the local potential accessibility (APL) to a profession, as the ministry publishes it."""

    __tablename__ = "accessibilities"
    __table_args__ = (UniqueConstraint("dataset", "valid_on"),)

    dataset: Mapped[str] = mapped_column(String(60))
    label: Mapped[str] = mapped_column(String(200))
    valid_on: Mapped[date]
    source: Mapped[str] = mapped_column(String(200))
    licence: Mapped[str] = mapped_column(String(80))


class AccessibilityFigure(Base):
    """The APL of one commune in one vintage: acts accessible per standardised inhabitant and year.

    ``population`` is the standardised population, the weight of every mean.
    """

    __tablename__ = "accessibility_figures"
    __table_args__ = (CheckConstraint("CAST(apl AS NUMERIC) >= 0", name="apl_not_negative"),)

    accessibility_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("accessibilities.id", ondelete="RESTRICT"), primary_key=True
    )
    commune_code: Mapped[str] = mapped_column(ForeignKey("communes.code", ondelete="RESTRICT"), primary_key=True)
    apl: Mapped[ExactDecimal]
    population: Mapped[ExactDecimal | None]


class ImportKind(enum.StrEnum):
    """What an import brings."""

    COMMUNES = "communes"
    ZONING = "zoning"
    ACCESSIBILITY = "accessibility"


class ImportOutcome(enum.StrEnum):
    """What became of an import."""

    LOADED = "loaded"
    REPLACED = "replaced"
    REFUSED = "refused"


class TerritoryImport(Identified, Base):
    """One file read into the tables of the territory, or refused whole: where it came from and what was counted.

    ``vintage`` is the day the figures hold for, empty for communes; ``reason`` says why it was refused.
    """

    __tablename__ = "territory_imports"
    __table_args__ = (
        CheckConstraint("(outcome = 'refused') = (reason IS NOT NULL)", name="refused_has_a_reason"),
        CheckConstraint("read >= 0 AND kept >= 0 AND unmatched >= 0", name="counts_not_negative"),
        CheckConstraint("outcome <> 'refused' OR kept = 0", name="refused_keeps_nothing"),
    )

    kind: Mapped[ImportKind]
    outcome: Mapped[ImportOutcome]
    dataset: Mapped[str] = mapped_column(String(60))
    label: Mapped[str] = mapped_column(String(200))
    vintage: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200))
    file_name: Mapped[str] = mapped_column(String(200))
    file_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)
    read: Mapped[int]
    kept: Mapped[int]
    unmatched: Mapped[int]
    reason: Mapped[LongText | None]


class TerritoryImportLine(Identified, Base):
    """A line of the file that matched nothing, or that needed a guess, in the order of the file."""

    __tablename__ = "territory_import_lines"
    __table_args__ = (UniqueConstraint("import_id", "position"),)

    import_id: Mapped[uuid.UUID] = fk("territory_imports.id", index=False)
    position: Mapped[int]
    sheet: Mapped[str] = mapped_column(String(120))
    line: Mapped[int]
    column: Mapped[str] = mapped_column(String(120))
    value: Mapped[LongText]
    message: Mapped[LongText]
    unmatched: Mapped[bool]


class Aggregation(enum.StrEnum):
    """How measures of successive periods combine."""

    CUMULATIVE = "cumulative"  # the measure counts from the start of the project
    SNAPSHOT = "snapshot"  # the measure holds at its date
    PERIOD = "period"  # the measure counts its own period only


class Direction(enum.StrEnum):
    """Which way is progress."""

    INCREASE = "increase"
    DECREASE = "decrease"


class IndicatorDefinition(Base):
    """An indicator of the library. Definitions are data: an agency adds its own."""

    __tablename__ = "indicator_definitions"
    __table_args__ = (CheckConstraint("NOT computed OR formula IS NOT NULL", name="computed_has_formula"),)

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    label: Mapped[str] = mapped_column(String(200))
    dimension: Mapped[str] = mapped_column(String(40))
    unit: Mapped[str] = mapped_column(String(40))
    aggregation: Mapped[Aggregation]
    direction: Mapped[Direction]
    art51: Mapped[str | None] = mapped_column(String(2))
    has_macro: Mapped[str | None] = mapped_column(String(40))
    has_viewpoint: Mapped[str | None] = mapped_column(String(40))
    formula: Mapped[str | None] = mapped_column(String(400))
    computed: Mapped[bool] = mapped_column(Boolean, default=False)
    default_source: Mapped[str] = mapped_column(String(120))
    default_frequency: Mapped[str] = mapped_column(String(20))
    position: Mapped[int] = mapped_column(Integer)


class RoadmapAxis(Base):
    """An axis of a regional roadmap."""

    __tablename__ = "roadmap_axes"

    region_code: Mapped[str] = mapped_column(String(3), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    label: Mapped[str] = mapped_column(String(200))

    __table_args__ = (ForeignKeyConstraint(["region_code"], ["regions.code"], ondelete="RESTRICT"),)


class RoadmapSheet(Base):
    """A sheet (*fiche projet*) of an axis, such as ``2B``. Steering reports at this level."""

    __tablename__ = "roadmap_sheets"

    region_code: Mapped[str] = mapped_column(String(3), primary_key=True)
    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    axis_number: Mapped[int] = mapped_column(Integer)
    label: Mapped[str] = mapped_column(String(200))

    __table_args__ = (
        ForeignKeyConstraint(
            ["region_code", "axis_number"], ["roadmap_axes.region_code", "roadmap_axes.number"], ondelete="RESTRICT"
        ),
    )


class RoadmapAction(Base):
    """An action of a sheet, such as ``2B-1``. ``owners`` and ``schedule`` are the roadmap's own words."""

    __tablename__ = "roadmap_actions"

    region_code: Mapped[str] = mapped_column(String(3), primary_key=True)
    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    sheet_code: Mapped[str] = mapped_column(String(6))
    position: Mapped[int] = mapped_column(Integer)
    label: Mapped[str] = mapped_column(String(200))
    owners: Mapped[str] = mapped_column(String(200))
    schedule: Mapped[str] = mapped_column(String(80))

    __table_args__ = (
        ForeignKeyConstraint(
            ["region_code", "sheet_code"], ["roadmap_sheets.region_code", "roadmap_sheets.code"], ondelete="RESTRICT"
        ),
    )


class IndicatorOrigin(enum.StrEnum):
    """Where the value of a roadmap indicator comes from."""

    COMPUTED = "computed"  # from the application's own data
    PARTIAL = "partial"  # needs entries made in the application
    IMPORTED = "imported"  # imported or typed in


class RoadmapIndicator(Base):
    """A follow-up indicator of the roadmap, in its own words. ``sheet_code`` is empty for transversal ones."""

    __tablename__ = "roadmap_indicators"

    region_code: Mapped[str] = mapped_column(String(3), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sheet_code: Mapped[str | None] = mapped_column(String(6))
    label: Mapped[str] = mapped_column(String(300))
    origin: Mapped[IndicatorOrigin]

    __table_args__ = (
        ForeignKeyConstraint(["region_code"], ["regions.code"], ondelete="RESTRICT"),
        ForeignKeyConstraint(
            ["region_code", "sheet_code"], ["roadmap_sheets.region_code", "roadmap_sheets.code"], ondelete="RESTRICT"
        ),
    )
