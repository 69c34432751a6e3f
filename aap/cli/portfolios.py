"""The commands of portfolios: who reads what, and who is funded within the envelope."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from aap.cli.scoring import print_json, read_file
from aap.errors import InvalidError
from aap.scoring.assignment.problem import Problem, check, college_indexes
from aap.scoring.assignment.report import Wishes, assignment_document
from aap.scoring.assignment.table import read_affinities, read_colleges, read_loads, read_pairs
from aap.scoring.selection import table, walk

FILE = click.Path(path_type=Path)  # read_file says in French what is wrong with it


@contextmanager
def _solver_unheard() -> Iterator[None]:
    """Keep standard output for the document: HiGHS, below Python, leaves lines of its own there now and then."""
    if sys.stdout is None:  # closed by who called: print_json will say so
        yield
        return
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        ctypes.CDLL(None).fflush(None)  # C keeps what it prints to a pipe until later: let it go nowhere now
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


@click.command()
@click.argument("path", metavar="FILE.csv", type=FILE)
@click.option("--reviews", type=click.IntRange(min=0), required=True, help="Lectures voulues par dossier.")
@click.option("--min-load", required=True, metavar="N[,N…]", help="Charge minimale : une pour tous, ou une par juré.")
@click.option("--max-load", required=True, metavar="N[,N…]", help="Charge maximale : une pour tous, ou une par juré.")
@click.option("--colleges", type=FILE, metavar="COLLEGES.csv", help="Colonnes juror et college.")
@click.option("--at-most-per-college", type=click.IntRange(min=0), metavar="N", help="Par dossier et par collège.")
@click.option("--at-least-per-college", type=click.IntRange(min=0), metavar="N", help="Par dossier et par collège.")
@click.option("--pinned", type=FILE, metavar="PAIRS.csv", help="Paires à garder : colonnes application et juror.")
@click.option("--fairness", is_flag=True, help="Relever le dossier le moins bien servi.")
@click.option("--bridging", is_flag=True, help="Ajouter des lectures qui relient tous les jurés entre eux.")
@click.option("--noise-seed", type=click.IntRange(min=0), metavar="S", help="Départager les égalités par un tirage.")
@click.option("--explain", is_flag=True, help="Dire pourquoi chaque juré est proposé.")
def assign(path: Path, reviews: int, min_load: str, max_load: str, **options: Any) -> None:
    """Assign jurors to applications, with the proof that no assignment is better."""
    affinities = read_affinities(read_file(path), str(path))
    colleges = _colleges(options, affinities.jurors)
    pinned = options["pinned"]
    problem = Problem(
        applications=affinities.applications,
        jurors=affinities.jurors,
        affinities=affinities.values,
        allowed=affinities.allowed,
        reviews=reviews,
        minimum=read_loads(min_load, affinities.jurors, "--min-load"),
        maximum=read_loads(max_load, affinities.jurors, "--max-load"),
        college=college_indexes(affinities.jurors, colleges),
        at_least_per_college=options["at_least_per_college"] or 0,
        at_most_per_college=options["at_most_per_college"],
        pinned=read_pairs(read_file(pinned), str(pinned), affinities) if pinned else (),
    )
    check(problem)
    wishes = Wishes(options["fairness"], options["bridging"], options["explain"], options["noise_seed"])
    with _solver_unheard():
        document = assignment_document(problem, wishes, tuple(sorted(set(colleges.values()))))
    print_json(document)


@click.command()
@click.argument("path", metavar="FILE.csv", type=FILE)
@click.option("--envelope", required=True, metavar="E", help="Enveloppe, en euros.")
@click.option("--quotas", required=True, type=FILE, metavar="QUOTAS.json", help="Liste de quotas.")
def select(path: Path, envelope: str, quotas: Path) -> None:
    """Fund in rank order within the envelope and the quotas, each refusal with its reason."""
    money = table.read_amount(envelope.strip())
    if money is None:
        raise InvalidError.on("--envelope", f"« {envelope} » n'est pas un montant au centime.", code="pas-un-montant")
    limits = table.read_quotas(read_file(quotas), str(quotas))
    portfolio = table.read_portfolio(read_file(path), str(path), money, limits)
    with _solver_unheard():
        found = walk.select(portfolio)
    print_json(table.selection_document(found))


def _colleges(options: dict[str, Any], jurors: tuple[str, ...]) -> dict[str, str]:
    """Read the colleges, which are asked for if and only if something limits them."""
    path = options["colleges"]
    limited = options["at_most_per_college"] is not None or options["at_least_per_college"] is not None
    if limited != bool(path):
        raise InvalidError("--colleges va avec --at-most-per-college ou --at-least-per-college.", code="option-seule")
    return read_colleges(read_file(path), str(path), jurors) if path else {}
