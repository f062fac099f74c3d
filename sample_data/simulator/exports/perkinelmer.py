"""PerkinElmer and Revvity: EnVision, VICTOR and Kaleido."""

from __future__ import annotations

from simulator.exports.shape import PLATE, WELLS, Wells, matrix, name, od, text
from simulator.workbook import Value

OVERFLOW = "OVER"


def envision(wells: Wells) -> bytes:
    """CSV; the wavelengths stand in the labels alone."""
    columns = [
        "Plate",
        "Repeat",
        "Barcode",
        "Measured height",
        "Chamber temperature at start",
        "Label",
        "Measured date",
    ]
    lines: list[list[Value]] = [["Plate information"], [*columns, ""]]
    lines.append([7, 1, f'="{PLATE}"', "14.35", "22.00", "A450(1)", "1/26/2026 4:06:08 PM", ""])
    lines.append([])
    for wavelength in (450, 620):
        body = matrix(wells, wavelength, OVERFLOW)[1:]
        lines.append([f"Results for A{wavelength}(1) - channel 1 (A)"])
        lines.append(["", *(f"{number:02d}" for number in range(1, 13)), ""])
        lines += [*([*line, ""] for line in body), []]
    lines += [
        ["Basic assay information"],
        ["Assay ID: ", "", "", "", 7],
        ["Assay Started: ", "", "", "", "1/26/2026"],
    ]
    lines += [
        ["Protocol Name: ", "", "", "", "synthetic anti-MAG"],
        ["Serial#: ", "", "", "", '="SYN0007"'],
        [],
    ]
    return text(lines, ",").encode()


def victor(wells: Wells) -> bytes:
    """Text; a line for each well, times beside the values."""
    lines: list[list[Value]] = [
        ["Plate", "Repeat", "Well", "Type", "Time", "Absorbance @ 450 (A)", "Time", "Absorbance @ 620 (A)"]
    ]
    for index, well in enumerate(WELLS):
        values = [od(wells, well, wavelength, OVERFLOW) for wavelength in (450, 620)]
        at = [f"00:0{minute}:{index * 0.3:05.2f}" for minute in (1, 3)]
        lines.append([PLATE, 1, name(well, 2), "M", at[0], values[0], at[1], values[1]])
    facts = [
        "Protocol name ..................... synthetic anti-MAG",
        "Instrument serial number: ......... SYN-0008",
    ]
    return text([*lines, [], *([fact] for fact in facts)], "\t").encode()


def kaleido(wells: Wells) -> bytes:
    """CSV with no-break spaces; wavelengths far below the data."""
    lines: list[list[Value]] = [[], []]
    for wavelength in (450, 620):
        lines += [[f"Results for\xa0ABS {wavelength}"], []]
        lines.append([f"Barcode:\xa0{PLATE}", "\xa0PlateRepeat:\xa01", "\xa0WellRepeat:\xa01"])
        lines += [*matrix(wells, wavelength, OVERFLOW), []]
    lines += [["Measurement Basic Information"], ["Software version:", "", "Kaleido 2.0.3058.126"]]
    lines += [
        ["Measurement Started:", "", "2026-01-26T16:06:08"],
        ["Instrument Serial Number:", "", "SYN0009"],
    ]
    lines += [["Protocol Name:", "", "synthetic anti-MAG"], [], ["Platemap"], ["Plate"], ["", *range(1, 13)]]
    lines += [[letter, *["-"] * 12] for letter in "ABCDEFGH"]
    for wavelength in (450, 620):
        lines += [[], ["Meas", "", "", "", ""], ["Tech", "", "", "", f"ABS {wavelength}"]]
        lines.append(["Excitation wavelength [nm]", "", "", "", wavelength])
    return text([*lines, [], ["Exported with Kaleido 2.0.3058.126"]], ",").encode()
