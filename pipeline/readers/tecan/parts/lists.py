"""Lists of Tecan i-control: several reads of each well with their mean, and cycles one below the other."""

from __future__ import annotations

from pipeline.domain.message import Message
from pipeline.errors import InputError
from pipeline.readers.parts.blocks import Block
from pipeline.readers.parts.grids import where
from pipeline.readers.parts.head import small
from pipeline.readers.parts.lists import read_list, well_at
from pipeline.readers.parts.plates import PlateDraft
from pipeline.readers.parts.sections import first_cell, first_text
from pipeline.readers.parts.words import seconds_in, wavelength_in
from pipeline.readers.tecan.parts.matrices import Measurement
from pipeline.tables.cells import cell_text
from pipeline.tables.workbook import Sheet

_MEANS = ("mean", "mittelwert", "moyenne", "media")
_CYCLE = ("cycle nr", "zyklus nr")
_LEAST_WELLS = 3


def add_means(draft: PlateDraft, part: Sheet, measured: Measurement) -> None:
    """A line for each well with ``Well``, ``Mean``, ``StDev`` and its single reads: the mean is the read.

    Raises:
        InputError: ``SEVERAL_READS`` where no column holds the mean.
    """
    for header, row in enumerate(part.rows[:-1]):
        texts = [small(cell_text(cell)) for cell in row]
        if texts[:1] != ["well"] or well_at(part.rows[header + 1], 0) is None:
            continue
        mean = next((column for column, text in enumerate(texts) if text in _MEANS), None)
        if mean is None and len([text for text in texts if text]) > 2:  # noqa: PLR2004 - a well and its value
            raise _no_mean(part, header, len(texts) - 1)
        column = mean if mean is not None else 1
        wells = read_list(part, header, (0,))
        draft.take_list(wells)
        draft.take_heading(part, header, column)
        spots, place = wells.spots(column), where(part, header, column)
        label = measured.label or "not stated"
        draft.add(Block(part, spots, measured.kind, label, measured.wavelength_nm, None, place))
        for other in (c for c, text in enumerate(texts) if text and c not in (0, column)):
            draft.keep_column(wells, other)


def _no_mean(part: Sheet, header: int, reads: int) -> InputError:
    return InputError(
        "SEVERAL_READS",
        "each well was read several times and the file does not state their mean",
        place=where(part, header, 0),
        found=Message("{n:n} reads a well", n=reads),
        expected="a column 'Mean'",
        action="Export the means, or measure once in each well.",
    )


def add_cycle_lines(draft: PlateDraft, part: Sheet, measured: Measurement) -> None:
    """A line for each cycle under ``Cycle Nr.``, ``Time [s]``, ``Temp.`` and the names of the wells."""
    for header, row in enumerate(part.rows[:-1]):
        wells = {c: at for c in range(len(row)) if (at := well_at(row, c)) is not None}
        if not first_text(row).startswith(_CYCLE) or len(wells) < _LEAST_WELLS:
            continue
        title = first_cell(part.rows[header - 1]) if header else ""
        nm = wavelength_in(title) or measured.wavelength_nm
        draft.take_line(part, header)
        draft.facts["read_mode"] = "kinetic"
        for index in range(header + 1, len(part.rows)):
            line = part.rows[index]
            if not cell_text(line[0] if line else None).strip().replace(".0", "").isdigit():
                break
            spots = [(at, line[c] if c < len(line) else None, index, c) for c, at in wells.items()]
            seconds = seconds_in(f"{cell_text(line[1]).strip()}s") if len(line) > 1 else None
            label = f"{title or measured.label} cycle {cell_text(line[0]).strip()}"
            draft.add(Block(part, spots, measured.kind, label, nm, seconds, where(part, index, 0)))
            draft.take_heading(part, index, 0, 1)
            draft.keep_cells(part, [(index, c) for c in range(2, min(wells))], "temperatures")
