"""A sample sheet that is ready to be filled: slots, ids as text cells, drop-downs, and the plate drawn."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.domain.layout import PlateLayout, Role, WellUse
from pipeline.domain.plate import PlateLabel
from pipeline.domain.wells import Well, row_letters
from pipeline.report.excel.cells import put_text
from pipeline.report.excel.workbook_file import NO_MOMENT, file_bytes

SAMPLES, PLATE, LISTS = "Samples", "Plate", "Lists"
_HEADER = 3
"""Line of the headings, below a title and what to do."""
_DO = "Type the sample ids; a slot without an id is empty. Save as it is called, and close Excel."
_GENERAL = "Copy this file beside an export, under the export's name"
_COLUMNS = ("slot", "sample_id", "patient_code", "prior_dilution", "collected_on", "comment")
_WIDTHS = {"sample_id": 24, "patient_code": 18, "comment": 36, "plate": 20, "barcode": 20}
_TEXT = "@"
_COLOURS = {
    Role.CALIBRATOR: "FFDCE9F5",
    Role.BLANK: "FFEEEEEE",
    Role.CONTROL: "FFFFF0CC",
    Role.SAMPLE: "FFE2F2E1",
}
_EDGE = Side(style="thin", color="FFB0B7BC")


def sheet_template(
    layout: PlateLayout, stem: str = "", plates: Sequence[PlateLabel] = (PlateLabel(""),)
) -> bytes:
    """The workbook for one export, or for any (without a stem); the same bytes for the same layout.

    Args:
        layout: its sample slots are the lines.
        stem: of the export whose samples it asks for; empty for the template of an assay.
        plates: of the export; several get a column for the plate, and lines for each.
    """
    book = Workbook()
    samples = book.worksheets[0]
    samples.title = SAMPLES
    _samples(samples, layout, stem, plates)
    _drawn(book.create_sheet(PLATE), layout)
    _lists(book.create_sheet(LISTS), layout, plates)
    return file_bytes(book, NO_MOMENT)


def _cell(ws: Worksheet, row: int, column: int) -> Cell:
    cell = ws.cell(row, column)
    assert isinstance(cell, Cell)  # noqa: S101 - no cells are merged here
    return cell


def _samples(ws: Worksheet, layout: PlateLayout, stem: str, plates: Sequence[PlateLabel]) -> None:
    columns = _columns(plates)
    slots = layout.names(Role.SAMPLE)
    put_text(
        _cell(ws, 1, 1), f"Samples of {stem}" if stem else "Copy this file beside an export, under its name"
    )
    put_text(_cell(ws, 2, 1), _DO)
    _cell(ws, 1, 1).font = Font(bold=True, size=13)
    for number, column in enumerate(columns, start=1):
        put_text(_cell(ws, _HEADER, number), column)
        _cell(ws, _HEADER, number).font = Font(bold=True)
        ws.column_dimensions[get_column_letter(number)].width = _WIDTHS.get(column, 14)
    lines = [(plate, slot) for plate in plates for slot in slots]
    for row, (plate, slot) in enumerate(lines, start=_HEADER + 1):
        known = {"slot": slot, "plate": plate.name, "barcode": plate.barcode}
        for number, column in enumerate(columns, start=1):
            cell = _cell(ws, row, number)
            cell.border = Border(bottom=_EDGE)
            if column != "prior_dilution":
                cell.number_format = _TEXT  # an id stays what was typed
            put_text(cell, known.get(column, ""))
    ws.freeze_panes = _cell(ws, _HEADER + 1, 1)
    _drop_downs(ws, columns, _HEADER + len(lines), (len(slots), len(plates)))


def _columns(plates: Sequence[PlateLabel]) -> list[str]:
    """The plate is asked for where there are several, its barcode where the export names one."""
    of_plate = ["plate"] * (len(plates) > 1) + ["barcode"] * any(plate.barcode for plate in plates)
    return [*_COLUMNS[:2], *of_plate, *_COLUMNS[2:]]


def _drop_downs(ws: Worksheet, columns: Sequence[str], last: int, counts: tuple[int, int]) -> None:
    """Slots and plates to choose from; a dilution is a number above 0."""
    slots, plates = counts
    checks = {
        "slot": DataValidation("list", formula1=f"={LISTS}!$A$1:$A${slots}", allow_blank=True),
        "plate": DataValidation("list", formula1=f"={LISTS}!$B$1:$B${plates}", allow_blank=True),
        "prior_dilution": DataValidation("decimal", operator="greaterThan", formula1="0", allow_blank=True),
    }
    for column, check in checks.items():
        if column in columns:
            letter = get_column_letter(columns.index(column) + 1)
            check.add(f"{letter}{_HEADER + 1}:{letter}{last}")
            ws.add_data_validation(check)


def _drawn(ws: Worksheet, layout: PlateLayout) -> None:
    """The plate as the layout has it: name, coating and dilution in each well."""
    for column in range(layout.columns):
        put_text(_cell(ws, 1, column + 2), str(column + 1))
        ws.column_dimensions[get_column_letter(column + 2)].width = 11
    for row in range(layout.rows):
        put_text(_cell(ws, row + 2, 1), row_letters(row))
        ws.row_dimensions[row + 2].height = 42
        for column in range(layout.columns):
            use = layout.uses.get(Well(row, column))
            if use is not None:
                _well(ws, row + 2, column + 2, use)


def _well(ws: Worksheet, row: int, column: int, use: WellUse) -> None:
    cell = _cell(ws, row, column)
    dilution = f"1:{use.dilution:g}" if use.dilution else ""
    put_text(cell, "\n".join(part for part in (use.name or use.role.value, use.condition, dilution) if part))
    cell.fill = PatternFill("solid", _COLOURS[use.role])
    cell.border = Border(_EDGE, _EDGE, _EDGE, _EDGE)
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    cell.font = Font(size=8)


def _lists(ws: Worksheet, layout: PlateLayout, plates: Sequence[PlateLabel]) -> None:
    """What the drop-downs offer, out of sight."""
    for row, slot in enumerate(layout.names(Role.SAMPLE), start=1):
        put_text(_cell(ws, row, 1), slot)
    for row, plate in enumerate(plates, start=1):
        put_text(_cell(ws, row, 2), plate.name)
    ws.sheet_state = "hidden"
