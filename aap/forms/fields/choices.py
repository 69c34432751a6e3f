"""Choices: yesno, checkbox, select, multiselect, and the keys of rows of another table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from aap.errors import Problem
from aap.forms.fields.cleaning import browser_length, clean_line, text_from_json
from aap.forms.fields.field_type import (
    FieldType,
    Parsed,
    Raw,
    ScalarType,
    UnreadableError,
    Written,
)
from aap.forms.spec import FieldSpec
from aap.french import plural
from aap.referentials.vocabularies import readable

OTHER = "autre"
OTHER_SUFFIX = "-autre"  # the input that says which other
_YES = frozenset({"yes", "oui", "true", "on", "y", "1"})
_NO = frozenset({"no", "non", "false", "n", "0"})
NOT_OFFERED = "Ce choix n'est pas proposé."


class YesNoType(ScalarType[bool]):
    """Yes or no; neither until the person says so."""

    name = "yesno"
    title = "Oui ou non"

    @override
    def read(self, text: str) -> bool | None:
        """Return the answer."""
        word = clean_line(text).lower()
        if word in _YES:
            return True
        if word in _NO:
            return False
        if word:
            raise UnreadableError("Répondez par oui ou par non.")
        return None

    @override
    def write(self, value: bool) -> str:
        """Return the value of the radio button."""
        return "yes" if value else "no"

    @override
    def to_json(self, spec: FieldSpec, value: bool) -> Any:
        """Return a JSON boolean."""
        return value

    @override
    def from_json(self, spec: FieldSpec, value: Any) -> bool:
        """Return the answer."""
        read = value if isinstance(value, bool) else self.read(value) if isinstance(value, str) else None
        if read is None:
            raise UnreadableError("Oui ou non est attendu.")
        return read

    @override
    def show(self, spec: FieldSpec, value: bool) -> str:
        """Return the answer in French."""
        return "Oui" if value else "Non"


class CheckboxType(YesNoType):
    """A box to tick: a commitment. An unticked box is no answer."""

    name = "checkbox"
    title = "Case à cocher"

    @override
    def write(self, value: bool) -> str:
        """Return the value of a ticked box."""
        return "y" if value else ""

    @override
    def empty(self, value: bool | None) -> bool:
        """Tell whether the box is not ticked."""
        return not value

    @override
    def missing(self, spec: FieldSpec, value: bool | None) -> tuple[Problem, ...]:
        """Ask for the tick."""
        return (Problem(spec.id, "Cochez cette case pour continuer."),) if spec.required and not value else ()

    @override
    def fact(self, value: bool | None) -> Any:
        """Return whether the box is ticked."""
        return bool(value)


class SelectType(ScalarType[str]):
    """One choice of a list."""

    name = "select"
    title = "Liste à choix unique"

    @override
    def read(self, text: str) -> str | None:
        """Return the code."""
        return clean_line(text) or None

    @override
    def write(self, value: str) -> str:
        """Return the code."""
        return value

    @override
    def to_json(self, spec: FieldSpec, value: str) -> Any:
        """Return the code."""
        return value

    @override
    def from_json(self, spec: FieldSpec, value: Any) -> str:
        """Return the code."""
        return text_from_json(value)

    @override
    def show(self, spec: FieldSpec, value: str) -> str:
        """Return the words of the choice."""
        return option_label(spec, value)

    @override
    def check(self, spec: FieldSpec, value: str) -> tuple[Problem, ...]:
        """Report a code that the list does not offer."""
        return () if spec.option(value) else (Problem(spec.id, NOT_OFFERED),)


@dataclass(frozen=True, slots=True)
class Choices:
    """The codes chosen, in the order of the list, and the words given for « autre »."""

    codes: tuple[str, ...] = ()
    other: str = ""


class MultiSelectType(FieldType[Choices]):
    """Several choices of a list; ``{field}-autre`` holds the words of « autre » when the list offers it."""

    name = "multiselect"
    title = "Liste à choix multiples"

    @override
    def parse(self, spec: FieldSpec, raw: Raw) -> Parsed[Choices]:
        """Read the ticked codes, each once, in the order of the list."""
        sent = tuple(raw.get(spec.id, ()))
        words = tuple(raw.get(spec.id + OTHER_SUFFIX, ()))[-1:]
        typed: Written = {spec.id: sent}
        if words or spec.option(OTHER):
            typed[spec.id + OTHER_SUFFIX] = words or ("",)
        try:
            codes = {clean_line(code) for code in sent} - {""}
            other = clean_line(words[0]) if words and OTHER in codes else ""
        except UnreadableError as error:
            return Parsed(None, (Problem(spec.id, error.message),), typed)
        value = Choices(_in_order(spec, codes), other)
        return Parsed(value if value.codes else None, (), typed)

    @override
    def written(self, spec: FieldSpec, value: Choices | None) -> Written:
        """Return the ticked codes and the words of « autre »."""
        chosen = value or Choices()
        written: Written = {spec.id: chosen.codes}
        if spec.option(OTHER) or chosen.other:
            written[spec.id + OTHER_SUFFIX] = (chosen.other,)
        return written

    @override
    def to_json(self, spec: FieldSpec, value: Choices) -> Any:
        """Return ``{"codes": […], "other": "…"}``."""
        return {"codes": list(value.codes), "other": value.other}

    @override
    def from_json(self, spec: FieldSpec, value: Any) -> Choices:
        """Read what ``to_json`` wrote, or the plain list of a document."""
        codes = value.get("codes") if isinstance(value, Mapping) else value
        other = value.get("other", "") if isinstance(value, Mapping) else ""
        if not isinstance(codes, list | tuple):
            raise UnreadableError("Une liste de choix est attendue.")
        return Choices(tuple(dict.fromkeys(text_from_json(code) for code in codes)), text_from_json(other))

    @override
    def empty(self, value: Choices | None) -> bool:
        """Tell whether nothing is chosen."""
        return value is None or not value.codes

    @override
    def show(self, spec: FieldSpec, value: Choices) -> str:
        """Return the words of the choices, separated by commas."""
        words = [option_label(spec, code) for code in value.codes]
        return ", ".join(words) + (f" : {value.other}" if value.other else "")

    @override
    def check(self, spec: FieldSpec, value: Choices) -> tuple[Problem, ...]:
        """Report codes not offered, too few or too many choices, « autre » without words."""
        problems = []
        if any(spec.option(code) is None for code in value.codes):
            problems.append(Problem(spec.id, "Un des choix n'est pas proposé."))
        if spec.min is not None and len(value.codes) < spec.min:
            problems.append(Problem(spec.id, f"Choisissez au moins {plural(int(spec.min), 'réponse')}."))
        if spec.max is not None and len(value.codes) > spec.max:
            problems.append(Problem(spec.id, f"Choisissez au plus {plural(int(spec.max), 'réponse')}."))
        if OTHER in value.codes and not value.other:
            problems.append(Problem(spec.id + OTHER_SUFFIX, "Précisez ce que recouvre « autre »."))
        if browser_length(value.other) > 200:
            problems.append(Problem(spec.id + OTHER_SUFFIX, "Précisez « autre » en 200 caractères au plus."))
        return tuple(problems)

    @override
    def fact(self, value: Choices | None) -> Any:
        """Return the tuple of codes."""
        return () if value is None else value.codes


class KeysType(FieldType[tuple[str, ...]]):
    """The keys of rows of another table (``L01``): several inputs, or one with commas."""

    name = "keys"
    title = "Lignes d'un autre tableau"

    @override
    def parse(self, spec: FieldSpec, raw: Raw) -> Parsed[tuple[str, ...]]:
        """Read the keys, each once."""
        sent = tuple(raw.get(spec.id, ()))
        typed: Written = {spec.id: sent}
        try:
            words = re.split(r"[\s,;]+", clean_line(" ".join(sent)))
        except UnreadableError as error:
            return Parsed(None, (Problem(spec.id, error.message),), typed)
        return Parsed(tuple(dict.fromkeys(word for word in words if word)) or None, (), typed)

    @override
    def written(self, spec: FieldSpec, value: tuple[str, ...] | None) -> Written:
        """Return the keys, one value each."""
        return {spec.id: tuple(value or ())}

    @override
    def to_json(self, spec: FieldSpec, value: tuple[str, ...]) -> Any:
        """Return the list of keys."""
        return list(value)

    @override
    def from_json(self, spec: FieldSpec, value: Any) -> tuple[str, ...]:
        """Return the keys."""
        if not isinstance(value, list | tuple):
            raise UnreadableError("Une liste de lignes est attendue.")
        return tuple(dict.fromkeys(text_from_json(key) for key in value))

    @override
    def show(self, spec: FieldSpec, value: tuple[str, ...]) -> str:
        """Return the keys, separated by commas."""
        return ", ".join(value)


def option_label(spec: FieldSpec, code: str) -> str:
    """Return the words of an option; a code the list does not know is made readable."""
    option = spec.option(code)
    return readable(code) if option is None else option.label


def _in_order(spec: FieldSpec, codes: set[str]) -> tuple[str, ...]:
    listed = [option.value for option in spec.options if option.value in codes]
    return (*listed, *sorted(codes.difference(listed)))
