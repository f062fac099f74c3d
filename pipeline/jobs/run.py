"""One export through the house: read, process, render, publish, record, file. Safe to repeat at any step.

Order of :func:`run_job`, so that a crash at any instant loses and doubles nothing: claim in the ledger;
compute; publish reports under names that come from the content; keep verified copies of what was received;
record in the ledger; and only then move the originals out of the inbox, on top of their copies.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.definitions import AssayDefinition, load_definition, load_sheet
from pipeline.definitions.lots import checked_lots, lots_data
from pipeline.domain.record import FailedRun, ReportStyle
from pipeline.errors import DefinitionError, InputError
from pipeline.jobs.bench import Bench, now, operator_name
from pipeline.jobs.filing import (
    archive,
    clear_inbox,
    home_of,
    kept_files,
    note_head,
    set_aside,
    set_unfinished_aside,
)
from pipeline.jobs.produce import Contents, Result, id_of, job_of, produce, refused, rendered
from pipeline.jobs.rebuild import rebuild
from pipeline.jobs.run_page import list_folder
from pipeline.ledger import AlreadyDone, Claim
from pipeline.ledger.revisions import NewExport
from pipeline.ledger.rows import RunRows, files_of_run, rows_of
from pipeline.process.context import RunContext, current_software
from pipeline.record.job import Job, JobNote, Received, RunLine, RunOutcome, run_line
from pipeline.runs.elsewhere import PastRuns, in_folder, sheet_results
from pipeline.workspace import files
from pipeline.workspace.settings import Settings
from pipeline.workspace.shipped import find_assay

log = logging.getLogger(__name__)

MAY_STILL_GROW = frozenset({"FILE_INCOMPLETE", "FILE_EMPTY", "XLSX_DAMAGED", "SHEET_EMPTY"})
"""Codes of a file that may only be unfinished: it gets patience before it is rejected."""

STEPS = ("claimed", "read", "computed", "staged", "published", "archived", "recorded", "filed")
"""Named points of :func:`run_job`, in their order; tests stop the program at each."""

SHEET_ENDINGS = (".samples.csv", ".samples.xlsx")
"""How a sample sheet is called after the stem of its export."""


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """What became of a job.

    ``done``, ``failed``: finished now. ``duplicate``: the same content had its results before. ``filed``: it
    was finished earlier and only its files had to be moved. ``incomplete``: it may still grow. ``changed``:
    its files are gone or have other content now, or its assay was edited.
    """

    state: Literal["done", "failed", "duplicate", "filed", "incomplete", "changed"]
    runs: tuple[RunLine, ...] = ()
    message: str = ""
    """What remains to be done, in plain words; empty when nothing does."""


class _ChangedError(Exception):
    """The inbox holds something else than what was seen."""


class _OtherJobError(_ChangedError):
    """The assay was edited, or other runs say something else, since the job was seen: it has another key."""


def run_job(bench: Bench, job: Job, *, final: bool = True) -> JobOutcome:
    """Process one job that the ledger has seen; may be repeated after whatever crash.

    Args:
        bench: folders, ledger, settings.
        job: the export, its sheet and its assay.
        final: when False, a file that may only be unfinished is left for later.

    Raises:
        OSError: disk full, file locked, folder unreachable, ledger busy: the job is open again, try later.
        DefinitionError: the assay's own files cannot be used: the job is open again.
    """
    claim = bench.ledger.claim(job, now())
    if isinstance(claim, AlreadyDone):
        return _again(bench, job, claim)
    try:
        return _work(bench, job, claim, final=final)
    except _OtherJobError:
        set_unfinished_aside(bench, job, claim.processed_at)
        bench.ledger.withdraw(job.key, now())
        return JobOutcome("changed", message="the assay, or what other runs say, has changed")
    except _ChangedError:
        set_unfinished_aside(bench, job, claim.processed_at)
        bench.ledger.release(job.key, now())
        return JobOutcome("changed", message="the file changed or left the inbox")
    except (OSError, DefinitionError, KeyboardInterrupt):
        bench.ledger.release(job.key, now())
        raise


def reconcile(bench: Bench) -> int:
    """Put in order what a crash left behind; returns how many things it mended.

    Half-written files are swept. Finished jobs get their files out of the inbox. Open jobs are found again by
    the next look at the inbox; those whose files are gone are noted.
    """
    mended = bench.workspace.sweep()
    if bench.ledger.lacks_results():  # runs of an older ledger
        mended += len(rebuild(bench).restored)
    for job in bench.ledger.unfiled():
        lines = bench.ledger.runs_of(job.key)
        mended += bool(lines) and not clear_inbox(bench, job, lines)
    for job in bench.ledger.unfinished():
        if not (bench.workspace.inbox / job.export.path).exists():
            set_unfinished_aside(bench, job, bench.ledger.processed_at(job.key))
            bench.ledger.gone(job.key, now())
            mended += 1
    return mended


def process_to_folder(
    exports: Sequence[Path],
    assay: str,
    samples: Path | None,
    out: Path,
    reports: ReportStyle = ReportStyle(),  # noqa: B008 - frozen
) -> list[RunOutcome]:
    """Process exports at once, without inbox and ledger: one result folder a run below ``out``.

    Args:
        exports: the files; one that fails stops no other.
        assay: name of a shipped assay, or an assay folder.
        samples: the sample sheet; None takes the one beside each export, else the slots' names.
        out: made when absent.
        reports: language and decimal sign of the reports.

    Raises:
        DefinitionError: the assay cannot be used, or ``out`` cannot be written.
    """
    definition = load_definition(find_assay(assay))
    context = RunContext(now(), operator_name(Settings()), current_software(), reports=reports)
    outcomes: list[RunOutcome] = []
    for export in exports:
        results = _results_now(export, samples or sheet_beside(export), definition, context, in_folder(out))
        outcomes += [_written(result, out) for result in results]
    list_folder(out)
    return outcomes


def sheet_beside(export: Path) -> Path | None:
    """Find the sample sheet of an export by its name."""
    for ending in SHEET_ENDINGS:
        sheet = export.with_name(export.stem + ending)
        if sheet.is_file():
            return sheet
    return None


def step(name: str) -> None:
    """Pass a named point between two steps. Does nothing; tests stop the program here."""


def _work(bench: Bench, job: Job, claim: Claim, *, final: bool) -> JobOutcome:
    step("claimed")
    contents = _read(bench, job)
    step("read")
    declared = _declared(bench, job)
    results = _results(bench, job, claim, contents, declared)
    growing = [r.message for r in results if isinstance(r, FailedRun) and r.code in MAY_STILL_GROW]
    if growing and not final:
        bench.ledger.release(job.key, now())
        return JobOutcome("incomplete", message=growing[0])
    step("computed")
    published = [_published(bench, job, result) for result in results]
    lines = tuple(run_line(one.result) for one in published)
    step("published")
    ids = tuple(line.id for line in lines)
    note = JobNote(job, claim.processed_at, bench.ledger.head().number, ids)
    kept = kept_files(note, declared.definition, declared.lots)
    for line in lines:
        archive(home_of(bench.workspace, line), contents, kept)
    step("archived")
    bench.ledger.finish(job, [_rows(one, job, kept) for one in published], now())
    step("recorded")
    message = clear_inbox(bench, job, lines)
    note_head(bench)
    step("filed")
    return JobOutcome("failed" if all(line.failed for line in lines) else "done", lines, message)


def _read(bench: Bench, job: Job) -> Contents:
    return tuple((received, _content(bench, received)) for received in job.received)


def _content(bench: Bench, received: Received) -> bytes | None:
    if received.size > bench.settings.max_file_bytes:
        return None
    try:
        data = files.read_bytes(bench.workspace.inbox / received.path)
    except FileNotFoundError as error:
        raise _ChangedError from error
    if hashlib.sha256(data).hexdigest() != received.sha256:
        raise _ChangedError
    return data


@dataclass(frozen=True, slots=True)
class _Declared:
    """What the laboratory declared, as it was when the job was computed."""

    definition: AssayDefinition
    lots: bytes | None
    """The lot file."""


def _declared(bench: Bench, job: Job) -> _Declared:
    definition = load_definition(bench.workspace.assays / job.assay)
    return _Declared(definition, lots_data(bench.workspace.lots_file))


def _results(bench: Bench, job: Job, claim: Claim, contents: Contents, declared: _Declared) -> list[Result]:
    definition = declared.definition
    elsewhere = sheet_results(bench.past, definition, _sheet_in(contents), now())
    if job_of(definition, job.export, job.sheet, contents[0][1], elsewhere).key != job.key:
        raise _OtherJobError
    operator = operator_name(bench.settings)
    lots = checked_lots(declared.lots, definition, bench.workspace.assay_names())
    assay = definition.assay
    revised = bench.ledger.revised_by(_new_export(job, assay.name, contents))
    past = bench.ledger.past(assay.name, assay.unit, [line.id for line in revised])
    context = RunContext(
        *(claim.processed_at, operator, current_software()),
        elsewhere=elsewhere,
        past=past,
        lots=lots,
        reports=bench.settings.reports,
    )
    limit, crashed = bench.settings.max_file_bytes, claim.crashed_before
    results = produce(job, contents, definition, context, max_bytes=limit, crashed_before=crashed)
    return [_with_predecessor(result, revised) for result in results]


def _sheet_in(contents: Contents) -> tuple[str, bytes | None] | None:
    """Name and bytes of the sample sheet, which follows the export."""
    return (contents[1][0].name, contents[1][1]) if len(contents) > 1 else None


def _new_export(job: Job, assay: str, contents: Contents) -> NewExport:
    sheet, ids = _sheet_in(contents), None
    if sheet is not None and sheet[1] is not None:
        with contextlib.suppress(InputError):  # said when the job runs
            ids = {entry.sample_id for entry in load_sheet(sheet[1], sheet[0]).entries}
    return NewExport(job.export.name, job.export.sha256, assay, ids)


def _with_predecessor(result: Result, revised: Sequence[RunLine]) -> Result:
    """Name the run that this one supersedes: the same plate of an export that it corrects."""
    if isinstance(result, FailedRun):
        return result
    earlier = [line for line in revised if line.plate == result.run.plate]
    if not earlier or earlier[0].key == result.run.key:
        return result
    return dataclasses.replace(result, run=dataclasses.replace(result.run, supersedes=earlier[0].id))


@dataclass(frozen=True, slots=True)
class _Published:
    """A result as it was published, and the content of its files."""

    result: Result
    hashes: Mapping[str, str]


def _rows(one: _Published, job: Job, kept: Mapping[str, bytes]) -> RunRows:
    definition = {name: hashlib.sha256(data).hexdigest() for name, data in kept.items()}
    return rows_of(one.result, job.key, files_of_run(job, definition, one.hashes))


def _published(bench: Bench, job: Job, result: Result) -> _Published:
    """Publish one plate, whole or not at all; returns the result as published."""
    final, contents = rendered(result)
    done = _Published(final, {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()})
    if isinstance(final, FailedRun):
        _write_all(bench.workspace.rejected / final.id, contents)
        return done
    target = bench.workspace.reports / final.run.id
    staged = files.stage_folder(target, contents)
    step("staged")
    files.publish_folder(staged, target)
    log.info("job %s: published %s", job.key[:8], final.run.id)
    return done


def _again(bench: Bench, job: Job, earlier: AlreadyDone) -> JobOutcome:
    """Handle a job that has its results: finish clearing the inbox, or set a second drop aside."""
    if not earlier.filed:
        return JobOutcome("filed", earlier.runs, clear_inbox(bench, earlier.job, earlier.runs))
    set_aside(bench, job, earlier.runs)
    return JobOutcome("duplicate", earlier.runs)


def _results_now(
    export: Path, sheet: Path | None, definition: AssayDefinition, context: RunContext, past: PastRuns
) -> list[Result]:
    limit = Settings().max_file_bytes
    try:
        contents = tuple(_loaded(path, limit) for path in (export, sheet) if path is not None)
    except OSError as error:
        nothing = job_of(definition, Received(export.name, str(export), "", 0), None, b"")
        return [refused(InputError.unreadable(str(error.filename), error), nothing, definition, context)]
    elsewhere = sheet_results(past, definition, _sheet_in(contents), context.processed_at)
    context = dataclasses.replace(context, elsewhere=elsewhere)
    files_of_job = [received for received, _ in contents]
    with_sheet = files_of_job[1] if sheet is not None else None
    job = job_of(definition, files_of_job[0], with_sheet, contents[0][1], elsewhere)
    return produce(job, contents, definition, context, max_bytes=limit)


def _loaded(path: Path, limit: int) -> tuple[Received, bytes | None]:
    size = path.stat().st_size
    data = path.read_bytes() if size <= limit else None
    digest = hashlib.sha256(data).hexdigest() if data is not None else ""
    return Received(path.name, str(path), digest, size), data


def _written(result: Result, out: Path) -> RunOutcome:
    final, contents = rendered(result)
    folder = out / id_of(final)
    try:
        _write_all(folder, contents)
    except OSError as error:
        raise DefinitionError(
            "OUT_UNWRITABLE", f"the results cannot be written: {error.strerror}", file=str(folder)
        ) from error
    return RunOutcome(final, folder)


def _write_all(folder: Path, contents: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in contents.items():
        files.write_file(folder / name, data)
