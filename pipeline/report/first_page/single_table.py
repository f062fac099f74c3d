"""Samples with a single dilution as one table: a curve of one point needs no strip of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report.language import Unclosed, listed, pieces
from pipeline.report.tables.columns import Column, Table, facts, make_table, table_of, without_empty
from pipeline.report.tables.dilution_columns import antigens_of, card_columns, steps_of
from pipeline.report.tables.sample_columns import FACTS, NAMED, SMALL, SampleRow, fitting
from pipeline.report.tables.spoken import Spoken
from pipeline.report.words.tones import Format

FEWEST = 2
"""One such sample alone gets a strip."""
_BRIEF = 120
"""Characters that a sample may have to itself beside its numbers; with more, each gets a strip."""

Facts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SingleTable(Spoken):
    """One line a sample with what differs, and the facts that all of them share."""

    table: Table
    shared: Facts


def in_one_table(rows: Sequence[SampleRow]) -> list[SampleRow]:
    """The samples with a single dilution, where there are several of them and a line says all of each."""
    found = [row for row in rows if len(row.sample.dilutions) == 1]
    every = [_facts(row) for row in found]
    brief = all(len(_more(own, _shared(every)) or "") <= _BRIEF for own in every)
    return found if len(found) >= FEWEST and brief else []


def single_table(rows: Sequence[SampleRow]) -> SingleTable | None:
    """Columns in which no sample has anything are left out; None without samples."""
    if not rows:
        return None
    every = [_facts(row) for row in rows]
    shared = _shared(every)
    samples = [row.sample for row in rows]
    named = table_of("", NAMED, rows)
    steps = table_of("", card_columns(antigens_of(samples), samples[0].titer.unit), steps_of(samples))
    columns = (*named.columns, *steps.columns, Column("More", Format.PROSE))
    each = zip(named.rows, steps.rows, every, strict=True)
    lines = [(*name, *step, _more(own, shared)) for name, step, own in each]
    return SingleTable(without_empty(make_table("", columns, lines)), shared)


def _facts(row: SampleRow) -> Facts:
    """The titer stands in the table of samples; the explanation, a sentence, comes last."""
    explanation = row.sample.explanation
    meaning = (("Explanation", Unclosed(explanation)),) if explanation else ()
    fields = (field for field in (*FACTS, *SMALL) if field.name != "titer_line")
    return (*facts(fitting(fields, row.record), row), *meaning)


def _shared(every: Sequence[Facts]) -> Facts:
    return tuple(fact for fact in every[0] if all(fact in other for other in every)) if every else ()


def _more(own: Facts, shared: Facts) -> str | None:
    rest = [pieces(label, ": ", text) for label, text in own if (label, text) not in shared]
    return listed("; ", rest) if rest else None
