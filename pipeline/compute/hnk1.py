"""HNK1 cross-reactivity of one serum: direct binding, inhibition or absorption, as the assay says."""

from __future__ import annotations

from pipeline.compute.arms import ArmTiter
from pipeline.compute.estimates import hook_steps
from pipeline.compute.hnk1_absorption import judge_absorption
from pipeline.compute.hnk1_direct import judge_direct
from pipeline.compute.hnk1_inhibition import judge_inhibition
from pipeline.compute.hnk1_status import without_value
from pipeline.compute.joint import JointTiter
from pipeline.compute.plate_facts import PlateFacts
from pipeline.compute.series import Series
from pipeline.domain.hnk1 import Hnk1Direct, Hnk1Inhibition
from pipeline.domain.specificity import Hnk1Result

NOT_TESTED = Hnk1Result(None, "not_tested", None, None, None, "the assay has no HNK1 wells")


def judge_hnk1(
    series: Series, joint: JointTiter | None, arm: ArmTiter | None, facts: PlateFacts, *, binds: bool
) -> Hnk1Result:
    """Positive, grey, negative, invalid or not tested, with the numbers compared.

    Args:
        series: the serum's wells.
        joint: its MAG titer.
        arm: the titer of its HNK1 wells, or of the serum after beads, on the same curve.
        facts: of the plate.
        binds: is the serum MAG-positive at any dilution? Without a signal there is nothing to take away.
    """
    declared = facts.assay.hnk1
    if declared is None:
        return NOT_TESTED
    hooked = hook_steps(series.steps, facts.curve, facts.assay.dilution)
    steps = [step for k, step in enumerate(series.steps) if k not in hooked]
    if isinstance(declared, Hnk1Direct):
        return judge_direct(series.steps, hooked, arm, joint, declared, facts)
    if not binds:
        return without_value(declared, "not_tested", "no MAG signal above the cut-off to take away")
    if isinstance(declared, Hnk1Inhibition):
        return judge_inhibition(steps, declared, facts)
    return judge_absorption(steps, joint, arm, declared, facts)
