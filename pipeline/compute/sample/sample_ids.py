"""Sample ids beside each other: those that look alike, those of earlier runs, one id in two slots."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from pipeline.compute.sample.wording import step_text
from pipeline.domain.codes.classes import Outcome, SampleClass
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.codes.reasons import Reason
from pipeline.domain.history import EarlierRun, IdsElsewhere, SampleIds
from pipeline.domain.layout import SampleEntry
from pipeline.domain.results import PlateResult, SampleResult


def look_alike(ids: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of different ids that a person may take for one, in the order of the sheet."""
    groups: dict[str, list[str]] = {}
    for one in dict.fromkeys(ids):
        groups.setdefault(_seen(one), []).append(one)
    return tuple(pair for group in groups.values() for pair in itertools.combinations(group, 2))


def _seen(sample_id: str) -> str:
    """What is left of an id without case, dashes, spaces and leading zeros."""
    bare = re.sub(r"[\W_]+", " ", sample_id.casefold()).split()
    return "".join(part.lstrip("0") or "0" for part in bare) or sample_id


def beside_earlier(
    entries: Mapping[str, SampleEntry],
    sheet_ids: Collection[str],
    plate: str,
    earlier: Sequence[EarlierRun] | None,
) -> SampleIds:
    """What is to be said of the ids of a plate.

    Args:
        entries: slot -> sample of this plate.
        sheet_ids: all ids of the sample sheet, those of other plates included.
        plate: its label; the same plate of the same export is compared slot by slot.
        earlier: runs with the same export or the same samples, newest first; None where none are at hand.
    """
    ids = {slot: entry.sample_id for slot, entry in entries.items()}
    known = earlier or ()
    same = [run for run in known if run.same_export and run.plate == plate]
    renamed = [found for run in same[:1] if (found := _renamed(ids, run)).ids]
    shared = [_shared(ids, run) for run in known if not run.same_export]
    most = max(shared, key=lambda found: found.ids, default=None)
    return SampleIds(
        alike=look_alike(sheet_ids),
        compared=earlier is not None,
        renamed=renamed[0] if renamed else None,
        repeated=most if most is not None and most.ids else None,
    )


def _renamed(ids: Mapping[str, str], run: EarlierRun) -> IdsElsewhere:
    differing = sum(run.ids.get(slot) != ids.get(slot) for slot in {*ids, *run.ids})
    return IdsElsewhere(run.id, differing, len(ids))


def _shared(ids: Mapping[str, str], run: EarlierRun) -> IdsElsewhere:
    there = set(run.ids.values())
    return IdsElsewhere(run.id, sum(one in there for one in ids.values()), len(ids))


def twice(samples: Iterable[SampleResult]) -> dict[str, list[SampleResult]]:
    """Ids that stand in several slots of a plate, with their results."""
    found: dict[str, list[SampleResult]] = {}
    for sample in samples:
        found.setdefault(sample.sample_id, []).append(sample)
    return {sample_id: group for sample_id, group in found.items() if len(group) > 1}


def without_contradictions(result: PlateResult) -> PlateResult:
    """One id in two slots with titers that cannot both be true: none of them is reportable."""
    wrong = {one for one, group in twice(result.samples).items() if _contradict(group)}
    samples = (_open(sample) if sample.sample_id in wrong else sample for sample in result.samples)
    return replace(result, samples=tuple(samples)) if wrong else result


def _contradict(group: Sequence[SampleResult]) -> bool:
    """Do two reportable results of one sample have intervals apart, or opposite classes?"""
    pairs = itertools.combinations([one for one in group if one.reportable], 2)
    return any(_apart(one, other) or _opposite(one, other) for one, other in pairs)


def _apart(one: SampleResult, other: SampleResult) -> bool:
    (low, high), (other_low, other_high) = _ends(one), _ends(other)
    return low > other_high or other_low > high


def _ends(sample: SampleResult) -> tuple[float, float]:
    """The 95 % interval of a titer, or what its bound leaves open."""
    titer = sample.titer
    if titer.value is None:
        return 0.0, math.inf
    if titer.qualifier is Qualifier.BELOW:
        return 0.0, titer.value
    if titer.qualifier is Qualifier.AT_LEAST:
        return titer.value, math.inf
    low, high = titer.ci95 or (None, None)
    return low or 0.0, math.inf if high is None else high


def _opposite(one: SampleResult, other: SampleResult) -> bool:
    outcomes = {one.classification.means.outcome, other.classification.means.outcome}
    return outcomes == {Outcome.POSITIVE, Outcome.NEGATIVE}


def _open(sample: SampleResult) -> SampleResult:
    reason = Reason.SAME_ID_DISAGREES
    steps = () if reason.means.step is None else (reason.means.step,)
    return replace(
        sample,
        classification=SampleClass.REPEAT,
        reasons=(reason,),
        reportable=SampleClass.REPEAT.means.reportable,
        explanation=reason.means.sentence,
        next_step=step_text(steps, None),
        next_steps=steps,
    )
