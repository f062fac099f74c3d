"""``titerline fit``: a curve for any table."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.commands.parts.output import answer, bytes_of
from pipeline.commands.parts.parser import Commands, add_command, add_json
from pipeline.errors import DONE


def add(commands: Commands) -> argparse.ArgumentParser:
    """The table, its columns, the model, what to read off and how to look for outliers."""
    example = "titerline fit standards.csv --x conc --y od --model 4pl --weights 1/y2 --predict 0.8 1.4"
    command = add_command(commands, "fit", "Fit a curve to any table.", example)
    command.add_argument("table", type=Path, metavar="DATA.csv")
    command.add_argument("--x", required=True, metavar="COL", help="column of concentrations")
    command.add_argument("--y", required=True, metavar="COL", help="column of responses")
    command.add_argument("--group", metavar="COL", help="a curve for each value of this column")
    models = "3pl, 4pl, 5pl, 4pl-fixed-lower, loglog, linear or auto"
    command.add_argument("--model", default="4pl", help=models)
    weights = "none, 1/y, 1/y2, power (estimated) or power:THETA"
    command.add_argument("--weights", default="none", help=weights)
    read_off = "responses to read off"
    command.add_argument("--predict", nargs="+", type=float, default=[], metavar="OD", help=read_off)
    outliers = "mark suspected outliers among the responses of one x: grubbs or dixon; none is left out"
    command.add_argument("--outliers", metavar="TEST", help=outliers)
    add_json(command)
    return command


def run(options: argparse.Namespace) -> int:
    """Fit and print each curve with what was read off."""
    from pipeline.any_table.fit import FitRequest, fit_document, fit_file, fit_text

    columns = (options.x, options.y, options.group)
    predict = tuple(options.predict)
    request = FitRequest(*columns, options.model, options.weights, predict, options.outliers)
    fits = fit_file(bytes_of(options.table), options.table.name, request)
    answer(options, fit_document(fits), fit_text(fits))
    return DONE
