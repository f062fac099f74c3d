"""Fixtures of the unit tests: synthetic records, and plates with next to no noise."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from simulator.case import simulated
from simulator.truth import Noise, PlateTruth, SerumTruth, control_truths

from pipeline.compute.analyse import analyse
from pipeline.definitions import AssayDefinition, load_definition, load_sheet
from pipeline.domain.layout import SampleEntry
from pipeline.domain.plate import Kind, PlateRead, PlateReading, Quantity
from pipeline.domain.record import RunRecord
from pipeline.domain.results import PlateResult, SampleResult
from pipeline.process import process_export
from pipeline.process.context import RunContext, current_software


def _load_factory() -> ModuleType:
    """Import the file beside this one; in pytest's importlib mode test folders are not on the path."""
    name = "titerline_record_factory"
    if name not in sys.modules:
        path = Path(__file__).with_name("record_factory.py")
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def factory() -> ModuleType:
    """Makers of synthetic records: run_record(), curve(), failed_curve(), sample(), failed_run()."""
    return _load_factory()


@pytest.fixture(scope="session")
def record(factory: ModuleType) -> RunRecord:
    """A 96-well plate with four samples, three controls and a standard curve; accepted with warnings."""
    made: RunRecord = factory.run_record()
    return made


@pytest.fixture(scope="session")
def sample_records(root: Path) -> dict[str, RunRecord]:
    """The records of all sample cases of the assays: ``case, plate`` -> record."""
    truths = (root / "sample_data").glob("*/*/expected.json")
    return _records(root, [path for path in truths if path.parent.parent.name not in ("errors", "readers")])


@pytest.fixture(scope="session")
def reader_records(root: Path) -> dict[str, RunRecord]:
    """The same plate in the formats of many readers, as :func:`sample_records`."""
    return _records(root, (root / "sample_data" / "readers").glob("*/expected.json"))


def _records(root: Path, truths: Iterable[Path]) -> dict[str, RunRecord]:
    context = RunContext("2026-01-01T12:00:00+01:00", "A. Muster", current_software())
    found = {}
    for truth in sorted(truths):
        folder, assay = truth.parent, json.loads(truth.read_text(encoding="utf-8"))["assay"]
        files = [path for path in folder.iterdir() if path.name not in ("expected.json", "README.md")]
        sheets = [path for path in files if ".samples." in path.name]
        (export,) = set(files) - set(sheets)
        sheet = load_sheet(sheets[0].read_bytes(), sheets[0].name) if sheets else None
        definition = load_definition(root / "plate_layouts" / assay)
        for run in process_export(export.read_bytes(), export.name, definition, sheet, context):
            assert isinstance(run, RunRecord), run
            found[f"{folder.name}, {run.run.plate}"] = run
    return found


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
