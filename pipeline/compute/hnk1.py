"""HNK1 cross-reactivity, direct format: HNK1 wells against antigen-negative wells of the same dilution."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.compute.estimates import NORMAL_95
from pipeline.compute.series import Step
from pipeline.domain.assay import Hnk1
from pipeline.domain.results import Hnk1Result

NOT_TESTED = Hnk1Result(None, "not_tested", None, None, None, "the assay has no HNK1 wells")


def judge_direct(steps: Sequence[Step], hooked: frozenset[int], assay: Hnk1 | None) -> Hnk1Result:
    """Net HNK1 OD at the most concentrated readable dilution, against the declared limits.

    positive at or above ``positive_od``, grey from ``grey_od`` up to it, negative below. Dilutions in a hook
    are passed over. The interval is net OD +/- 1.96 SE.
    """
    if assay is None:
        return NOT_TESTED
    tested = [(i, step) for i, step in enumerate(steps) if assay.antigen in step.groups]
    if not tested:
        return Hnk1Result("direct", "not_tested", None, "OD", None, "no HNK1 wells for this sample")
    readable = [
        step for i, step in tested if step.hnk1 is not None and i not in hooked and not _too_high(step, assay)
    ]
    if not readable:
        if all(_too_high(step, assay) and not step.negative_saturated for _, step in tested):
            return Hnk1Result("direct", "positive", None, "OD", None, "HNK1 wells above the reader's range")
        return Hnk1Result(
            "direct", "invalid", None, "OD", None, "no readable pair of HNK1 and antigen-negative wells"
        )
    step = readable[0]
    assert step.hnk1 is not None  # noqa: S101 - narrowed above, for the type checker
    value, half = step.hnk1.od, NORMAL_95 * step.hnk1.se
    if value >= assay.positive_od.value:
        status = "positive"
    else:
        status = "grey" if value >= assay.grey_od.value else "negative"
    return Hnk1Result("direct", status, value, "OD", (value - half, value + half), None, step.dilution)


def _too_high(step: Step, assay: Hnk1) -> bool:
    return step.groups[assay.antigen].saturated
