"""Well names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.wells import PLATE_SHAPES, Well, plate_wells


@given(st.integers(0, 31), st.integers(0, 47))
def test_every_well_of_the_largest_plate_round_trips(row: int, column: int) -> None:
    """A well's name leads back to the same well."""
    assert Well.parse(Well(row, column).name) == Well(row, column)


@pytest.mark.parametrize("text", ["A1", "a1", "A01", "A 1", " A1 "])
def test_readers_spellings_are_one_well(text: str) -> None:
    """A1, A01, a1 and 'A 1' are the same well."""
    assert Well.parse(text) == Well(0, 0)


@pytest.mark.parametrize("text", ["", "1A", "A0", "A100", "A1B", "Ä1", "A1.0", "AAA1"])
def test_anything_else_is_refused(text: str) -> None:
    """A text that is not a well name is refused with the text."""
    with pytest.raises(ValueError, match="well name"):
        Well.parse(text)


def test_plates_have_all_their_wells() -> None:
    """96, 384 and 1536 wells, row by row."""
    for wells, (rows, columns) in PLATE_SHAPES.items():
        assert len(plate_wells(rows, columns)) == wells
    assert [w.name for w in plate_wells(8, 12)][:13][-1] == "B1"
