"""``titerline fit``: a curve for any table."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline.commands.parts.output import answer, bytes_of
from pipeline.commands.parts.parser import Commands, add_command, add_json
from pipeline.errors import BAD_INPUT, DONE


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
    level = "level of the intervals of what is read off, in percent"
    command.add_argument("--level", type=float, default=95.0, metavar="PERCENT", help=level)
    wells = "how many readings each response to read off is the mean of"
    command.add_argument("--mean-of", type=int, default=1, metavar="M", help=wells)
    outliers = "mark suspected outliers among the responses of one x: grubbs or dixon; none is left out"
    command.add_argument("--outliers", metavar="TEST", help=outliers)
    add_json(command)
    return command


def run(options: argparse.Namespace) -> int:
    """Fit and print each curve with what was read off; a group without a curve is input at fault."""
    from pipeline.any_table.fit import FitRequest, fit_document, fit_file, fit_text
    from pipeline.compute.curve.table_fit import ReadOff

    columns = (options.x, options.y, options.group)
    predict = tuple(options.predict)
    how = ReadOff(options.level / 100, options.mean_of)
    request = FitRequest(*columns, options.model, options.weights, predict, options.outliers, how)
    fits = fit_file(bytes_of(options.table), options.table.name, request)
    answer(options, fit_document(fits), fit_text(fits))
    answered = all(one.fit.state == "ok" or one.outliers is not None for one in fits)
    return DONE if answered else BAD_INPUT  # outliers are told of points that give no curve, too
