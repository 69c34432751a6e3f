"""What the circuit refuses, what it keeps, and what it never shows."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from aap.accounts.models import RegionalRole, RoleName
from aap.capitalisation.models import GridAnswer, ReviewOutcome, SheetKind, SheetPublication, SheetState
from aap.capitalisation.queries import (
    CatalogueFilter,
    find_current,
    get_public_sheet,
    list_catalogue,
    list_figures,
    list_sheets,
)
from aap.capitalisation.sections import FIGURES, HEAD
from aap.capitalisation.service import (
    FigureChoice,
    archive_sheet,
    choose_figures,
    create_sheet,
    edit_head,
    edit_section,
    flag_due_sheets,
    flag_sheet,
    publish_sheet,
    review_sheet,
    send_back,
    submit_sheet,
    validate_by_lead,
    validate_sheet,
)
from aap.capitalisation.service.publishing import next_reference
from aap.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, StaleError
from aap.evaluation.models import MeasureState
from aap.evaluation.queries import list_revisions
from aap.evaluation.service import correct_measure
from aap.policies.capitalisation import VISIBLE
from tests.integration.capitalisation.writing import ALL_YES, Desk, draft, publish, review, write
from tests.integration.evaluation.story import at

NOW = at("2026-07-24")


def places(error: pytest.ExceptionInfo[InvalidError]) -> set[str]:
    return {problem.place for problem in error.value.problems}


def test_a_sheet_without_its_parts_is_not_sent_to_review(desk: Desk) -> None:
    sheet = draft(desk)
    with pytest.raises(InvalidError) as error:
        submit_sheet(sheet, actor=desk.writer, now=NOW)
    assert places(error) >= {"hook", "summary", "objectives", "steps", "transferability"}
    assert sheet.state is SheetState.DRAFT


def test_what_did_not_work_must_be_written(desk: Desk) -> None:
    sheet = write(desk, draft(desk))
    for key in ("organisation", "projet-medical", "numerique", "communication", "facturation", "ressources-humaines"):
        content = {"what_was_done": "Fait.", "what_worked": ["Tout."], "what_did_not": [], "advice": ""}
        edit_section(sheet, key, content, seen=sheet.section_versions[key], actor=desk.writer, now=NOW)
    with pytest.raises(InvalidError, match="complète") as error:
        submit_sheet(sheet, actor=desk.writer, now=NOW)
    assert "Écrivez aussi ce qui n'a pas marché." in [problem.message for problem in error.value.problems]


def test_two_people_write_two_sections_but_not_the_same_one(desk: Desk) -> None:
    sheet = draft(desk)
    edit_section(sheet, "objectives", ["Un objectif."], seen=0, actor=desk.writer, now=NOW)
    edit_section(sheet, "context", "Un contexte.", seen=0, actor=desk.lead, now=NOW)
    with pytest.raises(StaleError) as error:
        edit_section(sheet, "objectives", ["Un autre."], seen=0, actor=desk.lead, now=NOW)
    assert (error.value.yours, error.value.theirs) == (["Un autre."], ["Un objectif."])


@pytest.mark.parametrize(
    ("key", "content", "place"),
    [
        ("steps", [{"when": "M1", "text": "Sans titre"}], "body.steps.0.title"),
        ("identity-card", {"budget_eur": "douze"}, "body.identity_card.budget_eur"),
        ("identity-card", {"director": "Un nom"}, "body.identity_card.director"),
        ("verbatims", [{"role": "", "text": "Bien."}], "body.verbatims.0.role"),
        ("technical-comparison", {"solutions": ["Marque"], "rows": []}, "technical-comparison"),
        (
            "technical-comparison",
            {"solutions": ["A", "B"], "rows": [{"point": "Hébergement", "answers": {"A": "oui"}}]},
            "body.technical_comparison.rows.0.answers",
        ),
    ],
)
def test_a_section_is_typed_and_its_faults_have_a_place(desk: Desk, key: str, content: object, place: str) -> None:
    with pytest.raises(InvalidError) as error:
        edit_section(draft(desk), key, content, seen=0, actor=desk.writer, now=NOW)
    assert place in places(error)


def test_a_figure_of_a_project_is_read_and_never_typed(desk: Desk) -> None:
    sheet = draft(desk)
    indicator = desk.story.indicator("ACT-TLC").id
    typed = FigureChoice("Actes", "actes", indicator, final=Decimal(999))
    with pytest.raises(InvalidError, match="lu dans les mesures"):
        choose_figures(sheet, [typed], seen=0, actor=desk.writer, now=NOW)
    with pytest.raises(InvalidError, match="indicateur du projet"):
        choose_figures(sheet, [replace(typed, indicator_id=None)], seen=0, actor=desk.writer, now=NOW)


def test_a_sheet_in_review_is_no_longer_written(desk: Desk) -> None:
    sheet = write(desk, draft(desk))
    submit_sheet(sheet, actor=desk.writer, now=NOW)
    with pytest.raises(ConflictError, match="ne se modifie plus"):
        edit_section(sheet, "context", "Autre.", seen=sheet.section_versions["context"], actor=desk.writer, now=NOW)


def test_a_reviewer_answers_every_point_and_says_what_to_change(desk: Desk) -> None:
    sheet = write(desk, draft(desk))
    submit_sheet(sheet, actor=desk.writer, now=NOW)
    with pytest.raises(InvalidError) as error:
        review_sheet(sheet, {"G1": (GridAnswer.YES, "")}, ReviewOutcome.OK, actor=desk.reviewer, now=NOW)
    assert len(error.value.problems) == 9
    with pytest.raises(InvalidError, match="quelles corrections"):
        review_sheet(sheet, ALL_YES, ReviewOutcome.CHANGES_REQUESTED, actor=desk.reviewer, now=NOW)


def test_a_no_on_ethics_forbids_an_agreement_and_a_no_on_a_secondary_point_does_not(desk: Desk) -> None:
    sheet = write(desk, draft(desk))
    submit_sheet(sheet, actor=desk.writer, now=NOW)
    answers = ALL_YES | {"G7": (GridAnswer.NO, "Un prénom est cité.")}
    with pytest.raises(InvalidError, match="grille"):
        review_sheet(sheet, answers, ReviewOutcome.OK, actor=desk.reviewer, now=NOW)
    review_sheet(sheet, ALL_YES | {"G10": (GridAnswer.NO, "")}, ReviewOutcome.OK, actor=desk.reviewer, now=NOW)
    with pytest.raises(ConflictError, match="déjà relu"):
        review_sheet(sheet, ALL_YES, ReviewOutcome.OK, actor=desk.reviewer, now=NOW)


def test_nobody_reviews_what_he_or_she_wrote_or_leads(desk: Desk, session: Session) -> None:
    sheet = write(desk, draft(desk))
    submit_sheet(sheet, actor=desk.writer, now=NOW)
    for person in (desk.writer, desk.lead):
        role = RegionalRole(user_id=person.id, region_code="IDF", role=RoleName.REVIEWER, granted_at=NOW)
        session.add(role)
        session.flush()
        session.refresh(person, ["regional_roles"])
        with pytest.raises(ForbiddenError):
            review_sheet(sheet, ALL_YES, ReviewOutcome.OK, actor=person, now=NOW)


def test_the_lead_validates_a_version_that_was_reviewed(desk: Desk) -> None:
    sheet = write(desk, draft(desk))
    submit_sheet(sheet, actor=desk.writer, now=NOW)
    with pytest.raises(ConflictError, match="relecteur"):
        validate_by_lead(sheet, actor=desk.lead, now=NOW)
    review(desk, sheet, ReviewOutcome.OK, "2026-07-25")
    with pytest.raises(ForbiddenError):
        validate_by_lead(sheet, actor=desk.editor, now=NOW)
    with pytest.raises(ConflictError):
        validate_sheet(sheet, actor=desk.editor, now=NOW)
    validate_by_lead(sheet, actor=desk.lead, now=NOW)
    send_back(sheet, "Un chiffre à revoir.", actor=desk.editor, now=NOW)
    submit_sheet(sheet, actor=desk.writer, now=NOW)
    with pytest.raises(ConflictError, match="relecteur"):  # the agreement was on the former version
        validate_by_lead(sheet, actor=desk.lead, now=NOW)


def test_a_corrected_measure_flags_the_sheet_and_leaves_the_published_figure(desk: Desk) -> None:
    sheet, _ = publish(desk)
    now = at("2026-10-01")
    assert flag_due_sheets(now) == 0
    indicator = desk.story.indicator("DEL-AVIS")
    pending = correct_measure(indicator, "M24", Decimal(12), reason="Calcul repris.", actor=desk.lead, now=now)
    assert not get_public_sheet(sheet.slug).to_update  # the agency has not validated the correction
    assert pending.state.value == "submitted"
    correct_measure(indicator, "M24", Decimal(13), reason="Calcul repris.", actor=desk.story.officer, now=now)
    page = get_public_sheet(sheet.slug)
    assert page.to_update
    assert next(f for f in page.figures if f.label.startswith("Délai médian, avis non")).final == 11
    (row,) = list_sheets(VISIBLE[type(sheet)](desk.editor), only_outdated=True).rows
    assert (row.reference, row.outdated) == ("CAP-2026-003", True)
    assert flag_due_sheets(now) == 1
    assert sheet.state is SheetState.TO_UPDATE
    figures = {figure.code: figure for figure in list_figures(sheet)}
    assert figures["DEL-AVIS"].final == 13
    assert figures["DEL-AVIS"].missed is True


def test_a_review_is_due_two_years_after_the_publication(desk: Desk) -> None:
    sheet, _ = publish(desk)
    assert flag_due_sheets(at("2028-09-14")) == 0
    assert flag_due_sheets(at("2028-09-15")) == 1
    assert sheet.state is SheetState.TO_UPDATE


def test_an_update_shows_nothing_before_it_is_published(desk: Desk, session: Session) -> None:
    sheet, first = publish(desk)
    now = at("2026-11-02")
    flag_sheet(sheet, "Nouveau coût.", actor=desk.editor, now=now)
    seen = sheet.section_versions[HEAD]
    edit_head(sheet, title="Nouveau titre", hook=sheet.hook, summary="Nouveau.", seen=seen, actor=desk.writer, now=now)
    assert get_public_sheet(first.slug).title == desk.text["title"]
    assert list_catalogue(CatalogueFilter(text="nouveau titre")).total == 0
    submit_sheet(sheet, actor=desk.writer, now=now)
    review(desk, sheet, ReviewOutcome.OK, "2026-11-03")
    validate_by_lead(sheet, actor=desk.lead, now=at("2026-11-04"))
    validate_sheet(sheet, actor=desk.editor, now=at("2026-11-05"))
    publish_sheet(sheet, actor=desk.editor, now=at("2026-11-06"))
    page = get_public_sheet(first.slug)
    assert (page.title, page.version, page.reference) == ("Nouveau titre", 3, "CAP-2026-003")
    kept = session.scalars(select(SheetPublication).order_by(SheetPublication.version)).all()
    assert [(row.version, row.title) for row in kept] == [(2, desk.text["title"]), (3, "Nouveau titre")]
    assert first.ended_at == at("2026-11-06")


def test_small_counts_of_people_are_hidden_once_published(desk: Desk) -> None:
    sheet = write(desk, draft(desk))
    trained = desk.story.indicator("FOR-PRO")
    survey = desk.story.indicator("SAT-PRO")
    acts = desk.story.indicator("SEC-EIG")
    officer = desk.story.officer
    for period in ("M6", "M12", "M18", "M24"):
        correct_measure(trained, period, Decimal(9), reason="Doublons.", actor=officer, now=NOW)
    correct_measure(survey, "M24", Decimal("7.8"), n=6, reason="Réponses.", actor=officer, now=NOW)
    choices = [
        FigureChoice("Personnes formées", "soignants", trained.id),  # other words do not lift the mask
        FigureChoice("Satisfaction", "/10", survey.id),
        FigureChoice("Événements graves", "événements", acts.id),
    ]
    choose_figures(sheet, choices, seen=sheet.section_versions[FIGURES], actor=desk.writer, now=NOW)
    submit_sheet(sheet, actor=desk.writer, now=NOW)
    review(desk, sheet, ReviewOutcome.OK, "2026-07-25")
    validate_by_lead(sheet, actor=desk.lead, now=NOW)
    validate_sheet(sheet, actor=desk.editor, now=NOW)
    publish_sheet(sheet, actor=desk.editor, now=NOW)
    trained_row, survey_row, acts_row = get_public_sheet(sheet.slug).figures
    assert (trained_row.final, trained_row.target, trained_row.baseline) == ("< 11", Decimal(54), "< 11")
    assert survey_row.final == "masqué"
    assert acts_row.final == 0


def test_a_figure_without_validated_measure_is_not_published(desk: Desk) -> None:
    sheet = write(desk, draft(desk))
    sheet.state, sheet.version = SheetState.VALIDATED, 1
    indicator = desk.story.indicator("ACT-TLC")
    for measure in list_revisions(indicator.id):
        measure.state, measure.validated_at, measure.validated_by_id = MeasureState.SUBMITTED, None, None
    with pytest.raises(InvalidError, match="mesure validée"):
        publish_sheet(sheet, actor=desk.editor, now=NOW)
    assert find_current(sheet) is None


def test_an_archived_sheet_leaves_the_catalogue(desk: Desk) -> None:
    sheet, _ = publish(desk)
    with pytest.raises(ConflictError, match="motif"):
        archive_sheet(sheet, "", actor=desk.editor, now=NOW)
    archive_sheet(sheet, "Cadre abrogé.", actor=desk.editor, now=at("2027-01-04"))
    with pytest.raises(NotFoundError):
        get_public_sheet(sheet.slug)
    assert list_catalogue(CatalogueFilter()).total == 0


def test_references_count_by_region_and_year(desk: Desk) -> None:
    assert desk.editor is not None
    assert next_reference("IDF", 2026) == "CAP-2026-003"
    assert next_reference("IDF", 2026) == "CAP-2026-004"
    assert next_reference("IDF", 2027) == "CAP-2027-001"
    assert next_reference("HDF", 2026) == "CAP-2026-001"


def test_two_sheets_of_one_title_have_two_addresses(desk: Desk) -> None:
    made = [
        create_sheet("IDF", SheetKind.INITIATIVE, "Été à l'hôpital : l'œil", actor=desk.editor, now=NOW)
        for _ in range(2)
    ]
    assert [sheet.slug for sheet in made] == ["ete-a-l-hopital-l-oeil", "ete-a-l-hopital-l-oeil-2"]


def test_an_initiative_goes_through_the_circuit_without_project(desk: Desk) -> None:
    sheet = create_sheet(
        "IDF", SheetKind.INITIATIVE, "Une initiative", hook="Court.", summary="Simple.", actor=desk.writer, now=NOW
    )
    figure = FigureChoice("Personnes accompagnées", "personnes", final=Decimal(7))
    choose_figures(sheet, [figure], seen=0, actor=desk.writer, now=NOW)
    submit_sheet(sheet, actor=desk.writer, now=NOW)
    review_sheet(sheet, ALL_YES, ReviewOutcome.OK, actor=desk.reviewer, now=NOW)
    validate_by_lead(sheet, actor=desk.writer, now=NOW)
    validate_sheet(sheet, actor=desk.editor, now=NOW)
    publish_sheet(sheet, actor=desk.editor, now=NOW)
    page = get_public_sheet("une-initiative")
    assert page.evaluation == ""
    assert page.figures[0].final == "< 11"
