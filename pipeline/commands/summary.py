"""``titerline summary``: its arguments, and what it says."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from datetime import date
from pathlib import Path

from pipeline.commands.parser import Commands, add_command


def add_summary(commands: Commands) -> None:
    """Add the command."""
    summary = "Results of many plates in one file for the LIMS, one row a sample."
    example = "titerline summary elisa --since 2026-01-01 -o january.xlsx"
    command = add_command(commands, "summary", summary_command, summary, example)
    what = "a workspace, or a folder with runs' folders"
    command.add_argument("place", type=Path, metavar="PLACE", help=what)
    command.add_argument("--assay", metavar="NAME", help="only runs of this assay")
    command.add_argument("--since", type=_day, metavar="DATE", help="first day of processing, as 2026-01-31")
    command.add_argument("--until", type=_day, metavar="DATE", help="last day of processing")
    every = "also runs that were superseded, or rejected by a person"
    command.add_argument("--all", action="store_true", help=every)
    command.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help=".xlsx or .csv file to write"
    )
    command.add_argument("--json", action="store_true", help="one JSON document on standard output")


def summary_command(options: argparse.Namespace) -> int:
    """Write the file and say in a line what it holds; the exit code is 0."""
    from pipeline.runs.summary import Wanted, write_summary

    wanted = Wanted(options.assay, options.since, options.until, options.all)
    done = write_summary(options.place, options.output, wanted)
    if options.json:
        print(json.dumps({"file": str(options.output), **dataclasses.asdict(done)}, ensure_ascii=False))
    text = f"Written: {options.output}; runs: {done.runs}, samples: {done.samples}"
    if done.left_out:
        text += f"; left out as superseded or rejected by a person: {done.left_out} (--all adds them)"
    print(text, file=sys.stderr if options.json else sys.stdout)
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = f"'{text}' is no date such as 2026-01-31"
        raise argparse.ArgumentTypeError(message) from error
