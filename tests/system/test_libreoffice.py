"""LibreOffice opens the workbook as it is, and finds nothing in it to calculate."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.styles import Font
from sample_cases import case, records

from pipeline.domain.record import RunRecord
from pipeline.report.excel.workbook import workbook
from pipeline.verify.workbook_check import all_changes, differences, read_found

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")

pytestmark = pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed on this computer")


def _record(ids: tuple[str, ...]) -> RunRecord:
    """A real plate whose samples have hostile names."""
    record = records(case("anti_mag_igm/difficult_sera"))[0]
    samples = (
        replace(sample, sample_id=text) for sample, text in zip(record.samples * 50, ids, strict=False)
    )
    return replace(record, samples=tuple(samples))


def _converted(data: bytes, folder: Path) -> bytes:
    """The workbook as LibreOffice saves it after opening it."""
    (folder / "results.xlsx").write_bytes(data)
    out = folder / "out"
    command = [
        *(str(OFFICE), "--headless", f"-env:UserInstallation=file://{folder}/profile"),
        *("--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out), str(folder / "results.xlsx")),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=100)  # noqa: S603 - a known program
    return (out / "results.xlsx").read_bytes()


def test_libreoffice_opens_the_workbook_and_changes_no_value(
    tmp_path: Path, hostile_ids: tuple[str, ...]
) -> None:
    """Opened and saved again, each cell of each sheet holds the same value; hostile ids among them.

    Ids such as ``_x0041_`` are left out: LibreOffice shows them as they are, and writes them as an A.
    """
    record = _record(tuple(text for text in hostile_ids if "_x" not in text)[::3])
    saved = _converted(workbook(record), tmp_path)
    found = read_found(saved, "results.xlsx")
    assert differences(found, record) == []
    assert all_changes(found, record) == []
    assert found.fits_its_mark
    book = load_workbook(io.BytesIO(saved))
    kinds = {cell.data_type for sheet in book.worksheets for line in sheet.iter_rows() for cell in line}
    assert kinds <= {"s", "n", "d"}
    assert len(book["Standard curve"]._charts) == 1  # type: ignore[attr-defined]  # not in the stubs


@pytest.mark.parametrize("assay", ["anti_mag_igm/failed_calibrators", "anti_mag_igm_384/clean_384"])
def test_libreoffice_changes_no_look(tmp_path: Path, assay: str) -> None:
    """Saved again, the workbook shows every value as it was written to, in whatever words of the file."""
    record = records(case(assay))[0]
    found = read_found(_converted(workbook(record), tmp_path), "results.xlsx")
    assert all_changes(found, record) == []
    assert found.looks_as_marked


def test_what_was_falsified_is_still_named_after_libreoffice_saved_it(tmp_path: Path) -> None:
    """A hidden row, a white font and a fixed text in place of a number outlive a program that saves them."""
    record = records(case("anti_mag_igm/failed_calibrators"))[0]
    book = load_workbook(io.BytesIO(workbook(record)))
    sheet = book["Samples"]
    sheet["E3"].number_format = '"9 999"'
    sheet["A3"].font = Font(color="FFFFFFFF")
    sheet.row_dimensions[4].hidden = True
    buffer = io.BytesIO()
    book.save(buffer)
    lines = all_changes(read_found(_converted(buffer.getvalue(), tmp_path), "results.xlsx"), record)
    assert [line.partition(": ")[2].partition(",")[0] for line in lines] == ["sheet 'Samples'"] * 3
    assert all(any(words in line for line in lines) for words in ("row 4: hidden", "cannot be seen", "9 999"))
