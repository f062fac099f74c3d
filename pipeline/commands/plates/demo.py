"""``titerline demo``: a workspace with the sample data, processed through its inbox and a Prefect flow."""

from __future__ import annotations

import argparse
import logging
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.parts.parser import Commands, add_command
from pipeline.errors import DONE, FAULT, DefinitionError

if TYPE_CHECKING:
    from pipeline.domain.record import RunRecord
    from pipeline.record.job import RunLine

NOT_DROPPED = frozenset({"expected.json", "README.md"})
REFUSED_EXAMPLES = ("short_row", "ambiguous_numbers")
"""Refusals that the demo drops beside the good plates."""


def add(commands: Commands) -> argparse.ArgumentParser:
    """The folder of the workspace to make."""
    summary = "Make a workspace with the sample data and process it."
    command = add_command(commands, "demo", summary, "titerline demo demo")
    command.add_argument("folder", nargs="?", default="demo", type=Path, metavar="DIR")
    command.add_argument("--no-prefect", action="store_true", help="process without Prefect")
    return command


def run(options: argparse.Namespace) -> int:
    """Make the workspace, drop the sample data, process it and print where everything is.

    Rejected plates and refused files are part of the demonstration, so they are no failure of it.

    Raises:
        DefinitionError: the folder is there already and is not empty.
    """
    from pipeline.workspace.folders import create_workspace

    folder, prefect = options.folder, not options.no_prefect
    _require_empty(folder)
    logging.getLogger("pipeline").setLevel(logging.WARNING)
    drop_sample_data(create_workspace(folder).inbox)
    if prefect:
        _own_prefect(folder)
    print(f"Processing the sample data in {folder} ...", flush=True)
    records = _processed(folder, prefect=prefect)
    _where(folder, prefect=prefect)
    return DONE if records else FAULT


def _require_empty(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise DefinitionError(
            "FOLDER_EXISTS",
            "this folder is not empty",
            file=str(folder),
            action="Choose another: titerline demo DIR",
        )


def _processed(folder: Path, *, prefect: bool) -> list[RunRecord]:
    """Process what lies in the inbox and print a line for each plate and each refused file."""
    from pipeline.inbox.watch import watch

    runs = watch(folder, once=True, prefect=prefect).runs
    records = [_record(folder, line) for line in runs if not line.failed]
    for text in table_lines(records):
        print(text)
    for line in runs:
        if line.failed:
            print(f"✘ refused   {line.export}: {line.message} [{line.code}]")
    return records


def _record(folder: Path, line: RunLine) -> RunRecord:
    from pipeline.record.folder import read_record
    from pipeline.workspace.folders import Workspace

    return read_record(Workspace(folder).reports / line.id)


def drop_sample_data(inbox: Path) -> None:
    """Copy every export and sample sheet of the sample data where a technician would save it."""
    from pipeline.workspace.shipped import sample_data_folder

    source = sample_data_folder()
    cases = [case for assay in inbox.iterdir() for case in sorted(source.glob(f"{assay.name}/*/"))]
    for case in cases:
        _drop(case, inbox / case.parent.name, "")
    for name in REFUSED_EXAMPLES:
        _drop(source / "errors" / name, inbox / "anti_mag_igm", f"{name}_")


def _drop(case: Path, inbox: Path, prefix: str) -> None:
    for path in sorted(case.iterdir()):
        if path.is_file() and path.name not in NOT_DROPPED:
            shutil.copyfile(path, inbox / f"{prefix}{path.name}")


def _own_prefect(folder: Path) -> None:
    """A Prefect of the demo's own, so that its run can be looked at and nobody else's is touched."""
    os.environ.setdefault("PREFECT_HOME", str((folder / ".prefect").resolve()))
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_ENABLED", "true")
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")


def table_lines(records: list[RunRecord]) -> list[str]:
    """A line for each plate: its verdict, and how many samples may be reported or need another step."""
    from pipeline.commands.parts.outcome import MARKS
    from pipeline.record.job import run_line

    lines = ["", f"{'plate':<46} {'verdict':<26} samples"]
    for record in records:
        plate = f"{record.run.export.name}, {record.run.plate}"
        verdict = f"{MARKS[record.verdict.value]} {record.verdict.value.replace('_', ' ')}"
        line = run_line(record)
        counts = f"reportable {line.reportable} of {line.samples}, {line.repeats} to repeat or check"
        lines.append(f"{plate:<46} {verdict:<26} {counts}")
    return [*lines, ""]


def _where(folder: Path, *, prefect: bool) -> None:
    print()
    print(f"Reports:   {folder / 'reports'}  (report.html, report.pdf, results.xlsx, results.json)")
    print(f"All runs:  {folder / 'reports' / 'index.html'}")
    print(f"Status:    {folder / 'STATUS.html'}")
    print(f"Refused:   {folder / 'rejected'}  (each with WHY.txt)")
    if prefect:
        from pipeline.inbox.flows import last_run

        print(f"Prefect:   {last_run()}")
        print(f"           set PREFECT_HOME={os.environ['PREFECT_HOME']}")
        print("           then: prefect server start, and open http://127.0.0.1:4200")
