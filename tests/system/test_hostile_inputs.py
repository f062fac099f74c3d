"""Files that try to stop the reader: each is refused within its limits; a good plate beside them is done."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest
from hostile_files import KINDS, corpus
from sample_cases import case
from sizes import FULL, size

from pipeline.errors import InputError
from pipeline.guarded import received
from pipeline.guarded.child import CRASHED, SECONDS
from pipeline.inbox.watch import watch
from pipeline.jobs import produce, run
from pipeline.workspace.folders import Workspace

ASSAY = "anti_mag_igm"
SLEEPS = """
import time
from pipeline.readers import read_export

def reads(data, name):
    if data.startswith(b"SLEEP"):
        time.sleep(600)
    return read_export(data, name)
"""


@pytest.mark.parametrize("read", [received.read_guarded, received.sheet_guarded])
def test_every_hostile_file_is_refused_within_the_limits(read: Callable[[bytes, str], object]) -> None:
    """As an export and as a sample sheet: refused for what it is, and not because time or memory ended."""
    for name, data in corpus():
        with pytest.raises(InputError) as caught:
            read(data, name)
        assert caught.value.code != CRASHED, name
        assert caught.value.file == name


@pytest.fixture
def good(workspace: Workspace) -> str:
    """A good plate with its sheet in the inbox; its stem."""
    folder = case(f"{ASSAY}/clean_plate").folder
    for file in folder.glob("clean_plate*"):
        shutil.copy(file, workspace.inbox / ASSAY)
    return "clean_plate"


def _drop(workspace: Workspace, name: str, data: bytes) -> None:
    export = workspace.inbox / ASSAY / name
    export.write_bytes(data)
    export.with_name(f"{export.stem}.samples.csv").write_bytes(b"slot,sample_id\nS1,A\n")


def test_a_good_plate_beside_the_hostile_ones_is_done(workspace: Workspace, good: str) -> None:
    """All of them at once in one folder: each is refused with its reason, and the plate has its results."""
    names = list(KINDS) if FULL else list(KINDS)[::2]
    for number, name in enumerate(names):
        _drop(workspace, f"{number} {name}", KINDS[name]())
    summary = watch(workspace.root, once=True)
    runs = {line.export: line for line in summary.runs}
    assert next(line.verdict for name, line in runs.items() if name.startswith(good)) == "accepted"
    assert len(runs) + len(summary.waiting) == len(names) + 1  # what may be only unfinished has patience
    assert {line.code for line in runs.values()} & {"PROGRAM_FAULT", CRASHED} == set()


@pytest.fixture
def sleepers(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Exports, twenty in full size, with which a reader never comes to an end."""
    (tmp_path / "sleeping_reader.py").write_text(SLEEPS, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    received._reader.stop()  # the next child knows the module
    monkeypatch.setattr(received, "read_export", import_module("sleeping_reader").reads)
    for module in (produce, run):
        monkeypatch.setattr(module, "HURRY_S", 0.3)
    monkeypatch.setattr(run, "SECONDS", 0.6)
    names = [f"a{n}.txt" for n in range(size(6, 20))]
    for name in names:
        _drop(workspace, name, b"SLEEP " + name.encode())
    yield names
    received._reader.stop()


def test_a_good_plate_does_not_wait_for_twenty_that_never_end(
    workspace: Workspace, sleepers: list[str], good: str
) -> None:
    """Older files that hang are given up within a first short try; the plate is done before their second."""
    first, *others = watch(workspace.root, once=True).runs
    assert (first.export.startswith(good), first.verdict) == (True, "accepted")
    assert sorted(line.export for line in others) == sorted(sleepers)
    assert {line.code for line in others} == {CRASHED}


def test_the_limits_leave_a_good_plate_its_time() -> None:
    """Twenty first tries, one long one and the plate itself take less than 40 s."""
    assert 20 * received.HURRY_S + 10 <= 40  # each next child starts while the one before works
    assert SECONDS + 10 <= 40


def test_a_slow_plate_without_its_sheet_waits_for_it(workspace: Workspace, sleepers: list[str]) -> None:
    """That a reader takes long is no reason to compute an export without its sample sheet."""
    for name in sleepers[1:]:
        (workspace.inbox / ASSAY / name).unlink()
        (workspace.inbox / ASSAY / name).with_suffix(".samples.csv").unlink()
    (workspace.inbox / ASSAY / sleepers[0]).with_suffix(".samples.csv").unlink()
    summary = watch(workspace.root, once=True)
    assert summary.runs == ()
    assert "sample sheet" in summary.waiting[0]
