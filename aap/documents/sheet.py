"""The capitalisation sheet: what a funded and evaluated project teaches, told in three parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from aap import french
from aap.documents.story import Column, Line, Story, start_of
from aap.documents.tagging import Meta
from aap.documents.typeface import Typeface


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the project: its period ("M0–M2"), its name, what was done."""

    when: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension of the roadmap (organisation, medical project, digital…) and its lessons."""

    label: str
    what_was_done: str
    what_worked: tuple[str, ...]
    what_did_not: tuple[str, ...]
    advice: str


@dataclass(frozen=True, slots=True)
class Result:
    """An indicator's baseline, target and final value.

    A value is a number, ``None`` when it was not measured, or a text shown as it is (a masked count: "< 11").
    ``reached`` is ``None`` when nothing can be said.
    """

    label: str
    unit: str
    baseline: french.Number | str | None
    target: french.Number | str | None
    final: french.Number | str | None
    reached: bool | None


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """A technical point and the answer of each solution, in the order of the solutions' names."""

    group: str
    point: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The technical comparison: solutions are anonymous, points are compared, nothing is ranked."""

    note: str
    solutions: tuple[str, ...]
    rows: tuple[ComparisonRow, ...]


@dataclass(frozen=True, slots=True)
class Transferability:
    """What another team needs, may change, cannot take over, and what it costs."""

    conditions: tuple[str, ...]
    adaptable: tuple[str, ...]
    not_transferable: tuple[str, ...]
    cost_to_replicate: str


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Anonymous words: the function of who said them, and the words."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A document of the toolbox: its kind and format, in words."""

    kind: str
    label: str
    format: str


@dataclass(frozen=True, slots=True)
class CapitalisationSheet:
    """The whole sheet. ``identity`` holds (label, value) pairs already in words; amounts in euros."""

    agency: str
    reference: str
    version: int
    title: str
    hook: str
    summary: str
    published_on: date
    review_due: date | None
    licence: str
    url: str
    identity: tuple[tuple[str, str], ...]
    budget_eur: french.Number | None
    spent_eur: french.Number | None
    subsidy_eur: french.Number | None
    context: str
    objectives: tuple[str, ...]
    steps: tuple[Step, ...]
    dimensions: tuple[Dimension, ...]
    results: tuple[Result, ...]
    results_limits: str
    comparison: Comparison | None
    success_factors: tuple[str, ...]
    barriers: tuple[str, ...]
    transferability: Transferability | None
    verbatims: tuple[Verbatim, ...]
    toolbox: tuple[Tool, ...]
    evaluation: str
    keywords: tuple[str, ...] = ()


def render_sheet(sheet: CapitalisationSheet, typeface: Typeface | None = None) -> bytes:
    """Return the sheet as a tagged PDF."""
    story = Story(typeface)
    story.letterhead(sheet.agency, f"Fiche de capitalisation {sheet.reference}")
    story.title(sheet.title, sheet.hook)
    story.facts(
        (
            ("Budget", french.euros(sheet.budget_eur)),
            ("Dépense réelle", french.euros(sheet.spent_eur)),
            ("Part de l'agence", french.euros(sheet.subsidy_eur)),
        )
    )
    story.section("Résumé")
    story.text(sheet.summary)
    _tell_identity(story, sheet)
    _tell_project(story, sheet)
    for dimension in sheet.dimensions:
        _tell_dimension(story, dimension)
    _tell_results(story, sheet)
    _tell_lessons(story, sheet)
    if sheet.comparison is not None:
        _tell_comparison(story, sheet.comparison)
    _tell_sources(story, sheet)
    return story.render(
        Meta(
            title=sheet.title,
            author=sheet.agency,
            subject=sheet.hook,
            reference=f"Fiche {sheet.reference}, version {sheet.version}, {french.day(sheet.published_on)}",
            made_at=start_of(sheet.published_on),
        )
    )


def _tell_identity(story: Story, sheet: CapitalisationSheet) -> None:
    story.section("Carte d'identité")
    keywords = (("Mots-clés", ", ".join(sheet.keywords)),)
    story.details((*sheet.identity, *keywords))


def _tell_project(story: Story, sheet: CapitalisationSheet) -> None:
    """Tell why, for what, and in which steps."""
    story.section("Contexte")
    story.text(sheet.context)
    if sheet.objectives:
        story.section("Objectifs")
        story.bullets(sheet.objectives)
    if sheet.steps:
        story.section("Étapes")
        columns = (Column("Période", 15, heading=True), Column("Étape", 25), Column("Ce qui a été fait", 60))
        story.table(columns, [Line((step.when, step.title, step.text)) for step in sheet.steps])


def _tell_dimension(story: Story, dimension: Dimension) -> None:
    story.section(dimension.label)
    story.text(dimension.what_was_done)
    for heading, items in (
        ("Ce qui a marché", dimension.what_worked),
        ("Ce qui n'a pas marché", dimension.what_did_not),
    ):
        if items:
            story.subsection(heading)
            story.bullets(items)
    if dimension.advice:
        story.note((dimension.advice,), "Conseil")


def _value(value: french.Number | str | None) -> str:
    """Write a value of a result; what was not measured is said in words."""
    if value is None:
        return "non mesuré"
    return value if isinstance(value, str) else french.number(value)


def _tell_results(story: Story, sheet: CapitalisationSheet) -> None:
    """Show every indicator, those that missed their target too."""
    if not sheet.results:
        return
    story.section("Résultats")
    if sheet.results_limits:
        story.text(f"Limites : {sheet.results_limits}", "small")
    columns = (
        Column("Indicateur (unité)", 42, heading=True),
        Column("Départ", 15, align="right"),
        Column("Cible", 13, align="right"),
        Column("Résultat", 14, align="right"),
        Column("Cible atteinte", 16, align="right"),
    )
    reached = {True: "oui", False: "non", None: "sans objet"}
    lines = [
        Line(
            (
                f"{result.label} ({result.unit})" if result.unit else result.label,
                _value(result.baseline),
                _value(result.target),
                _value(result.final),
                reached[result.reached],
            )
        )
        for result in sheet.results
    ]
    story.table(columns, lines)


def _tell_lessons(story: Story, sheet: CapitalisationSheet) -> None:
    """Tell what helped, what hindered, what another team may take over, and what people said."""
    for heading, items in (("Facteurs de réussite", sheet.success_factors), ("Freins", sheet.barriers)):
        if items:
            story.section(heading)
            story.bullets(items)
    if sheet.transferability is not None:
        story.section("Transférabilité")
        parts = (
            ("Conditions à réunir", sheet.transferability.conditions),
            ("Ce qui peut être adapté", sheet.transferability.adaptable),
            ("Ce qui ne se transpose pas", sheet.transferability.not_transferable),
        )
        for heading, items in parts:
            if items:
                story.subsection(heading)
                story.bullets(items)
        if sheet.transferability.cost_to_replicate:
            story.note((sheet.transferability.cost_to_replicate,), "Coût pour reproduire")
    if sheet.verbatims:
        story.section("Paroles d'acteurs")
        for verbatim in sheet.verbatims:
            story.quote(f"«{french.HARD}{verbatim.text}{french.HARD}»", verbatim.role)


def _tell_comparison(story: Story, comparison: Comparison) -> None:
    """Show the technical points, grouped, one column for each anonymous solution."""
    story.section("Comparaison des points techniques")
    if comparison.note:
        story.text(comparison.note, "small")
    count = max(len(comparison.solutions), 1)
    columns = [Column("Point technique", 58, heading=True)]
    columns += [Column(f"Solution {name}", 42 / count) for name in comparison.solutions]
    lines: list[Line] = []
    group = ""
    for row in comparison.rows:
        if row.group and row.group != group:
            lines.append(Line((row.group,), kind="group"))
            group = row.group
        lines.append(Line((row.point, *row.answers)))
    story.table(columns, lines)


def _tell_sources(story: Story, sheet: CapitalisationSheet) -> None:
    """Say which tools exist, which evaluation stands behind the figures, and where the sheet is online."""
    if sheet.toolbox:
        story.section("Boîte à outils")
        columns = (Column("Outil", 60, heading=True), Column("Nature", 25), Column("Format", 15))
        story.table(columns, [Line((tool.label, tool.kind, tool.format)) for tool in sheet.toolbox])
    if sheet.evaluation:
        story.section("Évaluation")
        story.text(sheet.evaluation)
    story.section("À propos de cette fiche")
    review = "" if sheet.review_due is None else f" Relecture prévue le {french.day(sheet.review_due)}."
    story.text(
        f"Version {sheet.version}, publiée le {french.day(sheet.published_on)} sous {sheet.licence}.{review}",
    )
    if sheet.url:
        story.link(sheet.url, sheet.url)
