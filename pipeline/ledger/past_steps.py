"""Which past runs tell the error of a dilution step to a new run, and what they say.

Everything is asked as it was when the new run's export was first seen: what is finished, replaced or decided
later does not count. So a backlog gives the same numbers however many workers compute it, in whatever order.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import datetime

import sqlalchemy as sa

from pipeline.domain.findings import RunVerdict
from pipeline.domain.history import PastStep, StepLikelihood
from pipeline.ledger.tables import jobs, reviews, runs, step_errors
from pipeline.record.job import FAILED, moment

AGAINST = frozenset({"reject", "withdraw"})
"""Decisions of a person after which a run does not count."""
NO_VERDICT = frozenset({"comment"})
"""Decisions that leave the one before them as it is."""


def past_steps(
    connection: sa.Connection, assay: str, job_key: str, most: int, without: Collection[str] = ()
) -> list[PastStep]:
    """The newest runs of an assay that count for a job, oldest first.

    Args:
        connection: of a reading transaction.
        assay: whose runs.
        job_key: of the new run, which the ledger has seen.
        most: runs at most.
        without: ids of runs that do not count, because the new run corrects them.
    """
    seen = moment(connection.execute(sa.select(jobs.c.seen_at).where(jobs.c.key == job_key)).scalar_one())
    counting = [number for number, run_id in _counting(connection, assay, seen) if run_id not in without]
    return _steps(connection, step_errors.c.run.in_(sorted(counting)[-most:]))


def steps_of(connection: sa.Connection, run_ids: Collection[str]) -> list[PastStep]:
    """What these runs say of a dilution step, oldest first; one that says nothing is absent."""
    return _steps(connection, runs.c.id.in_(run_ids))


def _steps(connection: sa.Connection, wanted: sa.ColumnElement[bool]) -> list[PastStep]:
    query = (
        sa.select(runs.c.id, step_errors.c.cv_percent, step_errors.c.grid, step_errors.c.ln)
        .join(runs, runs.c.number == step_errors.c.run)
        .where(wanted)
        .order_by(step_errors.c.run)
    )
    return [
        PastStep(row.id, row.cv_percent, StepLikelihood(_numbers(row.grid), _numbers(row.ln)))
        for row in connection.execute(query)
    ]


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(json.loads(text))


def _counting(connection: sa.Connection, assay: str, seen: datetime) -> Iterator[tuple[int, str]]:
    """Number and id of the runs with a likelihood that QC and people had accepted by then."""
    columns = (runs.c.number, runs.c.id, runs.c.verdict, runs.c.supersedes, jobs.c.finished_at)
    query = sa.select(*columns).join(jobs, jobs.c.key == runs.c.job_key)
    rows = connection.execute(query.where(runs.c.assay == assay, runs.c.verdict != FAILED)).all()
    finished = [row for row in rows if row.finished_at and moment(row.finished_at) < seen]
    accepted = [row for row in finished if row.verdict != RunVerdict.REJECTED.value]
    replaced = {row.supersedes for row in accepted}
    told = set(connection.execute(sa.select(step_errors.c.run)).scalars())
    against = _decided_against(connection, assay, seen)
    for row in accepted:
        if row.number in told - against and row.id not in replaced:
            yield row.number, row.id


def _decided_against(connection: sa.Connection, assay: str, seen: datetime) -> set[int]:
    """Numbers of the runs that the last decision by then took out."""
    query = sa.select(reviews.c.run, reviews.c.decision, reviews.c.at).join(
        runs, runs.c.number == reviews.c.run
    )
    rows = connection.execute(query.where(runs.c.assay == assay).order_by(reviews.c.number)).all()
    last = {row.run: row.decision for row in rows if moment(row.at) < seen and row.decision not in NO_VERDICT}
    return {run for run, decision in last.items() if decision in AGAINST}
