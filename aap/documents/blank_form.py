"""The form of a call to fill in by hand: every section, question, limit and choice, with room to write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aap.documents.story import Column, Line, Story
from aap.documents.tagging import Meta
from aap.documents.typeface import Typeface

BOX = "[   ]"  # drawn the same by every font
_ROOM = "\N{NO-BREAK SPACE}"  # an empty line of a table keeps its height


@dataclass(frozen=True, slots=True)
class BlankTable:
    """A table to fill in: its heads, and how many empty lines to draw."""

    caption: str
    heads: tuple[str, ...]
    lines: int


@dataclass(frozen=True, slots=True)
class BlankField:
    """A question: what it asks, its rules in words, then choices, tables, or ``lines`` to write on."""

    label: str
    required: bool
    rules: tuple[str, ...]
    options: tuple[str, ...] = ()
    tables: tuple[BlankTable, ...] = ()
    lines: int = 0


@dataclass(frozen=True, slots=True)
class BlankSection:
    """A section of the form."""

    title: str
    help: str
    fields: tuple[BlankField, ...]


@dataclass(frozen=True, slots=True)
class BlankForm:
    """Everything that a team prepares before it types. Facts: label, value; criteria: name, guidance, weight."""

    agency: str
    service: str
    call_ref: str
    call_title: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[BlankSection, ...]
    honour: tuple[str, ...]
    annexes: tuple[tuple[str, str], ...]
    criteria: tuple[tuple[str, str, str], ...]
    made_at: datetime


def render_blank_form(form: BlankForm, typeface: Typeface | None = None) -> bytes:
    """Return the form as a tagged PDF."""
    story = Story(typeface)
    story.letterhead(form.agency, form.service)
    story.title("Formulaire à préparer", form.call_title)
    story.text("Ce document aide à préparer un dossier à plusieurs. Le dossier se dépose en ligne, jamais sur papier.")
    story.facts(form.facts)
    for section in form.sections:
        story.section(section.title)
        if section.help:
            story.text(section.help, "small")
        for field in section.fields:
            _ask(story, field)
    _tell_lists(story, form)
    meta = Meta(
        title=f"Formulaire à préparer – {form.call_ref}",
        author=form.agency,
        subject=form.call_title,
        reference=f"Appel {form.call_ref}",
        made_at=form.made_at,
    )
    return story.render(meta)


def _ask(story: Story, field: BlankField) -> None:
    story.subsection(f"{field.label}{' (obligatoire)' if field.required else ''}")
    if field.rules:
        story.text(" ".join(field.rules), "small")
    if field.options:
        story.bullets([f"{BOX} {option}" for option in field.options])
    for table in field.tables:
        share = 1 / len(table.heads)
        columns = [Column(head, share) for head in table.heads]
        story.table(columns, [Line((_ROOM,) * len(columns))] * table.lines, table.caption)
    if field.lines:
        story.table([Column("Votre réponse", 1)], [Line((_ROOM,))] * field.lines)


def _tell_lists(story: Story, form: BlankForm) -> None:
    if form.honour:
        story.section("Attestations sur l'honneur, à cocher en ligne")
        story.bullets([f"{BOX} {text}" for text in form.honour])
    if form.annexes:
        story.section("Pièces à joindre")
        columns = [Column("Pièce", 0.55, heading=True), Column("Quand la joindre", 0.45)]
        story.table(columns, [Line(annex) for annex in form.annexes])
    if form.criteria:
        story.section("Critères de sélection")
        columns = [
            Column("Critère", 0.3, heading=True),
            Column("Ce que le jury regarde", 0.55),
            Column("Poids", 0.15, align="right"),
        ]
        story.table(columns, [Line(criterion) for criterion in form.criteria])
