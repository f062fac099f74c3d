"""A ledger in place of one that is lost or damaged: from a backup or nothing, and the folders of all runs."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import DefinitionError
from pipeline.jobs.bench import now, open_bench
from pipeline.jobs.filing import note_head
from pipeline.jobs.rebuild import Rebuilt, rebuild
from pipeline.workspace import files
from pipeline.workspace.folders import Workspace
from pipeline.workspace.settings import Settings

_ENDS = ("", "-wal", "-shm")
"""Files of SQLite that belong together."""


def ledger_from_folders(workspace: Workspace, settings: Settings, backup: Path | None = None) -> Rebuilt:
    """Make a ledger anew; the one that lies there is not opened but put aside, whatever its state.

    That it was done, and how far the trail went that is left behind, is a line of the new trail.

    Args:
        workspace: whose ledger it is; no watcher may serve it now.
        settings: its settings.
        backup: an older copy of the ledger to begin with.

    Raises:
        DefinitionError: a ledger on a database server, or a backup that cannot be read.
    """
    if settings.ledger:
        raise DefinitionError(
            "LEDGER_SERVER",
            "the ledger is on a database server, where this command puts nothing aside",
            action="Restore the database there, or set an empty one, and run: titerline ledger rebuild",
        )
    data = _read(backup) if backup is not None else None
    noted = workspace.head_file.read_text("utf-8").strip() if workspace.head_file.is_file() else "not noted"
    _put_aside(workspace, now()[:19].replace(":", "-"))
    if data is not None:
        files.write_file(workspace.ledger_file, data)
    with open_bench(workspace, settings) as bench:
        done = rebuild(bench)
        begun = f"from the backup {backup.name}" if backup is not None else "from the folders alone"
        bench.ledger.note("restore", f"the ledger was made again {begun}; the trail before: {noted}", now())
        note_head(bench)
    return done


def _read(backup: Path) -> bytes:
    try:
        return files.read_bytes(backup)
    except OSError as error:
        raise DefinitionError.unreadable(str(backup), error) from error


def _put_aside(workspace: Workspace, stamp: str) -> None:
    for end in _ENDS:
        old = workspace.ledger_file.with_name(workspace.ledger_file.name + end)
        if old.exists():
            files.replace(old, workspace.root / f"{stamp}.aside.{old.name}")
    if workspace.head_file.exists():
        files.replace(workspace.head_file, workspace.root / f"{stamp}.aside.{workspace.head_file.name}")
