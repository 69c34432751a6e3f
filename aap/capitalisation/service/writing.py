"""Writing a sheet: head, sections, figures. Each section has its own version, so that people may write at once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from aap import audit
from aap.accounts.models import User
from aap.capitalisation import checks
from aap.capitalisation.body import read_body, write_body
from aap.capitalisation.models import Sheet, SheetFigure
from aap.capitalisation.queries.reading import content_of
from aap.capitalisation.sections import FIGURES, HEAD, get_section, read_section, with_section
from aap.capitalisation.service.drafting import free_slug
from aap.db import db
from aap.errors import InvalidError
from aap.evaluation.queries.reading import list_indicators
from aap.workflow import record_event

STEPS = ("cadrage", "recueil")


@dataclass(frozen=True, slots=True)
class FigureChoice:
    """A figure to show: an indicator of the project, or (``None``) values typed for a sheet without project."""

    label: str
    unit: str
    indicator_id: uuid.UUID | None = None
    baseline: Decimal | None = None
    target: Decimal | None = None
    final: Decimal | None = None


def edit_head(
    sheet: Sheet,
    *,
    title: str,
    hook: str,
    summary: str,
    seen: int,
    slug: str | None = None,
    actor: User,
    now: datetime,
) -> None:
    """Write the title, the hook and the summary.

    The address is ``slug`` or follows the title, until the first publication; then it never moves.

    Raises:
        ConflictError: the sheet is in review or validated.
        InvalidError: empty or endless title.
        StaleError: somebody saved this part since ``seen``.

    """
    checks.check_editable(sheet)
    yours = {"title": title, "hook": hook, "summary": summary}
    theirs = {name: getattr(sheet, name) for name in yours}
    checks.check_section_seen(sheet, HEAD, seen, yours=yours, theirs=theirs)
    sheet.title = checks.check_title(title)
    sheet.hook, sheet.summary = hook.strip(), summary.strip()
    if sheet.published_at is None:
        sheet.slug = free_slug(slug or sheet.title, but=sheet.id)
    _touch(sheet, HEAD, actor, now)


def edit_section(sheet: Sheet, key: str, content: Any, *, seen: int, actor: User, now: datetime) -> None:
    """Write one section of the document; ``content`` has the section's shape of ``aap.capitalisation.body``.

    Raises:
        ConflictError: the sheet is in review or validated.
        InvalidError: with a problem for each wrong place.
        NotFoundError: no such section.
        StaleError: somebody saved this section since ``seen``; both contents are carried.

    """
    checks.check_editable(sheet)
    section = get_section(key)
    checks.check_section_seen(sheet, key, seen, yours=content, theirs=read_section(sheet.body, section))
    body = read_body(with_section(sheet.body, section, content))
    checks.check_comparison_anonymous(body)
    sheet.body = write_body(body)
    _touch(sheet, key, actor, now)


def choose_figures(sheet: Sheet, choices: Sequence[FigureChoice], *, seen: int, actor: User, now: datetime) -> None:
    """Choose the figures, in order, with the words shown beside them. Values of a project are read, never typed.

    Raises:
        ConflictError: the sheet is in review or validated.
        InvalidError: a value typed on a bound figure, an indicator of another project, or no label.
        StaleError: somebody chose the figures since ``seen``.

    """
    checks.check_editable(sheet)
    checks.check_section_seen(sheet, FIGURES, seen, yours=choices, theirs=content_of(sheet)["figures"])
    known = {indicator.id for indicator in list_indicators(sheet.project_id)} if sheet.project_id else set()
    for choice in choices:
        if choice.indicator_id is not None and choice.indicator_id not in known:
            raise InvalidError.on(FIGURES, "Cet indicateur n'est pas suivi par le projet.", code="chiffre-etranger")
        if not choice.label.strip():
            raise InvalidError.on(FIGURES, "Donnez un libellé à chaque chiffre.", code="chiffre-sans-libelle")
        bound = sheet.project_id is not None
        if bound and choice.indicator_id is None:
            raise InvalidError.on(FIGURES, "Choisissez un indicateur du projet.", code="chiffre-sans-mesure")
        for value in (choice.baseline, choice.target, choice.final):
            checks.check_own_figure(value, bound=bound)
    for old in list(sheet.figures):
        db.session.delete(old)
    db.session.flush()
    sheet.figures = [
        SheetFigure(
            sheet_id=sheet.id,
            position=position,
            indicator_id=choice.indicator_id,
            label=choice.label.strip(),
            unit=choice.unit.strip(),
            baseline=choice.baseline,
            target=choice.target,
            final=choice.final,
        )
        for position, choice in enumerate(choices, start=1)
    ]
    _touch(sheet, FIGURES, actor, now)


def note_step(sheet: Sheet, step: str, note: str, *, actor: User, now: datetime) -> None:
    """Write down a step of the circuit that changes no state: ``cadrage`` or ``recueil``.

    Raises:
        InvalidError: another step.

    """
    if step not in STEPS:
        raise InvalidError.on("step", "Cette étape ne se note pas à la main.", code="etape-inconnue")
    record_event(sheet, f"step_{step}", sheet.state.value, sheet.state.value, actor, now, note.strip() or None)


def _touch(sheet: Sheet, section: str, actor: User, now: datetime) -> None:
    sheet.section_versions = {**sheet.section_versions, section: sheet.section_versions.get(section, 0) + 1}
    audit.record("sheets.write", sheet, actor_id=actor.id, now=now, detail={"section": section})
