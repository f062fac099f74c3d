"""A new QC rule is one function and one line for its limit: every view shows it, in German by its English."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pdf_text import pages

ROOT = Path(__file__).resolve().parents[1]

LIMIT = '    stub_wells: AtMost | None = optional("wells")\n'
RULE = '''"""A rule that was not there."""

from pipeline.domain.message import Message
from pipeline.domain.results import PlateResult
from qc.rule import Observation, Observations, rule
from qc.subjects import PLATE


@rule("XYZ-01", title="Wells of the stub", limit="stub_wells")
def stub(result: PlateResult) -> Observations:
    """Wells of the plate that the stub counts."""
    wells = len(result.wells)
    yield Observation(PLATE, float(wells), Message("{n:n} wells for the stub", n=wells))
'''
DECLARED = '\n[limits.stub_wells]\nvalue = 3\nunit = "wells"\non_breach = "fail"\nsource = "for a test"\n'
PROGRAM = """
import sys
from dataclasses import replace
from pathlib import Path
from pipeline.definitions import load_definition, load_sheet
from pipeline.domain.record import ReportStyle
from pipeline.process import process_export
from pipeline.process.context import RunContext, current_software
from pipeline.report import render

case, assay, out = map(Path, sys.argv[1:])
export, sheet = case / "clean_plate.txt", case / "clean_plate.samples.csv"
context = RunContext("2026-01-01T12:00:00+01:00", "A. Muster", current_software())
samples = load_sheet(sheet.read_bytes(), sheet.name)
(run,) = process_export(export.read_bytes(), export.name, load_definition(assay), samples, context)
for language in ("en", "de"):
    for name, data in render(replace(run, reports=ReportStyle(language))).items():
        (out / f"{language}-{name}").write_bytes(data)
"""


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The views of a plate, made by a copy of the house with a new rule: one file new, one changed."""
    house = tmp_path_factory.mktemp("house")
    for room in ("pipeline", "qc"):
        shutil.copytree(ROOT / room, house / room, ignore=shutil.ignore_patterns("__pycache__"))
    (house / "qc" / "rules" / "stub.py").write_text(RULE, encoding="utf-8")
    limits = house / "pipeline" / "domain" / "limits.py"
    text, first = limits.read_text(encoding="utf-8"), "    blank_max_od: "
    assert text.count(first) == 1
    limits.write_text(text.replace(first, LIMIT + first), encoding="utf-8")
    assay = Path(shutil.copytree(ROOT / "plate_layouts", house / "plate_layouts")) / "anti_mag_igm"
    with (assay / "assay.toml").open("a", encoding="utf-8") as file:
        file.write(DECLARED)
    case = ROOT / "sample_data" / "anti_mag_igm" / "clean_plate"
    command = [sys.executable, "-c", PROGRAM, str(case), str(assay), str(house)]
    subprocess.run(command, check=True, cwd=house, env={**os.environ, "PYTHONPATH": str(house)})  # noqa: S603 - our own code
    return house


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_view_shows_a_new_rule(reports: Path, language: str) -> None:
    """JSON, page, PDF, workbook and worklist name it; it rejects the plate as its limit says."""
    record = json.loads((reports / f"{language}-results.json").read_bytes())
    assert record["verdict"] == "rejected"
    (finding,) = [one for one in record["findings"] if one["rule"] == "XYZ-01"]
    assert (finding["observed"], finding["limit"], finding["unit"]) == (96, 3, "wells")
    shown = {
        "page": (reports / f"{language}-report.html").read_text(encoding="utf-8"),
        "pdf": " ".join(" ".join(page) for page in pages((reports / f"{language}-report.pdf").read_bytes())),
        "workbook": _cells(reports / f"{language}-results.xlsx"),
        "worklist": (reports / f"{language}-worklist.csv").read_text(encoding="utf-8-sig"),
    }
    for view, text in shown.items():
        assert "XYZ-01" in text, view
        assert "Wells of the stub" in text, view


def _cells(book: Path) -> str:
    sheets = load_workbook(book).worksheets
    return " ".join(
        str(value) for sheet in sheets for row in sheet.iter_rows(values_only=True) for value in row
    )
