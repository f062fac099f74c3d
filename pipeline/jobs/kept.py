"""Runs as their folders tell them: results, kept files and hashes. The ledger is compared with these."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.domain.record import FailedRun, RunRecord
from pipeline.errors import InputError
from pipeline.jobs.filing import DEFINITION, HASHES
from pipeline.ledger.rows import RunRows, files_of_run, rows_of
from pipeline.record.folder import read_result, run_folders
from pipeline.record.job import JOB_NOTE, Job, job_from_json, moment
from pipeline.workspace import files
from pipeline.workspace.folders import Workspace

MISSING = "missing"
"""Stands in place of the hash of a file that is not there."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A run as its folders tell it."""

    result: RunRecord | FailedRun
    job: Job
    processed_at: str
    rows: RunRows
    home: Path
    """Folder of the files as received."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run lies: its results, and its files as received."""

    run_id: str
    results: Path
    home: Path


def places(workspace: Workspace) -> dict[str, Place]:
    """Every run folder of a workspace by run id, in the order in which they were processed."""
    found = [_finished(workspace, folder.name) for folder in run_folders(workspace.reports)]
    found += [Place(folder.name, folder, folder) for folder in run_folders(workspace.rejected)]
    return {place.run_id: place for place in sorted(found, key=_order)}


def place_of(workspace: Workspace, run_id: str) -> Place:
    """Where the folders of a run should be."""
    rejected = workspace.rejected / run_id
    return Place(run_id, rejected, rejected) if rejected.is_dir() else _finished(workspace, run_id)


def read_kept(place: Place, known: Job | None = None) -> Kept:
    """Read a run from its folders, hashing every file.

    Args:
        place: of the run.
        known: its job, where an old run has no note of it.

    Raises:
        InputError: a folder or record is missing or cannot be read.
    """
    try:
        job, processed_at = _job(place, known)
        result = read_result(place.results)
        found = files_of_run(_as_found(job, place.home), _kept_hashes(place, job), _published(place, job))
    except (OSError, ValueError) as error:
        raise _broken(place, error) from error
    return Kept(result, job, processed_at, rows_of(result, job.key, found), place.home)


def _finished(workspace: Workspace, run_id: str) -> Place:
    return Place(run_id, workspace.reports / run_id, workspace.processed / run_id)


def _order(place: Place) -> tuple[datetime, int, int, str]:
    """By what the job's note says, which is quick to read; a run without one comes by its date."""
    try:
        note = job_from_json((place.home / JOB_NOTE).read_bytes())
    except (OSError, ValueError):
        return moment(place.run_id[:10]), 0, 0, place.run_id
    number = note.runs.index(place.run_id) if place.run_id in note.runs else 0
    return moment(note.processed_at), note.order, number, place.run_id


def _job(place: Place, known: Job | None) -> tuple[Job, str]:
    path = place.home / JOB_NOTE
    if known is not None and not path.is_file():
        return known, ""
    note = job_from_json(path.read_bytes())
    return note.job, note.processed_at


def _as_found(job: Job, home: Path) -> Job:
    """The job with the hashes of the files as they lie there now."""
    export, *sheet = (
        dataclasses.replace(received, sha256=hash_at(home / received.name)) for received in job.received
    )
    return dataclasses.replace(job, export=export, sheet=sheet[0] if sheet else None)


def hash_at(path: Path) -> str:
    """sha256 of a file, or :data:`MISSING`."""
    return files.hash_of(path) if path.is_file() else MISSING


def _kept_hashes(place: Place, job: Job) -> Mapping[str, str]:
    """Everything beside the received files; a failed run's results lie there too."""
    wanted = [JOB_NOTE, HASHES]
    others = {received.name for received in job.received}
    if place.results != place.home and place.home.is_dir():
        wanted += [path.name for path in place.home.iterdir() if path.name not in {*others, DEFINITION}]
    definition = place.home / DEFINITION
    wanted += [path.relative_to(place.home).as_posix() for path in _files_below(definition)]
    return {name: hash_at(place.home / name) for name in wanted}


def _files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if not path.is_dir()]


def _published(place: Place, job: Job) -> Mapping[str, str]:
    """Files of the result; a failed run lies in one folder with what was received."""
    others: Sequence[str] = ()
    if place.results == place.home:
        others = (JOB_NOTE, HASHES, DEFINITION, *(received.name for received in job.received))
    return {path.name: hash_at(path) for path in place.results.iterdir() if path.name not in others}


def _broken(place: Place, error: Exception) -> InputError:
    found = f"{Path(error.filename).name} is missing" if isinstance(error, FileNotFoundError) else str(error)
    return InputError("RUN_FOLDER", f"run {place.run_id} cannot be read from its folders", found=found)
