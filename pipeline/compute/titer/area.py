"""Area under a dilution curve, and how far it falls, for instance by absorption of the antibody.

Trapezoid rule over ln dilution (as in Greaney et al. 2021, Cell Host Microbe 29:463), so the area is in OD
times ln units and depends on the dilutions tested: compare areas over the same dilutions only. It needs no
curve model and no cut-off, and stays usable where a titer is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.compute.statistics.inference import Array, not_positive, unusable


@dataclass(frozen=True, slots=True)
class Area:
    """Area under signal over ln dilution, in signal units; None with a reason."""

    value: float | None
    se: float | None
    """None without SDs."""
    dilutions: tuple[float, ...]
    """Those it was taken over, from the lowest."""
    reason: str | None = None


def area_under_curve(dilution: Array, signal: Array, sd: Array | None = None) -> Area:
    """The area from the lowest to the highest dilution, in any order; negative signals count as they are.

    Args:
        dilution: dilution factors, 100 for 1:100, each once, shape (n,).
        signal: mean OD or net OD at each, shape (n,).
        sd: standard error of each mean, shape (n,), independent of each other.
    """
    spreads = np.zeros(len(signal)) if sd is None else sd
    if not len(dilution) == len(signal) == len(spreads):
        raise ValueError("dilutions, signals and SDs differ in number")
    order = np.argsort(dilution)
    tested = tuple(float(d) for d in dilution[order])
    problem = _problem(tested, not_positive(dilution) or unusable(signal, spreads), spreads)
    if problem is not None:
        return Area(None, None, tested, problem)
    weight = _trapezoid_weights(np.log(dilution[order]))
    value = float(weight @ signal[order])
    se = None if sd is None else float(np.sqrt(weight**2 @ spreads[order] ** 2))
    return Area(value, se, tested)


def _problem(tested: tuple[float, ...], unusable_why: str | None, spreads: Array) -> str | None:
    if unusable_why is not None:
        return unusable_why
    if len(tested) <= 1:
        return "fewer than two dilutions"
    if len(set(tested)) < len(tested):
        return "a dilution is there twice; give one mean for each"
    return "an SD is negative" if bool((spreads < 0).any()) else None


def _trapezoid_weights(x: Array) -> Array:
    """What each signal contributes: half the distance between its neighbours, shape (n,)."""
    half = np.diff(x) / 2
    return np.asarray(np.append(half, 0.0) + np.append(0.0, half), dtype=float)


@dataclass(frozen=True, slots=True)
class PercentFall:
    """100 (1 - after / before), with its standard error in percentage points; None with a reason."""

    percent: float | None
    se: float | None
    reason: str | None = None


def percent_fall(before: Area, after: Area) -> PercentFall:
    """How much of the area is gone; negative when it grew, above 100 when the area after is negative.

    Delta method for q = after / before: Var q = (Var after + q² Var before) / before². It holds for a
    ``before`` many SE above zero; near zero take Fieller's interval of the ratio.
    """
    problem = before.reason or after.reason
    if problem is None and before.dilutions != after.dilutions:
        problem = "the areas are over different dilutions"
    if problem is None and before.value is not None and before.value <= 0:
        problem = "there is no area before"
    if problem is not None or before.value is None or after.value is None:
        return PercentFall(None, None, problem)
    q = after.value / before.value
    if before.se is None or after.se is None:
        return PercentFall(100.0 * (1 - q), None)
    se = float(np.sqrt(after.se**2 + q**2 * before.se**2)) / before.value
    return PercentFall(100.0 * (1 - q), 100.0 * se)
