"""Sites are placed: a commune is found with or without a script, and its zone and APL are those of the call."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from aap.applications.queries import get_application
from aap.applications.service import locate_again
from aap.applications.verdicts import evaluate_eligibility
from aap.calls.queries import cited_vintages
from aap.errors import ConflictError
from aap.referentials.models import Accessibility, AccessibilityFigure, Commune
from aap.referentials.territory.importing import Source, import_zoning
from aap.referentials.territory.places import WITHOUT_COMMUNE
from aap.referentials.territory.spelling import kept_name
from tests.client import StrictClient
from tests.integration.applications.case import DRAFTED
from tests.integration.pages.applicant_case import Scene, draft, one, parsed, send, set_scene, value_of, words_of
from tests.workbook_files import xlsx

Within = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def scene(within: Within, client: StrictClient) -> Scene:
    with within() as session:
        lead, officer, stranger = set_scene(session)
        application = draft(lead)
        session.commit()
        scene = Scene(lead.fs_uniquifier, officer.fs_uniquifier, stranger.fs_uniquifier, application.id)
    sign_in(client, scene.lead)
    return scene


def sign_in(client: StrictClient, token: str) -> None:
    with client.session_transaction() as session:
        session.update({"_user_id": token, "_fresh": True, "fs_cc": "set", "fs_paa": 2**31})


def path(scene: Scene) -> str:
    return f"{scene.path}/rubriques/S2"


def stored(within: Within, scene: Scene) -> list[tuple[str | None, str, str | None, Decimal | None]]:
    assert scene.file_id is not None
    with within():
        sites = get_application(scene.file_id).sites
        return [(site.commune_code, site.department_code, site.zone, site.apl) for site in sites]


def save(client: StrictClient, scene: Scene, **cells: str) -> Any:
    page = client.page(path(scene))
    given = {"sites__0__name": "Les Aulnes", "sites__0__department": "77", "sites__0__capacity": "40", **cells}
    return send(client, path(scene), page, **given)


def test_without_a_script_the_page_comes_back_with_communes_and_what_was_typed(
    client: StrictClient, scene: Scene, within: Within
) -> None:
    page = client.page(path(scene))
    typed = {"title": "Un titre jamais perdu", "sites__0__name": "Les Aulnes", "sites__0__commune": "COMMUNE nord"}
    found = parsed(send(client, path(scene), page, find="sites-0-commune", **typed))
    offered = {words_of(button): str(button["value"]) for button in found.select("button[name=choose]")}
    assert offered == {
        "Commune-Nord-A (fictive)": "sites-0-commune=93991",
        "Commune-Nord-B (fictive)": "sites-0-commune=93992",
        "Sans commune": "sites-0-commune=sans",
    }
    assert value_of(found, "title") == "Un titre jamais perdu"
    assert stored(within, scene) == []  # nothing is saved by looking
    chosen = parsed(send(client, path(scene), found, choose="sites-0-commune=93992"))
    assert value_of(chosen, "sites-0-commune") == "Commune-Nord-B (fictive) (93992)"
    assert value_of(chosen, "sites-0-department") == "93"
    assert value_of(chosen, "sites-0-name") == "Les Aulnes"
    assert value_of(chosen, "title") == "Un titre jamais perdu"
    send(client, path(scene), chosen)
    assert stored(within, scene) == [("93992", "93", "ZIP", Decimal("2.40"))]


def test_looking_for_nothing_or_for_an_unknown_name_says_what_to_do(client: StrictClient, scene: Scene) -> None:
    page = client.page(path(scene))
    nothing = words_of(parsed(send(client, path(scene), page, find="sites-0-commune")))
    assert "Site 1 : écrivez un nom ou un code postal" in nothing
    unknown = words_of(parsed(send(client, path(scene), page, find="sites-0-commune", sites__0__commune="Zzz")))
    assert "Aucune commune pour « Zzz » (site 1)." in unknown


@pytest.mark.parametrize(
    "button",
    [
        {"find": "sites-0-name"},
        {"find": "nulle-part"},
        {"find": ""},
        {"choose": "sites-0-commune=99999"},
        {"choose": "sites-0-commune"},
        {"choose": "title=93992"},
        {"choose": "sites-99999-commune=93992"},
    ],
)
def test_a_button_nobody_offers_changes_nothing(client: StrictClient, scene: Scene, button: dict[str, str]) -> None:
    answer = send(client, path(scene), client.page(path(scene)), title="Gardé", **button)
    assert answer.status_code == 200
    assert value_of(parsed(answer), "title") == "Gardé"


def test_the_list_gives_zone_and_apl_of_the_call(client: StrictClient, scene: Scene) -> None:
    answer = client.get(f"{scene.path}/communes?q=nord a")
    (row,) = answer.get_json()["rows"]
    assert row["label"] == "Commune-Nord-A (fictive) (93991)"
    assert row["department"] == "93"
    assert row["hint"] == "93991, Zone d'intervention prioritaire renforcée (ZIP+), APL 2,1"
    assert client.get(f"{scene.path}/communes").get_json()["rows"] == []


def test_the_list_is_for_the_people_of_the_file(client: StrictClient, scene: Scene) -> None:
    sign_in(client, scene.stranger)
    assert client.get(f"{scene.path}/communes?q=nord").status_code == 404


def test_saved_sites_show_their_places_and_vintages(client: StrictClient, scene: Scene) -> None:
    save(client, scene, sites__0__commune="Commune-Est-A (fictive)")
    words = words_of(client.page(path(scene)))
    assert "Les Aulnes Commune-Est-A (fictive) (77991) Zone d'intervention prioritaire (ZIP) 2,0" in words
    assert "arrêté du 30 mars 2022 (échantillon fictif), au 30 mars 2022." in words
    assert "APL aux médecins généralistes 2021 (échantillon fictif), au 31 décembre 2021" in words


def test_a_commune_nobody_knows_is_told_and_kept(client: StrictClient, scene: Scene, within: Within) -> None:
    answer = save(client, scene, sites__0__commune="Trifouilly")
    told = words_of(client.page(answer.headers["Location"]))
    assert "Commune non reconnue pour Les Aulnes" in told
    assert value_of(client.page(path(scene)), "sites-0-commune") == "Trifouilly"
    assert stored(within, scene) == [(None, "77", None, None)]


def test_the_accessibility_is_the_one_in_force_when_the_call_was_published(
    client: StrictClient, scene: Scene, within: Within
) -> None:
    with within() as session:  # published on 4 September 2023: the vintage of 2021, though 2022 is imported later
        later = Accessibility(dataset="apl", label="APL 2022", valid_on=date(2022, 12, 31), source="x", licence="x")
        session.add(later)
        session.flush()
        session.add(AccessibilityFigure(accessibility_id=later.id, commune_code="77991", apl=Decimal(9)))
        session.commit()
    save(client, scene, sites__0__commune="77991")
    assert stored(within, scene) == [("77991", "77", "ZIP", Decimal("2.04"))]


def test_the_zoning_of_a_published_call_cannot_be_replaced(scene: Scene, within: Within) -> None:  # noqa: ARG001  # the call is published
    rows = [["Code commune", "Zonage"], ["77991", "ZAC"]]
    source = Source("z.xlsx", xlsx({"A": rows}), "zonage-medecins-idf", date(2022, 3, 30), replace=True)
    with within():
        assert cited_vintages()["zonage-medecins-idf", date(2022, 3, 30)] == "AAP-TS-2023-01"
        assert cited_vintages()["apl-medecins-generalistes", date(2021, 12, 31)] == "AAP-TS-2023-01"
        with pytest.raises(ConflictError, match="AAP-TS-2023-01, déjà publié"):
            import_zoning(source, now=DRAFTED, cited=cited_vintages())


def test_another_zoning_changes_nothing_for_a_call_that_is_open(
    client: StrictClient, scene: Scene, within: Within
) -> None:
    save(client, scene, sites__0__commune="77991")
    rows = [["Code commune", "Zonage"], ["77991", "ZAC"]]
    newer = Source("z.xlsx", xlsx({"A": rows}), "zonage-medecins-idf", date(2023, 9, 30))
    with within() as session:
        assert import_zoning(newer, now=DRAFTED, cited=cited_vintages()).kept == 1
        assert locate_again(DRAFTED) == 0
        session.commit()
    save(client, scene, sites__0__commune="77991", sites__0__capacity="41")
    assert stored(within, scene)[0][2] == "ZIP"


def test_sites_find_their_commune_once_it_is_imported(client: StrictClient, scene: Scene, within: Within) -> None:
    save(client, scene, sites__0__commune="Trifouilly")
    with within() as session:
        name = "Trifouilly"
        session.add(
            Commune(code="77997", name=name, sought_name=kept_name(name), department_code="77", postcodes=["77997"])
        )
        session.flush()
        assert locate_again(DRAFTED) == 1
        assert locate_again(DRAFTED) == 0
        session.commit()
    assert stored(within, scene) == [("77997", "77", "hors_zone", None)]


@pytest.mark.parametrize("typed", [WITHOUT_COMMUNE, "à domicile"])
def test_a_project_without_a_zone_is_received_through_its_public(
    client: StrictClient, scene: Scene, within: Within, typed: str
) -> None:
    save(client, scene, sites__0__commune=typed)
    assert stored(within, scene) == [(None, "77", "non_calculee", None)]
    send(client, path(scene), client.page(path(scene)), target_publics="detenus")
    assert scene.file_id is not None
    with within():
        application = get_application(scene.file_id)
        judged = {rule.key: rule for rule in evaluate_eligibility(application, DRAFTED)}
    assert judged["E03"].passed, judged["E03"].because
    words = words_of(client.page(path(scene)))
    assert re.search(r"Les Aulnes Sans commune Zone non calculée –", words)
    assert "Commune non reconnue" not in words


@pytest.fixture
def asking(within: Within, client: StrictClient) -> Scene:
    """A file of a call with a question that one commune answers."""

    def ask(document: dict[str, Any]) -> None:
        field = {"id": "meeting", "type": "commune", "required": True, "label": "Commune du comité de pilotage"}
        document["call"]["form"]["sections"][3]["fields"].append(field)

    with within() as session:
        lead, officer, stranger = set_scene(session, ask)
        application = draft(lead)
        session.commit()
        scene = Scene(lead.fs_uniquifier, officer.fs_uniquifier, stranger.fs_uniquifier, application.id)
    sign_in(client, scene.lead)
    return scene


def test_a_commune_answers_a_question_by_its_name_without_a_script(client: StrictClient, asking: Scene) -> None:
    address = f"{asking.path}/rubriques/S4"
    page = client.page(address)
    typed = {"organisation": "Un texte jamais perdu", "meeting": "commune nord"}
    found = parsed(send(client, address, page, find="meeting", **typed))
    assert words_of(one(found, "#organisation")) == "Un texte jamais perdu"
    offered = found.select("#communes-trouvees button")
    assert offered
    assert all("Sans commune" not in words_of(button) for button in offered)
    chosen = parsed(send(client, address, found, choose=str(offered[0]["value"])))
    label = value_of(chosen, "meeting")
    assert re.search(r"\([0-9AB]{5}\)$", label)
    assert send(client, address, chosen, action="stay").status_code == 303
    assert value_of(client.page(address), "meeting") == label
    assert label in words_of(one(client.page(f"{asking.path}/lecture"), "main"))


def test_a_name_that_leaves_no_doubt_is_recognised_when_saved(client: StrictClient, asking: Scene) -> None:
    address = f"{asking.path}/rubriques/S4"
    label = value_of(_first_choice(client, address), "meeting")
    name = label.rsplit(" (", 1)[0]
    assert send(client, address, client.page(address), meeting=name, action="stay").status_code == 303
    assert value_of(client.page(address), "meeting") == label
    wrong = send(client, address, client.page(address), meeting="Nulle part", action="stay")
    assert wrong.status_code == 400
    assert value_of(parsed(wrong), "meeting") == "Nulle part"


def _first_choice(client: StrictClient, address: str) -> Any:
    found = parsed(send(client, address, client.page(address), meeting="commune nord", find="meeting"))
    return parsed(send(client, address, found, choose=str(found.select("#communes-trouvees button")[0]["value"])))
