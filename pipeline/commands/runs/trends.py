"""``titerline trends``: control charts over past runs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pipeline.commands.parts.output import answer
from pipeline.commands.parts.parser import Commands, add_command, add_json
from pipeline.errors import DONE, InputError

LEAST_REFERENCE = 20
RECENT = 3
"""A clean assay with three controls and 20 reference runs asks for a look by chance in 15 % of looks, with 10
recent runs in 36 % (simulated); a drift stays visible in the last three."""


def add(commands: Commands) -> argparse.ArgumentParser:
    """The runs, the page to write, and which runs set and which decide."""
    example = "titerline trends elisa/reports --assay anti_mag_igm -o trends.html"
    command = add_command(commands, "trends", "Control charts over past runs.", example)
    command.add_argument(
        "reports", type=Path, metavar="PLACE", help="a workspace, or a folder with runs' folders"
    )
    command.add_argument("--assay", required=True, metavar="NAME", help="name of the assay")
    command.add_argument("-o", "--output", type=Path, metavar="PAGE", help="the .html file to write")
    reference = "first accepted runs that set the limits (default: 20)"
    command.add_argument("--reference", type=int, default=LEAST_REFERENCE, metavar="RUNS", help=reference)
    recent = "last runs that decide the answer (default: 3)"
    command.add_argument("--recent", type=int, default=RECENT, metavar="RUNS", help=recent)
    add_json(command)
    return command


def run(options: argparse.Namespace) -> int:
    """Write the page, print the answer in a line or as JSON."""
    from pipeline.compute.past.control_chart import ChartSettings
    from pipeline.compute.past.trends import trends
    from pipeline.report.trends.document import trends_document
    from pipeline.report.trends.page import overview, trends_page
    from pipeline.runs.history import history_of
    from pipeline.workspace.files import write_file

    _require_sense(options)
    history = history_of(options.reports, options.assay)
    found = trends(history, ChartSettings(reference_runs=options.reference))
    if options.output is not None:
        write_file(options.output, trends_page(history, found, recent=options.recent))
        print(f"Written: {options.output}", file=sys.stderr)
    view = overview(history, found, options.recent)
    document = trends_document(history, found, recent=options.recent)
    answer(options, document, f"{view.word.text}. {view.why}")
    return DONE


def _require_sense(options: argparse.Namespace) -> None:
    if options.output is None and not options.json:
        raise InputError("NO_OUTPUT", "nothing to write", expected="-o PAGE.html, --json, or both")
    if options.reference < LEAST_REFERENCE:
        raise _nonsense("--reference", options.reference, f"{LEAST_REFERENCE} runs or more")
    if options.recent < 1:
        raise _nonsense("--recent", options.recent, "1 run or more")


def _nonsense(what: str, found: int, expected: str) -> InputError:
    return InputError("TRENDS_SETTING", f"{what} means nothing", found=str(found), expected=expected)
