"""No number of a file goes missing: it is in a read, a table, a fact, or the list of cells not understood."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plate_files import NUMBERS, ROWS, book, grid, is_plate, text

from pipeline.commands.parts.read_document import read_document
from pipeline.domain.plate import Export
from pipeline.errors import InputError
from pipeline.readers import read_export
from pipeline.tables.cells import cell_text
from pipeline.tables.document import open_document

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
TOKEN = re.compile(r"-?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?")
HEADINGS = {float(number) for number in range(1, 49)}
"""Numbers of columns."""


def numbers_in(text: str) -> Iterator[float]:
    """Every number that a text holds."""
    for token in TOKEN.findall(text):
        yield float(token.replace(",", "."))


def said(thing: object) -> Iterator[str]:
    """Every text and number of a document."""
    if isinstance(thing, dict):
        for key, value in thing.items():
            yield from (str(key), *said(value))
    elif isinstance(thing, list | tuple):
        for value in thing:
            yield from said(value)
    elif thing is not None:
        yield str(thing)


def lost(data: bytes, export: Export) -> set[float]:
    """Numbers of cells that stand nowhere in what was read."""
    known = HEADINGS | {number for part in said(read_document(export)) for number in numbers_in(part)}
    cells = (cell for sheet in open_document(data).sheets for row in sheet.rows for cell in row)
    texts = (cell_text(cell).strip() for cell in cells)
    return {number for cell in texts if TOKEN.fullmatch(cell) for number in numbers_in(cell)} - known


def test_no_number_of_the_sample_data_is_lost() -> None:
    """Every export of every case."""
    for path in sorted(SAMPLES.glob("*/*/*")):
        data = path.read_bytes()
        try:
            export = read_export(data, path.name)
        except InputError:
            continue
        assert lost(data, export) == set(), path


def test_no_number_of_real_exports_is_lost(shared: Path) -> None:
    """Clock times of kinetic reads are in the reads as seconds."""
    for path in sorted((shared / "plate_exports").glob("*/*")):
        data = path.read_bytes()
        try:
            export = read_export(data, path.name)
        except InputError:
            continue
        assert lost(data, export) == set(), path


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 24), st.integers(0, 30)),
        st.one_of(
            st.floats(11, 9999).map(lambda n: round(n, 3)), st.sampled_from(["note", "Ctrl", "n.d.", "S1"])
        ),
        min_size=1,
        max_size=12,
    )
)
def test_whatever_is_typed_around_a_plate_is_accounted_for(typed: dict[tuple[int, int], float | str]) -> None:
    """Numbers and words in any cells of a workbook outside the plate: read, refused, or in a list."""
    rows = [*([] for _ in range(8)), *grid(corner="450 nm"), *([] for _ in range(9))]
    for (row, column), value in typed.items():
        if not (7 <= row <= 17 and column <= len(NUMBERS)):
            rows[row] = [*rows[row], *[None] * (column + 1 - len(rows[row]))]
            rows[row][column] = value
    data = book(("Sheet1", rows))
    try:
        export = read_export(data, "plate.xlsx")
    except InputError:
        return
    assert lost(data, export) == set()
    assert is_plate(export.plates[0].reads[0])


@pytest.mark.parametrize("row", ROWS)
def test_a_row_without_its_letter_is_never_passed_over(row: str) -> None:
    """Whichever row it is, in a text and in a workbook."""
    rows = [["Name", *line[1:]] if line[0] == row else line for line in grid(corner="450 nm")]
    for data in (text(rows), book(("Sheet1", rows))):
        with pytest.raises(InputError):
            read_export(data, "plate.dat")
