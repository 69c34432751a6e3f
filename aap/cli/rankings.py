"""The commands of rankings: the official rule, and the draw anybody can redo."""

from __future__ import annotations

from pathlib import Path

import click

from aap.cli.scoring import print_json, read_file
from aap.cli.usage import OneOf, Whole
from aap.scoring import calibration, ranking
from aap.scoring.agreement import Level
from aap.scoring.case import ranking_document, read_case
from aap.scoring.draw import commitment, draw_order
from aap.scoring.ratings import agreement_document, read_ratings
from aap.scoring.scores import calibration_document, read_scores

FILE = click.Path(path_type=Path)  # read_file says in French what is wrong with it


@click.command()
@click.argument("path", metavar="CASE.json", type=FILE)
def rank(path: Path) -> None:
    """Rank applications exactly, by the rules written in the call."""
    case = read_case(read_file(path))
    print_json(ranking_document(ranking.rank(case.rubric, case.cases, case.rules), case.rubric.decimals))


@click.command()
@click.option("--seed", required=True, help="La graine révélée.")
@click.argument("refs", metavar="REF…", nargs=-1, required=True)
def draw(seed: str, refs: tuple[str, ...]) -> None:
    """Redo a draw: the commitment to the seed, and the references in drawn order."""
    print_json({"commitment": commitment(seed), "order": draw_order(seed, refs)})


@click.command()
@click.argument("path", metavar="FILE.csv", type=FILE)
@click.option("--level", required=True, type=OneOf(*Level), help="Ce que veulent dire les écarts entre valeurs.")
@click.option("--icc", is_flag=True, help="Lignes : dossiers ; colonnes : évaluateurs ; ajoute les corrélations.")
def agreement(path: Path, level: str, icc: bool) -> None:  # noqa: FBT001  # click passes flags by position
    """Say how far raters agree: Krippendorff's alpha, Kendall's W, intraclass correlations."""
    scale = Level(level)
    print_json(agreement_document(read_ratings(read_file(path), scale, by_unit=icc), scale, icc=icc))


@click.command()
@click.argument("path", metavar="FILE.csv", type=FILE)
@click.option("--seed", type=Whole(), default=0, show_default=True, help="Graine des tirages.")
@click.option("--top", type=Whole(1), help="Nombre de places : donne la probabilité d'en être (p_top).")
@click.option("--draws", type=Whole(1), default=calibration.DRAWS, show_default=True, help="Nombre de tirages.")
def calibrate(path: Path, seed: int, top: int | None, draws: int) -> None:
    """Estimate what each application would have had from average jurors, and how sure its rank is.

    Columns: application, juror, score. The severity of a juror is what they add to a mark: below zero, they mark
    lower than the others do.
    """
    scores = read_scores(read_file(path))
    print_json(calibration_document(calibration.calibrate(scores, seed=seed, draws=draws, top=top)))
