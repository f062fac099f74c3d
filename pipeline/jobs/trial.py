"""A job with which the program ended more than once is tried in a child first: was it the file?

A computer that restarts ends the program too. Only a file that ends a process of its own is refused.
"""

from __future__ import annotations

import dataclasses

from pipeline.definitions import AssayDefinition
from pipeline.errors import InputError
from pipeline.guarded.child import CRASHED, Guard
from pipeline.jobs.produce import ReceivedFiles, produce, rendered
from pipeline.process.context import RunContext
from pipeline.record.job import Job

SECONDS = 180.0
"""A plate is computed and its reports written in 5 s."""
BYTES = 3_000_000_000
"""Address space of the child; that of a watcher is a third of it."""


def crash_of(
    job: Job, contents: ReceivedFiles, definition: AssayDefinition, context: RunContext, max_bytes: int
) -> InputError | None:
    """What a child says that worked on the job without coming to an end; None where it did.

    Past runs are left out of the trial: they are no part of what was received.

    Raises:
        GuardError: no child can be started.
    """
    guard = Guard(SECONDS, BYTES)
    alone = dataclasses.replace(context, past=None, other_results=dict(context.other_results))
    try:
        guard.do(worked_on, job.key.encode(), job, contents, definition, alone, max_bytes)
    except InputError as error:
        return error if error.code == CRASHED else None
    except RuntimeError:  # becomes a record when the job runs
        return None
    finally:
        guard.stop()
    return None


def worked_on(
    _key: bytes,
    job: Job,
    contents: ReceivedFiles,
    definition: AssayDefinition,
    context: RunContext,
    max_bytes: int,
) -> int:
    """Compute a job and write its reports, for nobody; gives how many results there were."""
    return len([rendered(one) for one in produce(job, contents, definition, context, max_bytes=max_bytes)])
