"""``titerline verify FILE.xlsx``: what was changed in a workbook since it was written, in words."""

from __future__ import annotations

from pathlib import Path

from pipeline.domain.record import RunRecord
from pipeline.errors import InputError
from pipeline.record.document import RECORD, from_json
from pipeline.report.excel.fingerprint import as_property
from pipeline.verify.workbook_check import FoundWorkbook, all_changes, read_guarded_workbook

NO_MARK = (
    "The workbook carries no fingerprint: it was not written by titerline, or by an older version, or its "
    "document properties were removed. Put results.json of its run beside it to have the cells compared."
)
CHANGED = (
    "Cells were changed since the workbook was written. "
    "Put results.json of its run beside it to have them named."
)
LOOK_CHANGED = (
    "look changed: the values are as they were written, but not how they are shown (formats, colours, hidden "
    "rows, charts, comments). Put results.json of its run beside it to have the places named."
)
SUMMARY = (
    "This is a batch summary, which carries no fingerprint and cannot be verified. Verify the results.xlsx "
    "of its runs, and write the summary again with titerline summary."
)
_TAKE = "take results.xlsx of its result folder."
_TOO_BIG = (
    "the workbook is far larger than titerline writes it",
    f"Delete what stands far outside, or {_TAKE}",
)
_OWN_WORDS = {
    "TOO_BIG_INSIDE": _TOO_BIG,
    "FILE_TOO_LARGE": _TOO_BIG,
    "CRASHED_READER": ("reading the workbook takes too much time or memory", _TAKE.capitalize()),
    "XLSX_DAMAGED": ("this is no workbook, or it is damaged", f"Save it again in Excel, or {_TAKE}"),
}
"""Code -> message and action, of errors whose usual words speak of a plate export."""
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
    found = _read(path)
    if found.is_summary:
        return [SUMMARY]
    beside = path.with_name(RECORD)
    if not beside.is_file():
        return _by_fingerprint(found)
    return _by_record(found, from_json(beside.read_bytes()))


def _read(path: Path) -> FoundWorkbook:
    """The workbook; what is wrong with it is said of a workbook and not of an export.

    Raises:
        InputError: as :func:`check_workbook`.
    """
    try:
        return read_guarded_workbook(path.read_bytes(), path.name)
    except InputError as error:
        if error.code not in _OWN_WORDS:
            raise
        message, action = _OWN_WORDS[error.code]
        where = {"file": error.file, "place": error.place, "found": error.found}
        raise InputError(error.code, message, **where, action=action) from error


def _by_fingerprint(found: FoundWorkbook) -> list[str]:
    if found.mark is None:
        return [NO_MARK]
    if not found.fits_its_mark:
        return [CHANGED]
    return [] if found.looks_as_marked else [LOOK_CHANGED]


def _by_record(found: FoundWorkbook, record: RunRecord) -> list[str]:
    if found.run not in (None, as_property(record.run.id)):
        return [OTHER_RUN.format(record.run.id, found.run), *_by_fingerprint(found)]
    changes = all_changes(found, record)
    fits = found.fits_its_mark and found.looks_as_marked
    return [FITS_ITSELF, *changes] if changes and fits else changes
