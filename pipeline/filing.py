"""Received files: verified copies into the folder of their run, then the originals out of the inbox."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from pipeline import files
from pipeline.bench import Bench, now
from pipeline.domain.names import slug
from pipeline.jobs import Job, RunLine
from pipeline.produce import Contents
from pipeline.workspace import Workspace

log = logging.getLogger(__name__)

HELD = "a file is in use elsewhere: close it in Excel, then it is put away"


def home_of(workspace: Workspace, line: RunLine) -> Path:
    """Folder that keeps the files of a run as received."""
    return (workspace.rejected if line.failed else workspace.processed) / line.id


def archive(home: Path, job: Job, contents: Contents) -> None:
    """Keep a verified copy of what was received, and ``hashes.txt`` beside it."""
    home.mkdir(parents=True, exist_ok=True)
    for received, data in contents:
        if data is not None:
            files.write_verified(home / received.name, data, received.sha256)
    hashes = {received.name: received.sha256 for received in job.received}
    files.write_file(home / "hashes.txt", files.hash_list(hashes))


def clear_inbox(bench: Bench, job: Job, lines: Sequence[RunLine]) -> str:
    """Move the originals of a finished job onto their copies.

    Returns:
        What keeps a file in the inbox, or nothing. A file with new content stays: it is another job.
    """
    home = home_of(bench.workspace, lines[0])
    try:
        for received in job.received:
            original = bench.workspace.inbox / received.path
            if not files.take(original, received.sha256, home / received.name) and original.exists():
                text = f"{received.name} has new content since it was read; that stays in the inbox"
                bench.ledger.note("changed", text, now(), job_key=job.key)
    except OSError as error:
        log.warning("job %s is done; its files cannot be moved yet: %s", job.key[:8], error.strerror)
        return HELD
    bench.ledger.filed(job.key, now())
    return ""


def set_aside(bench: Bench, job: Job, runs: Sequence[RunLine]) -> None:
    """Move a drop whose content was processed before to ``processed/duplicates``, with a note."""
    at = now()
    stem = slug(Path(job.export.name).stem)
    folder = bench.workspace.duplicates / f"{at[:19].replace(':', '-')}_{stem}_{job.key[:8]}"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for received in job.received:
            files.take(bench.workspace.inbox / received.path, received.sha256, folder / received.name)
    finally:
        if not any(folder.iterdir()):
            folder.rmdir()
    if folder.is_dir():
        files.write_file(folder / "NOTE.txt", _note(job, runs).encode())
    earlier = ", ".join(run.id for run in runs)
    bench.ledger.note("duplicate", f"{job.export.name}: processed before as {earlier}", at, job_key=job.key)


def _note(job: Job, runs: Sequence[RunLine]) -> str:
    lines = [f"{job.export.name} has the same content as a file that was processed before.", ""]
    lines += [f"Received then as {run.export}. Result: reports/{run.id}/report.html" for run in runs]
    lines += [
        "",
        "Nothing was computed again. To compute with other samples, drop it with a new sample sheet.",
    ]
    return "\n".join(lines) + "\n"
