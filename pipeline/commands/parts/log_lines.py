"""Lines of the log in which foreign text (a plate, a file, an id) can only be text."""

from __future__ import annotations

import logging

from pipeline.report.words.text import visible


class LogLines(logging.Formatter):
    """One message is one line: line ends and control characters in it become signs that can be seen."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as logging names it
        """Time and message."""
        record.message = visible(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:  # noqa: N802 - the same
        """A traceback keeps its own line ends and nothing else."""
        return "\n".join(map(visible, super().formatException(ei).split("\n")))  # type: ignore[arg-type]
