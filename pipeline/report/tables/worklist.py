"""What is to be repeated or checked: record -> tasks for the bench, one line each.

A sample may need two things, such as a higher dilution for its titer and an HNK1 check for its class; a
sample that needs nothing has no line. Nothing is decided here: class, reasons and next dilution are the
record's, and which samples need a step at all is :mod:`pipeline.compute.sample.bench_steps`.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pipeline.compute.sample.bench_steps import class_step, facts_of, needs_dilution
from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.codes.reasons import Reason
from pipeline.domain.codes.steps import NextStep
from pipeline.domain.findings import RunVerdict, Verdict
from pipeline.domain.message import Message
from pipeline.domain.names import grouped, plain_spaces
from pipeline.domain.record import RunRecord
from pipeline.domain.results import DilutionResult, SampleResult
from pipeline.report.language import Given, listed, pieces
from pipeline.report.tables.columns import Table, make_table, parse_columns
from pipeline.report.tables.sample_words import hnk1_status, titer_line
from pipeline.report.words.csv_text import harmless
from pipeline.report.words.tones import Format, class_word, number

NOTHING = "Nothing to repeat or check on this plate."

ABOVE_RANGE, BELOW_RANGE = "ABOVE_RANGE", "BELOW_RANGE"
"""Codes of tasks that come from the titer, not from a class."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do for one sample."""

    sample_id: str
    slot: str
    plate: str
    classification: SampleClass
    code: str
    """Reason code of the class, ``ABOVE_RANGE`` or ``BELOW_RANGE``."""
    why: str
    action: str
    dilution: float | None
    """Reciprocal dilution of the serum to run, or to start at; None where the task asks for none."""
    seen: str
    """What the plate showed, with the dilutions on the plate; empty where there is nothing to tell."""


def tasks(record: RunRecord) -> tuple[Task, ...]:
    """All tasks of a run, in the order of its samples."""
    plate = record.run.plate
    if record.verdict is RunVerdict.REJECTED:
        why = _rejected(record)
        return tuple(_repeat_plate(sample, plate, why) for sample in record.samples)
    return tuple(task for sample in record.samples for task in _tasks(sample, plate))


def _rejected(record: RunRecord) -> str:
    """Why the plate was rejected: each failed check once."""
    failed = [pieces(f.told, " (", Given(f.rule), ")") for f in record.findings if f.verdict is Verdict.FAIL]
    checks = listed("; ", dict.fromkeys(failed)) or "see the report"
    return pieces("The plate was rejected by quality control: ", checks, ".")


def _repeat_plate(sample: SampleResult, plate: str, why: str) -> Task:
    identity = (sample.sample_id, sample.slot, plate, sample.classification)
    return Task(*identity, Reason.PLATE_REJECTED, why, NextStep.REPEAT_PLATE.alone(), None, "")


def _tasks(sample: SampleResult, plate: str) -> Iterator[Task]:
    """For the class, then for a titer out of range, unless the class asks for another dilution already.

    A further dilution brings its own HNK1 wells: those of this plate need no repeat, and what they showed is
    told.
    """
    step = class_step(sample.reasons, sample.next_steps)
    of_class = None if step is None else _class_task(sample, plate, step)
    of_range = list(_range_task(sample, plate))
    if of_class is not None and of_range and step is NextStep.REPEAT_HNK1_WELLS and _above(sample):
        yield replace(of_range[0], seen=of_class.seen)
        return
    if of_class is not None:
        yield of_class
    if of_class is None or of_class.dilution is None or (step is not None and step.means.hnk1):
        yield from of_range


def _class_task(sample: SampleResult, plate: str, step: NextStep) -> Task:
    """What the class asks for."""
    code = sample.reasons[0] if sample.reasons else sample.classification
    own = sample.next_step if not step.known else None
    task = Task(
        *(sample.sample_id, sample.slot, plate, sample.classification, code),
        *(sample.explanation, own or step.alone(), None, _seen(sample)),
    )
    if step.means.hnk1:
        return _hnk1_task(task, sample, step)
    start = _start(sample, step)
    return task if start is None else replace(task, action=step.starting(start), dilution=start)


def _hnk1_task(task: Task, sample: SampleResult, step: NextStep) -> Task:
    """Direct HNK1 is judged at the most concentrated readable dilution, so the check belongs there."""
    seen = listed("; ", filter(None, (_hnk1(sample), task.seen)))
    if sample.hnk1.format in ("inhibition", "absorption"):
        why = sample.hnk1.code
        again = NextStep.REPEAT_HNK1_CHECK if why is None else why.means.step
        return replace(task, action=again.alone(), seen=seen)
    dilution = sample.hnk1.dilution or next((d.dilution for d in sample.dilutions if not _trouble(d)), None)
    at = None if dilution is None else dilution * sample.prior_dilution
    return replace(task, action=step.alone() if at is None else step.at(at), dilution=at, seen=seen)


def _above(sample: SampleResult) -> bool:
    return sample.titer.qualifier is Qualifier.AT_LEAST


def _trouble(dilution: DilutionResult) -> bool:
    """Something that a technician looks at."""
    return dilution.reason is not None and dilution.reason.means.trouble


def _hnk1(sample: SampleResult) -> str:
    """``HNK1 grey zone, 0.103 OD``, or why there is no number."""
    hnk1 = sample.hnk1
    shown = Format.PERCENT if hnk1.unit == "%" else Format.OD
    value = None
    if hnk1.value is not None:
        value = Message("{n:n} {unit}", n=number(hnk1.value, shown), unit=hnk1.unit or "")
    return listed(", ", filter(None, (pieces("HNK1 ", hnk1_status(sample)), value, hnk1.reason)))


def _start(sample: SampleResult, step: NextStep | None) -> float | None:
    """Dilution at which the repeat starts: the record's, or the most dilute one of the plate."""
    if not sample.classification.means.dilution_helps:
        return None
    if sample.series is not None and sample.series.next_dilution is not None:
        return sample.series.next_dilution
    too_high = _above(sample) or step is NextStep.DILUTE_FURTHER
    last = max((d.dilution for d in sample.dilutions), default=None)
    return last * sample.prior_dilution if too_high and last is not None else None


def _range_task(sample: SampleResult, plate: str) -> Iterator[Task]:
    """The titer is a bound that does not decide, and the next dilution is known."""
    start = _start(sample, None)
    if start is None or not needs_dilution(facts_of(sample)):
        return
    if _above(sample):
        code, action = ABOVE_RANGE, NextStep.DILUTE_FURTHER.starting(start)
        why = Message("The titer lies above the working range: {titer:t}.", titer=titer_line(sample))
    else:
        code, action = BELOW_RANGE, NextStep.RUN_SAMPLE.at(start)
        why = Message("The titer lies below the working range: {titer:t}.", titer=titer_line(sample))
    identity = (sample.sample_id, sample.slot, plate, sample.classification)
    yield Task(*identity, code, why, action, start, _seen(sample))


def _seen(sample: SampleResult) -> str:
    """``hook at 1:1 000``: each trouble with its dilutions; of an open result also what was positive."""
    found: dict[str, list[str]] = defaultdict(list)
    for dilution in sample.dilutions:
        at = f"1:{grouped(dilution.dilution)}"
        if dilution.reason is not None and dilution.reason.means.trouble:
            found[dilution.reason.means.words].append(at)
        elif sample.classification is SampleClass.INDETERMINATE and dilution.positive is not None:
            found["positive" if dilution.positive else "negative"].append(at)
    return listed("; ", (pieces(what, ", at ", ", ".join(at)) for what, at in found.items()))


def worklist(record: RunRecord) -> Table:
    """The sheet: one line a task."""
    columns = parse_columns(
        "Sample; Slot; Plate; Result; Why|prose; Reason code; What to do|prose; Dilution 1:|dilution; "
        "Seen on the plate|prose"
    )
    rows = (
        (
            *(Given(t.sample_id), Given(t.slot), Given(t.plate), class_word(t.classification)),
            *(t.why, Given(t.code), t.action, t.dilution, t.seen or None),
        )
        for t in tasks(record)
    )
    return make_table("Worklist", columns, rows)


def worklist_lines(record: RunRecord) -> Table:
    """The same for reading: samples with the same task share a line."""
    columns = parse_columns("Samples|prose; Result; Why|prose; Reason code; What to do|prose")
    groups: dict[Task, list[str]] = defaultdict(list)
    for task in tasks(record):
        groups[replace(task, sample_id="", slot="")].append(f"{task.sample_id} ({task.slot})")
    rows = (
        (Given(", ".join(named)), class_word(t.classification), _with_seen(t), Given(t.code), t.action)
        for t, named in groups.items()
    )
    return make_table("", columns, rows)


def _with_seen(task: Task) -> str:
    return pieces(task.why, " Seen: ", task.seen, ".") if task.seen else task.why


_HEADER = (
    *("plate", "slot", "sample_id", "class", "reason_code", "why", "what_to_do", "dilution"),
    *("seen_on_the_plate", "run"),
)


def worklist_csv(record: RunRecord) -> bytes:
    """``worklist.csv``: comma-separated UTF-8 with a byte-order mark, without which Excel garbles umlauts.

    No cell can become a formula. Without a task one line says so.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(_HEADER)
    rows = [_csv_row(task, record.run.id) for task in tasks(record)] or [_empty_row(record)]
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def _csv_row(task: Task, run: str) -> tuple[str, ...]:
    dilution = "" if task.dilution is None else f"{task.dilution:.10g}"
    return (
        *(task.plate, task.slot, task.sample_id, task.classification, task.code),
        *(plain_spaces(task.why), plain_spaces(task.action), dilution, plain_spaces(task.seen), run),
    )


def _empty_row(record: RunRecord) -> tuple[str, ...]:
    return (record.run.plate, "", "", "", "", "", NOTHING, "", "", record.run.id)
