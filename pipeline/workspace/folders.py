"""The folders of a workspace, and what of an inbox is no export at all."""

from __future__ import annotations

import fnmatch
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import DefinitionError
from pipeline.workspace import files, shipped

IGNORED = (
    "~$*",  # owner file of Office: exclusively locked while the workbook is open
    ".*",  # hidden files, LibreOffice locks, .DS_Store
    "*.tmp",
    "*.temp",
    "*.part",
    "*.partial",
    "*.crdownload",
    "*.download",
    "*.bak",
    "*~",
    "thumbs.db",
    "desktop.ini",
    "*why.txt",  # our own notes, when a rejected folder is dropped back as a whole
    "hashes.txt",
    "failure.json",
    "job.json",
    "note.txt",
)
"""Names that are never touched, compared without case."""

INDEX = "index.html"
"""List of the runs beside it."""

SETTINGS_TEMPLATE = """\
# Settings of this workspace. The environment wins: TITERLINE_SETTLE_SECONDS=10.
# A line that starts with # shows the default.

# settle_seconds = 2.0      # a file is complete when it did not change for this long; 10 on a network share
# patience_minutes = 10.0   # how long an incomplete file may stay in the inbox before it is rejected
# poll_seconds = 1.0        # how often the inbox is looked at
# max_file_mb = 50.0        # larger files are rejected unread
# prefect = "auto"          # "on", "off", or "auto": show runs in Prefect when its server answers
# sheet_templates = true    # lay sample sheets to be filled into the inbox
# operator = ""             # who is named in the reports; empty: the user of this computer
# ledger = ""               # a PostgreSQL database: "postgresql://user@host/titerline"; empty: ledger.db here
# language = "en"           # of the reports: "en" or "de"; results.json is English always
# decimal = ""              # decimal sign of report.html and report.pdf, "." or ","; empty: the language's
"""

LOTS_TEMPLATE = """\
# Lots of reagents, one [[lot]] each. Without any entry no lot is asked for.
# What each line means, and how to change a lot: docs/lots.md.
#
# [[lot]]
# kind = "conjugate"              # kit, calibrator, conjugate, plate or control
# lot = "C-2210"
# in_use_from = 2026-01-07        # dates without quotes: year-month-day
# in_use_until = 2026-06-30       # last day of use; leave the line out while it is in use
# expires = 2026-12-31            # last day on which it may be used
# assays = ["anti_mag_igm"]       # leave the line out when all assays use it
#
# [[lot]]
# kind = "control"
# name = "PC1"                    # as in assay.toml
# lot = "PC1-07"
# in_use_from = 2026-01-07
# expires = 2027-01-31
# target = 15000                  # in the assay's unit, in place of the target in assay.toml
# source = "mean of 20 runs, January 2026"
"""


def ignored(name: str) -> bool:
    """Is this name never an export? Decided by the name alone, before the file is looked at."""
    lowered = name.lower()
    return any(fnmatch.fnmatchcase(lowered, pattern) for pattern in IGNORED)


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where everything is."""

    root: Path

    @property
    def inbox(self) -> Path:
        """One folder for each assay; technicians drop exports and sample sheets here."""
        return self.root / "inbox"

    @property
    def processed(self) -> Path:
        """Files as received, one folder for each run."""
        return self.root / "processed"

    @property
    def duplicates(self) -> Path:
        """Files whose content was processed before."""
        return self.processed / "duplicates"

    @property
    def unfinished(self) -> Path:
        """Results that were published, but whose job changed before they were recorded."""
        return self.processed / "unfinished"

    @property
    def rejected(self) -> Path:
        """Files that could not be read or matched, each with WHY.txt."""
        return self.root / "rejected"

    @property
    def reports(self) -> Path:
        """Results, one folder for each run."""
        return self.root / "reports"

    @property
    def assays(self) -> Path:
        """The laboratory's own assays, at first copies of the shipped ones."""
        return self.root / shipped.ASSAYS

    @property
    def settings_file(self) -> Path:
        """``titerline.toml``."""
        return self.root / shipped.SETTINGS_FILE

    @property
    def lots_file(self) -> Path:
        """``lots.toml``: lots of kits, calibrators, controls, conjugates and plates with their expiry."""
        return self.root / "lots.toml"

    @property
    def ledger_file(self) -> Path:
        """History of jobs and runs; made when first used."""
        return self.root / "ledger.db"

    @property
    def head_file(self) -> Path:
        """How far the ledger's audit trail went, noted outside of it."""
        return self.root / "ledger.head"

    @property
    def id_file(self) -> Path:
        """Tells this workspace from others in a ledger on a database server."""
        return self.root / ".titerline.id"

    @property
    def status_file(self) -> Path:
        """The page for the shared screen."""
        return self.root / "STATUS.html"

    @property
    def reserve_file(self) -> Path:
        """Room for one more page on a disk that is full."""
        return self.root / ".titerline.reserve"

    @property
    def index_file(self) -> Path:
        """The list of all runs, beside their result folders."""
        return self.reports / INDEX

    @property
    def lock_file(self) -> Path:
        """Held by the one watcher."""
        return self.root / ".titerline.lock"

    def assay_names(self) -> list[str]:
        """Assays of this workspace."""
        return shipped.assay_names(self.assays)

    def sweep(self) -> int:
        """Remove what a crash left half-written; returns how many files and folders."""
        kept = [self.processed, self.rejected, self.duplicates]
        inside = [folder for parent in kept if parent.is_dir() for folder in parent.iterdir()]
        return sum(map(files.sweep, [self.root, self.reports, *kept, *inside]))


def create_workspace(root: Path) -> Workspace:
    """Make a workspace, or add what is missing to one; what is there stays as it is.

    Raises:
        DefinitionError: when a folder cannot be made.
    """
    workspace = Workspace(root.resolve())
    try:
        for folder in (workspace.processed, workspace.rejected, workspace.reports, workspace.assays):
            folder.mkdir(parents=True, exist_ok=True)
        _copy_shipped(workspace.assays)
        make_inboxes(workspace)
        for path, text in (
            (workspace.settings_file, SETTINGS_TEMPLATE),
            (workspace.lots_file, LOTS_TEMPLATE),
        ):
            if not path.exists():
                files.write_file(path, text.encode())
    except OSError as error:
        raise DefinitionError(
            "WORKSPACE_UNWRITABLE",
            f"the workspace cannot be made: {error.strerror}",
            file=str(root),
            action="Choose a folder in which you may write.",
        ) from error
    return workspace


def open_workspace(root: Path) -> Workspace:
    """Return the workspace at ``root``.

    Raises:
        DefinitionError: NO_WORKSPACE.
    """
    workspace = Workspace(root.resolve())
    if workspace.settings_file.is_file() and workspace.assays.is_dir():
        return workspace
    raise DefinitionError(
        "NO_WORKSPACE",
        "this is not a workspace",
        file=str(root),
        expected="a folder with titerline.toml and plate_layouts",
        action=f'Make one with: titerline init "{root}"',
    )


def make_inboxes(workspace: Workspace, names: Iterable[str] | None = None) -> None:
    """Give every assay of the workspace its folder in the inbox, or those of these names."""
    for name in workspace.assay_names() if names is None else names:
        (workspace.inbox / name).mkdir(parents=True, exist_ok=True)


def _copy_shipped(assays: Path) -> None:
    """Add the assays and bases that are missing; what is there is the laboratory's own."""
    source = shipped.assays_folder()
    for name in (*shipped.base_names(source), *shipped.assay_names(source)):
        _copy_missing(source / name, assays / name)


def _copy_missing(source: Path, target: Path) -> None:
    if not target.exists():
        shutil.copytree(source, target)
