"""ICH M10: at most one calibrator level that is not recovered may be left out, and the curve fitted again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.compute.curve.checks import FEWEST_LEVELS
from pipeline.domain.assay import Assay
from pipeline.domain.curve_results import CalibratorResult, CurveFit, DroppedLevel
from pipeline.domain.message import Message
from pipeline.domain.rounding import fixed


def droppable(curve: CurveFit, assay: Assay) -> list[CalibratorResult]:
    """The levels that are not recovered, the farthest first, if one of them may be left out.

    ICH M10 (2022), calibration curve: one failing level may be dropped and the curve fitted again; at least
    the declared number of levels has to remain. A wrong level pulls the curve and can make its neighbours
    fail, so each is tried: the one without which all others are recovered is the wrong one.
    """
    least = assay.steering.levels_min
    used = sum(c.used for c in curve.calibrators if c.nominal > 0)
    if assay.curve.drop_level == "none" or used - 1 < (FEWEST_LEVELS if least is None else least):
        return []
    return sorted(failing_levels(curve.calibrators, assay), key=_distance, reverse=True)


def _distance(level: CalibratorResult) -> float:
    return abs(float(np.log(level.recovery_percent / 100))) if level.recovery_percent else float(np.inf)


def failing_levels(
    calibrators: Sequence[CalibratorResult], assay: Assay, without: str = ""
) -> list[CalibratorResult]:
    """Used levels above zero that are not recovered and do not fade; the ends have their own setting."""
    middle, ends = assay.steering.recovery, assay.steering.recovery_ends
    if middle is None:
        return []
    used = (c for c in calibrators if c.nominal > 0 and c.used and not c.faded)
    levels = sorted((c for c in used if c.level != without), key=lambda c: c.nominal)
    found = []
    for c in levels:
        most = ends if ends is not None and c in (levels[0], levels[-1]) else middle
        if c.recovery_percent is None or abs(c.recovery_percent - 100) > most:
            found.append(c)
    return found


def with_dropped(curve: CurveFit, worst: CalibratorResult, before: CurveFit) -> CurveFit:
    """The curve without a level, which stays in the list with its reason; both fits are kept."""
    reason = _why_dropped(worst)
    results = tuple(
        replace(c, used=False, reason=reason) if c.level == worst.level else c for c in curve.calibrators
    )
    note = Message("level {level} was left out: {why:t}", level=worst.level, why=reason)
    return replace(
        curve,
        calibrators=results,
        warnings=(*curve.warnings, note),
        dropped=DroppedLevel(worst.level, reason, before),
    )


def _why_dropped(worst: CalibratorResult) -> Message:
    if worst.recovery_percent is None:
        return Message("not recovered with all levels; left out and the curve fitted again (ICH M10)")
    return Message(
        "recovery {n:n} % with all levels; left out and the curve fitted again (ICH M10)",
        n=fixed(worst.recovery_percent, 0),
    )
