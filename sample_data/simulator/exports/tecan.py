"""Tecan: i-control, Magellan, SparkControl and XFLUOR4 workbooks."""

from __future__ import annotations

from simulator.exports.shape import PLATE, WELLS, Wells, matrix, name, od
from simulator.workbook import Value, workbook

OVERFLOW = "OVER"


def icontrol(wells: Wells) -> bytes:
    """A label for each wavelength."""
    rows: list[list[Value]] = [
        ["Application: Tecan i-control", "", "", "", "Tecan i-control , 2.0.10.0"],
        ["Device: infinite 200Pro (synthetic)", "", "", "", "Serial number: 7000001"],
        [],
        ["Date:", "26.01.2026"],
        ["Time:", "16:06:08"],
        [],
        ["System", "", "", "", "SYNTHETIC"],
        ["User", "", "", "", "SYNTHETIC\\tech"],
        ["Plate", "", "", "", "96 Flat Bottom Transparent [SYN96ft.pdfx]"],
        ["Plate-ID (Stacker)", "", "", "", PLATE],
        [],
    ]
    for number, wavelength in enumerate((450, 620), start=1):
        rows += [
            [f"Label: Label{number}"],
            ["Mode", "", "", "", "Absorbance"],
            ["Wavelength", "", "", "", wavelength, "nm"],
            ["Number of Flashes", "", "", "", 25],
            ["Start Time:", "26.01.2026 16:06:08"],
            [],
            ["", "Temperature: 24.2 °C"],
            *matrix(wells, wavelength, OVERFLOW, "<>"),
            [],
            [],
            ["End Time:", "26.01.2026 16:07:10"],
            [],
        ]
    return workbook([("Sheet0", rows)])


def magellan(wells: Wells) -> bytes:
    """A list of wells, two labels; what was measured stands below the data."""
    rows: list[list[Value]] = [
        ["Well positions", "Label1", "Label2"],
        ["", "0s", "0s"],
        ["", "24.8 °C", "25.1 °C"],
    ]
    rows += [[name(well), *(od(wells, well, nm, OVERFLOW) for nm in (450, 620))] for well in WELLS]
    footer = [
        "Date of measurement: 2026-01-26/Time of measurement: 16:06:08",
        "synthetic.mth",
        "450nm",
        "620nm",
    ]
    footer += ["SUNRISE (synthetic)", "Instrument serial number: 7000002"]
    for number, nm in enumerate((450, 620), start=1):
        footer += [
            f"Measurement {number}:",
            "Measurement mode: Absorbance",
            f"Measurement wavelength: {nm} nm",
        ]
    return workbook([("Magellan Sheet 1", [*rows, *([line] for line in footer)])])


def sparkcontrol(wells: Wells) -> bytes:
    """A matrix for each wavelength below its settings."""
    rows: list[list[Value]] = [
        ["Method name: synthetic anti-MAG"],
        ["Application: SparkControl", "", "", "", "V3.1"],
        ["Device: Spark (synthetic)", "", "", "", "Serial number: 7000003"],
        [],
        ["Date:", "", "", "", "2026-01-26"],
        ["Time:", "", "", "", "16:06"],
        ["User", "", "", "", "SYNTHETIC\\tech"],
        [],
    ]
    for wavelength in (450, 620):
        rows += [
            ["Mode", "Absorbance"],
            ["Name", f"Label {wavelength}"],
            ["Measurement wavelength [nm]", "", "", "", wavelength],
            ["Part of Plate", "", "", "", "A1-H12"],
            [],
            ["Start Time", "", "", "", "2026-01-26 16:06:08"],
            [],
            *matrix(wells, wavelength, OVERFLOW, "<>"),
            [],
            ["End Time", "", "", "", "2026-01-26 16:06:48"],
            [],
        ]
    return workbook([("Result sheet", rows)])


def xfluor(wells: Wells) -> bytes:
    """One wavelength, without a reference."""
    head = "SUNRISE;   Serial number: 7000004;   Firmware: V 3.31 25/08/05;   XFLUOR4 Version: V 4.51"
    rows: list[list[Value]] = [
        [head],
        ["Date:", "", "", "", "", "26.01.2026"],
        ["Time:", "", "", "", "", "16:06:08"],
        [],
        ["Measurement mode:", "", "", "", "", "Absorbance"],
        ["Measurement wavelength:", "", "", "", "", 450, "nm"],
        ["Read mode:", "", "", "", "", "Normal"],
        ["Comment:", "", "", "", "", "synthetic data"],
        [],
        ["Rawdata"],
        *matrix(wells, 450, OVERFLOW, "<>"),
    ]
    return workbook([("Sheet1", rows)])
