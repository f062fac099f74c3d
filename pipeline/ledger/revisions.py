"""Which earlier runs does a new one correct? Not all that share its file name.

Some readers call every export the same. A run is a revision of an earlier one when its export has the same
name and either the same bytes (another sample sheet), or at least half of the earlier run's samples (an
edited or repeated export). Without a sample sheet the name has to do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from pipeline.domain.findings import RunVerdict
from pipeline.ledger.rows import line_of
from pipeline.ledger.tables import jobs, runs, samples
from pipeline.record.job import FAILED, RunLine

_LOOKED_AT = 20
"""Newest runs of one export name that are compared."""

_SHARED = 0.5
"""Share of the earlier run's samples that a correction still has."""


@dataclass(frozen=True, slots=True)
class NewExport:
    """What is known of an export before it is computed."""

    name: str
    sha256: str
    assay: str
    sample_ids: Collection[str] | None
    """From its sample sheet; None without one."""


def revised_by(connection: sa.Connection, new: NewExport) -> Iterator[RunLine]:
    """Runs that the new export corrects, newest first, rejected ones after all others."""
    rejected = runs.c.verdict == RunVerdict.REJECTED.value
    query = (
        sa.select(runs, jobs.c.export_sha256)
        .join(jobs, jobs.c.key == runs.c.job_key)
        .where(runs.c.export == new.name, runs.c.assay == new.assay, runs.c.verdict != FAILED)
        .order_by(rejected, runs.c.number.desc())
        .limit(_LOOKED_AT)
    )
    for row in connection.execute(query).all():
        if row.export_sha256 == new.sha256 or _same_samples(connection, row.number, new.sample_ids):
            yield line_of(row)


def _same_samples(connection: sa.Connection, number: int, ids: Collection[str] | None) -> bool:
    if ids is None:
        return True
    query = sa.select(samples.c.sample_id).where(samples.c.run == number)
    earlier = list(connection.execute(query).scalars())
    return not earlier or sum(one in ids for one in earlier) >= _SHARED * len(earlier)
