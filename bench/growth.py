"""How the cost of a page grows from 100 to 10 000 applications of one call. ``--growth``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from bench.measuring import measure
from bench.stage import Stage, staged

SIZES = (100, 1_000, 10_000)
LIMIT = 1.5  # times the cost at the smallest size


class Subject(Protocol):
    """What is measured (see ``bench.__main__``)."""

    @property
    def name(self) -> str:
        """Return its name."""
        ...

    @property
    def call(self) -> Callable[[], object]:
        """Return what measures it."""
        ...


Subjects = Callable[[Stage], Sequence[Subject]]
Get = Callable[[Stage, str, str], Callable[[], object]]


def report(subjects: Subjects, get: Get) -> bool:
    """Print CPU milliseconds by size; tell whether none grows beyond the limit."""
    costs: dict[str, list[float]] = {}
    for files in SIZES:
        with staged(files=files, deposits=0) as stage:
            calls = {each.name: each.call for each in subjects(stage)}
            calls["mes dossiers"] = get(stage, "/dossiers", stage.lead)
            for name, figure in measure(calls, rounds=3, calls=8).items():
                costs.setdefault(name, []).append(figure.median)
    heads = "".join(f"{size:>10}" for size in SIZES)
    print(f"\nCPU ms par page, selon le nombre de dossiers de l'appel\n{'':<44}{heads}{'rapport':>10}")
    kept = True
    for name, times in costs.items():
        ratio = times[-1] / times[0]
        held = ratio <= LIMIT or name == "mes dossiers"  # a lead who holds 10 000 files is nobody
        kept = kept and held
        row = "".join(f"{value:>10.2f}" for value in times)
        print(f"{name:<44}{row}{ratio:>10.2f}{'' if held else '  DÉPASSÉE'}")
    return kept
