"""Linear programmes, whole or not, and HiGHS that solves them.

Huangfu & Hall, *Parallelizing the dual revised simplex method*, 2018. The library is called directly, not through
SciPy, whose import alone costs half a second: the same solver, started again from where it stood.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from highspy import Highs, HighsBasis, HighsModelStatus
from numpy.typing import NDArray

Reals: TypeAlias = NDArray[np.float64]
Indexes: TypeAlias = NDArray[np.int64]
INFINITE = np.inf
_BY_COLUMN, _MINIMISE = 1, 1
_NO_SOLUTION = (HighsModelStatus.kInfeasible, HighsModelStatus.kUnboundedOrInfeasible)


@dataclass(frozen=True, slots=True)
class Programme:
    """Minimise ``costs @ x`` where ``low <= A @ x <= high`` and ``0 <= x <= upper``.

    A is written column by column: the entries of k, ``values`` at ``rows``, are from ``starts[k]`` on (``by_column``).
    """

    costs: Reals
    upper: Reals
    low: Reals
    high: Reals
    starts: Indexes
    rows: Indexes
    values: Reals


def by_column(width: int, rows: Indexes, columns: Indexes, values: Reals) -> tuple[Indexes, Indexes, Reals]:
    """Return starts, rows and values of entries given in any order, no place twice."""
    order = np.lexsort((rows, columns))
    starts: Indexes = np.searchsorted(columns[order], np.arange(width))
    return starts, rows[order], values[order]


@dataclass(frozen=True, slots=True)
class Vertex:
    """Where the simplex stopped: the values, the price of each row, and the basis to start from again."""

    values: Reals
    prices: Reals
    basis: HighsBasis


@dataclass(slots=True)
class Solver:
    """HiGHS on one thread, silent; the same questions have the same answers."""

    highs: Highs = field(default_factory=Highs)

    def __post_init__(self) -> None:
        """Set what never changes."""
        for name, value in (("output_flag", False), ("threads", 1), ("simplex_strategy", 1)):
            self.highs.setOptionValue(name, value)

    def relax(
        self, programme: Programme, basis: HighsBasis | None = None, *, seconds: float | None = None
    ) -> Vertex | None:
        """Solve by the dual simplex, from the basis of a programme of the same shape.

        ``None`` if it has no answer, or none in so many seconds.
        """
        self._pass(programme, whole=False)
        self._give(seconds)
        if basis is None:
            self.highs.setOptionValue("presolve", "choose")
        else:
            self.highs.setOptionValue("presolve", "off")
            self.highs.setBasis(basis)
        self.highs.setOptionValue("solver", "simplex")
        self.highs.run()
        if self.highs.getModelStatus() != HighsModelStatus.kOptimal:
            return None
        found = self.highs.getSolution()
        return Vertex(np.array(found.col_value), np.array(found.row_dual), self.highs.getBasis())

    def search(
        self, programme: Programme, *, gap: float = 0.0, any_one: bool = False, seconds: float | None = None
    ) -> Reals | None:
        """Solve in whole numbers, within a relative gap or until any solution; ``None`` when there is none.

        Raises ``ArithmeticError`` if the solver gives up, or has no answer in so many seconds.
        """
        self._pass(programme, whole=True)
        self._give(seconds)
        for name, value in (("presolve", "choose"), ("solver", "choose"), ("mip_rel_gap", gap)):
            self.highs.setOptionValue(name, value)
        self.highs.setOptionValue("mip_max_improving_sols", 1 if any_one else 2**31 - 1)
        self.highs.run()
        status = self.highs.getModelStatus()
        if status in _NO_SOLUTION:
            return None
        if status != HighsModelStatus.kOptimal and not (any_one and status == HighsModelStatus.kSolutionLimit):
            raise ArithmeticError(self.highs.modelStatusToString(status))
        return np.array(self.highs.getSolution().col_value)

    def _give(self, seconds: float | None) -> None:
        """Set the time limit, which HiGHS counts from the first run of all."""
        self.highs.setOptionValue("time_limit", INFINITE if seconds is None else self.highs.getRunTime() + seconds)

    def _pass(self, programme: Programme, *, whole: bool) -> None:
        columns, height = len(programme.costs), len(programme.low)
        self.highs.passModel(
            columns,
            height,
            len(programme.values),
            _BY_COLUMN,
            _MINIMISE,
            0.0,
            programme.costs.astype(np.float64),
            np.zeros(columns),
            programme.upper.astype(np.float64),
            programme.low.astype(np.float64),
            programme.high.astype(np.float64),
            programme.starts.astype(np.int32),
            programme.rows.astype(np.int32),
            programme.values.astype(np.float64),
            np.full(columns, int(whole), dtype=np.int32),
        )
