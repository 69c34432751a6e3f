"""A list of points to answer one by one: checklist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from aap.errors import Problem
from aap.forms.fields.choices import NOT_OFFERED, option_label
from aap.forms.fields.cleaning import clean_line, text_from_json
from aap.forms.fields.field_type import Column, DisplayTable, FieldType, Parsed, Raw, UnreadableError, Written
from aap.forms.spec import FieldSpec, Option
from aap.referentials.vocabularies import vocabulary


class ChecklistType(FieldType[Mapping[str, str]]):
    """Points to answer one by one; inputs are ``{field}-{point}``. The options of the field are the points."""

    name = "checklist"
    title = "Liste de points à vérifier"

    @property
    def answers(self) -> tuple[Option, ...]:
        """Return the answers a point may receive."""
        return tuple(Option(term.code, term.label) for term in vocabulary("checklist_answers").terms)

    @override
    def parse(self, spec: FieldSpec, raw: Raw) -> Parsed[Mapping[str, str]]:
        """Read the answer of each point of the list."""
        typed: Written = {}
        value: dict[str, str] = {}
        problems = []
        for point in spec.options:
            name = f"{spec.id}-{point.value}"
            text = (tuple(raw.get(name, ())) or ("",))[-1]
            typed[name] = (text,)
            try:
                answer = clean_line(text)
            except UnreadableError as error:
                problems.append(Problem(name, error.message))
                continue
            if answer:
                value[point.value] = answer
        return Parsed(None if problems else value or None, tuple(problems), typed)

    @override
    def written(self, spec: FieldSpec, value: Mapping[str, str] | None) -> Written:
        """Return the answer of each point."""
        given = value or {}
        return {f"{spec.id}-{point.value}": (given.get(point.value, ""),) for point in spec.options}

    @override
    def to_json(self, spec: FieldSpec, value: Mapping[str, str]) -> Any:
        """Return ``{point: answer}``."""
        return dict(value)

    @override
    def from_json(self, spec: FieldSpec, value: Any) -> Mapping[str, str]:
        """Read ``{point: answer}``; YAML reads a bare ``oui`` as text, a bare ``yes`` as a boolean."""
        if not isinstance(value, Mapping):
            raise UnreadableError("Une réponse par point est attendue.")
        given = {True: "oui", False: "non"}
        return {
            text_from_json(point): given[answer] if isinstance(answer, bool) else text_from_json(answer)
            for point, answer in value.items()
        }

    @override
    def empty(self, value: Mapping[str, str] | None) -> bool:
        """Tell whether no point has an answer."""
        return not value

    @override
    def missing(self, spec: FieldSpec, value: Mapping[str, str] | None) -> tuple[Problem, ...]:
        """Ask for each point without an answer."""
        if not spec.required:
            return ()
        given = value or {}
        return tuple(
            Problem(f"{spec.id}-{point.value}", f"Répondez au point « {point.label} ».")
            for point in spec.options
            if not given.get(point.value)
        )

    @override
    def check(self, spec: FieldSpec, value: Mapping[str, str]) -> tuple[Problem, ...]:
        """Report unknown points and answers."""
        allowed = {answer.value for answer in self.answers}
        return tuple(
            Problem(f"{spec.id}-{point}", NOT_OFFERED)
            for point, answer in value.items()
            if answer not in allowed or spec.option(point) is None
        )

    @override
    def show(self, spec: FieldSpec, value: Mapping[str, str]) -> str:
        """Return one line per point."""
        return "\n".join(f"{point} : {answer}" for point, answer in self._lines(spec, value))

    @override
    def table(self, spec: FieldSpec, value: Mapping[str, str] | None) -> tuple[DisplayTable, ...]:
        """Return the points and their answers."""
        if not value:
            return ()
        columns = (Column("point", "Point", numeric=False), Column("answer", "Réponse", numeric=False))
        return (DisplayTable(spec.label, columns, tuple(self._lines(spec, value))),)

    def _lines(self, spec: FieldSpec, value: Mapping[str, str]) -> list[tuple[str, str]]:
        order = {option.value: place for place, option in enumerate(spec.options)}
        points = sorted(value, key=lambda point: order.get(point, len(order)))
        words = vocabulary("checklist_answers")
        return [(option_label(spec, point), words.label(value[point])) for point in points]
