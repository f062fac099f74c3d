"""Runs of lines and the facts in them: where a section begins, and what stands behind a label."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

from pipeline.readers.parts.head import small
from pipeline.tables.cells import cell_text
from pipeline.tables.workbook import Cell, Sheet

_NO_LABEL = frozenset(["", *"0123456789.,-+"])
"""No label begins so; most cells of an export do."""


def first_cell(row: Sequence[Cell]) -> str:
    """The first filled cell of a line, as it is written."""
    return next((text for cell in row if (text := cell_text(cell).strip())), "")


def first_text(row: Sequence[Cell]) -> str:
    """The first filled cell of a line, in small letters."""
    return small(first_cell(row))


def split_at(sheet: Sheet, begins: Callable[[str], bool]) -> list[Sheet]:
    """The sheet cut before every line whose first filled cell says so; the first part is what is above."""
    starts = [index for index, row in enumerate(sheet.rows) if row and begins(first_text(row))]
    bounds = [0, *(index for index in starts if index), len(sheet.rows)]
    return [sheet.part(start, end) for start, end in itertools.pairwise(bounds) if end > start]


def values_of(sheets: Sequence[Sheet], *labels: str) -> Iterator[str]:
    """Texts behind a label: in the next filled cell of its line, or after ``label:`` in the same cell.

    Labels are in small letters and without their colon.
    """
    for sheet in sheets:
        for row in sheet.rows:
            for at, cell in enumerate(row):
                if not isinstance(cell, str) or cell[:1] in _NO_LABEL:
                    continue
                text = small(cell)
                if text.rstrip(": ") in labels:
                    yield next((found for c in row[at + 1 :] if (found := cell_text(c).strip())), "")
                elif ":" in text and text.partition(":")[0].strip() in labels:
                    yield cell.partition(":")[2].strip()


def value_of(sheets: Sequence[Sheet], *labels: str) -> str:
    """The first text behind a label; empty when there is none."""
    return next(values_of(sheets, *labels), "")


def line_above(sheet: Sheet, index: int, begins: Callable[[str], bool]) -> str:
    """The nearest line above that begins so: its first filled cell, as it is written."""
    for above in range(index - 1, -1, -1):
        if begins(first_text(sheet.rows[above])):
            return first_cell(sheet.rows[above])
    return ""
