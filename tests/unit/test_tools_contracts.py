from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# What may know the web, the forms, the queue or the PDF library: by its floor, or because it has none of these to know.
OUTSIDE = {
    "app",
    "assembly",
    "blueprints",
    "cli",
    "clock",
    "config",
    "db",
    "demonstration",
    "documents",
    "errors",
    "extensions",
    "french",
    "health",
    "jobs",
    "personal_data",
    "rules",
    "scoring",
}


def _contracts() -> dict[str, dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {contract["id"]: contract for contract in settings["tool"]["importlinter"]["contracts"]}


def _names(folder: Path) -> set[str]:
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    return modules | {path.parent.name for path in folder.glob("*/__init__.py")}


def test_every_folder_of_the_domain_is_kept_from_the_web() -> None:
    listed = {name.removeprefix("aap.") for name in _contracts()["domain"]["source_modules"]}
    assert listed == _names(ROOT / "aap") - OUTSIDE


def test_every_audience_is_kept_from_the_others() -> None:
    listed = {name.removeprefix("aap.blueprints.") for name in _contracts()["audiences"]["modules"]}
    assert listed == {path.parent.name for path in (ROOT / "aap" / "blueprints").glob("*/__init__.py")}
