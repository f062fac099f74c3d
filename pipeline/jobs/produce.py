"""Received bytes -> results -> files to publish, all in memory. Whatever happens becomes a record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from pipeline.definitions import AssayDefinition
from pipeline.domain.findings import Finding, SubjectKind, Verdict
from pipeline.domain.layout import SampleSheet
from pipeline.domain.message import Message
from pipeline.domain.plate import Export, PlateLabel
from pipeline.domain.record import FailedRun, InputFile, RunRecord
from pipeline.errors import InputError, SheetError
from pipeline.guarded.child import CRASHED, SECONDS, GuardError, ended
from pipeline.guarded.received import HURRY_S, read_guarded, sheet_guarded
from pipeline.process import process_export
from pipeline.process.context import RunContext
from pipeline.record.document import FAILURE, WHY, to_json
from pipeline.record.failed import failed_run
from pipeline.record.job import Job, Received
from pipeline.record.keys import NOTHING, OtherResults, file_key, run_id
from pipeline.record.why import why_text
from pipeline.report import render

HURRY_PLATES = 8

Result: TypeAlias = RunRecord | FailedRun

ReceivedFiles: TypeAlias = tuple[tuple[Received, bytes | None], ...]
"""Received files with their bytes, export first; None for a file that is too large to load."""


def job_of(
    definition: AssayDefinition,
    export: Received,
    sheet: Received | None,
    data: bytes | None,
    other_results: OtherResults = NOTHING,
) -> Job:
    """Make the job of an export and its sheet; ``data`` is None for an export too large to load."""
    stand_in = SampleSheet(sheet.name, sheet.sha256, ()) if sheet is not None else None
    key = file_key(data if data is not None else export.sha256.encode(), stand_in, definition, other_results)
    return Job(key, definition.folder_name, export, sheet)


def sheet_in(contents: ReceivedFiles) -> tuple[str, bytes | None] | None:
    """Name and bytes of the sample sheet, which follows the export."""
    return (contents[1][0].name, contents[1][1]) if len(contents) > 1 else None


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What an export shows before anybody says which samples are on it."""

    refusals: tuple[FailedRun, ...] = ()
    """Of all its plates, where it is refused whatever its sample sheet says."""
    faults: tuple[str, ...] = ()
    """What is wrong with its plates apart from samples: a plate can be read again only for minutes."""
    plates: tuple[PlateLabel, ...] = ()


def first_look(data: bytes, name: str, definition: AssayDefinition, context: RunContext) -> FirstLook:
    """Check an export that waits for its sample sheet: reading, size, calibrators, controls, blanks.

    One that takes long to read may be a good one, so it waits without a check.

    Raises:
        GuardError: no child can be started to read it in.
    """
    try:
        results = process_export(data, name, definition, None, context, partial(_read, seconds=HURRY_S))
    except GuardError:
        raise
    except Exception:  # noqa: BLE001 - a fault of the program is put on record when the job runs
        return FirstLook()
    refusals = tuple(one for one in results if isinstance(one, FailedRun))
    if len(refusals) == len(results):
        return FirstLook(() if refusals[0].code == CRASHED else refusals)
    faults = [_fault_of_plate(one, len(results)) for one in results]
    return FirstLook(faults=tuple(text for text in faults if text), plates=tuple(map(_label, results)))


def _label(result: Result) -> PlateLabel:
    if isinstance(result, FailedRun):
        return PlateLabel(result.plate or "")
    barcode = result.run.metadata.get("barcode")
    return PlateLabel(result.run.plate, barcode if isinstance(barcode, str) else "")


def _fault_of_plate(result: Result, plates: int) -> str:
    """The first thing that would reject a plate whatever its samples are; empty where nothing would."""
    if isinstance(result, FailedRun):
        text, plate = result.message, result.plate
    else:
        failed = [f for f in result.findings if f.verdict is Verdict.FAIL and not _of_samples(f)]
        said = [Message("{title:t}: {text:t}", title=f.title, text=f.message) for f in failed[:1]]
        text, plate = (said[0] if said else ""), result.run.plate
    if text and plates > 1 and plate:
        return Message("plate {plate}: {text:t}", plate=plate, text=text)
    return text


def _of_samples(finding: Finding) -> bool:
    return any(one.kind in (SubjectKind.SAMPLE, SubjectKind.SAMPLES) for one in finding.about)


def produce(
    job: Job,
    contents: ReceivedFiles,
    definition: AssayDefinition,
    context: RunContext,
    *,
    max_bytes: int,
    seconds: float = SECONDS,
) -> list[Result]:
    """Process a job; at least one result, and never an exception for a bad file.

    Args:
        job: names the files.
        contents: their bytes.
        definition: the assay.
        context: clock, user, software.
        max_bytes: the limit that a file without bytes exceeded, for the message.
        seconds: how long reading a file may take.

    Raises:
        GuardError: no child can be started to read the files in.
    """
    read = partial(_read, seconds=seconds)
    try:
        loaded = [_not_too_large(received, data, max_bytes) for received, data in contents]
        try:
            sheet = sheet_guarded(loaded[1], job.sheet.name, seconds) if job.sheet is not None else None
        except SheetError as error:
            early = first_look(loaded[0], job.export.name, definition, context)
            return list(early.refusals) or [refused(error, job, definition, context)]
        return _processed(loaded[0], job, definition, sheet, context, read)
    except GuardError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever happens becomes a record, never a lost file
        return [refused(error, job, definition, context)]


def refused(error: Exception, job: Job, definition: AssayDefinition, context: RunContext) -> FailedRun:
    """Make the record of a job that failed before or after its computation."""
    return failed_run(
        error,
        id=run_id(context.processed_at, job.export.name, None, job.key),
        key=job.key,
        assay=definition.assay.name,
        plate=None,
        export=InputFile(job.export.name, job.export.sha256),
        processed_at=context.processed_at,
        reports=context.reports,
    )


def rendered(result: Result) -> tuple[Result, dict[str, bytes]]:
    """Render a result; a record that cannot be rendered becomes a failed run that says so."""
    if isinstance(result, FailedRun):
        return result, {WHY: _why(result).encode(), FAILURE: to_json(result)}
    try:
        return result, render(result)
    except Exception as error:  # noqa: BLE001 - becomes the record of a failed run
        return rendered(_not_rendered(result, error))


def _why(run: FailedRun) -> str:
    from pipeline.report.language import language  # noqa: PLC0415 - for the few runs that fail
    from pipeline.report.language.refusals import refusal_in  # noqa: PLC0415 - the same

    return why_text(run, partial(refusal_in, language(run.reports.language, run.reports.decimal)))


def id_of(result: Result) -> str:
    """Run id of a finished or failed run."""
    return result.id if isinstance(result, FailedRun) else result.run.id


def _processed(
    data: bytes,
    job: Job,
    definition: AssayDefinition,
    sheet: SampleSheet | None,
    context: RunContext,
    read: Callable[[bytes, str], Export],
) -> list[Result]:
    results = process_export(data, job.export.name, definition, sheet, context, read)
    if not results:
        raise InputError("NO_PLATE", "the file holds no plate", action="Export the plate again.")
    return results


def _read(data: bytes, name: str, seconds: float) -> Export:
    """The export; in a hurry, one of few plates: computing many takes minutes, and comes last."""
    export = read_guarded(data, name, seconds)
    if seconds <= HURRY_S and len(export.plates) > HURRY_PLATES:
        raise ended(f"{len(export.plates)} plates")
    return export


def _not_too_large(received: Received, data: bytes | None, max_bytes: int) -> bytes:
    if data is not None:
        return data
    raise InputError(
        "FILE_TOO_LARGE",
        "the file is too large for a plate export",
        file=received.name,
        found=Message("{n:n} MB", n=f"{received.size / 2**20:.1f}"),
        expected=Message("at most {n:n} MB", n=f"{max_bytes / 2**20:g}"),
        action="Check that this is the export of a plate.",
    )


def _not_rendered(record: RunRecord, error: Exception) -> FailedRun:
    run = record.run
    return failed_run(
        error,
        id=run.id,
        key=run.key,
        assay=run.assay,
        plate=run.plate,
        export=InputFile(run.export.name, run.export.sha256),
        processed_at=run.processed_at,
        reports=record.reports,
    )
