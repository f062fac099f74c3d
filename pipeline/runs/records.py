"""The records of a folder of reports, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.domain.findings import RunVerdict
from pipeline.domain.record import RunRecord
from pipeline.errors import InputError
from pipeline.record.document import from_json


def records_in(reports: Path) -> Iterator[RunRecord]:
    """Read each finished run below a folder; a year of them does not fit into the memory of a small PC.

    Raises:
        InputError: for a record that cannot be read, naming its file.
    """
    for path in sorted(reports.glob("*/results.json")):
        if path.parent.name.startswith("."):  # what a crash left behind
            continue
        try:
            yield from_json(path.read_bytes())
        except InputError as error:
            raise error.in_file(str(path)) from error


def replaces(record: RunRecord) -> str | None:
    """Id of the run that this one replaces; a rejected run replaces none."""
    return None if record.verdict is RunVerdict.REJECTED else record.run.supersedes
