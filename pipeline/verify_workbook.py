"""``titerline verify FILE.xlsx``: what was changed in a workbook since it was written, in words."""

from __future__ import annotations

from pathlib import Path

from pipeline.domain.record import RunRecord
from pipeline.report.document import from_json
from pipeline.report.fingerprint import as_property
from pipeline.report.workbook_check import FoundWorkbook, describe, differences, read_guarded_workbook

_RECORD = "results.json"
NO_MARK = (
    "The workbook carries no fingerprint: it was not written by titerline, or by an older version, or its "
    "document properties were removed. Put results.json of its run beside it to have the cells compared."
)
CHANGED = (
    "Cells were changed since the workbook was written. "
    "Put results.json of its run beside it to have them named."
)
OTHER_RUN = "results.json beside the workbook is of another run, {}; the workbook is of {}."
FITS_ITSELF = (
    "The workbook is as it was written, but not what this version writes for results.json beside it: another "
    "version wrote it, or results.json was changed, or both cells and fingerprint were. The differences:"
)


def check_workbook(path: Path) -> list[str]:
    """One line a change; empty where nothing was changed.

    With ``results.json`` beside the workbook each changed cell is named; without it the fingerprint inside
    the workbook says whether there was a change.

    Raises:
        InputError: the file is no workbook or not safe to open, or results.json cannot be read.
        OSError: a file cannot be read.
    """
    found = read_guarded_workbook(path.read_bytes(), path.name)
    beside = path.with_name(_RECORD)
    if not beside.is_file():
        return _by_fingerprint(found)
    return _by_record(found, from_json(beside.read_bytes()))


def _by_fingerprint(found: FoundWorkbook) -> list[str]:
    if found.mark is None:
        return [NO_MARK]
    return [] if found.fits_its_mark else [CHANGED]


def _by_record(found: FoundWorkbook, record: RunRecord) -> list[str]:
    if found.run not in (None, as_property(record.run.id)):
        return [OTHER_RUN.format(record.run.id, found.run), *_by_fingerprint(found)]
    changes = [describe(change) for change in differences(found, record)]
    return [FITS_ITSELF, *changes] if changes and found.fits_its_mark else changes
