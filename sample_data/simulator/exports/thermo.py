"""Thermo: SkanIt workbooks and CSV, and the Multiskan Sky's own workbook."""

from __future__ import annotations

from simulator.exports.shape import PLATE, WELLS, Wells, matrix, name, od, text
from simulator.workbook import Value, workbook

OVERFLOW = "OVER"
_SAMPLES: list[list[Value]] = [
    [letter, *(f"Un{n + 12 * r:04d}" for n in range(1, 13))] for r, letter in enumerate("ABCDEFGH")
]


def skanit_workbook(wells: Wells) -> bytes:
    """A sheet for the measurement, one with calculated values in the same shape, sheets with facts."""
    head: list[list[Value]] = [["Measurement results"], ["synthetic.skax"], ["1/26/2026 4:06:08 PM"], []]
    rows: list[list[Value]] = [*head, ["Absorbance 1"]]
    for wavelength in (450, 620):
        rows += [
            [f"Wavelength: {wavelength} nm"],
            [],
            [PLATE],
            [],
            *matrix(wells, wavelength, OVERFLOW, "Abs"),
            [],
        ]
    rows += [["Sample", *range(1, 13)], *_SAMPLES, [], ["Autoloading range A1 - M40"]]
    blank: list[list[Value]] = [*head, ["Blank Subtraction 1"], [], ["Wavelength: 450 nm"], [], [PLATE], []]
    net = [[line[0], *(_net(cell) for cell in line[1:])] for line in matrix(wells, 450, OVERFLOW)[1:]]
    blank += [["Blank subtracted", *range(1, 13)], *net]
    facts: list[list[Value]] = [
        ["Instrument information"],
        [],
        ["", "Name", "", "", "Multiskan FC (synthetic)"],
        ["", "Serial number", "", "", "SYN-0005"],
    ]
    session: list[list[Value]] = [
        ["Session information"],
        [],
        ["", "Session name", "", "", "synthetic.skax"],
        ["", "Executed with", "", "", "SkanIt Software for Microplate Readers RE, ver 7.0.2.5"],
        ["", "Execution time", "", "", "1/26/2026 4:06:08 PM"],
    ]
    return workbook(
        [
            ("Absorbance 1_01", rows),
            ("Blank Subtraction 1_02", blank),
            ("Session information", session),
            ("Instrument information", facts),
        ]
    )


def skanit_csv(wells: Wells) -> bytes:
    """French labels, semicolons, decimal commas, Windows-1252."""
    lines: list[list[Value]] = [["Résultats de mesure"], ["synthetic.skax"], ["26/01/2026 16:06:08"], []]
    lines.append(["Absorbance 1"])
    for wavelength in (450, 620):
        head: list[list[Value]] = [[f"Longueur d'onde: {wavelength} nm"], [], [PLATE], []]
        lines += [*head, *matrix(wells, wavelength, OVERFLOW, "Abs"), []]
    lines += [["Échantillon", *range(1, 13)], *_SAMPLES, []]
    return text(lines, ";", decimal=",").encode("cp1252")


def multiskan_sky(wells: Wells) -> bytes:
    """A sheet of wells for each wavelength, and the results with the wells across."""
    when = "2026-01-26 16:06:08"
    sheets: list[tuple[str, list[list[Value]]]] = []
    across: list[list[Value]] = [["Measurement results Measure"], [when], [], ["Endpoint"], []]
    across.append(["Reading", *(name(well) for well in WELLS)])
    across += [[nm, *(od(wells, well, nm, OVERFLOW) for well in WELLS)] for nm in (450, 620)]
    sheets.append(("Absorbance results", across))
    columns: list[Value] = ["Well", "Wavelength(s) [nm]", "Raw absorbance", "Measurement time(s)"]
    for nm in (450, 620):
        lines: list[list[Value]] = [
            [f"{name(well)[0]} {well.column + 1}", nm, od(wells, well, nm, OVERFLOW), 0] for well in WELLS
        ]
        sheets.append((f"Raw data {nm} nm", [["Raw data"], [when], [], [], columns, *lines]))
    facts: list[list[Value]] = [["Session information"], [], ["", "", "Execution time", when]]
    facts += [["", "", "Name", "Multiskan Sky (synthetic)"], ["", "", "Serial number:", "SYN-0006"]]
    return workbook([*sheets, ("General information", facts)])


def _net(value: Value) -> Value:
    return round(value - 0.04, 4) if isinstance(value, float) else value
