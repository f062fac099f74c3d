"""``titerline init``: an empty workspace."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.commands.parts.parser import Commands, add_command
from pipeline.errors import DONE


def add(commands: Commands) -> argparse.ArgumentParser:
    """The folder to make."""
    command = add_command(commands, "init", "Make an empty workspace.", "titerline init elisa")
    command.add_argument("folder", type=Path, metavar="DIR")
    return command


def run(options: argparse.Namespace) -> int:
    """Make the workspace and say what comes next."""
    from pipeline.workspace.folders import create_workspace

    workspace = create_workspace(options.folder)
    print(f"Workspace ready: {workspace.root}")
    print("Drop exports and sample sheets into a folder below inbox, then run:")
    print(f"  titerline watch {options.folder}")
    return DONE
