"""One export, end to end, in memory: read, pair, compute, judge, record. No file is touched here."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import qc
from pipeline.compute.analyse import analyse
from pipeline.compute.past.control_chart import ChartSettings
from pipeline.compute.past.past_run import control_readings
from pipeline.compute.past.trends import stand
from pipeline.compute.plate.copied_plates import beside_other_plates
from pipeline.compute.plate.lots import beside_lots
from pipeline.compute.sample.result_text import with_result_text
from pipeline.compute.sample.sample_ids import beside_earlier, without_contradictions
from pipeline.compute.sample.wording import step_text
from pipeline.compute.titer.titers import no_titer
from pipeline.definitions import (
    AssayDefinition,
    entries_by_plate,
    lines_of,
    lots_in_use,
    with_learned_step,
    with_lot_targets,
)
from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.codes.reasons import Reason
from pipeline.domain.findings import Finding, RunVerdict, overall
from pipeline.domain.history import SampleIds
from pipeline.domain.layout import Role, SampleEntry, SampleSheet
from pipeline.domain.lot_use import LotUse
from pipeline.domain.plate import Export, PlateRead
from pipeline.domain.record import (
    RUN_SCHEMA,
    ExportFile,
    FailedRun,
    InputFile,
    RunInfo,
    RunRecord,
)
from pipeline.domain.results import PlateResult, SampleResult
from pipeline.errors import InputError
from pipeline.guarded.child import GuardError
from pipeline.process.context import RunContext
from pipeline.readers import read_export
from pipeline.record.failed import failed_run
from pipeline.record.keys import run_id, run_key


@dataclass(frozen=True, slots=True)
class _Job:
    """What came in, together: every plate of the export needs all of it."""

    data: bytes
    name: str
    definition: AssayDefinition
    sheet: SampleSheet | None
    context: RunContext
    lots: tuple[LotUse, ...] = ()
    pairs: Sequence[Mapping[str, SampleEntry]] = ()
    """Slot -> line of the sample sheet, for each plate; empty without a sheet."""


def process_export(
    data: bytes,
    name: str,
    definition: AssayDefinition,
    sheet: SampleSheet | None,
    context: RunContext,
    read: Callable[[bytes, str], Export] = read_export,
) -> list[RunRecord | FailedRun]:
    """Process every plate of an export. One plate that fails stops no other.

    Args:
        data: the export's bytes.
        name: its file name.
        definition: the assay.
        sheet: the sample sheet; None names the samples after their slots.
        context: clock, user, software.
        read: reads the export; the shell gives one that works in a guarded child process.

    Returns:
        One record for each plate; one :class:`FailedRun` for a file that cannot be read. A fault of
        the program is a record too, with ``fault="program"``.

    Raises:
        GuardError: no child can be started to read the export in; nothing is known about it.
    """
    job = _Job(data, name, with_learned_step(definition, context.step_history), sheet, context)
    try:
        export = read(data, name)
        job = _with_lots(_paired(job, export))
    except GuardError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever happens becomes a record, never a lost file
        return [_failed(error, None, job)]
    labels = plate_labels(export.plates)
    runs = [_plate(number, label, export, job) for number, label in enumerate(labels)]
    return runs if _one_each(runs, export) else [_failed(_plates_alike(), None, job)]


def _one_each(runs: Sequence[RunRecord | FailedRun], export: Export) -> bool:
    """As many runs, each with an id of its own, as the export has plates."""
    ids = {run.id if isinstance(run, FailedRun) else run.run.id for run in runs}
    return len(ids) == len(export.plates)


def _plates_alike() -> InputError:
    return InputError(
        "PLATES_ALIKE",
        "two plates of this export cannot be told from each other by their names",
        action="Name the plates in the reader's software, and export them again.",
    )


def _paired(job: _Job, export: Export) -> _Job:
    """Every line of the sample sheet on its plate, before any plate is computed."""
    if job.sheet is None:
        return job
    return dataclasses.replace(job, pairs=entries_by_plate(job.sheet, export.plates, job.definition.layout))


def _with_lots(job: _Job) -> _Job:
    """The lots of the day on which the run is processed, and their targets in place of the assay's."""
    day = datetime.fromisoformat(job.context.processed_at).date()
    lots = lots_in_use(job.context.lots, job.definition, day)
    definition = with_lot_targets(job.definition, job.context.lots, lots)
    return dataclasses.replace(job, definition=definition, lots=lots)


def _plate(index: int, label: str, export: Export, job: _Job) -> RunRecord | FailedRun:
    try:
        entries = _entries(index, export, job)
        layout, assay = job.definition.layout, job.definition.assay
        result = analyse(export.plates[index], layout, assay, entries, job.context.other_results)
        result = beside_other_plates(result, export.plates, index)
        result = beside_lots(result, job.lots)
        result = _beside_past(without_contradictions(result), job.context)
        result = dataclasses.replace(result, ids=_ids(entries, label, job))
        findings = qc.evaluate(result, job.definition.assay)
        return _record(export.plates[index], _run_info(label, index, export, job), result, findings, job)
    except Exception as error:  # noqa: BLE001 - one plate that fails stops no other, and stays on record
        return _failed(error, label, job)


def _ids(entries: Mapping[str, SampleEntry], label: str, job: _Job) -> SampleIds | None:
    """What is to be said of the plate's ids; slots that stand in for ids say nothing."""
    if job.sheet is None or job.context.ids is not None:
        return job.context.ids
    sheet_ids = [entry.sample_id for entry in job.sheet.entries]
    return beside_earlier(entries, sheet_ids, label, job.context.earlier)


def _beside_past(result: PlateResult, context: RunContext) -> PlateResult:
    standing = context.standing
    if standing is None and context.past is not None:
        standing = stand(context.past, control_readings(result.controls), ChartSettings())
    return dataclasses.replace(result, standing=standing)


def plate_labels(plates: Sequence[PlateRead]) -> tuple[str, ...]:
    """The plates' names, each with its number where the export has the name twice or not at all.

    No two are alike, whatever the export calls its plates.
    """
    labels = [plate.name or f"plate {n}" for n, plate in enumerate(plates, 1)]
    while len(set(labels)) < len(labels):
        times = Counter(labels)
        labels = [f"{label} #{n}" if times[label] > 1 else label for n, label in enumerate(labels, 1)]
    return tuple(labels)


def _entries(index: int, export: Export, job: _Job) -> Mapping[str, SampleEntry]:
    layout = job.definition.layout
    if job.sheet is None:
        return {slot: SampleEntry(slot, slot) for slot in layout.names(Role.SAMPLE)}
    return lines_of(job.pairs, index, job.sheet, export.plates[index].name)


def _record(
    plate: PlateRead, run: RunInfo, result: PlateResult, findings: tuple[Finding, ...], job: _Job
) -> RunRecord:
    verdict = overall(findings)
    samples = result.samples if verdict is not RunVerdict.REJECTED else tuple(map(withheld, result.samples))
    samples = tuple(with_result_text(sample, job.definition.assay) for sample in samples)
    return RunRecord(
        schema=RUN_SCHEMA,
        run=run,
        verdict=verdict,
        curves=result.curves,
        samples=samples,
        findings=findings,
        controls=result.controls,
        blanks=result.blanks,
        precision=result.precision,
        reading=result.reading,
        accounting=result.accounting,
        cells_not_understood=plate.cells_not_understood,
        rows=plate.rows,
        columns=plate.columns,
        wells=result.wells,
        settings=job.definition.assay.model_dump(mode="json", by_alias=True, exclude_none=True),
        step_error=result.step_error,
        step_history=job.context.step_history,
        negative_limits=result.negative_limits,
        standing=result.standing,
        patterns=result.patterns,
        lots=result.lots,
        reach=result.reach,
        ids=result.ids,
        elsewhere=dict(job.context.other_results),
        reports=job.context.reports,
    )


def _run_info(label: str, index: int, export: Export, job: _Job) -> RunInfo:
    history = job.context.step_history
    past = history.runs if history is not None and history.used else ()
    key = run_key(job.data, label, job.sheet, job.definition, job.context.other_results, past)
    several = len(export.plates) > 1
    assay = job.definition.assay
    return RunInfo(
        id=run_id(job.context.processed_at, export.name, label if several else None, key),
        key=key,
        assay=assay.name,
        assay_version=assay.version,
        plate=label,
        export=ExportFile(export.name, export.sha256, export.reader, export.reader_reason),
        software=job.context.software,
        assay_title=assay.title,
        unit=assay.unit,
        sample_sheet=InputFile(job.sheet.name, job.sheet.sha256) if job.sheet is not None else None,
        definition=job.definition.files,
        definition_sha256=job.definition.sha256,
        processed_at=job.context.processed_at,
        operator=job.context.operator,
        supersedes=job.context.supersedes,
        metadata=dict(export.plates[index].metadata),
    )


def withheld(sample: SampleResult) -> SampleResult:
    """The sample of a rejected plate: class INVALID and no titer; its dilutions stay on the record."""
    reason = Reason.PLATE_REJECTED
    steps = () if reason.means.step is None else (reason.means.step,)
    return dataclasses.replace(
        sample,
        classification=SampleClass.INVALID,
        reasons=(reason,),
        reportable=SampleClass.INVALID.means.reportable,
        titer=no_titer(sample.titer.unit, "the plate was rejected"),
        endpoint_titer=dataclasses.replace(
            sample.endpoint_titer,
            last_positive=None,
            interpolated=None,
            ci95=None,
            qualifier=Qualifier.MEASURED,
            text="none: the plate was rejected",
        ),
        series=None,
        converted=(),
        hnk1=dataclasses.replace(sample.hnk1, others=()),
        explanation=reason.means.sentence,
        level_comment=None,
        next_step=step_text(steps, None),
        next_steps=steps,
    )


def _failed(error: Exception, plate: str | None, job: _Job) -> FailedRun:
    key = run_key(job.data, plate or "", job.sheet, job.definition, job.context.other_results)
    return failed_run(
        error,
        id=run_id(job.context.processed_at, job.name, plate, key),
        key=key,
        assay=job.definition.assay.name,
        plate=plate,
        export=InputFile(job.name, hashlib.sha256(job.data).hexdigest()),
        processed_at=job.context.processed_at,
        reports=job.context.reports,
    )
