"""``titerline process``: exports processed now, without inbox and ledger."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.commands.parts.output import say_and_answer
from pipeline.commands.parts.parser import Commands, add_command, add_json
from pipeline.errors import BAD_INPUT, DONE, FAULT, REJECTED

_BY_GRAVITY = (DONE, REJECTED, BAD_INPUT, FAULT)
"""A fault of the program outweighs bad input, bad input a rejected run, and that a clean one."""


def add(commands: Commands) -> argparse.ArgumentParser:
    """Exports, their assay and sheet, and where the results go."""
    command = add_command(
        commands,
        "process",
        "Process exports now; one result folder a run.",
        "titerline process plate1.txt --assay anti_mag_igm --out results",
    )
    command.add_argument("exports", nargs="+", type=Path, metavar="EXPORT")
    command.add_argument("--assay", required=True, help="name of a shipped assay, or an assay folder")
    sheet = "sample sheet (default: EXPORT's stem + .samples.csv)"
    command.add_argument("--samples", type=Path, metavar="SHEET", help=sheet)
    command.add_argument("--out", type=Path, default=Path("results"), metavar="DIR")
    command.add_argument("--language", choices=("en", "de"), default="en", help="of the reports")
    add_json(command)
    return command


def run(options: argparse.Namespace) -> int:
    """Process the exports and say what became of each plate; the gravest exit code of all."""
    from pipeline.commands.parts.outcome import outcome_document, outcome_lines
    from pipeline.jobs.direct import process_to_folder
    from pipeline.workspace.settings import Settings

    reports = Settings(language=options.language).reports
    outcomes = process_to_folder(options.exports, options.assay, options.samples, options.out, reports)
    runs = [(outcome.result, outcome.folder) for outcome in outcomes]
    say_and_answer(options, outcome_document(runs), outcome_lines(runs), indent=1)
    return max((outcome.exit_code for outcome in outcomes), key=_BY_GRAVITY.index, default=DONE)
