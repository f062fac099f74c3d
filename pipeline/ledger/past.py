"""The past runs of an assay, asked of the ledger: all of them for the charts, a handful for a new run."""

from __future__ import annotations

import dataclasses
import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from pipeline.domain.history import ChartKey, ControlPast, History, PastValue
from pipeline.ledger.database import Database
from pipeline.ledger.rows import past_of
from pipeline.ledger.tables import control_errors, controls, quantities, runs
from pipeline.record.job import FAILED

_PAGE = 64
"""Values that are read at a time; the longest sequence of a rule is ten."""


class LedgerPast:
    """The past of an assay for a new run: reads only what a rule needs, however long the past is.

    Args:
        database: the ledger's.
        assay: whose runs.
        unit: of the titers; runs in another unit do not count. None takes all.
        without: ids of runs that do not count, because the new run corrects them.
    """

    def __init__(
        self, database: Database, assay: str, unit: str | None = None, without: Collection[str] = ()
    ) -> None:
        """Count the runs and find the newest."""
        self._database, self._assay, self._unit, self._without = database, assay, unit, frozenset(without)
        wanted = [*_current(assay), runs.c.id.not_in(without)]
        if unit is not None:
            wanted.append(runs.c.unit == unit)
        with database.reading() as connection:
            query = sa.select(sa.func.count(), sa.func.max(runs.c.number)).where(*wanted)
            self.runs, last = connection.execute(query).one()
            named = sa.select(runs.c.id).where(runs.c.number == last)
            self.last: str | None = connection.execute(named).scalar()
        self._newest: int = last or 0

    def of(self, key: ChartKey, reference_runs: int) -> ControlPast:
        """First accepted values, and all values from the newest on, page by page."""
        accepted = (value for value, taken in self._values(key, newest_first=False) if taken)
        newest_first = (value for value, _ in self._values(key, newest_first=True))
        return ControlPast(tuple(itertools.islice(accepted, reference_runs)), newest_first)

    def _values(self, key: ChartKey, *, newest_first: bool) -> Iterator[tuple[float, bool]]:
        """Values of current runs, and whether they may set limits.

        Control by control along their index, then the runs of a page by number: quick with every database,
        whatever it knows of its tables.
        """
        run, edge = controls.c.run, self._newest + 1 if newest_first else 0
        while True:
            beyond = run < edge if newest_first else (run > edge) & (run <= self._newest)
            query = sa.select(run, controls.c.value, controls.c.accepted).where(*self._control(key), beyond)
            query = query.order_by(run.desc() if newest_first else run).limit(_PAGE)
            with self._database.reading() as connection:
                page = connection.execute(query).all()
                taken = self._taken(connection, [row.run for row in page])
            yield from ((row.value, row.accepted and taken[row.run]) for row in page if row.run in taken)
            if len(page) < _PAGE:
                return
            edge = page[-1].run

    def _control(self, key: ChartKey) -> tuple[sa.ColumnElement[bool], ...]:
        return (
            controls.c.assay == self._assay,
            controls.c.name == key.name,
            controls.c.lot == (key.lot or ""),
            controls.c.measure == key.measure,
            controls.c.value.is_not(None),
        )

    def _taken(self, connection: sa.Connection, numbers: Collection[int]) -> Mapping[int, bool]:
        """Of these runs those that count; and whether nobody rejected them."""
        columns = (runs.c.number, runs.c.id, runs.c.unit, runs.c.replaced_by, runs.c.review, runs.c.entered)
        query = sa.select(*columns).where(runs.c.number.in_(numbers))  # by number alone: the rest is few
        rows: Iterable[Mapping[str, Any]] = map(dict, connection.execute(query).mappings())
        return {row["number"]: row["review"] != "reject" for row in rows if self._counts(row)}

    def _counts(self, row: Mapping[str, Any]) -> bool:
        mine = row["entered"] == 1 and row["replaced_by"] is None and row["id"] not in self._without
        return mine and self._unit in (None, row["unit"])


def read_history(database: Database, assay: str) -> History:
    """All runs of an assay in its present unit, in the order in which they were recorded.

    Titers in different units have no common chart: the unit of the newest run counts, the others are counted.
    """
    with database.reading() as connection:
        newest = sa.select(runs.c.unit).where(*_current(assay)).order_by(runs.c.number.desc()).limit(1)
        unit = connection.execute(newest).scalar() or ""
        mine = (*_current(assay), runs.c.unit == unit)
        named = _with_errors(connection, _readings(connection, controls, mine), mine)
        other = _readings(connection, quantities, mine)
        query = sa.select(runs).where(*mine).order_by(runs.c.number)
        past = [past_of(row, named[row.number], other[row.number]) for row in connection.execute(query)]
        return History(
            *(assay, unit, tuple(past)),
            superseded=_count(connection, runs.c.assay == assay, runs.c.replaced_by.is_not(None)),
            other_units=_count(connection, *_current(assay), runs.c.unit != unit),
        )


def _count(connection: sa.Connection, *wanted: sa.ColumnElement[bool]) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(runs).where(*wanted)).scalar_one()


def _readings(
    connection: sa.Connection, table: sa.Table, wanted: tuple[sa.ColumnElement[bool], ...]
) -> Mapping[int, dict[str, PastValue]]:
    columns = (table.c[name] for name in ("run", "name", "lot", "measure", "value", "reason"))
    query = sa.select(*columns).join(runs, runs.c.number == table.c.run).where(*wanted)
    query = query.order_by(table.c.run, table.c.position)
    found: defaultdict[int, dict[str, PastValue]] = defaultdict(dict)
    for run, name, lot, measure, value, reason in connection.execute(query).all():
        found[run][name] = PastValue(value, measure, reason, lot or None)
    return found


def _with_errors(
    connection: sa.Connection, found: Mapping[int, dict[str, PastValue]], wanted: tuple[Any, ...]
) -> Mapping[int, dict[str, PastValue]]:
    """The readings of controls, each with its standard error where its run gave one."""
    columns = (control_errors.c.run, control_errors.c.name, control_errors.c.se)
    query = sa.select(*columns).join(runs, runs.c.number == control_errors.c.run).where(*wanted)
    for run, name, se in connection.execute(query).all():
        found[run][name] = dataclasses.replace(found[run][name], se=se)
    return found


def _current(assay: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Computed runs of an assay that no later run replaced."""
    return runs.c.assay == assay, runs.c.verdict != FAILED, runs.c.replaced_by.is_(None), runs.c.entered == 1
