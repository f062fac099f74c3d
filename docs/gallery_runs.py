"""What the gallery shows: every sample case as its runs, and a simulated year of runs of one assay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sample_cases import CASES, READERS, ROOT, SampleCase, case
from simulator.case import definition, sample_ids, simulated
from simulator.cases import FOUR, four_sera
from simulator.softmax import SoftMaxPlate, note_block, softmax_text, time_format
from simulator.truth import PlateTruth

from pipeline.compute.past.past_run import past_run
from pipeline.compute.past.trends import HistoryPast
from pipeline.definitions import AssayDefinition
from pipeline.domain.history import History
from pipeline.domain.layout import SampleEntry, SampleSheet
from pipeline.domain.record import FailedRun, RunRecord
from pipeline.process import process_export
from pipeline.process.context import RunContext, current_software

LAYOUTS = ROOT / "plate_layouts"
ASSAY = "anti_mag_igm"
NOW = "2026-02-17T09:14:03+01:00"
"""The same day in every picture, so that a picture changes only when a report does."""
CONTEXT = RunContext(NOW, "A. Muster", replace(current_software(), platform="Linux"))
REFUSED = ("short_row", "ambiguous_numbers")
"""Exports that cannot be read, for the pages that list runs."""
PAST_RUNS, VISITS, DRIFT_FROM = 30, 4, 25
PATIENT = "SYN-P0101"


@dataclass(frozen=True, slots=True)
class Shown:
    """A sample case with its runs; about is the first sentence of its README."""

    name: str
    assay: str
    about: str
    runs: tuple[RunRecord, ...]


def cases() -> list[Shown]:
    """Every sample case of the assays; those of single readers hold the same plate in other formats."""
    return [_case(one) for one in CASES if one not in READERS]


def refused() -> list[FailedRun]:
    """Runs that could not be computed."""
    found = [run for name in REFUSED for run in case(f"errors/{name}").process(CONTEXT)]
    return [run for run in found if isinstance(run, FailedRun)]


def past() -> list[RunRecord]:
    """Simulated runs of one assay, oldest first: a run a week; the high control drifts up at the end."""
    found = definition(LAYOUTS, ASSAY)
    return [_simulated_run(found, number) for number in range(PAST_RUNS)]


def after(runs: Sequence[RunRecord]) -> RunRecord:
    """The clean plate as the run after these: its controls are judged by their past."""
    history = History(ASSAY, runs[0].run.unit, tuple(map(past_run, runs)))
    context = replace(CONTEXT, past=HistoryPast(history))
    (run,) = case(f"{ASSAY}/clean_plate").process(context)
    assert isinstance(run, RunRecord)  # noqa: S101 - the plate is a good one
    return run


def _case(shown: SampleCase) -> Shown:
    runs = tuple(run for run in shown.process(CONTEXT) if isinstance(run, RunRecord))
    return Shown(shown.folder.name, shown.group, shown.expected["about"], runs)


def _simulated_run(found: AssayDefinition, number: int) -> RunRecord:
    wells = simulated(found, _truth(found, number), 9000 + number)
    text = softmax_text([note_block(("Simulated",)), time_format(SoftMaxPlate("Plate1", wells))], "past", "")
    month, day = divmod(number * 7, 28)
    date = f"{2025 + (5 + month) // 12}-{(5 + month) % 12 + 1:02}-{day + 3:02}"
    context = replace(CONTEXT, processed_at=f"{date}T09:00:00+01:00")
    sheet = SampleSheet("past.samples.csv", "", tuple(_entries(found, date, number)))
    (run,) = process_export(text.encode(), f"week_{number + 1:02}.txt", found, sheet, context)
    assert isinstance(run, RunRecord), run  # noqa: S101 - simulated plates are good ones
    return run


def _truth(found: AssayDefinition, number: int) -> PlateTruth:
    """A plate with four sera; the first one's titer falls from visit to visit."""
    truth = four_sera(found)
    high = replace(truth.controls["PC1"], titer=truth.controls["PC1"].titer * _drift(number))
    first = replace(FOUR[0], titer=FOUR[0].titer * 0.55 ** (number // 8))
    slot = next(iter(truth.sera))
    return replace(truth, controls={**truth.controls, "PC1": high}, sera={**truth.sera, slot: first})


def _drift(number: int) -> float:
    return 1.03 ** max(0, number - DRIFT_FROM + 1)


def _entries(found: AssayDefinition, date: str, number: int) -> Iterator[SampleEntry]:
    """The patient is seen every eighth week; all other sera are of other people."""
    for n, (slot, sample_id) in enumerate(sample_ids(found, 1000 + 40 * number).items()):
        patient = PATIENT if n == 0 and number % 8 == 0 else f"SYN-P{1000 + 40 * number + n}"
        yield SampleEntry(slot, sample_id, patient_code=patient, collected_on=date)
