"""Gen5: text with a byte-order mark, and Excel with the matrix one column to the right."""

from __future__ import annotations

from pipeline.domain.wells import row_letters
from simulator.exports.shape import NUMBERS, PLATE, ROWS, Wells, row, text
from simulator.workbook import Value, workbook

OVERFLOW = "OVRFLW"


def gen5_text(wells: Wells) -> bytes:
    """Two wavelengths under each row letter, and a blank-corrected line that is not raw."""
    lines: list[list[Value]] = [[], [], ["Software Version", "3.11.19"], [], []]
    lines += [["Experiment File Path:", "C:\\Synthetic\\anti_mag.xpt"], ["Protocol File Path:", ""], [], []]
    lines += [*_facts(), ["Procedure Details"], [], *_procedure(), [], ["Results"], ["", *NUMBERS]]
    for r in range(ROWS):
        lines.append([row_letters(r), *row(wells, r, 450, OVERFLOW), "450"])
        lines.append(["", *row(wells, r, 620, OVERFLOW), "620"])
        lines.append(["", *(_net(v) for v in row(wells, r, 450, OVERFLOW)), "Blank 450"])
    return text([*lines, []], "\t").encode("utf-8-sig")


def gen5_workbook(wells: Wells) -> bytes:
    """The same in Excel."""
    rows: list[list[Value]] = [[], ["Software Version", "3.11.19"], [], *_facts(), []]
    rows += [["Procedure Details"], *_procedure(), [], ["Results"], ["Actual Temperature:", 24.2], []]
    rows.append(["", "", *NUMBERS])
    for r in range(ROWS):
        rows.append(["", row_letters(r), *row(wells, r, 450, OVERFLOW), 450])
        rows.append(["", "", *row(wells, r, 620, OVERFLOW), 620])
    return workbook([("Plate 1 - Sheet1", rows)])


def _facts() -> list[list[Value]]:
    return [
        ["Plate Number", PLATE],
        ["Date", "1/26/2026"],
        ["Time", "4:06:08 PM"],
        ["Reader Type:", "ELx808 (synthetic)"],
        ["Reader Serial Number:", "SYN-0001"],
        ["Reading Type", "Reader"],
        [],
    ]


def _procedure() -> list[list[Value]]:
    read: list[list[Value]] = [["Plate Type", "96 WELL PLATE"], ["Read", "Absorbance Endpoint"]]
    return [*read, ["", "Full Plate"], ["", "Wavelengths:  450, 620"], ["", "Read Speed: Normal"]]


def _net(value: Value) -> Value:
    return round(value - 0.04, 4) if isinstance(value, float) else value
