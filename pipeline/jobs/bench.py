"""What every job needs at hand: folders, ledger, settings, clock and the name of the operator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from getpass import getuser
from uuid import uuid4

from pipeline.errors import DefinitionError
from pipeline.ledger import Ledger
from pipeline.runs.other_runs import OtherRuns, in_ledger
from pipeline.workspace import files
from pipeline.workspace.folders import Workspace
from pipeline.workspace.settings import Settings


@dataclass(frozen=True, slots=True)
class Bench:
    """A workspace that is open for work."""

    workspace: Workspace
    ledger: Ledger
    settings: Settings = field(default_factory=Settings)

    @property
    def other_runs(self) -> OtherRuns:
        """Earlier runs of this workspace."""
        return in_ledger(self.ledger, self.workspace.reports)


@contextmanager
def open_bench(workspace: Workspace, settings: Settings, *, upgrade: bool = True) -> Iterator[Bench]:
    """Open the ledger of a workspace; without ``upgrade`` a new or old one is an error and stays as it is.

    Raises:
        LedgerError: when it cannot be opened.
        DefinitionError: LEDGER_OF_ANOTHER, when a database server's ledger belongs to another workspace.
    """
    with Ledger(settings.ledger or workspace.ledger_file, upgrade=upgrade) as ledger:
        if settings.ledger:
            _require_own(ledger, workspace)
        yield Bench(workspace, ledger, settings)


def _require_own(ledger: Ledger, workspace: Workspace) -> None:
    """Two workspaces in one ledger would call each other's files gone."""
    file = workspace.id_file
    if not file.is_file():
        files.write_file(file, f"{uuid4()}\n".encode())
    if ledger.owner(file.read_text("utf-8").strip()) != file.read_text("utf-8").strip():
        raise DefinitionError(
            "LEDGER_OF_ANOTHER",
            "the ledger that is set here belongs to another workspace",
            file=workspace.settings_file.name,
            place="key ledger",
            expected="a database of its own for each workspace",
            action="Make an empty database for this workspace and set its URL.",
        )


def now() -> str:
    """Local time, ISO 8601 with offset, to the second."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def operator_name(settings: Settings) -> str:
    """Who is named in the reports: by setting, else the user of this computer."""
    if settings.operator:
        return settings.operator
    try:
        return getuser()
    except (OSError, KeyError, ImportError):
        return ""
