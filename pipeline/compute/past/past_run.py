"""What is kept of one run for control charts: its controls, curve, blank, backgrounds, cut-off, origin."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean, median_low

from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.curve_results import CurveFit
from pipeline.domain.history import Measure, PastRun, PastValue
from pipeline.domain.message import Message
from pipeline.domain.record import RunInfo, RunRecord
from pipeline.domain.results import ControlResult, DilutionResult, SampleResult

PARAMETERS: Mapping[str, Measure] = {"ec50": "ln", "slope": "ln", "upper": "OD", "lower": "OD"}
"""Curve parameters that are followed, and on which scale they scatter evenly."""
_LONGEST_READER = 80
"""Characters kept of what an export says of its instrument."""


def past_run(record: RunRecord) -> PastRun:
    """The numbers of one record."""
    run = record.run
    return PastRun(
        *(run.id, run.plate, run.processed_at, run.assay_version, record.verdict),
        controls=control_readings(record.controls),
        quantities={
            **_parameters(record.curves),
            "blank": _blank(record),
            "background": _background(record),
            "negative_background": _negative_background(record),
            "cutoff": _cutoff(record),
        },
        software=run.software.titerline,
        reader=_reader(run),
    )


def _reader(run: RunInfo) -> str:
    """Format, instrument and serial number in one text: a change of any of them is a change of reader."""
    named = [str(run.metadata[key]) for key in ("instrument", "serial_number") if run.metadata.get(key)]
    return ", ".join([run.export.reader, *named])[:_LONGEST_READER]


def control_readings(controls: Sequence[ControlResult]) -> dict[str, PastValue]:
    """What the charts follow of each control."""
    return {control.name: _control(control) for control in controls}


def _control(control: ControlResult) -> PastValue:
    """With its lot: another lot is another chart."""
    reading = _net_od(control.result) if control.kind == "negative" else _ln_titer(control.result)
    return replace(reading, lot=control.lot)


def _ln_titer(result: SampleResult) -> PastValue:
    """A bound is no measurement: it has no place on the chart and is said."""
    titer = result.titer
    if titer.value is None or titer.value <= 0 or titer.qualifier is not Qualifier.MEASURED:
        return PastValue(None, "ln", titer.text or "no titer")
    error = result.ln_titer
    return PastValue(math.log(titer.value), "ln", se=None if error is None else error.se)


def _net_od(result: SampleResult) -> PastValue:
    """A negative control has no titer; what may drift is its net OD at the most concentrated dilution."""
    if not result.dilutions:
        return PastValue(None, "OD", "no dilution measured")
    first = min(result.dilutions, key=lambda step: step.dilution)
    if first.net_od is not None:
        return PastValue(first.net_od, "OD")
    return PastValue(None, "OD", "no net OD" if first.reason is None else first.reason.means.words)


def _parameters(curves: tuple[CurveFit, ...]) -> dict[str, PastValue]:
    """Of the calibration's curve; the ec50 of another model is another quantity."""
    if not curves:
        return {name: PastValue(None, measure, "no curve") for name, measure in PARAMETERS.items()}
    fit = curves[0]
    return {name: _parameter(fit, name, measure) for name, measure in PARAMETERS.items()}


def _parameter(fit: CurveFit, name: str, measure: Measure) -> PastValue:
    found = fit.parameters.get(name)
    if fit.failure is not None or found is None:
        return PastValue(
            None, measure, fit.failure or Message("{model} has none", model=fit.model), fit.model
        )
    if measure == "OD":
        return PastValue(found.value, measure, lot=fit.model)
    if found.value <= 0:
        return PastValue(
            None, measure, Message("{value:n} has no logarithm", value=f"{found.value:g}"), fit.model
        )
    return PastValue(math.log(found.value), measure, lot=fit.model)


def _blank(record: RunRecord) -> PastValue:
    antigen = record.antigen("calibration")
    means = [b.mean_od for b in record.blanks if b.mean_od is not None and antigen in (None, b.antigen)]
    return PastValue(fmean(means), "OD") if means else PastValue(None, "OD", "no blank well could be read")


def _background(record: RunRecord) -> PastValue:
    """Mean over the samples of their antigen-negative OD at the most concentrated dilution."""
    antigen = record.antigen("antigen_negative")
    firsts = _firsts(record.samples)
    ods = [step.od[antigen].mean for step in firsts if antigen is not None and antigen in step.od]
    return (
        PastValue(fmean(ods), "OD") if ods else PastValue(None, "OD", "no antigen-negative well of a sample")
    )


def _negative_background(record: RunRecord) -> PastValue:
    """The same of the negative controls, which are the same serum on every plate."""
    antigen = record.antigen("antigen_negative")
    firsts = _firsts([one.result for one in record.controls if one.kind == "negative"])
    ods = [step.od[antigen].mean for step in firsts if antigen is not None and antigen in step.od]
    return (
        PastValue(fmean(ods), "OD")
        if ods
        else PastValue(None, "OD", "no antigen-negative well of a negative")
    )


def _cutoff(record: RunRecord) -> PastValue:
    """Cut-off OD at the most concentrated dilution of the plate.

    The median over controls and samples: one that was diluted before the plate has another cut-off there.
    """
    steps = _firsts([*(one.result for one in record.controls), *record.samples])
    first = min((step.dilution for step in steps), default=None)
    ods = [step.cutoff_od for step in steps if step.cutoff_od is not None and step.dilution == first]
    return PastValue(median_low(ods), "OD") if ods else PastValue(None, "OD", "no cut-off OD")


def _firsts(results: Iterable[SampleResult]) -> list[DilutionResult]:
    """The most concentrated dilution of each."""
    return [min(one.dilutions, key=lambda step: step.dilution) for one in results if one.dilutions]
