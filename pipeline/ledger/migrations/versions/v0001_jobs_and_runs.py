"""The first ledger: jobs, runs, and a day log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "jobs",
        sa.Column("key", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("state",)),
        sa.Column("attempts", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("assay", "export_name", "export_path")),
        sa.Column("export_sha256", sa.Text, nullable=False),
        sa.Column("export_size", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("sheet_name", "sheet_path", "sheet_sha256")),
        sa.Column("sheet_size", sa.BigInteger),
        sa.Column("seen_at", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("claimed_at", "processed_at", "finished_at", "filed_at")),
    )
    op.create_index("jobs_by_state", "jobs", ["state"])
    op.create_index("jobs_by_content", "jobs", ["export_sha256"])
    op.create_table(
        "runs",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, unique=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("job_key", sa.Text, sa.ForeignKey("jobs.key"), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("plate", "assay", "export", "verdict")),
        sa.Column("processed_at", sa.Text, nullable=False),
        sa.Column("samples", sa.Integer, nullable=False),
        sa.Column("repeats", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("supersedes", "code", "message", "action")),
    )
    op.create_index("runs_by_job", "runs", ["job_key"])
    op.create_index("runs_by_name", "runs", ["export", "assay"])
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("at", "kind", "text")),
        sa.Column("job_key", sa.Text),
        sa.Column("run_id", sa.Text),
    )
