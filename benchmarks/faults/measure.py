"""One plate with one fault through the pipeline: what the rules say, and what is given out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from simulator import PlateTruth, SerumTruth, WellOd, clear_cut_sera, control_truths, simulate_plate

import qc
from benchmarks.faults.scenarios import Scenario
from benchmarks.plates import flagship
from pipeline.compute.analyse import analyse
from pipeline.compute.past.past_run import control_readings
from pipeline.compute.plate.copied_plates import beside_other_plates
from pipeline.domain.findings import RunVerdict, Verdict, overall
from pipeline.domain.history import PastValue
from pipeline.domain.layout import Role, SampleEntry
from pipeline.domain.plate import Kind, PlateRead, PlateReading, Quantity, WellState
from pipeline.domain.results import PlateResult
from pipeline.domain.wells import Well


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one plate."""

    failed: frozenset[str]
    """Rules that failed."""
    warned: frozenset[str]
    """Rules that warned."""
    rejected: bool
    sera: int
    wrong: int
    """Sera given out with another class than the truth."""
    controls: Mapping[str, PastValue]
    """What control charts follow."""

    @property
    def marked(self) -> frozenset[str]:
        """Rules that failed or warned."""
        return self.failed | self.warned


def outcome(scenario: Scenario, number: int, seed: int) -> Outcome:
    """Draw plate ``number`` of a scenario and evaluate it."""
    code = [ord(letter) for letter in scenario.fault + scenario.size]
    layout, declared = flagship().layout, flagship().assay
    rng = np.random.default_rng([seed, number, *code])
    slots = layout.names(Role.SAMPLE)
    sera = dict(zip(slots, clear_cut_sera(rng, len(slots), declared), strict=True)) | dict(
        scenario.sera or {}
    )
    truth = PlateTruth(sera, control_truths(declared), noise=scenario.noise, faults=scenario.put(layout))
    wells = scenario.move(simulate_plate(layout, declared, truth, rng), layout)
    export = [_read(wells)]
    if scenario.twin is not None:
        other = simulate_plate(layout, declared, truth, rng)
        export.append(_read(other | dict(list(wells.items())[: scenario.twin])))
    result = analyse(export[0], layout, declared, {slot: SampleEntry(slot, slot) for slot in slots})
    return _judged(beside_other_plates(result, export, 0), sera)


def _judged(result: PlateResult, sera: Mapping[str, SerumTruth]) -> Outcome:
    findings = qc.evaluate(result, flagship().assay)
    rejected = overall(findings) is RunVerdict.REJECTED
    released = [] if rejected else [s for s in result.samples if s.reportable]
    return Outcome(
        failed=frozenset(f.rule for f in findings if f.verdict is Verdict.FAIL),
        warned=frozenset(f.rule for f in findings if f.verdict is Verdict.WARN),
        rejected=rejected,
        sera=len(sera),
        wrong=sum(s.classification != sera[s.slot].expected_class for s in released),
        controls=control_readings(result.controls),
    )


def _read(wells: Mapping[Well, WellOd]) -> PlateRead:
    main = {well: od.od450 for well, od in wells.items() if od.od450 is not None}
    states = {well: WellState.ABOVE_RANGE for well, od in wells.items() if od.overflow}
    plastic = {well: od.od620 for well, od in wells.items()}
    reads = tuple(
        PlateReading(Kind.ABSORBANCE, Quantity.RAW, nm, f"{nm:g}", None, values, lost, "simulated")
        for nm, values, lost in ((450.0, main, states), (620.0, plastic, {}))
    )
    return PlateRead("P1", flagship().layout.rows, flagship().layout.columns, reads)
