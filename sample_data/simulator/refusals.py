"""Files that must be refused, each with the code that the refusal must carry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.domain.layout import PlateLayout, WellUse
from pipeline.domain.wells import Well, row_letters
from simulator.case import SYNTHETIC, Files, definition, json_bytes, sample_ids, sheet_rows, simulated
from simulator.cases import four_sera
from simulator.grids import Table, csv_bytes, grid, sheet_csv, two_grids, xlsx_bytes
from simulator.softmax import SINGLE_BYTE, SoftMaxPlate, encoded, plate_format, softmax_text, time_format
from simulator.truth import PlateTruth, WellOd, control_truths
from simulator.workbook import archive, workbook

SEED = 499
ASSAY = "anti_mag_igm"
SHEET = "plate.samples.csv"
SHAPE = (8, 12)
OLE2 = bytes.fromhex("d0cf11e0a1b11ae1")
"""How old binary Office files begin."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A folder below ``errors``: what is wrong, the code, the files."""

    name: str
    code: str
    about: str
    files: Files

    def all_files(self) -> Files:
        """Every file of the folder, by its path below ``sample_data``."""
        export = next(name for name in self.files if ".samples." not in name)
        sheet = next((name for name in self.files if ".samples." in name), None)
        document = {
            "synthetic": SYNTHETIC,
            "about": self.about,
            "assay": ASSAY,
            "export": export,
            "sample_sheet": sheet,
            "code": self.code,
        }
        own = {**self.files, "expected.json": json_bytes(document)}
        return {f"errors/{self.name}/{name}": data for name, data in own.items()}


def all_refusals(layouts: Path) -> tuple[Refusal, ...]:
    """Every refusal.

    Args:
        layouts: folder of the shipped assays.
    """
    igm = definition(layouts, ASSAY)
    wells = simulated(igm, four_sera(igm), SEED)
    ids = sample_ids(igm, 901)
    return (
        *_broken_files(wells),
        *_broken_grids(wells),
        *_wrong_plates(layouts, wells),
        *_broken_sheets(wells, ids),
    )


def _broken_files(wells: Mapping[Well, WellOd]) -> tuple[Refusal, ...]:
    book = xlsx_bytes(two_grids(wells, SHAPE))
    document = {
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": "<document>Results of the plate, pasted into a letter</document>",
    }
    return (
        Refusal("empty_file", "FILE_EMPTY", "A file of 0 bytes.", {"plate.txt": b""}),
        Refusal(
            "truncated_softmax",
            "FILE_INCOMPLETE",
            "A SoftMax Pro export whose copy stopped in row F.",
            {"plate.txt": _truncated(wells)},
        ),
        Refusal(
            "damaged_xlsx",
            "XLSX_DAMAGED",
            "A workbook whose copy stopped half-way.",
            {"plate.xlsx": book[: len(book) // 2]},
        ),
        Refusal(
            "word_document",
            "FORMAT_UNKNOWN",
            "A text document under the name of a workbook.",
            {"plate.xlsx": archive(document)},
        ),
        Refusal(
            "damaged_xls",
            "XLSX_DAMAGED",
            "The head of a binary workbook of Excel 97 to 2003; the rest was lost.",
            {"plate.xls": OLE2 + bytes(504)},
        ),
    )


def _broken_grids(wells: Mapping[Well, WellOd]) -> tuple[Refusal, ...]:
    table = two_grids(wells, SHAPE)
    good = csv_bytes(table)
    lines = good.decode().split("\r\n")
    one = grid("", {well: od.od450 for well, od in wells.items()}, SHAPE)
    return (
        Refusal(
            "text_in_a_well",
            "NOT_A_NUMBER",
            "Somebody typed abc into well C5.",
            {"plate.csv": _with_cell(lines, 4, 5, "abc")},
        ),
        Refusal(
            "seven_rows",
            "FILE_INCOMPLETE",
            "Row H of the plate is missing.",
            {"plate.csv": "\r\n".join(line for line in lines if not line.startswith("H")).encode()},
        ),
        Refusal(
            "short_row",
            "ROW_LENGTH",
            "A cell of row D was deleted, so that the others moved to the left.",
            {"plate.csv": "\r\n".join([*lines[:5], lines[5].rsplit(",", 1)[0], *lines[6:]]).encode()},
        ),
        Refusal(
            "ambiguous_numbers",
            "AMBIGUOUS_NUMBER",
            "1,234 everywhere: a decimal comma or thousands? Nothing in the file says which.",
            {"plate.csv": _ambiguous(wells)},
        ),
        Refusal(
            "mixed_decimals",
            "MIXED_DECIMALS",
            "Half of the plate has decimal points, half decimal commas.",
            {"plate.csv": _mixed(table)},
        ),
        Refusal(
            "two_unnamed_grids",
            "WHICH_SHEET",
            "Two grids, and nothing says which is 450 nm.",
            {"plate.csv": csv_bytes([*one, [], *one])},
        ),
    )


def _wrong_plates(layouts: Path, wells: Mapping[Well, WellOd]) -> tuple[Refusal, ...]:
    big = definition(layouts, "anti_mag_igm_384")
    many = simulated(big, PlateTruth({}, control_truths(big.assay)), SEED)
    section = time_format(replace(SoftMaxPlate("Plate1", wells), wavelengths=(620, 650)), reduced=False)
    return (
        Refusal(
            "layout_instead_of_export",
            "LOOKS_LIKE_LAYOUT",
            "The plate layout was dropped in place of the export.",
            {"plate.csv": _layout_csv(definition(layouts, ASSAY).layout)},
        ),
        Refusal(
            "wrong_wavelength",
            "WAVELENGTH",
            "The plate was read at 620 and 650 nm, the assay needs 450 nm.",
            {"plate.txt": _softmax([section])},
        ),
        Refusal(
            "wrong_plate_size",
            "PLATE_SHAPE",
            "An export of 384 wells for an assay of 96.",
            {"plate.txt": _softmax([plate_format(SoftMaxPlate("Plate1", many, 16, 24))])},
        ),
    )


def _broken_sheets(wells: Mapping[Well, WellOd], ids: Mapping[str, str]) -> tuple[Refusal, ...]:
    rows = sheet_rows(ids)
    export = {"plate.txt": _softmax([time_format(SoftMaxPlate("Plate1", wells))])}
    moved = [*rows[:-1], {**rows[-1], "slot": "S7"}]
    unnamed = [{"slot": slot, "sample": sample_id} for slot, sample_id in ids.items()]
    numbers = workbook([("Samples", [["slot", "sample_id"], ["S1", 202602170417], ["S2", 202602170424]])])
    return (
        Refusal(
            "sheet_unknown_slot",
            "SLOT_UNKNOWN",
            "The sample sheet names slot S7; the layout ends with S4.",
            {**export, SHEET: sheet_csv(moved)},
        ),
        Refusal(
            "sheet_slot_twice",
            "SLOT_TWICE",
            "Two samples in slot S1.",
            {**export, SHEET: sheet_csv([*rows, {**rows[1], "slot": "S1"}])},
        ),
        Refusal(
            "sheet_ids_as_numbers",
            "ID_NOT_TEXT",
            "Excel keeps the sample ids as numbers that it shows shortened: 2.02602E+11.",
            {**export, "plate.samples.xlsx": numbers},
        ),
        Refusal(
            "sheet_without_ids",
            "HEADER_UNKNOWN",
            "The sample sheet has no column sample_id.",
            {**export, SHEET: sheet_csv(unnamed)},
        ),
    )


def _softmax(blocks: list[list[str]]) -> bytes:
    return encoded(softmax_text(blocks, "plate", "1/12/2026 4:06:08 PM"), SINGLE_BYTE)


def _truncated(wells: Mapping[Well, WellOd]) -> bytes:
    """Up to the middle of the line of row F."""
    text = _softmax([plate_format(SoftMaxPlate("Plate1", wells))])
    lines = text.split(b"\r\n")
    row_f = next(i for i, line in enumerate(lines) if line.startswith(b"Plate:")) + 2 + 5
    return b"\r\n".join([*lines[:row_f], lines[row_f][:30]])


def _layout_csv(layout: PlateLayout) -> bytes:
    """The layout as laboratories draw it: grids of roles, names, coatings and dilutions."""
    kinds: dict[str, Callable[[WellUse], str]] = {
        "role": lambda use: use.role.value,
        "name": lambda use: use.name,
        "antigen": lambda use: use.antigen,
        "dilution": lambda use: f"{use.dilution:g}" if use.dilution else "",
    }
    table: Table = []
    for kind, text in kinds.items():
        table.append([kind, *range(1, layout.columns + 1)])
        for row in range(layout.rows):
            uses = [layout.uses.get(Well(row, column)) for column in range(layout.columns)]
            table.append([row_letters(row), *("" if use is None else text(use) for use in uses)])
        table.append([])
    return csv_bytes(table[:-1])


def _with_cell(lines: list[str], line: int, cell: int, text: str) -> bytes:
    cells = lines[line].split(",")
    cells[cell] = text
    return "\r\n".join([*lines[:line], ",".join(cells), *lines[line + 1 :]]).encode()


def _ambiguous(wells: Mapping[Well, WellOd]) -> bytes:
    """Three digits after the comma and none that is 0 before it."""
    values: dict[Well, float | None] = {well: round((od.od450 or 0.0) + 1.0, 3) for well, od in wells.items()}
    text = csv_bytes(grid("450 nm", values, SHAPE), ";", ",").decode()
    return _each_number(text, lambda number: number[:-1]).encode()


def _mixed(table: Table) -> bytes:
    text = csv_bytes(table, ";").decode()
    half = len(text) // 2
    return (text[:half] + _each_number(text[half:], lambda number: number.replace(".", ","))).encode()


def _each_number(text: str, change: Callable[[str], str]) -> str:
    """Apply ``change`` to every cell of a semicolon file that is an OD."""
    lines = [line.split(";") for line in text.split("\r\n")]
    return "\r\n".join(
        ";".join(change(cell) if "." in cell or "," in cell else cell for cell in line) for line in lines
    )
