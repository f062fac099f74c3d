"""The signals of a plate's sera from which an assay without calibrators makes its curve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.compute.curve.common_curve import SerumSignals, common_curve
from pipeline.compute.curve.curves import StandardCurve
from pipeline.compute.plate.series import Series
from pipeline.domain.assay import Assay
from pipeline.domain.results import ReplicatePrecision


def curve_of_sera(
    series: Sequence[Series], blank_ods: Sequence[float], assay: Assay, precision: ReplicatePrecision
) -> StandardCurve:
    """The common shape of all series of a plate, controls and samples."""
    zero = 0.0 if assay.antigen_negative is not None or not blank_ods else float(np.mean(blank_ods))
    sera = [
        SerumSignals(f"{number} {one.name}", tuple(_falling(list(_net(one, zero)), assay)))
        for number, one in enumerate(series)
    ]
    return common_curve(sera, blank_ods, assay, precision)


def _net(series: Series, zero: float) -> Iterator[tuple[float, float]]:
    """(dilution, net OD) of the dilutions whose wells agree and lie in the reader's range."""
    for step in series.steps:
        if step.net is not None and not (step.saturated or step.negative_saturated or step.disagree):
            yield step.dilution, step.net.od - zero


def _falling(points: Sequence[tuple[float, float]], assay: Assay) -> Sequence[tuple[float, float]]:
    """Without the dilutions before the highest signal that read clearly lower: a hook has another shape."""
    if not points:
        return points
    top = max(range(len(points)), key=lambda k: points[k][1])
    least = points[top][1] * (1 - assay.dilution.hook_percent.value / 100)
    return [point for k, point in enumerate(points) if k >= top or point[1] >= least]
