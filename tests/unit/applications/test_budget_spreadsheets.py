"""Budgets pasted from a spreadsheet or read from a workbook: what is understood, what is told, what is never lost."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aap.applications.spreadsheets import EXPENSES, FUNDING, budget_workbook, read_budget_file, understand
from aap.applications.spreadsheets.columns import Side
from aap.applications.spreadsheets.shapes import shapes_of
from aap.documents.workbook import Column, Sheet, ods, xlsx
from aap.errors import InvalidError
from aap.forms.fields import field_type
from aap.forms.rows import BudgetLineRow, BudgetPlan, FunderRow
from aap.forms.spec import FieldSpec
from aap.french import rounded

CATEGORIES = "Investissement, Fonctionnement, Ressources humaines, Ingénierie de projet, Formation, Évaluation"
NOT_A_QUANTITY = "ne se lit pas comme une quantité (trois décimales au plus) : la case le garde tel quel, à corriger."
SPEC = FieldSpec("b", "budget", "Budget")
NAMES = {"id": "key", "quantity": "qty", "requested": "requested_eur"}  # the page's names, then the field's


def imported(tables: dict[str, str]) -> BudgetPlan:
    """Take tables as the page does: their rows into its inputs, its inputs into a budget."""
    raw: dict[str, tuple[str, ...]] = {}
    for side, base in ((EXPENSES, "b_lines"), (FUNDING, "b_income")):
        for index, row in enumerate(understand(tables.get(side.name, ""), side).rows):
            raw |= {f"{base}-{index}-{NAMES.get(cell, cell)}": (text,) for cell, text in row.items()}
    parsed = field_type(SPEC).parse(SPEC, raw)
    assert parsed.problems == ()
    return parsed.value or BudgetPlan()


def words(text: str, side: Side = EXPENSES) -> list[str]:
    return [f"{one.place} : {one.text}".removeprefix(" : ") for one in understand(text, side).remarks]


@pytest.mark.parametrize("spaced", ["1 234,50 €", "1\u202f234,50\u00a0€", "1234.50", "1 234,50 EUR", "1 234,50 € TTC"])
def test_french_amounts_copied_from_a_spreadsheet_are_read(spaced: str) -> None:
    found = understand(f"Poste\tIntitulé\tQté\tPrix unitaire (€)\nRH\tInfirmière\t1,5\t{spaced}\n", EXPENSES)
    assert found.titled
    assert [(row["category"], row["label"], row["quantity"]) for row in found.rows] == [("rh", "Infirmière", "1,5")]
    assert found.rows[0]["unit_price"].replace(",", ".").replace(" ", "").replace("\u202f", "") == "1234.50"
    assert found.remarks == ()


def test_titles_are_recognised_whatever_their_order_accents_and_case() -> None:
    found = understand("PART DEMANDÉE\tDésignation\tP.U.\tQuantités\tCatégorie\n100\tKit\t200\t2\tMatériel", EXPENSES)
    assert [cell for _, cell in found.columns] == ["requested", "label", "unit_price", "quantity", "category"]
    assert found.rows == (
        {"requested": "100", "label": "Kit", "unit_price": "200", "quantity": "2", "category": "investissement"},
    )


def test_without_titles_columns_are_guessed_and_the_guess_may_be_overruled() -> None:
    text = "Kit de soins\t2\t150\nValise\t1\t4200\n"
    found = understand(text, EXPENSES)
    assert not found.titled
    assert found.rows[1] == {"label": "Valise", "quantity": "1", "unit_price": "4200"}
    other = understand(text, EXPENSES, {1: "", 2: "requested"})
    assert other.rows[1] == {"label": "Valise", "requested": "4200"}
    assert "« 1 » n'est pas repris" in other.remarks[-1].text


def test_what_is_not_understood_is_told_with_its_place_and_kept() -> None:
    text = "Poste\tIntitulé\tQuantité\tPrix unitaire\tRemarque\nDivers\tAccueil\t12 mois\t4 600\tà revoir\n"
    assert words(text) == [
        f"Ligne 2, colonne 1 « Poste » : « Divers » n'est pas dans la liste ({CATEGORIES}) : à choisir.",
        f"Ligne 2, colonne 3 « Quantité » : « 12 mois » {NOT_A_QUANTITY}",
        "Ligne 2, colonne 5 « Remarque » : « à revoir » n'est pas repris : cette colonne n'a pas de place ici.",
    ]
    assert understand(text, EXPENSES).rows[0]["quantity"] == "12 mois"


def test_totals_are_left_out_and_a_category_alone_heads_its_lines() -> None:
    first = "Dépense\tMontant\nInvestissement\t\nChariot\t9 500 €\nSous-total\t9 500 €\n"
    text = f"{first}Formation\t\nSessions\t900\nTotal\t10 400"
    found = understand(text, EXPENSES)
    assert [(row["category"], row["label"], row["quantity"], row["unit_price"]) for row in found.rows] == [
        ("investissement", "Chariot", "1", "9500"),
        ("formation", "Sessions", "1", "900"),
    ]
    assert sum("total" in one.text for one in found.remarks) == 2


def test_an_amount_that_contradicts_its_line_is_told() -> None:
    assert words("Intitulé\tQté\tPU\tMontant\nKit\t3\t100\t310\n") == [
        "Ligne 2 : 3 × 100\u00a0€ donne 300\u00a0€, le tableau dit 310\u00a0€ : le budget retient 300\u00a0€."
    ]


def test_every_cell_is_either_taken_or_told() -> None:
    text = 'Budget 2026\t\t\nIntitulé\tMontant\tNote\n"Écran 15"" et\nsupport"\t1 200\tsecret\n\t\t\n'
    found = understand(text, EXPENSES)
    assert found.rows == ({"label": 'Écran 15" et support', "quantity": "1", "unit_price": "1200"},)
    told = " ".join(one.text for one in found.remarks)
    assert "Budget 2026" in told
    assert "secret" in told


def test_funders_are_read_with_what_they_pay_for() -> None:
    text = (
        "Financeur\tNature\tSituation\tDépenses financées\tMontant\nRégion\tCofinancement\tAcquis\tL01, L02\t15 000 €"
    )
    assert understand(text, FUNDING).rows == (
        {"funder": "Région", "kind": "cofinancement", "status": "acquis", "earmarked": "L01, L02", "amount": "15 000"},
    )


RISKY = ("=1+1", "+33", "-12", "@SUM(A1)", '=HYPERLINK("http://x")', "Total", "oui", "42", "a  b", "<&>\"'")
printable = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp"))
labels = st.text(printable, max_size=30).map(lambda text: f"x{text} y") | st.sampled_from(RISKY)
cents = st.integers(0, 10**9).map(lambda value: Decimal(value) / 100)


@st.composite
def plans(draw: st.DrawFn) -> BudgetPlan:
    lines = []
    for number in range(1, draw(st.integers(0, 5)) + 1):
        quantity, price = Decimal(draw(st.integers(1, 10**6))) / 1000, draw(cents)
        lines.append(
            BudgetLineRow(
                f"L{number:02d}",
                draw(st.sampled_from(["rh", "investissement", "evaluation", ""])),
                " ".join(draw(labels).split(" ")).strip(),
                quantity,
                price,
                rounded(quantity * price, 2),
                draw(cents),
                draw(st.booleans()),
                draw(st.sampled_from(["", "D-12", "=devis"])),
            )
        )
    funders = tuple(
        FunderRow(f"F{number:02d}", draw(labels).strip(), "cofinancement", draw(cents), "acquis", draw(earmarks))
        for number in range(1, draw(st.integers(0, 3)) + 1)
    )
    return BudgetPlan(tuple(lines), funders)


earmarks = st.sampled_from([(), ("L01",), ("L01", "L02")])


@pytest.mark.parametrize("write", [xlsx, ods])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=plans())
def test_what_is_exported_then_imported_is_the_same_budget(write: Any, plan: BudgetPlan) -> None:
    spec_lines = field_type(SPEC)
    kept = spec_lines.parse(SPEC, spec_lines.written(SPEC, plan)).value or BudgetPlan()  # as the page would keep it
    content = write(budget_workbook(kept))
    tables = read_budget_file(content, "budget") if kept.lines or kept.income else {}
    assert imported(tables) == kept


@pytest.mark.parametrize(("write", "part"), [(xlsx, "xl/worksheets/sheet1.xml"), (ods, "content.xml")])
def test_no_text_of_a_person_becomes_a_formula(write: Any, part: str) -> None:
    text = '=HYPERLINK("http://exemple.invalid";"clic")'
    row = BudgetLineRow("L01", "rh", text, Decimal(1), Decimal(2), Decimal(2), Decimal(0), quote=False, quote_ref="@x")
    content = write(budget_workbook(BudgetPlan((row,))))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read(part).decode()
    assert "HYPERLINK" not in xml or f'office:value-type="string"><text:p>{text[:10]}' in xml
    assert 'formula="of:=HYPERLINK' not in xml
    assert "<f>HYPERLINK" not in xml
    assert "ROUND(" in xml  # the amounts are formulas of ours


def workbook(fill: Any) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    fill(book)
    book.close()
    return target.getvalue()


def table(book: Any, name: str = "Dépenses") -> Any:
    page = book.add_worksheet(name)
    page.write_row(0, 0, ["Intitulé", "Quantité", "Prix unitaire", "Montant"])
    page.write_row(1, 0, ["Chariot", 3, 9500.1])
    page.write_formula(1, 3, "=B2*C2", None, 28500.3)
    page.write_row(2, 0, ["Valise", 2, 0.1 + 0.2])
    return page


def test_the_cached_result_of_a_formula_and_binary_noise_are_read_as_the_figure_shown() -> None:
    tables = read_budget_file(workbook(table), "b.xlsx")
    rows = understand(tables["lines"], EXPENSES).rows
    assert rows[0] == {"label": "Chariot", "quantity": "3", "unit_price": "9500,1"}
    assert rows[1]["unit_price"] == "0,3"


def hide_row(book: Any) -> None:
    table(book).set_row(2, None, None, {"hidden": True})


def hide_column(book: Any) -> None:
    table(book).set_column(1, 1, None, None, {"hidden": True})


def merge(book: Any) -> None:
    table(book).merge_range(3, 0, 4, 1, "Deux en une")


def unsolved(book: Any) -> None:
    table(book).write_formula(2, 3, "=B3*C3", None, "")


def hide_sheet(book: Any) -> None:
    book.add_worksheet("Notes")
    table(book).hide()


@pytest.mark.parametrize(
    ("fill", "said"),
    [
        (hide_row, "Feuille « Dépenses », ligne 3 : cette ligne est masquée."),
        (hide_column, "Feuille « Dépenses », colonne B : cette colonne est masquée."),
        (merge, "Feuille « Dépenses », ligne 4, colonne A : les cellules A4 à B5 sont fusionnées."),
        (unsolved, "Feuille « Dépenses », ligne 3, colonne D : cette formule n'a pas de résultat enregistré."),
        (hide_sheet, "Feuille « Dépenses » : elle est masquée."),
    ],
)
def test_a_sheet_that_hides_something_is_refused_with_its_place(fill: Any, said: str) -> None:
    with pytest.raises(InvalidError) as refused:
        read_budget_file(workbook(fill), "b.xlsx")
    assert any(problem.message.startswith(said) for problem in refused.value.problems), refused.value.problems


def test_a_title_merged_above_the_table_is_no_fault() -> None:
    def fill(book: Any) -> None:
        page = book.add_worksheet("Feuil1")
        page.merge_range(0, 0, 0, 3, "Budget du projet")
        page.write_row(2, 0, ["Intitulé", "Quantité", "Prix unitaire"])
        page.write_row(3, 0, ["Kit", 1, 10])

    rows = understand(read_budget_file(workbook(fill), "b.xlsx")["lines"], EXPENSES)
    assert [row["label"] for row in rows.rows] == ["Kit"]


def test_a_workbook_without_a_budget_names_its_sheets() -> None:
    def fill(book: Any) -> None:
        book.add_worksheet("Planning").write(0, 0, "Janvier")
        book.add_worksheet("Équipe").write(0, 0, "Noms")

    with pytest.raises(InvalidError, match="feuilles : « Planning » et « Équipe »"):
        read_budget_file(workbook(fill), "b.xlsx")


def test_hidden_lines_and_merged_cells_of_ods_are_seen_too() -> None:
    columns = (Column("Intitulé"), Column("Quantité"), Column("Prix unitaire"))
    rows = (("Kit", Decimal(1), Decimal(10)), ("Valise", Decimal(2), Decimal(20)))
    content = ods([Sheet("Dépenses", columns, rows)])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    xml = parts["content.xml"].decode()
    head, tail = xml.rsplit("<table:table-row>", 1)
    xml = f'{head}<table:table-row table:visibility="collapse">{tail}'
    xml = xml.replace(
        '<table:table-cell office:value-type="string"><text:p>Kit',
        '<table:table-cell table:number-rows-spanned="2" office:value-type="string"><text:p>Kit',
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, xml if name == "content.xml" else part)
    with pytest.raises(InvalidError) as refused:
        read_budget_file(target.getvalue(), "b.ods")
    told = [problem.message for problem in refused.value.problems]
    assert told[0].startswith("Feuille « Dépenses », ligne 3 : cette ligne est masquée.")
    assert "ligne 2, colonne A : les cellules A2 à A3 sont fusionnées" in told[1]


@pytest.mark.parametrize("declared", ['<!ENTITY many "much">', '<!ENTITY away SYSTEM "file:///etc/hostname">'])
def test_a_workbook_that_declares_entities_is_refused(declared: str) -> None:
    taken = ods([Sheet("Dépenses", (Column("Intitulé"),), (("Infirmière",),))])
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(taken)) as source, zipfile.ZipFile(held, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if name == "content.xml":
                head, mark, rest = text.partition(b"<office:")
                text = head + f"<!DOCTYPE x [{declared}]>".encode() + mark + rest
            target.writestr(name, text)
    with pytest.raises(InvalidError, match="endommagé"):
        shapes_of(held.getvalue())
