"""Past runs of one assay as numbers, and where a new run stands among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from pipeline.domain import ADDED
from pipeline.domain.findings import RunVerdict

Measure = Literal["ln", "OD"]
"""Natural logarithm of a positive quantity, or an OD, which may be negative."""


@dataclass(frozen=True, slots=True)
class PastValue:
    """One quantity in one run."""

    value: float | None
    measure: Measure
    reason: str | None = None
    """Why there is no value."""
    lot: str | None = None
    """Lot of a control, model of a curve: values of different ones never share a chart."""
    se: float | None = None
    """Standard error of a control's ln titer, as its run gave it."""


@dataclass(frozen=True, slots=True)
class ChartKey:
    """What one chart shows: values of different lots or measures never share one."""

    name: str
    lot: str | None
    measure: Measure

    @property
    def label(self) -> str:
        """Name, with the lot where one is known; unique among the charts of a history."""
        name = self.name if self.lot is None else f"{self.name}, {self.lot}"
        return name if self.measure == "ln" else f"{name} (OD)"


@dataclass(frozen=True, slots=True)
class PastRun:
    """What is kept of one run."""

    id: str
    plate: str
    processed_at: str
    """ISO 8601 with offset."""
    assay_version: str
    verdict: RunVerdict
    controls: Mapping[str, PastValue]
    """ln titer of a positive control; net OD at the first dilution of a negative one."""
    quantities: Mapping[str, PastValue]
    """ec50 and slope (ln); upper, lower, blank, backgrounds and cut-off (OD)."""
    software: str = ""
    """Version of the program that computed it; empty where none is known."""
    reader: str = ""
    """Format of the export, with the instrument and its serial number where the export names them."""

    @property
    def rejected(self) -> bool:
        """QC rejected the run."""
        return self.verdict is RunVerdict.REJECTED


@dataclass(frozen=True, slots=True)
class History:
    """The runs of one assay in the order of time; runs that a later one replaced are only counted."""

    assay: str
    unit: str
    """Of the titers; empty where no run is there."""
    runs: tuple[PastRun, ...]
    superseded: int = 0
    other_units: int = 0
    """Runs left out because their titers are in another unit."""


@dataclass(frozen=True, slots=True)
class ControlPast:
    """What past runs say of one control and lot, on the scale of its measure."""

    reference: tuple[float, ...]
    """Values of the first runs that were not rejected; they set mean and SD."""
    newest_first: Iterable[float]
    """Values from the newest run backwards, those of rejected runs included."""


class Past(Protocol):
    """The past runs of one assay, for a new run that is not one of them."""

    runs: int
    """How many there are; replaced ones do not count."""
    last: str | None
    """Id of the newest."""

    def of(self, key: ChartKey, reference_runs: int) -> ControlPast:
        """Values of one control and lot; the first ``reference_runs`` accepted ones as reference."""


@dataclass(frozen=True, slots=True)
class ControlStanding:
    """One control of a new run against its past. All z in SD of the reference runs."""

    control: str
    lot: str | None
    reference_runs: int
    z: float | None
    reason: str | None
    """Why there is no z."""
    last_two: float | None = None
    """Distance from the mean that this and the value before it reach on one side, in SD; 0 on two sides; None
    where there is no value before."""
    last_four: float | None = None
    """The same over the last four values."""
    one_side: int = 0
    """Successive values on one side of the mean, this one included; counted up to 100."""
    recent: tuple[float, ...] = ()
    """z of the last values for drawing, oldest first, this one last; runs without a value are left out."""


@dataclass(frozen=True, slots=True)
class RunStanding:
    """A new run against the past of its assay."""

    controls: tuple[ControlStanding, ...]
    runs: int = 0
    """Past runs that were there to compare with, rejected ones included, replaced ones not."""
    last: str | None = None
    """Id of the newest of them: what was known when this run was judged."""


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """A run of the same assay that holds the same export, or some of the same samples."""

    id: str
    plate: str
    same_export: bool
    """Was it made of the very same bytes?"""
    ids: Mapping[str, str]
    """Slot -> sample id."""


@dataclass(frozen=True, slots=True)
class IdsElsewhere:
    """What an earlier run says of the ids of a plate."""

    run: str
    """Its id."""
    ids: int
    """How many ids are shared, or differ."""
    of: int
    """Of how many samples of this plate."""


@dataclass(frozen=True, slots=True)
class SampleIds:
    """What can be said of the ids of a plate that came with a sample sheet."""

    alike: tuple[tuple[str, str], ...] = ()
    """Pairs of ids of the sheet that differ only by case, dashes, spaces or leading zeros."""
    compared: bool = False
    """Were earlier runs at hand?"""
    renamed: IdsElsewhere | None = None
    """The same plate of the same export was processed with other ids: how many differ."""
    repeated: IdsElsewhere | None = None
    """The earlier run of another export that holds most of these ids: how many are shared."""


@dataclass(frozen=True, slots=True)
class StepLikelihood:
    """What the increments of one plate say of the CV of a dilution step, whatever was known before."""

    cv_percent: tuple[float, ...]
    """The grid."""
    ln: tuple[float, ...]
    """Restricted ln likelihood at each point of the grid; its largest value is 0."""


@dataclass(frozen=True, slots=True)
class StepError:
    """Pipetting error of one step of the serial dilutions: as declared, and with this plate's increments."""

    declared_cv_percent: float
    declared_df: float | None
    """Degrees of freedom behind the declared value; None takes it as known."""
    cv_percent: float
    """What the intervals of this plate use."""
    df: float | None
    increments: int
    """Steps between usable dilutions of this plate that took part."""
    left_out: tuple[str, ...] = field(default=(), metadata=ADDED)
    """Slots and controls whose series scatters otherwise than the others; they took no part."""
    likelihood: StepLikelihood | None = field(default=None, metadata=ADDED)
    """What the increments of this plate alone say of the step; None without increments."""


@dataclass(frozen=True, slots=True)
class PastStep:
    """What the record of one past run says of a dilution step."""

    run: str
    """Its id."""
    cv_percent: float
    """What was known before that run, percent."""
    likelihood: StepLikelihood


@dataclass(frozen=True, slots=True)
class StepHistory:
    """What a laboratory's past runs say of a dilution step, as it was when an export was first seen."""

    runs: tuple[str, ...]
    """Ids of the runs that count, oldest first."""
    fewest: int
    """With fewer runs the declared value holds."""
    cv_percent: float | None
    """CV of a step; None with too few runs."""
    df: float | None
    """Degrees of freedom behind it; None with too few runs."""
    last_cv_percent: float | None
    """What was known before the newest of these runs; None where there is none."""

    @property
    def used(self) -> bool:
        """Are there enough runs?"""
        return self.cv_percent is not None
