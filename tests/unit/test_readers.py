"""Exports: what is read, what is refused, and in which words."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook

from pipeline.commands.parts.read_document import read_document, read_text
from pipeline.domain.plate import WellState
from pipeline.domain.wells import Well
from pipeline.errors import InputError
from pipeline.readers import read_export, readers

ROWS = "ABCDEFGH"


def od(row: int, column: int) -> float:
    """A different plausible OD in every well."""
    return round(0.05 + row * 0.31 + column * 0.021, 3)


def grid(
    delimiter: str = ",", decimal: str = ".", title: str = "", change: dict[str, str] | None = None
) -> str:
    """A plain 8 x 12 grid as text; ``change`` replaces single wells."""
    lines = [delimiter.join([title, *map(str, range(1, 13))])]
    for r, letter in enumerate(ROWS):
        cells = [
            (change or {}).get(f"{letter}{c + 1}", f"{od(r, c):.3f}".replace(".", decimal)) for c in range(12)
        ]
        lines.append(delimiter.join([letter, *cells]))
    return "\n".join(lines) + "\n"


def softmax(rows: int = 8, end: str = "~End", change: dict[str, str] | None = None) -> str:
    """A SoftMax Pro plate block in PlateFormat at 450 nm."""
    header = "Plate:\tP1\t1.3\tPlateFormat\tEndpoint\tAbsorbance\tRaw\tFALSE\t1"
    header += "\t\t\t\t\t\t1\t450 \t1\t12\t96\t1\t8"
    lines = ["##BLOCKS= 1", header, "\tTemperature(C)\t" + "\t".join(map(str, range(1, 13)))]
    for r in range(rows):
        cells = [(change or {}).get(f"{ROWS[r]}{c + 1}", str(od(r, c))) for c in range(12)]
        lines.append(("\t25.0\t" if r == 0 else "\t\t") + "\t".join(cells))
    return "\r\n".join([*lines, "", end, "Original Filename: x"])


def workbook(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    """An .xlsx file."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def numbers() -> list[list[Any]]:
    """The grid as cells."""
    return [
        [None, *range(1, 13)],
        *[[letter, *[od(r, c) for c in range(12)]] for r, letter in enumerate(ROWS)],
    ]


def refused(data: bytes | str) -> InputError:
    """The error with which a file is refused."""
    with pytest.raises(InputError) as caught:
        read_export(data.encode() if isinstance(data, str) else data, "plate.csv")
    assert caught.value.file == "plate.csv"
    return caught.value


GOOD = {
    "comma": grid().encode(),
    "semicolon, decimal comma": grid(";", ",").encode(),
    "semicolon, decimal point": grid(";").encode(),
    "tab": grid("\t").encode(),
    "CR only": grid().replace("\n", "\r").encode(),
    "CRLF and padding": grid().replace("\n", ",,,\r\n").encode(),
    "UTF-16": grid("\t").encode("utf-16"),
    "UTF-8 with BOM": b"\xef\xbb\xbf" + grid().encode(),
    "xlsx": workbook(("Sheet1", numbers())),
    "SoftMax": softmax().encode(),
    "SoftMax UTF-16": softmax().encode("utf-16"),
    "SoftMax cp1252": softmax().replace("(C)", "(\u00b0C)").encode("cp1252"),
}


@pytest.mark.parametrize("data", GOOD.values(), ids=GOOD)
def test_the_same_plate_in_any_dress_reads_the_same(data: bytes) -> None:
    """Delimiter, decimal sign, encoding, line ends and container do not change a well."""
    (plate,) = read_export(data, "p").plates
    (reading,) = plate.reads
    assert {w.name: v for w, v in reading.values.items()} == {
        f"{letter}{c + 1}": od(r, c) for r, letter in enumerate(ROWS) for c in range(12)
    }
    assert plate.accounting().wells_read == 96


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("OVRFLW", WellState.ABOVE_RANGE),
        ("OVER", WellState.ABOVE_RANGE),
        ("#SAT", WellState.ABOVE_RANGE),
        (">4.000", WellState.ABOVE_RANGE),
        ("<0.000", WellState.BELOW_RANGE),
        ("Masked", WellState.MASKED),
        ("MISSED", WellState.NOT_READ),
        ("", WellState.NOT_READ),
        ("NaN", WellState.NOT_READ),
        ("Path?", WellState.UNREADABLE),
        ("*****", WellState.UNREADABLE),
    ],
)
def test_words_in_place_of_a_number_are_states(word: str, state: WellState) -> None:
    """Overflow and absence are states, never 0, NaN or a clipped number."""
    (plate,) = read_export(softmax(change={"C5": word}).encode(), "p").plates
    assert plate.reads[0].states[Well(2, 4)] is state
    assert Well(2, 4) not in plate.reads[0].values


def test_a_masked_well_keeps_its_number() -> None:
    """``*0.356*`` is masked, and its number stays on record."""
    (plate,) = read_export(grid(change={"B2": "*0.356*"}).encode(), "p").plates
    assert plate.reads[0].states[Well(1, 1)] is WellState.MASKED
    assert plate.reads[0].values[Well(1, 1)] == 0.356


@pytest.mark.parametrize("text", ["abc", "1_000", "0x1f", "\u0967.\u0968", "\u22120.5", "1.2.3", "1e4000"])
def test_any_other_text_in_a_well_is_refused_with_its_cell(text: str) -> None:
    """A cell that is neither a number nor a known word names itself; it never becomes NaN."""
    error = refused(grid(change={"C5": text}))
    assert error.code in ("NOT_A_NUMBER", "OD_IMPLAUSIBLE")
    assert "C5" in str(error.place)


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        ("", "FILE_EMPTY", "empty"),
        ("   \n\n", "FILE_EMPTY", "empty"),
        (b"a\x00b", "BINARY_IN_TEXT", "byte 1"),
        (b"%PDF-1.7 ...", "FORMAT_UNKNOWN", "document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99, "XLSX_DAMAGED", "save it again"),
        ("hello, world\n", "FORMAT_UNKNOWN", "hello"),
        (softmax(rows=5, end=""), "FILE_INCOMPLETE", "rows A to E"),
        (softmax(rows=7), "FILE_INCOMPLETE", "lines"),
        ("\n".join(grid().split("\n")[:6]), "FILE_INCOMPLETE", "rows F to H are missing"),
        (
            "\n".join(",".join(line.split(",")[:12]) for line in grid().split("\n")),
            "PLATE_SHAPE",
            "11 columns",
        ),
        (grid(change={"B3": "0.1,0.2"}), "ROW_LENGTH", "row B"),
        (grid(title="role"), "LOOKS_LIKE_LAYOUT", "layout"),
        (grid(change={"A1": "12.7"}), "OD_IMPLAUSIBLE", "12.7"),
        (grid() + "\n" + grid(), "WHICH_SHEET", "same plate"),
        (grid(change={"A1": '"0.1'}), "CSV_QUOTE", "line 2"),
    ],
)
def test_a_bad_file_is_refused_with_a_code_and_what_was_found(
    data: bytes | str, code: str, says: str
) -> None:
    """Every refusal says what, where and what was expected."""
    error = refused(data)
    assert error.code == code
    assert says in str(error)


def test_an_ambiguous_number_is_refused() -> None:
    """``1,234`` in a file that proves no decimal sign could be 1.234 or 1234."""
    cells = {f"{letter}{c}": "1,234" for letter in ROWS for c in range(1, 13)}
    assert refused(grid(";", change=cells)).code == "AMBIGUOUS_NUMBER"


def test_one_provable_cell_settles_the_decimal_sign() -> None:
    """``0,05`` anywhere in the file proves the decimal comma, and 1,234 is then 1.234."""
    (plate,) = read_export(grid(";", ",", change={"A1": "1,234"}).encode(), "p").plates
    assert plate.reads[0].values[Well(0, 0)] == 1.234
    assert "'" in str(plate.metadata["decimal_sign"])


def test_mixed_decimal_signs_are_refused() -> None:
    """A grid edited by hand with both signs is refused."""
    assert refused(grid(";", change={"A1": "0,5"})).code == "MIXED_DECIMALS"


def test_two_wavelengths_are_two_reads_of_one_plate() -> None:
    """Blocks named by wavelength belong together; blocks named otherwise are other plates."""
    (plate,) = read_export((grid(title="450 nm") + "\n" + grid(title="620 nm")).encode(), "p").plates
    assert [reading.wavelength_nm for reading in plate.reads] == [450, 620]
    plates = read_export((grid(title="Plate A") + "\n" + grid(title="Plate B")).encode(), "p").plates
    assert [plate.name for plate in plates] == ["Plate A", "Plate B"]


def test_sheets_of_a_workbook_are_plates() -> None:
    """One grid on each of two sheets: two plates, named after their sheets."""
    plates = read_export(workbook(("Mon", numbers()), ("Tue", numbers())), "p.xlsx").plates
    assert [plate.name for plate in plates] == ["Mon", "Tue"]


def test_cells_outside_the_grid_are_listed() -> None:
    """A remark beside the plate is kept as a note; a number that belongs to nothing is named."""
    (plate,) = read_export((grid() + "\nread by Kim\n0.123,0.4\n").encode(), "p").plates
    assert plate.metadata["notes"] == ["read by Kim"]
    assert plate.cells_not_understood == ("line 12: '0.123'", "line 12: '0.4'")
    assert plate.accounting().cells_not_understood == 2


def test_a_384_grid_is_a_384_plate() -> None:
    """16 x 24 cells are a 384-well plate."""
    lines = [",".join(["", *map(str, range(1, 25))])]
    lines += [",".join([chr(65 + r), *["0.5"] * 23, "0.6"]) for r in range(16)]
    (plate,) = read_export("\n".join(lines).encode(), "p").plates
    assert (plate.rows, plate.columns) == (16, 24)


def zipped(**members: bytes) -> bytes:
    """A zip container."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return buffer.getvalue()


def test_workbooks_that_could_harm_are_refused() -> None:
    """Zip bombs, macros, far cells, XML bombs and cut-off workbooks are refused by code."""
    assert refused(zipped(**{"x.bin": b"0" * 30_000_000})).code == "TOO_BIG_INSIDE"
    assert refused(zipped(**{"xl__vbaProject.bin": b"x"})).code == "ACTIVE_CONTENT"
    assert refused(zipped(**{"..__evil": b"x"})).code == "UNSAFE_PATH"
    assert refused(workbook(("S", numbers()))[:3000]).code == "XLSX_DAMAGED"
    assert refused(zipped(x=b"x")).code == "FORMAT_UNKNOWN"
    book = Workbook()
    book.worksheets[0]["XFD60000"] = 1
    buffer = io.BytesIO()
    book.save(buffer)
    assert refused(buffer.getvalue()).code == "TOO_BIG_INSIDE"


def test_an_xml_bomb_is_refused() -> None:
    """An entity declaration inside a workbook never runs."""
    source = zipfile.ZipFile(io.BytesIO(workbook(("S", numbers()))))
    entities = b'<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">'
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [' + entities + b"]><worksheet>&b;</worksheet>"
    members = {
        info.filename.replace("/", "__"): bomb if "sheet1" in info.filename else source.read(info)
        for info in source.infolist()
    }
    assert refused(zipped(**members)).code in ("UNSAFE_XML", "XLSX_DAMAGED")


def test_formulas_without_results_are_refused() -> None:
    """A workbook whose cells were never calculated has no numbers, and says so."""
    rows = [[None, *range(1, 13)], *[[letter, *["=1/2"] * 12] for letter in ROWS]]
    book = workbook(("S", [["=1+1"]]))
    assert refused(book).code == "FORMULA_WITHOUT_VALUE"
    error = refused(workbook(("S", rows)))
    assert error.code == "FORMULA_WITHOUT_VALUE"
    assert "B2" in str(error.place)


def test_read_shows_what_was_read_and_what_was_not() -> None:
    """``titerline read`` prints states by well and the accounting; the document has the contract's keys."""
    export = read_export(softmax(change={"C5": "OVRFLW"}).encode(), "p.txt")
    assert "above_range: C5" in read_text(export)
    document: Any = read_document(export)
    assert document["schema"] == "titerline.read/1"
    cells = document["cells"]
    assert cells["filled"] == sum(count for part, count in cells.items() if part != "filled") == 129
    (plate,) = document["plates"]
    assert plate["accounting"] == {
        "wells_read": 95,
        "above_range": 1,
        "below_range": 0,
        "masked": 0,
        "not_read": 0,
        "unreadable": 0,
        "cells_not_understood": 0,
    }
    assert plate["reads"][0]["states"] == {"C5": "above_range"}
    assert "C5" not in plate["reads"][0]["wells"]


def test_every_reader_is_found_by_its_folder() -> None:
    """A reader is a module with a name; nothing else lists it."""
    assert {reader.NAME for reader in readers()} >= {"SoftMax Pro", "generic grid"}
