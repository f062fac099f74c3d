"""Bad exports: the reading part of the catalogue of bad input, one test each, with the wanted behaviour.

The numbers in the names are those of the catalogue. What a folder does with a file (waiting, duplicates,
locks) is tested in ``tests/system``.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from pipeline.definitions import AssayDefinition
from pipeline.domain.findings import RunVerdict
from pipeline.domain.plate import Export, WellState
from pipeline.domain.record import FailedRun, RunRecord
from pipeline.domain.wells import Well, plate_wells
from pipeline.errors import InputError
from pipeline.process import process_export
from pipeline.process.context import RunContext, current_software
from pipeline.readers import read_export, readers

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SHEET = "xl/worksheets/sheet1.xml"
CONTEXT = RunContext("2026-11-21T09:00:00+00:00", "test", current_software())


def ods() -> dict[str, str]:
    """A plausible plate: well name -> OD as printed."""
    return {well.name: f"{0.05 + 0.31 * well.row + 0.021 * well.column:.3f}" for well in plate_wells(8, 12)}


def grid(cells: dict[str, str] | None = None, sign: str = ",", corner: str = "") -> str:
    """A plain grid as text."""
    wells = {**ods(), **(cells or {})}
    lines = [sign.join([corner, *map(str, range(1, 13))])]
    lines += [sign.join([row, *(wells[f"{row}{column}"] for column in range(1, 13))]) for row in "ABCDEFGH"]
    return "\n".join(lines) + "\n"


def comma(text: str) -> str:
    """The same with decimal commas."""
    return text.replace(".", ",")


def book(change: Callable[[Any], None] | None = None, sheets: int = 1) -> bytes:
    """A workbook with the same plate on each sheet."""
    workbook = openpyxl.Workbook()
    for number in range(sheets):
        sheet = workbook.active if number == 0 else workbook.create_sheet(f"Plate {number + 1}")
        assert sheet is not None
        for line in grid().splitlines():
            sheet.append([float(c) if re.match(r"\d", c) else c or None for c in line.split(",")])
        if change is not None:
            change(sheet)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def edited(data: bytes, part: str, change: Callable[[bytes], bytes] | None) -> bytes:
    """A workbook with one part changed, or left out."""
    source = zipfile.ZipFile(io.BytesIO(data))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name != part:
                target.writestr(name, source.read(name))
            elif change is not None:
                target.writestr(name, change(source.read(name)))
    return buffer.getvalue()


def read(data: bytes | str, name: str = "plate.csv") -> Export:
    """Read an export."""
    return read_export(data.encode() if isinstance(data, str) else data, name)


def refusal(data: bytes | str, name: str = "plate.csv") -> InputError:
    """The error with which a file is refused; its file is named."""
    with pytest.raises(InputError) as caught:
        read(data, name)
    assert caught.value.file == name
    return caught.value


def values(export: Export) -> dict[str, float]:
    """ODs of the first read by well name."""
    return {well.name: od for well, od in export.plates[0].reads[0].values.items()}


def test_01_an_empty_file_is_refused() -> None:
    """No byte, or nothing but spaces."""
    assert refusal(b"").code == "FILE_EMPTY"
    assert refusal("  \r\n\r\n").code == "FILE_EMPTY"


def test_03_a_file_that_stops_in_row_f_says_which_rows_are_missing() -> None:
    """Whole rows missing, and a row that stops half-way."""
    lines = grid().splitlines()
    error = refusal("\n".join(lines[:6]))
    assert error.code == "FILE_INCOMPLETE"
    assert "rows F to H" in str(error)
    assert refusal("\n".join([*lines[:6], lines[6][:20]])).code in {"FILE_INCOMPLETE", "ROW_LENGTH"}


def test_18_a_file_that_is_far_too_large_is_refused() -> None:
    """Fifty million bytes of text are no plate."""
    assert refusal(b"1,2,3\n" * 9_000_000).code == "FILE_TOO_LARGE"


@pytest.mark.parametrize("head", [b"%PDF-1.7", b"\xff\xd8\xff\xe0 jpeg", b"\x89PNG\r\n"])
def test_19_documents_and_pictures_are_refused_with_what_is_accepted(head: bytes) -> None:
    """The refusal says what to drop instead."""
    error = refusal(head + b"\n1 0 obj", "scan.pdf")
    assert error.code == "FORMAT_UNKNOWN"
    assert "CSV" in str(error.expected)


def test_19_a_text_of_no_reader_is_refused_with_the_list_of_readers() -> None:
    """Every reader is named."""
    error = refusal("dear colleague,\nplease find attached\n")
    assert error.code == "FORMAT_UNKNOWN"
    assert all(reader.NAME in str(error.expected) for reader in readers())


def test_20_an_encrypted_workbook_is_refused_as_such() -> None:
    """A password is the reason, not damage."""
    locked = OLE2 + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(500)
    error = refusal(locked, "plate.xlsx")
    assert error.code == "PASSWORD_PROTECTED"
    assert "password" in str(error.action)


def test_21_a_csv_named_xlsx_is_read_and_remarked() -> None:
    """The content decides; the odd name is told."""
    export = read(grid(), "plate.xlsx")
    assert len(values(export)) == 96
    assert "NAME_AND_CONTENT" in str(export.plates[0].metadata["remarks"])


def test_21_html_named_xlsx_is_refused_as_no_workbook() -> None:
    """What a browser saved is not what its name says."""
    assert refusal("<html><body><table></table></body></html>", "plate.xlsx").code == "NOT_AN_XLSX"


def test_22_a_truncated_workbook_is_refused() -> None:
    """Whatever the place at which the copy stopped."""
    whole = book()
    assert {refusal(whole[: len(whole) * part // 10]).code for part in range(1, 10)} == {"XLSX_DAMAGED"}


def test_23_a_workbook_without_its_sheet_is_refused() -> None:
    """Libraries read it as a workbook without rows."""
    assert refusal(edited(book(), SHEET, None)).code == "XLSX_DAMAGED"


@pytest.mark.parametrize("part", ["xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml"])
def test_24_active_content_is_refused(part: str) -> None:
    """Macros and links to other files."""
    buffer = io.BytesIO(book())
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(part, b"<x/>")
    assert refusal(buffer.getvalue()).code == "ACTIVE_CONTENT"


@pytest.mark.parametrize(
    "declaration",
    [
        b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_25_xml_that_expands_or_reaches_out_is_refused(declaration: bytes) -> None:
    """In a workbook, and in Excel 2003 XML."""
    spoilt = edited(book(), SHEET, lambda xml: xml.replace(b"<worksheet", declaration + b"<worksheet", 1))
    assert refusal(spoilt).code == "UNSAFE_XML"
    old = b'<?xml version="1.0"?>' + declaration
    old += b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'
    assert refusal(old, "plate.xml").code == "UNSAFE_XML"


def test_26_zip_bombs_and_far_cells_are_refused() -> None:
    """A ratio, a member count, and one cell at the other end of the sheet."""
    buffer = io.BytesIO(book())
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", bytes(30_000_000))
    assert refusal(buffer.getvalue()).code == "TOO_BIG_INSIDE"
    for address in ("XFD60000", "B60000", "ZZ3"):
        far = book(lambda sheet, at=address: sheet.__setitem__(at, 1))  # type: ignore[misc]
        assert refusal(far).code == "TOO_BIG_INSIDE", address


def test_27_formulas_without_results_are_refused_with_their_cells() -> None:
    """A program wrote the formula and nobody calculated it: the well would look empty."""
    error = refusal(book(lambda sheet: sheet.__setitem__("C5", "=B5*2")))
    assert error.code == "FORMULA_WITHOUT_VALUE"
    assert "C5" in str(error.place)


@pytest.mark.parametrize("word", ["#REF!", "#DIV/0!"])
def test_28_an_error_of_excel_in_a_well_names_its_cell(word: str) -> None:
    """The library gives an empty cell; the export is refused all the same."""

    def spoil(sheet: Any) -> None:
        sheet["B7"] = word
        sheet["B7"].data_type = "e"

    error = refusal(book(spoil))
    assert error.code == "CELL_ERROR"
    assert "B7" in str(error.place)
    assert "F1" in str(error.place)


def test_29_hidden_rows_are_read_and_remarked() -> None:
    """A filter hides rows: they are data all the same."""
    export = read(book(lambda sheet: setattr(sheet.row_dimensions[4], "hidden", True)), "plate.xlsx")
    assert len(values(export)) == 96
    assert "HIDDEN_CELLS" in str(export.plates[0].metadata["remarks"])


def test_30_two_grids_that_nothing_tells_apart_are_refused() -> None:
    """On one sheet or in one text; two sheets are two plates, named by their sheets."""
    assert refusal(grid() + "\n" + grid()).code == "WHICH_SHEET"
    assert [plate.name for plate in read(book(sheets=2), "p.xlsx").plates] == ["Sheet", "Plate 2"]


@pytest.mark.parametrize(
    ("encoding", "recorded"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16"),
        ("cp1252", "cp1252"),
        ("mac-roman", "mac-roman"),
    ],
)
def test_31_32_encodings_are_read_and_recorded(encoding: str, recorded: str) -> None:
    """Byte-order marks decide, then UTF-8, then the code pages of Windows and the old Mac."""
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    sign = "Ö" if encoding == "mac-roman" else "µ"  # its byte 0x85 is 0x85 in both; 0x81 is none in cp1252
    text = grid(corner="plate Å" if encoding == "mac-roman" else f"plate {sign}")
    export = read(mark + text.encode(encoding), "plate.csv")
    assert export.plates[0].metadata["encoding"] == recorded
    assert values(export)["A1"] == 0.05
    assert export.plates[0].name.startswith("plate ")


def test_33_undecodable_bytes_are_refused_with_their_place() -> None:
    """A byte-order mark of UTF-16 and an odd number of bytes."""
    error = refusal(b"\xff\xfe" + grid().encode("utf-16-le") + b"\x00\xd8")
    assert error.code == "ENCODING"
    assert "byte" in str(error.place)


def test_34_a_nul_byte_is_refused() -> None:
    """A text has none."""
    assert refusal(grid().encode()[:50] + b"\x00" + grid().encode()[50:]).code == "BINARY_IN_TEXT"


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_35_every_line_end_is_read(end: str) -> None:
    """Also mixed in one file."""
    assert values(read(grid().replace("\n", end))) == values(read(grid()))
    mixed = grid().replace("\n", "\r\n", 3).replace("\r\n", "\r", 1)
    assert values(read(mixed)) == values(read(grid()))


@pytest.mark.parametrize("sign", [";", "\t"])
def test_36_decimal_commas_are_read_when_the_file_proves_them(sign: str) -> None:
    """The proof is stated."""
    export = read(comma(grid(sign=sign)))
    assert values(export) == values(read(grid()))
    assert "0,050" in str(export.plates[0].metadata["decimal_sign"])


def test_37_an_ambiguous_number_is_refused() -> None:
    """``1,234`` alone is 1.234 or one thousand."""
    cells = dict.fromkeys(ods(), "1,234")
    assert refusal(grid(cells, ";")).code == "AMBIGUOUS_NUMBER"


def test_38_mixed_decimal_signs_are_refused() -> None:
    """``0,5`` and ``0.5`` in one file."""
    assert refusal(grid({"C3": "0,5"}, ";")).code == "MIXED_DECIMALS"


def test_39_an_open_quote_is_refused_with_its_line() -> None:
    """It would swallow the rest of the file."""
    error = refusal(grid({"B2": '"0.4'}))
    assert error.code == "CSV_QUOTE"
    assert "line 3" in str(error.place)


@pytest.mark.parametrize("cell", ["0.4,0.4", None])
def test_40_41_a_row_with_a_cell_too_many_or_too_few_is_refused(cell: str | None) -> None:
    """Nothing is ever shifted."""
    lines = grid({"D5": cell or "x"}).replace(",x", "")
    error = refusal(lines)
    assert error.code == "ROW_LENGTH"
    assert "row D" in str(error)


@pytest.mark.parametrize(("rows", "columns"), [(7, 12), (8, 11), (9, 12), (16, 23)])
def test_42_another_shape_is_refused(rows: int, columns: int) -> None:
    """Seven rows, eleven columns, nine rows."""
    head = ",".join(["", *map(str, range(1, columns + 1))])
    body = [",".join([chr(65 + r), *(f"{0.1 + r / 50:.3f}" for _ in range(columns))]) for r in range(rows)]
    assert refusal("\n".join([head, *body])).code in {"PLATE_SHAPE", "FILE_INCOMPLETE"}


def test_43_a_renamed_header_is_read_if_it_has_a_known_meaning() -> None:
    """German and French words for a well; an unknown column is asked about, with the nearest name."""
    lines = [f"{name};{od}" for name, od in ods().items()]
    assert len(values(read("\n".join(["Vertiefung;Messwert", *lines])))) == 96
    two = [f"{line};{7 + n % 3}.5" for n, line in enumerate(lines)]
    error = refusal("\n".join(["Well;Valeu;Zahl", *two]))
    assert error.code == "HEADER_UNKNOWN"
    assert "nearest" in str(error.found)


def test_44_two_plates_in_a_file_are_two_plates() -> None:
    """Each under its name."""
    plates = read(grid(corner="Mon") + grid(corner="Tue")).plates
    assert [plate.name for plate in plates] == ["Mon", "Tue"]


def test_45_a_plate_without_a_name_is_read_without_one() -> None:
    """The folder it was dropped in chooses the assay; a name is not made up."""
    assert read(grid()).plates[0].name == ""


@pytest.mark.parametrize("word", ["Masked", "Range?", "Path?", "*****", "?????", "#####", "ERROR"])
def test_50_words_for_lost_wells_are_states(word: str) -> None:
    """The well has no number and says why."""
    (reading,) = read(grid({"C5": word})).plates[0].reads
    assert reading.states[Well(2, 4)] in {WellState.MASKED, WellState.UNREADABLE}
    assert Well(2, 4) not in reading.values


@pytest.mark.parametrize("text", ["abc", "0.4x", "1 234", "O.45", "=1+1"])
def test_51_an_unknown_word_in_a_well_names_the_well(text: str) -> None:
    """It never becomes an empty well."""
    error = refusal(grid({"C5": text}))
    assert error.code == "NOT_A_NUMBER"
    assert "C5" in str(error.place)
    assert text in str(error.found)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12.7", "OD_IMPLAUSIBLE"),
        ("-0.9", "OD_IMPLAUSIBLE"),
        ("1e400", "NOT_A_NUMBER"),
        ("1e-400", "NOT_A_NUMBER"),
        ("inf", "NOT_A_NUMBER"),
        ("1_000", "NOT_A_NUMBER"),
        ("१.२", "NOT_A_NUMBER"),
        ("\u22120.1", "NOT_A_NUMBER"),
        ("0x1p3", "NOT_A_NUMBER"),
    ],
)
def test_54_numbers_that_are_none_are_refused(text: str, code: str) -> None:
    """Strict grammar: digits of ASCII, a decimal sign, an exponent that a float can hold."""
    error = refusal(grid({"C5": text}))
    assert error.code == code
    assert "C5" in str(error.place)


def test_54_nan_is_a_well_that_was_not_read() -> None:
    """Some software prints it for a well without a value; it is never a number."""
    (reading,) = read(grid({"C5": "NaN"})).plates[0].reads
    assert reading.states[Well(2, 4)] is WellState.NOT_READ
    assert Well(2, 4) not in reading.values


# What the assay makes of a file that was read (46 to 49, 52, 53).


def rendered(plates: Any, serum: Any, cells: dict[str, str] | None = None, corner: str = "450 nm") -> str:
    """The export of a plate of the flagship assay with one positive serum."""
    made = plates.read({"S1": serum(titer=20_000, hnk1=0.8)}).reads[0].values
    return grid({**{well.name: f"{od:.4f}" for well, od in made.items()}, **(cells or {})}, corner=corner)


def processed(text: str, definition: AssayDefinition) -> RunRecord | FailedRun:
    """The record of the only plate."""
    (record,) = process_export(text.encode(), "plate.csv", definition, None, CONTEXT)
    return record


def done(text: str, definition: AssayDefinition) -> RunRecord:
    """The record of a plate that could be processed."""
    record = processed(text, definition)
    assert isinstance(record, RunRecord)
    return record


def test_46_the_wrong_wavelength_is_refused(plates: Any, serum: Any, flagship: AssayDefinition) -> None:
    """620 nm where the assay asks for 450."""
    record = processed(rendered(plates, serum, corner="620 nm"), flagship)
    assert isinstance(record, FailedRun)
    assert record.code == "WAVELENGTH"


def test_47_a_kinetic_read_is_refused_by_an_endpoint_assay(flagship: AssayDefinition) -> None:
    """It is read as what it is, and the assay says that it cannot use it."""
    names = list(ods())
    head = "\t".join(["", "Time", "T° 450", *names])
    lines = ["\t".join(["", f"00:0{minute}:00", "25.0", *["0.100"] * 96]) for minute in range(3)]
    start = ["Software Version\t3.12.08", "Reader Type:\tSynergy H1", "Procedure Details", "450", "", head]
    record = processed("\n".join([*start, *lines, ""]), flagship)
    assert isinstance(record, FailedRun)
    assert record.code == "READ_MODE"
    assert "kinetic" in record.message


def test_48_overflow_in_a_sample_is_a_finding_and_no_number(
    plates: Any, serum: Any, flagship: AssayDefinition
) -> None:
    """The well is left out and named; the titer comes from the higher dilutions."""
    wells = [
        well.name for well, use in flagship.layout.uses.items() if use.name == "S1" and use.dilution == 1000
    ]
    record = done(rendered(plates, serum, dict.fromkeys(wells, "OVRFLW")), flagship)
    above = next(finding for finding in record.findings if finding.rule == "PLT-02")
    assert above.verdict.value in {"warn", "fail"}
    assert wells[0] in above.message
    assert all(w.od is None for w in record.wells if w.well in wells)


def test_49_overflow_in_the_top_calibrator_loses_the_level(
    plates: Any, serum: Any, flagship: AssayDefinition
) -> None:
    """The level has no OD, says why, and the curve is fitted to the others."""
    wells = [well.name for well, use in flagship.layout.uses.items() if use.name == "CAL1"]
    record = done(rendered(plates, serum, dict.fromkeys(wells, "OVRFLW")), flagship)
    top = next(level for level in record.curves[0].calibrators if level.level == "CAL1")
    assert (top.mean_od, top.used) == (None, False)
    assert "above" in str(top.reason)


def test_52_an_empty_well_of_the_layout_is_a_finding(
    plates: Any, serum: Any, flagship: AssayDefinition
) -> None:
    """One well lost is a warning; all wells of a control lost rejects the plate."""
    record = done(rendered(plates, serum, {"A5": ""}), flagship)
    missing = next(finding for finding in record.findings if finding.rule == "PLT-03")
    assert "A5" in missing.message
    wells = [well.name for well, use in flagship.layout.uses.items() if use.name == "NC"]
    assert done(rendered(plates, serum, dict.fromkeys(wells, "")), flagship).verdict is RunVerdict.REJECTED


@pytest.mark.parametrize("sign", [",", "\t", ";"])
def test_a_text_without_its_last_line_end_says_so(sign: str) -> None:
    """0.0 may be all that is there so far of 0.0713, so a technician is told to look."""
    whole, cut = grid(sign=sign), grid({"H12": "0.0"}, sign=sign).rstrip()
    assert "remarks" not in read(whole.rstrip() + "\n").plates[0].metadata
    assert "LAST_LINE_OPEN" in str(read(cut).plates[0].metadata["remarks"])


def test_a_text_that_ends_with_a_sentence_is_whole() -> None:
    """Some software closes its export with a line of its own, without a line end."""
    assert "remarks" not in read(grid().rstrip() + "\n\nCreated with Reader 2.0").plates[0].metadata


@pytest.mark.parametrize("last", ["0.", "0.\r\n", "1.2E-"])
def test_a_number_that_breaks_off_is_refused(last: str) -> None:
    """H12 = 0.0713, cut behind its point, is not 0."""
    error = refusal(grid().rstrip().rpartition(",")[0] + "," + last)
    assert (error.code, str(error.found).strip("'")) == ("FILE_INCOMPLETE", last.strip())


def test_a_row_that_breaks_off_is_an_incomplete_file() -> None:
    """With its line end the same row is a mistake of its author."""
    lines = grid().split()
    short = ",".join(lines[-1].split(",")[:5])
    assert refusal("\n".join([*lines[:-1], short])).code == "FILE_INCOMPLETE"
