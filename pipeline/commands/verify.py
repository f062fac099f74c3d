"""``titerline verify`` and ``titerline ledger rebuild``: their arguments, and what they say."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.parser import Commands, add_command
from pipeline.errors import InputError, LedgerError

if TYPE_CHECKING:
    from pipeline.jobs.rebuild import Rebuilt
    from pipeline.verify.workspace import Verified

_REBUILD = "titerline ledger rebuild elisa"

DONE, DIFFERENT = 0, 2
"""Exit codes: all is as recorded; something is not (the same code as for input at fault)."""


def add_proof(commands: Commands) -> None:
    """Add ``verify`` and ``ledger``."""
    summary = "Check that nothing was changed since it was recorded."
    _verify_arguments(add_command(commands, "verify", verify_command, summary, "titerline verify elisa"))
    text = "Care for the ledger of a workspace."
    ledger = commands.add_parser("ledger", help=text, description=text, epilog=f"Example: {_REBUILD}")
    actions = ledger.add_subparsers(title="actions", required=True, metavar="ACTION")
    summary = "Make the ledger again from the result folders, and prove that both agree."
    rebuild = add_command(actions, "rebuild", rebuild_command, summary, _REBUILD)
    rebuild.add_argument("workspace", nargs="?", default=Path(), type=Path, metavar="WORKSPACE")
    rebuild.add_argument("--json", action="store_true", help="one JSON document on standard output")


def _verify_arguments(command: argparse.ArgumentParser) -> None:
    what = "a workspace, a result folder, or a results.xlsx"
    command.add_argument("place", type=Path, metavar="PATH", help=what)
    command.add_argument(
        "--head", metavar="N:DIGEST", help="an end of the audit trail that you noted earlier"
    )
    quick = "compare hashes only; compute nothing again"
    command.add_argument("--quick", action="store_true", help=quick)
    command.add_argument("--json", action="store_true", help="one JSON document on standard output")


def verify_command(options: argparse.Namespace) -> int:
    """Check a workspace, a result folder or a workbook; name every difference."""
    from pipeline.workspace.folders import Workspace

    if Workspace(options.place).settings_file.is_file():
        return _verify_workspace(options)
    return _verify_result(options)


def rebuild_command(options: argparse.Namespace) -> int:
    """Make the ledger again from the result folders and say what was different."""
    from pipeline.jobs.bench import open_bench
    from pipeline.jobs.rebuild import rebuild
    from pipeline.workspace.folders import open_workspace
    from pipeline.workspace.settings import load_settings

    workspace = open_workspace(options.workspace)
    with open_bench(workspace, load_settings(workspace.settings_file)) as bench:
        done = rebuild(bench)
    _say(options, dataclasses.asdict(done), _rebuilt_lines(done))
    return DIFFERENT if done.unreadable else DONE


def _verify_workspace(options: argparse.Namespace) -> int:
    from pipeline.jobs.bench import open_bench
    from pipeline.verify.workspace import head_of, verify
    from pipeline.workspace.folders import open_workspace
    from pipeline.workspace.settings import load_settings

    workspace = open_workspace(options.place)
    try:
        noted = head_of(options.head) if options.head else None
    except ValueError as error:
        raise InputError("HEAD", "this is not an end of an audit trail", found=options.head) from error
    settings = load_settings(workspace.settings_file)
    if not settings.ledger and not workspace.ledger_file.is_file():
        raise LedgerError(f"{workspace.ledger_file.name} is missing: titerline ledger rebuild makes it again")
    with open_bench(workspace, settings, upgrade=False) as bench:
        done = verify(bench, compute=not options.quick, noted=noted)
    _say(options, dataclasses.asdict(done), _verified_lines(done))
    return DIFFERENT if done.problems else DONE


def _verify_result(options: argparse.Namespace) -> int:
    from pipeline.verify.result import verify_result

    problems = verify_result(options.place)
    lines = problems or [f"{options.place}: as it was written"]
    _say(options, {"problems": problems}, lines)
    return DIFFERENT if problems else DONE


def _verified_lines(done: Verified) -> list[str]:
    looked = f"{done.runs} runs looked at, {done.recomputed} computed again from their kept exports"
    told = [f"Note: {note}" for note in done.notes]
    noted = f"End of the audit trail, to note elsewhere: {done.head}"
    if not done.problems:
        return [*told, f"All is as it was recorded: {looked}.", noted]
    return [*told, *done.problems, f"{len(done.problems)} differences; {looked}.", noted]


def _rebuilt_lines(done: Rebuilt) -> list[str]:
    total = done.equal + len(done.restored)
    proof = f"{done.equal} of {total} runs stood in the ledger as in their folders"
    mended = f"; {len(done.restored)} were written anew, and now all {total} do" if done.restored else ""
    return [*done.differences, *done.unreadable, f"{proof}{mended}."]


def _say(options: argparse.Namespace, document: object, lines: list[str]) -> None:
    if options.json:
        print(json.dumps(document, ensure_ascii=False))
    for line in lines:
        print(line, file=sys.stderr if options.json else sys.stdout)
