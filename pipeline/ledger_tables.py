"""Tables of the ledger and how records stand in them. Nothing here decides anything."""

from __future__ import annotations

import dataclasses
from sqlite3 import Connection as SqliteConnection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import ConnectionPoolEntry

from pipeline.jobs import Job, Received, RunLine

SCHEMA_VERSION = 1
BUSY_TIMEOUT_S = 10.0
"""How long to wait while another process writes."""

_metadata = sa.MetaData()

jobs = sa.Table(
    "jobs",
    _metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),  # seen, claimed, done, failed, gone
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("assay", sa.Text, nullable=False),
    sa.Column("export_name", sa.Text, nullable=False),
    sa.Column("export_path", sa.Text, nullable=False),
    sa.Column("export_sha256", sa.Text, nullable=False),
    sa.Column("export_size", sa.Integer, nullable=False),
    sa.Column("sheet_name", sa.Text),
    sa.Column("sheet_path", sa.Text),
    sa.Column("sheet_sha256", sa.Text),
    sa.Column("sheet_size", sa.Integer),
    sa.Column("seen_at", sa.Text, nullable=False),
    sa.Column("claimed_at", sa.Text),
    sa.Column("processed_at", sa.Text),  # time in the record: kept over crashes, so that a run id stays
    sa.Column("finished_at", sa.Text),
    sa.Column("filed_at", sa.Text),  # when its files had left the inbox
    sa.Index("jobs_by_state", "state"),
    sa.Index("jobs_by_content", "export_sha256"),
)

runs = sa.Table(
    "runs",
    _metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("job_key", sa.Text, sa.ForeignKey("jobs.key"), nullable=False),
    sa.Column("plate", sa.Text, nullable=False),
    sa.Column("assay", sa.Text, nullable=False),
    sa.Column("export", sa.Text, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("processed_at", sa.Text, nullable=False),
    sa.Column("samples", sa.Integer, nullable=False),
    sa.Column("repeats", sa.Integer, nullable=False),
    sa.Column("supersedes", sa.Text),
    sa.Column("code", sa.Text),
    sa.Column("message", sa.Text),
    sa.Column("action", sa.Text),
    sa.Index("runs_by_job", "job_key"),
    sa.Index("runs_by_name", "export", "assay"),
)

events = sa.Table(
    "events",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("job_key", sa.Text),
    sa.Column("run_id", sa.Text),
)

_APPEND_ONLY = """
CREATE TRIGGER IF NOT EXISTS events_no_{verb} BEFORE {verb} ON events
BEGIN SELECT RAISE(ABORT, 'the day log is append-only'); END
"""


def prepare(engine: sa.Engine) -> None:
    """Make every connection durable, and every transaction hold the write lock from its start."""

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: SqliteConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # SQLAlchemy begins and ends transactions, not the driver
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def create(connection: sa.Connection) -> int:
    """Make what is missing in a new ledger; returns the ledger's schema version."""
    version: int = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if version:
        return version
    _metadata.create_all(connection)
    for verb in ("UPDATE", "DELETE"):
        connection.exec_driver_sql(_APPEND_ONLY.format(verb=verb))
    connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")
    return SCHEMA_VERSION


def job_values(job: Job) -> dict[str, Any]:
    """Columns that say where the files of a job are."""
    values: dict[str, Any] = {"assay": job.assay, **_received_values("export", job.export)}
    return values | _received_values("sheet", job.sheet)


def job_of(row: sa.Row[Any]) -> Job:
    """Read a job back."""
    export = Received(row.export_name, row.export_path, row.export_sha256, row.export_size)
    sheet = None
    if row.sheet_name is not None:
        sheet = Received(row.sheet_name, row.sheet_path, row.sheet_sha256, row.sheet_size)
    return Job(row.key, row.assay, export, sheet)


def run_values(line: RunLine, job_key: str) -> dict[str, Any]:
    """Columns of a run."""
    return dataclasses.asdict(line) | {"job_key": job_key}


def line_of(row: sa.Row[Any]) -> RunLine:
    """Read a run back."""
    values = {field.name: getattr(row, field.name) for field in dataclasses.fields(RunLine)}
    return RunLine(**values)


def _received_values(role: str, file: Received | None) -> dict[str, Any]:
    columns = [field.name for field in dataclasses.fields(Received)]
    return {f"{role}_{column}": getattr(file, column) if file else None for column in columns}
