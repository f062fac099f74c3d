"""Samples with a single dilution as one table: a curve of one point needs no strip of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.results import SampleResult
from pipeline.report.first_page.view import sample_facts
from pipeline.report.language import Given, listed, pieces
from pipeline.report.tables.results import (
    Table,
    antigens_of,
    heading,
    in_titer,
    make_table,
    parse_columns,
)
from pipeline.report.words.tones import Value, class_word, reason_text

FEWEST = 2
"""One such sample alone gets a strip."""
_BRIEF = 120
"""Characters that a sample may have to itself beside its numbers; with more, each gets a strip."""
_TITER = "Titer"

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SingleTable:
    """One line a sample with what differs, and the facts that all of them share."""

    table: Table
    shared: Facts


def in_one_table(samples: Sequence[SampleResult]) -> list[SampleResult]:
    """The samples with a single dilution, where there are several of them and a line says all of each."""
    found = [sample for sample in samples if len(sample.dilutions) == 1]
    facts = [_facts(sample) for sample in found]
    brief = all(len(_more(own, _shared(facts)) or "") <= _BRIEF for own in facts)
    return found if len(found) >= FEWEST and brief else []


def single_table(samples: Sequence[SampleResult]) -> SingleTable | None:
    """Columns in which no sample has anything are left out; None without samples."""
    if not samples:
        return None
    facts = [_facts(sample) for sample in samples]
    shared = _shared(facts)
    antigens = antigens_of(samples)
    unit = heading(samples[0].titer.unit)
    names = [f"{heading(antigen)} OD" for antigen in antigens]
    columns = parse_columns(
        f"Sample; Slot; Result; Dilution 1:|dilution; {''.join(f'{name}|od; ' for name in names)}"
        f"Net OD|od; Cut-off OD|od; Positive; {unit}|titer; In titer; Why not|prose; More|prose",
        *(unit, *names),
    )
    rows = [(*_row(sample, antigens), _more(own, shared)) for sample, own in zip(samples, facts, strict=True)]
    kept = [n for n in range(len(columns)) if any(row[n] is not None for row in rows)]
    lines = (tuple(row[n] for n in kept) for row in rows)
    return SingleTable(make_table("", (columns[n] for n in kept), lines), shared)


def _facts(sample: SampleResult) -> Facts:
    """The titer stands in the table of samples; the explanation, a sentence, comes last."""
    meaning = (("Explanation", sample.explanation.rstrip(".")),) if sample.explanation else ()
    return (*(fact for fact in sample_facts(sample) if fact[0] != _TITER), *meaning)


def _shared(facts: Sequence[Facts]) -> Facts:
    return tuple(fact for fact in facts[0] if all(fact in other for other in facts)) if facts else ()


def _row(sample: SampleResult, antigens: Sequence[str]) -> tuple[Value, ...]:
    step = sample.dilutions[0]
    ods = (step.od[antigen].mean if antigen in step.od else None for antigen in antigens)
    return (
        *(Given(sample.sample_id), Given(sample.slot), class_word(sample.classification), step.dilution),
        *(*ods, step.net_od, step.cutoff_od, step.positive, step.titer),
        *(in_titer(sample, used=step.used), reason_text(step.reason)),
    )


def _more(facts: Facts, shared: Facts) -> str | None:
    own = [pieces(label, ": ", text) for label, text in facts if (label, text) not in shared]
    return listed("; ", own) if own else None
