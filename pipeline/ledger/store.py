"""Runs in the tables: written as a whole, read back as a whole. Every function works inside a transaction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from pipeline.ledger.audit import digest_of
from pipeline.ledger.rows import RunRows, Values
from pipeline.ledger.tables import OF_RUN, runs
from pipeline.record.job import replaces

_LATER = frozenset({"number", "replaced_by", "review"})
"""Columns of a run that its result folder does not tell."""


def write_run(connection: sa.Connection, rows: RunRows) -> None:
    """Enter a run, or put the rows of one that is there already in place of its old ones."""
    run_id = rows.run["id"]
    number = number_of(connection, run_id)
    if number is None:
        number = (connection.execute(sa.select(sa.func.max(runs.c.number))).scalar() or 0) + 1
        connection.execute(runs.insert().values(**rows.run, number=number))
    else:
        connection.execute(runs.update().where(runs.c.number == number).values(**rows.run))
    for table in OF_RUN:
        connection.execute(table.delete().where(table.c.run == number))
        facts = rows.facts.get(table.name, ())
        if facts:
            numbered = [{"run": number, "position": n, **row} for n, row in enumerate(facts)]
            connection.execute(table.insert(), numbered)
    _replace(connection, rows.run)


def _replace(connection: sa.Connection, run: Values) -> None:
    """Mark the run that this one replaces; a rejected run replaces none."""
    replaced = replaces(run["verdict"], run["supersedes"])
    if replaced is not None:
        connection.execute(runs.update().where(runs.c.id == replaced).values(replaced_by=run["id"]))


def number_of(connection: sa.Connection, run_id: str) -> int | None:
    """Number of a run; None for one that is not there."""
    found: int | None = connection.execute(sa.select(runs.c.number).where(runs.c.id == run_id)).scalar()
    return found


def read_run(connection: sa.Connection, run_id: str) -> RunRows | None:
    """The rows of a run as they are in the tables; None for one that is not there."""
    row = connection.execute(sa.select(runs).where(runs.c.id == run_id)).one_or_none()
    if row is None:
        return None
    run = {name: value for name, value in row._mapping.items() if name not in _LATER}  # noqa: SLF001 - public
    return RunRows(run, {table.name: list(_facts(connection, table, row.number)) for table in OF_RUN})


def _facts(connection: sa.Connection, table: sa.Table, number: int) -> Iterator[Values]:
    """The rows without their keys; a position that is out of its row says so."""
    query = sa.select(table).where(table.c.run == number).order_by(table.c.position)
    for n, row in enumerate(connection.execute(query).mappings()):
        keys = ("run",) if row["position"] != n else ("run", "position")
        yield {name: value for name, value in row.items() if name not in keys}


def content_of(rows: RunRows) -> str:
    """Digest of all rows of a run, for the audit trail."""
    facts = {name: [_canonical(row) for row in values] for name, values in rows.facts.items() if values}
    return digest_of({"run": _canonical(rows.run), "facts": facts})


def _canonical(row: Values) -> Values:
    """A database gives 20.0 back for 20, and 1 for true."""
    return {name: float(value) if isinstance(value, int) else value for name, value in row.items()}


def row_content(row: sa.Row[Any]) -> str:
    """Digest of one row."""
    return digest_of(dict(row._mapping))  # noqa: SLF001 - SQLAlchemy's public name for it


def replacements(connection: sa.Connection) -> Iterator[tuple[str, str | None]]:
    """Runs whose ``replaced_by`` is not what the others' ``supersedes`` say, with what it should be."""
    columns = (runs.c.id, runs.c.supersedes, runs.c.verdict, runs.c.replaced_by)
    rows = connection.execute(sa.select(*columns).order_by(runs.c.number)).all()
    right = {replaces(row.verdict, row.supersedes): row.id for row in rows}
    for row in rows:
        if row.replaced_by != right.get(row.id):
            yield row.id, right.get(row.id)
