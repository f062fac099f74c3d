"""Fixtures of the unit tests: synthetic records, and plates with next to no noise."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType
from typing import Any

import pytest
from sample_cases import CASES, READERS, SampleCase, records
from simulator.case import simulated
from simulator.truth import Noise, PlateTruth, SerumTruth, control_truths

from pipeline.compute.analyse import analyse
from pipeline.definitions import AssayDefinition
from pipeline.domain.layout import SampleEntry
from pipeline.domain.plate import Kind, PlateRead, PlateReading, Quantity
from pipeline.domain.record import RunRecord
from pipeline.domain.results import PlateResult, SampleResult


@pytest.fixture(scope="session")
def record(factory: ModuleType) -> RunRecord:
    """A 96-well plate with four samples, three controls and a standard curve; accepted with warnings."""
    made: RunRecord = factory.run_record()
    return made


@pytest.fixture(scope="session")
def sample_records() -> dict[str, RunRecord]:
    """The records of all sample cases of the assays: ``case, plate`` -> record."""
    return _named(case for case in CASES if case not in READERS)


@pytest.fixture(scope="session")
def reader_records() -> dict[str, RunRecord]:
    """The same plate in the formats of many readers, as :func:`sample_records`."""
    return _named(READERS)


def _named(cases: Iterable[SampleCase]) -> dict[str, RunRecord]:
    return {f"{case.folder.name}, {run.run.plate}": run for case in cases for run in records(case)}


QUIET = Noise(1e-4, 1e-4, well_cv=0.004, well_od=0.0005, reference_sd=1e-5, read_sd=1e-5)


def _quiet_plate(definition: AssayDefinition, spoil: Any = None, **truth: Any) -> PlateResult:
    """One serum in slot S1 of a quiet plate; ``spoil`` may alter wells, or lose them with None."""
    serum = SerumTruth(truth.pop("titer", 20_000.0), "", **truth)
    plate = PlateTruth({"S1": serum}, control_truths(definition.assay), noise=QUIET)
    ods = {well: (od.net() or 0.0) for well, od in simulated(definition, plate, 1).items()}
    layout = definition.layout
    if spoil is not None:
        ods = {
            well: new
            for well, od in ods.items()
            if well not in layout.uses or (new := spoil(well, layout.uses[well], od)) is not None
        }
    reading = PlateReading(Kind.ABSORBANCE, Quantity.RAW, 450.0, "450", None, ods, {}, "simulated")
    assay = definition.assay.model_copy(
        update={"reading": definition.assay.reading.model_copy(update={"reference_wavelength_nm": None})}
    )
    read = PlateRead("P1", layout.rows, layout.columns, (reading,))
    return analyse(read, layout, assay, {"S1": SampleEntry("S1", "S1")})


@pytest.fixture
def quiet_plate() -> Any:
    """Compute a simulated plate with one serum and next to no noise, on any shipped assay."""
    return _quiet_plate


@pytest.fixture
def serum_on() -> Any:
    """The one serum of such a plate."""

    def compute(definition: AssayDefinition, spoil: Any = None, **truth: Any) -> SampleResult:
        (found,) = _quiet_plate(definition, spoil, **truth).samples
        return found

    return compute
