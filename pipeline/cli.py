"""The command line: runs one command and turns what goes wrong into words and an exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from pipeline import __version__
from pipeline.commands import add_commands
from pipeline.errors import BAD_INPUT, FAULT, LedgerError, TiterlineError


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
    add_commands(commands)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
