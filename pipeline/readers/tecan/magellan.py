"""Tecan Magellan exports: ``.xls``, ``.xlsx`` (list or matrix) and ``.asc``.

A list has a column ``Well positions`` and columns ``Raw data`` or ``Label1`` in any order, times and
temperatures in lines below the header, facts in lines below the data. A matrix has ``<>`` in its corner; a
later matrix of texts is the layout.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.domain.message import Message
from pipeline.domain.plate import Kind, PlateRead
from pipeline.readers.parts.blocks import Block
from pipeline.readers.parts.grids import find_grids, where
from pipeline.readers.parts.head import Head, seen, small
from pipeline.readers.parts.lists import WellList, read_list, well_at
from pipeline.readers.parts.plates import PlateDraft, finish
from pipeline.readers.parts.quantities import is_reduced
from pipeline.readers.parts.sections import value_of, values_of
from pipeline.readers.parts.words import kind_of, marked_wavelengths, seconds_in, wavelength_in
from pipeline.readers.tecan.parts.matrices import Measurement, add_matrices
from pipeline.tables.cells import cell_text
from pipeline.tables.document import Document
from pipeline.tables.workbook import Cell, Sheet

NAME = "Tecan Magellan"

_RAW = re.compile(r"raw ?data|label ?\d+|measurement ?\d+|\d{3}\s*nm|od\b|abs", re.IGNORECASE)
_WAVELENGTH = ("measurement wavelength", "messwellenlänge")
_REFERENCE = ("reference wavelength", "referenzwellenlänge")
_KEYS = {"unknown user": "operator"}
_NOT_MAGELLAN = ("application:", "programm:")


def sniff(head: Head) -> str | None:
    """``Well positions``, or a matrix with ``<>`` in a sheet that names no other software of Tecan."""
    wells = head.texts.get("well positions")
    if wells:
        return seen("Well positions", wells)
    corner = head.texts.get("<>")
    if corner is None or head.find(*_NOT_MAGELLAN) or any("xfluor4" in text for text in head.texts):
        return None
    first = next((cell_text(c).strip() for s in head.sheets for row in s.rows for c in row if c), "")
    if first != "<>" and small(first) != "raw data":
        return None
    return Message("{sign} in {place:t}, first of the sheet", sign="'<>'", place=corner)


def read(document: Document) -> list[PlateRead]:
    """Read every sheet that holds a plate."""
    return finish([_plate(sheet) for sheet in document.sheets], document, keys=_KEYS)


def _plate(sheet: Sheet) -> PlateDraft:
    draft = PlateDraft((sheet,), named_by_sheet=True)
    mode = value_of((sheet,), "measurement mode")
    if not mode:
        draft.facts["assumed"] = "the file does not say what was measured: taken as raw absorbance"
    kind = (kind_of(mode) or Kind.OTHER) if mode else Kind.ABSORBANCE
    when = value_of((sheet,), "date of measurement")
    if "/Time of measurement:" in when:
        draft.facts["date"], _, draft.facts["time"] = (
            part.strip() for part in when.partition("/Time of measurement:")
        )
    nms = [wavelength_in(text) for text in values_of((sheet,), *_WAVELENGTH)]
    reference = wavelength_in(value_of((sheet,), *_REFERENCE))
    own = nms[0] if len(set(nms)) == 1 else None
    add_matrices(draft, find_grids(sheet), Measurement(kind, "", own, reference))
    for header, row in enumerate(sheet.rows):
        column = next((c for c, cell in enumerate(row) if small(cell_text(cell)) == "well positions"), None)
        if column is not None:
            draft.headed = where(sheet, header, column)
            _list(draft, sheet, header, column, kind, nms)
    return draft


def _list(
    draft: PlateDraft,
    sheet: Sheet,
    header: int,
    column: int,
    kind: Kind,
    nms: Sequence[float | None],
) -> None:
    start = next(
        (i for i in range(header + 1, len(sheet.rows)) if well_at(sheet.rows[i], column)), header + 1
    )
    wells = read_list(sheet, header, (column,), start)
    times = _times(sheet, range(header + 1, start))
    if start > header + 1:
        draft.keep_lines(sheet, header + 1, start, "times and temperatures")
    draft.take_list(wells)
    raw = _raw_columns(wells, column)
    labels = list(dict.fromkeys(label for _, label in raw))
    for at, label in raw:
        seconds = times.get(at) if len(raw) > len(labels) else None
        nm = _column_wavelength(label, labels, nms)
        draft.take_heading(sheet, header, at)
        place = where(sheet, header, at)
        draft.add(Block(sheet, wells.spots(at), kind, label, nm, seconds, place, reduced=is_reduced(label)))
    if len(raw) > len(labels):
        draft.facts["read_mode"] = "kinetic"
    taken = {column, *(at for at, _ in raw)}
    for at, text in enumerate(wells.names):
        if at not in taken and text:
            draft.keep_column(wells, at)
            if small(text) == "plate" and wells.lines:
                draft.name = cell_text(sheet.rows[wells.lines[0]][at]).strip()


def _column_wavelength(label: str, labels: Sequence[str], nms: Sequence[float | None]) -> float | None:
    """As the column's name says it, else as the lines do, where they state one for each label in order."""
    named = set(marked_wavelengths(label))
    if is_reduced(label) or len(named) == 1:
        return next(iter(named), None)
    raw = [one for one in labels if not is_reduced(one)]
    return nms[raw.index(label)] if len(nms) == len(raw) else None


def _raw_columns(wells: WellList, column: int) -> list[tuple[int, str]]:
    """(column, label) of the raw reads; in a kinetic the label stands over the first column only."""
    width = max((len(wells.sheet.rows[line]) for line in wells.lines), default=0)
    found: list[tuple[int, str]] = []
    label = ""
    for at in range(width):
        text = wells.names[at] if at < len(wells.names) else ""
        label = text or label
        if at != column and (_RAW.match(label) or is_reduced(label)) and _any_value(wells, at):
            found.append((at, label))
    return found


def _any_value(wells: WellList, at: int) -> bool:
    rows: Sequence[list[Cell]] = [wells.sheet.rows[line] for line in wells.lines]
    return any(at < len(row) and cell_text(row[at]).strip() for row in rows)


def _times(sheet: Sheet, lines: range) -> dict[int, float]:
    """Seconds over each column, from the first line below the header that has any."""
    for index in lines:
        found = {
            c: s for c, cell in enumerate(sheet.rows[index]) if (s := seconds_in(cell_text(cell))) is not None
        }
        if found:
            return found
    return {}
