"""``titerline limits``: cut points and limits of blank, detection and quantitation from any table."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.commands.parts.output import answer, bytes_of
from pipeline.commands.parts.parser import Commands, add_command, add_json
from pipeline.errors import DONE


def add(commands: Commands) -> argparse.ArgumentParser:
    """The table, its columns, and the goal of the limit of quantitation."""
    summary = "Cut points from negatives; limits of blank, detection and quantitation."
    example = "titerline limits negatives.csv --value od --sample serum"
    command = add_command(commands, "limits", summary, example)
    command.add_argument("table", type=Path, metavar="DATA.csv")
    command.add_argument("--value", required=True, metavar="COL", help="column of results")
    kind = "column with negative, blank or low; else all negative"
    command.add_argument("--kind", metavar="COL", help=kind)
    command.add_argument("--sample", metavar="COL", help="column that tells replicates of one sample")
    command.add_argument("--lot", metavar="COL", help="column of reagent lots")
    command.add_argument("--nominal", metavar="COL", help="column of true values of the low samples")
    command.add_argument("--goal", type=float, default=20.0, metavar="PERCENT", help="total error at the LoQ")
    add_json(command)
    return command


def run(options: argparse.Namespace) -> int:
    """Compute and print the limits."""
    from pipeline.any_table.limits import LimitsRequest, limits_document, limits_file, limits_text

    columns = (options.value, options.kind, options.sample, options.lot, options.nominal)
    found = limits_file(bytes_of(options.table), options.table.name, LimitsRequest(*columns, options.goal))
    answer(options, limits_document(found), limits_text(found))
    return DONE
