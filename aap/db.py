"""The database: typed Base, naming convention, UTC and money types, unit of work, news after commit.

SQLite serves trials and PostgreSQL production; what differs between them stays in this module.
"""

from __future__ import annotations

import enum
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Engine,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column
from sqlalchemy.orm.exc import StaleDataError

from aap.errors import AapError, ConflictError, StaleError

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import Dialect

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC. SQLite drops the zone: it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive instant, and store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "naive datetimes are not stored"
            raise ValueError(message)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # signature of TypeDecorator
        """Return an aware UTC instant on every backend."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Exact(TypeDecorator[Decimal]):
    """An exact decimal of any precision (weights, marks, targets, measures): never a float on any backend.

    PostgreSQL stores NUMERIC without scale; SQLite has no exact type, so the text itself is kept there.
    """

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Choose text on SQLite, NUMERIC elsewhere."""
        return dialect.type_descriptor(String(60) if dialect.name == "sqlite" else Numeric(asdecimal=True))

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> Any:
        """Accept Decimal and int only."""
        if value is None:
            return None
        if not isinstance(value, Decimal | int):
            message = f"exact columns take Decimal or int, not {type(value).__name__}"
            raise TypeError(message)
        return f"{Decimal(value):f}" if dialect.name == "sqlite" else Decimal(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:  # noqa: ARG002  # signature of TypeDecorator
        """Return a Decimal, or None."""
        return None if value is None else Decimal(value)


class MoneyType(TypeDecorator[Decimal]):
    """Euros to the cent, NUMERIC(14, 2). SQLite stores integer cents, so that sums there stay exact too."""

    impl = Numeric(14, 2)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Choose integer cents on SQLite, NUMERIC(14, 2) elsewhere."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else Numeric(14, 2))

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> Any:
        """Refuse floats and fractions of a cent."""
        if value is None:
            return None
        if not isinstance(value, Decimal | int):
            message = f"money takes Decimal or int, not {type(value).__name__}"
            raise TypeError(message)
        cents = Decimal(value) * 100
        if cents != cents.to_integral_value():
            message = f"money is exact to the cent: {value}"
            raise ValueError(message)
        return int(cents) if dialect.name == "sqlite" else Decimal(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Return euros with two decimals."""
        if value is None:
            return None
        return Decimal(value) / 100 if dialect.name == "sqlite" else Decimal(value)


Money = Annotated[Decimal, mapped_column(MoneyType())]
ExactDecimal = Annotated[Decimal, mapped_column(Exact())]
Document = Annotated[dict[str, Any], mapped_column(JSON().with_variant(JSONB(), "postgresql"))]
Str20 = Annotated[str, mapped_column(String(20))]
Str40 = Annotated[str, mapped_column(String(40))]
Str80 = Annotated[str, mapped_column(String(80))]
Str200 = Annotated[str, mapped_column(String(200))]
Str400 = Annotated[str, mapped_column(String(400))]
LongText = Annotated[str, mapped_column(Text())]
Sequence_ = Annotated[
    int, mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True)
]


class Base(DeclarativeBase):
    """Base of every table: typed columns, named constraints, text enums with their CHECK."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        uuid.UUID: Uuid(),
        str: Text(),
        enum.Enum: Enum(
            enum.Enum,
            native_enum=False,
            create_constraint=True,
            length=40,
            values_callable=lambda members: [member.value for member in members],
        ),
    }


class Identified:
    """Mixin: a random identifier as primary key, safe to show in an address."""

    id: Mapped[uuid.UUID] = mapped_column(Uuid(), primary_key=True, default=uuid.uuid4)


class Versioned:
    """Mixin: optimistic lock. A flush over a row somebody else changed raises ``StaleError`` from the unit of work."""

    lock_version: Mapped[int] = mapped_column(Integer, nullable=False)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805  # a declared_attr receives the class
        return {"version_id_col": cls.lock_version}


def fk(target: str, *, ondelete: str = "RESTRICT", index: bool = True) -> Any:
    """Declare a foreign key column: RESTRICT by default, because nothing cascades into history."""
    return mapped_column(ForeignKey(target, ondelete=ondelete), index=index)


# On a connection that already has a transaction (a test's), a session works inside savepoints; on an engine, as usual.
db = SQLAlchemy(metadata=Base.metadata, session_options={"join_transaction_mode": "create_savepoint"})
migrate = Migrate()

# Unsafe HTTP methods and jobs take SQLite's write lock at BEGIN: a later upgrade from a read lock fails at once
# with "database is locked" instead of waiting.
_write_intent: ContextVar[bool] = ContextVar("write_intent", default=False)


@contextmanager
def writing() -> Iterator[None]:
    """Announce that transactions begun in this block will write."""
    token = _write_intent.set(True)
    try:
        yield
    finally:
        _write_intent.reset(token)


@contextmanager
def released() -> Iterator[None]:
    """Do slow work that writes no row (a merge, an analysis, a mail) without SQLite's write lock.

    Everybody who saves waits for that lock. To be used before the unit of work has written anything; rows read again
    afterwards may have changed. PostgreSQL, where a reader holds nobody back, keeps its transaction and the lock of
    the promise being delivered.

    """
    session = db.session()
    if session.get_bind().dialect.name != "sqlite":
        yield
        return
    if session.new or session.dirty or session.deleted:
        message = "the lock is released before anything is written"
        raise RuntimeError(message)
    session.commit()
    token = _write_intent.set(False)
    try:
        yield
        session.commit()
    finally:
        _write_intent.reset(token)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(dbapi_connection: Any, _record: object) -> None:
    if type(dbapi_connection).__module__.startswith("sqlite3"):
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=10000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _write_intent.get() else "BEGIN DEFERRED")


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """Run one service call in one transaction: commit, or roll everything back.

    What ``after_commit`` registered runs once the commit has succeeded, never before, never after a rollback.

    Raises:
        StaleError: somebody else changed a row of this unit meanwhile.
        ConflictError: a constraint refused the data and no service had named the reason.

    """
    with writing():
        session = db.session()
        try:
            yield session
            session.commit()
        except StaleDataError as error:
            session.rollback()
            session.info.pop("after_commit", None)
            message = "Quelqu'un d'autre a enregistré une modification entre-temps. Relisez avant de recommencer."
            raise StaleError(message) from error
        except IntegrityError as error:
            session.rollback()
            session.info.pop("after_commit", None)
            message = "Cet enregistrement contredit une donnée déjà présente."
            raise ConflictError(message, code=constraint_of(error)) from error
        except BaseException:
            session.rollback()
            session.info.pop("after_commit", None)
            raise
    for effect in session.info.pop("after_commit", []):
        effect()


def after_commit(effect: Callable[[], None]) -> None:
    """Register an effect of the current unit of work, run only if it commits."""
    db.session().info.setdefault("after_commit", []).append(effect)


@contextmanager
def refusing(refusals: Mapping[str, AapError]) -> Iterator[None]:
    """Turn the violation of a named constraint into the domain error given for it.

    The block runs in a savepoint, so that the rest of the unit of work survives the refusal.
    """
    session = db.session()
    try:
        with session.begin_nested():
            yield
            session.flush()
    except IntegrityError as error:
        refusal = refusals.get(constraint_of(error))
        if refusal is None:
            raise
        raise refusal from error


def constraint_of(error: IntegrityError) -> str:
    """Return the name of the violated constraint, or an empty string when the backend does not tell.

    PostgreSQL names it. SQLite names CHECKs, gives the columns of a UNIQUE and says nothing of a foreign key.
    """
    diagnostic = getattr(error.orig, "diag", None)
    if diagnostic is not None:
        return str(diagnostic.constraint_name or "")
    text = str(error.orig)
    kind, _, detail = text.partition(" constraint failed: ")
    if kind == "CHECK":
        return detail
    if kind == "UNIQUE":
        return _unique_name(detail)
    return ""


def _unique_name(detail: str) -> str:
    if detail.startswith("index "):
        return detail.removeprefix("index ").strip("'")
    columns = [part.strip().partition(".") for part in detail.split(",")]
    table = Base.metadata.tables.get(columns[0][0])
    names = {column for _, _, column in columns}
    if table is None:
        return ""
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint) and {c.name for c in constraint.columns} == names:
            return str(constraint.name)
    for index in table.indexes:
        if isinstance(index, Index) and index.unique and {c.name for c in index.columns} == names:
            return str(index.name)
    return str(table.primary_key.name) if {c.name for c in table.primary_key.columns} == names else ""
