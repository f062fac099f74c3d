"""The past runs of an assay, asked of the ledger: all of them for the charts, a handful for a new run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from pipeline.domain.history import ControlPast, History, Key, Reading
from pipeline.jobs import FAILED
from pipeline.ledger.database import Database
from pipeline.ledger.rows import past_of
from pipeline.ledger.tables import controls, quantities, runs

_PAGE = 64
"""Values that are read at a time; the longest sequence of a rule is ten."""


_NOT_REFUSED = sa.func.coalesce(runs.c.review, "") != "reject"
"""A run that a person rejected sets no limits, whatever QC said."""


class LedgerPast:
    """The past of an assay for a new run: reads only what a rule needs, however long the past is.

    Args:
        database: the ledger's.
        assay: whose runs.
        up_to: id of the newest run that counts; None takes all there are.
        without_export: runs of an export of this name do not count: the new run replaces them.
    """

    def __init__(
        self, database: Database, assay: str, *, up_to: str | None = None, without_export: str | None = None
    ) -> None:
        """Count the runs and find the newest."""
        self._database, self._assay, self._without = database, assay, without_export
        with database.reading() as connection:
            self._newest = _newest(connection, assay, up_to)
            wanted = (
                *_current(assay),
                runs.c.number <= self._newest,
                runs.c.export != (without_export or ""),
            )
            query = sa.select(sa.func.count(), sa.func.max(runs.c.number)).where(*wanted)
            self.runs, last = connection.execute(query).one()
            named = sa.select(runs.c.id).where(runs.c.number == last)
            self.last: str | None = connection.execute(named).scalar()

    def of(self, key: Key, reference_runs: int) -> ControlPast:
        """First accepted values, and all values from the newest on, page by page."""
        query = (
            self._values(key)
            .where(controls.c.accepted == 1, _NOT_REFUSED)
            .order_by(controls.c.run)
            .limit(reference_runs)
        )
        with self._database.reading() as connection:
            reference = tuple(row.value for row in connection.execute(query))
        return ControlPast(reference, self._newest_first(key))

    def _newest_first(self, key: Key) -> Iterator[float]:
        last = self._newest + 1
        while True:
            query = (
                self._values(key).where(controls.c.run < last).order_by(controls.c.run.desc()).limit(_PAGE)
            )
            with self._database.reading() as connection:
                page = connection.execute(query).all()
            yield from (row.value for row in page)
            if len(page) < _PAGE:
                return
            last = page[-1].run

    def _values(self, key: Key) -> sa.Select[Any]:
        return (
            sa.select(controls.c.run, controls.c.value)
            .join(runs, runs.c.number == controls.c.run)
            .where(
                controls.c.assay == self._assay,
                controls.c.name == key.name,
                controls.c.lot == (key.lot or ""),
                controls.c.measure == key.measure,
                controls.c.value.is_not(None),
                controls.c.run <= self._newest,
                runs.c.replaced_by.is_(None),
                runs.c.export != (self._without or ""),
            )
        )


def read_history(database: Database, assay: str) -> tuple[History, tuple[str, ...]]:
    """All runs of an assay, in the order in which they were recorded, and the units of their titers."""
    with database.reading() as connection:
        named = _readings(connection, controls, assay)
        other = _readings(connection, quantities, assay)
        query = sa.select(runs).where(*_current(assay)).order_by(runs.c.number)
        past = [past_of(row, named[row.number], other[row.number]) for row in connection.execute(query)]
        units = tuple(connection.execute(sa.select(runs.c.unit).distinct().where(*_current(assay))).scalars())
        replaced = sa.select(sa.func.count()).where(runs.c.assay == assay, runs.c.replaced_by.is_not(None))
        superseded = connection.execute(replaced).scalar_one()
    return History(assay, ", ".join(sorted(units)), tuple(past), superseded), units


def _readings(connection: sa.Connection, table: sa.Table, assay: str) -> Mapping[int, dict[str, Reading]]:
    columns = (table.c[name] for name in ("run", "name", "lot", "measure", "value", "reason"))
    query = sa.select(*columns).join(runs, runs.c.number == table.c.run).where(*_current(assay))
    query = query.order_by(table.c.run, table.c.position)
    found: defaultdict[int, dict[str, Reading]] = defaultdict(dict)
    for run, name, lot, measure, value, reason in connection.execute(query).all():
        found[run][name] = Reading(value, measure, reason, lot or None)
    return found


def _current(assay: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Computed runs of an assay that no later run replaced."""
    return runs.c.assay == assay, runs.c.verdict != FAILED, runs.c.replaced_by.is_(None), runs.c.entered == 1


def _newest(connection: sa.Connection, assay: str, up_to: str | None) -> int:
    wanted = [runs.c.assay == assay, runs.c.entered == 1]
    if up_to is not None:
        wanted.append(runs.c.id == up_to)
    return connection.execute(sa.select(sa.func.max(runs.c.number)).where(*wanted)).scalar() or 0
