"""What vendors' exports become in laboratories: pasted, renamed, typed into, of older releases."""

from __future__ import annotations

from typing import Any

import pytest
from plate_files import (
    NUMBERS,
    ROWS,
    WELLS,
    beside,
    book,
    grid,
    is_plate,
    od,
    plate_of,
    read,
    reading_of,
    refusal,
    tables,
    text,
    words,
)

from pipeline.domain.plate import Kind, Quantity, WellState
from pipeline.domain.wells import Well

Cells = list[list[Any]]


def softmax(
    *, blocks: bool = True, by_plate: bool = True, reduced: bool = False, mode: str = "Absorbance"
) -> Cells:
    """A SoftMax Pro export of 450 and 620 nm, or of light."""
    wavelengths, count = ("450 620 ", 2) if mode == "Absorbance" else ("0 ", 1)
    form = "PlateFormat" if by_plate else "TimeFormat"
    optics = ["TRUE"] if mode == "Fluorescence" else []
    head = [
        "Plate:",
        "P7",
        "1.3",
        form,
        "Endpoint",
        mode,
        *optics,
        "Raw",
        "FALSE",
        1,
        *[""] * 5,
        count,
        wavelengths,
    ]
    rows: Cells = [["##BLOCKS= 2"]] if blocks else []
    rows += [[*head, 1, 12, 96, *([1, 8] if mode == "Absorbance" else ["", ""])]]
    factors = (1.0, 0.1)[:count]
    if by_plate:
        rows += [["", "Temperature(C)", *[*NUMBERS, ""] * count]]
        for row in ROWS:
            sides = [cell for f in factors for cell in (*(od(f"{row}{c}", f) for c in NUMBERS), "")]
            rows.append(["", "25.1" if row == "A" else "", *sides])
    else:
        rows += [["", "Temperature(C)", *WELLS]]
        for factor in factors:
            rows += [["", "25.1", *(od(well, factor) for well in WELLS)], []]
        if reduced:
            rows += [["", "", *WELLS], ["", "", *(od(well, 0.9) for well in WELLS)]]
    rows += [[], ["~End"], ["Group: Unknowns"], ["Sample", "Wells", "OD", "Result"]]
    rows += [[f"S{n}", well, od(well, 0.9), 1.0] for n, well in enumerate(WELLS)]
    return [*rows, [], ["~End"], ["Original Filename: x; Date Last Saved: 3/5/2026 10:11:12 AM"]]


def padded(rows: Cells) -> Cells:
    """As Excel saves them: every line as long as the longest."""
    width = max(map(len, rows))
    return [[*row, *[""] * (width - len(row))] for row in rows]


@pytest.mark.parametrize("by_plate", [True, False])
@pytest.mark.parametrize("blocks", [True, False])
@pytest.mark.parametrize("sign", ["\t", ",", ";"])
def test_softmax_as_excel_saves_it(by_plate: bool, blocks: bool, sign: str) -> None:  # noqa: FBT001
    """Tabs, commas, semicolons with decimal commas; with or without its first line; also CR alone."""
    rows = padded(softmax(blocks=blocks, by_plate=by_plate))
    data = text(rows, sign, comma=sign == ";")
    for one in (data, data.replace(b"\r\n", b"\r")):
        plate = plate_of(one)
        assert [reading.wavelength_nm for reading in plate.reads] == [450, 620]
        assert is_plate(plate.reads[0])
        assert is_plate(plate.reads[1], 0.1)
        assert plate.name == "P7"
        assert plate.cells_not_understood == ()


@pytest.mark.parametrize("by_plate", [True, False])
@pytest.mark.parametrize("blocks", [True, False])
def test_softmax_pasted_into_a_sheet(by_plate: bool, blocks: bool) -> None:  # noqa: FBT001
    """Between the laboratory's own sheets: one plate, and the other sheets are kept."""
    rows = softmax(blocks=blocks, by_plate=by_plate)
    notes = [["Sample", "Comment"], ["S1", "haemolytic"], ["S2", 17]]
    plate = plate_of(book(("Overview", notes), ("Data", rows), ("Calc", [["S1", 1.5], ["S2", 2.5]])))
    assert [reading.wavelength_nm for reading in plate.reads] == [450, 620]
    assert is_plate(plate.reads[0])
    assert tables(plate) == ["settings of the plate", "temperatures", "Overview", "Calc"]


def test_softmax_typed_cells_of_excel() -> None:
    """Numbers, not texts."""
    rows = [
        [float(c) if isinstance(c, str) and c.replace(".", "").isdigit() else c for c in r] for r in softmax()
    ]
    assert is_plate(plate_of(book(("Sheet1", rows))).reads[0])


def test_softmax_reduced_values_are_kept_beside_the_raw_ones() -> None:
    """Below a second header; they are no reads."""
    plate = plate_of(text(softmax(by_plate=False, reduced=True), "\t"))
    assert [reading.quantity for reading in plate.reads] == [Quantity.RAW, Quantity.RAW]
    assert "reduced (450-620)" in tables(plate)


@pytest.mark.parametrize(
    ("mode", "kind"), [("Fluorescence", Kind.FLUORESCENCE), ("Luminescence", Kind.LUMINESCENCE)]
)
def test_softmax_light_has_no_wavelength(mode: str, kind: Kind) -> None:
    """Fluorescence has one field more in its first line; 0 nm is none."""
    reading = reading_of(text(softmax(mode=mode), "\t"))
    assert (reading.kind, reading.wavelength_nm) == (kind, None)


def icontrol(matrix: Cells, *, reference: bool = False, mode: str = "Absorbance", part: str = "") -> Cells:
    """A sheet of Tecan i-control."""
    rows: Cells = [
        ["Application: Tecan i-control", None, None, None, "Tecan i-control , 2.0.10.0"],
        ["Device: infinite 200Pro", None, None, None, "Serial number: 7"],
        ["Date:", "05.03.2026"],
        [],
        ["Label: Label1"],
        ["Mode", None, None, None, mode],
        ["Wavelength", None, None, None, 450, "nm"],
        *([["Reference wavelength", None, None, None, 620, "nm"]] if reference else []),
        *([["Part of Plate", None, None, None, part]] if part else []),
        ["Start Time:", "05.03.2026 10:11:12"],
        [],
        [None, "Temperature: 25 °C"],
    ]
    return [*rows, *matrix, [], ["End Time:", "05.03.2026 10:11:40"]]


def test_icontrol_reads_by_its_printed_numbers() -> None:
    """Columns 1, 2, 5, 6 and rows A, C: no measured well is lost."""
    columns = (1, 2, 5, 6)
    matrix = [["<>", *columns], *([row, *(od(f"{row}{c}") for c in columns)] for row in "AC")]
    reading = reading_of(book(("Sheet1", icontrol(matrix, part="A1-A2; A5-A6; C1-C2; C5-C6"))))
    assert {w.name: v for w, v in reading.values.items()} == {
        f"{r}{c}": od(f"{r}{c}") for r in "AC" for c in columns
    }


@pytest.mark.parametrize("names", [["Ctrl", "S1", "S2", "S3", "S4", "S5", "S6", "S7"], ["Std 1", *"BCDEFGH"]])
def test_icontrol_rows_with_names_in_place_of_letters_are_refused(names: list[str]) -> None:
    """A plate never vanishes because somebody typed over its letters."""
    rows = grid(corner="<>")
    matrix = [rows[0], *([name, *row[1:]] for name, row in zip(names, rows[1:], strict=True))]
    good = ("Sheet1", icontrol(grid(corner="<>")))
    for data in (book(("Sheet1", icontrol(matrix))), book(good, ("Sheet2", icontrol(matrix)))):
        assert refusal(data).code in {"ROWS_UNKNOWN", "NO_PLATE", "HEADER_UNKNOWN"}


def test_a_last_row_with_a_name_is_refused() -> None:
    """A part of a plate, whose last letter was typed over."""
    rows = [row[:7] for row in grid(corner="<>")][:5]
    rows[-1][0] = "Blank"
    assert refusal(book(("Sheet1", icontrol(rows, part="A1-D6")))).code == "ROWS_UNKNOWN"


def test_a_head_without_a_plate_is_refused() -> None:
    """Each sheet that bears the software's head gives a plate or a refusal; empty sheets are none."""
    error = refusal(book(("Sheet1", icontrol(grid(corner="<>"))), ("Sheet2", icontrol([]))))
    assert error.code == "NO_PLATE"
    assert "Sheet2" in str(error.place)
    assert len(read(book(("Sheet1", icontrol(grid(corner="<>"))), ("Sheet2", [[]]))).plates) == 1


def test_icontrol_measurement_reference_and_difference() -> None:
    """Each matrix under its word; the difference is kept, the reference has its own wavelength."""
    matrix = [
        ["Difference"], *grid(0.9, "<>"), [],
        ["Measurement"], *grid(1.0, "<>"), [],
        ["Reference"], *grid(0.1, "<>"),
    ]  # fmt: skip
    plate = plate_of(book(("Sheet1", icontrol(matrix, reference=True))))
    assert [(reading.wavelength_nm, reading.quantity.value) for reading in plate.reads] == [
        (450, "raw"),
        (620, "raw"),
    ]
    assert is_plate(plate.reads[0])
    assert is_plate(plate.reads[1], 0.1)
    assert tables(plate) == ["Difference"]


def test_one_matrix_of_a_measurement_with_a_reference_is_reduced() -> None:
    """Nothing says that it is not the difference."""
    reading = reading_of(book(("Sheet1", icontrol(grid(corner="<>"), reference=True))))
    assert (reading.quantity, reading.wavelength_nm) == (Quantity.REDUCED, 450)


def test_icontrol_several_reads_of_a_well_with_their_mean() -> None:
    """The mean is the read, the single ones are kept; without a mean the file is refused."""
    head = ["Well", "Mean", "StDev", "0;1", "1;0"]
    rows = [head, *([w, od(w), 0.01, od(w) - 0.01, od(w) + 0.01] for w in WELLS)]
    plate = plate_of(book(("Sheet1", icontrol(rows))))
    assert is_plate(plate.reads[0])
    assert plate.reads[0].wavelength_nm == 450
    assert tables(plate) == ["StDev", "0;1", "1;0"]
    bare = [[row[0], *row[3:]] for row in rows]
    assert refusal(book(("Sheet1", icontrol(bare)))).code == "SEVERAL_READS"


def test_icontrol_csv_without_labels() -> None:
    """Release 1.11 writes the settings of all measurements first, then their values."""
    rows: Cells = [
        ["Application: Tecan i-control", "", "", "", "Tecan i-control , 1.11.1.0"],
        ["Device: infinite 200Pro", "", "", "", "Serial number: 7"],
        ["Mode", "", "", "", "Absorbance"],
        ["Wavelength", "", "", "", 450, "nm"],
        ["Mode", "", "", "", "Absorbance"],
        ["Wavelength", "", "", "", 620, "nm"],
        [],
        ["OD450:450"],
        *grid(1.0, "<>"),
        [],
        ["OD620:620"],
        *grid(0.1, "<>"),
    ]
    plate = plate_of(text(rows))
    assert [reading.wavelength_nm for reading in plate.reads] == [450, 620]
    assert is_plate(plate.reads[1], 0.1)
    cycles = [["Cycle Nr.", "Time [s]", "Temp. [°C]", *WELLS]]
    cycles += [[n, 60 * n, 25.1, *(od(well, n) for well in WELLS)] for n in (1, 2)]
    kinetic = plate_of(text([*rows[:4], [], ["OD450:450"], *cycles]))
    assert [reading.time_s for reading in kinetic.reads] == [60, 120]
    assert kinetic.metadata["read_mode"] == "kinetic"


def test_what_people_put_beside_an_export_is_kept_and_told() -> None:
    """Names typed beside, corrected values, and numbers that look like readings: only these are remarked."""
    sheet = icontrol(beside(grid(corner="<>"), words()))
    plate = plate_of(book(("Sheet1", sheet), ("Auswertung", [["OD - Blank"], *grid(0.9)])))
    assert is_plate(plate.reads[0])
    assert "remarks" not in plate.metadata
    told = plate_of(book(("Sheet1", icontrol(grid(corner="<>"))), ("Copy", grid(1.1))))
    assert "OTHER_GRID" in str(told.metadata["remarks"])


def test_typed_numbers_beside_a_plate_are_listed() -> None:
    """Single numbers that belong to nothing: not one is in no list."""
    sheet = icontrol(grid(corner="<>"))
    typed = {(16, 15): 1000, (17, 15): 500, (20, 16): 250.5}
    for (row, column), value in typed.items():
        sheet[row] = [*sheet[row], *[None] * (column + 1 - len(sheet[row]))]
        sheet[row][column] = value
    plate = plate_of(book(("Sheet1", sheet)))
    assert is_plate(plate.reads[0])
    assert [cell.rpartition(": ")[2] for cell in plate.cells_not_understood] == ["'1000'", "'500'", "'250.5'"]


def skanit(readings: Cells, samples: Cells) -> Cells:
    """A sheet of Thermo SkanIt."""
    head: Cells = [
        ["Measurement results"],
        ["x.skax"],
        [],
        ["Absorbance 1"],
        ["Wavelength: 450 nm"],
        [],
        ["Plate 1"],
        [],
    ]
    return [*head, *readings, [], *samples]


def test_numbers_in_wells_without_a_sample_were_typed() -> None:
    """SkanIt measures wells with samples; a number in another one is no OD, and that is said."""
    samples = [["Sample", *NUMBERS], *([r, *(f"Un{c}" if c <= 6 else None for c in NUMBERS)] for r in ROWS)]
    readings = [
        ["Abs", *NUMBERS],
        *([r, *(od(f"{r}{c}") if c <= 6 else None for c in NUMBERS)] for r in ROWS),
    ]
    readings[2][9] = 1.234
    plate = plate_of(book(("Absorbance 1_01", skanit(readings, samples))))
    (reading,) = plate.reads
    assert len(reading.values) == 48
    assert reading.states[Well.parse("B9")] is WellState.UNREADABLE
    assert "TYPED_NUMBERS: the sample table of the export leaves B9 empty" in str(plate.metadata["remarks"])
    assert len(plate.cells_not_understood) == 1
    assert is_plate(reading_of(book(("Absorbance 1_01", skanit(grid(corner="Abs"), words())))))


@pytest.mark.parametrize(
    "first", [words(), [["<>", *NUMBERS], *([r, *(1000 / 2**c for c in NUMBERS)] for r in ROWS)]]
)
def test_magellan_with_its_layout_first(first: Cells) -> None:
    """Names or concentrations above, the readings below."""
    first = [["<>", *first[0][1:]], *first[1:]]
    plate = plate_of(book(("Magellan Sheet 1", [*first, [], *grid(corner="<>")])))
    assert is_plate(plate.reads[0])
    assert len(tables(plate)) == 1


@pytest.mark.parametrize("columns", [["Well", "Content"], ["Well Row", "Well Col", "Content"]])
def test_mars_table_views(columns: list[str]) -> None:
    """Wells in one column or two, an empty line behind each, blank-corrected values kept."""
    head: Cells = [["User: USER", "Path: C:\\BMG"], ["Test Name: ELISA"], ["Absorbance"], []]
    rows: Cells = [[*columns, "Raw Data (450)", "Blank corrected based on Raw Data (450)"]]
    for well in WELLS:
        at = Well.parse(well)
        name = [f"{ROWS[at.row]}{at.column + 1:02d}"] if len(columns) == 2 else [ROWS[at.row], at.column + 1]
        rows.append([*name, "Sample X1", od(well), od(well, 0.9)])
    for data in (text([*head, *rows]), text([*head, *(r for row in rows for r in (row, []))])):
        plate = plate_of(data)
        assert is_plate(plate.reads[0])
        assert plate.reads[0].wavelength_nm == 450
        assert tables(plate) == ["Content", "Blank corrected based on Raw Data (450)"]


def test_calculated_values_alone_are_reduced_and_say_so() -> None:
    """Gen5 and MARS exports without the raw data: read as what they are."""
    gen5 = [
        ["Software Version", "3.11"],
        ["Plate Number", "Plate 1"],
        ["Reader Type:", "ELx808"],
        ["Results"],
    ]
    reading = reading_of(text([*gen5, *grid(behind="Blank 450")], "\t"))
    assert (reading.quantity, reading.wavelength_nm) == (Quantity.REDUCED, 450)
    mars = [["User: USER", "Path: C:\\BMG"], ["Test Name: ELISA"], ["Absorbance"], ["Blank corrected (450)"]]
    reading = reading_of(text([*mars, *grid()]))
    assert (reading.quantity, reading.wavelength_nm) == (Quantity.REDUCED, 450)


def test_tables_alone_are_no_plate_and_are_named() -> None:
    """The refusal lists what the file holds."""
    gen5 = [
        ["Software Version", "3.11"],
        ["Plate Number", "Plate 1"],
        ["Reader Type:", "ELx808"],
        ["Results"],
    ]
    error = refusal(text([*gen5, *grid(behind="[Concentration]")], "\t"))
    assert error.code == "NO_PLATE"
    assert "[Concentration]" in str(error.found)


def test_gen5_without_its_head() -> None:
    """From the procedure on, or the results alone."""
    procedure: Cells = [
        ["Procedure Details"],
        [],
        ["Read", "Absorbance Endpoint"],
        ["", "Wavelengths:  450"],
        [],
    ]
    layout = [["Layout"], *([*row, "Well ID"] if n else [*row, ""] for n, row in enumerate(words("SPL"))), []]
    for rows in ([*procedure, *layout, ["Results"]], [*layout, ["Results"]], [["Results"]]):
        plate = plate_of(text([*rows, *grid(behind=450)], "\t"))
        assert is_plate(plate.reads[0])
        assert plate.reads[0].wavelength_nm == 450
