"""``titerline verify``: was anything changed since it was recorded?"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.parts.output import say_and_answer
from pipeline.commands.parts.parser import Commands, add_command, add_json
from pipeline.errors import BAD_INPUT, DONE, InputError, LedgerError

if TYPE_CHECKING:
    from pipeline.verify.workspace import Verified


def add(commands: Commands) -> argparse.ArgumentParser:
    """What to check, and how far."""
    summary = "Check that nothing was changed since it was recorded."
    command = add_command(commands, "verify", summary, "titerline verify elisa")
    what = "a workspace, a result folder, or a results.xlsx"
    command.add_argument("place", type=Path, metavar="PATH", help=what)
    head = "an end of the audit trail that you noted earlier"
    command.add_argument("--head", metavar="N:DIGEST", help=head)
    quick = "compare hashes only; compute nothing again"
    command.add_argument("--quick", action="store_true", help=quick)
    add_json(command)
    return command


def run(options: argparse.Namespace) -> int:
    """Check a workspace, a result folder or a workbook, and name every difference.

    A difference ends the command as input at fault does.
    """
    from pipeline.workspace.folders import Workspace

    if Workspace(options.place).settings_file.is_file():
        return _verify_workspace(options)
    return _verify_result(options)


def _verify_workspace(options: argparse.Namespace) -> int:
    from pipeline.jobs.bench import open_bench
    from pipeline.ledger.audit import head_of
    from pipeline.verify.workspace import verify
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
    say_and_answer(options, dataclasses.asdict(done), _verified_lines(done))
    return BAD_INPUT if done.problems else DONE


def _verify_result(options: argparse.Namespace) -> int:
    from pipeline.verify.result import verify_result

    problems = verify_result(options.place)
    lines = problems or [f"{options.place}: as it was written"]
    say_and_answer(options, {"problems": problems}, lines)
    return BAD_INPUT if problems else DONE


def _verified_lines(done: Verified) -> list[str]:
    looked = f"{done.runs} runs looked at, {done.recomputed} computed again from their kept exports"
    notes = [f"Note: {note}" for note in done.notes]
    noted = f"End of the audit trail, to note elsewhere: {done.head}"
    if not done.problems:
        return [*notes, f"All is as it was recorded: {looked}.", noted]
    return [*notes, *done.problems, f"{len(done.problems)} differences; {looked}.", noted]
