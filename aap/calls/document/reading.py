"""From a file to a validated ``CallBody``: every fault at once, in French, with its place and line.

Each section is validated by itself, so that a fault in one does not hide the faults of another; unknown keys are told
and left out, so that the checks between sections still run.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError, create_model

from aap.calls.document.body import SCHEMA, CallBody
from aap.calls.document.checks import Sections, check, warn
from aap.calls.document.loading import Source, load, refusal
from aap.calls.document.messages import told, unknown_key
from aap.calls.document.shapes import Part
from aap.errors import Problem

ROOT = "call"


def read_call(content: bytes) -> tuple[CallBody, tuple[Problem, ...]]:
    """Read a ``call/1`` file. Returns the document and its warnings (what is odd but admitted).

    Raises:
        InvalidError: with every problem of the file, in the order of its lines.

    """
    source = load(content)
    tree = _call_tree(source)
    values, problems = _validated(tree)
    sections = Sections(values)
    problems += check(sections)
    if problems:
        raise refusal([source.located(problem) for problem in dict.fromkeys(problems)])
    body = CallBody.model_validate({name: value for name, value in values.items() if name in tree})
    return body, tuple(source.located(problem) for problem in warn(sections))


def _call_tree(source: Source) -> dict[str, Any]:
    tree = source.tree
    if not isinstance(tree, dict) or not isinstance(tree.get(ROOT), dict):
        raise refusal(
            [Problem("", f"Le document s'écrit « schema: {SCHEMA} » puis « {ROOT}: », avec ses rubriques.", 1)]
        )
    problems = [
        Problem(str(key), "Clé inconnue à la racine : seules schema et call sont attendues.", source.line(str(key)))
        for key in tree
        if key not in {"schema", ROOT}
    ]
    if tree.get("schema") != SCHEMA:
        problems.append(Problem("schema", f"Le schéma attendu est « {SCHEMA} ».", source.line("schema")))
    if problems:
        raise refusal(problems)
    return {str(key): value for key, value in tree[ROOT].items()}


def _validated(tree: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Validate each section; a section that cannot be read is absent from the result."""
    known = CallBody.model_fields
    problems = [Problem(f"{ROOT}.{key}", unknown_key(key, list(known))) for key in tree if key not in known]
    values: dict[str, Any] = {}
    for name, info in known.items():
        if name in tree:
            problems += _read_section(name, tree[name], values)
        elif info.is_required():
            problems.append(Problem(ROOT, f"La clé « {name} » manque."))
        else:
            values[name] = info.get_default(call_default_factory=True)
    return values, problems


def _read_section(name: str, data: Any, values: dict[str, Any]) -> list[Problem]:
    """Validate a section into ``values`` and return its problems; unknown keys alone do not prevent reading it."""
    model = _model_of(name)
    try:
        values[name] = getattr(model.model_validate({name: data}), name)
    except ValidationError as error:
        faults = error.errors(include_url=False)
    else:
        return []
    problems = [problem for fault in faults for problem in told(fault, (ROOT,), model)]
    unknown = [fault["loc"] for fault in faults if fault["type"] == "extra_forbidden"]
    if len(unknown) == len(faults):
        cleaned = {name: deepcopy(data)}
        for location in unknown:
            _remove(cleaned, location)
        try:
            values[name] = getattr(model.model_validate(cleaned), name)
        except ValidationError:
            return problems
    return problems


@cache
def _model_of(name: str) -> type[BaseModel]:
    """Return a model of one field: the section alone."""
    info = CallBody.model_fields[name]
    fields: dict[str, Any] = {name: (info.annotation, info)}
    return create_model(f"Section_{name}", __base__=Part, **fields)


def _remove(tree: Any, location: tuple[int | str, ...]) -> None:
    for step in location[:-1]:
        tree = tree[step]
    tree.pop(location[-1], None)
