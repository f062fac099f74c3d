"""Samples with a single dilution as one table: a curve of one point needs no strip of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.results import SampleResult
from pipeline.report.language import Given, listed, pieces
from pipeline.report.tables import (
    Table,
    antigens_of,
    heading,
    in_titer,
    make_table,
    parse_columns,
    titer_line,
)
from pipeline.report.view import sample_facts
from pipeline.report.words import Value, class_word, reason_text

FEWEST = 2
"""One such sample alone gets a strip."""
_IN_COLUMNS = "Titer"

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SingleTable:
    """One line a sample with what differs, and the facts that all of them share."""

    table: Table
    shared: Facts


def in_one_table(samples: Sequence[SampleResult]) -> list[SampleResult]:
    """The samples with a single dilution, where there are several of them."""
    found = [sample for sample in samples if len(sample.dilutions) == 1]
    return found if len(found) >= FEWEST else []


def single_table(samples: Sequence[SampleResult]) -> SingleTable | None:
    """Columns in which no sample has anything are left out; None without samples."""
    if not samples:
        return None
    facts = [_facts(sample) for sample in samples]
    shared = tuple(fact for fact in facts[0] if all(fact in other for other in facts))
    antigens = antigens_of(samples)
    names = [f"{heading(antigen)} OD" for antigen in antigens]
    columns = parse_columns(
        f"Sample; Slot; Result; Dilution 1:|dilution; {''.join(f'{name}|od; ' for name in names)}"
        "Net OD|od; Cut-off OD|od; Positive; Titer (95 % interval)|prose; In titer; Why not|prose; "
        "More|prose",
        *names,
    )
    rows = [(*_row(sample, antigens), _more(own, shared)) for sample, own in zip(samples, facts, strict=True)]
    kept = [n for n in range(len(columns)) if any(row[n] is not None for row in rows)]
    lines = (tuple(row[n] for n in kept) for row in rows)
    return SingleTable(make_table("", (columns[n] for n in kept), lines), shared)


def _facts(sample: SampleResult) -> Facts:
    """Explanation first; the titer has a column."""
    meaning = (("Explanation", sample.explanation),) if sample.explanation else ()
    return (*meaning, *(fact for fact in sample_facts(sample) if fact[0] != _IN_COLUMNS))


def _row(sample: SampleResult, antigens: Sequence[str]) -> tuple[Value, ...]:
    step = sample.dilutions[0]
    ods = (step.od[antigen].mean if antigen in step.od else None for antigen in antigens)
    return (
        *(Given(sample.sample_id), Given(sample.slot), class_word(sample.classification), step.dilution),
        *(*ods, step.net_od, step.cutoff_od, step.positive, titer_line(sample)),
        *(in_titer(sample, used=step.used), reason_text(step.reason)),
    )


def _more(facts: Facts, shared: Facts) -> str | None:
    own = [pieces(label, ": ", text.rstrip(".")) for label, text in facts if (label, text) not in shared]
    return listed("; ", own) if own else None
