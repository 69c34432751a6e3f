"""Import a vintage: read, match, decide, then write in one transaction, or refuse whole and keep the report.

Nothing of a refused file is written but its report. A vintage that a published call cites is never replaced: what its
files were judged on stays as it was.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import delete, insert, select, update

from aap import audit
from aap.db import db
from aap.errors import ConflictError, InvalidError
from aap.french import percent, plural
from aap.referentials.models import (
    Accessibility,
    AccessibilityFigure,
    Commune,
    ImportKind,
    ImportOutcome,
    Region,
    TerritoryImport,
    TerritoryImportLine,
    Zoning,
    ZoningClass,
)
from aap.referentials.territory.matching import Known, known_codes, match, mean_apl, one_zone
from aap.referentials.territory.reading import Issue, read_accessibility, read_zoning
from aap.workbooks import Table, read_workbook

MOST_UNMATCHED: Final = Fraction(2, 100)
MOST_LINES_KEPT: Final = 5000  # of a report; the counts are of the whole file
LICENCE: Final = "Licence Ouverte 2.0"
_BATCH: Final = 5000


@dataclass(frozen=True, slots=True)
class Source:
    """A file and what a person says of it. ``max_unmatched`` is the share of lines that may match nothing (0 to 1)."""

    file_name: str
    content: bytes
    dataset: str
    valid_on: date
    label: str = ""
    source: str = ""
    licence: str = LICENCE
    sheet: str | None = None
    column: str = ""
    region_code: str | None = None
    replace: bool = False
    max_unmatched: Fraction = MOST_UNMATCHED


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or why it was refused (``reason``), with every line worth telling."""

    id: uuid.UUID
    kind: ImportKind
    outcome: ImportOutcome
    label: str
    read: int
    kept: int
    unmatched: int
    reason: str | None
    issues: tuple[Issue, ...] = field(repr=False, default=())


def import_accessibility(source: Source, *, now: datetime, cited: Mapping[tuple[str, date], str]) -> Report:
    """Import one vintage of the APL. ``cited`` names the published calls that use each vintage.

    Raises:
        InvalidError: the file cannot be read, or no sheet of it fits.
        ConflictError: this vintage is loaded and ``replace`` was not asked for, or a published call cites it.
        TooLargeError: the file is too large once open.

    """
    label = source.label or f"APL {source.valid_on.year}"
    _check_vintage(Accessibility, source, cited)
    reading = read_accessibility(
        source.file_name, _tables(source), sheet=source.sheet, year=source.valid_on.year, column=source.column
    )
    figures, issues = match(reading.lines, _known(), mean_apl)
    report = _judged(source, ImportKind.ACCESSIBILITY, label, reading.read, [*reading.issues, *issues], len(figures))
    rows = [{"commune_code": code, "apl": line.apl, "population": line.population} for code, line in figures.items()]
    return _settle(source, report, Accessibility, AccessibilityFigure, rows, now)


def import_zoning(source: Source, *, now: datetime, cited: Mapping[tuple[str, date], str]) -> Report:
    """Import one dated zoning of doctors. ``cited`` names the published calls that use each zoning.

    Raises:
        InvalidError: the file cannot be read, no sheet of it fits, or the region is unknown.
        ConflictError: this zoning is loaded and ``replace`` was not asked for, or a published call cites it.
        TooLargeError: the file is too large once open.

    """
    if source.region_code is not None and db.session.get(Region, source.region_code) is None:
        raise InvalidError.on("region", f"La région « {source.region_code} » n'est pas connue.", code="region-inconnue")
    label = source.label or f"Zonage des médecins, {source.valid_on:%d/%m/%Y}"
    _check_vintage(Zoning, source, cited)
    reading = read_zoning(source.file_name, _tables(source), sheet=source.sheet)
    classes, issues = match(reading.lines, _known(), one_zone)
    report = _judged(source, ImportKind.ZONING, label, reading.read, [*reading.issues, *issues], len(classes))
    rows = [{"id": uuid.uuid4(), "commune_code": code, "zone": line.zone} for code, line in classes.items()]
    settled = _settle(source, report, Zoning, ZoningClass, rows, now)
    if settled.outcome is not ImportOutcome.REFUSED:
        named = [{"code": code, "territory": line.territory} for code, line in classes.items() if line.territory]
        if named:
            db.session.execute(update(Commune), named)
    return settled


def _tables(source: Source) -> tuple[Table, ...]:
    return read_workbook(source.content, source.file_name)


def _known() -> Known:
    known = known_codes()
    if not known.communes:
        raise ConflictError("Importez d'abord les communes : aap territory import communes.", code="sans-communes")
    return known


def _check_vintage(model: type[Accessibility | Zoning], source: Source, cited: Mapping[tuple[str, date], str]) -> None:
    there = db.session.scalar(
        select(model.id).where(model.dataset == source.dataset, model.valid_on == source.valid_on)
    )
    said = f"« {source.dataset} » au {source.valid_on:%d/%m/%Y}"
    call = cited.get((source.dataset, source.valid_on))
    if there is not None and call is not None:
        message = f"{said} sert à l'appel {call}, déjà publié : il ne change plus. Importez un autre millésime."
        raise ConflictError(message, code="millesime-cite")
    if there is not None and not source.replace:
        message = f"{said} est déjà chargé. Ajoutez --replace pour le remplacer tout entier."
        raise ConflictError(message, code="millesime-charge")


def _judged(source: Source, kind: ImportKind, label: str, read: int, issues: Sequence[Issue], kept: int) -> Report:
    unmatched = sum(issue.unmatched for issue in issues)
    reason = None
    if kept == 0:
        reason = "Aucune ligne du fichier ne correspond à une commune connue."
    elif Fraction(unmatched, read) > source.max_unmatched:
        reason = (
            f"{plural(unmatched, 'ligne')} sur {read} ({percent(Fraction(unmatched, read), 1)}) sans correspondance : "
            f"c'est plus que les {percent(source.max_unmatched, 1)} admis."
        )
    outcome = ImportOutcome.REFUSED if reason else ImportOutcome.LOADED
    return Report(uuid.uuid4(), kind, outcome, label, read, 0 if reason else kept, unmatched, reason, tuple(issues))


def _settle(  # the two tables of a vintage, and what goes in them
    source: Source,
    report: Report,
    model: type[Accessibility | Zoning],
    child: type[AccessibilityFigure | ZoningClass],
    rows: list[dict[str, Any]],
    now: datetime,
) -> Report:
    outcome = report.outcome
    if outcome is not ImportOutcome.REFUSED:
        vintage, replaced = _vintage(model, source, report.label)
        key = f"{'accessibility' if child is AccessibilityFigure else 'zoning'}_id"
        column = AccessibilityFigure.accessibility_id if child is AccessibilityFigure else ZoningClass.zoning_id
        if replaced:
            db.session.execute(delete(child).where(column == vintage))
            outcome = ImportOutcome.REPLACED
        insert_all(child, [{key: vintage, **row} for row in rows])
    done = replace(report, outcome=outcome)
    keep_report(
        done,
        dataset=source.dataset,
        vintage=source.valid_on,
        origin=source.source or "Non précisée",
        file_name=source.file_name,
        file_hash=hashlib.sha256(source.content).hexdigest(),
        now=now,
    )
    return done


def _vintage(model: type[Accessibility | Zoning], source: Source, label: str) -> tuple[uuid.UUID, bool]:
    """Return the row of the vintage, made or renewed, and whether it was there."""
    query = select(model).where(model.dataset == source.dataset, model.valid_on == source.valid_on)
    row: Any = db.session.scalar(query)
    replaced = row is not None
    if row is None:
        row = model(dataset=source.dataset, valid_on=source.valid_on)
        db.session.add(row)
    row.label, row.source, row.licence = label[:200], (source.source or "Non précisée")[:200], source.licence[:80]
    if isinstance(row, Zoning):
        row.region_code = source.region_code
    db.session.flush()
    identifier: uuid.UUID = row.id
    return identifier, replaced


def keep_report(  # where a file came from
    report: Report,
    *,
    dataset: str,
    vintage: date | None,
    origin: str,
    file_name: str,
    file_hash: str,
    now: datetime,
) -> None:
    """Write the report of an import, its first lines worth telling, and the journal."""
    row = TerritoryImport(
        id=report.id,
        kind=report.kind,
        outcome=report.outcome,
        dataset=dataset[:60],
        label=report.label[:200],
        vintage=vintage,
        source=origin[:200],
        file_name=file_name[:200],
        file_hash=file_hash,
        at=now,
        read=report.read,
        kept=report.kept,
        unmatched=report.unmatched,
        reason=report.reason,
    )
    db.session.add(row)
    db.session.flush()
    in_order = sorted(report.issues, key=lambda issue: (not issue.unmatched, issue.sheet, issue.line))[:MOST_LINES_KEPT]
    insert_all(
        TerritoryImportLine,
        [
            {
                "id": uuid.uuid4(),
                "import_id": report.id,
                "position": position,
                "sheet": issue.sheet[:120],
                "line": issue.line,
                "column": issue.column[:120],
                "value": issue.value,
                "message": issue.message,
                "unmatched": issue.unmatched,
            }
            for position, issue in enumerate(in_order, start=1)
        ],
    )
    counts = {"read": report.read, "kept": report.kept, "unmatched": report.unmatched, "file": file_hash}
    audit.record(f"territory.{report.outcome.value}", row, actor_id=None, now=now, detail=counts)


def insert_all(model: type[Any], rows: Collection[dict[str, Any]]) -> None:
    """Insert rows by batches, without making objects of them."""
    listed = list(rows)
    for start in range(0, len(listed), _BATCH):
        db.session.execute(insert(model), listed[start : start + _BATCH])
