"""Fixtures that several test folders share."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
import record_factory
from hostile_ids import HOSTILE
from not_tested import not_tested
from postgres import server

from pipeline.commands.parts.assay_text import assay_text
from pipeline.compute.analyse import analyse
from pipeline.definitions import AssayDefinition, load_definition, load_effective
from pipeline.domain.layout import Role, SampleEntry, WellUse
from pipeline.domain.plate import Kind, PlateRead, PlateReading, Quantity
from pipeline.domain.results import PlateResult
from pipeline.domain.wells import Well

ROOT = Path(__file__).resolve().parents[1]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line what was not tested, and why."""
    skipped = terminalreporter.stats.get("skipped", [])
    if line := not_tested(report.longrepr[2] for report in skipped):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def flat(root: Path) -> Callable[[str, Path], Path]:
    """Write a shipped assay with all that it inherits as one file, for tests that change a line of it."""

    def write(assay: str, folder: Path) -> Path:
        source = root / "plate_layouts" / assay
        text = re.sub(r" +# \S+$", "", assay_text(load_effective(source)), flags=re.MULTILINE)
        folder.mkdir()
        (folder / "assay.toml").write_text(text, encoding="utf-8")
        shutil.copy(source / "layout.csv", folder)
        return folder

    return write


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real exports and reference data beside the checkout; they may not be copied into the project."""
    folder = ROOT.parent / "shared"
    if not (folder / "plate_exports").is_dir():
        reason = "real exports and reference data are not beside this checkout"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """A PostgreSQL server: call it for the URL of a new, empty database."""
    with server() as new_database:
        yield new_database


@pytest.fixture(scope="session")
def hostile_ids() -> tuple[str, ...]:
    """More than two hundred sample ids that try to be more than text; see tests/tools/hostile_ids.py."""
    return HOSTILE


@pytest.fixture(scope="session")
def factory() -> ModuleType:
    """Makers of synthetic records: run_record(), curve(), failed_curve(), sample(), failed_run()."""
    return record_factory


@dataclass(frozen=True)
class Serum:
    """A serum of the noise-free test plates: titer, non-specific OD at 1:1000, HNK1 share of the signal."""

    titer: float = 0.0
    nonspecific_od: float = 0.02
    hnk1: float = 0.0


ZERO_OD, TOP_OD, EC50, SLOPE = 0.07, 3.3, 15_000.0, 1.05


def curve_od(concentration: float) -> float:
    """The true curve of the test plates."""
    if concentration <= 0:
        return ZERO_OD
    return TOP_OD + (ZERO_OD - TOP_OD) / (1 + (concentration / EC50) ** SLOPE)


@dataclass
class PlateMaker:
    """Plates without pipetting error; replicate wells differ by +/- ``spread``, so precision is known."""

    definition: AssayDefinition
    spread: float = 0.02

    def read(
        self, sera: Mapping[str, Serum], change: Callable[[Well, WellUse, float], float] | None = None
    ) -> PlateRead:
        """A plate read at 450 nm; ``change`` may alter single wells."""
        layout = self.definition.layout
        values = {well: self._od(well, use, sera) for well, use in layout.uses.items()}
        if change is not None:
            values = {well: change(well, layout.uses[well], od) for well, od in values.items()}
        reading = PlateReading(Kind.ABSORBANCE, Quantity.RAW, 450.0, "450", None, values, {}, "test")
        return PlateRead("P1", layout.rows, layout.columns, (reading,))

    def analyse(
        self,
        sera: Mapping[str, Serum],
        change: Callable[[Well, WellUse, float], float] | None = None,
        prior_dilution: float = 1.0,
    ) -> PlateResult:
        """Compute the plate; every serum's slot is its sample id."""
        return self.analyse_read(self.read(sera, change), list(sera), prior_dilution)

    def analyse_read(self, read: PlateRead, slots: Sequence[str], prior_dilution: float = 1.0) -> PlateResult:
        """Compute a plate as read."""
        entries = {slot: SampleEntry(slot, slot, prior_dilution=prior_dilution) for slot in slots}
        return analyse(read, self.definition.layout, self.definition.assay, entries)

    def _od(self, well: Well, use: WellUse, sera: Mapping[str, Serum]) -> float:
        sign = 1 if (well.row + well.column) % 2 else -1
        return self._true_od(use, sera) * (1 + sign * self.spread)

    def _true_od(self, use: WellUse, sera: Mapping[str, Serum]) -> float:
        assay = self.definition.assay
        if use.role is Role.BLANK:
            return ZERO_OD
        if use.role is Role.CALIBRATOR:
            return curve_od(assay.calibration.levels[use.name])
        serum = self._control(use.name) if use.role is Role.CONTROL else sera.get(use.name, Serum())
        dilution = use.dilution or 1.0
        concentration = serum.titer * assay.calibration.reference_dilution / dilution
        specific = curve_od(concentration) - ZERO_OD
        share = {assay.calibration.antigen: 1.0, "HNK1": serum.hnk1}.get(use.antigen, 0.0)
        return ZERO_OD + specific * share + serum.nonspecific_od * (dilution / 1000) ** -0.5

    def _control(self, name: str) -> Serum:
        control = self.definition.assay.controls[name]
        return Serum(control.target or 0.0, hnk1=0.8 if control.hnk1 == "positive" else 0.0)


@pytest.fixture(scope="session")
def flagship(root: Path) -> AssayDefinition:
    """The shipped 96-well anti-MAG assay."""
    return load_definition(root / "plate_layouts" / "anti_mag_igm")


@pytest.fixture
def plates(flagship: AssayDefinition) -> PlateMaker:
    """Noise-free plates of the flagship assay."""
    return PlateMaker(flagship)


@pytest.fixture
def serum() -> type[Serum]:
    """The serum class, for tests that describe their own."""
    return Serum


@pytest.fixture(scope="session")
def kit(root: Path) -> AssayDefinition:
    """The shipped four-calibrator kit assay."""
    return load_definition(root / "plate_layouts" / "anti_mag_kit")
