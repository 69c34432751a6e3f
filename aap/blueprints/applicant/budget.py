"""The budget of a file taken away as a workbook that reads back as the same budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import quote

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from aap.applications.facts import read_application
from aap.applications.models import Application
from aap.applications.people import sections_read
from aap.applications.spreadsheets import budget_workbook
from aap.blueprints.access import allow, signed_in_actor
from aap.blueprints.applicant.loading import arrival, own_application
from aap.documents.workbook import ODS, XLSX, Sheet, ods, xlsx
from aap.errors import NotFoundError
from aap.forms.rows import BudgetPlan

bp = Blueprint("applicant_budget", __name__, url_prefix="/dossiers/<uuid:application_id>")


@bp.get("/budget.ods")
@allow("application.read", load=own_application)
def as_ods(application: Application) -> ResponseReturnValue:
    """Hand out the budget as an ODS workbook."""
    return _workbook(application, ods, ODS, "ods")


@bp.get("/budget.xlsx")
@allow("application.read", load=own_application)
def as_xlsx(application: Application) -> ResponseReturnValue:
    """Hand out the budget as an XLSX workbook."""
    return _workbook(application, xlsx, XLSX, "xlsx")


def _workbook(
    application: Application, write: Callable[[Sequence[Sheet]], bytes], media_type: str, ending: str
) -> ResponseReturnValue:
    reading = read_application(application, arrival())
    open_to = sections_read(application, signed_in_actor())
    for section in reading.standing_form.sections:
        spec = next((one for one in section.fields if one.type == "budget"), None)
        if spec is not None and (open_to is None or section.id in open_to):
            plan = reading.values.get(spec.id) or BudgetPlan()
            answer = Response(write(budget_workbook(plan)), mimetype=media_type)
            name = f"budget-{application.reference or application.call_version.call.ref}.{ending}"
            answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
            return answer
    raise NotFoundError("Ce dossier n'a pas de budget, ou il ne vous est pas ouvert.")
