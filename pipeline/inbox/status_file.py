"""``STATUS.html``, written whatever fails: from memory without the ledger, into a reserve on a full disk."""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pipeline.domain.message import Message
from pipeline.jobs.bench import Bench, now
from pipeline.ledger.unsolved import second_drops, unsolved
from pipeline.record.job import RunLine, moment
from pipeline.report.language import language
from pipeline.report.page.status import QueueLine, StatusPage, status_html
from pipeline.workspace import files

log = logging.getLogger(__name__)

RUNS_SHOWN = 20
SECOND_DROP_SHOWN = timedelta(minutes=15)
"""So long the page says that a plate was dropped again."""
RESERVE_BYTES = 1 << 20
"""Kept on the disk for one page that says that the disk is full; the page of a busy day has a tenth of it."""
FROM_MEMORY = "The ledger cannot be read; the plates below are those that were known before."


@dataclass(slots=True)
class StatusFile:
    """The page for the shared screen."""

    bench: Bench
    since: str = field(default_factory=now)
    runs: tuple[RunLine, ...] = ()
    """The last runs that could be read."""
    unsolved: tuple[RunLine, ...] = ()
    """What needs people, as it could be read last."""

    def write(
        self, notices: tuple[str, ...], queue: tuple[QueueLine, ...], progress: str = "", *, watching: bool
    ) -> None:
        """Write the page; a failure is logged."""
        try:
            self.runs = tuple(self.bench.ledger.recent(RUNS_SHOWN))
            self.unsolved = tuple(unsolved(self.bench.ledger.database))
            notices = (*notices, *self._second_drops())
        except OSError:
            notices = (*notices, FROM_MEMORY)
        style, workspace = self.bench.settings.reports, self.bench.workspace
        spoken = language(style.language, style.decimal)
        shown = (notices, queue, self.runs, self.unsolved)
        page = StatusPage(workspace.root.name, self.since, now(), watching, *shown, spoken, progress)
        try:
            _write(workspace.status_file, status_html(page), workspace.reserve_file)
        except OSError as error:
            log.warning("%s cannot be written: %s", workspace.status_file, error.strerror or error)

    def _second_drops(self) -> Iterator[Message]:
        """Who drops a plate again and sees nothing happen would drop it a third time."""
        since = moment(now()) - SECOND_DROP_SHOWN
        for at, text in second_drops(self.bench.ledger.database, since):
            yield Message(
                "Dropped again at {time}: {what:t}. Nothing is to be done.", time=at[11:16], what=text
            )


def _write(path: Path, data: bytes, reserve: Path) -> None:
    try:
        files.write_file(path, data)
    except OSError as error:
        if error.errno != errno.ENOSPC or not reserve.exists():
            raise
        files.discard(reserve, files.hash_of(reserve))
        files.write_file(path, data)
        return
    if not reserve.exists():
        files.write_file(reserve, bytes(RESERVE_BYTES))
