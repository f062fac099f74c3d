"""Tables of the ledger, as the newest migration leaves them. Nothing here decides anything.

``jobs`` is the journal of the inbox. ``runs`` and the tables below it are views of the result folders and
can be made again from them; 0 and 1 are numbers there, so that no other value passes for one of them.
``reviews`` are people's decisions. ``audit`` only grows, each line chained to the one before it.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),  # seen, claimed, done, failed, gone
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("assay", sa.Text, nullable=False),
    sa.Column("export_name", sa.Text, nullable=False),
    sa.Column("export_path", sa.Text, nullable=False),
    sa.Column("export_sha256", sa.Text, nullable=False),
    sa.Column("export_size", sa.BigInteger, nullable=False),
    sa.Column("sheet_name", sa.Text),
    sa.Column("sheet_path", sa.Text),
    sa.Column("sheet_sha256", sa.Text),
    sa.Column("sheet_size", sa.BigInteger),
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
    metadata,
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
    sa.Column("repeats", sa.Integer, nullable=False),  # samples on the worklist
    sa.Column("supersedes", sa.Text),
    sa.Column("code", sa.Text),
    sa.Column("message", sa.Text),
    sa.Column("action", sa.Text),
    sa.Column("unit", sa.Text, nullable=False, server_default=""),
    sa.Column("assay_version", sa.Text, nullable=False, server_default=""),
    sa.Column("software", sa.Text, nullable=False, server_default=""),
    sa.Column("reader", sa.Text, nullable=False, server_default=""),
    sa.Column("replaced_by", sa.Text),  # id of the run that superseded it and was not rejected
    sa.Column("not_reportable", sa.Integer, nullable=False, server_default="0"),
    sa.Column("review", sa.Text),  # the last decision of a person
    sa.Column(
        "entered", sa.Integer, nullable=False, server_default=sa.false()
    ),  # are the tables below filled?
    sa.Index("runs_by_job", "job_key"),
    sa.Index("runs_by_name", "export", "assay"),
    sa.Index("runs_of_assay", "assay", "verdict", "replaced_by"),
)


def _of_run(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    """A table of facts of a run: ``position`` is their order in the record."""
    return sa.Table(
        name,
        metadata,
        sa.Column("run", sa.Integer, sa.ForeignKey("runs.number"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        *columns,
    )


files = _of_run(
    "files",
    sa.Column("role", sa.Text, nullable=False),  # export, sheet, definition, result
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
)

findings = _of_run(
    "findings",
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("observed", sa.Text),
    sa.Column("limit", sa.Double),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
)

controls = _of_run(
    "controls",
    sa.Column("assay", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("lot", sa.Text, nullable=False),  # empty where none is known
    sa.Column("measure", sa.Text, nullable=False),  # ln (of the titer) or OD
    sa.Column("value", sa.Double),
    sa.Column("reason", sa.Text),
    sa.Column("accepted", sa.Integer, nullable=False),  # was the run not rejected?
    sa.Index("controls_by_name", "assay", "name", "lot", "measure", "run"),
)

quantities = _of_run(
    "quantities",
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("lot", sa.Text, nullable=False),
    sa.Column("measure", sa.Text, nullable=False),
    sa.Column("value", sa.Double),
    sa.Column("reason", sa.Text),
)

curve_parameters = _of_run(
    "curve_parameters",
    sa.Column("antigen", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("parameter", sa.Text, nullable=False),
    sa.Column("value", sa.Double, nullable=False),
    sa.Column("se", sa.Double),
    sa.Column("low", sa.Double),  # 95 % interval
    sa.Column("high", sa.Double),
)

samples = _of_run(
    "samples",
    sa.Column("slot", sa.Text, nullable=False),
    sa.Column("sample_id", sa.Text, nullable=False),
    sa.Column("patient_code", sa.Text),
    sa.Column("classification", sa.Text, nullable=False),
    sa.Column("reportable", sa.Integer, nullable=False),
    sa.Column("titer", sa.Double),
    sa.Column("titer_low", sa.Double),  # 95 % interval
    sa.Column("titer_high", sa.Double),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("qualifier", sa.Text, nullable=False),
    sa.Column("hnk1", sa.Text, nullable=False),
    sa.Index("samples_by_id", "sample_id"),
)

step_errors = _of_run(
    "step_errors",
    sa.Column("cv_percent", sa.Double, nullable=False),  # of a dilution step, known before the run
    sa.Column("grid", sa.Text, nullable=False),  # CVs in percent, a list in JSON
    sa.Column("ln", sa.Text, nullable=False),  # ln likelihood of the run's increments there
)

control_errors = _of_run(
    "control_errors",
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("se", sa.Double, nullable=False),  # of the ln titer
)

OF_RUN = (files, findings, controls, quantities, curve_parameters, samples, step_errors, control_errors)
"""Facts of a run, made again from its result folder whenever needed."""

owner = sa.Table("owner", metadata, sa.Column("workspace", sa.Text, primary_key=True))
"""The one workspace of a ledger on a database server."""

reviews = sa.Table(
    "reviews",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("run", sa.Integer, sa.ForeignKey("runs.number"), nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("reviewer", sa.Text, nullable=False),
    sa.Column("decision", sa.Text, nullable=False),  # approve, reject, repeat
    sa.Column("reason", sa.Text, nullable=False),
    sa.Index("reviews_by_run", "run"),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("job_key", sa.Text),
    sa.Column("run_id", sa.Text),
    sa.Column("content", sa.Text),  # sha256 of the rows that were written
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Index("audit_by_job", "job_key"),
    sa.Index("audit_by_run", "run_id"),
)
