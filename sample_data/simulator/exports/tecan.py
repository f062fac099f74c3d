"""Tecan: i-control, Magellan, SparkControl and XFLUOR4 workbooks."""

from __future__ import annotations

from simulator.exports.shape import PLATE, READ_AT, WELLS, Wells, matrix, name, od
from simulator.workbook import Value, workbook

OVERFLOW = "OVER"
_GAP: list[Value] = ["", "", ""]
"""Values of the settings stand four columns to the right."""
_MAGELLAN = "C:\\Users\\Public\\Documents\\Tecan\\Magellan"


def icontrol(wells: Wells) -> bytes:
    """A label for each wavelength, with its settings and times."""
    rows: list[list[Value]] = [
        ["Application: Tecan i-control", *_GAP, "Tecan i-control , 2.0.10.0"],
        ["Device: infinite 200Pro (synthetic)", *_GAP, "Serial number: 7000001"],
        ["Firmware: V_3.40_09/13_Infinite (SYNTHETIC)", *_GAP, "MAI, V_3.40_09/13_Infinite (SYNTHETIC)"],
        [],
        ["Date:", "26.01.2026"],
        ["Time:", "16:06:08"],
        [],
        [],
        ["System", *_GAP, "SYNTHETIC"],
        ["User", *_GAP, "SYNTHETIC\\tech"],
        ["Plate", *_GAP, "96 Flat Bottom Transparent [SYN96ft.pdfx]"],
        ["Plate-ID (Stacker)", *_GAP, PLATE],
        [],
        [],
    ]
    for number, wavelength in enumerate((450, 620), start=1):
        rows += [*_label(number, wavelength), *matrix(wells, wavelength, OVERFLOW, "<>"), [], [], []]
        rows += [["End Time:", f"26.01.2026 16:0{number + 6}:10"], [], []]
    rows += [["Shaking (Linear) Duration:", *_GAP, 10, "s"], ["Shaking (Linear) Amplitude:", *_GAP, 1, "mm"]]
    return workbook([("Sheet0", rows)])


def _label(number: int, wavelength: int) -> list[list[Value]]:
    return [
        [f"Label: Label{number}"],
        ["Mode", *_GAP, "Absorbance"],
        ["Wavelength", *_GAP, wavelength, "nm"],
        ["Bandwidth", *_GAP, 9, "nm"],
        ["Number of Flashes", *_GAP, 25],
        ["Settle Time", *_GAP, 0, "ms"],
        ["Start Time:", f"26.01.2026 16:0{number + 5}:08"],
        [],
        ["", "Temperature: 24.2 °C"],
    ]


def magellan(wells: Wells) -> bytes:
    """A list of wells, two labels; what was measured stands below the data."""
    rows: list[list[Value]] = [
        ["Well positions", "Label1", "Label2"],
        ["", "0s", "0s"],
        ["", "24.8 °C", "25.1 °C"],
    ]
    rows += [[name(well), *(od(wells, well, nm, OVERFLOW) for nm in (450, 620))] for well in WELLS]
    return workbook([("Magellan Sheet 1", [*rows, *([line] for line in _footer())])])


def _footer() -> list[str]:
    lines = ["Date of measurement: 2026-01-26/Time of measurement: 16:06:08", "synthetic.mth"]
    lines += [f"{_MAGELLAN}\\mth\\synthetic.mth", "26012026-001.wsp", f"{_MAGELLAN}\\wsp\\26012026-001.wsp"]
    lines += ["450nm", "620nm", "Unknown user", "SUNRISE (synthetic)", "Instrument serial number: 7000002"]
    for number, nm in enumerate((450, 620), start=1):
        lines += [
            f"Measurement {number}:",
            "Measurement mode: Absorbance",
            f"Measurement wavelength: {nm} nm",
            "Number of flashes: 1",
            "Plate definition file: SYN96ft.pdf",
            "Unit: OD",
        ]
    lines += ["Meas. temperature: Label1: 24.8 °C", "Meas. temperature: Label2: 25.1 °C"]
    return [*lines, "Date: 2026-01-26, Time: 16:06:08"]


def sparkcontrol(wells: Wells) -> bytes:
    """A matrix for each wavelength below its settings; the column numbers are text."""
    rows = _spark_head()
    for number, wavelength in enumerate((450, 620), start=6):
        head, *body = matrix(wells, wavelength, OVERFLOW, "<>")
        rows += [
            ["Mode", "Absorbance"],
            ["Name", f"Label {wavelength}"],
            ["Measurement wavelength [nm]", *_GAP, wavelength],
            ["Number of flashes", *_GAP, 10],
            ["Settle time [ms]", *_GAP, 50],
            ["Part of Plate", *_GAP, "A1-H12"],
            [],
            ["Start Time", *_GAP, f"2026-01-26 16:0{number}:08"],
            [],
            [str(cell) for cell in head],
            *body,
            [],
            [],
            ["End Time", *_GAP, f"2026-01-26 16:0{number}:48"],
            [],
        ]
    return workbook([("Result sheet", rows)])


def _spark_head() -> list[list[Value]]:
    right: list[Value] = ["", *_GAP, ""]
    return [
        ["Method name: synthetic anti-MAG"],
        ["Application: SparkControl", *_GAP, "V3.1"],
        ["Device: Spark (synthetic)", *_GAP, "Serial number: 7000003"],
        ["Firmware:", *_GAP, "ABS:V0.0.0|MTP:V0.0.0"],
        [],
        ["Date:", *_GAP, "2026-01-26"],
        ["Time:", *_GAP, "16:06"],
        ["System", *_GAP, "SYNTHETIC"],
        ["User", *_GAP, "SYNTHETIC\\tech"],
        ["Plate", *_GAP, "[SYN96ft] - 96 Flat Transparent"],
        ["Lid lifter", *_GAP, "No lid"],
        ["Humidity Cassette", *_GAP, "No humidity cassette"],
        ["Smooth mode", *_GAP, "Not selected"],
        [],
        ["List of actions in this measurement script:"],
        ["Plate"],
        ["", "Absorbance", *right[1:], "Label 450"],
        ["", "Absorbance", *right[1:], "Label 620"],
        [],
        ["Name", *_GAP, "SYN96ft"],
        ["Plate layout"],
        ["Plate area", *_GAP, "A1-H12"],
        [],
    ]


def xfluor(wells: Wells) -> bytes:
    """One wavelength, without a reference; values of the settings five columns to the right."""
    head = "SUNRISE;   Serial number: 7000004;   Firmware: V 3.31 25/08/05;   XFLUOR4 Version: V 4.51"
    gap: list[Value] = [*_GAP, ""]
    rows: list[list[Value]] = [
        [head],
        ["Date:", *gap, READ_AT.replace(hour=0, minute=0, second=0)],
        ["Time:", *gap, READ_AT.time()],
        [],
        ["Measurement mode:", *gap, "Absorbance"],
        ["Measurement wavelength:", *gap, 450, "nm"],
        ["Read mode:", *gap, "Normal"],
        ["Shake duration (Inside Normal):", *gap, 10, "s"],
        ["Comment:", *gap, "synthetic data"],
        [],
        ["Rawdata"],
        *matrix(wells, 450, OVERFLOW, "<>"),
    ]
    return workbook([("Sheet1", rows)])
