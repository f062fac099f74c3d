"""The record of a run: the truth of which workbook, report and ledger are views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pipeline.domain import ADDED
from pipeline.domain.curve_results import CurveFit, Reach
from pipeline.domain.findings import Finding, RunVerdict
from pipeline.domain.history import RunStanding, SampleIds, StepError, StepHistory
from pipeline.domain.hnk1 import is_mag
from pipeline.domain.lot_use import LotUse
from pipeline.domain.patterns import PlatePatterns
from pipeline.domain.plate import Accounting
from pipeline.domain.results import (
    BlankResult,
    ControlResult,
    NegativeLimit,
    ReadingChoice,
    ReplicatePrecision,
    SampleResult,
    WellResult,
)
from pipeline.domain.specificity import Hnk1Result

RUN_SCHEMA = "titerline.run/1"
FAILED_SCHEMA = "titerline.failed/1"


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file as received."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ExportFile:
    """The export and the reader that understood it."""

    name: str
    sha256: str
    reader: str
    reader_reason: str = ""


@dataclass(frozen=True, slots=True)
class Software:
    """What computed the run."""

    titerline: str
    python: str
    platform: str
    packages: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RunInfo:
    """Identity and provenance of a run."""

    id: str
    key: str
    """sha256 over export, plate name, sample sheet, effective definition of the assay, layout."""
    assay: str
    assay_version: str
    plate: str
    export: ExportFile
    software: Software
    assay_title: str = ""
    unit: str = ""
    sample_sheet: InputFile | None = None
    definition: tuple[InputFile, ...] = ()
    """assay.toml, the layout file, and the bases that the assay extends."""
    definition_sha256: str = field(default="", metadata=ADDED)
    """Of the assay's effective definition; empty in records of versions without it."""
    processed_at: str = ""
    """ISO 8601 with offset; given by the shell."""
    operator: str = ""
    """Who started it; given by the shell."""
    supersedes: str | None = None
    """Run id of an earlier run of an export with the same name and other content."""
    metadata: Mapping[str, object] = field(default_factory=dict)
    """What the export says about itself."""


@dataclass(frozen=True, slots=True)
class ReportStyle:
    """How the reports of a run are written; the record itself is English, with decimal points."""

    language: Literal["en", "de"] = "en"
    decimal: Literal[".", ","] = "."
    """Decimal sign of report.html, report.pdf and the figures."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A finished run."""

    schema: str
    run: RunInfo
    verdict: RunVerdict
    curves: tuple[CurveFit, ...]
    samples: tuple[SampleResult, ...]
    findings: tuple[Finding, ...]
    controls: tuple[ControlResult, ...]
    blanks: tuple[BlankResult, ...]
    precision: ReplicatePrecision | None
    reading: ReadingChoice
    accounting: Accounting
    cells_not_understood: tuple[str, ...]
    rows: int
    columns: int
    wells: tuple[WellResult, ...]
    settings: Mapping[str, object]
    """The assay as it was used, so that the record can be read without its definition."""
    step_error: StepError | None = None
    """Pipetting error of a dilution step, as this plate's intervals use it."""
    step_history: StepHistory | None = field(default=None, metadata=ADDED)
    """What past runs said of that error; None where the assay did not ask or no ledger was there."""
    negative_limits: tuple[NegativeLimit, ...] = ()
    """At each dilution of the negative controls, where the assay's cut-off follows them."""
    standing: RunStanding | None = None
    """Its controls among those of past runs; None where no history was at hand."""
    patterns: PlatePatterns | None = None
    """Edge effect, drift and copied numbers; None in records of versions that did not look."""
    reach: Reach | None = field(default=None, metadata=ADDED)
    """From which titer to which the layout reports with this curve."""
    lots: tuple[LotUse, ...] = ()
    """Lots that were used; empty where neither a lot file nor the layout names any."""
    elsewhere: Mapping[str, Hnk1Result] = field(default_factory=dict)
    """Sample id -> HNK1 result of another run, as taken; empty unless the assay asks for other runs."""
    ids: SampleIds | None = field(default=None, metadata=ADDED)
    """What was found about its sample ids; None without a sample sheet."""
    reports: ReportStyle = ReportStyle()
    """Kept so that the reports can be written again; English in records of versions without it."""

    def antigen(self, section: str) -> str | None:
        """The coating that a section of the assay names; None where it names none."""
        part = self.settings.get(section)
        found = part.get("antigen") if isinstance(part, Mapping) else None
        return found if isinstance(found, str) else None

    @property
    def asks_hnk1(self) -> bool:
        """Is HNK1 a question? As of its assay; where a record does not say, it is."""
        antigen = self.antigen("calibration")
        return antigen is None or self.settings.get("hnk1") is not None or is_mag(antigen)


@dataclass(frozen=True, slots=True)
class FailedRun:
    """A run that could not be computed: the same frame, with the reason in place of results."""

    schema: str
    id: str
    key: str
    assay: str
    plate: str | None
    export: InputFile
    code: str
    message: str
    place: str | None
    found: str | None
    expected: str | None
    action: str | None
    fault: str
    """``input`` (their file), ``definition`` (their assay) or ``program`` (ours)."""
    processed_at: str = ""
    reports: ReportStyle = ReportStyle()
    """Language of WHY.txt."""
    software: str = field(default="", metadata=ADDED)
    """Version of titerline that refused it; empty in records of versions that did not say."""
    sheet: bool = field(default=False, metadata=ADDED)
    """Is it the sample sheet that has to be corrected?"""
