"""What a past plate would have given with an assay folder: computed in memory, written nowhere."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pipeline.commands.parts.outcome import run_lines
from pipeline.definitions import AssayDefinition, load_sheet
from pipeline.domain.record import FailedRun
from pipeline.errors import BAD_INPUT, DONE, InputError
from pipeline.process import process_export
from pipeline.process.context import RunContext, current_software


def trial(definition: AssayDefinition, export: Path, sheet: Path | None) -> int:
    """Print verdict, failed checks, classes and titers of each plate; the exit code says whether they exist.

    Raises:
        InputError: a file that cannot be read.
    """
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    found = None if sheet is None else load_sheet(_bytes(sheet), sheet.name)
    context = RunContext(now, "", current_software())
    runs = process_export(_bytes(export), export.name, definition, found, context)
    print(f"With {export.name} this assay would have given (nothing is kept):")
    for run in runs:
        print("\n".join(run_lines(run)))
    return BAD_INPUT if any(isinstance(run, FailedRun) for run in runs) else DONE


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError.unreadable(str(path), error) from error
