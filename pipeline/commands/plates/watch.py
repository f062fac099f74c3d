"""``titerline watch``: serve a workspace's inbox."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from pipeline.commands.parts.parser import Commands, add_command


def add(commands: Commands) -> argparse.ArgumentParser:
    """The workspace, and how long it is served."""
    command = add_command(commands, "watch", "Serve a workspace's inbox.", "titerline watch elisa")
    command.add_argument("workspace", nargs="?", default=Path(), type=Path, metavar="WORKSPACE")
    command.add_argument("--once", action="store_true", help="process what is there and stop")
    command.add_argument("--no-prefect", action="store_true", help="process without Prefect")
    return command


def run(options: argparse.Namespace) -> int:
    """Serve the inbox, with a line on standard error for what happens."""
    from pipeline.commands.parts.log_lines import LogLines

    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(LogLines("%(asctime)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[lines])
    for library in ("alembic", "fontTools"):  # their progress is nobody's news
        logging.getLogger(library).setLevel(logging.WARNING)
    from pipeline.inbox.watch import watch_workspace

    return watch_workspace(options.workspace, once=options.once, prefect=not options.no_prefect)
