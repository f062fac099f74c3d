"""What no read has taken: facts about the plate, notes, and cells that nobody understands.

Every filled cell of an export ends in one of four places: a read or the heading of one, a table that is kept,
a fact or note under ``metadata``, or the list of cells not understood.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.readers.parts.grids import where
from pipeline.readers.parts.head import small
from pipeline.readers.parts.taken import is_filled
from pipeline.readers.parts.words import iso_day
from pipeline.tables.cells import cell_text
from pipeline.tables.workbook import Cell, Sheet

_PAIR = re.compile(r"([^\d:=][^:]{0,58}[^:\s])\s*(?:(?<!\d):\s*|:\s+)(.+)\Z", re.DOTALL)
"""``Serial number: 123``; not a time of day, and not a path such as ``C:\\data``."""
_DOTTED = re.compile(r"([^.:]+?):?\s*\.{4,}\s*(.*)\Z", re.DOTALL)
"""``Serial number: ....... 123``."""
_FAR = 4
"""Columns between a fact and what is none of it."""
_MOST_NUMBERS = 6
"""More numbers than these behind a label are data, not a fact."""

KEYS = {
    "barcode": ("barcode", "barcode1", "plate-id (stacker)", "platten-id (stapler)"),
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
    "plate_name": (
        "plate name", "plate number", "plate id", "plate-id", "plate no", "plate no.", "plate nr", "plate #",
        "plattenname", "platten-id", "platten-nr.", "plattennummer", "nom de la plaque", "id de la plaque",
        "nombre de la placa", "id de placa", "id1",
    ),
}  # fmt: skip
"""Our names for facts -> how software labels them, in small letters and without the colon."""

_NAME_OF = {label: name for name, labels in KEYS.items() for label in labels}


@dataclass(frozen=True, slots=True)
class SortedLine:
    """What the free cells of one line say."""

    pairs: tuple[tuple[str, str], ...] = ()
    """Labels with their values."""
    notes: tuple[str, ...] = ()
    not_understood: tuple[str, ...] = ()
    """``place: text`` of each cell."""
    unknown: tuple[int, ...] = ()
    """Columns of the cells that are not understood."""

    @property
    def labels(self) -> set[str]:
        """Labels of its pairs as they are compared."""
        return {small(label.strip().rstrip(":")) for label, _ in self.pairs}


def sort_line(sheet: Sheet, index: int, cells: Sequence[tuple[int, Cell]]) -> SortedLine:
    """A line of label and value, of several ``label: value``, a lone text, or cells without a label.

    Args:
        sheet: where the line stands.
        index: of the line in the sheet's rows.
        cells: (column, cell) of those that nobody has taken.
    """
    far = _far(sheet, cells)
    if far:
        near = sort_line(sheet, index, [one for one in cells if one not in far])
        return replace(
            near,
            not_understood=(*near.not_understood, *_listed(sheet, index, far)),
            unknown=(*near.unknown, *(column for column, _ in far)),
        )
    texts = [cell_text(cell).strip() for _, cell in cells]
    whole = len(cells) == sum(is_filled(cell) for cell in sheet.rows[index])
    numbers = sum(_numeric(cell) for _, cell in cells)
    if not whole and not numbers:
        return SortedLine(notes=tuple(texts))  # words beside a grid
    if not whole or _numeric(cells[0][1]) or numbers > _MOST_NUMBERS:
        return SortedLine((), (), _listed(sheet, index, cells), tuple(column for column, _ in cells))
    if _pair(texts[0]) is not None:
        return SortedLine(tuple(_pairs(texts)))
    if len(texts) > 1 or texts[0].endswith(":"):
        return SortedLine(((texts[0], " ".join(texts[1:])),))
    return SortedLine(notes=(texts[0],))


def _far(sheet: Sheet, cells: Sequence[tuple[int, Cell]]) -> list[tuple[int, Cell]]:
    """Numbers that somebody typed far to the right of a fact: they are no part of it."""
    gap = next((n for n in range(2, len(cells)) if cells[n][0] - cells[n - 1][0] > _FAR), len(cells))
    return [] if sheet.from_text else [one for one in cells[gap:] if _numeric(one[1])]


def _listed(sheet: Sheet, index: int, cells: Sequence[tuple[int, Cell]]) -> tuple[str, ...]:
    return tuple(f"{where(sheet, index, c)}: '{cell_text(cell).strip()[:40]}'" for c, cell in cells)


def _pair(text: str) -> tuple[str, str] | None:
    match = _DOTTED.match(text) or _PAIR.match(text)
    return (match[1], match[2]) if match is not None else None


def _pairs(texts: Sequence[str]) -> list[tuple[str, str]]:
    """``Device: infinite 200 | Serial number: 1``; a cell without a label belongs to the one before it."""
    pairs: list[tuple[str, str]] = []
    for text in texts:
        pair = _pair(text)
        if pair is not None:
            pairs.append(pair)
        elif text.endswith(":"):
            pairs.append((text, ""))
        else:
            label, value = pairs[-1]
            pairs[-1] = (label, text if text.startswith(value) else f"{value} {text}")
    return pairs


def _numeric(cell: Cell) -> bool:
    if isinstance(cell, str):
        text = cell.strip()
        return text[:1].isdigit() and text.replace(",", "").replace(".", "").isdigit()
    return isinstance(cell, int | float)


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


def facts_of(
    own: Iterable[SortedLine],
    head: Iterable[SortedLine],
    elsewhere: Collection[str],
    common: Iterable[SortedLine],
    keys: Mapping[str, str] | None = None,
) -> Facts:
    """Gather what the lines of a plate say; the first statement of a fact wins.

    Args:
        own: lines that speak of this plate alone.
        head: lines above the first plate, for another one.
        elsewhere: labels in small letters that other plates state for themselves; the head does not state
            them for this plate.
        common: lines that speak of all plates.
        keys: labels of this software -> our names, beyond ``KEYS``.
    """
    facts = Facts()
    names = {**_NAME_OF, **(keys or {})}
    for lines, without in ((own, ()), (head, elsewhere), (common, ())):
        for line in lines:
            for label, value in line.pairs:
                if small(label.strip().rstrip(":")) not in without:
                    _state(facts, label, value, names)
            facts.notes += line.notes
            facts.not_understood += line.not_understood
    return facts


def _state(facts: Facts, label: str, value: str, names: Mapping[str, str]) -> None:
    label = label.strip().rstrip(":").strip()
    if value.startswith('="'):  # a text that Excel must not turn into a number
        value = value[2:].rstrip('"')
    name = names.get(small(label))
    if name is not None and value and name not in facts.known:
        facts.known[name] = value
        return
    before = facts.other.get(label)
    if before is None:
        facts.other[label] = value
    elif before != value:
        facts.other[label] = [*(before if isinstance(before, list) else [before]), value]
