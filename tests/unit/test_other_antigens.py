"""An assay of another antigen speaks of its own antigen in all that it writes, never of MAG or HNK1."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from pdf_text import pages
from sample_cases import ROOT, case

from pipeline.cli import main
from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.hnk1 import is_mag
from pipeline.domain.record import ReportStyle, RunRecord
from pipeline.report import render
from pipeline.report.pdf.letter import letter_pdf
from pipeline.runs.letter import letter_rows, letter_text
from pipeline.workspace.shipped import load_assay

FOREIGN = re.compile(r"MAG(?![a-z])|HNK|hnk1")
GM1 = """
extends = "base/anti_mag"
name = "anti_gm1_igm"
title = "Anti-GM1 IgM"
version = "1.0.0"
unit = "U"
antigens = ["GM1", "none"]
[calibration]
antigen = "GM1"
source = "in-house serum"
[calibration.levels]
CAL1 = 70000
CAL2 = 25000
CAL3 = 9000
CAL4 = 3000
CAL5 = 1000
CAL6 = 300
CAL7 = 100
[cutoff]
titer_source = "in-house"
reference_range = "below 1000 U"
tiers = []
tiers_source = ""
[controls]
NC = { kind = "negative", source = "in-house" }
PC1 = { kind = "positive", target = 3000, source = "in-house" }
PC2 = { kind = "positive", target = 25000, source = "in-house" }
"""


@pytest.fixture(scope="module")
def gm1(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The flagship's plate with GM1 in place of MAG, and no wells with HNK1."""
    folder = tmp_path_factory.mktemp("assays") / "anti_gm1_igm"
    folder.mkdir()
    (folder / "assay.toml").write_text(GM1, encoding="utf-8")
    grids = (ROOT / "plate_layouts" / "anti_mag_igm" / "layout.csv").read_text(encoding="utf-8")
    (folder / "layout.csv").write_text(_without_hnk1(grids).replace("MAG", "GM1"), encoding="utf-8")
    return folder


def _without_hnk1(grids: str) -> str:
    """Every block with the cells empty whose antigen is HNK1."""
    blocks = [[line.split(",") for line in block.splitlines()] for block in grids.strip().split("\n\n")]
    coating = [list(line) for block in blocks if block[0][0] == "antigen" for line in block]
    for block in blocks:
        for row, line in enumerate(block):
            block[row] = ["" if coating[row][n] == "HNK1" else cell for n, cell in enumerate(line)]
    return "\n\n".join("\n".join(map(",".join, block)) for block in blocks) + "\n"


@pytest.fixture(scope="module")
def records(gm1: Path) -> list[RunRecord]:
    """Plates with positive, negative, sticky and open sera, processed as GM1."""
    definition = load_assay(gm1)
    names = ("clean_plate", "difficult_sera", "to_repeat", "failed_control")
    found = [run for name in names for run in case(f"anti_mag_igm/{name}").process(definition=definition)]
    plates = [run for run in found if isinstance(run, RunRecord)]
    assert len(plates) == len(found)
    # the synthetic exports say of themselves which assay they were made for
    return [replace(plate, run=replace(plate.run, metadata={})) for plate in plates]


def _text(name: str, data: bytes) -> str:
    """All that a person may read in a file; the names of columns for programs are the same for all assays."""
    if name == "results.csv":
        return data.decode("utf-8-sig").partition("\n")[2]
    if name.endswith(".xlsx"):
        with zipfile.ZipFile(BytesIO(data)) as book:
            return "\n".join(book.read(one).decode() for one in book.namelist() if one.endswith(".xml"))
    if name.endswith(".pdf"):
        return "\n".join(text for page in pages(data) for text in page)
    return data.decode("utf-8-sig")


@pytest.mark.parametrize("style", [ReportStyle(), ReportStyle("de", ",")], ids=["english", "german"])
def test_no_report_names_an_antigen_that_is_not_there(records: list[RunRecord], style: ReportStyle) -> None:
    """Page, PDF, workbook, results.csv and worklist, in both languages, of good, open and rejected plates."""
    for record in records:
        files = render(replace(record, reports=style))
        read = {name: _text(name, data) for name, data in files.items() if name != "results.json"}
        assert {"report.html", "report.pdf", "results.xlsx", "results.csv", "worklist.csv"} <= read.keys()
        found = {name: FOREIGN.search(text) for name, text in read.items()}
        assert not any(found.values()), found
        assert "GM1" in read["report.html"]


def test_a_positive_serum_is_positive(records: list[RunRecord]) -> None:
    """No class, reason, step or finding asks for HNK1; non-specific binding is still told."""
    samples = [sample for record in records for sample in record.samples]
    classes = {sample.classification for sample in samples}
    assert {SampleClass.POSITIVE, SampleClass.NEGATIVE, SampleClass.NONSPECIFIC_BINDING} <= classes
    words = [str(part) for one in samples for part in (one.classification, *one.reasons, *one.next_steps)]
    words += [text or "" for one in samples for text in (one.explanation, one.next_step, one.hnk1.reason)]
    words += [part for record in records for f in record.findings for part in (f.rule, f.title, f.message)]
    assert not [word for word in words if FOREIGN.search(word) or "HNK" in word]


def test_letters_name_the_antigen_that_is_there(records: list[RunRecord]) -> None:
    """The text for the clinic, printed and as a letter."""
    for record in records[:2]:
        for sample in record.samples:
            rows = letter_rows(record, sample.sample_id)
            for text in (letter_text(rows), _text("letter.pdf", letter_pdf(rows))):
                assert not FOREIGN.search(text)
                assert "GM1" in text


def test_the_same_serum_of_mag_is_told_that_hnk1_is_open() -> None:
    """The kit has no HNK1 wells either, but there the question stands."""
    (record,) = case("anti_mag_kit/kit_plate").process()
    assert isinstance(record, RunRecord)
    positive = [one for one in record.samples if one.classification is SampleClass.POSITIVE_HNK1_NOT_TESTED]
    assert positive
    assert positive[0].explanation.startswith("MAG antibodies; HNK1")


def test_its_rules_are_listed_without_hnk1(gm1: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``titerline rules`` and ``layout check`` of the assay say nothing of it either."""
    assert main(["rules", "--assay", str(gm1)]) == 0
    listed = capsys.readouterr().out
    assert "CTL-01" in listed
    assert not re.search("CTL-03|HNK", listed)
    assert main(["layout", "check", str(gm1)]) == 0
    assert "HNK1" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("antigen", "is_it"),
    [("MAG", True), ("rhMAG-Fc", True), ("GM1", False), ("coated", False), ("Magnesium", False)],
)
def test_what_counts_as_mag(antigen: str, is_it: bool) -> None:  # noqa: FBT001 - a table of cases
    """Preparations of MAG are MAG, whatever stands around the word."""
    assert is_mag(antigen) is is_it
