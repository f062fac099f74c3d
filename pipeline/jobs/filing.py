"""Received files: verified copies into the folder of their run, then the originals out of the inbox."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.definitions import AssayDefinition, effective_json
from pipeline.definitions.lots import LOTS_FILE
from pipeline.domain.message import Message
from pipeline.domain.names import slug
from pipeline.errors import InputError
from pipeline.jobs.bench import Bench, now
from pipeline.jobs.produce import ReceivedFiles
from pipeline.ledger import LedgerError
from pipeline.ledger.audit import ChainHead, digest_of, head_of, holds
from pipeline.ledger.unsolved import DUPLICATE
from pipeline.record.document import PAGE
from pipeline.record.folder import read_record
from pipeline.record.job import JOB_NOTE, Job, JobNote, RunLine, job_to_json
from pipeline.record.keys import KEY_SHOWN, STEM_SHOWN
from pipeline.workspace import files
from pipeline.workspace.folders import Workspace

log = logging.getLogger(__name__)

DEFINITION = ".assay"
"""Folder beside the kept files: the assay with its bases, layout and lot file that they were computed with.

No export is called so: names with a leading dot are never taken from an inbox.
"""

EFFECTIVE = "effective.json"
"""In that folder: the whole definition, with the origin of each value."""

HASHES = "hashes.txt"
"""Beside the kept files: their sha256, as ``sha256sum --check`` reads it."""

NOTE = "NOTE.txt"
"""Beside files that were set aside: what they repeat."""

HELD = "a file is in use elsewhere: close it in Excel, then it is put away"


def home_of(workspace: Workspace, line: RunLine) -> Path:
    """Folder that keeps the files of a run as received."""
    return (workspace.rejected if line.failed else workspace.processed) / line.id


def kept_files(note: JobNote, definition: AssayDefinition, lots: bytes | None) -> dict[str, bytes]:
    """What is kept beside the files of a job: all it takes to compute it again."""
    named = zip(definition.files, definition.contents, strict=True)
    kept = {f"{DEFINITION}/{file.name}": data for file, data in named}
    kept[f"{DEFINITION}/{EFFECTIVE}"] = effective_json(definition.effective)
    if lots is not None:
        kept[f"{DEFINITION}/{LOTS_FILE}"] = lots
    hashes = files.hash_list({received.name: received.sha256 for received in note.job.received})
    return kept | {JOB_NOTE: job_to_json(note), HASHES: hashes}


def archive(home: Path, contents: ReceivedFiles, kept: Mapping[str, bytes]) -> None:
    """Keep a verified copy of what was received, and beside it what it was computed with."""
    files.fresh_folder(home / DEFINITION)  # an attempt that was interrupted may have left other files
    for received, data in contents:
        if data is not None:
            files.write_verified(home / received.name, data, received.sha256)
    for name, data in kept.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        files.write_file(home / name, data)


def note_head(bench: Bench) -> None:
    """Note outside the ledger how far its audit trail goes: a trail that was cut no longer reaches there.

    Raises:
        LedgerError: an earlier note is not in the trail; it is never replaced by a shorter one.
    """
    noted = noted_head(bench.workspace)
    with bench.ledger.database.reading() as connection:
        known = noted is None or holds(connection, noted)
    if noted is not None and not known:
        msg = f"line {noted.number} of the trail is not as it was noted"
        raise LedgerError(msg)
    files.write_file(bench.workspace.head_file, f"{bench.ledger.head().text()}\n".encode())


def noted_head(workspace: Workspace) -> ChainHead | None:
    """The end of the trail as it was noted; None where nothing is, or nothing that can be understood."""
    try:
        return head_of(workspace.head_file.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None


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
    named = f"{at[:19].replace(':', '-')}_{stem}"
    folder = _new_folder(bench.workspace.duplicates, named, f"_{job.key[:KEY_SHOWN]}")
    try:
        for received in job.received:
            files.take(bench.workspace.inbox / received.path, received.sha256, folder / received.name)
    finally:
        if not any(folder.iterdir()):
            folder.rmdir()
    if folder.is_dir():
        files.write_file(folder / NOTE, _note(job, runs).encode())
    earlier = ", ".join(run.id for run in runs)
    kept = set_aside_hashes(folder)
    content = digest_of({folder.name: kept}) if kept else None  # the drop may be gone by now
    text = Message("{name}: processed before as {runs}", name=job.export.name, runs=earlier)
    bench.ledger.note(DUPLICATE, text, at, job_key=job.key, content=content)
    note_head(bench)


def _new_folder(parent: Path, name: str, end: str = "") -> Path:
    """A folder of its own, though two drops of one content come in the same second."""
    for n in itertools.count(1):
        folder = parent / (f"{name}{end}" if n == 1 else f"{name}_{n}{end}")
        if not folder.exists():
            folder.mkdir(parents=True)
            return folder
    raise AssertionError("counting never ends")


def set_unfinished_aside(bench: Bench, job: Job, processed_at: str) -> None:
    """Take results out of sight that were published but never recorded, when their job became another one."""
    start = f"{processed_at[:10]}_{slug(Path(job.export.name).stem, STEM_SHOWN)}"
    for reports in sorted(bench.workspace.reports.glob(f"{start}*")):
        if bench.ledger.has_run(reports.name) or not _is_of(reports, job, processed_at):
            continue
        target = _new_folder(bench.workspace.unfinished, reports.name)
        files.sync_move(reports, target / "report")
        if (bench.workspace.processed / reports.name).is_dir():
            files.sync_move(bench.workspace.processed / reports.name, target / "files")
        text = f"{reports.name}: was never recorded, because {job.export.name} or its assay changed"
        bench.ledger.note("unfinished", text, now(), job_key=job.key)


def _is_of(reports: Path, job: Job, processed_at: str) -> bool:
    try:
        record = read_record(reports)
    except (OSError, InputError):
        return False
    return (record.run.export.sha256, record.run.processed_at) == (job.export.sha256, processed_at)


def set_aside_hashes(folder: Path) -> dict[str, str]:
    """File name -> sha256 of what was set aside in a folder; nothing where the folder is gone."""
    kept = folder.iterdir() if folder.is_dir() else ()
    return {path.name: files.hash_of(path) for path in sorted(kept) if path.name != NOTE}


def _note(job: Job, runs: Sequence[RunLine]) -> str:
    lines = [f"{job.export.name} has the same content as a file that was processed before.", ""]
    lines += [f"Received then as {run.export}. Result: reports/{run.id}/{PAGE}" for run in runs]
    lines += [
        "",
        "Nothing was computed again. To compute with other samples, drop it with a new sample sheet.",
    ]
    return "\n".join(lines) + "\n"
