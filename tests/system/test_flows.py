"""Batches as Prefect flow runs, against a real server of Prefect's own test harness."""

from __future__ import annotations

import errno
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import Artifact, FlowRun, TaskRun
from prefect.testing.utilities import prefect_test_harness

from pipeline.inbox import flows, watch
from pipeline.jobs.run import JobOutcome
from pipeline.record.job import RunLine
from pipeline.workspace.folders import Workspace

pytestmark = pytest.mark.prefect

Drop = Callable[..., Path]
KEYS = ["a" * 64, "b" * 64, "c" * 64]


@pytest.fixture(scope="session")
def server() -> Iterator[None]:
    """One Prefect server for all tests of this file."""
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries without waiting."""
    monkeypatch.setattr(flows.process_job, "retry_delay_seconds", [0.0, 0.0, 0.0])


def outcome(key: str) -> JobOutcome:
    """A finished job."""
    line = RunLine(
        f"2026-02-17_p_{key[:8]}", key, "P", "anti_mag_igm", "M\u00fcller.txt", "accepted", "", 4, 1
    )
    return JobOutcome("done", (line,))


def last_flow_run() -> tuple[FlowRun, list[TaskRun], list[Artifact]]:
    """What Prefect knows about the last batch."""
    with get_client(sync_client=True) as client:
        run = max(client.read_flow_runs(), key=lambda r: r.created)
        tasks = [t for t in client.read_task_runs() if t.flow_run_id == run.id]
        artifacts = [a for a in client.read_artifacts() if a.flow_run_id == run.id]
    return run, tasks, artifacts


def logs_of(run: FlowRun) -> list[str]:
    """Log lines of a flow run; they reach the server a little later than its end."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with get_client(sync_client=True) as client:
            lines = [log.message for log in client.read_logs() if log.flow_run_id == run.id]
        if any(KEYS[2][:12] in line for line in lines):
            return lines
        time.sleep(0.5)
    pytest.fail("the log of the flow run did not arrive")


@pytest.mark.usefixtures("server")
def test_server_answers() -> None:
    """The watcher asks this before every batch."""
    assert flows.api_available()


def test_server_that_is_not_there_is_noticed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is switched off costs no waiting."""
    monkeypatch.setattr(flows.PREFECT_API_URL, "value", lambda: "http://127.0.0.1:9/api")
    asked: list[float] = []

    def refuse(_url: str, timeout: float) -> None:
        asked.append(timeout)
        raise urllib.error.URLError("nobody there")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    assert not flows.api_available()
    assert asked == [flows.HEALTH_TIMEOUT_S]


@pytest.mark.parametrize("allowed", [True, False])
def test_temporary_server_only_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch, *, allowed: bool) -> None:
    """Without a server of its own the laboratory waits for none, unless the demonstration asks for one."""
    server = SimpleNamespace(ephemeral=SimpleNamespace(enabled=allowed))
    monkeypatch.setattr(flows.PREFECT_API_URL, "value", lambda: None)
    monkeypatch.setattr(flows, "get_current_settings", lambda: SimpleNamespace(server=server))
    assert flows.api_available() is allowed


@pytest.mark.usefixtures("server")
def test_batch_is_one_flow_run_with_one_task_a_plate_export() -> None:
    """A manager sees one run for each batch, a task for each export, and a page with the verdicts."""
    done: list[str] = []

    def work(key: str) -> JobOutcome:
        done.append(key)
        return outcome(key)

    flows.run_batch(KEYS, work)
    run, tasks, artifacts = last_flow_run()
    assert done == KEYS
    assert run.state_name == "Completed"
    assert len(tasks) == 3
    assert "| 2026-02-17_p_aaaaaaaa | accepted | 4 of 4 | 1 |" in str(artifacts[0].data)


@pytest.mark.usefixtures("server")
def test_prefect_keeps_no_names() -> None:
    """Parameters, states, artifacts and logs hold hashes and run ids: no file name, no path, no sample."""

    def work(key: str) -> JobOutcome:
        if key == KEYS[1]:
            raise OSError(errno.EACCES, "in use", "/lab/M\u00fcller.txt")
        if key == KEYS[0]:
            msg = "M\u00fcller.txt is odd"
            raise ValueError(msg)
        return outcome(key)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flows.process_job, "retry_delay_seconds", [0.0, 0.0, 0.0])
        flows.run_batch(KEYS, work)
    run, tasks, artifacts = last_flow_run()
    logs = logs_of(run)
    kept = [run.model_dump_json(), *(t.model_dump_json() for t in tasks)]
    kept += [a.model_dump_json() for a in artifacts] + logs
    assert "EACCES" in " ".join(kept)
    assert not any("ller" in text for text in kept)
    assert json.loads(run.model_dump_json())["parameters"] == {"job_keys": KEYS}


@pytest.mark.usefixtures("server", "quick")
def test_what_can_heal_is_tried_again_and_stops_no_other() -> None:
    """A locked file is tried four times; the others are processed; nothing is raised."""
    tries: list[str] = []

    def work(key: str) -> JobOutcome:
        tries.append(key)
        if key == KEYS[0]:
            raise PermissionError(errno.EACCES, "in use")
        return outcome(key)

    flows.run_batch(KEYS, work)
    assert [tries.count(key) for key in KEYS] == [4, 1, 1]


@pytest.mark.usefixtures("server", "quick")
def test_what_cannot_heal_is_not_tried_again() -> None:
    """A mistake of the program is not repeated; the other plates are processed."""
    tries: list[str] = []

    def work(key: str) -> JobOutcome:
        tries.append(key)
        if key == KEYS[0]:
            raise ValueError(key)
        return outcome(key)

    flows.run_batch(KEYS, work)
    assert tries == KEYS


@pytest.mark.usefixtures("server", "core")
def test_inbox_is_served_through_prefect(workspace: Workspace, drop: Drop) -> None:
    """With a server that answers, a drop becomes a flow run and a report."""
    workspace.settings_file.write_text(
        'settle_seconds = 0.05\npoll_seconds = 0.02\nprefect = "on"\n', encoding="utf-8"
    )
    drop()
    drop("bad.txt", b"BAD")
    summary = watch.watch(workspace.root, once=True)
    run, tasks, _ = last_flow_run()
    assert run.state_name == "Completed"
    assert len(tasks) == 2
    assert sorted(line.verdict for line in summary.runs) == ["accepted_with_warnings", "failed"]
