"""The watcher goes on, and its page tells the truth, whatever one folder, one assay or the disk does."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from pipeline.errors import DefinitionError, LedgerError
from pipeline.inbox import look, stopping
from pipeline.inbox import watch as watching
from pipeline.inbox.assays import Assays
from pipeline.inbox.status_file import FROM_MEMORY
from pipeline.inbox.stopping import stopped_by_signal
from pipeline.inbox.watch import watch
from pipeline.ledger import Ledger
from pipeline.workspace import files
from pipeline.workspace.folders import Workspace

Drop = Callable[..., Path]

pytestmark = pytest.mark.usefixtures("core")


def status(workspace: Workspace) -> str:
    """The page for the shared screen."""
    return workspace.status_file.read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_listed_blocks_no_other(
    workspace: Workspace, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rights of one assay's folder are wrong: that is said, and the other assays are served."""
    drop()
    listed = look.candidates

    def refused(folder: Path, notes: list[str]) -> object:
        if folder.name == "generic_elisa":
            raise PermissionError(errno.EACCES, "Permission denied", str(folder))
        return listed(folder, notes)

    monkeypatch.setattr(look, "candidates", refused)
    assert len(watch(workspace.root, once=True).runs) == 1
    assert "generic_elisa: this folder cannot be read: Permission denied." in status(workspace)


@pytest.mark.parametrize("text", ["x = " + "[" * 5_000, "x = " + "{a=" * 5_000])
def test_a_definition_that_is_nested_without_end_blocks_its_own_assay(
    workspace: Workspace, drop: Drop, text: str
) -> None:
    """Neither an assay nor the lot file can end the watcher, today or at its next start."""
    toml = workspace.assays / "generic_elisa" / "assay.toml"
    toml.write_text(text, encoding="utf-8")
    drop("a.txt", assay="generic_elisa")
    drop("b.txt")
    summary = watch(workspace.root, once=True)
    assert [line.export for line in summary.runs] == ["b.txt"]
    assert "waiting until its assay is corrected" in summary.waiting[0]
    workspace.lots_file.write_text(text, encoding="utf-8")
    assert isinstance(Assays(workspace).now("anti_mag_igm"), DefinitionError)


@pytest.mark.parametrize("where", ["look", "ready"])
def test_a_fault_inside_a_look_is_shown_and_the_next_look_begins_anew(
    workspace: Workspace, drop: Drop, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """A mistake of the program is no end: the page says so, and what can be done is done."""
    drop()
    faulty = [1]

    def fails(*_given: object) -> None:
        if faulty:
            faulty.pop()
            raise KeyError("a fault nobody foresaw")

    target = (Ledger, "see") if where == "ready" else (look.Inbox, "look")
    right = getattr(*target)
    monkeypatch.setattr(*target, lambda *given: fails() or right(*given))
    shown: list[object] = []
    write = watching.StatusFile.write
    monkeypatch.setattr(
        watching.StatusFile,
        "write",
        lambda page, notices, *queue, watching: (
            shown.append(notices),
            write(page, notices, *queue, watching=watching),
        ),
    )
    assert watch(workspace.root, once=True).runs == ()
    assert any("made a mistake" in str(notices) for notices in shown)
    assert len(watch(workspace.root, once=True).runs) == 1


def test_the_page_is_written_without_a_ledger(
    workspace: Workspace, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A damaged ledger is said on the page, which still shows the plates that were known."""
    drop()
    watch(workspace.root, once=True)

    def damaged(*_: object) -> None:
        raise LedgerError("database disk image is malformed")

    monkeypatch.setattr(Ledger, "recent", damaged)
    watch(workspace.root, once=True)
    assert FROM_MEMORY in status(workspace)


def test_a_full_disk_has_room_for_the_page_that_says_so(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reserve is given up for it, and made again when there is room."""
    watch(workspace.root, once=True)
    assert workspace.reserve_file.stat().st_size >= 1 << 20
    write = files.write_file

    def full(path: Path, data: bytes) -> None:
        if workspace.reserve_file.exists():
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(files, "write_file", full)
        workspace.status_file.unlink()
        watch(workspace.root, once=True)
        assert "Not watching" in status(workspace)
    watch(workspace.root, once=True)
    assert workspace.reserve_file.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM there")
def test_a_service_that_is_stopped_says_so_on_the_page(workspace: Workspace) -> None:
    """SIGTERM ends the watcher with code 0, and the page no longer claims to watch."""
    code = (
        "import sys, pathlib; from pipeline.inbox.watch import watch_workspace as w; sys.exit(w(pathlib.Path("
    )
    code += f"{str(workspace.root)!r}), prefect=False))"
    with subprocess.Popen([sys.executable, "-c", code]) as watcher:  # noqa: S603 - our own code
        while not workspace.status_file.exists():
            time.sleep(0.05)
        watcher.send_signal(signal.SIGTERM)
        assert watcher.wait(30) == 0
    assert "Not watching" in status(workspace)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM there")
def test_a_watcher_that_does_not_heed_is_ended_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that hangs cannot keep the service from stopping: within ten seconds it is gone."""
    assert stopping.LONGEST_S < 10
    monkeypatch.setattr(stopping, "LONGEST_S", 0.05)
    ended = Event()
    monkeypatch.setattr(stopping, "_end", ended.set)
    stop = Event()
    with stopped_by_signal(stop):
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(5)
        assert ended.wait(5)
