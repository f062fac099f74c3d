"""``titerline read``: what was read from an export, and what was not."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.commands.parts.output import answer, bytes_of
from pipeline.commands.parts.parser import Commands, add_command, add_json
from pipeline.errors import DONE


def add(commands: Commands) -> argparse.ArgumentParser:
    """The export to look at."""
    summary = "Show what was read from an export, and what was not."
    command = add_command(commands, "read", summary, "titerline read plate1.txt")
    command.add_argument("export", type=Path, metavar="EXPORT")
    add_json(command)
    return command


def run(options: argparse.Namespace) -> int:
    """Read the export and print it; nothing is computed."""
    from pipeline.commands.parts.read_document import read_document, read_text
    from pipeline.guarded.received import read_guarded

    export = read_guarded(bytes_of(options.export), options.export.name)
    answer(options, read_document(export), read_text(export))
    return DONE
