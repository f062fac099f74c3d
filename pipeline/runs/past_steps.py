"""What past runs say of the error of a dilution step: for a new run, and to check an old one."""

from __future__ import annotations

from collections.abc import Collection

from pipeline.compute.titer.step_history import step_history
from pipeline.definitions import asks_history
from pipeline.domain.assay import Assay
from pipeline.domain.history import StepHistory
from pipeline.ledger import Ledger
from pipeline.record.job import Job


def step_history_for(ledger: Ledger, job: Job, assay: Assay, without: Collection[str]) -> StepHistory | None:
    """What a new run may know of a dilution step; None where its assay does not ask.

    Args:
        ledger: of the workspace.
        job: the new run's.
        assay: as declared.
        without: ids of runs that the new run corrects.
    """
    dilution = assay.dilution
    fewest, most = dilution.history_fewest, dilution.history_most
    if not asks_history(assay) or fewest is None or most is None:
        return None
    past = ledger.past_steps(assay.name, job.key, int(most.value), without)
    return step_history(past, int(fewest.value))
