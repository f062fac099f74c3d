"""What still needs a person: refused files and rejected plates, until solved or taken off the list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from pipeline.domain.findings import RunVerdict
from pipeline.ledger import audit
from pipeline.ledger.database import Database
from pipeline.ledger.rows import line_of
from pipeline.ledger.tables import audit as trail
from pipeline.ledger.tables import runs
from pipeline.record.job import FAILED, RunLine, moment

SET_ASIDE = "set aside"
"""Kind of the lines of the audit trail that take a run off the list."""
DUPLICATE = "duplicate"
"""Kind of those about content that has its results already."""
_MOST_DROPS = 10


def unsolved(database: Database) -> list[RunLine]:
    """Runs that need a person, newest first.

    A refused file is solved when its name came again in another job; a rejected plate when a later run of
    its name was not rejected, or a person decided about it. Both are taken off by :func:`take_off`.
    """
    later = runs.alias()
    again = (
        (later.c.assay == runs.c.assay)
        & (later.c.export == runs.c.export)
        & (later.c.number > runs.c.number)
        & (later.c.job_key != runs.c.job_key)
    )
    sound = (runs.c.verdict == FAILED) | later.c.verdict.not_in((FAILED, RunVerdict.REJECTED.value))
    query = sa.select(runs).where(
        runs.c.verdict.in_((FAILED, RunVerdict.REJECTED.value)),
        runs.c.review.is_(None),
        ~sa.exists().where(again & sound),
        ~sa.exists().where((trail.c.kind == SET_ASIDE) & (trail.c.run_id == runs.c.id)),
    )
    with database.reading() as connection:
        return [line_of(row) for row in connection.execute(query.order_by(runs.c.number.desc()))]


def second_drops(database: Database, since: datetime) -> list[tuple[str, str]]:
    """When content that has its results was dropped again, and what the trail says of it; newest first."""
    drops = sa.select(trail.c.at, trail.c.text).where(trail.c.kind == DUPLICATE)
    with database.reading() as connection:
        last = connection.execute(drops.order_by(trail.c.number.desc()).limit(_MOST_DROPS))
        return [(at, text) for at, text in last if moment(at) >= since]


def take_off(database: Database, lines: Sequence[RunLine], reason: str, by: str, at: str) -> None:
    """Take runs off the list, for a reason that stays in the audit trail."""
    with database.writing() as connection:
        for line in lines:
            text = f"{line.export} by {by}: {reason}"
            audit.append(connection, audit.Entry(at, SET_ASIDE, text, None, line.id))
