"""What later stages add to the page of a file: a decision to read, a project to follow.

A stage adds one function to ``LINKS``; the page of a file calls them in order and shows what they return.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aap.applications.models import Application


@dataclass(frozen=True, slots=True)
class FileLink:
    """A place that a file leads to."""

    title: str
    href: str
    text: str = ""


LINKS: list[Callable[[Application], FileLink | None]] = []


def links_of(application: Application) -> list[FileLink]:
    """Return the places that this file leads to now."""
    return [link for link in (make(application) for make in LINKS) if link is not None]
