"""The watcher's log is read by people and by programs: foreign text in it is text."""

from __future__ import annotations

import logging

from pipeline.commands.parts.log_lines import LogLines


def _line(text: str, error: BaseException | None = None) -> str:
    told = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("watch", logging.INFO, __file__, 1, "%s: done", (text,), told)
    return LogLines("%(message)s").format(record)


def test_a_name_makes_no_line_and_no_colour() -> None:
    """A plate named like a line of the log, or with a terminal's own commands, shows what it is."""
    assert _line("P1\n2026-01-01 accepted\x1b[2J") == "P1\u240a2026-01-01 accepted\u241b[2J: done"


def test_a_traceback_keeps_its_lines() -> None:
    """What went wrong stands on lines of its own, and what a file said in it is visible."""
    assert _line("P1", ValueError("\x1b[31mred")).split("\n") == ["P1: done", "ValueError: \u241b[31mred"]
