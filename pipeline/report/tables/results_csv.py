"""``results.csv``: one row a sample for a LIMS, the numbers as ``results.json`` prints them."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.domain.record import RunRecord
from pipeline.report.tables.columns import Plain
from pipeline.report.tables.sample_columns import CSV, HEADER, sample_rows
from pipeline.report.words.csv_text import harmless
from pipeline.report.words.tones import Format

ENCODING = "utf-8-sig"
"""With a byte-order mark, without which Excel on Windows garbles umlauts."""


def results_csv(record: RunRecord) -> bytes:
    """The file: a heading, then a row for each sample; a run without samples has the heading alone."""
    text = csv_line(HEADER) + "".join(map(result_line, sample_rows(record)))
    return text.encode(ENCODING)


def result_line(row: Iterable[Plain]) -> str:
    """One row of results as a line; codes are words of our own and stand as they are."""
    return csv_line(
        harmless(value) if isinstance(value, str) and field.form is not Format.CODE else value
        for field, value in zip(CSV, row, strict=True)
    )


def csv_line(values: Iterable[Plain]) -> str:
    """Text in quotes, numbers and truth values without, nothing at all where there is no value."""
    return ",".join(map(_cell, values)) + "\r\n"


def _cell(value: Plain) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return repr(value)
