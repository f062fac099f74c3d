"""HNK1 cross-reactivity of one serum: by binding, inhibition, absorption or in another run, as declared."""

from __future__ import annotations

from pipeline.compute.hnk1.judge_absorption import judge_absorption
from pipeline.compute.hnk1.judge_direct import judge_direct
from pipeline.compute.hnk1.judge_inhibition import judge_inhibition
from pipeline.compute.hnk1.status import without_value
from pipeline.compute.hnk1.titers import SeriesTiter
from pipeline.compute.plate.facts import PlateFacts
from pipeline.compute.plate.series import Series
from pipeline.domain.codes.hnk1 import Hnk1Reason, Hnk1Status
from pipeline.domain.hnk1 import Hnk1Direct, Hnk1Inhibition, Hnk1OtherRun
from pipeline.domain.specificity import Hnk1Result

_NO_QUESTION = Hnk1Result(None, Hnk1Status.NOT_TESTED, None, None, None)
"""Of an assay that does not ask for HNK1: nothing is said."""


def judge_hnk1(
    series: Series,
    mag: SeriesTiter,
    hnk1: SeriesTiter | None,
    facts: PlateFacts,
    *,
    hooked: frozenset[int],
    binds: bool,
) -> Hnk1Result:
    """Positive, grey, negative, invalid or not tested, with the numbers compared.

    Args:
        series: the serum's wells.
        mag: its MAG titer.
        hnk1: the titer of its HNK1 wells, or of the serum after beads, on the same curve.
        facts: of the plate.
        hooked: dilutions that read too low.
        binds: is the serum MAG-positive at any dilution? Without a signal there is nothing to take away.
    """
    declared = facts.assay.hnk1
    if declared is None:
        return _not_tested(None, Hnk1Reason.NO_CHECK) if facts.assay.asks_hnk1 else _NO_QUESTION
    if isinstance(declared, Hnk1OtherRun):
        return facts.other_results.get(series.name) or _in_no_other_run(declared)
    steps = [step for k, step in enumerate(series.steps) if k not in hooked]
    if isinstance(declared, Hnk1Direct):
        return judge_direct(series.steps, hooked, hnk1, mag, declared, facts, binds=binds)
    if not binds:
        return without_value(declared, Hnk1Status.NOT_TESTED, Hnk1Reason.NOT_POSITIVE)
    if isinstance(declared, Hnk1Inhibition):
        return judge_inhibition(steps, declared, facts)
    return judge_absorption(steps, mag, hnk1, declared, facts)


def _in_no_other_run(declared: Hnk1OtherRun) -> Hnk1Result:
    if declared.max_days is None:
        return _not_tested(declared.format, Hnk1Reason.NOT_YET, assay=declared.assay)
    days = f"{declared.max_days.value:g}"
    return _not_tested(declared.format, Hnk1Reason.NOT_LATELY, assay=declared.assay, n=days)


def _not_tested(form: str | None, why: Hnk1Reason, **values: str) -> Hnk1Result:
    return Hnk1Result(form, Hnk1Status.NOT_TESTED, None, None, None, why.says(**values), code=why)
