"""Results, reviews and a chained audit trail; the lines of the day log become its first lines."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

RUN_COLUMNS = ("unit", "assay_version", "software", "reader")
AUDIT = ("at", "kind", "text", "job_key", "run_id", "content", "previous", "digest")
SQLITE = """
CREATE TRIGGER audit_no_{verb} BEFORE {verb} ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
"""
POSTGRESQL = """
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$;
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit EXECUTE FUNCTION audit_stays();
"""


def upgrade() -> None:
    """Make the tables and carry the day log over."""
    for name in RUN_COLUMNS:
        op.add_column("runs", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.add_column("runs", sa.Column("replaced_by", sa.Text))
    op.add_column("runs", sa.Column("review", sa.Text))
    op.add_column("runs", sa.Column("not_reportable", sa.Integer, nullable=False, server_default="0"))
    op.add_column("runs", sa.Column("entered", sa.Integer, nullable=False, server_default="0"))
    op.create_index("runs_of_assay", "runs", ["assay", "verdict", "replaced_by"])
    for table, columns in _of_run().items():
        run = sa.Column("run", sa.Integer, sa.ForeignKey("runs.number"), primary_key=True)
        op.create_table(table, run, sa.Column("position", sa.Integer, primary_key=True), *columns)
    op.create_index("controls_by_name", "controls", ["assay", "name", "lot", "measure", "run"])
    op.create_index("samples_by_id", "samples", ["sample_id"])
    op.create_table("owner", sa.Column("workspace", sa.Text, primary_key=True))
    _reviews()
    _audit()


def _of_run() -> dict[str, tuple[sa.Column[Any], ...]]:
    """Fresh columns: a column object belongs to one table."""
    return {
        "files": _texts("role", "name", "sha256"),
        "findings": (
            *_texts("rule", "subject", "verdict"),
            sa.Column("observed", sa.Text),
            sa.Column("limit", sa.Double),
            *_texts("unit", "message"),
        ),
        "controls": (
            *_texts("assay", "name", "lot", "measure"),
            sa.Column("value", sa.Double),
            sa.Column("reason", sa.Text),
            sa.Column("accepted", sa.Integer, nullable=False),
        ),
        "quantities": (
            *_texts("name", "lot", "measure"),
            sa.Column("value", sa.Double),
            sa.Column("reason", sa.Text),
        ),
        "curve_parameters": (
            *_texts("antigen", "model", "parameter"),
            sa.Column("value", sa.Double, nullable=False),
            *_numbers("se", "low", "high"),
        ),
        "samples": (
            *_texts("slot", "sample_id"),
            sa.Column("patient_code", sa.Text),
            *_texts("classification"),
            sa.Column("reportable", sa.Integer, nullable=False),
            *_numbers("titer", "titer_low", "titer_high"),
            *_texts("unit", "qualifier", "hnk1"),
        ),
    }


def _texts(*names: str) -> tuple[sa.Column[Any], ...]:
    return tuple(sa.Column(name, sa.Text, nullable=False) for name in names)


def _numbers(*names: str) -> tuple[sa.Column[Any], ...]:
    """Where a number is absent there is none."""
    return tuple(sa.Column(name, sa.Double) for name in names)


def _reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("run", sa.Integer, sa.ForeignKey("runs.number"), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("at", "reviewer", "decision", "reason")),
    )
    op.create_index("reviews_by_run", "reviews", ["run"])


def _audit() -> None:
    optional = ("job_key", "run_id", "content")
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=name in optional) for name in AUDIT),
    )
    op.create_index("audit_by_job", "audit", ["job_key"])
    op.create_index("audit_by_run", "audit", ["run_id"])
    _carry_over()
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(SQLITE.format(verb=verb))
    else:
        op.execute(POSTGRESQL)


def _carry_over() -> None:
    """As the program chains lines; written out here, because a migration must not change with the program."""
    connection, previous = op.get_bind(), "0" * 64
    audit = sa.table("audit", sa.column("number"), *map(sa.column, AUDIT))
    for number, line in enumerate([*_events(connection), *_jobs(connection)], start=1):
        values = {"number": number, **line, "previous": previous}
        previous = _digest(values)
        connection.execute(audit.insert().values(**values, digest=previous))
    op.drop_table("events")


def _events(connection: sa.Connection) -> list[dict[str, Any]]:
    """The day log as it was."""
    rows = connection.execute(sa.text("SELECT at, kind, text, job_key, run_id FROM events ORDER BY id"))
    return [{**row, "content": None} for row in rows.mappings()]


def _jobs(connection: sa.Connection) -> list[dict[str, Any]]:
    """The jobs as they stand, each with the digest of its row."""
    rows = connection.execute(sa.text("SELECT * FROM jobs ORDER BY seen_at, key")).mappings().all()
    return [
        {
            "at": row["finished_at"] or row["seen_at"],
            "kind": "job",
            "text": row["state"],
            "job_key": row["key"],
            "run_id": None,
            "content": _digest(dict(row)),
        }
        for row in rows
    ]


def _digest(values: dict[str, Any]) -> str:
    text = json.dumps(values, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
