"""Five ways to decide on the same wells. The first three use formulas of their own, not the pipeline's."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pipeline.domain.assay import Assay
from pipeline.domain.curve_results import CurveFit
from pipeline.domain.plate import WellState
from pipeline.domain.results import PlateResult, SampleResult, WellResult

ABOVE = math.inf
"""OD of wells above the reader's range."""


class Decision(StrEnum):
    """What the laboratory would say."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Reading:
    """One dilution: mean ODs with and without antigen; infinite above the reader's range, None: not read."""

    dilution: float
    antigen: float | None
    bare: float | None

    @property
    def net(self) -> float | None:
        """With minus without antigen; None where the bare wells give no number to subtract."""
        if self.antigen is None or self.bare is None or self.bare == ABOVE:
            return None
        return self.antigen - self.bare


@dataclass(frozen=True, slots=True)
class Curve:
    """y = lower + (upper - lower) / (1 + (ec50 / x)^slope), as the record of the plate gives it."""

    lower: float
    upper: float
    ec50: float
    slope: float

    def over(self, x: float) -> float:
        """OD above the lower asymptote, at a concentration above 0."""
        return float((self.upper - self.lower) / (1 + (self.ec50 / x) ** self.slope))

    def concentration(self, over: float) -> float:
        """The concentration that reads so much above the lower asymptote; 0 below it, infinite on top."""
        if over <= 0:
            return 0.0
        rest = self.upper - self.lower - over
        return float(self.ec50 * (over / rest) ** (1 / self.slope)) if rest > 0 else math.inf


@dataclass(frozen=True, slots=True)
class Serum:
    """What a rule may look at."""

    readings: tuple[Reading, ...]
    """Most concentrated dilution first."""
    curve: Curve
    cutoff_titer: float
    floor_od: float
    adjacent: int
    """Positive dilutions in a row that make a series positive."""
    reference: float
    """Dilution at which calibrators and sera compare."""
    record: SampleResult

    def titer(self, over: float, dilution: float) -> float:
        """Titer from one dilution's OD above the curve's zero."""
        return self.curve.concentration(over) * dilution / self.reference


Rule = Callable[[Serum], Decision]


def one_dilution(serum: Serum) -> Decision:
    """1:1000 alone, nothing subtracted but the blank: common practice."""
    first = serum.readings[0]
    return _by_titer(serum, None if first.antigen is None else first.antigen - serum.curve.lower)


def one_dilution_net(serum: Serum) -> Decision:
    """1:1000 alone, minus the antigen-negative well."""
    return _by_titer(serum, serum.readings[0].net)


def series(serum: Serum) -> Decision:
    """All dilutions, nothing subtracted but the blank: enough adjacent ones above their cut-off.

    The cut-off of a dilution is what a serum at the cut-off titer reads there, at least ``floor_od``. Fewer
    positive dilutions than asked for leave the result open, as in titerline.
    """
    flags = [
        r.antigen is not None and r.antigen - serum.curve.lower > _cutoff(serum, r) for r in serum.readings
    ]
    if not any(flags):
        return Decision.NEGATIVE
    return Decision.POSITIVE if _longest_run(flags) >= serum.adjacent else Decision.OPEN


def titerline(serum: Serum) -> Decision:
    """All dilutions with antigen-negative wells: the class of the record."""
    words = {"POSITIVE": Decision.POSITIVE, "NEGATIVE": Decision.NEGATIVE}
    return words.get(serum.record.classification.split("_", maxsplit=1)[0], Decision.OPEN)


def titerline_hnk1(serum: Serum) -> Decision:
    """The class of the record, and only a confirmed one is positive; an open HNK1 check is open."""
    words = {
        "POSITIVE_HNK1_CONFIRMED": Decision.POSITIVE,
        "POSITIVE_HNK1_NOT_CONFIRMED": Decision.NEGATIVE,
        "POSITIVE_HNK1_INDETERMINATE": Decision.OPEN,
    }
    return words.get(serum.record.classification) or titerline(serum)


RULES: Mapping[str, Rule] = {
    "single dilution": one_dilution,
    "single, net": one_dilution_net,
    "series": series,
    "titerline": titerline,
    "titerline, HNK1 confirmed": titerline_hnk1,
}
"""Name in tables and plot -> rule, from the least to the most asked for."""


def seen(result: PlateResult, record: SampleResult, assay: Assay) -> Serum:
    """Collect what the rules need from the record of a plate.

    Raises:
        ValueError: when the assay declares no cut-off.
    """
    if assay.cutoff is None:
        msg = f"the assay {assay.name} declares no cut-off"
        raise ValueError(msg)
    wells = [well for well in result.wells if well.role == "sample" and well.name == record.slot]
    return Serum(
        readings=tuple(_reading(wells, d) for d in sorted({w.dilution for w in wells if w.dilution})),
        curve=_curve(result.curves[0]),
        cutoff_titer=assay.cutoff.titer,
        floor_od=assay.cutoff.floor_od.value,
        adjacent=assay.cutoff.min_adjacent_dilutions,
        reference=assay.calibration.reference_dilution,
        record=record,
    )


def _by_titer(serum: Serum, over: float | None) -> Decision:
    if over is None:
        return Decision.OPEN
    high = serum.titer(over, serum.readings[0].dilution) >= serum.cutoff_titer
    return Decision.POSITIVE if high else Decision.NEGATIVE


def _cutoff(serum: Serum, reading: Reading) -> float:
    at_cutoff = serum.curve.over(serum.cutoff_titer * serum.reference / reading.dilution)
    return max(at_cutoff, serum.floor_od)


def _longest_run(flags: Sequence[bool]) -> int:
    longest = current = 0
    for flag in flags:
        current = current + 1 if flag else 0
        longest = max(longest, current)
    return longest


def _curve(fitted: CurveFit) -> Curve:
    value = {name: parameter.value for name, parameter in fitted.parameters.items()}
    return Curve(value["lower"], value["upper"], value["ec50"], value["slope"])


def _reading(wells: Sequence[WellResult], dilution: float) -> Reading:
    of = {
        antigen: [w for w in wells if w.dilution == dilution and w.antigen == antigen]
        for antigen in ("MAG", "none")
    }
    return Reading(dilution, _mean_od(of["MAG"]), _mean_od(of["none"]))


def _mean_od(wells: Sequence[WellResult]) -> float | None:
    if any(well.state == WellState.ABOVE_RANGE for well in wells):
        return ABOVE
    ods = [well.od for well in wells if well.used and well.od is not None]
    return sum(ods) / len(ods) if ods else None
