"""Titers of the HNK1 wells, or of the serum after beads, on the curve of the plate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.compute.curve.curves import StandardCurve
from pipeline.compute.hnk1.titer_ratio import CurveTiter, walk_covariance
from pipeline.compute.plate.background import difference, mean_signal
from pipeline.compute.plate.replicates import replicates_agree
from pipeline.compute.plate.series import NO_WELLS, Series, Step
from pipeline.compute.titer.back_calculated import BackCalculatedSeries, back_calculate_series
from pipeline.compute.titer.error_components import ErrorComponents
from pipeline.compute.titer.joint import JointTiter
from pipeline.compute.titer.series_titers import joint_titers
from pipeline.compute.titer.titers import titer_result
from pipeline.domain.assay import Assay
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.hnk1 import Hnk1Absorption, Hnk1Direct
from pipeline.domain.results import ReplicatePrecision, Titer


@dataclass(frozen=True, slots=True)
class SeriesTiter:
    """A titer, with the fit behind it where there is one."""

    joint: JointTiter | None
    titer: Titer
    """A value or a bound."""

    def reported(self) -> CurveTiter | None:
        """For a ratio; None without a number."""
        if self.joint is not None:
            return curve_titer(self.joint)
        if self.titer.value is None:
            return None
        return CurveTiter(self.titer.value, self.titer.qualifier, None, np.inf, None)


def curve_titer(joint: JointTiter) -> CurveTiter:
    """A measured titer, for a ratio."""
    return CurveTiter(joint.value, Qualifier.MEASURED, joint.se, joint.df, joint.by_theta)


def pipetting_covariance(first: JointTiter, second: JointTiter, variance: float) -> float:
    """Covariance of two ln titers from the same tubes; ``variance`` is that of one dilution step."""
    steps = np.array(sorted({*first.weights, *second.weights}), dtype=float)
    one, other = (np.array([joint.weights.get(int(k), 0.0) for k in steps]) for joint in (first, second))
    return walk_covariance(one, other, steps, variance)


def hnk1_titers(
    calculated: Sequence[BackCalculatedSeries],
    curve: StandardCurve,
    assay: Assay,
    errors: ErrorComponents,
    precision: ReplicatePrecision,
) -> list[SeriesTiter | None]:
    """Titer of each serum's HNK1 wells, or of the serum after beads; None where the assay has no such wells.

    The errors are those of the plate: these wells share their dilution tubes with the antigen wells and so
    teach nothing new about pipetting.
    """
    if not isinstance(assay.hnk1, Hnk1Direct | Hnk1Absorption):
        return [None] * len(calculated)
    series = [_hnk1_series(one.series, assay, precision) for one in calculated]
    there = [k for k, found in enumerate(series) if found.steps]
    second = back_calculate_series(
        [series[k] for k in there], [calculated[k].entry for k in there], curve, assay, ()
    )
    joints, _ = joint_titers(second, curve, assay, errors, learn=False)
    titers: list[SeriesTiter | None] = [None] * len(calculated)
    for k, one, joint in zip(there, second, joints, strict=True):
        prior = one.entry.prior_dilution
        titers[k] = SeriesTiter(joint, titer_result(joint, one.series, one.estimates, curve, assay, prior))
    return titers


def _hnk1_series(series: Series, assay: Assay, precision: ReplicatePrecision) -> Series:
    found = [(k, _hnk1_step(step, assay, precision)) for k, step in enumerate(series.steps, start=1)]
    steps = tuple(step for _, step in found if step is not None)
    places = tuple(k for k, step in found if step is not None)
    return Series(series.name, steps, has_negative=bool(steps), places=places)


def _hnk1_step(step: Step, assay: Assay, precision: ReplicatePrecision) -> Step | None:
    """The step as if its HNK1 wells, or those of the treated serum, were its antigen wells."""
    main_antigen = assay.calibration.antigen
    negative_antigen = assay.antigen_negative.antigen if assay.antigen_negative is not None else ""
    if isinstance(assay.hnk1, Hnk1Direct):
        group, negative = step.groups.get(assay.hnk1.antigen), step.negative
    elif isinstance(assay.hnk1, Hnk1Absorption):
        group = step.groups.get(f"{main_antigen} + {assay.hnk1.treated}")
        treated = step.treated.get(assay.hnk1.treated)
        negative = treated.negative if treated is not None else None
    else:
        return None
    if group is None:
        return None
    main = mean_signal(group.ods, precision)
    return replace(
        step,
        groups={main_antigen: group, negative_antigen: step.groups.get(negative_antigen, NO_WELLS)},
        main=main,
        negative=negative,
        net=difference(main, negative),
        saturated=group.saturated,
        disagree=not replicates_agree(group.ods, assay.steering),
    )
