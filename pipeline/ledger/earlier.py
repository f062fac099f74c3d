"""Which earlier runs hold the same export, or the same samples, as a new one?"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from pipeline.domain.history import EarlierRun
from pipeline.ledger.revisions import NewExport
from pipeline.ledger.tables import jobs, runs, samples
from pipeline.record.job import FAILED

_LOOKED_AT = 20
"""Runs of each kind that are compared."""
_AT_ONCE = 500
"""Ids of one question to the database."""


def earlier_ids(connection: sa.Connection, new: NewExport) -> Iterator[EarlierRun]:
    """Runs of the same bytes, newest first; then runs of other exports that share most ids.

    Args:
        connection: to the ledger.
        new: the export; without a sample sheet its samples have no ids, and nothing is compared.
    """
    if not new.sample_ids:
        return
    mine = (runs.c.assay == new.assay, runs.c.verdict != FAILED)
    joined = sa.select(runs.c.number, runs.c.id, runs.c.plate).join(jobs, jobs.c.key == runs.c.job_key)
    same = joined.where(*mine, jobs.c.export_sha256 == new.sha256).order_by(runs.c.number.desc())
    for row in connection.execute(same.limit(_LOOKED_AT)).all():
        yield EarlierRun(row.id, row.plate, same_export=True, ids=_ids(connection, row.number))
    others = joined.where(*mine, jobs.c.export_sha256 != new.sha256)
    for number in _sharing(connection, sorted(new.sample_ids)):
        for row in connection.execute(others.where(runs.c.number == number)).all():
            yield EarlierRun(row.id, row.plate, same_export=False, ids=_ids(connection, row.number))


def ids_of_runs(connection: sa.Connection) -> dict[int, tuple[str, ...]]:
    """Number of a run -> ids of its samples and codes of its patients, each once."""
    found: dict[int, dict[str, None]] = {}
    columns = sa.select(samples.c.run, samples.c.sample_id, samples.c.patient_code)
    for number, *texts in connection.execute(columns.order_by(samples.c.run, samples.c.position)):
        found.setdefault(number, {}).update(dict.fromkeys(filter(None, texts)))
    return {number: tuple(texts) for number, texts in found.items()}


def _sharing(connection: sa.Connection, ids: list[str]) -> list[int]:
    """Numbers of the runs that hold most of these ids."""
    shared: dict[int, int] = {}
    for start in range(0, len(ids), _AT_ONCE):
        asked = samples.c.sample_id.in_(ids[start : start + _AT_ONCE])
        query = sa.select(samples.c.run, sa.func.count()).where(asked).group_by(samples.c.run)
        for run, count in connection.execute(query).all():
            shared[run] = shared.get(run, 0) + count
    return sorted(shared, key=lambda run: (-shared[run], -run))[:_LOOKED_AT]


def _ids(connection: sa.Connection, number: int) -> dict[str, str]:
    query = sa.select(samples.c.slot, samples.c.sample_id).where(samples.c.run == number)
    return {row.slot: row.sample_id for row in connection.execute(query).all()}
