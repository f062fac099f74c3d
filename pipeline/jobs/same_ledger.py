"""Is this the ledger that was here? A lost, an older or another one is refused, with what to do.

``ledger.head`` notes how far the audit trail went; while a watcher runs, the file that it opened has to stay.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.errors import DefinitionError
from pipeline.jobs.bench import Bench
from pipeline.jobs.filing import noted_head
from pipeline.ledger import audit
from pipeline.record.folder import run_folders
from pipeline.workspace.folders import Workspace
from pipeline.workspace.settings import Settings


def require_ledger(workspace: Workspace, settings: Settings) -> None:
    """Refuse to begin a new ledger where runs were recorded in one that is gone.

    Raises:
        DefinitionError: LEDGER_LOST.
    """
    if settings.ledger or workspace.ledger_file.exists():
        return
    if workspace.head_file.exists() or run_folders(workspace.reports) or run_folders(workspace.rejected):
        raise _refused(workspace, "LEDGER_LOST", "the ledger is gone, and there are runs that it recorded")


def require_noted(bench: Bench) -> None:
    """Refuse a ledger whose trail does not reach where an earlier one went.

    Raises:
        DefinitionError: LEDGER_OTHER.
        LedgerError: it cannot be read.
    """
    noted = noted_head(bench.workspace)
    with bench.ledger.database.reading() as connection:
        if noted is not None and not audit.holds(connection, noted):
            found = f"a trail of {audit.head(connection).number} lines; noted was line {noted.number}"
            raise _refused(bench.workspace, "LEDGER_OTHER", "this is an older or another ledger", found)


@dataclass(slots=True)
class SameLedger:
    """The ledger and the workspace as they were opened."""

    bench: Bench
    _opened: list[tuple[int, int]] = field(default_factory=list)
    _last: audit.ChainHead = field(default_factory=lambda: audit.ChainHead(0, audit.BEGINNING))

    def __post_init__(self) -> None:
        """Remember what was opened."""
        self._opened = self._identity()
        self.check()

    def check(self) -> None:
        """Look whether it is still the same, and its trail no shorter.

        Raises:
            DefinitionError: LEDGER_LOST or LEDGER_OTHER.
            LedgerError: it cannot be read.
            OSError: the workspace cannot be reached.
        """
        workspace = self.bench.workspace
        try:
            found = self._identity()
        except FileNotFoundError as error:
            if not workspace.settings_file.exists():
                raise
            raise _refused(workspace, "LEDGER_LOST", "the ledger was removed while it was open") from error
        if found != self._opened:
            text = "the ledger, or the whole workspace, was exchanged while it was open"
            raise _refused(workspace, "LEDGER_OTHER", text)
        with self.bench.ledger.database.reading() as connection:
            if not audit.holds(connection, self._last):
                raise _refused(workspace, "LEDGER_OTHER", "the ledger's trail was cut while it was open")
            self._last = audit.head(connection)

    def workspace_is_there(self) -> bool:
        """Is the folder the one that was opened, whatever became of the ledger?"""
        try:
            state = self.bench.workspace.root.stat()
        except OSError:
            return False
        return (state.st_dev, state.st_ino) == self._opened[0]

    def _identity(self) -> list[tuple[int, int]]:
        """What tells a file from another one in its place; a database on a server has none here."""
        workspace = self.bench.workspace
        paths = [workspace.root] if self.bench.settings.ledger else [workspace.root, workspace.ledger_file]
        return [(state.st_dev, state.st_ino) for state in (path.stat() for path in paths)]


def _refused(workspace: Workspace, code: str, text: str, found: str | None = None) -> DefinitionError:
    return DefinitionError(
        code,
        text,
        file=str(workspace.ledger_file),
        found=found,
        action="Nothing is processed. Bring back the right file, or run: titerline ledger rebuild "
        f'"{workspace.root}" --from-folders (with --backup FILE to begin with an older copy).',
    )
