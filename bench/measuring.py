"""CPU time per call, several subjects in turn, so that a drifting machine drifts for all of them."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """CPU milliseconds of this process per call: the median of the rounds, the best and the worst."""

    median: float
    best: float
    worst: float


def measure(subjects: Mapping[str, Callable[[], object]], *, rounds: int, calls: int) -> dict[str, Figure]:
    """Call every subject ``calls`` times in each of ``rounds`` rounds, in turn, after one call to warm up."""
    for call in subjects.values():
        call()
    times: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(rounds):
        for name, call in subjects.items():
            gc.collect()
            before = time.process_time()
            for _ in range(calls):
                call()
            times[name].append((time.process_time() - before) * 1000 / calls)
    return {name: Figure(statistics.median(each), min(each), max(each)) for name, each in times.items()}
