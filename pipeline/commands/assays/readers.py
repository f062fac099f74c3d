"""``titerline readers``: the plate-reader software whose exports are read."""

from __future__ import annotations

import argparse

from pipeline.commands.parts.output import answer
from pipeline.commands.parts.parser import Commands, add_command, add_json
from pipeline.errors import DONE


def add(commands: Commands) -> argparse.ArgumentParser:
    """No arguments beside ``--json``."""
    summary = "List the plate-reader software whose exports are read."
    command = add_command(commands, "readers", summary, "titerline readers")
    add_json(command)
    return command


def run(options: argparse.Namespace) -> int:
    """Print every reader with the sign by which it knows a file."""
    from pipeline.commands.parts.reader_list import reader_rows, reader_text

    rows = reader_rows()
    answer(options, rows, reader_text(rows), indent=1)
    return DONE
