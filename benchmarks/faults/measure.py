"""One plate with one fault through the pipeline: what the rules say, and what is given out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from simulator import PlateTruth, SerumTruth, WellOd, clear_cut_sera, control_truths, simulate_plate

import qc
from benchmarks.faults.scenarios import Scenario
from benchmarks.plates import shipped
from pipeline.compute.analyse import analyse
from pipeline.compute.past.past_run import control_readings
from pipeline.compute.plate.copied_plates import beside_other_plates
from pipeline.definitions import AssayDefinition
from pipeline.domain.assay import Assay
from pipeline.domain.findings import RunVerdict, Verdict, overall
from pipeline.domain.history import PastValue
from pipeline.domain.layout import PlateLayout, Role, SampleEntry
from pipeline.domain.plate import Kind, PlateRead, PlateReading, Quantity, WellState
from pipeline.domain.results import PlateResult
from pipeline.domain.wells import Well

FLAGSHIP = "anti_mag_igm"


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


def outcome(scenario: Scenario, number: int, seed: int, assay: str = FLAGSHIP) -> Outcome:
    """Draw plate ``number`` of a scenario on the layout of a shipped assay and evaluate it as such."""
    rng = np.random.default_rng([seed, number, *(ord(letter) for letter in scenario.fault + scenario.size)])
    read_as, poured = shipped(assay), shipped(scenario.really or assay)
    truth = _truth(scenario, poured, rng)
    wells = scenario.move(simulate_plate(poured.layout, poured.assay, truth, rng), poured.layout)
    export = [_read(wells, read_as.layout)]
    if scenario.twin is not None:
        other = simulate_plate(poured.layout, poured.assay, truth, rng)
        export.append(_read(other | dict(list(wells.items())[: scenario.twin]), read_as.layout))
    entries = {slot: SampleEntry(slot, slot) for slot in read_as.layout.names(Role.SAMPLE)}
    result = analyse(export[0], read_as.layout, read_as.assay, entries)
    return _judged(beside_other_plates(result, export, 0), read_as.assay, scenario.belongs_to(truth.sera))


def _truth(scenario: Scenario, poured: AssayDefinition, rng: np.random.Generator) -> PlateTruth:
    """What is in the wells: clear-cut sera, or those that the fault needs, and the controls."""
    slots, declared = poured.layout.names(Role.SAMPLE), poured.assay
    sera = dict(zip(slots, clear_cut_sera(rng, len(slots), declared), strict=True))
    return PlateTruth(
        sera | dict(scenario.sera or {}),
        scenario.poured(control_truths(declared)),
        noise=scenario.noise,
        faults=scenario.put(poured.layout),
    )


def _judged(result: PlateResult, assay: Assay, sera: Mapping[str, SerumTruth]) -> Outcome:
    findings = qc.evaluate(result, assay)
    rejected = overall(findings) is RunVerdict.REJECTED
    released = [] if rejected else [s for s in result.samples if s.reportable]
    return Outcome(
        failed=frozenset(f.rule for f in findings if f.verdict is Verdict.FAIL),
        warned=frozenset(f.rule for f in findings if f.verdict is Verdict.WARN),
        rejected=rejected,
        sera=len(result.samples),
        wrong=sum(s.slot not in sera or s.classification != sera[s.slot].expected_class for s in released),
        controls=control_readings(result.controls),
    )


def _read(wells: Mapping[Well, WellOd], layout: PlateLayout) -> PlateRead:
    main = {well: od.od450 for well, od in wells.items() if od.od450 is not None}
    states = {well: WellState.ABOVE_RANGE for well, od in wells.items() if od.overflow}
    plastic = {well: od.od620 for well, od in wells.items()}
    reads = tuple(
        PlateReading(Kind.ABSORBANCE, Quantity.RAW, nm, f"{nm:g}", None, values, lost, "simulated")
        for nm, values, lost in ((450.0, main, states), (620.0, plastic, {}))
    )
    return PlateRead("P1", layout.rows, layout.columns, reads)
