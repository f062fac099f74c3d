"""The command line. Every command is one short function; heavy packages are imported where they are used."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline import __version__
from pipeline.commands.follow_up import add_follow_up, follow_up_command
from pipeline.commands.layout import add_layout
from pipeline.commands.parser import Commands, add_command
from pipeline.commands.summary import add_summary
from pipeline.commands.trends import add_trends, trends_command
from pipeline.commands.verify import add_proof
from pipeline.errors import LedgerError, TiterlineError

DONE, FAULT, BAD_INPUT, REJECTED = 0, 1, 2, 3
"""Exit codes: done; a fault of the program; input or definition at fault; a run was rejected by QC."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    _utf8_output()
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.run
    try:
        return command(options)
    except TiterlineError as error:
        print(f"titerline: {error.text()}", file=sys.stderr)
        return BAD_INPUT
    except LedgerError as error:
        print(f"titerline: {error}", file=sys.stderr)
        print("Nothing was lost. Check the disk, or the setting 'ledger', and try again.", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("titerline: stopped", file=sys.stderr)
        return FAULT
    except BrokenPipeError:
        return FAULT
    except Exception as error:
        if options.debug:
            raise
        print(f"titerline: a fault of the program: {type(error).__name__}: {error}", file=sys.stderr)
        print("Run the command again with --debug for the details.", file=sys.stderr)
        return FAULT


def _utf8_output() -> None:
    """Windows consoles default to a code page that cannot print every sample id."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="titerline",
        description="Plate-reader exports in, quality-controlled ELISA titers out.",
        epilog="Example: titerline demo demo",
    )
    parser.add_argument("--version", action="version", version=f"titerline {__version__}")
    parser.add_argument("--debug", action="store_true", help="show the stack trace of a fault")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_work(commands)
    _add_look(commands)
    add_summary(commands)
    add_layout(commands)
    add_proof(commands)
    return parser


def _add_work(commands: Commands) -> None:
    demo = add_command(
        commands,
        "demo",
        demo_command,
        "Make a workspace with the sample data and process it.",
        "titerline demo demo",
    )
    demo.add_argument("folder", nargs="?", default="demo", type=Path, metavar="DIR")
    demo.add_argument("--no-prefect", action="store_true", help="process without Prefect")
    init = add_command(commands, "init", init_command, "Make an empty workspace.", "titerline init elisa")
    init.add_argument("folder", type=Path, metavar="DIR")
    process = add_command(
        commands,
        "process",
        process_command,
        "Process exports now; one result folder a run.",
        "titerline process plate1.txt --assay anti_mag_igm --out results",
    )
    process.add_argument("exports", nargs="+", type=Path, metavar="EXPORT")
    process.add_argument("--assay", required=True, help="name of a shipped assay, or an assay folder")
    process.add_argument(
        "--samples", type=Path, metavar="SHEET", help="sample sheet (default: EXPORT's stem + .samples.csv)"
    )
    process.add_argument("--out", type=Path, default=Path("results"), metavar="DIR")
    process.add_argument("--language", choices=("en", "de"), default="en", help="of the reports")
    process.add_argument("--json", action="store_true", help="one JSON document on standard output")
    watch = add_command(
        commands, "watch", watch_command, "Serve a workspace's inbox.", "titerline watch elisa"
    )
    watch.add_argument("workspace", nargs="?", default=Path(), type=Path, metavar="WORKSPACE")
    watch.add_argument("--once", action="store_true", help="process what is there and stop")
    watch.add_argument("--no-prefect", action="store_true", help="process without Prefect")


def _add_look(commands: Commands) -> None:
    read = add_command(
        commands,
        "read",
        read_command,
        "Show what was read from an export, and what was not.",
        "titerline read plate1.txt",
    )
    read.add_argument("export", type=Path, metavar="EXPORT")
    read.add_argument("--json", action="store_true", help="one JSON document on standard output")
    _add_fit(commands)
    _add_limits(commands)
    learn = add_command(
        commands,
        "learn",
        learn_command,
        "Learn a dilution step's error and a cut-off from past runs.",
        "titerline learn elisa/reports --assay anti_mag_igm",
    )
    learn.add_argument("reports", type=Path, metavar="REPORTS", help="the folder with the runs' folders")
    learn.add_argument("--assay", required=True, help="name of the assay")
    learn.add_argument("--json", action="store_true", help="one JSON document on standard output")
    example = "titerline follow-up elisa/reports --patient P-17"
    add_follow_up(
        add_command(commands, "follow-up", follow_up_command, "One patient's titers over visits.", example)
    )
    example = "titerline trends elisa/reports --assay anti_mag_igm -o trends.html"
    add_trends(add_command(commands, "trends", trends_command, "Control charts over past runs.", example))
    known = add_command(
        commands,
        "readers",
        readers_command,
        "List the plate-reader software whose exports are read.",
        "titerline readers",
    )
    known.add_argument("--json", action="store_true", help="one JSON document on standard output")
    rules = add_command(
        commands,
        "rules",
        rules_command,
        "List every QC rule with its limit, unit, consequence and source.",
        "titerline rules --assay anti_mag_igm",
    )
    rules.add_argument("--assay", help="show the limits of this assay")
    rules.add_argument("--json", action="store_true", help="one JSON document on standard output")


def _add_fit(commands: Commands) -> None:
    fit = add_command(
        commands,
        "fit",
        fit_command,
        "Fit a curve to any table.",
        "titerline fit standards.csv --x conc --y od --model 4pl --weights 1/y2 --predict 0.8 1.4",
    )
    fit.add_argument("table", type=Path, metavar="DATA.csv")
    fit.add_argument("--x", required=True, metavar="COL", help="column of concentrations")
    fit.add_argument("--y", required=True, metavar="COL", help="column of responses")
    fit.add_argument("--group", metavar="COL", help="a curve for each value of this column")
    fit.add_argument("--model", default="4pl", help="3pl, 4pl, 5pl, 4pl-fixed-lower, loglog, linear or auto")
    fit.add_argument("--weights", default="none", help="none, 1/y, 1/y2, power (estimated) or power:THETA")
    fit.add_argument(
        "--predict", nargs="+", type=float, default=[], metavar="OD", help="responses to read off"
    )
    fit.add_argument("--json", action="store_true", help="one JSON document on standard output")


def _add_limits(commands: Commands) -> None:
    limits = add_command(
        commands,
        "limits",
        limits_command,
        "Cut points from negatives; limits of blank, detection and quantitation.",
        "titerline limits negatives.csv --value od --sample serum",
    )
    limits.add_argument("table", type=Path, metavar="DATA.csv")
    limits.add_argument("--value", required=True, metavar="COL", help="column of results")
    limits.add_argument("--kind", metavar="COL", help="column with negative, blank or low; else all negative")
    limits.add_argument("--sample", metavar="COL", help="column that tells replicates of one sample")
    limits.add_argument("--lot", metavar="COL", help="column of reagent lots")
    limits.add_argument("--nominal", metavar="COL", help="column of true values of the low samples")
    limits.add_argument("--goal", type=float, default=20.0, metavar="PERCENT", help="total error at the LoQ")
    limits.add_argument("--json", action="store_true", help="one JSON document on standard output")


def demo_command(options: argparse.Namespace) -> int:
    """``titerline demo``."""
    from pipeline.commands.demo import run_demo

    return run_demo(options.folder, prefect=not options.no_prefect)


def init_command(options: argparse.Namespace) -> int:
    """``titerline init``."""
    from pipeline.workspace.folders import create_workspace

    workspace = create_workspace(options.folder)
    print(f"Workspace ready: {workspace.root}")
    print("Drop exports and sample sheets into a folder below inbox, then run:")
    print(f"  titerline watch {options.folder}")
    return DONE


def process_command(options: argparse.Namespace) -> int:
    """``titerline process``."""
    from pipeline.commands.outcome import outcome_document, outcome_lines
    from pipeline.jobs.run import process_to_folder
    from pipeline.workspace.settings import Settings

    reports = Settings(language=options.language).reports
    outcomes = process_to_folder(options.exports, options.assay, options.samples, options.out, reports)
    runs = [(outcome.result, outcome.folder) for outcome in outcomes]
    if options.json:
        print(json.dumps(outcome_document(runs), ensure_ascii=False, indent=1))
    for line in outcome_lines(runs):
        print(line, file=sys.stderr if options.json else sys.stdout)
    return max((outcome.exit_code for outcome in outcomes), key=_gravity, default=DONE)


def _gravity(code: int) -> int:
    """A fault of the program outweighs bad input, bad input a rejected run, and that a clean one."""
    return (DONE, REJECTED, BAD_INPUT, FAULT).index(code)


def watch_command(options: argparse.Namespace) -> int:
    """``titerline watch``."""
    import logging

    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    for library in ("alembic", "fontTools"):  # their progress is nobody's news
        logging.getLogger(library).setLevel(logging.WARNING)
    from pipeline.inbox.watch import watch_workspace

    return watch_workspace(options.workspace, once=options.once, prefect=not options.no_prefect)


def read_command(options: argparse.Namespace) -> int:
    """``titerline read``."""
    from pipeline.commands.read_document import read_document, read_text
    from pipeline.process.guard import read_guarded

    export = read_guarded(_bytes_of(options.export), options.export.name)
    print(json.dumps(read_document(export), ensure_ascii=False) if options.json else read_text(export))
    return DONE


def fit_command(options: argparse.Namespace) -> int:
    """``titerline fit``."""
    from pipeline.any_table.fit import FitRequest, fit_document, fit_file, fit_text

    columns = (options.x, options.y, options.group)
    request = FitRequest(*columns, options.model, options.weights, tuple(options.predict))
    fits = fit_file(_bytes_of(options.table), options.table.name, request)
    print(json.dumps(fit_document(fits), ensure_ascii=False) if options.json else fit_text(fits))
    return DONE


def limits_command(options: argparse.Namespace) -> int:
    """``titerline limits``."""
    from pipeline.any_table.limits import LimitsRequest, limits_document, limits_file, limits_text

    request = LimitsRequest(
        options.value, options.kind, options.sample, options.lot, options.nominal, options.goal
    )
    found = limits_file(_bytes_of(options.table), options.table.name, request)
    print(json.dumps(limits_document(found), ensure_ascii=False) if options.json else limits_text(found))
    return DONE


def learn_command(options: argparse.Namespace) -> int:
    """``titerline learn``."""
    from pipeline.runs.learn import learn_step, learned_document, learned_text

    learned = learn_step(options.reports, options.assay)
    document = learned_document(learned)
    print(json.dumps(document, ensure_ascii=False) if options.json else learned_text(learned))
    return DONE


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TiterlineError(
            "FILE_UNREADABLE", f"cannot be read: {error.strerror}", file=str(path)
        ) from error


def readers_command(options: argparse.Namespace) -> int:
    """``titerline readers``."""
    from pipeline.commands.reader_list import reader_rows, reader_text

    rows = reader_rows()
    print(json.dumps(rows, ensure_ascii=False, indent=1) if options.json else reader_text(rows))
    return DONE


def rules_command(options: argparse.Namespace) -> int:
    """``titerline rules``."""
    from pipeline.commands.rule_list import rule_rows, rule_text
    from pipeline.definitions import load_definition
    from pipeline.workspace.shipped import find_assay

    assay = load_definition(find_assay(options.assay)).assay if options.assay else None
    rows = rule_rows(assay)
    print(json.dumps(rows, ensure_ascii=False, indent=1) if options.json else rule_text(rows))
    return DONE


if __name__ == "__main__":
    raise SystemExit(main())
