"""What no read has taken: facts about the plate, tables of the vendor, and cells that nobody understands.

Every filled cell of an export ends in one of four places: a read, a table that is kept, a fact under
``metadata``, or the list of cells not understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.readers.parts.grids import Grid, where
from pipeline.readers.parts.head import small
from pipeline.readers.parts.words import iso_day
from pipeline.tables.cells import cell_text
from pipeline.tables.workbook import Cell, Sheet

_PAIR = re.compile(r"([^\d:=][^:]{0,58}[^:\s])\s*(?:(?<!\d):\s*|:\s+)(.+)\Z", re.DOTALL)
"""``Serial number: 123``; not a time of day, and not a path such as ``C:\\data``."""
_DOTTED = re.compile(r"([^.:]+?):?\s*\.{4,}\s*(.*)\Z", re.DOTALL)
"""``Serial number: ....... 123``."""

KEYS = {
    "barcode": ("barcode", "barcode1", "plate-id (stacker)", "platten-id (stapler)", "plate id"),
    "temperature_c": (
        "temperature", "actual temperature", "temperatur", "meas. temperature", "temperature(°c)",
    ),
    "instrument": ("instrument", "instrument name", "reader type", "device", "gerät", "model", "appareil"),
    "serial_number": (
        "serial number", "seriennummer", "reader serial number", "instrument serial number", "serial #",
        "serial#", "numéro de série",
    ),
    "software_version": (
        "software version", "version", "application", "programm", "executed with", "xfluor4 version",
    ),
    "operator": ("user", "anwender", "operator", "utilisateur", "protocol owner", "run started by"),
    "date": (
        "date", "datum", "date of measurement", "measured on", "read time", "execution time",
        "measurement started", "assay started",
    ),
    "time": ("time", "zeit", "heure", "time of measurement"),
    "plate_name": ("plate name", "plate number", "id1"),
}  # fmt: skip
"""Our names for facts -> how software labels them, in small letters and without the colon."""

_NAME_OF = {label: name for name, labels in KEYS.items() for label in labels}


@dataclass(slots=True)
class Taken:
    """Which cells of which lines the reads and tables have taken."""

    spans: dict[tuple[str, int], list[tuple[int, int]]] = field(default_factory=dict)
    """(sheet name, line) -> columns taken, each from and up to."""

    def lines(self, sheet: Sheet, start: int, end: int, first: int = 0, last: int = 10_000) -> None:
        """Take columns ``first`` up to ``last`` of rows ``start`` up to ``end``."""
        for index in range(start, end):
            self.spans.setdefault((sheet.name, sheet.first_line + index), []).append((first, last))

    def grid(self, grid: Grid, *, tails: bool = False) -> None:
        """Take a grid with its header, and what stands to the right of it if asked."""
        self.lines(grid.sheet, grid.header, grid.end, grid.left, 10_000 if tails else grid.right)

    def left_of(self, sheet: Sheet) -> Iterator[tuple[int, list[tuple[int, Cell]]]]:
        """(row index, its filled cells) for each line with cells that nobody has taken."""
        for index, row in enumerate(sheet.rows):
            spans = self.spans.get((sheet.name, sheet.first_line + index))
            free = range(len(row)) if spans is None else _outside(spans, len(row))
            cells = [(column, row[column]) for column in free if _filled(row[column])]
            if cells:
                yield index, cells


def _outside(spans: Sequence[tuple[int, int]], width: int) -> Sequence[int]:
    """Columns that no span covers."""
    if any(first == 0 and last >= width for first, last in spans):
        return ()
    covered = {column for first, last in spans for column in range(first, min(last, width))}
    return [column for column in range(width) if column not in covered]


@dataclass(slots=True)
class Facts:
    """Facts that a file states about a plate."""

    known: dict[str, object] = field(default_factory=dict)
    """Under our names (see ``KEYS``), each the first one that the file states."""
    other: dict[str, object] = field(default_factory=dict)
    """Under the file's own labels; a label with several values has a list."""
    notes: list[str] = field(default_factory=list)
    not_understood: list[str] = field(default_factory=list)

    def metadata(self) -> dict[str, object]:
        """All facts as they are kept with a plate; ``day`` only where the date has one reading."""
        kept = dict(self.known)
        day = iso_day(str(kept.get("date", "")))
        if day is not None:
            kept["day"] = day
        if self.other:
            kept["other"] = self.other
        if self.notes:
            kept["notes"] = self.notes
        return kept


def facts_of(sheets: Iterable[Sheet], taken: Taken, keys: Mapping[str, str] | None = None) -> Facts:
    """Sort every cell that no read has taken.

    Args:
        sheets: where to look, in order; the first statement of a fact wins.
        taken: cells of reads and tables.
        keys: labels of this software -> our names, beyond ``KEYS``.
    """
    facts = Facts()
    names = {**_NAME_OF, **(keys or {})}
    for sheet in sheets:
        for index, cells in taken.left_of(sheet):
            whole = len(cells) == sum(_filled(cell) for cell in sheet.rows[index])
            _sort_line(facts, sheet, index, cells, names, whole=whole)
    return facts


def _sort_line(
    facts: Facts,
    sheet: Sheet,
    index: int,
    cells: list[tuple[int, Cell]],
    names: Mapping[str, str],
    *,
    whole: bool,
) -> None:
    """A line of label and value, of several ``label: value``, a lone text, or cells without a label."""
    texts = [cell_text(cell).strip() for _, cell in cells]
    if not whole and not any(_numeric(cell) for _, cell in cells):
        facts.notes += texts  # words beside a grid
        return
    if not whole or _numeric(cells[0][1]):
        facts.not_understood += [
            f"{where(sheet, index, column)}: '{cell_text(cell).strip()[:40]}'" for column, cell in cells
        ]
        return
    first = _pair(texts[0])
    if first is not None:
        _state_pairs(facts, texts, names)
    elif len(texts) > 1:
        _state(facts, texts[0], " ".join(texts[1:]), names)
    elif not texts[0].endswith(":"):
        facts.notes.append(texts[0])


def _pair(text: str) -> tuple[str, str] | None:
    match = _DOTTED.match(text) or _PAIR.match(text)
    return (match[1], match[2]) if match is not None else None


def _state_pairs(facts: Facts, texts: Sequence[str], names: Mapping[str, str]) -> None:
    """``Device: infinite 200 | Serial number: 1``; a cell without a label belongs to the one before it."""
    pairs: list[tuple[str, str]] = []
    for text in texts:
        pair = _pair(text)
        if pair is not None:
            pairs.append(pair)
        elif not text.endswith(":"):  # a label without a value states nothing
            label, value = pairs[-1]
            pairs[-1] = (label, text if text.startswith(value) else f"{value} {text}")
    for label, value in pairs:
        _state(facts, label, value, names)


def _numeric(cell: Cell) -> bool:
    if isinstance(cell, str):
        text = cell.strip()
        return text[:1].isdigit() and text.replace(",", "").replace(".", "").isdigit()
    return isinstance(cell, int | float)


def _state(facts: Facts, label: str, value: str, names: Mapping[str, str]) -> None:
    label = label.strip().rstrip(":").strip()
    if value.startswith('="'):  # a text that Excel must not turn into a number
        value = value[2:].rstrip('"')
    name = names.get(small(label))
    if name is not None and name not in facts.known:
        facts.known[name] = value
        return
    before = facts.other.get(label)
    if before is None:
        facts.other[label] = value
    elif before != value:
        facts.other[label] = [*(before if isinstance(before, list) else [before]), value]


def table_of(grid: Grid, title: str, lines: Sequence[int] | None = None) -> dict[str, object]:
    """A grid that is no read (layout, concentrations, the vendor's results) as it is kept in metadata."""
    chosen = [line for line in grid.lines if lines is None or line.index in lines]
    return {
        "title": title,
        "place": grid.place,
        "columns": [column + 1 for column in grid.columns],
        "rows": [[line.row + 1, *(cell_text(cell).strip() for cell in line.cells)] for line in chosen],
    }


def _filled(cell: Cell) -> bool:
    return cell is not None and (not isinstance(cell, str) or not (cell == "" or cell.isspace()))
