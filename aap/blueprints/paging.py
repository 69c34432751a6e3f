"""Pages of a list, as the pagination component wants them: addresses keep the filters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from flask import request, url_for

LAST_PAGE = 1_000_000  # further than any list goes; what is beyond is no number for the database


def asked_page() -> int:
    """Return the page that the address asks for: at least 1, and never a number that a database refuses."""
    return min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)


class Paged(Protocol):
    """A page of frozen rows, as queries return it."""

    @property
    def page(self) -> int:
        """Return the page's number, from 1."""
        ...

    @property
    def per_page(self) -> int:
        """Return the number of rows of a full page."""
        ...

    @property
    def total(self) -> int:
        """Return the number of rows of the whole list."""
        ...


@dataclass(frozen=True, slots=True)
class Pages:
    """What the pagination component reads."""

    page: int
    pages: int
    total: int
    href: Callable[[int], str]

    @classmethod
    def of(cls, rows: Paged) -> Pages:
        """Build the pages of the current address."""
        endpoint = request.endpoint or ""
        kept = {**(request.view_args or {}), **request.args.to_dict(flat=False)}
        kept.pop("page", None)
        return cls(
            page=rows.page,
            pages=max(1, -(-rows.total // rows.per_page)),
            total=rows.total,
            href=lambda number: url_for(endpoint, **{**kept, "page": number}),
        )

    @property
    def prev_href(self) -> str | None:
        """Return the previous page's address, if any."""
        return self.href(self.page - 1) if self.page > 1 else None

    @property
    def next_href(self) -> str | None:
        """Return the next page's address, if any."""
        return self.href(self.page + 1) if self.page < self.pages else None
