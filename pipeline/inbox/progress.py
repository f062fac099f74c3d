"""The queue as STATUS.html shows it, and how much of a batch is done."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.message import Message
from pipeline.inbox.sight import Sight
from pipeline.jobs.run import JobOutcome
from pipeline.report.page.status import QueueLine
from pipeline.report.words.tones import NEUTRAL, QUIET, WARN, Tone

QUEUE_SHOWN = 100


@dataclass(slots=True)
class Progress:
    """Files that left the inbox since nothing was ready last: who dropped 24 sees how far they are."""

    finished: int = 0

    def note(self, outcome: JobOutcome) -> None:
        """Count a file that left the inbox; one that went back to waiting is not done."""
        self.finished += outcome.state in ("done", "failed", "duplicate", "filed")

    def text(self, left: int) -> str:
        """Say ``3 of 24 done``, empty for a single file; when nothing is left, the counting begins anew."""
        if not left:
            self.finished = 0
        both = self.finished + left
        return Message("{n:n} of {m:n} done", n=self.finished, m=both) if both > 1 else ""


def queue_lines(sight: Sight, current: str) -> tuple[QueueLine, ...]:
    """Every file in the inbox and what it waits for; ``current`` is the key of the job being computed."""
    ready = [
        QueueLine(item.job.assay, item.job.export.name, *_state(item.job.key, current))
        for item in sight.ready
    ]
    waiting = [
        QueueLine(line.assay, line.name, line.text, WARN if line.blocked else QUIET) for line in sight.waiting
    ]
    lines = (*ready, *waiting)
    if len(lines) <= QUEUE_SHOWN:
        return lines
    more = QueueLine("", "...", Message("and {n:n} more files", n=len(lines) - QUEUE_SHOWN))
    return (*lines[:QUEUE_SHOWN], more)


def _state(key: str, current: str) -> tuple[str, Tone]:
    return ("computing", NEUTRAL) if key == current else ("seen, complete, next in line", QUIET)
