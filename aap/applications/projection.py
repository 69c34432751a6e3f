"""From the answers to what is counted, joined, ranked or paid: the columns and the rows of an application.

Every figure is recomputed here; nothing a browser sends as a total is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import select

from aap import french
from aap.applications.locating import located_sites
from aap.applications.models import (
    Application,
    ApplicationAct,
    ApplicationPublic,
    ApplicationSolution,
    BudgetLine,
    Funder,
    FunderEarmark,
    FundingStatus,
    IncomeKind,
    Partner,
    PlannedMilestone,
    ProposedIndicator,
)
from aap.applications.rows import FileRows
from aap.db import Base, db
from aap.forms.fields import Choices
from aap.forms.rows import BudgetPlan, FunderRow, SiteRow
from aap.forms.spec import FormSpec
from aap.referentials.models import Department

_AMOUNTS = ("requested_eur", "total_expenses", "total_income")
_TOP = Decimal("999999999999.99")
_MOST = 2_000_000_000
RowT = TypeVar("RowT", bound=Base)
Values = Mapping[str, Any]


def is_projected(form: FormSpec, changed: Iterable[str]) -> bool:
    """Tell whether some of these fields have columns or rows of their own: most texts have none."""
    saved = tuple(changed)
    return any(key in COLUMN_FIELDS for key in saved) or has_rows(form, saved)


def has_rows(form: FormSpec, changed: Iterable[str]) -> bool:
    """Tell whether some of these fields have rows of their own."""
    kinds = {spec.id: spec.type for spec in form.fields()}
    return any(key in _BY_FIELD or kinds.get(key) in _BY_TYPE for key in changed)


def project_columns(application: Application, values: Values) -> None:
    """Bring the columns alone up to date, from the values of ``COLUMN_FIELDS``; the department stays as it is."""
    _set_columns(application, values)
    db.session.flush()


def project(application: Application, form: FormSpec, values: Values, changed: Iterable[str]) -> None:
    """Bring the columns and the rows up to date after the fields ``changed`` were saved."""
    kinds = {spec.id: spec.type for spec in form.fields()}
    for field_id in changed:
        rewrite = _BY_FIELD.get(field_id) or _BY_TYPE.get(kinds.get(field_id, ""))
        if rewrite is not None:
            rewrite(application, values.get(field_id))
    _set_columns(application, values)
    application.department_code = _department(application)
    db.session.flush()


def project_aside(application: Application, form: FormSpec, values: Values) -> FileRows:
    """Return the columns and the rows that these values make, and leave the application and the database alone."""
    aside = Application(id=application.id, call_version=application.call_version)
    for spec in form.fields():
        rewrite = _BY_FIELD.get(spec.id) or _BY_TYPE.get(spec.type)
        if rewrite is not None:
            rewrite(aside, values.get(spec.id))
    for name in _AMOUNTS:
        setattr(aside, name, getattr(aside, name) or Decimal(0))
    _set_columns(aside, values)
    return aside


def _set_columns(application: Application, values: Values) -> None:
    for name, size in (("title", 400), ("acronym", 80), ("applicant_name", 400)):
        setattr(application, name, _text(values.get(name))[:size])
    application.abstract = _text(values.get("abstract"))
    application.applicant_type = _text(values.get("applicant_type"))[:80] or None
    application.siret = _text(values.get("siret"))[:20] or None
    application.finess = _text(values.get("finess"))[:20] or None
    has_cpom = values.get("has_cpom")
    application.has_cpom = has_cpom if isinstance(has_cpom, bool) else None
    application.duration_months = _whole(values.get("duration_months"))
    application.population = _whole(values.get("population"))
    start = values.get("start")
    application.starts_on = start if isinstance(start, date) else None


def _department(application: Application) -> str | None:
    """Return the lead's department: its organisation's, or the one with the most capacity among its sites."""
    if application.organisation is not None and application.organisation.department_code:
        return application.organisation.department_code
    weights: dict[str, int] = {}
    for site in application.sites:
        if site.department_code:
            weights[site.department_code] = weights.get(site.department_code, 0) + max(site.capacity or 0, 1)
    known = set(db.session.scalars(select(Department.code).where(Department.code.in_(sorted(weights)))))
    return max((code for code in weights if code in known), key=lambda code: weights[code], default=None)


def _sites(application: Application, value: tuple[SiteRow, ...] | None) -> None:
    _rewrite(application.sites, located_sites(application.call_version, value or ()))


def _partners(application: Application, value: Any) -> None:
    _rewrite(
        application.partners,
        (
            Partner(
                key=row.key,
                name=row.name,
                category=row.category,
                role=row.role,
                commitment_letter=row.commitment_letter,
                position=position,
            )
            for position, row in enumerate(value or ())
        ),
    )


def _solutions(application: Application, value: Any) -> None:
    _rewrite(
        application.solutions,
        (
            ApplicationSolution(
                key=row.key,
                label=row.label,
                functions=list(row.functions),
                status=row.status,
                territory=row.territory,
                position=position,
            )
            for position, row in enumerate(value or ())
        ),
    )


def _milestones(application: Application, value: Any) -> None:
    _rewrite(
        application.milestones,
        (
            PlannedMilestone(
                key=row.key, label=row.label, month=_whole(row.month), deliverable=row.deliverable, position=position
            )
            for position, row in enumerate(value or ())
        ),
    )


def _indicators(application: Application, value: Any) -> None:
    _rewrite(
        application.indicators,
        (
            ProposedIndicator(
                code=row.code,
                baseline=row.baseline,
                target=row.target,
                source=row.source,
                frequency=row.frequency,
                position=position,
            )
            for position, row in enumerate(value or ())
        ),
    )


def _budget(application: Application, value: BudgetPlan | None) -> None:
    plan = value or BudgetPlan()
    lines = [
        BudgetLine(
            key=row.key,
            category=row.category,
            label=row.label,
            quantity=None if row.qty is None else max(row.qty, Decimal(0)),
            unit_price_eur=None if row.unit_price is None else _money(row.unit_price),
            amount_eur=_money(row.amount),
            requested_eur=_money(row.requested_eur),
            has_quote=row.quote,
            quote_ref=row.quote_ref,
            position=position,
        )
        for position, row in enumerate(plan.lines)
    ]
    funders = [_funder(row, position) for position, row in enumerate(plan.income)]
    _rewrite(application.budget_lines, lines)
    _rewrite(application.funders, funders)
    application.total_expenses = min(sum((line.amount_eur for line in lines), Decimal(0)), _TOP)
    application.requested_eur = min(sum((line.requested_eur for line in lines), Decimal(0)), _TOP)
    application.total_income = min(sum((row.amount_eur or Decimal(0) for row in funders), Decimal(0)), _TOP)


def _funder(row: FunderRow, position: int) -> Funder:
    return Funder(
        key=row.key,
        name=row.funder,
        kind=next((kind for kind in IncomeKind if kind.value == row.kind), None),
        amount_eur=None if row.amount is None else _money(row.amount),
        status=next((status for status in FundingStatus if status.value == row.status), None),
        position=position,
        earmarks=[FunderEarmark(line_key=key[:40]) for key in dict.fromkeys(row.earmarked)],
    )


def _publics(application: Application, value: Choices | None) -> None:
    codes = value.codes if value else ()
    _rewrite(
        application.publics,
        (ApplicationPublic(code=code[:80], position=position) for position, code in enumerate(codes)),
    )


def _acts(application: Application, value: Choices | None) -> None:
    codes = value.codes if value else ()
    _rewrite(
        application.acts, (ApplicationAct(code=code[:80], position=position) for position, code in enumerate(codes))
    )


def _rewrite(collection: list[RowT], rows: Iterable[RowT]) -> None:
    """Replace the rows of a collection; the old ones leave first, so that keys may come back."""
    if collection:
        collection.clear()
        db.session.flush()
    collection.extend(rows)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: Any) -> int | None:
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    return value if isinstance(value, int) and 0 <= value <= _MOST else None


def _money(value: Decimal) -> Decimal:
    """Bring a typed amount within what a column holds; the check of the field has already told what is wrong."""
    return min(max(french.rounded(value, 2), Decimal(0)), _TOP)


COLUMN_FIELDS = frozenset(
    {
        "title",
        "acronym",
        "applicant_name",
        "abstract",
        "applicant_type",
        "siret",
        "finess",
        "has_cpom",
        "duration_months",
        "population",
        "start",
    }
)  # the fields that ``_set_columns`` reads
_Rewrite = Callable[[Application, Any], None]
_BY_TYPE: Mapping[str, _Rewrite] = {
    "sites": _sites,
    "partners": _partners,
    "solutions": _solutions,
    "milestones": _milestones,
    "indicators": _indicators,
    "budget": _budget,
}
_BY_FIELD: Mapping[str, _Rewrite] = {"target_publics": _publics, "act_types": _acts}
