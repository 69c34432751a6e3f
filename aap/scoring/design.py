"""Who marked what, as the arrays that the mixed model of calibration is made of.

This module loads NumPy: ``aap.scoring.calibration`` imports it when it calibrates, never before.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

MOST_PAIRS = 4_000_000  # entries of the absorbed matrix kept as pairs; denser tables go through a matrix product


@dataclass(frozen=True)
class Design:
    """Who marked what, by numbers from 0, marks in the order of applications.

    ``application``, ``juror`` and ``marks`` have one entry per mark; ``group`` one per application: its component;
    ``juror_group`` one per juror. Marks are best centred.
    """

    application: Index
    juror: Index
    marks: Vector
    group: Index
    juror_group: Index

    @cached_property
    def sizes(self) -> tuple[int, int, int]:
        """Number of applications, jurors and components."""
        return len(self.group), len(self.juror_group), int(self.group.max()) + 1

    @cached_property
    def counts(self) -> Index:
        """Marks per application."""
        return np.bincount(self.application, minlength=self.sizes[0])

    @cached_property
    def sums(self) -> Vector:
        """Sum of the marks of each application."""
        return totals(self.application, self.marks, self.sizes[0])

    @cached_property
    def juror_counts(self) -> Index:
        """Marks per juror."""
        return np.bincount(self.juror, minlength=self.sizes[1])

    @cached_property
    def degrees(self) -> int:
        """Degrees of freedom left by the means of the components; 1 when they leave none, and no deviation either."""
        return max(len(self.marks) - self.sizes[2], 1)

    @cached_property
    def entries(self) -> tuple[Index, Index, Vector]:
        """Rows, columns and values of B = [marks per component, who marked], applications x (components + jurors)."""
        applications, _, components = self.sizes
        rows = np.concatenate([np.arange(applications), self.application])
        columns = np.concatenate([self.group, self.juror + components])
        values = np.concatenate([self.counts.astype(float), np.ones(len(self.marks))])
        order = np.argsort(rows, kind="stable")
        return rows[order], columns[order], values[order]

    @cached_property
    def width(self) -> int:
        """Columns of B."""
        return self.sizes[1] + self.sizes[2]

    @cached_property
    def dense(self) -> Matrix:
        """B in full."""
        rows, columns, values = self.entries
        full = np.zeros((self.sizes[0], self.width))
        full[rows, columns] = values
        return full

    @cached_property
    def pairs(self) -> tuple[Index, Index, Vector] | None:
        """For each pair of entries in one row of B: its application, its place in B'B, its product."""
        _, columns, values = self.entries
        lengths = self.counts + 1
        if int((lengths**2).sum()) > MOST_PAIRS:
            return None
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        owners, places, products = [], [], []
        for length in np.unique(lengths):
            mine = np.flatnonzero(lengths == length)
            spots = starts[mine][:, None] + np.arange(length)
            column, value = columns[spots], values[spots]
            owners.append(np.repeat(mine, length**2))
            places.append((column[:, :, None] * self.width + column[:, None, :]).ravel())
            products.append((value[:, :, None] * value[:, None, :]).ravel())
        return np.concatenate(owners), np.concatenate(places), np.concatenate(products)

    @cached_property
    def whole(self) -> Matrix:
        """Give the equations of components and jurors before absorption and without any prior."""
        _, jurors, components = self.sizes
        per_juror = self.juror_counts.astype(float)
        matrix = np.zeros((self.width, self.width))
        marks = np.bincount(self.group[self.application], minlength=components).astype(float)
        matrix[np.arange(self.width), np.arange(self.width)] = np.concatenate([marks, per_juror])
        places = np.arange(jurors) + components
        matrix[self.juror_group, places] = matrix[places, self.juror_group] = per_juror
        return matrix

    def across(self, weights: Vector) -> Matrix:
        """B' diag(weights) B, one weight per application."""
        if self.pairs is None:
            return np.asarray((self.dense * weights[:, None]).T @ self.dense, dtype=float)
        owners, places, products = self.pairs
        flat = totals(places, products * weights[owners], self.width**2)
        return flat.reshape(self.width, self.width)

    def per_juror(self, values: Vector) -> Vector:
        """Sum, for each juror, one value per mark."""
        return totals(self.juror, values, self.sizes[1])

    def down(self, values: Vector) -> Vector:
        """B' values, one value per application."""
        rows, columns, entries = self.entries
        return totals(columns, entries * values[rows], self.width)

    def along(self, effects: Vector) -> Vector:
        """B effects, one effect per component and juror."""
        rows, columns, entries = self.entries
        return totals(rows, entries * effects[columns], self.sizes[0])


def totals(places: Index, values: Vector, count: int) -> Vector:
    """Sum the values that fall in each of ``count`` places."""
    return np.bincount(places, weights=values, minlength=count).astype(float, copy=False)
