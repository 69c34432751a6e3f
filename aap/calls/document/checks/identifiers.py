"""Every identifier names one thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aap.calls.document.checks.sections import Sections
from aap.errors import Problem

Named = Iterable[tuple[str, str]]  # (place, identifier)


def check(sections: Sections) -> Iterator[Problem]:
    """Refuse an identifier used twice in its list."""
    for named in _lists(sections):
        yield from _repeated(named)


def _lists(sections: Sections) -> Iterator[Named]:
    for name in ("strands", "annexes", "eligibility_rules", "decisions", "reporting_obligations"):
        yield _ids(f"call.{name}", sections.values.get(name, ()))
    yield [(f"call.roadmap_links[{i}].action", link.action) for i, link in enumerate(sections.roadmap_links)]
    yield [(f"call.mandatory_indicators[{i}]", code) for i, code in enumerate(sections.mandatory_indicators)]
    if sections.calendar:
        yield _ids("call.calendar.steps", sections.calendar.steps)
    if sections.rubric:
        yield _ids("call.rubric.criteria", sections.rubric.criteria)
    if sections.selection:
        jury, opinions = sections.selection.jury, sections.selection.instruction_opinions
        yield _ids("call.selection.instruction_opinions", opinions)
        yield [(f"call.selection.jury.composition[{i}].college", row.college) for i, row in enumerate(jury.composition)]
    if sections.funding:
        rules = sections.funding.category_rules
        yield [(f"call.funding.category_rules[{i}].category", rule.category) for i, rule in enumerate(rules)]
    yield from _form(sections)
    yield from _scope(sections)


def _form(sections: Sections) -> Iterator[Named]:
    if not sections.form:
        return
    places = [
        (f"call.form.sections[{i}].fields[{j}]", field)
        for i, section in enumerate(sections.form.sections)
        for j, field in enumerate(section.fields)
    ]
    yield _ids("call.form.sections", sections.form.sections)
    yield [(f"{place}.id", field.id) for place, field in places]
    for place, field in places:
        yield _ids(f"{place}.columns", field.columns)
        yield _ids(f"{place}.options", field.options)


def _scope(sections: Sections) -> Iterator[Named]:
    if sections.scope:
        for name in ("act_types", "target_publics", "zone_types", "territory_levels", "applicant_types"):
            codes: tuple[str, ...] = getattr(sections.scope, name)
            yield [(f"call.scope.{name}[{i}]", code) for i, code in enumerate(codes)]


def _ids(place: str, items: Iterable[object]) -> Named:
    return [(f"{place}[{i}].id", str(getattr(item, "id", ""))) for i, item in enumerate(items)]


def _repeated(named: Named) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for place, identifier in named:
        if identifier in first:
            yield Problem(place, f"« {identifier} » est déjà utilisé à {first[identifier]}.")
        first.setdefault(identifier, place)
