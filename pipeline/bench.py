"""What every job needs at hand: folders, ledger, settings, clock and the name of the operator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from getpass import getuser

from pipeline.elsewhere import PastRuns, in_ledger
from pipeline.ledger import Ledger
from pipeline.settings import Settings
from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Bench:
    """A workspace that is open for work."""

    workspace: Workspace
    ledger: Ledger
    settings: Settings = field(default_factory=Settings)

    @property
    def past(self) -> PastRuns:
        """Earlier runs of this workspace."""
        return in_ledger(self.ledger, self.workspace.reports)


@contextmanager
def open_bench(workspace: Workspace, settings: Settings, *, upgrade: bool = True) -> Iterator[Bench]:
    """Open the ledger of a workspace; without ``upgrade`` a new or old one is an error and stays as it is.

    Raises:
        LedgerError: when it cannot be opened.
    """
    with Ledger(settings.ledger or workspace.ledger_file, upgrade=upgrade) as ledger:
        yield Bench(workspace, ledger, settings)


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
