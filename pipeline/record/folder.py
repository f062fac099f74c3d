"""The folder of a run: its record, read back; and the one walk over the folders of many runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from pipeline.domain.record import FailedRun, RunRecord
from pipeline.errors import InputError
from pipeline.record.document import FAILURE, RECORD, failed_from_json, from_json

T = TypeVar("T")


def run_folders(parent: Path) -> list[Path]:
    """Folders of runs, by name; none where ``parent`` is no folder.

    A name with a leading dot is none of a run: a crash may leave such folders, half written.
    """
    if not parent.is_dir():
        return []
    with os.scandir(parent) as entries:
        names = [entry.name for entry in entries if entry.is_dir() and not entry.name.startswith(".")]
    return [parent / name for name in sorted(names)]


def finished_runs(parent: Path) -> Iterator[Path]:
    """Folders of runs that have a record: those that could be computed."""
    return (folder for folder in run_folders(parent) if (folder / RECORD).is_file())


def records_in(parent: Path) -> Iterator[RunRecord]:
    """Read each finished run below a folder; a year of them does not fit into the memory of a small PC.

    Raises:
        InputError: for a record that cannot be understood, naming its file.
    """
    return map(read_record, finished_runs(parent))


def read_record(folder: Path) -> RunRecord:
    """Read the record of a finished run from its folder.

    Raises:
        InputError: it cannot be understood; its file is named.
        OSError: it cannot be read.
    """
    return _read(folder / RECORD, from_json)


def read_result(folder: Path) -> RunRecord | FailedRun:
    """Read the record of a finished or failed run from its folder.

    Raises:
        InputError: as :func:`read_record`.
        OSError: as :func:`read_record`.
    """
    failure = folder / FAILURE
    return _read(failure, failed_from_json) if failure.is_file() else read_record(folder)


def _read(path: Path, understood: Callable[[bytes], T]) -> T:
    try:
        return understood(path.read_bytes())
    except InputError as error:
        raise error.in_file(str(path)) from error
