"""Which lines of a file speak of which plate, where several plates share a sheet.

Facts stand above the plate of which they speak, or in some files below it. What stands above the first plate
speaks of all plates too, unless a later plate states the same for itself: the date of plate 1 is not that of
plate 2.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.readers.parts.blocks import Block
from pipeline.readers.parts.rest import SortedLine
from pipeline.readers.parts.taken import Key
from pipeline.tables.workbook import Sheet


@dataclass(slots=True)
class PlateLines:
    """The lines that speak of one plate."""

    own: list[SortedLine] = field(default_factory=list)
    common: list[SortedLine] = field(default_factory=list)
    head: list[SortedLine] = field(default_factory=list)
    """Lines above the first plate, for all others."""
    elsewhere: set[str] = field(default_factory=set)
    """Labels that other plates state for themselves; the head must not state them for this one."""


@dataclass(frozen=True, slots=True)
class _Extent:
    """First and last line of a plate's reads in a sheet."""

    plate: int
    first: int
    last: int


def lines_of_plates(
    plates: Sequence[tuple[Sequence[Sheet], Sequence[Block]]], lines: Mapping[Key, SortedLine]
) -> list[PlateLines]:
    """The lines that speak of each plate.

    Args:
        plates: for each plate the lines that may speak of it, and its reads.
        lines: what is left over of the file, by sheet and line, in the file's order.
    """
    owners = _owners(plates, lines)
    claimed = {key for sheets, _ in plates for key in _keys_of(sheets)}
    unclaimed = [line for key, line in lines.items() if key not in claimed]
    found = []
    for number, (sheets, _) in enumerate(plates):
        said = PlateLines()
        for key in _keys_of(sheets):
            if key in lines:
                _add(said, lines[key], owners.get(key), number)
        said.common += unclaimed
        found.append(said)
    return found


def _add(said: PlateLines, line: SortedLine, owner: tuple[int, bool] | None, plate: int) -> None:
    """A line that another plate owns speaks of this one only where it is the head of the file."""
    if owner is None:
        said.common.append(line)
        return
    number, head = owner
    if number == plate:
        said.own.append(line)
    elif head:
        said.head.append(line)
    else:
        said.elsewhere |= line.labels


def _keys_of(sheets: Iterable[Sheet]) -> Iterator[Key]:
    for sheet in sheets:
        for line in range(sheet.first_line, sheet.first_line + len(sheet.rows)):
            yield sheet.name, line


def _owners(
    plates: Sequence[tuple[Sequence[Sheet], Sequence[Block]]], lines: Mapping[Key, SortedLine]
) -> dict[Key, tuple[int, bool]]:
    """(plate, is it the head of the file?) for each line that may speak of several plates."""
    owners: dict[Key, tuple[int, bool]] = {}
    extents = _extents(plates)
    for (name, sharing), here in _shared(plates, lines).items():
        ordered = sorted((e for e in extents.get(name, []) if e.plate in sharing), key=lambda e: e.first)
        apart = all(a.last < b.first for a, b in itertools.pairwise(ordered))
        if len(ordered) > 1 and apart:
            below = _stand_below(ordered, here)
            for line in here:
                owner = _owner(ordered, line, below=below)
                if owner is not None:
                    owners[name, line] = owner
    return owners


def _shared(
    plates: Sequence[tuple[Sequence[Sheet], Sequence[Block]]], lines: Mapping[Key, SortedLine]
) -> dict[tuple[str, frozenset[int]], list[int]]:
    """Lines by their sheet and the plates that share them."""
    sharing: dict[Key, set[int]] = {}
    for number, (sheets, _) in enumerate(plates):
        for key in _keys_of(sheets):
            if key in lines:
                sharing.setdefault(key, set()).add(number)
    shared: dict[tuple[str, frozenset[int]], list[int]] = {}
    for (name, line), numbers in sharing.items():
        shared.setdefault((name, frozenset(numbers)), []).append(line)
    return shared


def _extents(plates: Sequence[tuple[Sequence[Sheet], Sequence[Block]]]) -> dict[str, list[_Extent]]:
    extents: dict[str, list[_Extent]] = {}
    for number, (_, blocks) in enumerate(plates):
        reached: dict[str, list[int]] = {}
        for block in blocks:
            first = block.sheet.first_line
            reached.setdefault(block.sheet.name, []).extend(first + line for _, _, line, _ in block.spots)
        for name, found in reached.items():
            extents.setdefault(name, []).append(_Extent(number, min(found), max(found)))
    return extents


def _stand_below(ordered: Sequence[_Extent], lines: Sequence[int]) -> bool:
    """Do the facts stand below their plates? Then none is above the first, and some are below each."""
    ends = [*(extent.first for extent in ordered[1:]), max(lines) + 1]
    below = all(
        any(extent.last < line < end for line in lines) for extent, end in zip(ordered, ends, strict=True)
    )
    return below and not any(line < ordered[0].first for line in lines)


def _owner(ordered: Sequence[_Extent], line: int, *, below: bool) -> tuple[int, bool] | None:
    if below:
        above = [extent for extent in ordered if extent.first <= line]
        return (above[-1].plate, False) if above else None
    following = next((extent for extent in ordered if line <= extent.last), None)
    return None if following is None else (following.plate, following is ordered[0])
