"""Gen5: text with a byte-order mark, and Excel with the matrix one column to the right."""

from __future__ import annotations

from pipeline.domain.wells import row_letters
from simulator.exports.shape import NUMBERS, PLATE, READ_AT, ROWS, Wells, row, text
from simulator.workbook import Value, workbook

OVERFLOW = "OVRFLW"


def gen5_text(wells: Wells) -> bytes:
    """Two wavelengths under each row letter, and a blank-corrected line that is not raw."""
    lines: list[list[Value]] = [[], [], ["Software Version", "3.11.19"], [], [], []]
    lines += [["Experiment File Path:", "C:\\Synthetic\\anti_mag.xpt"]]
    lines += [["Protocol File Path:", "C:\\Synthetic\\anti_mag.prt"], [], [], []]
    lines += [*_facts("1/26/2026", "4:06:08 PM"), [], ["Procedure Details"], []]
    lines += [["Plate Type", "96 WELL PLATE"], ["Eject plate on completion", ""], *_read(), [], ["Results"]]
    lines += [["Actual Temperature:", "24.2"], [], ["", *NUMBERS]]
    for r in range(ROWS):
        lines.append([row_letters(r), *row(wells, r, 450, OVERFLOW), "450"])
        lines.append(["", *row(wells, r, 620, OVERFLOW), "620"])
        lines.append(["", *(_net(v) for v in row(wells, r, 450, OVERFLOW)), "Blank 450"])
    return text([*lines, []], "\t").encode("utf-8-sig")


def gen5_workbook(wells: Wells) -> bytes:
    """The same in Excel, where dates and label numbers are typed; a temperature for each wavelength."""
    rows: list[list[Value]] = [[], ["Software Version", "3.11.19"], []]
    rows += [["Experiment File Path:", "C:\\Synthetic\\anti_mag.xpt"], ["Protocol File Path:"]]
    midnight = READ_AT.replace(hour=0, minute=0, second=0)
    rows += [*_facts(midnight, READ_AT.time()), [], ["Procedure Details"]]
    rows += [["Plate Type", "96 WELL PLATE"], ["Shake", "Double Orbital: 0:10 (MM:SS)"]]
    rows += [["", "Frequency: 282 cpm (3 mm)"], *_read(), [], ["Results"]]
    rows += [["Actual Temperature:", 24.2], ["Actual Temperature:", 24.2], [], ["", "", *NUMBERS]]
    for r in range(ROWS):
        rows.append(["", row_letters(r), *row(wells, r, 450, OVERFLOW), 450])
        rows.append(["", "", *row(wells, r, 620, OVERFLOW), 620])
    return workbook([("Plate 1 - Sheet1", rows)])


def _facts(day: Value, clock: Value) -> list[list[Value]]:
    return [
        ["Plate Number", PLATE],
        ["Date", day],
        ["Time", clock],
        ["Reader Type:", "ELx808 (synthetic)"],
        ["Reader Serial Number:", "SYN-0001"],
        ["Reading Type", "Reader"],
    ]


def _read() -> list[list[Value]]:
    speed = "Read Speed: Normal,  Delay: 100 msec,  Measurements/Data Point: 8"
    return [["Read", "Absorbance Endpoint"], ["", "Full Plate"], ["", "Wavelengths:  450, 620"], ["", speed]]


def _net(value: Value) -> Value:
    return round(value - 0.04, 4) if isinstance(value, float) else value
