"""A table of scores in a plain file, and what calibration says of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from aap.errors import InvalidError, Problem
from aap.scoring.calibration import Calibration, Score
from aap.scoring.exact import exact
from aap.scoring.plain_csv import Row, read_table

LARGEST = 10**9  # points: beyond, floats would lose what separates two marks


def read_scores(content: bytes) -> list[Score]:
    """Read the columns application, juror and score; a blank score is missing.

    Raises ``InvalidError`` naming every line without an application or a juror, with a score that is no number, or
    with a pair already seen.
    """
    table = read_table(content)
    columns = table.columns("application", "juror", "score")
    scores, problems = [], []
    seen: dict[tuple[str, str], int] = {}
    for row in table.rows:
        ref, juror, text = (row.cells[column] for column in columns)
        if not ref or not juror:
            problems.append(_problem(row, "Il manque le dossier ou l'évaluateur."))
        elif (ref, juror) in seen:
            said = f"« {juror} » note déjà « {ref} » à la ligne {seen[ref, juror]}."
            problems.append(_problem(row, said))
        else:
            seen[ref, juror] = row.line
            try:
                value = exact(text) if text else None
            except InvalidError as error:
                problems.append(_problem(row, error.message))
                continue
            if value is not None and abs(value) > LARGEST:
                problems.append(_problem(row, "Cette note est trop grande."))
            elif value is not None:
                scores.append(Score(ref, juror, float(value)))
    if problems:
        raise InvalidError("Certaines notes sont à corriger.", tuple(problems), code="notes-invalides")
    return scores


def calibration_document(calibration: Calibration) -> dict[str, Any]:
    """Write the result: every number in full, intervals as pairs."""
    return {
        "mu": calibration.mu,
        "variances": asdict(calibration.variances),
        "components": calibration.components,
        "warnings": list(calibration.warnings),
        "applications": {
            row.ref: {
                "estimate": row.estimate,
                "standard_error": row.standard_error,
                "expected_rank": row.expected_rank,
                "rank_50": list(row.rank_50),
                "rank_90": list(row.rank_90),
                "p_top": row.p_top,
            }
            for row in calibration.applications
        },
        "jurors": {
            row.name: {"severity": row.severity, "standard_error": row.standard_error} for row in calibration.jurors
        },
    }


def _problem(row: Row, message: str) -> Problem:
    return Problem(f"ligne {row.line}", message, row.line)
