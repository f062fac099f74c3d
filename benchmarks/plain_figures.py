"""The pictures of a report as they are usually drawn: pyplot, a new figure for each. For comparison alone."""

from __future__ import annotations

import io
from collections.abc import Iterator

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from pipeline.domain.curve_results import CurveFit
from pipeline.domain.record import RunRecord
from pipeline.domain.results import SampleResult
from pipeline.domain.wells import Well, row_letters

DPI = 100
"""The default of pyplot; ours are vectors."""


def plain_figures(record: RunRecord, *forms: str) -> list[bytes]:
    """Standard curves, plate map and a dilution curve a sample; each figure is saved once in each form."""
    files = []
    for axes in _pictures(record):
        files += [_saved(axes, form) for form in forms]
        plt.close("all")
    return files


def _pictures(record: RunRecord) -> Iterator[Axes]:
    """Each in a new figure, when it is asked for."""
    yield from map(_curve, record.curves)
    yield _plate(record)
    yield from map(_series, (sample for sample in record.samples if len(sample.dilutions) > 1))


def _saved(axes: Axes, form: str) -> bytes:
    buffer = io.BytesIO()
    axes.get_figure().savefig(buffer, format=form, dpi=DPI)  # type: ignore[union-attr]  # it has one
    return buffer.getvalue()


def _curve(fit: CurveFit) -> Axes:
    _, axes = plt.subplots(figsize=(6.7, 4.2))
    for level in fit.calibrators:
        axes.scatter([level.nominal] * len(level.ods), level.ods, color="#0072B2")
        axes.annotate(level.level, (level.nominal, max(level.ods, default=0.0)))
    axes.plot([x for x, _ in fit.line], [y for _, y in fit.line], color="black")
    for end in (fit.range.lloq, fit.range.uloq):
        if end is not None:
            axes.axvline(end, linestyle="--")
    axes.set_xscale("symlog", linthresh=10)
    axes.set_xlabel("Calibrator value")
    axes.set_ylabel("OD")
    axes.legend(["fit"])
    return axes


def _plate(record: RunRecord) -> Axes:
    """A heat map with name, coating and OD in each well; with name and OD above 96 wells."""
    _, axes = plt.subplots(figsize=(13, 6))
    values = [[float("nan")] * record.columns for _ in range(record.rows)]
    small = record.rows * record.columns > 96
    for well in record.wells:
        place = Well.parse(well.well)
        if well.od is not None:
            values[place.row][place.column] = well.od
        lines = [well.name or "", f"{well.od:.3f}" if well.od is not None else ""]
        lines[1:1] = [] if small else [f"{well.antigen} 1:{well.dilution or 1:g}"]
        axes.text(place.column, place.row, "\n".join(lines), ha="center", va="center", fontsize=6)
    axes.imshow(values, cmap="Blues")
    axes.set_xticks(range(record.columns), [str(n + 1) for n in range(record.columns)])
    axes.set_yticks(range(record.rows), [row_letters(n) for n in range(record.rows)])
    return axes


def _series(sample: SampleResult) -> Axes:
    _, axes = plt.subplots(figsize=(3.6, 2.4))
    dilutions = [step.dilution for step in sample.dilutions]
    for antigen in sample.dilutions[0].od:
        ods = [step.od[antigen].mean if antigen in step.od else float("nan") for step in sample.dilutions]
        axes.plot(dilutions, ods, marker="o", label=antigen)
    limits = [step.cutoff_od or float("nan") for step in sample.dilutions]
    axes.plot(dilutions, limits, linestyle="--", label="cut-off")
    axes.set_xscale("log")
    axes.set_xlabel("Dilution")
    axes.set_ylabel("OD")
    axes.set_title(sample.sample_id)
    axes.legend()
    return axes
