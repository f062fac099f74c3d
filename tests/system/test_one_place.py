"""Adding one thing touches one place: a copy of the house gets a stub of each kind; every output shows it.

At most two files a stub, beside its own tests and samples. What the catalogue of German lacks stays English.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pdf_text import pages

from pipeline.readers import read_export

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("pipeline", "qc", "plate_layouts")
CASE = ROOT / "sample_data" / "anti_mag_igm" / "clean_plate"


@dataclass(frozen=True)
class Stub:
    """A thing that the house did not have: new files, and lines that go before a line of others."""

    files: dict[str, str]
    lines: dict[str, tuple[str, str]]
    """File -> a line that is there once, and what stands before it."""

    def add(self, house: Path) -> None:
        """Put it into a copy."""
        for name, text in self.files.items():
            (house / name).parent.mkdir(exist_ok=True)
            (house / name).write_text(text, encoding="utf-8")
        for name, (before, line) in self.lines.items():
            text = (house / name).read_text(encoding="utf-8")
            assert text.count(before) == 1, (name, before)
            (house / name).write_text(text.replace(before, line + before), encoding="utf-8")


READER = '''"""Exports of the stub: a line a well."""

from pipeline.domain.plate import CellCount, Kind, PlateRead, PlateReading, Quantity
from pipeline.domain.wells import Well
from pipeline.readers.parts.head import Head
from pipeline.tables.document import Document

NAME = "Stub reader"


def sniff(head: Head) -> str | None:
    """The name of the software."""
    return "the name of the stub" if "stub software" in head.texts else None


def read(document: Document) -> list[PlateRead]:
    """The one plate, at 450 nm."""
    rows = [row for row in document.sheets[0].rows[1:] if row]
    values = {Well.parse(str(name)): float(str(od)) for name, od in rows}
    reading = PlateReading(Kind.ABSORBANCE, Quantity.RAW, 450.0, "450", None, values, {}, "line 2")
    wells = len(values)
    cells = CellCount(2 + 2 * wells, in_reads=wells, headings=wells, in_tables=0, facts=2, not_understood=0)
    return [PlateRead("Plate of the stub", 8, 12, (reading,), cells=cells)]
'''
RULE = '''"""A rule that was not there."""

from pipeline.domain.message import Message
from pipeline.domain.results import PlateResult
from qc.rule import Observation, Observations, rule
from qc.subjects import PLATE


@rule("XYZ-01", title="Wells of the stub", breach="Wells of the stub beyond its limit", limit="stub_wells")
def stub(result: PlateResult) -> Observations:
    """Wells of the plate that the stub counts."""
    wells = len(result.wells)
    yield Observation(PLATE, float(wells), Message("{n:n} wells for the stub", n=wells))
'''
COMMAND = '''"""``titerline stub``: says that it is there."""

import argparse

from pipeline.commands.parts.parser import Commands, add_command
from pipeline.errors import DONE


def add(commands: Commands) -> argparse.ArgumentParser:
    """Nothing to ask for."""
    return add_command(commands, "stub", "What the stub does.", "titerline stub")


def run(options: argparse.Namespace) -> int:
    """Say so."""
    del options
    print("The stub ran.")
    return DONE
'''
ASSAY = """extends = "anti_mag_igm"
name = "stub_elisa"
title = "Assay of the stub"
version = "1.0.0"

[limits.stub_wells]
value = 3
unit = "wells"
on_breach = "warn"
source = "for a test"
"""
STUBS = {
    "reader": Stub({"pipeline/readers/generic/stub.py": READER}, {}),
    "rule": Stub(
        {"qc/rules/stub.py": RULE},
        {
            "pipeline/domain/limits.py": (
                "    blank_max_od: ",
                '    stub_wells: AtMost | None = optional("wells")\n',
            )
        },
    ),
    "column": Stub(
        {},
        {
            "pipeline/domain/results.py": (
                "    patient_code: str | None = None\n",
                '    stub_value: str = "what the stub measured"\n',
            ),
            "pipeline/report/tables/sample_columns.py": (
                '    Field("Titer (95 % interval)", ',
                '    Field("Stub column", _TEXT, at("stub_value"), "stub_column", "What the stub says."),\n',
            ),
        },
    ),
    "reason": Stub(
        {},
        {
            "pipeline/domain/codes/reasons.py": (
                "    PLATE_REJECTED = (\n",
                '    STUB_REASON = ("STUB_REASON", ReasonMeaning("The stub decided this class."))\n',
            ),
            "pipeline/compute/sample/classify.py": (
                "    Row(SampleClass.INVALID, Reason.NO_ANTIGEN_NEGATIVE, controlled=False),\n",
                "    Row(SampleClass.NEGATIVE, Reason.STUB_REASON, raw=False, net=Net.NONE),\n",
            ),
        },
    ),
    "command": Stub({"pipeline/commands/tables/stub.py": COMMAND}, {}),
    "assay": Stub(
        {
            "plate_layouts/stub_elisa/assay.toml": ASSAY,
            "plate_layouts/stub_elisa/layout.csv": (
                ROOT / "plate_layouts" / "anti_mag_igm" / "layout.csv"
            ).read_text(encoding="utf-8"),
        },
        {},
    ),
}
PROGRAM = """
import sys
from dataclasses import replace
from pathlib import Path
from pipeline.definitions import load_definition, load_sheet
from pipeline.domain.record import ReportStyle
from pipeline.process import process_export
from pipeline.process.context import RunContext, current_software
from pipeline.report import render

export, sheet, out = map(Path, sys.argv[1:])
context = RunContext("2026-01-01T12:00:00+01:00", "A. Muster", current_software())
samples = load_sheet(sheet.read_bytes(), sheet.name)
assay = load_definition(Path("plate_layouts") / "stub_elisa")
(run,) = process_export(export.read_bytes(), export.name, assay, samples, context)
for language in ("en", "de"):
    for name, data in render(replace(run, reports=ReportStyle(language))).items():
        (out / f"{language}-{name}").write_bytes(data)
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with all stubs; below ``out`` what it made of the stub's export."""
    house = tmp_path_factory.mktemp("house")
    for room in ROOMS:
        shutil.copytree(ROOT / room, house / room, ignore=shutil.ignore_patterns("__pycache__"))
    for stub in STUBS.values():
        stub.add(house)
    (house / "out").mkdir()
    export = house / "out" / "stub.txt"
    export.write_text(_export(), encoding="utf-8")
    _python(house, "-c", PROGRAM, str(export), str(CASE / "clean_plate.samples.csv"), str(house / "out"))
    return house


def _export() -> str:
    """The ODs of a sample case as the stub's software would print them."""
    (plate,) = read_export((CASE / "clean_plate.txt").read_bytes(), "clean_plate.txt").plates
    measured = next(read for read in plate.reads if read.wavelength_nm == 450)
    lines = [f"{well.name}\t{od}" for well, od in measured.values.items()]
    return "\n".join(["Stub software\t1", *lines]) + "\n"


def _python(house: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(house), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, check=True, cwd=house, env=environment, stdout=subprocess.PIPE)  # noqa: S603 - our own code
    return done.stdout.decode()


def _files(folder: Path) -> dict[str, bytes]:
    paths = (path for room in ROOMS for path in (folder / room).rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in paths
        if "__pycache__" not in path.parts
    }


@pytest.mark.parametrize("kind", STUBS)
def test_a_stub_is_at_most_two_files(kind: str) -> None:
    """A reader and a command are one file; the others one line in a second one."""
    stub = STUBS[kind]
    assert 1 <= len(stub.files) + len(stub.lines) <= 2


def test_nothing_else_was_touched(house: Path) -> None:
    """The copy differs from the house by the files of the stubs alone."""
    before, after = _files(ROOT), _files(house)
    changed = {name for name, data in after.items() if before.get(name) != data}
    assert changed == {name for stub in STUBS.values() for name in (*stub.files, *stub.lines)}
    assert set(before) <= set(after)


SHOWN = ("XYZ-01", "Wells of the stub", "Stub reader", "Assay of the stub", "STUB_REASON")
SAID = ("what the stub measured", "The stub decided this class.")


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("view", ["report.html", "report.pdf", "results.xlsx"])
def test_people_see_every_stub(house: Path, language: str, view: str) -> None:
    """Page, PDF and workbook name reader, rule, column, reason and assay; German falls back to English."""
    text = _text(house / "out" / f"{language}-{view}")
    for words in (*SHOWN, *SAID, "Stub column"):
        assert words in text, words


@pytest.mark.parametrize("language", ["en", "de"])
def test_machines_read_every_stub(house: Path, language: str) -> None:
    """results.json and results.csv hold what they are made to hold, the same in every language."""
    record = json.loads((house / "out" / f"{language}-results.json").read_bytes())
    text = json.dumps(record)
    assert all(words in text for words in (*SHOWN, *SAID))
    assert record["run"]["export"]["reader"] == "Stub reader"
    file = (house / "out" / f"{language}-results.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(file.splitlines()))
    assert {row["stub_column"] for row in rows} == {"what the stub measured"}
    assert {row["assay"] for row in rows} == {"stub_elisa"}
    assert "STUB_REASON" in {row["reasons"] for row in rows}


def test_the_rule_judges_by_its_limit(house: Path) -> None:
    """The limit of the stub's assay makes it warn; who does not declare it is not judged."""
    record = json.loads((house / "out" / "en-results.json").read_bytes())
    (finding,) = [one for one in record["findings"] if one["rule"] == "XYZ-01"]
    told = {name: finding[name] for name in ("verdict", "observed", "limit", "unit")}
    assert told == {"verdict": "warn", "observed": 96, "limit": 3, "unit": "wells"}


def test_the_command_is_there(house: Path) -> None:
    """The help lists it among the others, and it runs."""
    assert "What the stub does." in _python(house, "-m", "pipeline.cli", "--help")
    assert _python(house, "-m", "pipeline.cli", "stub").strip() == "The stub ran."


def _text(file: Path) -> str:
    """What a person reads in a file."""
    if file.suffix == ".pdf":
        return " ".join(text for page in pages(file.read_bytes()) for text in page).replace("\u00a0", " ")
    if file.suffix == ".xlsx":
        sheets = load_workbook(file).worksheets
        return " ".join(str(cell) for ws in sheets for row in ws.iter_rows(values_only=True) for cell in row)
    return file.read_text(encoding="utf-8")
