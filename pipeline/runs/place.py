"""Runs at a place: a workspace, whose ledger knows them, or a folder with one folder a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.errors import InputError
from pipeline.ledger import Ledger
from pipeline.record.document import RECORD
from pipeline.record.job import ListedRun
from pipeline.runs.run_list import runs_in
from pipeline.workspace.folders import Workspace
from pipeline.workspace.settings import load_settings


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs; without any wish all."""

    assay: str | None = None
    since: date | None = None
    """First day of processing, as the clock of the laboratory showed it."""
    until: date | None = None
    """Last day."""

    def matches(self, listed: ListedRun) -> bool:
        """Is this a run of the wanted assay and days?"""
        line, day = listed.line, listed.line.processed_at[:10]
        since = self.since is None or day >= self.since.isoformat()
        until = self.until is None or day <= self.until.isoformat()
        return self.assay in (None, line.assay) and since and until


def workspace_at(place: Path) -> Workspace | None:
    """The workspace at a place; None where it is a plain folder."""
    workspace = Workspace(place)
    return workspace if workspace.settings_file.is_file() else None


def run_folder(run: str, place: Path) -> Path:
    """The folder of a run that is named by its id, or by the folder itself.

    Args:
        run: a run id, or a folder.
        place: a workspace, or a folder with one folder a run, for an id.

    Raises:
        InputError: there is no such run.
    """
    workspace = workspace_at(place)
    reports = place if workspace is None else workspace.reports
    for folder in (Path(run), reports / run):
        if (folder / RECORD).is_file():
            return folder
    raise InputError(
        "NO_RUN",
        f"there is no finished run '{run}'",
        file=str(reports),
        expected=f"a run id, or a folder with {RECORD}",
        action="Name the workspace with --in, or the folder of the run.",
    )


def open_ledger(workspace: Workspace) -> Ledger:
    """Open the ledger of a workspace, wherever its settings say that it is.

    Raises:
        LedgerError: it cannot be opened.
    """
    return Ledger(load_settings(workspace.settings_file).ledger or workspace.ledger_file)


def runs_at(place: Path) -> tuple[Path, list[ListedRun]]:
    """The folder of the results, and its runs, newest first.

    Raises:
        InputError: a record that cannot be read, naming its file.
        LedgerError: the ledger cannot be opened.
    """
    workspace = workspace_at(place)
    if workspace is None:
        return place, runs_in(place)
    with open_ledger(workspace) as ledger:
        return workspace.reports, ledger.listing()
