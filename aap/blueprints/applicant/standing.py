"""A section as it stands for one file now: its rank, what may be changed in it, and what the browser says it shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from flask import request, url_for

from aap.applications.facts import Reading
from aap.applications.models import Application
from aap.applications.people import open_to, sections_read
from aap.blueprints.access import signed_in_actor
from aap.blueprints.applicant.inputs import ONLY
from aap.blueprints.applicant.loading import address_part
from aap.errors import NotFoundError
from aap.forms.completeness import SectionState, form_status
from aap.forms.spec import FormSpec, SectionSpec

NO_SECTION = "Cette rubrique n'existe pas dans votre dossier, ou elle ne vous est pas ouverte."

TONES = {
    SectionState.EMPTY: "neutral",
    SectionState.IN_PROGRESS: "info",
    SectionState.TO_FIX: "error",
    SectionState.COMPLETE: "success",
}


@dataclass(frozen=True, slots=True)
class Step:
    """A section among the others: where it is, and its state in words."""

    title: str
    href: str
    status: str
    tone: str


@dataclass(frozen=True, slots=True)
class Place:
    """A section within the form as it stands, and what may be changed in it now.

    ``whole`` is the section with the fields that a condition hides: a page opened before the condition changed still
    shows them, and what is typed there is kept until the deposit.
    """

    form: FormSpec
    section: SectionSpec
    whole: SectionSpec
    open_fields: frozenset[str]

    @property
    def number(self) -> int:
        """The section's rank, from 1."""
        return [one.id for one in self.form.sections].index(self.section.id) + 1

    @property
    def following(self) -> SectionSpec | None:
        """The next section, if any."""
        return self.form.sections[self.number] if self.number < len(self.form.sections) else None

    @property
    def open_section(self) -> SectionSpec:
        """The fields that the page says it shows and that may be changed now; all that stand when it is silent."""
        only = set(request.form.get(ONLY, "").split(",")) - {""}
        asked = self.whole.fields if only else self.section.fields
        kept = tuple(spec for spec in asked if spec.id in self.open_fields and (not only or spec.id in only))
        return replace(self.section, fields=kept)

    @property
    def layout(self) -> str:
        """The questions shown, a star after those required: what tells a browser that its page is out of date."""
        return layout_of(self.section)


def place_in(reading: Reading, now: datetime) -> Place:
    """Return the section that the address names, in a file already read."""
    return standing_place(reading.application, reading.form, reading.standing_form, now)


def standing_place(application: Application, form: FormSpec, standing: FormSpec, now: datetime) -> Place:
    """Return the section that the address names; ``standing`` is the form without its conditions.

    Raises:
        NotFoundError: the form, as it stands, has no such section.

    """
    name, person = address_part("section"), signed_in_actor()
    only = sections_read(application, person)
    if only is not None:
        standing = replace(standing, sections=tuple(one for one in standing.sections if one.id in only))
    section, whole = standing.section(name), form.section(name)
    if section is None or whole is None:
        raise NotFoundError(NO_SECTION)
    return Place(standing, section, whole, open_to(application, person, now).fields)


def steps_of(reading: Reading, place: Place) -> tuple[Step, ...]:
    """Return the sections that this person reads, each with its state; none when there is only one."""
    status = form_status(place.form, reading.values, reading.unread)
    steps = tuple(
        Step(
            one.title,
            url_for("applicant_sections.show", application_id=reading.application.id, section=one.id),
            one.state.label,
            TONES[one.state],
        )
        for one in status.sections
    )
    return steps if len(steps) > 1 else ()


def layout_of(section: SectionSpec) -> str:
    """Return the questions of a section, a star after those that are required."""
    return ",".join(f"{spec.id}{'*' if spec.required else ''}" for spec in section.fields)
