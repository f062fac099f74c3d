"""The error of a dilution step that a run took from past runs, computed again from what these runs say."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import sqlalchemy as sa

from pipeline.compute.titer.step_history import step_history
from pipeline.domain.history import StepHistory
from pipeline.domain.record import RunRecord
from pipeline.jobs.kept import Kept
from pipeline.ledger.past_steps import steps_of
from pipeline.verify.recompute import unequal


def past_step_problems(kept: Kept, connection: sa.Connection) -> Iterator[str]:
    """Differences between a record's step history and the likelihoods of the runs that it names.

    Args:
        kept: a run as its folders tell it.
        connection: to the ledger, whose rows are compared with the folders elsewhere.
    """
    recorded = kept.result.step_history if isinstance(kept.result, RunRecord) else None
    if recorded is None:
        return
    again = step_history(steps_of(connection, recorded.runs), recorded.fewest)
    for difference in unequal(_plain(recorded), _plain(again), "step_history"):
        yield f"run {kept.rows.run['id']}: {difference}"


def _plain(history: StepHistory) -> dict[str, object]:
    return {**dataclasses.asdict(history), "runs": list(history.runs)}
