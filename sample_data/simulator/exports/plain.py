"""Tables without the sign of any software: a list of wells, a bare block of numbers."""

from __future__ import annotations

from simulator.exports.shape import WELLS, Wells, matrix, name, od, text
from simulator.workbook import Value

OVERFLOW = "OVRFLW"


def well_list(wells: Wells) -> bytes:
    """Semicolons, decimal commas, the wells in the last column."""
    lines: list[list[Value]] = [["OD 450", "OD 620", "Well"]]
    lines += [[*(od(wells, well, nm, OVERFLOW) for nm in (450, 620)), name(well, 2)] for well in WELLS]
    return text(lines, ";", decimal=",").encode("utf-8-sig")


def wells_across(wells: Wells) -> bytes:
    """The names of the wells across, and a line for each wavelength."""
    lines: list[list[Value]] = [["Wavelength (nm)", *(name(well) for well in WELLS)]]
    lines += [[nm, *(od(wells, well, nm, OVERFLOW) for well in WELLS)] for nm in (450, 620)]
    return text(lines, ",").encode()


def unlabelled_grid(wells: Wells) -> bytes:
    """A CSV of letters, column numbers and one matrix: nothing says what was measured."""
    return text(matrix(wells, 450, OVERFLOW), ",", decimals=None).encode()


def bare_grid(wells: Wells) -> bytes:
    """Eight lines of twelve numbers under the wavelength, no letters and no column numbers."""
    lines: list[list[Value]] = []
    for wavelength in (450, 620):
        lines += [[f"{wavelength} nm"], *(line[1:] for line in matrix(wells, wavelength, OVERFLOW)[1:]), []]
    return text(lines, "\t").encode()
