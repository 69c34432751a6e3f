"""CPU per request beside the reference page of the same run: ``make bench``, or ``make bench ARGS="--rounds 9"``.

Then CPU and memory of the analysts' commands and of the imports of the territory: ``make bench ARGS="--only commands"``
and ``make bench ARGS="--only imports"`` need no PostgreSQL and no Valkey.

What counts is the CPU of the web process; the database's own is not in it. A ratio over its limit is printed as such
and makes the command exit with 1, so that nobody has to remember the limits.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.test import TestResponse

from bench import commands, growth, imports, jury, rush
from bench.measuring import measure
from bench.stage import Stage, staged

REFERENCE = "page de référence"
TEXT = "le délai médian d'un avis médical. " * 30


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured, and the ratio to the reference page that it may not pass."""

    name: str
    limit: float
    call: Callable[[], object]


def get(stage: Stage, path: str, email: str = "") -> Callable[[], TestResponse]:
    """Return a call that reads a page and refuses anything but 200."""
    client = stage.client(email)

    def read() -> TestResponse:
        response = client.get(path)
        if response.status_code != 200:
            message = f"{path}: {response.status_code}"
            raise RuntimeError(message)
        return response

    return read


def autosave(stage: Stage, section: str, field: str) -> Callable[[], TestResponse]:
    """Return a call that saves one more text of one field, as the script of the page does."""
    client = stage.client(stage.lead)
    token = client.get("/compte/session").get_json()["csrf_token"]
    path = f"/dossiers/{stage.draft}/rubriques/{section}/brouillon"
    page = client.get(f"/dossiers/{stage.draft}/rubriques/{section}").get_data(as_text=True)
    found = re.search(rf'data-field="{field}" data-version="(\d+)"', page)
    version = int(found[1]) if found else 0

    def save() -> TestResponse:
        nonlocal version
        data = {"csrf_token": token, "only": field, "seen": f"{field}={version}", field: f"Version {version}, {TEXT}"}
        response = client.post(path, data=data, headers={"Accept": "application/json"})
        if response.status_code != 200 or response.get_json()["versions"] != {field: version + 1}:
            message = f"{path}: {response.status_code} {response.get_data(as_text=True)[:500]}"
            raise RuntimeError(message)
        version += 1
        return response

    return save


def subjects(stage: Stage) -> list[Subject]:
    """Return the pages that have a limit."""
    forms = [
        Subject(
            f"rubrique {section} du formulaire",
            3.0,
            get(stage, f"/dossiers/{stage.draft}/rubriques/{section}", stage.lead),
        )
        for section in stage.sections
    ]
    return [
        Subject("page publique d'un appel", 1.5, get(stage, f"/appels/{stage.call_ref}")),
        *forms,
        Subject("enregistrement d'un texte en cours de frappe", 1.0, autosave(stage, "S2", "need")),
        Subject("enregistrement du résumé, qui a sa colonne", 1.5, autosave(stage, "S2", "abstract")),
        Subject(
            "liste de l'agence, 50 dossiers sur 1 000",
            2.0,
            get(stage, f"/agence/appels/{stage.call_id}/dossiers", stage.officer),
        ),
    ]


def deposit_times(stage: Stage) -> list[float]:
    """Deposit every complete draft once; return the CPU milliseconds of each request."""
    client, times = stage.client(stage.lead), []
    for application_id in stage.deposits:
        path = f"/dossiers/{application_id}/verification"
        page = client.get(path).get_data(as_text=True)
        fields = dict(re.findall(r'name="(csrf_token|key)" value="([^"]+)"', page))
        before = time.process_time()
        response = client.post(path, data={**fields, "honour": "y"})
        times.append((time.process_time() - before) * 1000)
        if response.status_code != 303:
            message = f"{path}: {response.status_code} {response.get_data(as_text=True)[:2000]}"
            raise RuntimeError(message)
    return times


def main() -> int:
    """Run the bench and print its table; return 1 when a limit is passed."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--deposits", type=int, default=8)
    parser.add_argument("--only", choices=["pages", "jury", "commands", "imports"], help="measure one part")
    parser.add_argument("--rush", action="store_true", help="play the deadline rush alone")
    parser.add_argument("--growth", action="store_true", help="measure 100 to 10 000 applications alone")
    parser.add_argument("--drafts", type=int, default=500)
    parser.add_argument("--rush-seconds", type=float, default=60)
    parser.add_argument("--autosave-seconds", type=float, default=30)
    parser.add_argument("--warm-seconds", type=float, default=8)
    parser.add_argument("--autosaves", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4)
    options = parser.parse_args()
    if options.rush:
        return int(not rush.report(options))
    if options.growth:
        return int(not growth.report(subjects, get))
    kept = options.only not in {None, "pages"} or report_pages(options)
    if options.only == "jury":
        kept = report_jury_alone(options)
    if options.only in {None, "commands"}:
        kept = commands.report() and kept
    if options.only in {None, "imports"}:
        kept = imports.report() and kept
    if options.only is None:
        kept = rush.report(options) and kept
        kept = growth.report(subjects, get) and kept
    return int(not kept)


def report_pages(options: argparse.Namespace) -> bool:
    """Print the table of the pages; tell whether every limit holds."""
    with staged(files=options.files, deposits=options.deposits) as stage:
        listed = subjects(stage)
        calls = {REFERENCE: get(stage, "/page-de-reference", stage.lead), **{each.name: each.call for each in listed}}
        figures = measure(calls, rounds=options.rounds, calls=options.calls)
        deposit = statistics.median(deposit_times(stage)[1:])
        rows = [(each.name, figures[each.name].median, each.limit) for each in listed]
        kept = tell(figures[REFERENCE].median, [*rows, ("dépôt d'un dossier complet", deposit, 5.0)])
        return report_jury(stage, options) and kept


def report_jury(stage: Stage, options: argparse.Namespace) -> bool:
    """Have the files marked, then print what a jury costs beside the reference page measured with it."""
    save = jury.play_jury(stage)
    listed = [
        Subject(
            f"classement de {options.files} dossiers × 3 relectures × 8 critères",
            2.0,
            get(stage, f"/agence/appels/{stage.call_id}/classement", stage.officer),
        ),
        Subject("enregistrement d'une note", 1.0, save),
    ]
    calls = {REFERENCE: get(stage, "/page-de-reference", stage.lead), **{each.name: each.call for each in listed}}
    figures = measure(calls, rounds=options.rounds, calls=options.calls)
    return tell(figures[REFERENCE].median, [(each.name, figures[each.name].median, each.limit) for each in listed])


def report_jury_alone(options: argparse.Namespace) -> bool:
    """Measure the jury without the other pages."""
    with staged(files=options.files, deposits=0) as stage:
        return report_jury(stage, options)


def tell(base: float, rows: list[tuple[str, float, float]]) -> bool:
    """Print CPU milliseconds, ratios to the reference page and limits; tell whether every limit holds."""
    print(f"{'':<56}{'CPU ms':>8}{'rapport':>9}{'limite':>8}")
    print(f"{REFERENCE:<56}{base:>8.2f}{1:>9.2f}")
    for name, value, limit in rows:
        print(
            f"{name:<56}{value:>8.2f}{value / base:>9.2f}{limit:>8.1f}{'' if value / base <= limit else '  DÉPASSÉE'}"
        )
    return not any(value / base > limit for _, value, limit in rows)


if __name__ == "__main__":
    sys.exit(main())
