"""What a reader found in an export: plates, reads, wells, states, and what it did not understand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.domain.wells import Well

LAST_LINE_OPEN = "LAST_LINE_OPEN"
"""Code of the remark on a text whose last line has no end: it may still be written."""


class WellState(StrEnum):
    """Why a well has no usable number. A well without a state was read normally."""

    ABOVE_RANGE = "above_range"
    BELOW_RANGE = "below_range"
    MASKED = "masked"
    NOT_READ = "not_read"
    UNREADABLE = "unreadable"


class Kind(StrEnum):
    """What the instrument measured."""

    ABSORBANCE = "absorbance"
    FLUORESCENCE = "fluorescence"
    LUMINESCENCE = "luminescence"
    OTHER = "other"


class Quantity(StrEnum):
    """``reduced`` only where the file holds no raw numbers."""

    RAW = "raw"
    REDUCED = "reduced"


@dataclass(frozen=True, slots=True)
class PlateReading:
    """One pass over the plate: one wavelength, label and time point.

    ``values`` are as printed (absorbance in OD). A well with a state has a value only if the file printed
    one (a masked well often does). A well that the file does not mention is in neither mapping.
    """

    kind: Kind
    quantity: Quantity
    wavelength_nm: float | None
    label: str
    time_s: float | None
    values: Mapping[Well, float]
    states: Mapping[Well, WellState]
    place: str
    """Where in the file it stood (line, or sheet and cell), so that a person can check it."""


@dataclass(frozen=True, slots=True)
class CellCount:
    """Where every cell of a file that holds a number or a text has gone; the parts add up to ``filled``."""

    filled: int
    in_reads: int
    """Values and states of wells."""
    headings: int
    """Row letters, column numbers, names of wells, titles, times: what says which well a value belongs to."""
    in_tables: int
    """Kept beside the reads."""
    facts: int
    not_understood: int

    @property
    def balanced(self) -> bool:
        """Is every cell in exactly one part?"""
        parts = self.in_reads + self.headings + self.in_tables + self.facts + self.not_understood
        return parts == self.filled


@dataclass(frozen=True, slots=True)
class Accounting:
    """How many wells of a plate were read and why the others were not, summed over its reads."""

    wells_read: int
    above_range: int
    below_range: int
    masked: int
    not_read: int
    unreadable: int
    cells_not_understood: int


@dataclass(frozen=True, slots=True)
class PlateRead:
    """One plate of an export, as a reader returns it.

    ``cells_not_understood`` lists, as ``place: text``, cells that the reader saw but could not place.
    """

    name: str
    rows: int
    columns: int
    reads: tuple[PlateReading, ...]
    metadata: Mapping[str, object] = field(default_factory=dict)
    cells_not_understood: tuple[str, ...] = ()
    cells: CellCount | None = None
    """Of the whole file: plates of a file share its facts. None for a plate that no file stands behind."""

    def accounting(self) -> Accounting:
        """Count wells by state; a well with a value and no state was read."""
        counts = dict.fromkeys(WellState, 0)
        read = 0
        for reading in self.reads:
            read += sum(well not in reading.states for well in reading.values)
            for state in reading.states.values():
                counts[state] += 1
        return Accounting(
            wells_read=read,
            cells_not_understood=len(self.cells_not_understood),
            **{state.value: n for state, n in counts.items()},
        )


@dataclass(frozen=True, slots=True)
class PlateLabel:
    """A plate that waits for its samples, as a sample sheet names it."""

    name: str
    barcode: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """A plate-reader file with everything that was read from it."""

    name: str
    sha256: str
    reader: str
    reader_reason: str
    """Why this reader: the sign in the file, such as ``##BLOCKS= in line 1``."""
    plates: tuple[PlateRead, ...]
