"""The commands of rankings: the draw anybody can redo."""

from __future__ import annotations

import click

from aap.cli.scoring import print_json
from aap.scoring.draw import commitment, draw_order


@click.command()
@click.option("--seed", required=True, help="La graine révélée.")
@click.argument("refs", metavar="REF…", nargs=-1, required=True)
def draw(seed: str, refs: tuple[str, ...]) -> None:
    """Redo a draw: the commitment to the seed, and the references in drawn order."""
    print_json({"commitment": commitment(seed), "order": draw_order(seed, refs)})
