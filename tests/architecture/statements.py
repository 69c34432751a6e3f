"""What the database is asked: statements, the rows they fetch, and the writes among them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, event

WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass(slots=True)
class Heard:
    """The statements of a block, in order, each with the number of rows it fetched or touched."""

    said: list[tuple[str, int]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Return the number of statements."""
        return len(self.said)

    @property
    def rows(self) -> int:
        """Return the number of rows fetched."""
        return sum(rows for statement, rows in self.said if not statement.startswith(WRITES))

    @property
    def writes(self) -> list[str]:
        """Return the statements that write."""
        return [statement for statement, _ in self.said if statement.startswith(WRITES)]

    def __str__(self) -> str:
        return "\n".join(f"{rows:6d}  {' '.join(statement.split())[:400]}" for statement, rows in self.said)


@contextmanager
def listening(connection: Connection) -> Iterator[Heard]:
    """Note what the connection is asked; savepoints are no statements."""
    heard = Heard()

    def note(_connection: Any, cursor: Any, statement: str, *_others: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            heard.said.append((statement, max(0, cursor.rowcount)))

    event.listen(connection, "after_cursor_execute", note)
    try:
        yield heard
    finally:
        event.remove(connection, "after_cursor_execute", note)
