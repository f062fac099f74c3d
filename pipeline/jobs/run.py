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
from typing import Literal

from pipeline.definitions import AssayDefinition, load_definition
from pipeline.definitions.lots import lots_data
from pipeline.domain.message import Message, joined
from pipeline.domain.record import FailedRun
from pipeline.errors import DefinitionError, InputError
from pipeline.guarded.child import CRASHED, SECONDS
from pipeline.guarded.received import HURRY_S, lots_of, sheet_guarded
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
from pipeline.jobs.growing import may_still_grow
from pipeline.jobs.produce import ReceivedFiles, Result, job_of, produce, refused, rendered, sheet_in
from pipeline.jobs.rebuild import rebuild
from pipeline.jobs.taken import where_free
from pipeline.jobs.trial import crash_of
from pipeline.ledger import AlreadyDone, Claim
from pipeline.ledger.revisions import NewExport
from pipeline.ledger.rows import RunRows, files_of_run, rows_of
from pipeline.process.context import RunContext, current_software
from pipeline.record.job import Job, JobNote, Received, RunLine, run_line
from pipeline.record.why import what_to_do
from pipeline.runs.other_runs import sheet_results
from pipeline.runs.past_steps import step_history_for
from pipeline.workspace import files

log = logging.getLogger(__name__)

STEPS = ("claimed", "read", "computed", "staged", "published", "archived", "recorded", "filed")
"""Named points of :func:`run_job`, in their order; tests stop the program at each."""


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """What became of a job.

    ``done``, ``failed``: finished now. ``sheet``: the export waits until its sample sheet is corrected.
    ``duplicate``: the same content had its results before. ``filed``: it was finished earlier and only its
    files had to be moved. ``incomplete``: it may still grow. ``slow``: not read within the time of a first
    try. ``changed``: its files are gone or have other content now, or its assay was edited.
    """

    state: Literal["done", "failed", "sheet", "duplicate", "filed", "incomplete", "slow", "changed"]
    runs: tuple[RunLine, ...] = ()
    message: str = ""
    """What remains to be done, in plain words; empty when nothing does."""


class _ChangedError(Exception):
    """The inbox holds something else than what was seen."""


class _OtherJobError(_ChangedError):
    """The assay was edited, or other runs say something else, since the job was seen: it has another key."""


def run_job(bench: Bench, job: Job, *, final: bool = True, hurry: bool = False) -> JobOutcome:
    """Process one job that the ledger has seen; may be repeated after whatever crash.

    Args:
        bench: folders, ledger, settings.
        job: the export, its sheet and its assay.
        final: when False, a file that may only be unfinished is left for later.
        hurry: a file that takes long to read is left for later.

    Raises:
        OSError: disk full, file locked, folder unreachable, ledger busy: the job is open again, try later.
        DefinitionError: the assay's own files cannot be used: the job is open again.
    """
    claim = bench.ledger.claim(job, now())
    if isinstance(claim, AlreadyDone):
        return _again(bench, job, claim)
    try:
        return _work(bench, job, claim, final=final, hurry=hurry)
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


def step(name: str) -> None:
    """Pass a named point between two steps. Does nothing; tests stop the program here."""


def _work(bench: Bench, job: Job, claim: Claim, *, final: bool, hurry: bool) -> JobOutcome:
    step("claimed")
    contents = _read(bench, job)
    step("read")
    declared = _declared(bench, job)
    results = _results(bench, job, claim, contents, declared, HURRY_S if hurry else SECONDS)
    waiting = _not_yet(results, final=final, hurry=hurry)
    if waiting is not None:
        bench.ledger.release(job.key, now())
        return waiting
    step("computed")
    homes = (bench.workspace.reports, bench.workspace.rejected)
    published = [_published(bench, job, where_free(result, *homes)) for result in results]
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


def _not_yet(results: Sequence[Result], *, final: bool, hurry: bool) -> JobOutcome | None:
    """What is not done for good: slow to read, a sheet that can be corrected, a file that may grow."""
    failed = [one for one in results if isinstance(one, FailedRun)]
    if hurry and any(run.code == CRASHED for run in failed):
        return JobOutcome("slow", message="seen, takes long to read: its turn comes after all others")
    for run in failed:
        if run.sheet:
            return JobOutcome("sheet", message=sheet_trouble(run))
    growing = [text for text in map(may_still_grow, results) if text]
    return JobOutcome("incomplete", message=growing[0]) if growing and not final else None


def sheet_trouble(run: FailedRun) -> Message:
    """What is wrong with a sample sheet, on one line: what, where, found, expected, what to do."""
    parts = [
        Message("seen, waiting for its corrected sample sheet: {what:t}", what=run.message),
        run.place,
        Message("found: {text:t}", text=run.found) if run.found else None,
        Message("expected: {text:t}", text=run.expected) if run.expected else None,
        what_to_do(run),
    ]
    return joined("; ", [part for part in parts if part])


def _read(bench: Bench, job: Job) -> ReceivedFiles:
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


def _results(
    bench: Bench, job: Job, claim: Claim, contents: ReceivedFiles, declared: _Declared, seconds: float
) -> list[Result]:
    definition = declared.definition
    other_results = sheet_results(bench.other_runs, definition, sheet_in(contents), now())
    if job_of(definition, job.export, job.sheet, contents[0][1], other_results).key != job.key:
        raise _OtherJobError
    operator = operator_name(bench.settings)
    lots = lots_of(declared.lots, definition, bench.workspace.assay_names())
    assay = definition.assay
    new = _new_export(job, assay.name, contents)
    revised = bench.ledger.revised_by(new)
    without = [line.id for line in revised]
    past = bench.ledger.past(assay.name, assay.unit, without)
    context = RunContext(
        *(claim.processed_at, operator, current_software()),
        other_results=other_results,
        past=past,
        earlier=bench.ledger.earlier_ids(new),
        step_history=step_history_for(bench.ledger, job, assay, without),
        lots=lots,
        reports=bench.settings.reports,
    )
    limit = bench.settings.max_file_bytes
    crash = crash_of(job, contents, definition, context, limit) if claim.crashed_before else None
    if crash is not None:
        return [refused(crash, job, definition, context)]
    results = produce(job, contents, definition, context, max_bytes=limit, seconds=seconds)
    return [_with_predecessor(result, revised) for result in results]


def _new_export(job: Job, assay: str, contents: ReceivedFiles) -> NewExport:
    sheet, ids = sheet_in(contents), None
    if sheet is not None and sheet[1] is not None:
        with contextlib.suppress(InputError):  # said when the job runs
            ids = {entry.sample_id for entry in sheet_guarded(sheet[1], sheet[0]).entries}
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
        files.write_all(bench.workspace.rejected / final.id, contents)
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
