"""What each run says of the error of a dilution step; runs of older versions say nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "step_errors",
        sa.Column("run", sa.Integer, sa.ForeignKey("runs.number"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("cv_percent", sa.Double, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("grid", "ln")),
    )
