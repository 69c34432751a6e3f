"""Many more rows at once: copies of everything that hangs on some tables, written by the database itself."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, Connection, Integer, Table, UniqueConstraint, Uuid, text

from aap.db import Base


class Press:
    """Copies the rows that exist now in ``root`` and in every table that refers to it, as often as asked.

    The copy number n of a row has the identifier md5(identifier, n): references between copied rows follow by
    themselves. What must be unique and is not a reference gets "-n".
    """

    def __init__(
        self, connection: Connection, root: str, *, only: Sequence[str] = (), apart: Sequence[str] = ()
    ) -> None:
        """Remember the originals. ``only`` these tables are followed, every one that refers when none is named."""
        self._connection = connection
        self._tables = _hanging_on(root, only, apart)
        self._made = 0
        for table in self._tables:
            connection.execute(text(f"CREATE TEMPORARY TABLE original_{table.name} AS SELECT * FROM {table.name}"))  # noqa: S608  # names of our own tables

    def copy(self, times: int) -> None:
        """Make ``times`` more copies of everything."""
        first, self._made = self._made + 1, self._made + times
        for table in self._tables:
            named = [column for column in table.columns if not _numbered(column)]
            values = ", ".join(self._value(table, column) for column in named)
            columns = ", ".join(column.name for column in named)
            numbers = f"generate_series({first}, {self._made}) AS twin"
            source = f"SELECT {values} FROM original_{table.name} AS row, {numbers}"  # noqa: S608  # our own tables
            self._connection.execute(text(f"INSERT INTO {table.name} ({columns}) {source}"))
            self._connection.execute(text(f"ANALYZE {table.name}"))  # nothing else tells the planner

    def _value(self, table: Table, column: Column[object]) -> str:
        """Return the SQL of a column's value in copy number ``twin``."""
        value = f"row.{column.name}"
        if self._follows(column):
            return f"CAST(md5({value} || '/' || twin) AS uuid)"
        return f"{value} || '-' || twin" if column in self._suffixed(table) else value

    def _follows(self, column: Column[object]) -> bool:
        refers = any(key.column.table in self._tables for key in column.foreign_keys)
        return isinstance(column.type, Uuid) and (refers or (column.primary_key and not column.foreign_keys))

    def _suffixed(self, table: Table) -> list[Column[object]]:
        """Return one text column of each uniqueness that holds no reference to a copied row."""
        found: list[Column[object]] = []
        held = [list(one.columns) for one in table.constraints if isinstance(one, UniqueConstraint)]
        held += [list(one.columns) for one in table.indexes if one.unique]
        for columns in held:
            texts = [column for column in columns if column.type.python_type is str and not column.foreign_keys]
            if texts and not any(self._follows(column) for column in columns):
                found.append(texts[-1])
        return found


def _numbered(column: Column[object]) -> bool:
    """Tell whether the database numbers the column by itself."""
    return column.primary_key and isinstance(column.type, Integer) and column.autoincrement is True


def _hanging_on(root: str, only: Sequence[str], apart: Sequence[str]) -> list[Table]:
    found = {Base.metadata.tables[root]}
    for table in Base.metadata.sorted_tables:
        refers = any(key.column.table in found for key in table.foreign_keys)
        if refers and (not only or table.name in only) and table.name not in apart:
            found.add(table)
    return [table for table in Base.metadata.sorted_tables if table in found]
