"""A sample sheet that comes alone: is it the corrected one of an export that is kept already?

It is when the newest run of an export of that name was refused for its sheet, or had no sheet, or shares a
sample with it. Else it may be the sheet of a new plate whose reader calls every export the same, and waits.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pipeline.domain.message import Message
from pipeline.errors import InputError
from pipeline.guarded.received import sheet_guarded
from pipeline.inbox.names import same_stem
from pipeline.jobs.filing import home_of
from pipeline.record.job import JOB_NOTE, Job, RunLine, job_from_json
from pipeline.workspace import files
from pipeline.workspace.folders import Workspace

LONELY = "sample sheet, waiting for its export: drop that here too, even if it was here before"
FETCHED = "sample sheet, its export is taken from what is kept"
SHEET_CODES = frozenset(
    {
        *("SHEET_EMPTY", "SHEET_PLATE", "SHEET_LINE", "SHEET_BARCODE", "SHEET_TWO_TABLES", "SHEET_NO_IDS"),
        *("SLOT_UNKNOWN", "SLOT_TWICE", "HEADER_UNKNOWN", "HEADER_TWICE", "ID_NOT_TEXT", "ID_TOO_LONG"),
        *("ID_CONTROL", "DILUTION"),
    }
)
"""What only a sample sheet is refused for."""


def fetched(workspace: Workspace, sheet: Path, sha256: str, stem: str, runs: Iterable[RunLine]) -> str:
    """Lay the kept export beside its corrected sheet; returns what the sheet waits for.

    Args:
        workspace: where exports are kept.
        sheet: lies alone in an inbox.
        sha256: of its content.
        stem: of its name, as :func:`pipeline.inbox.names.same_stem` gives it.
        runs: newest first.

    Raises:
        OSError: a kept file cannot be read, or the inbox not written.
    """
    for line in runs:
        if same_stem(Path(line.export).stem) == stem:
            job = _job(home_of(workspace, line))
            if job is not None and job.assay == sheet.parent.name:
                return _from(workspace, line, job, sheet, sha256)
    return LONELY


def _from(workspace: Workspace, line: RunLine, job: Job, sheet: Path, sha256: str) -> str:
    home = home_of(workspace, line)
    kept = home / job.export.name
    if job.sheet is not None and job.sheet.sha256 == sha256:
        text = "sample sheet of run {run}, unchanged: correct it, or drop the export too"
        return Message(text, run=line.id)
    mine = _refused(line) or (not line.failed and _shared(home, job, sheet))
    if not mine or not kept.is_file():
        text = "sample sheet, waiting for its export; run {run} had other samples: drop its export too"
        return Message(text, run=line.id)
    files.write_verified(sheet.with_name(job.export.name), files.read_bytes(kept), job.export.sha256)
    return FETCHED


def _refused(line: RunLine) -> bool:
    return line.failed and line.code in SHEET_CODES


def _shared(home: Path, job: Job, sheet: Path) -> bool:
    """Does a computed run have no sheet, or a sample of this one? An export that was refused is not taken."""
    if job.sheet is None:
        return True
    try:
        before = sheet_guarded(files.read_bytes(home / job.sheet.name), job.sheet.name)
        now = sheet_guarded(files.read_bytes(sheet), sheet.name)
    except InputError:
        return False
    return bool({entry.sample_id for entry in before.entries} & {entry.sample_id for entry in now.entries})


def _job(home: Path) -> Job | None:
    """The job whose files are kept there; None where no note of it is left."""
    try:
        return job_from_json((home / JOB_NOTE).read_bytes()).job
    except (FileNotFoundError, ValueError):
        return None
