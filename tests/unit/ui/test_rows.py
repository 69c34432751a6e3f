"""Tables, repeated rows, budget and grid: exact figures, and a page that works without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from bs4 import BeautifulSoup

Render = Callable[..., BeautifulSoup]

DOCTOR = {
    "category": "rh",
    "label": "Médecin",
    "quantity": Decimal("1.20"),
    "unit_price": Decimal("9500.00"),
    "amount": Decimal(11400),
    "requested": Decimal("7724.95"),
}
CRITERION = {
    "id": "C1",
    "label": "Besoin",
    "weight": 20,
    "min": 0,
    "max": 5,
    "floor": 2,
    "guidance": "Le besoin est-il démontré ?",
    "marks": [("0", "0", "Non décrit"), ("3", "3", "Chiffré"), ("5", "5", "")],
}


def texts(soup: BeautifulSoup, selector: str) -> list[str]:
    return [tag.get_text(" ", strip=True) for tag in soup.select(selector)]


def test_cells_are_written_as_french_readers_write_them(render: Render) -> None:
    columns = [
        {"key": "ref", "label": "Référence", "head": True, "href": "href"},
        {"key": "money", "label": "Montant", "kind": "money"},
        {"key": "mark", "label": "Note", "kind": "mark"},
        {"key": "rate", "label": "Taux", "kind": "percent"},
        {"key": "none", "label": "Rang", "kind": "number"},
    ]
    row = {"ref": "T-1", "href": "/t", "money": Decimal("7724.95"), "mark": Fraction(230, 3), "rate": Decimal("0.8")}
    soup = render("{{ tables.table('Dossiers', columns, rows) }}", columns=columns, rows=[{**row, "none": None}])
    assert texts(soup, "tbody td") == ["7\u202f724,95\u00a0€", "76,67", "80\u00a0%", "–"]
    assert soup.select_one('tbody th[scope="row"] a[href="/t"]') is not None
    assert texts(soup, "caption") == ["Dossiers"]
    assert [cell["data-label"] for cell in soup.select("tbody td")] == ["Montant", "Note", "Taux", "Rang"]


def test_zero_is_an_amount_and_not_a_gap(render: Render) -> None:
    columns = [{"key": "a", "label": "Montant", "kind": "money"}]
    assert texts(render("{{ tables.table('T', c, [{'a': 0}]) }}", c=columns), "td") == ["0\u00a0€"]


def test_an_empty_table_says_so_instead_of_showing_headers(render: Render) -> None:
    soup = render("{{ tables.table('Avis', [], [], empty='Aucun avis attendu.') }}")
    assert soup.select("table") == []
    assert "Aucun avis attendu." in soup.get_text()


def test_a_table_that_scrolls_can_be_reached_by_keyboard(render: Render) -> None:
    soup = render("{{ tables.simple('Notes', ['Dossier', ('Note', 'num')], [['T-1', '3']], stack=false) }}")
    region = soup.select("[role=region]")[0]
    assert (region["tabindex"], region["aria-label"]) == ("0", "Notes")


def test_budget_rows_can_be_sent_changed_and_removed_without_javascript(render: Render) -> None:
    soup = render(
        "{{ budget.expenses('lines', [('rh', 'RH')], lines, 11400, 7724, errors) }}",
        lines=[DOCTOR, {}],
        errors={"1-label": "Indiquez l'intitulé"},
    )
    typed = {tag["name"]: tag["value"] for tag in soup.select("input[type=text]")}
    assert typed["lines-0-quantity"] == "1,20"
    assert typed["lines-0-unit_price"] == "9500"
    assert typed["lines-0-requested"] == "7724,95"
    assert [tag["value"] for tag in soup.select("button[name=remove]")] == ["lines-0", "lines-1"]
    assert [tag["value"] for tag in soup.select("button[name=add]")] == ["lines"]
    wrong = soup.select("#lines-1-label")[0]
    assert texts(soup, f"#{wrong['aria-describedby']}") == ["Indiquez l'intitulé"]


@pytest.mark.parametrize(
    "source",
    [
        "{{ budget.expenses('lines', [], [{}], 0, 0) }}",
        "{{ budget.funding('funders', [{}], [], [], 0) }}",
        "{{ repeat.repeat('risks', 'Risques', [{'key': 'label', 'label': 'Risque'}], []) }}",
    ],
)
def test_the_enter_key_saves_and_never_removes_a_row(render: Render, source: str) -> None:
    first = render(source).select("button[type=submit]")[0]
    assert not first.has_attr("name")


def test_every_control_of_a_repeated_row_is_named_with_its_line(render: Render) -> None:
    columns = [
        {"key": "label", "label": "Risque"},
        {"key": "level", "label": "Gravité", "kind": "scale", "options": [("1", "1"), ("2", "2"), ("3", "3")]},
    ]
    soup = render(
        "{{ repeat.repeat('risks', 'Risques', columns, [{'label': 'Panne', 'level': 2}, {}]) }}", columns=columns
    )
    named = {tag["name"]: tag["aria-label"] for tag in soup.select("tbody input, tbody select")}
    assert named["risks-1-level"] == "Gravité, ligne 2"
    assert texts(soup, "#risks-0-level option[selected]") == ["2"]
    assert texts(soup, "#risks-0-level option") == ["", "1", "2", "3"]


@pytest.mark.parametrize(
    ("spent", "funded", "sentence"),
    [
        (164040, 164040, "Dépenses et financements sont équilibrés\u00a0: 164\u202f040\u00a0€."),
        (0, 0, "Rien n'est encore chiffré."),
        (Decimal("100.10"), 100, "Il manque 0,10\u00a0€ de financement"),
        (100, Decimal("100.10"), "Les financements dépassent les dépenses de 0,10\u00a0€"),
    ],
)
def test_the_balance_of_a_budget_is_said_in_words(render: Render, spent: object, funded: object, sentence: str) -> None:
    soup = render("{{ budget.balance(spent, funded) }}", spent=spent, funded=funded)
    assert soup.get_text().startswith(sentence)


def test_a_criterion_shows_each_mark_beside_its_descriptor_and_keeps_the_choice(render: Render) -> None:
    soup = render("{{ marking.criterion(c, '3', 'Solide') }}", c=CRITERION)
    assert texts(soup, 'label[for="mark-C1"]') == ["0 Non décrit"]
    assert [tag["value"] for tag in soup.select("[checked]")] == ["3"]
    assert texts(soup, "legend") == ["Besoin Poids 20, plancher 2"]
    assert texts(soup, "#mark-C1-comment") == ["Solide"]


def test_a_criterion_not_marked_yet_has_no_mark_chosen(render: Render) -> None:
    assert render("{{ marking.criterion(c) }}", c=CRITERION).select("[checked]") == []


def test_a_fine_scale_is_a_list_that_can_stay_unmarked(render: Render) -> None:
    marks = [(str(Decimal(n) / 2), f"{n / 2:g}".replace(".", ","), "") for n in range(21)]
    soup = render("{{ marking.criterion(c, '7.5') }}", c={**CRITERION, "marks": marks})
    assert texts(soup, "option")[0] == "Non noté"
    assert texts(soup, "option[selected]") == ["7,5"]


def test_a_rule_that_does_not_hold_says_why_in_words(render: Render) -> None:
    rule = {"label": "Taux", "state": "not_held", "why": "Parce que 82 % sont demandés.", "blocking": True}
    text = render("{{ blocks.rule_list([rule]) }}", rule=rule).get_text(" ", strip=True)
    assert "Non respectée" in text
    assert "Condition obligatoire." in text
    assert "Parce que 82 % sont demandés." in text


def test_pages_of_a_long_list_are_a_few_links(render: Render) -> None:
    page = {"page": 6, "pages": 40, "total": 2000, "prev_href": "?page=5", "next_href": "?page=7"}
    soup = render("{{ blocks.pagination(page) }}", page={**page, "href": lambda number: f"?page={number}"})
    assert texts(soup, "li") == ["Précédente", "1", "…", "5", "6", "7", "…", "40", "Suivante"]
    assert texts(soup, "[aria-current=page]") == ["6"]


def test_one_page_needs_no_pagination(render: Render) -> None:
    assert render("{{ blocks.pagination({'page': 1, 'pages': 1}) }}").select("nav") == []
