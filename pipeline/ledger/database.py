"""The database under the ledger: SQLite in a file, or PostgreSQL by URL; its schema by migrations.

One writer at a time: a writing transaction takes the lock of the whole ledger at its start, so that what it
read is still true when it writes and the audit trail has no fork. Readers see the state at their start and
wait for nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from pipeline.errors import LedgerError

BUSY_TIMEOUT_S = 10.0
"""How long to wait while another process writes."""

REVISIONS = ("0001", "0002", "0003", "0004")
"""Migrations in their order; the last is what this program works with."""

_LOCK = 0x7469746572
"""PostgreSQL's advisory lock of the ledger: 'titer' in ASCII."""

_READS = {"titerline_reads": True}


def ledger_url(place: Path | str) -> sa.URL:
    """URL of a ledger: a path is a file of SQLite; text is a URL of SQLAlchemy, PostgreSQL by psycopg."""
    if isinstance(place, Path):
        return sa.URL.create("sqlite", database=str(place))
    try:
        url = sa.make_url(place)
    except SQLAlchemyError as error:
        raise LedgerError("the setting 'ledger' is not the URL of a database") from error
    return url.set(drivername="postgresql+psycopg") if url.get_backend_name() == "postgresql" else url


class Database:
    """Open a database, bringing its schema up to date.

    Raises:
        LedgerError: when it cannot be opened, or is of a newer version.
    """

    def __init__(self, url: sa.URL, *, upgrade: bool = True) -> None:
        """Connect and check the version; without ``upgrade`` nothing is made or changed."""
        self._name = Path(url.database or "").name or url.host or "ledger"
        self._engine = _engine(url)
        try:
            self._bring_up_to_date(upgrade=upgrade)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Open a transaction that keeps all other writers out."""
        with _told(), self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Open a transaction that sees one state and changes nothing."""
        with _told(), self._engine.connect().execution_options(**_READS) as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(  # noqa: PLW2901 - the same connection
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin():
                yield connection

    def _bring_up_to_date(self, *, upgrade: bool) -> None:
        with self.reading() as connection:
            version = _version(connection)
        if version == REVISIONS[-1]:
            return
        if version is not None and version not in REVISIONS:
            msg = f"{self._name} has version {version}, this titerline knows {REVISIONS[-1]}"
            raise LedgerError(msg)
        if not upgrade:
            msg = f"{self._name} is new or of an older version; nothing was changed in it"
            raise LedgerError(msg)
        with self.writing() as connection:
            _migrate(connection)


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        # Prepared statements would be planned once for all values, which reads whole tables for a few rows.
        return sa.create_engine(url, pool_pre_ping=True, connect_args={"prepare_threshold": None})
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: SqliteConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # SQLAlchemy begins and ends transactions, not the driver
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        reads = connection.get_execution_options().get("titerline_reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        msg = f"the ledger cannot be used: {error.__cause__ or error}"
        raise LedgerError(msg) from error


def _version(connection: sa.Connection) -> str | None:
    """Revision of the schema; None for an empty database."""
    tables = sa.inspect(connection).get_table_names()
    if "alembic_version" in tables:
        found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        return found
    if connection.dialect.name != "sqlite":
        return None
    number: int = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    return f"{number:04}" if number else None  # the first ledgers counted there


def _migrate(connection: sa.Connection) -> None:
    """Run what is missing, inside the caller's transaction; another process may have been faster."""
    from alembic import command  # noqa: PLC0415 - half of it is only needed by a new or an old ledger
    from alembic.config import Config  # noqa: PLC0415 - the same

    version = _version(connection)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    if version == REVISIONS[0] and not sa.inspect(connection).has_table("alembic_version"):
        command.stamp(config, REVISIONS[0])
    if version != REVISIONS[-1]:
        command.upgrade(config, "head")
