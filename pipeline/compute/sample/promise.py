"""What a class promises of its titer, whatever led to the class (a total function over class and titer).

A reportable positive class has a titer whose lower end, or whose bound "at least", lies above the cut-off; a
reportable negative one whose upper end, or bound "less than", lies at or below it. The ends are those of the
interval by which a result at the cut-off is left open (``cutoff.straddle_confidence``).
"""

from __future__ import annotations

import math

from pipeline.compute.titer.joint import JointTiter
from pipeline.domain.assay import Cutoff
from pipeline.domain.codes.classes import Outcome, SampleClass
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.codes.reasons import Reason
from pipeline.domain.results import Titer

STRADDLES = (SampleClass.INDETERMINATE, Reason.STRADDLES_CUTOFF)
CONTRADICTS = (SampleClass.REPEAT, Reason.CLASS_AND_TITER_DISAGREE)


def kept(
    classification: SampleClass,
    reason: Reason,
    titer: Titer,
    joint: JointTiter | None,
    cutoff: Cutoff | None,
) -> tuple[SampleClass, Reason]:
    """The class and its reason, or what takes their place where the titer does not keep their promise."""
    outcome = classification.means.outcome
    if cutoff is None or outcome is Outcome.OPEN:
        return classification, reason
    ends = _ends(titer, joint, cutoff)
    if ends is None:
        return CONTRADICTS
    low, high = ends
    if low > cutoff.titer if outcome is Outcome.POSITIVE else high <= cutoff.titer:
        return classification, reason
    return STRADDLES if low <= cutoff.titer < high else CONTRADICTS


def _ends(titer: Titer, joint: JointTiter | None, cutoff: Cutoff) -> tuple[float, float] | None:
    """Between what the true titer lies; None where there is no titer."""
    if titer.value is None:
        return None
    if titer.qualifier is Qualifier.BELOW:
        return 0.0, titer.value
    if titer.qualifier is Qualifier.AT_LEAST:
        return titer.value, math.inf
    return joint.interval(cutoff.straddle_confidence) if joint is not None else None
