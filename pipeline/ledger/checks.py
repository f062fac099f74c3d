"""Is the ledger whole in itself? Every table against the audit trail; the folders are compared elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from pipeline.ledger import audit, store
from pipeline.ledger import tables as t

RUN_LINES = ("run", "rebuilt")
"""Kinds of the lines of the audit trail that hold the digest of a run."""

_GUARDS = {"sqlite": {"audit_no_DELETE", "audit_no_UPDATE"}, "postgresql": {"audit_no_change"}}
"""Triggers that keep the audit trail from being changed; there are no others."""


def ledger_problems(connection: sa.Connection, noted: Iterable[audit.ChainHead]) -> Iterator[str]:
    """Everything that is not as the audit trail has it, in words.

    Args:
        connection: of a reading transaction.
        noted: ends that the trail had earlier.
    """
    yield from _integrity(connection)
    yield from _guards(connection)
    yield from audit.broken_links(connection, noted)
    yield from _jobs(connection)
    yield from _reviews(connection)
    yield from _connections(connection)
    yield from _order(connection)
    yield from _entered_otherwise(connection)


def run_contents(connection: sa.Connection) -> dict[str, str | None]:
    """Run id -> digest of its rows as they were written last."""
    return last_contents(connection, RUN_LINES, t.audit.c.run_id)


def last_contents(
    connection: sa.Connection, kinds: tuple[str, ...], key: sa.Column[str | None]
) -> dict[str, str | None]:
    """Key -> content of the last line about it, in the order of the first lines."""
    query = sa.select(key, t.audit.c.content).where(t.audit.c.kind.in_(kinds)).order_by(t.audit.c.number)
    return {row[0]: row[1] for row in connection.execute(query)}


def _integrity(connection: sa.Connection) -> Iterator[str]:
    """SQLite looks at its own pages; PostgreSQL has checksums of its own."""
    if connection.dialect.name == "sqlite":
        for (text,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if text != "ok":
                yield f"ledger: {text}"


def _guards(connection: sa.Connection) -> Iterator[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if connection.dialect.name == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    found = set(connection.exec_driver_sql(query).scalars())
    wanted = _GUARDS[connection.dialect.name]
    for name in sorted(wanted - found):
        yield f"ledger: the guard {name} of the audit trail was removed"
    for name in sorted(found - wanted):
        yield f"ledger: a trigger {name} that titerline did not make"


def _jobs(connection: sa.Connection) -> Iterator[str]:
    """Each job stands as the last line about it says, and no line is about a job that is gone."""
    recorded = last_contents(connection, (audit.STATE,), t.audit.c.job_key)
    held = {row.key: store.row_content(row) for row in connection.execute(sa.select(t.jobs))}
    for key in recorded.keys() | held.keys():
        if key not in held and recorded[key] is not None:
            yield f"job {key[:12]}: removed from the ledger"
        elif key not in recorded:
            yield f"job {key[:12]}: not in the audit trail"
        elif key in held and recorded[key] != held[key]:
            yield f"job {key[:12]}: changed in the ledger"


def _reviews(connection: sa.Connection) -> Iterator[str]:
    """Each review is in the audit trail as it stands, and each run shows its last one."""
    query = sa.select(t.audit.c.content).where(t.audit.c.kind == "review").order_by(t.audit.c.number)
    recorded = list(connection.execute(query).scalars())
    rows = connection.execute(sa.select(t.reviews).order_by(t.reviews.c.number)).all()
    if recorded != [store.row_content(row) for row in rows]:
        yield "reviews: not as the audit trail has them"
    last = {row.run: row.decision for row in rows}
    for run in connection.execute(sa.select(t.runs.c.number, t.runs.c.id, t.runs.c.review)):
        if last.get(run.number) != run.review:
            yield f"run {run.id}: shows {run.review!r}, its last review says {last.get(run.number)!r}"


def _connections(connection: sa.Connection) -> Iterator[str]:
    for run_id, replaced_by in store.replacements(connection):
        yield f"run {run_id}: replaced_by should be {replaced_by!r}"
    numbers = set(connection.execute(sa.select(t.runs.c.number)).scalars())
    for table in t.OF_RUN:
        for number in set(connection.execute(sa.select(table.c.run).distinct()).scalars()) - numbers:
            yield f"{table.name}: rows of run number {number}, which is not there"


def _order(connection: sa.Connection) -> Iterator[str]:
    """Rules over past runs depend on the order of the runs."""
    recorded = list(last_contents(connection, RUN_LINES, t.audit.c.run_id))
    held = list(connection.execute(sa.select(t.runs.c.id).order_by(t.runs.c.number)).scalars())
    known = set(recorded)
    if [run_id for run_id in held if run_id in known] != [r for r in recorded if r in set(held)]:
        yield "runs: not in the order in which the audit trail recorded them"
    for run_id in known - set(held):
        yield f"run {run_id}: removed from the ledger"


def _entered_otherwise(connection: sa.Connection) -> Iterator[str]:
    """Runs that a rebuild entered with other rows than those with which they were recorded."""
    recorded = last_contents(connection, ("run",), t.audit.c.run_id)
    last = run_contents(connection)
    for run_id, content in recorded.items():
        if content is not None and last[run_id] != content:
            yield f"run {run_id}: its folder was changed after it was recorded, and a rebuild took that over"
