"""Sample sheets as laboratories keep them: what is understood, and what is refused."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook
from sample_cases import CONTEXT, case, shipped

from pipeline.definitions import entries_by_plate, load_sheet
from pipeline.domain.layout import SampleEntry, SampleSheet
from pipeline.domain.plate import PlateRead
from pipeline.domain.record import FailedRun
from pipeline.errors import InputError
from pipeline.process import process_export

LAYOUT = shipped("anti_mag_igm").layout
NAME = "p.samples.xlsx"


def csv(text: str) -> SampleSheet:
    """A sheet typed as text."""
    return load_sheet(text.encode(), "p.samples.csv")


def ids(sheet: SampleSheet) -> dict[str, str]:
    """Slot -> id as they stand in the sheet."""
    return {entry.slot: entry.sample_id for entry in sheet.entries}


def book(*sheets: tuple[str, list[list[Any]]], formats: dict[str, str] | None = None) -> bytes:
    """A workbook as Excel saves it; ``formats`` are number formats of cells of the first sheet."""
    made = Workbook()
    made.remove(made.worksheets[0])
    for title, rows in sheets:
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    for cell, number_format in (formats or {}).items():
        made.worksheets[0][cell].number_format = number_format
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def plate(name: str, barcode: str = "") -> PlateRead:
    """A plate of an export."""
    return PlateRead(name, 8, 12, (), {"barcode": barcode} if barcode else {})


HEADER = ["slot", "sample_id"]


@pytest.mark.parametrize(
    ("typed", "number_format", "sample_id"),
    [
        (4711, "General", "4711"),
        (4711.0, "General", "4711"),
        (7, "0000", "0007"),
        (20260217, "@", "20260217"),
        (20260217000123, "0", "20260217000123"),
    ],
)
def test_a_number_that_excel_shows_whole_is_an_id(typed: float, number_format: str, sample_id: str) -> None:
    """The id is what stands on the screen, leading zeros of the format included."""
    data = book(("Samples", [HEADER, ["S1", typed]]), formats={"B2": number_format})
    assert ids(load_sheet(data, NAME)) == {"S1": sample_id}


@pytest.mark.parametrize(
    ("typed", "number_format"),
    [
        (202602170417, "General"),
        (12.5, "General"),
        (4711, "#,##0"),
        (4711, "0.00"),
        (date(2026, 2, 17), "yyyy-mm-dd"),
        (True, "General"),
    ],
)
def test_an_id_that_excel_does_not_show_whole_is_refused(typed: object, number_format: str) -> None:
    """A date, a fraction, a shortened number: what was typed is not known, and the line is named."""
    data = book(("Samples", [HEADER, ["S1", typed]]), formats={"B2": number_format})
    with pytest.raises(InputError) as found:
        load_sheet(data, NAME)
    assert found.value.code == "ID_NOT_TEXT"
    assert found.value.place == "line 2, column sample_id"


@pytest.mark.parametrize("header", ["Slot,Sample ID", "SLOT,sample-id", "slot,SampleID", "Slot, Sample_Id "])
def test_the_header_may_be_written_as_people_write(header: str) -> None:
    """Case, spaces and dashes of a heading do not matter."""
    assert ids(csv(f"{header}\nS1,a\n")) == {"S1": "a"}


def test_a_slot_without_an_id_is_empty() -> None:
    """A template that was not filled to its end holds fewer samples, and is no mistake."""
    assert ids(csv("slot,sample_id,prior_dilution\nS1,a,\nS2,,1\nS3,  ,\n")) == {"S1": "a"}


def test_a_patient_without_an_id_is_refused() -> None:
    """A line that names a patient but no sample is a forgotten id."""
    with pytest.raises(InputError, match="must both be filled"):
        csv("slot,sample_id,patient_code\nS1,a,\nS2,,P-17\n")


def test_a_sample_without_a_slot_is_refused() -> None:
    """An id alone would vanish."""
    with pytest.raises(InputError, match="must both be filled"):
        csv("slot,sample_id\nS1,a\n,b\n")


def test_title_above_and_note_below_are_no_samples() -> None:
    """A usual Excel sheet: title, empty line, table, empty line, remarks; in the second of two sheets."""
    rows: list[list[Any]] = [
        ["Anti-MAG plate 12, Monday"],
        [],
        ["Slot", "Sample ID", "Comment"],
        ["S1", 4711, "icteric"],
        ["S2", "B-7", None],
        [],
        ["Pipetted by AM in room 3"],
        ["Note: S2 was haemolytic"],
    ]
    found = load_sheet(book(("Read me", [["Fill the next sheet"]]), ("Samples", rows)), NAME)
    assert ids(found) == {"S1": "4711", "S2": "B-7"}
    assert found.entries[0].comment == "icteric"


def test_a_remark_beside_the_table_stays_with_its_sample() -> None:
    """A cell without a heading in a workbook is kept, not lost."""
    found = load_sheet(book(("S", [HEADER, ["S1", "a", None, "check"]])), NAME)
    assert found.entries[0].extra == {"column d": "check"}


def test_two_sheets_with_samples_are_refused() -> None:
    """Nobody can know which of them is this run."""
    data = book(("Week 1", [HEADER, ["S1", "a"]]), ("Week 2", [HEADER, ["S1", "b"]]))
    with pytest.raises(InputError, match="Week 1, Week 2"):
        load_sheet(data, NAME)


def test_an_empty_table_beside_a_filled_one_does_not_matter() -> None:
    """The template of another run that nobody filled."""
    data = book(("A", [HEADER, ["S1", None]]), ("B", [HEADER, ["S1", "b"]]))
    assert ids(load_sheet(data, NAME)) == {"S1": "b"}


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_header_says_which_sign_separates(sign: str) -> None:
    """Commas inside ids and comments separate nothing where the header is separated by another sign."""
    text = f"slot{sign}sample_id{sign}comment\nS1{sign}a{sign}x\nS2{sign}b{sign}y\n"
    assert ids(csv(text)) == {"S1": "a", "S2": "b"}
    if sign != ",":
        text = f"slot{sign}sample_id{sign}comment\nS1{sign}7,1{sign}a, b, c\nS2{sign}7,2{sign}d, e, f\n"
        assert ids(csv(text)) == {"S1": "7,1", "S2": "7,2"}


def test_a_sheet_without_any_id_says_so() -> None:
    """A template as it came is told from a sheet that is wrong."""
    with pytest.raises(InputError) as found:
        csv("slot,sample_id\nS1,\nS2,\n")
    assert found.value.code == "SHEET_NO_IDS"


@pytest.mark.parametrize("typed", ["s1", "S 1", "s-1", "S01"])
def test_a_slot_is_known_however_it_is_written(typed: str) -> None:
    """``s1`` is the layout's S1, and the report calls it S1."""
    (found,) = entries_by_plate(csv(f"slot,sample_id\n{typed},a\n"), [plate("P")], LAYOUT)
    assert found == {"S1": SampleEntry("S1", "a")}


def test_one_slot_written_in_two_ways_is_there_twice() -> None:
    """``S1`` and ``s1`` are two samples for one slot."""
    with pytest.raises(InputError, match="there twice"):
        entries_by_plate(csv("slot,sample_id\nS1,a\ns1,b\n"), [plate("P")], LAYOUT)


def test_a_line_for_a_plate_that_is_not_there_is_refused_with_those_that_are() -> None:
    """A sample never vanishes because its plate was misspelt."""
    sheet = csv("slot,sample_id,plate\nS1,a,Plate A\nS1,b,Plate C\n")
    with pytest.raises(InputError) as found:
        entries_by_plate(sheet, [plate("Plate A"), plate("Plate B")], LAYOUT)
    assert found.value.code == "SHEET_PLATE"
    assert found.value.found == "plate 'Plate C', sample 'b'"
    assert found.value.expected == "one of 1 (Plate A), 2 (Plate B)"


def test_a_line_that_fits_two_plates_is_refused() -> None:
    """Two plates of one name: the number says which."""
    plates = [plate("A"), plate("A")]
    with pytest.raises(InputError, match="several plates"):
        entries_by_plate(csv("slot,sample_id,plate\nS1,a,A\n"), plates, LAYOUT)
    found = entries_by_plate(csv("slot,sample_id,plate\nS1,a,2\n"), plates, LAYOUT)
    assert [list(one) for one in found] == [[], ["S1"]]


def test_a_plate_is_known_by_name_before_number() -> None:
    """Plates named 2 and 1: a sample is on one of them, never on both."""
    found = entries_by_plate(csv("slot,sample_id,plate\nS1,a,2\n"), [plate("2"), plate("1")], LAYOUT)
    assert [list(one) for one in found] == [["S1"], []]


def test_a_slot_given_by_name_and_by_number_of_its_plate_is_there_twice() -> None:
    """Neither of two samples of one slot replaces the other in silence."""
    sheet = csv("slot,sample_id,plate\nS1,a,Plate A\nS1,b,1\n")
    with pytest.raises(InputError, match="there twice"):
        entries_by_plate(sheet, [plate("Plate A"), plate("Plate B")], LAYOUT)


def test_a_barcode_names_its_plate() -> None:
    """The export's barcode may stand under plate, and must be the one under barcode."""
    plates = [plate("A", "BC-1"), plate("B", "BC-2")]
    found = entries_by_plate(csv("slot,sample_id,plate\nS1,a,bc-2\n"), plates, LAYOUT)
    assert [list(one) for one in found] == [[], ["S1"]]


def test_a_sheet_of_another_plate_is_refused_by_its_barcode() -> None:
    """Last week's sheet beside this week's export; an export without a barcode cannot tell."""
    sheet = csv("slot,sample_id,barcode\nS1,a,BC-1\n")
    assert list(entries_by_plate(sheet, [plate("A", "BC-1")], LAYOUT)[0]) == ["S1"]
    assert list(entries_by_plate(sheet, [plate("A")], LAYOUT)[0]) == ["S1"]
    with pytest.raises(InputError) as found:
        entries_by_plate(sheet, [plate("A", "BC-2")], LAYOUT)
    assert found.value.code == "SHEET_BARCODE"


def test_no_plate_is_computed_with_a_sheet_of_which_a_line_fits_none() -> None:
    """One refusal that names the plates there are, in place of reports that lack a sample in silence."""
    known = case("anti_mag_igm/difficult_sera")
    text = (known.folder / "difficult_sera.samples.csv").read_text(encoding="utf-8")
    wrong = load_sheet(f"{text}S1,lost,Plate Z,,\n".encode(), "difficult_sera.samples.csv")
    data, name = known.export.read_bytes(), known.export.name
    (refused,) = process_export(data, name, known.definition, wrong, CONTEXT)
    assert isinstance(refused, FailedRun)
    assert (refused.code, refused.found) == ("SHEET_PLATE", "plate 'Plate Z', sample 'lost'")
    assert "(Plate A)" in str(refused.expected)
