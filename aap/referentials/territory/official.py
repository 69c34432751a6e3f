"""Load the official communes, departments and groups of communes from the files of `@etalab/decoupage-administratif`.

The package is fetched at set-up with those of the pages (``tools/vendor.py``); its data is under the Licence Ouverte.
It brings the whole country: a site may lie outside the agency's region. A commune that left the list stays, no longer
offered.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import delete, select, update

from aap.db import Base, db
from aap.errors import InvalidError, NotFoundError, Problem
from aap.referentials.models import (
    Commune,
    CommunePostcode,
    Department,
    FormerCommune,
    ImportKind,
    ImportOutcome,
    Intercommunality,
    Region,
)
from aap.referentials.service import shipped_communes
from aap.referentials.territory.importing import Report, insert_all, keep_report
from aap.referentials.territory.spelling import kept_name

PACKAGE: Final = "@etalab/decoupage-administratif"
DEFAULT_FOLDER: Final = Path(__file__).resolve().parents[3] / "static" / "vendor" / "territory"
FILES: Final = ("communes.json", "departements.json", "epci.json", "ept.json")
SOURCE: Final = f"{PACKAGE} (code officiel géographique, Licence Ouverte)"
_CODE: Final = re.compile(r"[0-9]{5}|2[AB][0-9]{3}")
_OFFERED: Final = frozenset({"commune-actuelle", "arrondissement-municipal"})
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Official:
    """What the files hold, as rows of our tables."""

    version: str
    digest: str
    departments: Rows
    groups: Rows
    communes: Rows
    former: Mapping[str, str]

    @property
    def postcodes(self) -> Rows:
        """Return one row per commune and postcode."""
        return [
            {"postcode": postcode, "commune_code": commune["code"]}
            for commune in self.communes
            for postcode in commune["postcodes"]
        ]


def is_there(folder: Path = DEFAULT_FOLDER) -> bool:
    """Tell whether the official files were fetched at set-up."""
    return all((folder / name).is_file() for name in FILES)


def read_official(folder: Path) -> Official:
    """Read the files of a folder.

    Raises:
        NotFoundError: a file is missing.
        InvalidError: a file is not what the package holds.

    """
    texts = {name: _text(folder / name) for name in FILES}
    digest = hashlib.sha256("".join(texts.values()).encode()).hexdigest()
    try:
        tables = {name: json.loads(text) for name, text in texts.items()}
        package = folder / "package.json"
        version = json.loads(_text(package))["version"] if package.is_file() else "version non précisée"
        return _official(str(version), digest, tables)
    except (ValueError, KeyError, TypeError) as error:
        message = f"Les fichiers de {folder} ne sont pas ceux de {PACKAGE}."
        raise InvalidError(message, (Problem(str(folder), f"{error!r}"),), code="communes-illisibles") from error


def import_communes(official: Official, *, now: datetime) -> Report:
    """Create or update every department, group and commune; former codes and postcodes are replaced."""
    regions = {region.insee_code: region.code for region in db.session.scalars(select(Region))}
    departments = [
        {"code": row["code"], "name": row["name"], "region_code": regions.get(row["insee_region"])}
        for row in official.departments
    ]
    _bring(Department, departments)
    _bring(Intercommunality, official.groups)
    known = {row["code"] for row in official.communes}
    before = set(db.session.scalars(select(Commune.code)))
    _bring(Commune, official.communes)
    gone = before - known - shipped_communes()
    for code in sorted(gone):
        db.session.execute(update(Commune).where(Commune.code == code).values(offered=False))
    _renew(CommunePostcode, CommunePostcode.commune_code.not_in(shipped_communes()), official.postcodes)
    former = [{"code": old, "commune_code": new} for old, new in official.former.items() if old not in known]
    _renew(FormerCommune, FormerCommune.code.is_not(None), former)
    report = Report(
        uuid.uuid4(),
        ImportKind.COMMUNES,
        ImportOutcome.REPLACED if before & known else ImportOutcome.LOADED,
        f"Communes, départements et EPCI, {official.version}",
        len(official.communes),
        len(official.communes),
        0,
        None,
    )
    keep_report(
        report,
        dataset="communes",
        vintage=None,
        origin=SOURCE,
        file_name=PACKAGE,
        file_hash=official.digest,
        now=now,
    )
    return report


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotFoundError(f"Le fichier {path} n'existe pas : {PACKAGE} n'a pas été installé.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidError(f"Le fichier {path} ne se lit pas.", code="communes-illisibles") from error


def _official(version: str, digest: str, tables: Mapping[str, Any]) -> Official:
    listed = [row for row in tables["communes.json"] if row["type"] in _OFFERED]
    parents = {row["commune"] for row in listed if row["type"] == "arrondissement-municipal"}
    groups = {kind: _members(tables[f"{kind}.json"]) for kind in ("epci", "ept")}
    former: dict[str, str] = {}
    for row in tables["communes.json"]:
        today = row["code"] if row["type"] in _OFFERED else row.get("chefLieu", "")
        former |= dict.fromkeys((code for code in row.get("anciensCodes", ()) if _CODE.fullmatch(code)), today)
        if row["type"] in {"commune-deleguee", "commune-associee"} and row["code"] != today:
            former[row["code"]] = today
    communes = [_commune(row, parents, groups) for row in listed]
    communes.sort(key=lambda row: (row["parent_code"] is not None, row["code"]))  # a parent before its parts
    known = {row["code"] for row in communes}
    return Official(
        version,
        digest,
        departments=[
            {"code": row["code"], "name": row["nom"], "insee_region": row["region"]}
            for row in tables["departements.json"]
        ],
        groups=[
            {"code": row["code"], "name": row["nom"], "kind": row["type"]}
            for name in ("epci.json", "ept.json")
            for row in tables[name]
        ],
        communes=communes,
        former={old: new for old, new in former.items() if new in known},
    )


def _members(groups: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {member["code"]: group["code"] for group in groups for member in group["membres"]}


def _commune(row: Mapping[str, Any], parents: set[str], groups: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    parent = row.get("commune") if row["type"] == "arrondissement-municipal" else None
    of_group = parent or row["code"]
    return {
        "code": row["code"],
        "name": row["nom"],
        "department_code": row["departement"],
        "postcodes": sorted(row.get("codesPostaux", ())),
        "sought_name": kept_name(row["nom"]),
        "population": row.get("population"),
        "divided": row["code"] in parents,
        "offered": True,
        "parent_code": parent,
        "intercommunality_code": groups["epci"].get(of_group),
        "paris_territory_code": groups["ept"].get(of_group),
    }


def _bring(model: type[Base], rows: Rows) -> None:
    """Insert the rows that are new, update those that differ."""
    columns = [getattr(model, name) for name in rows[0]]
    there = {row.code: row for row in db.session.execute(select(*columns))}
    insert_all(model, [row for row in rows if row["code"] not in there])
    changed = [row for row in rows if row["code"] in there and dict(there[row["code"]]._mapping) != row]  # noqa: SLF001  # the documented way to read a Row as a mapping
    if changed:
        db.session.execute(update(model), changed)


def _renew(model: type[Base], which: Any, rows: Rows) -> None:
    db.session.execute(delete(model).where(which))
    insert_all(model, rows)
