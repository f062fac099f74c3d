"""PerkinElmer and Revvity: EnVision, VICTOR and Kaleido."""

from __future__ import annotations

from pipeline.domain.wells import row_letters
from simulator.exports.shape import PLATE, ROWS, WELLS, Wells, marks, matrix, name, od, padded, row, text
from simulator.workbook import Value

OVERFLOW = "OVER"
_STRANGE_SPACE = "\xa0"
"""The no-break space that Kaleido puts into its labels."""


def envision(wells: Wells) -> bytes:
    """CSV; the wavelengths stand in the labels alone, the protocol below the data."""
    lines: list[list[Value]] = [*_envision_plate(), []]
    for wavelength in (450, 620):
        _, *body = matrix(wells, wavelength, OVERFLOW)
        lines.append([f"Results for A{wavelength}(1) - channel 1 (A)"])
        lines += [["", *_two_digits(), ""], *([*line, ""] for line in body), []]
    below = _assay_information() + _envision_protocol()
    return text([*lines, [], *below], ",").encode()


def _two_digits() -> list[Value]:
    return [f"{number:02d}" for number in range(1, 13)]


def _envision_plate() -> list[list[Value]]:
    """A line for each label, then the background of each."""
    columns = "Plate,Repeat,Barcode,Measured height,Chamber temperature at start,Chamber temperature at end,"
    columns += "Humidity at start,Humidity at end,Ambient temperature at start,Ambient temperature at end,"
    columns += "Group,Label,ScanX,ScanY,Measinfo,Kinetics,Measurement date,"
    climate: list[Value] = ["14.35", "22.00", "22.10", "42.0", "41.5", "22.5", "22.6"]
    how = "De=1st Ex=Btm Em=N/A Wdw=N/A (8)"
    lines: list[list[Value]] = [["Plate information"], [*columns.split(",")]]
    for nm, minute in ((450, 6), (620, 7)):
        when = f"1/26/2026 4:0{minute}:08 PM"
        lines.append([7, 1, f'="{PLATE}"', *climate, 1, f"A{nm}(1)", 0, 0, how, 0, when, ""])
    lines += [[], ["Background information"]]
    lines.append(["Plate", "Label", "Result", "Signal", "Flashes/Time", "Meastime", "MeasInfo", ""])
    for nm in (450, 620):
        lines.append([7, f"A{nm}", 0, 295000, 300, "00:00:00.000", how, ""])
    return lines


def _assay_information() -> list[list[Value]]:
    facts: list[tuple[str, Value]] = [
        ("Assay ID: ", 7),
        ("Assay Started: ", "1/26/2026 4:05:30 PM"),
        ("Assay Finished: ", "N/A"),
        ("Assay Exported: ", "1/26/2026 4:10:00 PM"),
        ("Protocol ID: ", 100000),
        ("Protocol Name: ", "synthetic anti-MAG"),
        ("Serial#: ", '="SYN0007"'),
    ]
    return [["Basic assay information"], *([label, "", "", "", value] for label, value in facts), [], [], []]


def _envision_protocol() -> list[list[Value]]:
    lines: list[list[Value]] = [
        ["Protocol information"],
        ["Protocol:"],
        ["Protocol name", "", "", "", "synthetic anti-MAG"],
        ["Number of assay repeats", "", "", "", 1],
        [],
        ["Plate type:"],
        ["Name of the plate type", "", "", "", "96 General"],
        [],
        ["Platemap:"],
        ["Plate", "", "", "", 7],
        ["Group", "", "", "", 1],
        [],
        ["", *_two_digits(), ""],
        *marks("- ", "-"),
        [],
        [" - - Undefined"],
        [],
        ["Calculations:"],
        ["No calculations."],
        [],
    ]
    return [*lines, ["Exported with EnVision Workstation version 1.14.3049.1642"]]


def victor(wells: Wells) -> bytes:
    """Text; a line for each well with times beside the values, the same as matrices, the protocol."""
    lines: list[list[Value]] = [
        ["Plate", "Repeat", "Well", "Type", "Time", "Absorbance @ 450 (A)", "Time", "Absorbance @ 620 (A)"]
    ]
    for index, well in enumerate(WELLS):
        values = [od(wells, well, wavelength, OVERFLOW) for wavelength in (450, 620)]
        at = [f"00:0{minute}:{index * 0.3:05.2f}" for minute in (1, 3)]
        lines.append([PLATE, 1, name(well, 2), "M", at[0], values[0], at[1], values[1]])
    facts: list[list[Value]] = [[fact] for fact in _victor_protocol()]
    return text([*lines, *_victor_matrices(wells), *facts], "\t").encode()


def _victor_matrices(wells: Wells) -> list[list[Value]]:
    """Without letters and numbers; every line has twelve cells, a space in the last if it is empty."""
    lines: list[list[Value]] = [["Plate", "Repeat", "End time", "Start temp.", "End temp.", "BarCode"]]
    lines += [[PLATE, 1, "4:09:40 PM", "24.1", "24.3", "N/A"], []]
    for nm in (450, 620):
        lines += [[f"Absorbance @ {nm} (A)"], ["-0.000"], []]
        lines += [*(row(wells, r, nm, OVERFLOW) for r in range(ROWS)), []]
    return [line if line[-1] != "" else [*line[:-1], " "] for line in padded(lines, 12)]


def _victor_protocol() -> list[str]:
    lines = ["Protocol description", "", "", "Protocol name ..................... synthetic anti-MAG"]
    lines += ["Name of the plate type ............ Generic 8x12 size plate", ""]
    for nm in (450, 620):
        lines += [
            f"Name of the label ................. Absorbance @ {nm}",
            "Label technology .................. Photometry",
            f"CW-lamp filter name ............... {nm}",
            "Measurement time .................. 0.1 s",
            "",
        ]
    lines += [f"Plate map of plate {PLATE}"]
    lines += [f"{row_letters(r)} | " + "M   " * 12 for r in range(ROWS)]
    lines += ["", "Protocol created by ............... synthetic", ""]
    lines += ["Instrument serial number: ......... SYN-0008", "Assay ID:  ........................ 7"]
    return [*lines, "Measured on ....................... 1/26/2026 4:06:08 PM", "Notes for the assay run", ""]


def kaleido(wells: Wells) -> bytes:
    """CSV with no-break spaces; wavelengths far below the data; no end to the last line."""
    space = _STRANGE_SPACE
    lines: list[list[Value]] = [[], []]
    for wavelength in (450, 620):
        lines += [[f"Results for{space}ABS {wavelength}"], []]
        repeats = [f"{space}PlateRepeat:{space}1", f"{space}WellRepeat:{space}1"]
        lines.append([f"Barcode:{space}{PLATE}", *repeats])
        lines += [*matrix(wells, wavelength, OVERFLOW), []]
    lines += [[f"Analysis Result {space}"], [], *_kaleido_facts(), ["Platemap"], ["Plate"]]
    lines += [["", *range(1, 13)], *marks("-"), [], [], [], [], []]
    lines += [["Operations:"], [], [], ["Measurements:"], []]
    for wavelength in (450, 620):
        lines += _kaleido_measurement(wavelength)
    lines += [["Analysis:"], [], ["Comments:"]]
    lines += [["TimeStamp", "AuthenticationType", "CreatorID", "Type", "Text", ""]]
    note = ["2026-01-26T16:06:08.0000000+01:00", "synthetic", "SYNTHETIC\\tech", "Notification"]
    lines += [[*note, "Measurement was started"], [], [], []]
    end = "Exported with Kaleido 2.0.3058.126 and xslt version 2.0.0"
    return (text(lines, ",") + end).encode()


def _kaleido_facts() -> list[list[Value]]:
    return [
        ["Measurement Basic Information"],
        ["Software version:", "", "Kaleido 2.0.3058.126"],
        [],
        ["Measurement Started:", "", "2026-01-26T16:06:08.0000000+01:00"],
        ["Measurement Finished:", "", "2026-01-26T16:09:40.0000000+01:00"],
        ["Barcode:", "", PLATE],
        ["Instrument Serial Number:", "", "SYN0009"],
        [],
        ["Protocol Owner:", "", "synthetic"],
        ["Protocol Name:", "", "synthetic anti-MAG"],
        [],
        ["Number of plate repeats", "", 1],
        [],
        ["Plate Type"],
        ["Plate Type Name:", "", "96 General"],
        ["Number of rows:", "", 8],
        ["Number of columns:", "", 12],
        ["Volume of the well [µl]:", "", 300],
        [],
    ]


def _kaleido_measurement(wavelength: int) -> list[list[Value]]:
    facts: list[tuple[str, Value]] = [
        ("Meas", ""),
        ("Tech", f"ABS {wavelength}"),
        ("Exc. filter [nm]", ""),
        ("Excitation wavelength [nm]", wavelength),
        ("Measurement mode", "Single"),
        ("Number of flashes", 100),
    ]
    return [*([label, "", "", "", value] for label, value in facts), []]
