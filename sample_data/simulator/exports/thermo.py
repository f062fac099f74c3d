"""Thermo: SkanIt workbooks and CSV, and the Multiskan Sky's own workbook."""

from __future__ import annotations

from simulator.exports.shape import (
    NUMBERS,
    PLATE,
    READ_AT,
    WELLS,
    Wells,
    marks,
    matrix,
    name,
    od,
    padded,
    text,
)
from simulator.workbook import Sheet, Value, workbook

OVERFLOW = "OVER"
_WHEN = "1/26/2026 4:06:08 PM"
_ADAPTER = "SkanIt Software 7.0.2 RE for Microplate Readers RE, ver. 7.0.2.5"
_BLANK: list[Value] = [" "]
"""SkanIt separates with a cell that holds one space."""
_IDS: list[list[Value]] = [
    [letter, *(f"Un{n + 12 * r:04d}" for n in range(1, 13))] for r, letter in enumerate("ABCDEFGH")
]


def skanit_workbook(wells: Wells) -> bytes:
    """A sheet for the measurement, one with calculated values in the same shape, sheets with facts."""
    head: list[list[Value]] = [["Measurement results"], ["synthetic.skax"], [_WHEN], _BLANK]
    rows: list[list[Value]] = [*head, ["Absorbance 1"]]
    for wavelength in (450, 620):
        rows += [[f"Wavelength: {wavelength} nm"], _BLANK, [PLATE], _BLANK]
        rows += [*matrix(wells, wavelength, OVERFLOW, "Abs"), []]
    samples: list[list[Value]] = [["Sample", *NUMBERS], *_IDS, []]
    rows += [*samples, ["Autoloading range A1 - M42"]]
    blank: list[list[Value]] = [*head, ["Blank Subtraction 1"], [], [], []]
    blank += [["Wavelength: 450 nm"], _BLANK, [PLATE], _BLANK]
    net = [[line[0], *(_net(cell) for cell in line[1:])] for line in matrix(wells, 450, OVERFLOW)[1:]]
    blank += [["Blank subtracted", *NUMBERS], *net, [], *samples, ["Autoloading range A1 - M31"]]
    sheets: list[Sheet] = [("Absorbance 1_01", rows), ("Blank Subtraction 1_02", blank)]
    return workbook([*sheets, *_skanit_facts()])


def _skanit_facts() -> list[Sheet]:
    session: list[list[Value]] = [
        ["", "Session name", "", "", "synthetic.skax"],
        ["", "Session notes", "", "", "synthetic data"],
        [],
        ["", "Executed with", "", "", _ADAPTER],
        ["", "Execution time", "", "", _WHEN],
        _BLANK,
    ]
    instrument: list[list[Value]] = [
        ["", "Name", "", "", "Multiskan FC (synthetic)"],
        ["", "ESW version", "", "", "1.00.00"],
        ["", "Serial number", "", "", "SYN-0005"],
    ]
    log: list[list[Value]] = [
        ["", "Time", "Event", "Information"],
        ["", _WHEN, "Session synthetic.skax started"],
        ["", _WHEN, "Temperature", "23.8°C"],
        ["", _WHEN, "Step Absorbance 1 started"],
        _BLANK,
    ]
    layout: list[list[Value]] = [["Name", PLATE], ["Plate template", "ANSI/SBS Standard, 96-well"], []]
    return [
        ("General information", [["General information"], [], _report_line(), _BLANK]),
        ("Session information", [["Session information"], [], *session]),
        ("Instrument information", [["Instrument information"], [], *instrument]),
        ("Run log", [["Run log"], [], *log]),
        ("Layout definitions", [*layout, ["", *NUMBERS], *_IDS, _BLANK]),
    ]


def _report_line() -> list[Value]:
    return ["", "Report generated with SW version", "", "", _ADAPTER]


def skanit_csv(wells: Wells) -> bytes:
    """French labels, semicolons, decimal commas, Windows-1252; every line has thirteen cells."""
    lines: list[list[Value]] = [["Résultats de mesure"], ["synthetic.skax"], ["26/01/2026 16:06:08"], _BLANK]
    lines.append(["Absorbance 1"])
    for wavelength in (450, 620):
        head: list[list[Value]] = [[f"Longueur d'onde: {wavelength} nm"], _BLANK, [PLATE], _BLANK]
        lines += [*head, *matrix(wells, wavelength, OVERFLOW, "Abs"), []]
    lines += [["Échantillon", *NUMBERS], *_IDS, []]
    return text(padded(lines, 13), ";", decimal=",").encode("cp1252")


def multiskan_sky(wells: Wells) -> bytes:
    """A sheet of wells for each wavelength, and the results with the wells across."""
    across: list[list[Value]] = [["Measurement results Measure"], [READ_AT], [], ["Endpoint"], []]
    across.append(["Reading", *(name(well) for well in WELLS)])
    across += [[nm, *(od(wells, well, nm, OVERFLOW) for well in WELLS)] for nm in (450, 620)]
    sheets: list[Sheet] = [("Absorbance results", across)]
    columns: list[Value] = ["Well", "Wavelength(s) [nm]", "Raw absorbance", "Measurement time(s)"]
    for nm in (450, 620):
        lines = [
            [f"{name(well)[0]} {well.column + 1}", nm, od(wells, well, nm, OVERFLOW), 0] for well in WELLS
        ]
        sheets.append((f"Raw data {nm} nm", [["Raw data"], [READ_AT], [], [], columns, *lines]))
    chosen: list[list[Value]] = [["", *NUMBERS], *marks("X")]
    log: list[list[Value]] = [["Start time", READ_AT, READ_AT], ["Temperature", 25, READ_AT]]
    log.append([" End time", READ_AT, READ_AT])
    facts = ("General information", _sky_facts())
    return workbook([*sheets, facts, ("Plate layout", chosen), ("Run log", log)])


def _sky_facts() -> list[list[Value]]:
    session: list[list[Value]] = [
        ["Execution time", READ_AT],
        ["Name", "Multiskan Sky (synthetic)"],
        ["Serial number:", "SYN-0006"],
        ["Set temperature", "25 °C"],
    ]
    protocol: list[list[Value]] = [
        ["Assay type", "Measure"],
        ["Plate template", "96 well plate"],
        ["Wavelength(s) [nm]", "450, 620"],
        ["Measurement type", "Endpoint"],
    ]
    rows: list[list[Value]] = [["Session information"], [], *(["", "", *line] for line in session), []]
    return [*rows, ["Protocol parameters"], *(["", "", *line] for line in protocol)]


def _net(value: Value) -> Value:
    return round(value - 0.04, 4) if isinstance(value, float) else value
