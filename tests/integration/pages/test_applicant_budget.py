"""The budget of a section: rows moved without a script, tables pasted or read from workbooks, rules, exports."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from aap.applications.asked_form import form_of
from aap.applications.queries import get_application
from aap.extensions import storage
from aap.forms.entries import typed_values
from aap.forms.queries import get_answers, json_values
from aap.forms.rows import BudgetPlan
from tests.client import StrictClient
from tests.integration.pages.applicant_case import Scene, draft, fill, one, parsed, set_scene

Within = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def scene(within: Within, client: StrictClient) -> Scene:
    """The lead has filled the file of the example."""
    with within() as session:
        lead, officer, stranger = set_scene(session)
        application = draft(lead)
        fill(application, lead, storage())
        session.commit()
        scene = Scene(lead.fs_uniquifier, officer.fs_uniquifier, stranger.fs_uniquifier, application.id)
    sign_in(client, scene.lead)
    return scene


def sign_in(client: StrictClient, token: str) -> None:
    with client.session_transaction() as session:
        session["_user_id"] = token
        session["_fresh"] = True


def page_of(scene: Scene) -> str:
    return f"/dossiers/{scene.file_id}/rubriques/S8"


def sent_by_page(page: Any) -> dict[str, Any]:
    """Return what a browser would send of the section's form."""
    form = page.select_one("form[data-autosave]")
    sent: dict[str, Any] = {}
    for field in form.select("input[name], textarea[name], select[name]"):
        kind = field.get("type")
        if (kind in {"checkbox", "radio"} and not field.has_attr("checked")) or kind == "file":
            continue
        if field.name == "select":
            chosen = field.select_one("option[selected]") or field.select_one("option")
            sent[field["name"]] = chosen.get("value", "") if chosen else ""
        elif field.name == "textarea":
            sent[field["name"]] = field.get_text().removeprefix("\n")
        else:
            sent[field["name"]] = field.get("value", "y" if kind == "checkbox" else "")
    return sent


def plan_of(within: Within, scene: Scene) -> BudgetPlan:
    assert scene.file_id is not None
    with within():
        application = get_application(scene.file_id)
        values = typed_values(form_of(application.call_version), json_values(get_answers(application.sheet_id)))
        plan = values["budget"]
        assert isinstance(plan, BudgetPlan)
        return plan


def labels(page: Any) -> list[str]:
    return [field.get("value", "") for field in page.select("[data-kind=expenses] [data-name]")]


def test_every_rule_of_the_call_is_shown_beside_the_table_with_its_figures(client: StrictClient, scene: Scene) -> None:
    page = parsed(client.get(page_of(scene)))
    rules = {item["data-rule"]: " ".join(item.get_text(" ", strip=True).split()) for item in page.select("[data-rule]")}
    assert list(rules) == [
        "balance",
        "asked",
        "cap",
        "rate",
        "share-investissement-max-of-subsidy",
        "share-rh-max-of-subsidy",
        "share-ingenierie-max-of-subsidy",
        "share-evaluation-min-of-total",
        "own",
        "cofunding",
        "quotes-A10",
        "earmarks",
    ]
    assert all(words.startswith("Respectée") for words in rules.values()), rules
    assert "120 000 € demandés, au plus 200 000 €" in rules["cap"]
    assert "73,15 % (120 000 € sur 164 040 €), au plus 75 %" in rules["rate"]
    assert "15,75 % du montant demandé, soit 18 900 € sur 120 000 €" in rules["share-investissement-max-of-subsidy"]
    assert "8,56 % du coût total, soit 14 040 € sur 164 040 €" in rules["own"]
    assert "30 000 € réservés tiennent dans les dépenses citées" in rules["earmarks"]


def test_a_rule_that_is_not_held_says_by_how_much_before_anything_is_saved(client: StrictClient, scene: Scene) -> None:
    sent = sent_by_page(parsed(client.get(page_of(scene))))
    row = next(name for name, value in sent.items() if name.endswith("-label") and value.startswith("Maintenance"))
    sent[row.replace("-label", "-requested")] = "5700"
    page = parsed(client.post(page_of(scene), data=sent | {"add": "budget_lines"}))
    rules = {item["data-rule"]: item for item in page.select("[data-rule]")}
    assert "aap-rules__not_held" in rules["asked"]["class"]
    assert "122 640 € demandés sur les dépenses, 120 000 € de subvention dans le plan : 2 640 € d'écart." in " ".join(
        rules["asked"].get_text(" ", strip=True).split()
    )


def test_an_empty_budget_holds_nothing_and_breaks_nothing(within: Within, client: StrictClient) -> None:
    with within() as session:
        lead, officer, stranger = set_scene(session)
        application = draft(lead)
        session.commit()
        scene = Scene(lead.fs_uniquifier, officer.fs_uniquifier, stranger.fs_uniquifier, application.id)
    sign_in(client, scene.lead)
    page = parsed(client.get(page_of(scene)))
    states = {item["data-rule"]: one(item, "[data-rule-state]").get_text() for item in page.select("[data-rule]")}
    assert {key: words for key, words in states.items() if words != "À compléter"} == {"earmarks": "Respectée"}
    conditions = parsed(client.get(f"/dossiers/{scene.file_id}/conditions")).select(".aap-rules > li")
    money = [item.get_text(" ", strip=True) for item in conditions if "plafond" in item.get_text().lower()]
    assert money
    assert all(words.startswith("À compléter") for words in money), money


def test_rows_are_copied_moved_and_removed_without_a_script(client: StrictClient, scene: Scene) -> None:
    page = parsed(client.get(page_of(scene)))
    before = labels(page)
    page = parsed(client.post(page_of(scene), data=sent_by_page(page) | {"down": "budget_lines-0"}))
    assert labels(page) == [before[1], before[0], *before[2:]]
    page = parsed(client.post(page_of(scene), data=sent_by_page(page) | {"copy": "budget_lines-1"}))
    assert labels(page) == [before[1], before[0], before[0], *before[2:]]
    keys = [cell.get_text(strip=True) for cell in page.select("[data-kind=expenses] .aap-budget__number")]
    assert keys[:4] == ["L02", "L01", "", "L03"]
    page = parsed(client.post(page_of(scene), data=sent_by_page(page) | {"remove": "budget_lines-2"}))
    page = parsed(client.post(page_of(scene), data=sent_by_page(page) | {"up": "budget_lines-1"}))
    assert labels(page) == before
    page = parsed(client.post(page_of(scene), data=sent_by_page(page) | {"up": "budget_lines-0", "copy": "autre-9"}))
    assert labels(page) == before


PASTED = (
    "Poste\tIntitulé\tQté\tPrix unitaire\tPart demandée\tRemarque\nFormation\tAtelier\t2\t1 250,50 €\t1 000\tà dater\n"
)


def test_a_pasted_table_is_shown_first_then_added_on_agreement(
    within: Within, client: StrictClient, scene: Scene
) -> None:
    before = plan_of(within, scene)
    sent = sent_by_page(parsed(client.get(page_of(scene))))
    page = parsed(client.post(page_of(scene), data=sent | {"budget_lines_paste": PASTED, "paste": "budget_lines"}))
    preview = " ".join(one(page, "#budget_lines_preview").get_text(" ", strip=True).split())
    assert "1 ligne comprise, rien n'est encore repris" in preview
    assert "« à dater » n'est pas repris" in preview
    assert "Atelier" in preview
    assert plan_of(within, scene) == before
    answer = client.post(page_of(scene), data=sent_by_page(page) | {"paste-add": "budget_lines"})
    assert answer.status_code == 303
    after = plan_of(within, scene)
    assert after.lines[: len(before.lines)] == before.lines
    assert [(row.key, row.label, row.category, row.amount) for row in after.lines[len(before.lines) :]] == [
        ("L13", "Atelier", "formation", Decimal(2501))
    ]


def test_replacing_keeps_the_old_budget_among_the_versions(within: Within, client: StrictClient, scene: Scene) -> None:
    before = plan_of(within, scene)
    sent = sent_by_page(parsed(client.get(page_of(scene))))
    client.post(page_of(scene), data=sent | {"budget_lines_paste": PASTED, "paste-replace": "budget_lines"})
    assert [row.label for row in plan_of(within, scene).lines] == ["Atelier"]
    history = parsed(client.get(f"/dossiers/{scene.file_id}/rubriques/S8/historique")).get_text()
    assert "Dépenses" in history
    assert before.lines[0].label not in [row.label for row in plan_of(within, scene).lines]


def test_a_cell_that_cannot_be_read_is_kept_and_said_at_its_field(client: StrictClient, scene: Scene) -> None:
    sent = sent_by_page(parsed(client.get(page_of(scene))))
    text = "Poste\tIntitulé\tQté\tPrix unitaire\nFormation\tAtelier\tdeux\t10\n"
    answer = client.post(page_of(scene), data=sent | {"budget_lines_paste": text, "paste-add": "budget_lines"})
    assert answer.status_code == 400
    page = parsed(answer)
    field = one(page, '[aria-invalid=true][name$="-quantity"]')
    assert field["value"] == "deux"


def test_a_table_pasted_and_forgotten_is_not_lost_by_an_ordinary_save(client: StrictClient, scene: Scene) -> None:
    sent = sent_by_page(parsed(client.get(page_of(scene))))
    page = parsed(client.post(page_of(scene), data=sent | {"budget_lines_paste": PASTED}))
    assert "Le tableau collé n'est pas repris" in page.get_text()
    assert one(page, "#budget_lines_paste").get_text().strip().startswith("Poste")


@pytest.mark.parametrize("kind", ["ods", "xlsx"])
def test_the_budget_taken_away_and_brought_back_is_the_same(
    within: Within, client: StrictClient, scene: Scene, kind: str
) -> None:
    before = plan_of(within, scene)
    taken = client.get(f"/dossiers/{scene.file_id}/budget.{kind}")
    assert taken.status_code == 200
    assert f"budget-AAP-TS-2023-01.{kind}" in taken.headers["Content-Disposition"]
    sent = sent_by_page(parsed(client.get(page_of(scene))))
    sent |= {"import": "budget", "budget_workbook": (io.BytesIO(taken.data), f"b.{kind}")}
    page = parsed(client.post(page_of(scene), data=sent, content_type="multipart/form-data"))
    assert "12\u00a0lignes comprises" in one(page, "#budget_lines_preview").get_text()
    assert plan_of(within, scene) == before
    both = sent_by_page(page)
    client.post(page_of(scene), data=both | {"paste-replace": ["budget_lines", "budget_income"]})
    assert plan_of(within, scene) == before


def test_a_file_that_is_no_workbook_is_refused_at_its_place_and_nothing_typed_is_lost(
    client: StrictClient, scene: Scene
) -> None:
    sent = sent_by_page(parsed(client.get(page_of(scene)))) | {"billing": "Un texte à garder"}
    for content, name, said in ((b"", "", "Choisissez un classeur"), (b"PK\x03\x04oups", "b.xlsx", "endommagé")):
        sent |= {"import": "budget", "budget_workbook": (io.BytesIO(content), name)}
        answer = client.post(page_of(scene), data=sent, content_type="multipart/form-data")
        assert answer.status_code == 400
        page = parsed(answer)
        assert said in one(page, "#budget_workbook-error").get_text()
        assert "Un texte à garder" in one(page, "#billing").get_text()


def test_somebody_else_takes_no_budget_away(client: StrictClient, scene: Scene) -> None:
    sign_in(client, scene.stranger)
    assert client.get(f"/dossiers/{scene.file_id}/budget.ods").status_code == 404


def test_readers_see_the_same_table_with_what_each_funder_pays(client: StrictClient, scene: Scene) -> None:
    page = parsed(client.get(f"/dossiers/{scene.file_id}/lecture"))
    tables = {table.caption.get_text(strip=True): table for table in page.select("table") if table.caption}
    words = " ".join(tables["Dépenses"].get_text(" ", strip=True).split())
    assert "L01 – Chariots de téléconsultation équipés (3 × 9 500 €, devis joint)" in words
    assert "Conseil régional (exemple) : 15 000 €" in words
    assert "164 040 €" in " ".join(one(tables["Plan de financement"], "tfoot").get_text(" ", strip=True).split())
    assert "Dépenses et financements sont équilibrés." in page.get_text()


def test_a_budget_of_two_hundred_lines_costs_the_page_no_more_queries(
    app: Flask, client: StrictClient, scene: Scene
) -> None:
    def cost() -> int:
        seen: list[str] = []
        with app.app_context():
            connection = next(iter(app.extensions["sqlalchemy"].engines.values()))
        note = lambda *args: seen.append(args[2])  # noqa: E731  # removed by the same name below
        event.listen(connection, "before_cursor_execute", note)
        page = parsed(client.get(page_of(scene)))
        event.remove(connection, "before_cursor_execute", note)
        assert labels(page)
        return len(seen)

    cost()
    few = cost()
    titles = "Poste\tIntitulé\tQté\tPrix unitaire\tPart demandée\n"
    table = titles + "".join(f"RH\tMois {number}\t1,5\t100,10\t10\n" for number in range(200))
    sent = sent_by_page(parsed(client.get(page_of(scene))))
    answer = client.post(page_of(scene), data=sent | {"budget_lines_paste": table, "paste-replace": "budget_lines"})
    assert answer.status_code == 303
    page = parsed(client.get(page_of(scene)))
    assert len(labels(page)) == 200
    assert one(page, "[data-total=expenses]").get_text() == "30\u202f030\u00a0€"  # 200 × 150,15 €
    assert cost() == few
