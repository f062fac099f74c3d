"""BMG MARS: a matrix for each wavelength, or a table of wells. SMART Control: a workbook."""

from __future__ import annotations

from simulator.exports.shape import NUMBERS, PLATE, WELLS, Wells, matrix, name, od, padded, text
from simulator.workbook import Value, workbook

OVERFLOW = "overflow"
_PATH = "Path: C:\\Program Files (x86)\\BMG\\CLARIOstar\\User\\Data"
_SMART_PATH = "Path: C:\\Program Files (x86)\\BMG\\SMART Control\\SYNTHETIC\\Data"


def mars_matrix(wells: Wells) -> bytes:
    """CSV with a matrix for 450 and one for 620 nm; the line of column numbers is one cell too long."""
    lines: list[list[Value]] = [
        ["User: SYNTHETIC", _PATH, "Test run no.: 7"],
        ["Test name: anti-MAG IgM", "Date: 1/26/2026", "Time: 4:06:08 PM"],
        [],
        [f"ID1: {PLATE}", ""],
        ["Absorbance"],
        [],
    ]
    for number, wavelength in enumerate((450, 620), start=1):
        head, *body = matrix(wells, wavelength, OVERFLOW)
        lines += [[f"Raw Data ({wavelength} {number})"], [], [*head, ""], *body, []]
    return text(lines, ",", decimals=None).encode()


def mars_table(wells: Wells) -> bytes:
    """CSV with semicolons, a line for each well, down the columns; every line as long as the longest."""
    facts = ["User: SYNTHETIC", f"{_PATH}\\", "Test ID: 7", "Test Name: anti-MAG IgM", "Date: 26.01.2026"]
    lines: list[list[Value]] = [[fact] for fact in [*facts, "Time: 16:06:08", f"ID1: {PLATE}"]]
    lines += [["Absorbance", "", "", "Absorbance values are displayed as OD"], [], []]
    lines.append(["Well", "Content", "Raw Data (450)", "Raw Data (620)"])
    for index, well in enumerate(sorted(WELLS, key=lambda well: (well.column, well.row))):
        ods = [od(wells, well, wavelength, OVERFLOW) for wavelength in (450, 620)]
        lines.append([name(well, 2), f"Sample X{index + 1}", *ods])
    return text(padded(lines, 5), ";", decimals=None).encode("utf-8-sig")


def smart_control(wells: Wells) -> bytes:
    """A workbook with a layout matrix above the raw ones; a second sheet repeats the values."""
    head = _smart_head()
    rows: list[list[Value]] = [[], [], *head, [], [], [], ["", "1. Layout"]]
    rows.append(["", *NUMBERS, "", "Plate: SYNTHETIC 96"])
    rows += [[letter, *(f"X{n + 12 * r}" for n in range(1, 13))] for r, letter in enumerate("ABCDEFGH")]
    for number, wavelength in ((2, 450), (3, 620)):
        rows += [[], ["", f"{number}. Raw Data ({wavelength})"], *matrix(wells, wavelength, OVERFLOW)]
    across: list[list[Value]] = [["Well", *(name(well, 2) for well in WELLS)]]
    across.append(["Content", *(f"Sample X{n}" for n in range(1, len(WELLS) + 1))])
    across += [[f" Raw Data ({nm})", *(od(wells, well, nm, OVERFLOW) for well in WELLS)] for nm in (450, 620)]
    return workbook(
        [
            ("Microplate End point", rows),
            ("Table End point", [*head, [], [], *across]),
            ("Protocol Information", [*head, [], [], *_smart_protocol()]),
        ]
    )


def _smart_head() -> list[list[Value]]:
    facts = ["User: SYNTHETIC", _SMART_PATH, "Test ID: 7", "Test Name: anti-MAG IgM", "Date: 1/26/2026"]
    facts += ["Time: 4:06:08 PM", "ID1: synthetic", "ID2: 1/26/2026,4:06:08 PM", f"ID3: {PLATE}"]
    return [[fact] for fact in [*facts, "Absorbance"]]


def _smart_protocol() -> list[list[Value]]:
    return [
        [" Basic settings "],
        [],
        ["Measurement type:", "Absorbance"],
        ["Microplate name:", "SYNTHETIC 96"],
        [],
        [],
        [" Endpoint settings "],
        [],
        ["No. of flashes per well:", 22],
        [],
        [],
        [" General settings "],
        [],
        ["Settling time [s]:", 0.2],
        ["Reading direction:", "bidirectional, horizontal left to right, top to bottom"],
        ["Target temperature [°C]:", "set off"],
    ]
