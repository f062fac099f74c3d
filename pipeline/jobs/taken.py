"""A run id belongs to one run: no result is written over another one, whatever two exports have in common."""

from __future__ import annotations

from pathlib import Path

from pipeline.domain.record import FailedRun, InputFile
from pipeline.errors import InputError
from pipeline.jobs.produce import Result, id_of
from pipeline.record.failed import failed_run
from pipeline.record.folder import read_result
from pipeline.record.keys import whole_key_id

ID_TAKEN = "RUN_ID_TAKEN"
"""Code of a run that would stand over another one."""


def where_free(result: Result, *folders: Path) -> Result:
    """The result; where another run has its id in one of the folders, its refusal under an id of its own.

    Args:
        result: finished or failed.
        folders: in which runs lie, one folder each.
    """
    if any(_held_by_another(folder / id_of(result), result) for folder in folders):
        return _refused(result)
    return result


def key_of(result: Result) -> str:
    """Run key of a finished or failed run."""
    return result.key if isinstance(result, FailedRun) else result.run.key


def _held_by_another(folder: Path, result: Result) -> bool:
    """Does a run of another key lie there? What cannot be read is somebody's too."""
    if not folder.is_dir() or not any(folder.iterdir()):
        return False
    try:
        return key_of(read_result(folder)) != key_of(result)
    except FileNotFoundError:  # an attempt that ended before its record was written
        return False
    except (OSError, InputError):
        return True


def _refused(result: Result) -> FailedRun:
    run = result if isinstance(result, FailedRun) else result.run
    return failed_run(
        InputError(
            ID_TAKEN,
            "another run has the same name as this one would have, and is not replaced",
            file=run.export.name,
            found=run.id,
            action="Rename the export, and tell your IT: this does not happen by chance.",
        ),
        id=whole_key_id(run.processed_at, run.key),
        key=run.key,
        assay=run.assay,
        plate=run.plate,
        export=InputFile(run.export.name, run.export.sha256),
        processed_at=run.processed_at,
        reports=result.reports,
    )
