"""The cases of the sample data as tests use them: their files, what is expected of them, and their runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sizes import FULL

from pipeline.definitions import AssayDefinition, load_definition, load_sheet
from pipeline.domain.layout import SampleSheet
from pipeline.domain.record import FailedRun, RunRecord
from pipeline.process import process_export
from pipeline.process.context import RunContext, current_software

ROOT = Path(__file__).resolve().parents[2]
SAMPLE_DATA = ROOT / "sample_data"
CONTEXT = RunContext("2026-01-01T12:00:00+01:00", "A. Muster", current_software())


def shipped(assay: str) -> AssayDefinition:
    """A shipped assay."""
    return load_definition(ROOT / "plate_layouts" / assay)


@dataclass(frozen=True)
class SampleCase:
    """A folder with an export, mostly a sample sheet, and the truth."""

    folder: Path

    def __str__(self) -> str:
        """Group and name, as a test is called: ``anti_mag_igm/clean_plate``."""
        return f"{self.group}/{self.folder.name}"

    @property
    def group(self) -> str:
        """Folder of the assay; ``errors`` and ``readers`` hold cases of their own."""
        return self.folder.parent.name

    @property
    def expected(self) -> dict[str, Any]:
        """What is true of the case."""
        found: dict[str, Any] = json.loads((self.folder / "expected.json").read_text(encoding="utf-8"))
        return found

    @property
    def export(self) -> Path:
        """What the plate reader wrote."""
        return self.folder / self.expected["export"]

    @property
    def definition(self) -> AssayDefinition:
        """The shipped assay that it belongs to."""
        return shipped(self.expected["assay"])

    def sheet(self) -> SampleSheet | None:
        """The sample sheet; None where the case has none.

        Raises:
            TiterlineError: it cannot be used, which some cases show.
        """
        name = self.expected["sample_sheet"]
        return load_sheet((self.folder / name).read_bytes(), name) if name is not None else None

    def process(
        self, context: RunContext = CONTEXT, definition: AssayDefinition | None = None
    ) -> list[RunRecord | FailedRun]:
        """Compute all plates, with another assay where one is given."""
        data, name = self.export.read_bytes(), self.export.name
        return process_export(data, name, definition or self.definition, self.sheet(), context)


@cache
def records(case: SampleCase) -> tuple[RunRecord, ...]:
    """The plates of a case that must be computed, once for all tests."""
    found = case.process()
    assert found
    assert all(isinstance(run, RunRecord) for run in found), found
    return tuple(run for run in found if isinstance(run, RunRecord))


def case(name: str) -> SampleCase:
    """One case by group and name."""
    return SampleCase(SAMPLE_DATA / name)


_ALL = [SampleCase(path.parent) for path in sorted(SAMPLE_DATA.glob("*/*/expected.json"))]
CASES = [one for one in _ALL if one.group != "errors"]
"""All that are computed, those of single readers included."""
RENDERED = [one for one in CASES if FULL or one.group != "readers"]
"""Those whose reports are looked at number by number: the plate of the readers is one of the others."""
READERS = [one for one in CASES if one.group == "readers"]
"""The same plate as every reader software writes it."""
REFUSALS = [one for one in _ALL if one.group == "errors"]
"""All that are refused."""
