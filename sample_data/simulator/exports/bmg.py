"""BMG MARS: a matrix for each wavelength, or a table of wells."""

from __future__ import annotations

from simulator.exports.shape import PLATE, WELLS, Wells, matrix, name, od, text
from simulator.workbook import Value, workbook

OVERFLOW = "overflow"
_PATH = "Path: C:\\Program Files (x86)\\BMG\\CLARIOstar\\User\\Data"


def mars_matrix(wells: Wells) -> bytes:
    """CSV with a matrix for 450 and one for 620 nm."""
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
    return text(lines, ",").encode()


def mars_table(wells: Wells) -> bytes:
    """CSV with semicolons, a line for each well."""
    facts = ["User: SYNTHETIC", _PATH, "Test ID: 7", "Test Name: anti-MAG IgM", "Date: 26.01.2026"]
    lines: list[list[Value]] = [[fact, "", "", ""] for fact in [*facts, "Time: 16:06:08", f"ID1: {PLATE}"]]
    lines.append(["Absorbance", "", "", "Absorbance values are displayed as OD"])
    lines += [["", "", "", ""], ["Well", "Content", "Raw Data (450)", "Raw Data (620)"]]
    for index, well in enumerate(sorted(WELLS, key=lambda well: (well.column, well.row))):
        ods = [od(wells, well, wavelength, OVERFLOW) for wavelength in (450, 620)]
        lines.append([name(well, 2), f"Sample X{index + 1}", *ods])
    return text(lines, ";").encode("utf-8-sig")


def smart_control(wells: Wells) -> bytes:
    """A workbook with a layout matrix above the raw ones, and a sheet that repeats the values."""
    facts = ["User: SYNTHETIC", _PATH, "Test ID: 7", "Test Name: anti-MAG IgM", "Date: 1/26/2026"]
    head: list[list[Value]] = [[fact] for fact in [*facts, "Time: 4:06:08 PM", f"ID1: {PLATE}", "Absorbance"]]
    rows: list[list[Value]] = [*head, [], ["", "1. Layout"], ["", *range(1, 13), "", "Plate: SYNTHETIC 96"]]
    rows += [[letter, *(f"X{n}" for n in range(12))] for letter in "ABCDEFGH"]
    for number, wavelength in ((2, 450), (3, 620)):
        rows += [[], ["", f"{number}. Raw Data ({wavelength})"], *matrix(wells, wavelength, OVERFLOW)]
    across: list[list[Value]] = [["Well", *(name(well, 2) for well in WELLS)]]
    across += [[f" Raw Data ({nm})", *(od(wells, well, nm, OVERFLOW) for well in WELLS)] for nm in (450, 620)]
    return workbook([("Microplate End point", rows), ("Table End point", [*head, [], *across])])
