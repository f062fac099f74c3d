"""Batches as Prefect flow runs: one flow run a batch, one task a plate export. The only Prefect import.

Prefect shows the work and repeats what can heal; the ledger decides what was done. Prefect stores job keys
(hashes), run ids and counts: no sample, no file name, no path.
"""

from __future__ import annotations

import errno
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

for _name, _value in {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",  # no server of its own, unless asked (`titerline demo`)
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
    "PREFECT_API_REQUEST_TIMEOUT": "10",
    "PREFECT_CLIENT_MAX_RETRIES": "2",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
}.items():
    os.environ.setdefault(_name, _value)

from prefect import flow, get_run_logger, task  # noqa: E402 - Prefect reads its environment when imported
from prefect.artifacts import create_markdown_artifact  # noqa: E402 - the same
from prefect.cache_policies import NO_CACHE  # noqa: E402 - the same
from prefect.client.orchestration import get_client  # noqa: E402 - the same
from prefect.client.schemas.objects import State  # noqa: E402 - the same
from prefect.client.schemas.sorting import FlowRunSort  # noqa: E402 - the same
from prefect.settings import PREFECT_API_URL, get_current_settings  # noqa: E402 - the same

from pipeline.jobs.run import JobOutcome  # noqa: E402 - after Prefect's environment
from pipeline.record.document import PAGE, WHY  # noqa: E402 - the same
from pipeline.record.job import RunLine  # noqa: E402 - the same

RETRY_DELAYS_S = [1, 2, 4]
HEALTH_TIMEOUT_S = 2.0

Work = Callable[[str], JobOutcome]
"""Job key -> outcome; raises OSError for what can heal."""

_work: ContextVar[Work] = ContextVar("work")


class BlockedError(Exception):
    """A job that something blocks which can heal. The message has no path, because Prefect keeps it."""


class FaultError(Exception):
    """A fault of the program, by its kind alone; the watcher's own log has the details."""


def api_configured() -> bool:
    """Is a Prefect server configured?"""
    return bool(PREFECT_API_URL.value())


def api_available() -> bool:
    """Is a Prefect server configured, and does it answer within two seconds?

    Without one: may Prefect start a temporary server? Only where the environment says so
    (``PREFECT_SERVER_EPHEMERAL_ENABLED=true``), because that takes 20 s.
    """
    url = PREFECT_API_URL.value()
    if not url:
        return bool(get_current_settings().server.ephemeral.enabled)
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=HEALTH_TIMEOUT_S) as answer:  # noqa: S310 - the operator's own setting
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's word for well
    except (urllib.error.URLError, OSError, ValueError):
        return False


def run_batch(job_keys: Sequence[str], work: Work) -> None:
    """Run jobs as one flow run; returns when all were tried. A job that fails stops no other.

    Args:
        job_keys: keys of jobs that the ledger has seen.
        work: does one of them.

    Raises:
        Exception: whatever Prefect raises when its server goes away; jobs may be left undone.
    """
    token = _work.set(work)
    try:
        process_batch(list(job_keys))
    finally:
        _work.reset(token)


def _can_heal(_task: object, _run: object, state: State[Any]) -> bool:
    return isinstance(state.result(raise_on_failure=False), BlockedError)


@task(
    name="plate export",
    retries=len(RETRY_DELAYS_S),
    retry_delay_seconds=[float(delay) for delay in RETRY_DELAYS_S],
    retry_condition_fn=_can_heal,
    cache_policy=NO_CACHE,
    persist_result=False,
)
def process_job(job_key: str) -> list[RunLine]:
    """Process one job; what can heal is tried again, what is wrong with a file never."""
    try:
        outcome = _work.get()(job_key)
    except OSError as error:
        raise BlockedError(errno.errorcode.get(error.errno or 0, type(error).__name__)) from None
    except Exception as error:  # noqa: BLE001 - Prefect would keep its message, which may hold names
        raise FaultError(type(error).__name__) from None
    logger = get_run_logger()
    logger.info("job %s: %s", job_key[:12], outcome.state)
    for line in outcome.runs:
        logger.info("run %s: %s", line.id, line.verdict)
    return list(outcome.runs)


@flow(name="titerline batch", persist_result=False, validate_parameters=False)
def process_batch(job_keys: list[str]) -> None:
    """Process the jobs one after the other and leave a summary of one page."""
    lines: list[RunLine] = []
    blocked: list[str] = []
    for job_key in job_keys:
        state = process_job(job_key, return_state=True)
        if state.is_completed():
            lines += state.result()
        else:
            blocked.append(job_key)
    create_markdown_artifact(summary(lines, blocked), key="titerline-batch", description="titerline batch")


def summary(lines: Sequence[RunLine], blocked: Sequence[str]) -> str:
    """The batch on one page, in Markdown."""
    rows = [
        f"| {line.id} | {line.verdict} | {line.reportable} of {line.samples} "
        f"| {line.repeats} | {_where(line)} |"
        for line in lines
    ]
    head = ["| run | verdict | reportable | to repeat or check | where |", "| --- | --- | --- | --- | --- |"]
    waiting = [f"Job {key[:12]} is blocked and stays in the inbox." for key in blocked]
    return "\n".join(["# titerline batch", "", *head, *rows, "", *waiting])


def _where(line: RunLine) -> str:
    return f"rejected/{line.id}/{WHY}" if line.failed else f"reports/{line.id}/{PAGE}"


def last_run() -> str:
    """Say which flow run Prefect shows last, for the demo."""
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(sort=FlowRunSort.START_TIME_DESC, limit=1)
    return f"flow run '{runs[0].name}' is {runs[0].state_name}" if runs else "no flow run"
