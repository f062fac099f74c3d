"""Kinetics of Tecan i-control: a block for each well (several reads in a well), or a line for each well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.message import Message
from pipeline.domain.plate import Kind
from pipeline.domain.wells import Well
from pipeline.errors import InputError
from pipeline.readers.parts.blocks import Block, Spot
from pipeline.readers.parts.grids import where
from pipeline.readers.parts.head import small
from pipeline.readers.parts.lists import well_at
from pipeline.readers.parts.plates import PlateDraft
from pipeline.tables.cells import cell_text
from pipeline.tables.workbook import Cell, Sheet

CYCLES = ("cycles / well", "zyklen / well", "cycle nr", "zyklus nr")
_TIME = ("time [", "zeit [")
_TEMPERATURE = ("temp.", "temperature")
_MEAN = ("mean", "mittelwert")
_SPREAD = ("stdev",)


@dataclass(frozen=True, slots=True)
class _Series:
    """The values of one well, in one line."""

    well: Well
    line: int


def add_cycles(draft: PlateDraft, part: Sheet, kind: Kind, label: str, nm: float | None) -> None:
    """Add a read for each cycle: the means where the file has means, else the only value of each well."""
    series, seconds = _by_block(draft, part) if _blocks(part) else _by_line(draft, part)
    if not series:
        return
    draft.facts["read_mode"] = "kinetic"
    cycles = max(_filled(part.rows[one.line]) for one in series)
    for cycle in range(1, cycles + 1):
        spots: list[Spot] = [(one.well, _at(part.rows[one.line], cycle), one.line, cycle) for one in series]
        at = seconds[cycle - 1] if cycle <= len(seconds) else None
        place = where(part, series[0].line, cycle)
        draft.add(Block(part, spots, kind, f"{label} cycle {cycle}", nm, at, place))


def _blocks(part: Sheet) -> list[int]:
    """Lines with the well name of each block; the line above says ``Cycles / Well``."""
    return [index + 1 for index, row in enumerate(part.rows[:-1]) if _first(row).startswith(CYCLES[:2])]


def _by_block(draft: PlateDraft, part: Sheet) -> tuple[list[_Series], list[float]]:
    series: list[_Series] = []
    seconds: list[float] = []
    others: list[tuple[int, int]] = []
    for start in _blocks(part):
        at = well_at(part.rows[start], 0)
        end = next((i for i in range(start, len(part.rows)) if not _first(part.rows[i])), len(part.rows))
        if at is None:
            continue
        labels = {_first(part.rows[i]): i for i in range(start + 1, end)}
        times = next((i for text, i in labels.items() if text.startswith(_TIME)), None)
        seconds = seconds or (_numbers(part.rows[times]) if times is not None else [])
        line = _value_line(part, labels)
        series.append(_Series(at, line))
        draft.take_line(part, start - 1)
        draft.take_line(part, start)
        for index in range(start + 1, end):
            if index in (line, times):
                draft.take_heading(part, index, 0)
            else:
                others += [(index, column) for column in range(len(part.rows[index]))]
        if times is not None:
            draft.take_line(part, times)
    draft.keep_cells(part, others, "single reads, their SD and temperatures")
    return series, seconds


def _value_line(part: Sheet, labels: dict[str, int]) -> int:
    mean = next((i for text, i in labels.items() if text.startswith(_MEAN)), None)
    if mean is not None:
        return mean
    others = [i for text, i in labels.items() if not text.startswith((*_TIME, *_TEMPERATURE, *_SPREAD))]
    if len(others) == 1:
        return others[0]
    raise InputError(
        "SEVERAL_READS",
        "each well was read several times and the file does not state their mean",
        place=where(part, next(iter(labels.values()), 0), 0),
        found=Message("{n:n} reads a well", n=len(others)),
        expected="a line 'Mean'",
        action="Export the means, or measure once in each well.",
    )


def _by_line(draft: PlateDraft, part: Sheet) -> tuple[list[_Series], list[float]]:
    start = next((i for i, row in enumerate(part.rows) if _first(row).startswith(CYCLES[2:])), None)
    series: list[_Series] = []
    seconds: list[float] = []
    if start is None:
        return series, seconds
    for index in range(start + 1, len(part.rows)):
        row = part.rows[index]
        at = well_at(row, 0)
        if _first(row).startswith(_TIME):
            seconds = _numbers(row)
            draft.take_line(part, index)
        elif at is not None:
            series.append(_Series(at, index))
            draft.take_heading(part, index, 0)
        elif _first(row).startswith(_TEMPERATURE):
            draft.keep_lines(part, index, index + 1, "temperatures")
        else:
            break
    draft.take_line(part, start)
    return series, seconds


def _first(row: Sequence[Cell]) -> str:
    return small(cell_text(row[0])) if row else ""


def _at(row: Sequence[Cell], column: int) -> Cell:
    return row[column] if column < len(row) else None


def _filled(row: Sequence[Cell]) -> int:
    return max((column for column, cell in enumerate(row) if cell_text(cell).strip()), default=0)


def _numbers(row: Sequence[Cell]) -> list[float]:
    return [float(cell) for cell in row[1:] if isinstance(cell, int | float)] or [
        float(text.replace(",", "."))
        for cell in row[1:]
        if (text := cell_text(cell).strip()).replace(".", "", 1).replace(",", "", 1).isdigit()
    ]
