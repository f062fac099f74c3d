"""In which ways a workbook shows its values otherwise than it was written, in words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from openpyxl.utils import get_column_letter

from pipeline.report.excel.shown import CellLook, SheetLook
from pipeline.report.words.text import short, visible

_MOST, _LONGEST = 5, 60
"""Cells that one line names, and characters of a format."""
Place = tuple[int, int]


def look_changes(
    title: str, found: SheetLook, expected: SheetLook, same: Collection[Place] | None
) -> Iterator[str]:
    """One line a difference; cells that look alike in the same new way share a line.

    Args:
        title: of the sheet.
        found: as the file has it.
        expected: as it was written.
        same: cells that hold what was written; None where rows or columns moved: no cell can be compared.
    """
    lines = [*_sheet(found, expected)]
    if same is not None:
        lines += [*_sets("merged cells", found.merged, expected.merged), *_cells(found, expected, same)]
    yield from (f"look changed: sheet '{visible(title)}'{line}" for line in lines)


def _sheet(found: SheetLook, expected: SheetLook) -> Iterator[str]:
    if found.state != expected.state:
        yield ": the sheet is hidden"
    if found.hidden_rows:
        filtered = " by a filter" if found.filtered else ""
        yield f", row {_some(list(map(str, found.hidden_rows)))}: hidden{filtered}"
    if found.hidden_columns:
        yield f", column {_some(list(map(get_column_letter, found.hidden_columns)))}: hidden"
    yield from _sets("a conditional format", found.rules, expected.rules)
    yield from _sets("a comment", found.comments, expected.comments)
    yield from _drawn(found.drawn, expected.drawn)
    if found.drawn == expected.drawn and found.charted != expected.charted:
        yield ": a chart shows other cells"
    if found.protected != expected.protected:
        yield f": the sheet is {'locked' if found.protected else 'no longer locked'}"


def _sets(what: str, found: Collection[str], expected: Collection[str]) -> Iterator[str]:
    """Things that have a place on the sheet."""
    for one in sorted(set(found) - set(expected)):
        yield f", {_short(one)}: {what} was added"
    for one in sorted(set(expected) - set(found)):
        yield f", {_short(one)}: {what} is gone"


def _drawn(found: Mapping[str, int], expected: Mapping[str, int]) -> Iterator[str]:
    for kind in sorted({*found, *expected}):
        now, then = found.get(kind, 0), expected.get(kind, 0)
        if now != then:
            yield f": {now} {kind}, written with {then}"


def _cells(found: SheetLook, expected: SheetLook, same: Collection[Place]) -> Iterator[str]:
    changes: dict[str, list[str]] = {}
    for place in same:
        for words in _cell(found.cells[place], expected.cells[place]):
            changes.setdefault(words, []).append(f"{get_column_letter(place[1])}{place[0]}")
    yield from (f", {_some(cells)}: {words}" for words, cells in changes.items())


def _cell(found: CellLook, expected: CellLook) -> Iterator[str]:
    if found.code != expected.code:
        yield f"number format {_short(found.code)}, written as {_short(expected.code)}"
    if not found.seen:
        yield "its text cannot be seen"
    elif found.ink != expected.ink:
        yield f"colour {_short(found.ink)}, written in {expected.ink}"


def _some(names: Sequence[str]) -> str:
    more = len(names) - _MOST
    return ", ".join(names[:_MOST]) + (f" and {more} more" if more > 0 else "")


def _short(text: str) -> str:
    return short(visible(text), _LONGEST)
