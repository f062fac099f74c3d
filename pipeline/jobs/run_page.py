"""Keeps ``index.html``, the list of all runs, beside the result folders."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError
from pipeline.jobs.bench import Bench, now
from pipeline.report.page.run_index import RunIndex, run_index_html
from pipeline.runs.run_list import runs_in
from pipeline.workspace import files
from pipeline.workspace.folders import INDEX

log = logging.getLogger(__name__)

AGAIN_S = 10.0
"""While plates come in, the page is written this often at most: after years it is a large file."""


@dataclass(slots=True)
class RunPage:
    """The page of a workspace, from its ledger; written at the start, and whenever there are more runs."""

    bench: Bench
    listed: int = -1
    """Runs that were done when it was written."""
    tried_at: float = -AGAIN_S
    failed: bool = False
    """Could it not be written?"""

    def keep(self, done: int, *, busy: bool) -> None:
        """Bring the page up to date; a page that cannot be written is tried again later."""
        recently = time.monotonic() - self.tried_at < AGAIN_S
        if done == self.listed or (recently and (busy or self.failed)):
            return
        self.tried_at, self.failed = time.monotonic(), True
        workspace = self.bench.workspace
        try:
            runs = self.bench.ledger.listing()
            _write(workspace.index_file, RunIndex(workspace.root.name, now(), runs, "../rejected/"))
            self.listed, self.failed = done, False
        except OSError as error:
            log.warning("%s cannot be written: %s", INDEX, error.strerror or error)


def list_folder(folder: Path) -> None:
    """Write the page of a folder of results that has no ledger; a failure is logged, the results stay."""
    try:
        _write(folder / INDEX, RunIndex(folder.resolve().name, now(), runs_in(folder)))
    except (OSError, InputError) as error:
        log.warning("%s cannot be written: %s", folder / INDEX, error)


def _write(path: Path, index: RunIndex) -> None:
    files.write_file(path, run_index_html(index))
