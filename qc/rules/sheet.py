"""Rules on the sample sheet: are these the samples of this plate? Without a sheet nothing is checked."""

from __future__ import annotations

from collections import Counter

from pipeline.domain.codes.reasons import Reason
from pipeline.domain.message import Message, joined
from pipeline.domain.results import PlateResult
from qc.rule import Observation, Observations, rule, unknown
from qc.subjects import SAMPLES
from qc.words import first_of

_NO_PAST = Message("no earlier runs are at hand")


@rule(
    "IDS-01",
    title="The export has the ids that it had",
    breach="The same export was processed with other ids",
    limit="export_other_ids",
)
def same_export_same_ids(result: PlateResult) -> Observations:
    """Slots whose id differs from the one that an earlier run of the very same export gave."""
    if result.ids is None:
        return
    if not result.ids.compared:
        yield unknown(SAMPLES, _NO_PAST)
        return
    found = result.ids.renamed
    text = Message("the export was not processed with other ids")
    if found is not None:
        says = "{n:n} slots had other ids in run {run}: check which sample sheet is the right one"
        text = Message(says, n=found.ids, run=found.run)
    yield Observation(SAMPLES, float(found.ids) if found is not None else 0.0, text)


@rule(
    "IDS-02",
    title="The ids are not those of an earlier plate",
    breach="An earlier plate had these ids",
    limit="ids_of_earlier_run",
)
def new_ids(result: PlateResult) -> Observations:
    """Share of the plate's ids that one earlier run of another export holds, in percent."""
    if result.ids is None:
        return
    if not result.ids.compared:
        yield unknown(SAMPLES, _NO_PAST)
        return
    found = result.ids.repeated
    if found is None:
        yield Observation(SAMPLES, 0.0, Message("no id of an earlier plate"))
        return
    says = "{n:n} of {m:n} ids stood on run {run}: a repeat, or the sample sheet of that run?"
    yield Observation(
        SAMPLES, 100.0 * found.ids / found.of, Message(says, n=found.ids, m=found.of, run=found.run)
    )


@rule("IDS-03", title="No two ids look alike", breach="Ids look alike", limit="ids_alike")
def ids_differ(result: PlateResult) -> Observations:
    """Pairs of ids of the sheet that differ only by case, dashes, spaces or leading zeros."""
    if result.ids is None:
        return
    pairs = result.ids.alike
    text = Message("no id looks like another")
    if pairs:
        named = [Message("'{one}' and '{other}'", one=one, other=other) for one, other in pairs]
        text = Message("are they one sample? {pairs:t}", pairs=first_of(named))
    yield Observation(SAMPLES, float(len(pairs)), text)


@rule(
    "IDS-04",
    title="One id has one result",
    breach="Slots with one id contradict each other",
    limit="ids_contradicting",
)
def one_id_one_result(result: PlateResult) -> Observations:
    """Ids in several slots of the plate whose titers or classes cannot both be true; none is reportable."""
    slots = Counter(sample.sample_id for sample in result.samples)
    several = [sample_id for sample_id, count in slots.items() if count > 1]
    if not several:
        return
    wrong = [sample for sample in result.samples if Reason.SAME_ID_DISAGREES in sample.reasons]
    ids = dict.fromkeys(sample.sample_id for sample in wrong)
    text = Message("{n:n} ids stand in several slots, and agree", n=len(several))
    if wrong:
        named = [Message("{id} in {slot}", id=sample.sample_id, slot=sample.slot) for sample in wrong]
        text = Message("check which sample is in which slot: {slots:t}", slots=joined(", ", named))
    yield Observation(SAMPLES, float(len(ids)), text)
