"""Past runs of one assay as numbers, and where a new run stands among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import model_validator

from pipeline.domain.declared import Declared, Limit, require_units
from pipeline.domain.findings import RunVerdict

Measure = Literal["ln", "OD"]
"""Natural logarithm of a positive quantity, or an OD, which may be negative."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One quantity in one run."""

    value: float | None
    measure: Measure
    reason: str | None = None
    """Why there is no value."""
    lot: str | None = None
    """Lot of a control, model of a curve: values of different ones never share a chart."""


@dataclass(frozen=True, slots=True)
class PastRun:
    """What is kept of one run."""

    id: str
    plate: str
    processed_at: str
    """ISO 8601 with offset."""
    assay_version: str
    verdict: RunVerdict
    controls: Mapping[str, Reading]
    """ln titer of a positive control; net OD at the first dilution of a negative one."""
    quantities: Mapping[str, Reading]
    """ec50 and slope (ln), upper, lower, blank and background (OD)."""

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
    """Successive values on one side of the mean, this one included."""


@dataclass(frozen=True, slots=True)
class RunStanding:
    """A new run against the past of its assay."""

    controls: tuple[ControlStanding, ...]


class HistoryLimits(Declared):
    """Limits of the rules over past runs, by Westgard's names. A rule without its limit is not evaluated."""

    one_2s: Limit | None = None
    one_3s: Limit | None = None
    two_2s: Limit | None = None
    r_4s: Limit | None = None
    """Between two controls of one run; each of them has to be beyond half of it."""
    four_1s: Limit | None = None
    ten_x: Limit | None = None

    @model_validator(mode="after")
    def _units(self) -> HistoryLimits:
        in_sd = dict.fromkeys(("one_2s", "one_3s", "two_2s", "r_4s", "four_1s"), "SD")
        require_units(self, {**in_sd, "ten_x": "runs"})
        return self
