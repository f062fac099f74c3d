"""``titerline set-aside``: a refused file or rejected plate leaves the list of what needs people."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.commands.parts.output import say_and_answer
from pipeline.commands.parts.parser import Commands, add_command, add_json
from pipeline.errors import DONE


def add(commands: Commands) -> argparse.ArgumentParser:
    """The file, the reason, and the workspace."""
    example = 'titerline set-aside plate7.txt --reason "tip box was empty, plate repeated as plate7b"'
    summary = "Take a refused file or a rejected plate off the list of what needs people."
    command = add_command(commands, "set-aside", summary, example)
    command.add_argument("file", metavar="FILE", help="name of the export, as the list shows it, or a run id")
    command.add_argument(
        "--reason", required=True, metavar="TEXT", help="why nobody has to look at it any more"
    )
    help_ = "workspace (default: here)"
    command.add_argument("--in", dest="place", type=Path, default=Path(), metavar="WORKSPACE", help=help_)
    add_json(command)
    return command


def run(options: argparse.Namespace) -> int:
    """Note it in the audit trail, and say which runs are meant."""
    from pipeline.jobs.bench import open_bench
    from pipeline.jobs.needs import set_aside
    from pipeline.workspace.folders import open_workspace
    from pipeline.workspace.settings import load_settings

    workspace = open_workspace(options.place)
    with open_bench(workspace, load_settings(workspace.settings_file)) as bench:
        ids = [line.id for line in set_aside(bench, options.file, options.reason)]
    answer = {"schema": "titerline.set-aside/1", "runs": ids, "reason": options.reason}
    say_and_answer(options, answer, [f"set aside: {run_id}" for run_id in ids])
    return DONE
