"""An independent REML by the definition: the whole covariance matrix, inverted. Slow, plain, nothing shared with ours.

Source: Searle, Casella, McCulloch, Variance Components (1992), sections 6.6 (REML) and 7.4 (BLUP).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Dense:
    """y = X m + Za a + Zb b + e, with dummies written in full."""

    y: Array
    x: Array
    za: Array
    zb: Array

    def covariance(self, variances: Array) -> Array:
        merit, severity, rest = variances
        full: Array = merit * self.za @ self.za.T + severity * self.zb @ self.zb.T + rest * np.eye(len(self.y))
        return full

    def deviance(self, variances: Array) -> float:
        covariance = self.covariance(variances)
        inverse = np.linalg.inv(covariance)
        information = self.x.T @ inverse @ self.x
        means = np.linalg.solve(information, self.x.T @ inverse @ self.y)
        rest = self.y - self.x @ means
        nu = len(self.y) - self.x.shape[1]
        logs = np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(information)[1]
        return float(nu * np.log(2 * np.pi) + logs + rest @ inverse @ rest)

    def best(self, start: Array) -> Array:
        """Variances of least deviance, by a search that uses no derivative."""
        found = minimize(
            lambda logs: self.deviance(np.exp(logs)),
            np.log(start),
            method="Nelder-Mead",
            options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 10_000, "maxfev": 10_000},
        )
        variances: Array = np.exp(found.x)
        return variances

    def predictions(self, variances: Array) -> tuple[Array, Array, Array, Array]:
        """Means X m + a and severities b, then the covariances of their errors of prediction."""
        merit, severity, _ = variances
        inverse = np.linalg.inv(self.covariance(variances))
        spread = np.linalg.inv(self.x.T @ inverse @ self.x)
        means = spread @ self.x.T @ inverse @ self.y
        projected = inverse - inverse @ self.x @ spread @ self.x.T @ inverse
        level = self._level()
        a = merit * self.za.T @ projected @ self.y
        b = severity * self.zb.T @ projected @ self.y
        gain = level @ spread @ self.x.T @ inverse + merit * self.za.T @ projected
        # Error = level (m^ - m) + (a^ - a); y is the only random thing besides a, with cov(y, a) = merit Za.
        error = gain @ self.covariance(variances) @ gain.T
        error += merit * np.eye(self.za.shape[1]) - merit * (gain @ self.za + self.za.T @ gain.T)
        of_b = severity * np.eye(self.zb.shape[1]) - severity**2 * self.zb.T @ projected @ self.zb
        return level @ means + a, b, error, of_b

    def standardised(self, variances: Array) -> Array:
        """Residuals e^ = se2 P y, each over its standard error, since var(P y) = P."""
        inverse = np.linalg.inv(self.covariance(variances))
        spread = np.linalg.inv(self.x.T @ inverse @ self.x)
        projected = inverse - inverse @ self.x @ spread @ self.x.T @ inverse
        ratios: Array = (projected @ self.y) / np.sqrt(np.diag(projected))
        return ratios

    def _level(self) -> Array:
        """Which mean each application has."""
        first = self.za.argmax(axis=0)
        level: Array = self.x[first]
        return level


def dense(rows: list[tuple[int, int, int, float]]) -> Dense:
    """Write the dummies of (application, juror, component, mark)."""
    columns = list(zip(*rows, strict=True))

    def dummies(places: tuple[int, ...]) -> Array:
        return np.eye(max(places) + 1)[list(places)]

    return Dense(np.array(columns[3], dtype=float), dummies(columns[2]), dummies(columns[0]), dummies(columns[1]))
