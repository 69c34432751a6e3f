"""Rows typed in tables: read, kept in order, reported line by line, shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from aap.forms.fields import FIELD_TYPES, UnreadableError, field_type
from aap.forms.rows import (
    BudgetLineRow,
    BudgetPlan,
    FunderRow,
    IndicatorRow,
    MilestoneRow,
    PartnerRow,
    SiteRow,
    SolutionRow,
)
from aap.forms.spec import FieldSpec, Option

STAFFING = FieldSpec(
    "staffing",
    "table",
    "Moyens humains",
    required=True,
    columns=(
        FieldSpec("profile", "text", "Profil", required=True, max=40),
        FieldSpec("fte", "number", "ETP"),
        FieldSpec("months", "number", "Mois"),
    ),
)
NURSE = {"profile": "Infirmière référente", "fte": Decimal("0.5"), "months": Decimal(24)}


def a(kind: str, **changes: Any) -> FieldSpec:
    return FieldSpec("f", kind, "Champ", **changes)


def read(spec: FieldSpec, raw: dict[str, str]) -> Any:
    parsed = field_type(spec).parse(spec, {name: [text] for name, text in raw.items()})
    assert parsed.problems == ()
    return parsed.value


def faults(spec: FieldSpec, value: Any) -> list[tuple[str, str]]:
    return [(problem.place, problem.message) for problem in field_type(spec).validate(spec, value)]


def test_rows_are_read_in_order_and_blank_or_deleted_ones_dropped() -> None:
    rows = read(
        STAFFING,
        {
            "staffing-10-profile": "Chef de projet",
            "staffing-2-profile": "Infirmière référente",
            "staffing-2-fte": "0,5",
            "staffing-2-months": "24",
            "staffing-3-profile": " ",
            "staffing-4-profile": "Parti",
            "staffing-4-delete": "y",
            "other-1-profile": "Ailleurs",
        },
    )
    assert rows == (NURSE, {"profile": "Chef de projet"})


def test_a_row_that_cannot_be_read_keeps_the_whole_table_as_typed() -> None:
    raw = {"staffing-0-profile": ["Chef de projet"], "staffing-0-fte": ["un peu"], "staffing-7-fte": ["beaucoup"]}
    parsed = field_type(STAFFING).parse(STAFFING, raw)
    assert parsed.value is None
    assert [problem.place for problem in parsed.problems] == ["staffing-0-fte", "staffing-7-fte"]
    assert parsed.typed == {name: tuple(texts) for name, texts in raw.items()}


def test_faults_are_told_on_the_cell() -> None:
    rows = ({"fte": Decimal(-1)}, {"profile": "x" * 41})
    assert faults(STAFFING, rows) == [
        ("staffing-0-profile", "Ce champ est obligatoire."),
        ("staffing-0-fte", "Le nombre doit être au moins égal à 0."),
        ("staffing-1-profile", "Le texte dépasse la limite de 40 caractères : 1\u00a0caractère en trop."),
    ]


def test_the_same_row_twice_is_told_once() -> None:
    assert faults(STAFFING, (NURSE, {"profile": "Autre"}, dict(NURSE), dict(NURSE))) == [
        ("staffing-2-profile", "Les lignes 1, 3 et 4 se répètent : gardez-en une seule.")
    ]


def test_the_number_of_rows_is_bounded() -> None:
    wanted = FieldSpec("f", "table", "T", min=3, max=4, required=True, columns=STAFFING.columns)
    rows = tuple({"profile": f"Profil {number}"} for number in range(6))
    assert faults(wanted, ()) == [("f", "Ajoutez au moins 3\u00a0lignes.")]
    assert faults(wanted, rows[:1]) == [("f", "Ajoutez encore 2\u00a0lignes : il en faut au moins 3.")]
    assert faults(wanted, rows[:3]) == []
    assert faults(wanted, rows) == [("f", "Gardez au plus 4\u00a0lignes.")]
    assert faults(STAFFING, tuple({"profile": f"Profil {number}"} for number in range(201)))


def test_a_table_is_shown_with_aligned_numbers_and_dashes() -> None:
    (shown,) = field_type(STAFFING).table(STAFFING, (NURSE, {"profile": "Chef de projet"}))
    assert [(column.label, column.numeric) for column in shown.columns] == [
        ("Profil", False),
        ("ETP", True),
        ("Mois", True),
    ]
    assert shown.rows == (("Infirmière référente", "0,5", "24"), ("Chef de projet", "–", "–"))
    assert field_type(STAFFING).display(STAFFING, (NURSE,)) == "Infirmière référente – 0,5 – 24"


def test_a_site_keeps_its_key_and_a_new_one_gets_the_next() -> None:
    spec = a("sites")
    rows = read(
        spec,
        {
            "f-0-key": "S02",
            "f-0-name": "EHPAD A (fictif)",
            "f-0-finess": "770 999 019",
            "f-0-commune": "Commune-Est-A (fictive)",
            "f-0-department": "77",
            "f-0-capacity": "92",
            "f-1-name": "EHPAD B (fictif)",
            "f-1-commune": "77992",
            "f-2-name": "EHPAD C (fictif)",
            "f-2-key": "S02",
            "f-3-name": "EHPAD D (fictif)",
            "f-3-key": "<script>",
        },
    )
    assert rows[0] == SiteRow("S02", "EHPAD A (fictif)", "770999019", "Commune-Est-A (fictive)", "77", "", 92)
    assert [row.key for row in rows] == ["S02", "S01", "S03", "S04"]
    assert ("f-1-department", "Ce champ est obligatoire.") in faults(spec, rows)


def test_partners_do_not_repeat_and_have_a_known_category() -> None:
    spec = a("partners")
    rows = (
        PartnerRow("P01", "MSP du Plateau (fictive)", "msp", "Créneaux quotidiens", commitment_letter=True),
        PartnerRow("P02", "msp du plateau (fictive)", "club_de_sport", "", commitment_letter=False),
    )
    assert faults(spec, rows) == [
        ("f-1-category", "Ce choix n'est pas proposé."),
        ("f-1-role", "Ce champ est obligatoire."),
        ("f-1-name", "Les lignes 1 et 2 se répètent : gardez-en une seule."),
    ]


def test_solutions_milestones_and_indicators_are_read_into_their_rows() -> None:
    solutions = field_type(a("solutions")).parse(
        a("solutions"),
        {
            "f-0-label": ["Plateforme A"],
            "f-0-functions": ["teleexpertise", "teleconsultation"],
            "f-0-status": ["en_service"],
        },
    )
    assert solutions.value == (
        SolutionRow("N01", "Plateforme A", ("teleconsultation", "teleexpertise"), "en_service", ""),
    )
    assert read(a("milestones"), {"f-0-label": "Lancement", "f-0-month": "1"}) == (
        MilestoneRow("J01", "Lancement", 1, ""),
    )
    indicators = read(
        a("indicators"),
        {
            "f-0-code": "SAT-PRO",
            "f-0-target": "7,5",
            "f-0-source": "Enquête",
            "f-0-frequency": "annuelle",
            "f-1-code": "SEC-EIG",
            "f-1-baseline": "0",
            "f-1-target": "0",
        },
    )
    assert indicators == (
        IndicatorRow("SAT-PRO", None, Decimal("7.5"), "Enquête", "annuelle"),
        IndicatorRow("SEC-EIG", Decimal(0), Decimal(0), "", ""),
    )
    library = a("indicators", options=(Option("SAT-PRO", "Satisfaction des professionnels"),))
    assert ("f-1-code", "Ce choix n'est pas proposé.") in faults(library, indicators)
    assert field_type(library).table(library, indicators[:1])[0].rows[0][0] == "Satisfaction des professionnels"


def test_a_field_may_restrict_the_options_of_a_fixed_column() -> None:
    only = FieldSpec("category", "select", "Poste de dépense", options=(Option("rh", "Personnel"),))
    spec = a("budget", columns=(only,))
    plan = read(spec, {"f_lines-0-category": "rh", "f_lines-0-label": "IDE", "f_lines-0-amount": "10"})
    table = field_type(spec).table(spec, plan)[0]
    assert (table.columns[0].label, table.rows[0][0]) == ("Poste de dépense", "Personnel")


def test_the_amount_of_a_line_follows_from_quantity_and_price_to_the_cent() -> None:
    spec = a("budget")
    plan = read(
        spec,
        {
            "f_lines-0-category": "rh",
            "f_lines-0-label": "Médecin coordonnateur",
            "f_lines-0-qty": "1,2",
            "f_lines-0-unit_price": "9 500",
            "f_lines-0-amount": "1",
            "f_lines-1-category": "fonctionnement",
            "f_lines-1-label": "Au demi-centime",
            "f_lines-1-qty": "0,5",
            "f_lines-1-unit_price": "0,01",
            "f_lines-2-category": "formation",
            "f_lines-2-label": "Au forfait",
            "f_lines-2-amount": "300",
            "f_lines-2-requested_eur": "300,01",
            "f_income-0-funder": "ARS – FIR",
            "f_income-0-kind": "subvention",
            "f_income-0-amount": "11700,01",
            "f_income-0-status": "demande",
            "f_income-0-earmarked": "L01, L09",
        },
    )
    assert [line.amount for line in plan.lines] == [Decimal("11400.00"), Decimal("0.01"), Decimal(300)]
    assert plan.expenses == plan.income_total == Decimal("11700.01")
    assert faults(spec, plan) == [
        ("f_lines-2-requested_eur", "La part demandée dépasse le montant de la ligne (300\u00a0€)."),
        ("f_income-0-earmarked", "La ligne L09 n'existe pas dans les dépenses."),
    ]


def test_a_budget_line_without_any_amount_is_reported_where_to_mend_it() -> None:
    line = BudgetLineRow("L01", "rh", "IDE", None, None, Decimal(0), Decimal(0), quote=False)
    huge = BudgetLineRow("L02", "rh", "IDE", None, None, Decimal(10) ** 12, Decimal(0), quote=False)
    wrong = BudgetLineRow("L03", "rh", "IDE", Decimal(2), Decimal(10), Decimal(21), Decimal(0), quote=False)
    assert faults(a("budget", required=True), BudgetPlan((line, huge, wrong))) == [
        ("f_income", "Ajoutez au moins une ligne."),
        ("f_lines-0-unit_price", "Donnez une quantité et un prix unitaire, ou un montant."),
        ("f_lines-1-amount", "Ce montant est trop grand."),
        ("f_lines-2-amount", "Quantité × prix unitaire donne 20\u00a0€."),
    ]


def test_a_document_with_the_wrong_shape_says_which_line() -> None:
    spec = a("milestones")
    with pytest.raises(UnreadableError, match="Ligne 2, « Mois »"):
        field_type(spec).from_json(spec, [{"label": "Un"}, {"label": "Deux", "month": 1.5}])
    for kind in ("table", "sites", "budget", "checklist", "multiselect", "number", "date", "yesno"):
        for wrong in (3.5, object(), {"codes": 3}, [["a"]]):
            if kind in {"budget", "checklist"} and isinstance(wrong, dict):
                continue
            with pytest.raises(UnreadableError):
                FIELD_TYPES[kind].from_json(a(kind), wrong)


def test_a_funder_may_be_meant_for_lines_ticked_one_by_one() -> None:
    spec = a("budget")
    raw = {"f_income-0-funder": ["Région (exemple)"], "f_income-0-earmarked": ["L01", "L02", "L01"]}
    parsed = field_type(spec).parse(spec, raw)
    assert parsed.value is not None
    assert parsed.value.income == (FunderRow("F01", "Région (exemple)", "", None, "", ("L01", "L02")),)
