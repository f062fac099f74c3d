"""A ledger that is lost, older, cut or exchanged is noticed, refused with what to do, and made again."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest

from pipeline.cli import main
from pipeline.errors import DefinitionError
from pipeline.inbox.watch import watch
from pipeline.jobs.bench import open_bench
from pipeline.jobs.filing import note_head
from pipeline.ledger import LedgerError
from pipeline.workspace.folders import Workspace, create_workspace
from pipeline.workspace.settings import Settings

Drop = Callable[..., Path]

pytestmark = pytest.mark.usefixtures("core")


@pytest.fixture
def older(workspace: Workspace, drop: Drop) -> Path:
    """A workspace with two runs; a copy of its ledger from before the second."""
    drop("a.txt", b"OD a")
    watch(workspace.root, once=True)
    copy = workspace.root.with_name("backup.db")
    with closing(sqlite3.connect(workspace.ledger_file)) as now, closing(sqlite3.connect(copy)) as then:
        now.backup(then)
    drop("b.txt", b"OD b")
    watch(workspace.root, once=True)
    return copy


def _remove(workspace: Workspace) -> None:
    for file in workspace.root.glob("ledger.db*"):
        file.unlink()


def _refusal(workspace: Workspace) -> str:
    with pytest.raises(DefinitionError) as caught:
        watch(workspace.root, once=True)
    assert "--from-folders" in str(caught.value.action)
    return caught.value.code


def test_a_lost_ledger_is_no_new_one(workspace: Workspace, older: Path, drop: Drop) -> None:
    """Nothing is processed, nothing made, until somebody says what shall be."""
    assert older.exists()
    _remove(workspace)
    drop("c.txt", b"OD c")
    assert _refusal(workspace) == "LEDGER_LOST"
    assert not workspace.ledger_file.exists()
    workspace.head_file.unlink()
    assert _refusal(workspace) == "LEDGER_LOST"


def test_an_older_ledger_is_refused(workspace: Workspace, older: Path) -> None:
    """A backup put in the ledger's place has not the line that was noted last."""
    _remove(workspace)
    shutil.copy(older, workspace.ledger_file)
    assert _refusal(workspace) == "LEDGER_OTHER"


def test_another_workspaces_ledger_is_refused(workspace: Workspace, older: Path, tmp_path: Path) -> None:
    """Its trail is another one, however long it is."""
    assert older.exists()
    other = create_workspace(tmp_path / "other")
    with open_bench(other, Settings()) as bench:
        for number in range(100):
            bench.ledger.note("note", str(number), "2026-02-17T09:00:00+01:00")
    _remove(workspace)
    shutil.copy(other.ledger_file, workspace.ledger_file)
    assert _refusal(workspace) == "LEDGER_OTHER"


def test_the_noted_head_is_never_shortened(workspace: Workspace, older: Path) -> None:
    """Who works on with an older ledger does not take the proof away that there was a longer one."""
    noted = workspace.head_file.read_bytes()
    _remove(workspace)
    shutil.copy(older, workspace.ledger_file)
    with open_bench(workspace, Settings()) as bench, pytest.raises(LedgerError):
        note_head(bench)
    assert workspace.head_file.read_bytes() == noted


@pytest.mark.parametrize("how", ["lost", "damaged", "backup"])
def test_a_ledger_is_made_again_from_the_folders(
    workspace: Workspace, older: Path, drop: Drop, how: str
) -> None:
    """Also from a damaged file or an older copy; it is an event, the old file stays, and work goes on."""
    _remove(workspace)
    if how == "damaged":
        workspace.ledger_file.write_bytes(b"SQLite format 3\x00" + b"x" * 5_000)
    backup = ["--backup", str(older)] if how == "backup" else []
    assert main(["ledger", "rebuild", str(workspace.root), "--from-folders", *backup]) == 0
    with open_bench(workspace, Settings()) as bench:
        assert [line.export for line in bench.ledger.recent(5)] == ["b.txt", "a.txt"]
        assert "restore" in [kind for _, kind, _ in bench.ledger.log(9)]
    assert len(list(workspace.root.glob("*.aside.ledger.db"))) == (how == "damaged")
    assert len(list(workspace.root.glob("*.aside.ledger.head"))) == 1
    drop("c.txt", b"OD c")
    assert len(watch(workspace.root, once=True).runs) == 1
    assert main(["verify", str(workspace.root), "--quick"]) == 0


@pytest.fixture
def watcher(workspace: Workspace, older: Path) -> Iterator[tuple[Thread, list[str]]]:
    """A watcher at work, and the codes with which it ended."""
    assert older.exists()
    stop, codes = Event(), []

    def serve() -> None:
        try:
            watch(workspace.root, stop=stop)
        except DefinitionError as error:
            codes.append(error.code)

    thread = Thread(target=serve)
    before = workspace.status_file.stat().st_mtime_ns
    thread.start()
    while workspace.status_file.stat().st_mtime_ns == before:
        thread.join(0.02)
    yield thread, codes
    stop.set()
    thread.join(20)


@pytest.mark.skipif("sys.platform == 'win32'", reason="Windows lets nobody move an open file")
@pytest.mark.parametrize("how", ["removed", "exchanged", "overwritten", "workspace"])
def test_a_ledger_that_changes_under_a_watcher_ends_it(
    workspace: Workspace, older: Path, watcher: tuple[Thread, list[str]], how: str
) -> None:
    """Removed, replaced, written over in place, or the workspace made again: nobody works on in the dark."""
    thread, codes = watcher
    if how == "removed":
        _remove(workspace)
    elif how == "exchanged":
        shutil.copy(older, workspace.root / "new.db")
        (workspace.root / "new.db").rename(workspace.ledger_file)
    elif how == "overwritten":
        with closing(sqlite3.connect(older)) as then, closing(sqlite3.connect(workspace.ledger_file)) as now:
            then.backup(now)
    else:
        workspace.root.rename(workspace.root.with_name("moved"))
        create_workspace(workspace.root)
        shutil.copy(older, workspace.ledger_file)
    thread.join(15)
    assert not thread.is_alive()
    expected = {"removed": ["LEDGER_LOST"], "workspace": ["LEDGER_LOST", "LEDGER_OTHER"]}
    assert len(codes) == 1
    assert codes[0] in expected.get(how, ["LEDGER_OTHER"])  # made again, it may have no ledger yet
    if how != "workspace":
        assert "--from-folders" in workspace.status_file.read_text("utf-8")
        assert "Not watching" in workspace.status_file.read_text("utf-8")
    else:
        assert not workspace.status_file.exists()
