"""Draw the life cycles from their tables, so that the guide never lies: ``python -m tools.states``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from aap.applications.states import WORKFLOW as APPLICATION
from aap.awards.states import WORKFLOW as PROJECT
from aap.capitalisation.states import SHEET_WORKFLOW
from aap.evaluation.states import PLAN_WORKFLOW, REPORT_WORKFLOW
from aap.jury.states import WORKFLOW as REVIEW

TARGET = Path(__file__).resolve().parents[1] / "docs" / "guide" / "etats.md"
CYCLES: tuple[tuple[str, Any], ...] = (
    ("Le dossier", APPLICATION),
    ("La grille d'un juré", REVIEW),
    ("Le projet", PROJECT),
    ("Le plan d'évaluation", PLAN_WORKFLOW),
    ("Le rapport", REPORT_WORKFLOW),
    ("La fiche de capitalisation", SHEET_WORKFLOW),
)


def page() -> str:
    """Return the whole page, in Markdown with Mermaid diagrams and their tables."""
    parts = [
        "# Les états et ce qui les change",
        "",
        "Page écrite par `python -m tools.states` : ne pas la modifier à la main.",
        "",
    ]
    for title, workflow in CYCLES:
        parts += [f"## {title}", "", "```mermaid", "stateDiagram-v2"]
        parts += [f'    state "{words.label}" as {state.value}' for state, words in workflow.labels.items()]
        for row in workflow.transitions:
            parts += [f"    {source.value} --> {row.target.value} : {row.label}" for source in row.sources]
        parts += ["```", "", "| État | Vu par le porteur |", "| --- | --- |"]
        parts += [f"| {words.label} | {words.public_label} |" for words in workflow.labels.values()]
        parts += [""]
    return "\n".join(parts)


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
    sys.exit(0)
