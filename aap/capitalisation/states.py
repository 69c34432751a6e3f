"""The editorial circuit of a sheet."""

from __future__ import annotations

from aap.accounts.models import RoleName
from aap.capitalisation.models import Sheet, SheetState
from aap.evaluation.people import OFFICER as CALL_OFFICER
from aap.evaluation.people import get_person, relations_to_project
from aap.jury.blindness import is_true, recused
from aap.workflow import Actor, StateLabel, Transition, Workflow

WRITER = "writer"
LEAD = "lead"
EDITOR = "editor"
REVIEWER = "reviewer"
OFFICER = "officer"
READER = "reader"

_READING_ROLES = (RoleName.FINANCE, RoleName.OFFICER, RoleName.DIRECTOR, RoleName.READER)

EDITABLE = (SheetState.DRAFT, SheetState.CHANGES_REQUESTED, SheetState.TO_UPDATE)


def relations_to_sheet(sheet: Sheet, actor: Actor | None) -> frozenset[str]:
    """Return what a person is to a sheet: writer, lead, editor, reviewer, officer, reader.

    The lead is that of the project; a sheet without project is led by who writes it. Nobody reviews the sheet that
    he or she wrote or leads.
    """
    person = get_person(actor)
    if person is None:
        return frozenset()
    found: set[str] = set()
    if sheet.writer_id == person.id:
        found.add(WRITER)
    lead_id = sheet.writer_id if sheet.project is None else sheet.project.application.lead_id
    if lead_id == person.id:
        found.add(LEAD)
    elif sheet.project is not None and is_true(recused(person.id), sheet.project.application_id):
        return frozenset()  # whoever stood back from the file reads its sheet once it is published, like everyone
    if person.has_role_in(sheet.region_code, RoleName.EDITOR, RoleName.ADMINISTRATOR):
        found.add(EDITOR)
    if person.has_role_in(sheet.region_code, RoleName.REVIEWER) and not found & {WRITER, LEAD}:
        found.add(REVIEWER)
    if sheet.project is not None and CALL_OFFICER in relations_to_project(sheet.project, person):
        found.add(OFFICER)
    if person.has_role_in(sheet.region_code, *_READING_ROLES):
        found.add(READER)
    return frozenset(found)


_S = SheetState

SHEET_WORKFLOW: Workflow[SheetState, Sheet] = Workflow(
    name="sheet",
    labels={
        _S.DRAFT: StateLabel("Brouillon", "En rédaction", "neutral"),
        _S.IN_REVIEW: StateLabel("En relecture", "En relecture", "info"),
        _S.CHANGES_REQUESTED: StateLabel("Corrections demandées", "Corrections demandées", "warning"),
        _S.VALIDATED_BY_LEAD: StateLabel("Validée par le porteur", "Validée par vous", "info"),
        _S.VALIDATED: StateLabel("Validée par l'agence", "Validée par l'agence", "success"),
        _S.PUBLISHED: StateLabel("Publiée", "Publiée", "success"),
        _S.TO_UPDATE: StateLabel("À mettre à jour", "À mettre à jour", "warning"),
        _S.ARCHIVED: StateLabel("Archivée", "Archivée", "neutral"),
    },
    transitions=(
        Transition("submit", EDITABLE, _S.IN_REVIEW, (WRITER, LEAD, EDITOR), "Envoyer en relecture"),
        Transition(
            "request_changes",
            (_S.IN_REVIEW,),
            _S.CHANGES_REQUESTED,
            (REVIEWER,),
            "Demander des corrections",
            needs_reason=True,
        ),
        Transition("validate_by_lead", (_S.IN_REVIEW,), _S.VALIDATED_BY_LEAD, (LEAD,), "Valider en tant que porteur"),
        Transition("validate", (_S.VALIDATED_BY_LEAD,), _S.VALIDATED, (EDITOR,), "Valider pour l'agence"),
        Transition(
            "send_back",
            (_S.IN_REVIEW, _S.VALIDATED_BY_LEAD, _S.VALIDATED),
            _S.CHANGES_REQUESTED,
            (LEAD, EDITOR),
            "Renvoyer en rédaction",
            needs_reason=True,
        ),
        Transition("publish", (_S.VALIDATED,), _S.PUBLISHED, (EDITOR,), "Publier"),
        Transition(
            "flag",
            (_S.PUBLISHED,),
            _S.TO_UPDATE,
            (WRITER, LEAD, EDITOR, "system"),
            "Ouvrir une mise à jour",
            needs_reason=True,
        ),
        Transition(
            "archive",
            (_S.DRAFT, _S.CHANGES_REQUESTED, _S.PUBLISHED, _S.TO_UPDATE),
            _S.ARCHIVED,
            (EDITOR,),
            "Archiver",
            needs_reason=True,
        ),
    ),
    relations=relations_to_sheet,
)
