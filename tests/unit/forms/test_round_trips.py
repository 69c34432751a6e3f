"""Whatever a field holds survives the page, the database and the document unchanged."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aap.forms.fields import Choices, field_type, read_decimal
from aap.forms.fields.cleaning import browser_length, clean_line, clean_text
from aap.forms.fields.field_type import UnreadableError
from aap.forms.rows import BudgetLineRow, BudgetPlan, FunderRow, IndicatorRow, PartnerRow, SiteRow
from aap.forms.spec import FieldSpec, Option
from aap.french import number, rounded

OPTIONS = tuple(Option(code, code.title()) for code in ("un", "deux", "trois", "autre"))
COLUMNS = (
    FieldSpec("label", "text", "Libellé"),
    FieldSpec("note", "longtext", "Note"),
    FieldSpec("count", "number", "Nombre"),
    FieldSpec("day", "date", "Jour"),
    FieldSpec("ready", "yesno", "Prêt"),
    FieldSpec("kind", "select", "Nature", options=OPTIONS),
)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

lines = st.text(max_size=60).map(lambda text: _kept(clean_line, text)).filter(bool)
texts = st.text(max_size=200).map(lambda text: _kept(clean_text, text)).filter(bool)
words = st.text(alphabet="abcdefghijklmnopqrstuvwxyzéèà -", min_size=1, max_size=20).map(str.strip).filter(bool)
cents = st.integers(0, 10**8).map(lambda value: Decimal(value) / 100)
figures = st.decimals(0, 10**9, places=3)
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
codes = st.lists(st.sampled_from(["un", "deux", "trois"]), unique=True, min_size=1).map(
    lambda chosen: Choices(tuple(option.value for option in OPTIONS if option.value in chosen))
)


def _kept(clean: Any, text: str) -> str:
    try:
        return str(clean(text))
    except UnreadableError:
        return ""


def rows(cells: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    filled = st.fixed_dictionaries({}, optional=cells).filter(bool)
    return st.lists(filled, min_size=1, max_size=5).map(tuple)


sites = st.builds(
    SiteRow,
    key=st.just("S07"),
    name=lines,
    finess=st.just("770999019"),
    commune=lines,
    department=st.just("2A"),
    territory=st.just(""),
    capacity=st.none() | st.integers(0, 5000),
)
partners = st.builds(
    PartnerRow,
    key=st.just("P03"),
    name=lines,
    category=st.just("msp"),
    role=lines,
    commitment_letter=st.booleans(),
)
indicators = st.builds(
    IndicatorRow,
    code=words,
    baseline=st.none() | figures,
    target=st.none() | figures,
    source=lines,
    frequency=st.just("annuelle"),
)


@st.composite
def budgets(draw: st.DrawFn) -> BudgetPlan:
    quantity, price = draw(figures), draw(cents)
    line = BudgetLineRow(
        key="L04",
        category="rh",
        label=draw(lines),
        qty=quantity,
        unit_price=price,
        amount=rounded(quantity * price, 2),
        requested_eur=draw(cents),
        quote=draw(st.booleans()),
    )
    income = FunderRow("F02", draw(lines), "subvention", draw(cents), "acquis", ("L04",))
    return BudgetPlan((line,), (income,))


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": lines,
    "longtext": texts,
    "number": figures,
    "integer": st.integers(0, 10**11).map(Decimal),
    "money": cents,
    "percentage": st.decimals(0, 100, places=2),
    "rate": st.decimals(0, 1, places=4),
    "date": days,
    "month": days.map(lambda day: day.replace(day=1)),
    "yesno": st.booleans(),
    "checkbox": st.just(value=True),
    "select": st.sampled_from([option.value for option in OPTIONS]),
    "multiselect": codes,
    "keys": st.just(("L01", "L02")),
    "checklist": st.dictionaries(
        st.sampled_from(["un", "deux"]),
        st.sampled_from(["oui", "non", "partiel", "en_cours", "sans_objet"]),
        min_size=1,
    ),
    "scale": st.integers(1, 5).map(Decimal),
    "table": rows(
        {"label": lines, "note": texts, "count": figures, "day": days, "ready": st.booleans(), "kind": st.just("un")}
    ),
    "sites": st.tuples(sites),
    "partners": st.tuples(partners),
    "indicators": st.tuples(indicators),
    "budget": budgets(),
}


@pytest.mark.parametrize("kind", VALUES)
@QUICK
@given(data=st.data())
def test_a_value_survives_the_page_and_the_database(kind: str, data: st.DataObject) -> None:
    spec = FieldSpec("f", kind, "Champ", options=() if kind == "indicators" else OPTIONS, columns=COLUMNS)
    if kind != "table":
        spec = FieldSpec("f", kind, "Champ", options=spec.options)
    type_ = field_type(spec)
    value = data.draw(VALUES[kind])
    parsed = type_.parse(spec, type_.written(spec, value))
    assert parsed.problems == ()
    assert parsed.value == value
    stored = json.loads(json.dumps(type_.to_json(spec, value)))
    assert type_.from_json(spec, stored) == value
    assert type_.display(spec, value)


@pytest.mark.parametrize("kind", VALUES)
@QUICK
@given(text=st.text(max_size=80))
def test_no_text_breaks_a_field(kind: str, text: str) -> None:
    spec = FieldSpec("f", kind, "Champ", options=OPTIONS, columns=COLUMNS if kind == "table" else ())
    raw = {"f": [text], "f-un": [text], "f-0-label": [text], "f-0-count": [text], "f_lines-0-qty": [text]}
    parsed = field_type(spec).parse(spec, raw)
    if parsed.problems:
        assert parsed.value is None
        assert all(problem.message.endswith((".", "»")) for problem in parsed.problems)
        assert text in [one for texts_ in parsed.typed.values() for one in texts_]
    elif parsed.value is not None:
        field_type(spec).validate(spec, parsed.value)
        json.dumps(field_type(spec).to_json(spec, parsed.value))


@QUICK
@given(figure=st.decimals(-(10**11), 10**11, places=2))
def test_a_number_shown_in_french_is_read_back(figure: Decimal) -> None:
    assert read_decimal(number(figure), decimals=2) == figure


@QUICK
@given(text=st.text(max_size=100))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    kept = _kept(clean_text, text)
    assert clean_text(kept) == kept
    assert browser_length(kept) >= len(kept)
