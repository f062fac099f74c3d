"""Exports processed at once, without inbox and ledger: one result folder a run."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path

from pipeline.definitions import AssayDefinition
from pipeline.domain.record import ReportStyle
from pipeline.errors import DefinitionError, InputError
from pipeline.guarded import received
from pipeline.jobs.bench import now, operator_name
from pipeline.jobs.produce import Result, id_of, job_of, produce, refused, rendered, sheet_in
from pipeline.jobs.run_page import list_folder
from pipeline.jobs.taken import where_free
from pipeline.process.context import RunContext, current_software
from pipeline.record.job import Received, RunOutcome
from pipeline.runs.other_runs import OtherRuns, in_folder, sheet_results
from pipeline.workspace import files
from pipeline.workspace.settings import Settings
from pipeline.workspace.shipped import find_assay, load_assay

SHEET_ENDINGS = (".samples.csv", ".samples.xlsx")
"""How a sample sheet is called after the stem of its export."""


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
    received.start()
    definition = load_assay(find_assay(assay))
    context = RunContext(now(), operator_name(Settings()), current_software(), reports=reports)
    outcomes: list[RunOutcome] = []
    for export in exports:
        results = _results_now(export, samples or sheet_beside(export), definition, context, in_folder(out))
        outcomes += [_written(where_free(result, out), out) for result in results]
    list_folder(out)
    return outcomes


def sheet_beside(export: Path) -> Path | None:
    """Find the sample sheet of an export by its name."""
    for ending in SHEET_ENDINGS:
        sheet = export.with_name(export.stem + ending)
        if sheet.is_file():
            return sheet
    return None


def _results_now(
    export: Path, sheet: Path | None, definition: AssayDefinition, context: RunContext, other_runs: OtherRuns
) -> list[Result]:
    limit = Settings().max_file_bytes
    try:
        contents = tuple(_loaded(path, limit) for path in (export, sheet) if path is not None)
    except OSError as error:
        nothing = job_of(definition, Received(export.name, str(export), "", 0), None, b"")
        return [refused(InputError.unreadable(str(error.filename), error), nothing, definition, context)]
    other_results = sheet_results(other_runs, definition, sheet_in(contents), context.processed_at)
    context = dataclasses.replace(context, other_results=other_results)
    files_of_job = [received for received, _ in contents]
    with_sheet = files_of_job[1] if sheet is not None else None
    job = job_of(definition, files_of_job[0], with_sheet, contents[0][1], other_results)
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
        files.write_all(folder, contents)
    except OSError as error:
        raise DefinitionError(
            "OUT_UNWRITABLE", f"the results cannot be written: {error.strerror}", file=str(folder)
        ) from error
    return RunOutcome(final, folder)
