"""``titerline ledger rebuild``: the ledger made again from the result folders."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.parts.output import say_and_answer
from pipeline.commands.parts.parser import (
    Commands,
    add_action,
    add_actions,
    add_command,
    add_json,
    run_action,
)
from pipeline.errors import BAD_INPUT, DONE

if TYPE_CHECKING:
    from pipeline.jobs.rebuild import Rebuilt


def add(commands: Commands) -> argparse.ArgumentParser:
    """The actions, and the workspace whose ledger it is."""
    example = "titerline ledger rebuild elisa"
    command = add_command(commands, "ledger", "Care for the ledger of a workspace.", example)
    summary = "Make the ledger again from the result folders, and prove that both agree."
    rebuild = add_action(add_actions(command), "rebuild", _rebuild, summary, example)
    rebuild.add_argument("workspace", nargs="?", default=Path(), type=Path, metavar="WORKSPACE")
    rebuild.add_argument(
        "--from-folders",
        action="store_true",
        help="put the ledger that is there aside, whatever its state, and make a new one",
    )
    rebuild.add_argument(
        "--backup",
        type=Path,
        metavar="FILE",
        help="with --from-folders: begin with this older copy of ledger.db",
    )
    add_json(rebuild)
    return command


def run(options: argparse.Namespace) -> int:
    """Do the action that was asked for."""
    return run_action(options)


def _rebuild(options: argparse.Namespace) -> int:
    """Make the ledger again and say what was different; a run that cannot be read is input at fault."""
    done = _from_folders(options) if options.from_folders or options.backup else _in_place(options)
    say_and_answer(options, dataclasses.asdict(done), _rebuilt_lines(done))
    return BAD_INPUT if done.unreadable else DONE


def _in_place(options: argparse.Namespace) -> Rebuilt:
    from pipeline.jobs.bench import open_bench
    from pipeline.jobs.rebuild import rebuild
    from pipeline.workspace.folders import open_workspace
    from pipeline.workspace.settings import load_settings

    workspace = open_workspace(options.workspace)
    with open_bench(workspace, load_settings(workspace.settings_file)) as bench:
        return rebuild(bench)


def _from_folders(options: argparse.Namespace) -> Rebuilt:
    from pipeline.inbox.lock import only_one
    from pipeline.jobs.from_folders import ledger_from_folders
    from pipeline.workspace.folders import open_workspace
    from pipeline.workspace.settings import load_settings

    workspace = open_workspace(options.workspace)
    with only_one(workspace.lock_file):
        return ledger_from_folders(workspace, load_settings(workspace.settings_file), options.backup)


def _rebuilt_lines(done: Rebuilt) -> list[str]:
    total = done.equal + len(done.restored)
    proof = f"{done.equal} of {total} runs stood in the ledger as in their folders"
    mended = f"; {len(done.restored)} were written anew, and now all {total} do" if done.restored else ""
    return [*done.differences, *done.unreadable, f"{proof}{mended}."]
