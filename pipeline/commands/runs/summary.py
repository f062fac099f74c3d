"""``titerline summary``: results of many plates in one file."""

from __future__ import annotations

import argparse
import dataclasses
from datetime import date
from pathlib import Path

from pipeline.commands.parts.output import say_and_answer
from pipeline.commands.parts.parser import Commands, add_command, add_json
from pipeline.errors import DONE


def add(commands: Commands) -> argparse.ArgumentParser:
    """The runs, which of them, and the file to write."""
    summary = "Results of many plates in one file for the LIMS, one row a sample."
    example = "titerline summary elisa --since 2026-01-01 -o january.xlsx"
    command = add_command(commands, "summary", summary, example)
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
    add_json(command)
    return command


def run(options: argparse.Namespace) -> int:
    """Write the file and say in a line what it holds."""
    from pipeline.runs.place import Wanted
    from pipeline.runs.summary import write_summary

    wanted = Wanted(options.assay, options.since, options.until)
    done = write_summary(options.place, options.output, wanted, every=options.all)
    text = f"Written: {options.output}; runs: {done.runs}, samples: {done.samples}"
    if done.left_out:
        text += f"; left out as superseded or rejected by a person: {done.left_out} (--all adds them)"
    say_and_answer(options, {"file": str(options.output), **dataclasses.asdict(done)}, [text])
    return DONE


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = f"'{text}' is no date such as 2026-01-31"
        raise argparse.ArgumentTypeError(message) from error
