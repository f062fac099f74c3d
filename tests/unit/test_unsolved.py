"""What needs people stays on the list until it is solved or set aside, with a reason that stays."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipeline import cli
from pipeline.inbox.status_file import StatusFile
from pipeline.jobs.bench import Bench, now, open_bench
from pipeline.jobs.needs import set_aside
from pipeline.ledger import Ledger
from pipeline.ledger.rows import RunRows
from pipeline.ledger.unsolved import DUPLICATE, unsolved
from pipeline.record.job import Job, Received, RunLine
from pipeline.report.language import language
from pipeline.workspace.folders import Workspace, open_workspace
from pipeline.workspace.settings import load_settings

T = "2026-02-17T09:00:00+01:00"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty workspace."""
    assert cli.main(["init", str(tmp_path / "elisa")]) == 0
    return open_workspace(tmp_path / "elisa")


@pytest.fixture
def bench(workspace: Workspace) -> Iterator[Bench]:
    """Its ledger and settings."""
    with open_bench(workspace, load_settings(workspace.settings_file)) as opened:
        yield opened


def _enter(ledger: Ledger, key: str, *runs: tuple[str, str, str]) -> None:
    """One job with its runs: (id, export, verdict)."""
    job = Job(key * 64, "a", Received("x", "a/x", key * 64, 1))
    ledger.see(job, T)
    ledger.claim(job, T)
    lines = [RunLine(i, i * 9, f"plate of {i}", "a", export, verdict, T) for i, export, verdict in runs]
    more = {
        "job_key": job.key,
        "unit": "",
        "assay_version": "",
        "software": "",
        "reader": "",
        "entered": True,
    }
    ledger.finish(job, [RunRows(dataclasses.asdict(line) | more, {}) for line in lines], T)


def _ids(ledger: Ledger) -> list[str]:
    return [line.id for line in unsolved(ledger.database)]


def test_all_that_is_unsolved_stays_newest_first(bench: Bench) -> None:
    """However many runs came since; both plates of one export are told."""
    ledger = bench.ledger
    _enter(ledger, "1", ("r1", "one.txt", "failed"), ("r2", "one.txt", "failed"))
    _enter(ledger, "2", ("r3", "two.txt", "rejected"))
    for n in range(30):
        _enter(ledger, f"{chr(97 + n)}", (f"ok{n}", f"ok{n}.txt", "accepted"))
    assert _ids(ledger) == ["r3", "r2", "r1"]


def test_what_was_solved_leaves_the_list(bench: Bench) -> None:
    """A refused file by its next drop; a rejected plate by a run that was not, or by a decision."""
    ledger = bench.ledger
    _enter(ledger, "1", ("r1", "one.txt", "failed"))
    _enter(ledger, "2", ("r2", "two.txt", "rejected"))
    _enter(ledger, "3", ("r3", "three.txt", "rejected"))
    _enter(ledger, "4", ("r4", "one.txt", "rejected"), ("r5", "two.txt", "accepted_with_warnings"))
    ledger.review("r3", "me", "repeat", "on plate 7", T)
    assert _ids(ledger) == ["r4"]


def test_a_file_is_set_aside_with_a_reason(bench: Bench, workspace: Workspace) -> None:
    """By its name, or the run; the day log keeps who and why."""
    ledger = bench.ledger
    _enter(ledger, "1", ("r1", "one.txt", "failed"))
    _enter(ledger, "2", ("r2", "two.txt", "rejected"))
    place = ["--in", str(workspace.root)]
    assert cli.main(["set-aside", "inbox/a/one.txt", "--reason", "copy of a copy", *place]) == 0
    assert _ids(ledger) == ["r2"]
    assert [line.id for line in set_aside(bench, "r2", "repeated")] == ["r2"]
    assert _ids(ledger) == []
    assert any("copy of a copy" in text for _, _, text in ledger.log(10))


def test_a_second_drop_is_told_for_a_while(bench: Bench) -> None:
    """Who drops a plate again sees that it was done before; an hour later nobody needs to know."""
    before = (datetime.now().astimezone() - timedelta(hours=1)).isoformat(timespec="seconds")
    bench.ledger.note(DUPLICATE, "old.txt: processed before as r1", before)
    bench.ledger.note(DUPLICATE, "one.txt: processed before as r1", now())
    StatusFile(bench).write((), (), watching=True)
    shown = bench.workspace.status_file.read_text(encoding="utf-8")
    assert "one.txt: processed before as r1. Nothing is to be done." in shown
    assert "old.txt" not in shown
    german = language("de", ",")
    assert german.say("one.txt: processed before as r1") == "one.txt: schon ausgewertet als r1"


def test_what_is_not_on_the_list_is_said(
    bench: Bench, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip in the name names the nearest; without a reason nothing happens."""
    _enter(bench.ledger, "1", ("r1", "one.txt", "failed"))
    place = ["--in", str(workspace.root)]
    assert cli.main(["set-aside", "ome.txt", "--reason", "x", *place]) == 2
    assert "nearest: 'one.txt'" in capsys.readouterr().err
    assert cli.main(["set-aside", "one.txt", "--reason", " ", *place]) == 2
    assert _ids(bench.ledger) == ["r1"]
