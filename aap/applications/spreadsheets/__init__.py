"""Budgets that come from a spreadsheet, pasted or in a file, and budgets handed out as one."""

from __future__ import annotations

from aap.applications.spreadsheets.reading import read_budget_file
from aap.applications.spreadsheets.understanding import EXPENSES, FUNDING, Remark, Understood, understand
from aap.applications.spreadsheets.writing import budget_workbook

__all__ = [
    "EXPENSES",
    "FUNDING",
    "Remark",
    "Understood",
    "budget_workbook",
    "read_budget_file",
    "understand",
]
