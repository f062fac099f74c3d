"""HNK1 results of the same samples in other runs, where MAG and HNK1 stand on different plates or dates.

A result is taken from the newest run of the named assay that was not rejected and not replaced by a later
run. Samples are joined by sample id alone, so both runs need a sample sheet; where both sheets give a patient
code, the codes must agree.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from pipeline.definitions import AssayDefinition
from pipeline.domain.codes.hnk1 import Hnk1Reason, Hnk1Status
from pipeline.domain.findings import RunVerdict
from pipeline.domain.hnk1 import Hnk1OtherRun
from pipeline.domain.layout import SampleSheet
from pipeline.domain.message import Message
from pipeline.domain.record import RunRecord
from pipeline.domain.results import SampleResult
from pipeline.domain.specificity import Hnk1Number, Hnk1Result
from pipeline.errors import InputError
from pipeline.guarded.received import sheet_guarded
from pipeline.ledger import Ledger
from pipeline.record.document import RECORD
from pipeline.record.folder import finished_runs, read_record
from pipeline.record.job import RunLine, moment, replaces, run_line
from pipeline.record.keys import NOTHING, OtherResults

log = logging.getLogger(__name__)

REMEMBERED = 10_000
"""Records whose HNK1 results are kept in memory; a published record never changes."""


@dataclass(frozen=True, slots=True)
class OtherRun:
    """A computed run and its folder."""

    line: RunLine
    folder: Path


OtherRuns: TypeAlias = Callable[[str], Sequence[OtherRun]]
"""Name of an assay -> its computed runs, newest first."""


@dataclass(frozen=True, slots=True)
class _Tested:
    """A sample's HNK1 result in the run that measured it."""

    result: Hnk1Result
    patient_code: str | None


@dataclass(frozen=True, slots=True)
class _Held:
    """What a record holds for others: its line, and its HNK1 results by sample id."""

    line: RunLine
    tested: Mapping[str, _Tested]


def in_ledger(ledger: Ledger, reports: Path) -> OtherRuns:
    """Runs of a workspace: the ledger knows them, their records lie in ``reports``."""

    def other_runs(assay: str) -> list[OtherRun]:
        return [OtherRun(line, reports / line.id) for line in ledger.runs_of_assay(assay)]

    return other_runs


def in_folder(folder: Path) -> OtherRuns:
    """Runs whose folders lie in ``folder``, without a ledger."""

    def other_runs(assay: str) -> list[OtherRun]:
        found = ((path, _read_once(path)) for path in finished_runs(folder))
        runs = [OtherRun(held.line, path) for path, held in found if held and held.line.assay == assay]
        return sorted(runs, key=lambda run: moment(run.line.processed_at), reverse=True)

    return other_runs


def asks_others(definition: AssayDefinition) -> bool:
    """Does this assay take its HNK1 results from other runs?"""
    return isinstance(definition.assay.hnk1, Hnk1OtherRun)


def sheet_results(
    other_runs: OtherRuns, definition: AssayDefinition, sheet: tuple[str, bytes | None] | None, at: str
) -> OtherResults:
    """HNK1 results of the samples of a sheet as it was received; none for a sheet that cannot be read.

    Args:
        other_runs: where to look.
        definition: the assay that asks.
        sheet: name and bytes of the sample sheet; without one the samples have no ids, only slots.
        at: when the run that asks is processed, ISO 8601.

    Raises:
        OSError: the ledger or a record cannot be reached now.
    """
    if not asks_others(definition) or sheet is None or sheet[1] is None:
        return NOTHING
    try:
        loaded = sheet_guarded(sheet[1], sheet[0])
    except InputError:  # said when the job runs
        return NOTHING
    return hnk1_of_other_runs(other_runs, definition, loaded, at)


def hnk1_of_other_runs(
    other_runs: OtherRuns, definition: AssayDefinition, sheet: SampleSheet, at: str
) -> OtherResults:
    """Sample id -> HNK1 result of another run, or ``not_tested`` with the reason why that run does not count.

    A sample that no run of the named assay holds is absent.
    """
    declared = definition.assay.hnk1
    if not isinstance(declared, Hnk1OtherRun):
        return NOTHING
    wanted: dict[str, set[str]] = {}
    for entry in sheet.entries:
        wanted.setdefault(entry.sample_id, set()).update(_code(entry.patient_code))
    days = declared.max_days.value if declared.max_days is not None else None
    runs = other_runs(declared.assay)
    recent = [run for run in runs if days is None or _days_between(run.line.processed_at, at) <= days]
    return _looked_up(recent, wanted)


def _looked_up(runs: Sequence[OtherRun], wanted: Mapping[str, Collection[str]]) -> dict[str, Hnk1Result]:
    taken: dict[str, Hnk1Result] = {}
    refused: dict[str, Hnk1Result] = {}
    replaced = {replaces(run.line.verdict, run.line.supersedes): run.line.id for run in runs}
    for run in runs:
        if len(taken) == len(wanted):
            break
        for sample_id, tested in _tested_in(run.folder).items():
            if sample_id not in wanted or sample_id in taken:
                continue
            obstacle = _obstacle(run.line, replaced.get(run.line.id), tested, wanted[sample_id])
            if obstacle is None:
                taken[sample_id] = _named(tested.result, run.line)
            else:
                refused.setdefault(sample_id, obstacle)
    return refused | taken


def _obstacle(
    line: RunLine, replaced_by: str | None, tested: _Tested, codes: Collection[str]
) -> Hnk1Result | None:
    """Why the result of this run is not used, as a check that was not done; None when it is used."""
    run = {"run": line.id, "assay": line.assay}
    if line.verdict == RunVerdict.REJECTED.value or line.review == "reject":
        return _not_used(Hnk1Reason.RUN_REJECTED, **run)
    if replaced_by is not None:
        return _not_used(Hnk1Reason.RUN_REPLACED, **run, other=replaced_by)
    if len({*codes, *_code(tested.patient_code)}) > 1:
        return _not_used(Hnk1Reason.OTHER_PATIENT, **run)
    return None


def _code(patient_code: str | None) -> set[str]:
    return {patient_code.strip()} if patient_code is not None and patient_code.strip() else set()


def _named(result: Hnk1Result, line: RunLine) -> Hnk1Result:
    """The result with the run that it comes from."""
    run = {"run": line.id, "assay": line.assay, "day": line.processed_at[:10]}
    reason = Message("from run {run}, assay {assay}, {day}", **run)
    if result.reason:
        reason = Message("{source:t}: {why:t}", source=reason, why=result.reason)
    return dataclasses.replace(result, reason=reason, others=tuple(map(_there, result.others)))


def _there(other: Hnk1Number) -> Hnk1Number:
    """A titer of the other run must not be taken for one of this run."""
    return dataclasses.replace(other, name=Message("{name:t}, in that run", name=other.name))


def _not_used(why: Hnk1Reason, **values: str) -> Hnk1Result:
    return Hnk1Result("other run", Hnk1Status.NOT_TESTED, None, None, None, why.says(**values), code=why)


def _days_between(earlier: str, later: str) -> int:
    return (moment(later).date() - moment(earlier).date()).days


def _tested_in(folder: Path) -> Mapping[str, _Tested]:
    try:
        held = _read_once(folder)
    except FileNotFoundError:
        log.warning("%s is not there any more; its HNK1 results are not used", folder / RECORD)
        return {}
    return held.tested if held is not None else {}


def _read_once(folder: Path) -> _Held | None:
    """What a record holds; read again only when its file changes. None for one that cannot be understood."""
    return _held(folder, (folder / RECORD).stat().st_mtime_ns)


@lru_cache(maxsize=REMEMBERED)
def _held(folder: Path, _mtime_ns: int) -> _Held | None:
    try:
        record = read_record(folder)
    except InputError as error:
        log.warning("a record is not read, its HNK1 results are not used: %s", error.text())
        return None
    return _Held(run_line(record), MappingProxyType(_tested_of(record)))


def _tested_of(record: RunRecord) -> dict[str, _Tested]:
    """Samples whose HNK1 was tested on this very plate; ids of a run without a sheet are only slots."""
    declared = record.settings.get("hnk1")
    if record.run.sample_sheet is None or not isinstance(declared, Mapping):
        return {}
    if declared.get("format") == "other run":
        return {}
    tested: dict[str, _Tested] = {}
    for sample in record.samples:
        if sample.hnk1.status is not Hnk1Status.NOT_TESTED:
            tested[sample.sample_id] = _merged(tested.get(sample.sample_id), sample)
    return tested


def _merged(before: _Tested | None, sample: SampleResult) -> _Tested:
    """A sample that stands on the plate twice: its first result, or grey when they disagree."""
    if before is None:
        return _Tested(sample.hnk1, sample.patient_code)
    if before.result.status is sample.hnk1.status:
        return before
    why = Hnk1Reason.TWICE
    form, unit = sample.hnk1.format, sample.hnk1.unit
    open_result = Hnk1Result(form, Hnk1Status.GREY, None, unit, None, why.says(), code=why)
    return _Tested(open_result, before.patient_code)
