"""Writing a tree as YAML that a person can read and our loader reads back to the same values."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import yaml

from aap.calls.document.body import SCHEMA

_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


WIDTH = 118  # columns


class _Writer(_DUMPER):  # type: ignore[misc]  # the C dumper is chosen at run time
    """Block style, short lists and mappings inline, numbers with their own digits, no alias."""

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> Any:  # noqa: FBT001  # PyYAML
        node = super().represent_sequence(tag, sequence, flow_style)
        node.flow_style = node.flow_style and sum(len(item.value) + 2 for item in node.value) < WIDTH
        return node

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> Any:  # noqa: FBT001  # PyYAML
        node = super().represent_mapping(tag, mapping, flow_style)
        length = sum(len(key.value) + len(value.value) + 4 for key, value in node.value)
        node.flow_style = node.flow_style and length < 2 * WIDTH
        return node

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # signature of PyYAML
        return True


def _decimal(writer: Any, value: Decimal) -> Any:
    tag = "int" if value.as_tuple().exponent == 0 else "float"
    return writer.represent_scalar(f"tag:yaml.org,2002:{tag}", f"{value:f}")


def _day(writer: Any, value: date) -> Any:
    return writer.represent_scalar("tag:yaml.org,2002:timestamp", value.isoformat())


_Writer.add_representer(Decimal, _decimal)
_Writer.add_representer(date, _day)


def dump(tree: dict[str, Any]) -> bytes:
    """Write the tree under ``call:`` as a ``call/1`` file in UTF-8."""
    text: str = yaml.dump(
        {"schema": SCHEMA, "call": tree},
        Dumper=_Writer,
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=None,
        width=WIDTH,
    )
    return text.encode()
