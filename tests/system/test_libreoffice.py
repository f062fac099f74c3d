"""LibreOffice opens the workbook as it is, and finds nothing in it to calculate."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from pipeline.definitions import load_definition, load_sheet
from pipeline.domain.record import RunRecord
from pipeline.process import RunContext, current_software, process_export
from pipeline.report.excel import workbook
from pipeline.report.workbook_check import differences, read_found

ROOT = Path(__file__).resolve().parents[2]
CASE = ROOT / "sample_data" / "anti_mag_igm" / "difficult_sera"
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")

pytestmark = pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed on this computer")


def _record(ids: tuple[str, ...]) -> RunRecord:
    """A real plate whose samples have hostile names."""
    definition = load_definition(ROOT / "plate_layouts" / "anti_mag_igm")
    sheet = load_sheet((CASE / "difficult_sera.samples.csv").read_bytes(), "difficult_sera.samples.csv")
    context = RunContext("2026-01-01T12:00:00+00:00", "test", current_software())
    export = (CASE / "difficult_sera.txt").read_bytes()
    record = process_export(export, "difficult_sera.txt", definition, sheet, context)[0]
    assert isinstance(record, RunRecord)
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
    assert found.fits_its_mark
    book = load_workbook(io.BytesIO(saved))
    kinds = {cell.data_type for sheet in book.worksheets for line in sheet.iter_rows() for cell in line}
    assert kinds <= {"s", "n", "d"}
    assert len(book["Standard curve"]._charts) == 1  # type: ignore[attr-defined]  # not in the stubs
