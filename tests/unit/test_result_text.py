"""What a result says to a clinic: one number, words that fit the class, one sentence; the same everywhere."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pdf_text import pages

from pipeline import cli
from pipeline.compute.sample.result_text import reported, with_result_text
from pipeline.compute.sample.wording import level_comment
from pipeline.definitions import load_definition
from pipeline.domain.assay import Assay
from pipeline.domain.codes.classes import Outcome, SampleClass
from pipeline.domain.codes.flags import Flag
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.record import ReportStyle, RunRecord
from pipeline.domain.results import SampleResult, Titer
from pipeline.record.document import to_json
from pipeline.report import render
from pipeline.report.tables.columns import facts
from pipeline.report.tables.sample_columns import FACTS, SMALL, rows_of
from pipeline.report.tables.sample_words import clear_negative

NARROW = "\u202f"


@pytest.fixture(scope="module")
def assay(root: Path) -> Assay:
    """The flagship."""
    return load_definition(root / "plate_layouts" / "anti_mag_igm").assay


@pytest.fixture(scope="module")
def samples(sample_records: dict[str, RunRecord]) -> list[SampleResult]:
    """Every sample of every case."""
    return [sample for record in sample_records.values() for sample in record.samples]


@pytest.fixture(scope="module")
def files(sample_records: dict[str, RunRecord]) -> dict[str, dict[str, bytes]]:
    """All reports of every case."""
    return {name: render(record) for name, record in sample_records.items()}


def _titer(value: float, qualifier: Qualifier = Qualifier.MEASURED) -> Titer:
    return Titer(value, (value / 1.2, value * 1.2), "BTU", qualifier, "m", "t")


@pytest.mark.parametrize("classification", list(SampleClass))
def test_the_comment_of_a_level_depends_on_the_class(assay: Assay, classification: SampleClass) -> None:
    """What is known of sera that bind HNK1 never stands beside a doubt about it, nor beside no antibodies."""
    comment = level_comment(classification, _titer(20_000), assay.cutoff)
    if classification.means.outcome is not Outcome.POSITIVE:
        assert comment is None
    else:
        assert comment is not None
        assert ("associated" in comment) == (not classification.means.hnk1_in_doubt)
        assert "10 000 to 69 999 BTU" in comment


def test_no_doubt_stands_beside_an_association(samples: list[SampleResult]) -> None:
    """Over all cases, in comment and sentence; both kinds occur."""
    doubted = [sample for sample in samples if sample.classification.means.hnk1_in_doubt]
    assert any((sample.titer.value or 0) > 10_000 for sample in doubted)
    assert not any("associated" in f"{one.level_comment} {one.result_text}" for one in doubted)
    assert any("associated" in sample.result_text for sample in samples)


def test_a_bound_below_the_highest_level_says_at_least(assay: Assay) -> None:
    """A titer of at least 27 000 may lie in a higher level."""
    kind = SampleClass.POSITIVE_HNK1_CONFIRMED
    least = level_comment(kind, _titer(27_000, Qualifier.AT_LEAST), assay.cutoff)
    assert least is not None
    assert least.startswith("at least: ")
    most = level_comment(kind, _titer(80_000, Qualifier.AT_LEAST), assay.cutoff)
    assert most is not None
    assert most.startswith("high: ")


def test_a_clear_negative_has_no_shares_and_ratios(sample_records: dict[str, RunRecord]) -> None:
    """Of noise they would be read as findings: not on page and PDF, nor in CSV; the record keeps them."""
    seen = 0
    for record in sample_records.values():
        for row in rows_of(record):
            if clear_negative(row.sample):
                seen += 1
                texts = [text for _, text in (*facts(FACTS, row), *facts(SMALL, row))]
                assert not any("%" in text.replace("95 % CI", "") or "parallel" in text for text in texts)
                assert "%" not in row.sample.result_text.replace("95 % interval", "")
                assert row.sample.antigen_negative.specific_fraction is not None
    assert seen >= 5


def test_a_non_specific_serum_has_no_number_in_units(
    sample_records: dict[str, RunRecord], files: dict[str, dict[str, bytes]]
) -> None:
    """Neither as titer nor by a dilution: what was read is not the antibody."""
    seen = 0
    for name, record in sample_records.items():
        book = load_workbook(io.BytesIO(files[name]["results.xlsx"]))
        lines = list(book["Dilutions"].iter_rows(values_only=True))
        heading = lines[0].index("Titer, BTU") if "Titer, BTU" in lines[0] else None
        for sample in record.samples:
            if sample.classification is SampleClass.NONSPECIFIC_BINDING:
                seen += 1
                assert sample.titer.value is None
                assert sample.titer_reported == "no titer: non-specific binding"
                assert "BTU" not in sample.result_text.replace("below 1000 BTU", "")
                assert heading is not None
                assert {line[heading] for line in lines if line[0] == sample.sample_id} == {None}
    assert seen >= 3


def test_there_is_one_result_and_the_others_are_small_print(sample_records: dict[str, RunRecord]) -> None:
    """Endpoint and cut-off titers say that they are dilutions, and stand apart from the titer."""
    for record in sample_records.values():
        for row in rows_of(record):
            labels = [label for label, _ in facts(FACTS, row) if "titer" in label.casefold()]
            assert labels[0] == "Titer (95 % interval)"
            assert not any("Endpoint" in label or "Cut-off" in label for label in labels)
            small = [label for label, _ in facts(SMALL, row) if "titer" in label]
            assert small
            assert all("reciprocal dilution" in label for label in small)


def test_a_hook_is_in_the_sentence(samples: list[SampleResult]) -> None:
    """Who reads the titer learns that the first dilutions did not make it."""
    hooked = [one for one in samples if Flag.HOOK in one.flags and one.titer.value is not None]
    assert hooked
    for sample in hooked:
        assert "(hook); the titer comes from the others." in sample.explanation
        assert not sample.reportable or "beyond a hook" in sample.result_text


def test_the_titer_reported_is_the_same_everywhere(
    sample_records: dict[str, RunRecord], files: dict[str, dict[str, bytes]]
) -> None:
    """JSON, CSV, workbook, page and PDF: three significant digits, a bound rounded outwards."""
    for name, record in sample_records.items():
        rows = csv.DictReader(io.StringIO(files[name]["results.csv"].decode("utf-8-sig"), newline=""))
        page, pdf = _digits(files[name]["report.html"].decode()), _digits(_pdf(files[name]["report.pdf"]))
        book = load_workbook(io.BytesIO(files[name]["results.xlsx"]))
        cells = _digits(
            " ".join(str(c) for line in book["Summary"].iter_rows(values_only=True) for c in line)
        )
        for sample, row in zip(record.samples, rows, strict=True):
            assert row["titer_reported"] == sample.titer_reported == reported(sample.titer)
            if sample.titer.value is not None:
                shown = _digits(f"{sample.titer_reported} {sample.titer.unit}".replace(">=", "\u2265"))
                assert shown in page, (name, shown)
                assert shown in pdf, (name, shown)
                assert shown in cells, (name, shown)


def _digits(text: str) -> str:
    """Without spaces, by which page and files differ."""
    return re.sub(r"\s", "", text.replace("&lt;", "<"))


def _pdf(data: bytes) -> str:
    return " ".join(text for page in pages(data) for text in page)


@pytest.mark.parametrize(
    ("value", "qualifier", "expected"),
    [
        (24_849.0, Qualifier.MEASURED, "24800"),
        (24_850.0, Qualifier.MEASURED, "24900"),
        (64.55, Qualifier.MEASURED, "64.6"),
        (0.45678, Qualifier.MEASURED, "0.457"),
        (151.2, Qualifier.BELOW, "< 152"),
        (70_499.0, Qualifier.AT_LEAST, ">= 70400"),
    ],
)
def test_a_reported_titer_has_three_digits(value: float, qualifier: Qualifier, expected: str) -> None:
    """A half is rounded up; a printed bound holds for the number behind it."""
    assert reported(_titer(value, qualifier)) == expected


def test_files_for_machines_have_no_narrow_spaces(files: dict[str, dict[str, bytes]]) -> None:
    """A LIMS that knows Latin letters alone can read every CSV file, and the texts that are made for it."""
    for reports in files.values():
        assert NARROW not in reports["results.csv"].decode("utf-8-sig")
        assert NARROW not in reports["worklist.csv"].decode("utf-8-sig")
        for sample in json.loads(reports["results.json"])["samples"]:
            assert NARROW not in sample["titer_reported"] + sample["result_text"]


def test_the_sentence_of_a_positive_serum(samples: list[SampleResult]) -> None:
    """Number with interval, reference, HNK1, comment, method; one sentence."""
    confirmed = next(one for one in samples if one.sample_id == "SYN-0101")
    assert confirmed.result_text == (
        "Anti-MAG IgM: Positive, HNK1 confirmed, 41 900 BTU (95 % interval 35 800 to 49 000); "
        "reference below 1000 BTU; level: strongly associated with demyelinating neuropathy: "
        "10 000 to 69 999 BTU; method: ELISA on MAG, wells without antigen subtracted at each dilution; "
        "HNK1 by direct binding."
    )
    for sample in samples:
        assert sample.result_text.endswith(".")
        assert sample.reportable == ("no result to report" not in sample.result_text)


def test_a_result_that_may_not_leave_says_so(assay: Assay, samples: list[SampleResult]) -> None:
    """In place of a number stands why there is none to report."""
    sample = next(one for one in samples if one.classification is SampleClass.REPEAT)
    text = with_result_text(sample, assay).result_text
    assert text.startswith("Anti-MAG IgM (ELISA on MAG")
    assert text.endswith(f"no result to report: {sample.explanation}")
    plain = assay.model_copy(update={"method": None, "measured": None})
    assert with_result_text(sample, plain).result_text.startswith(f"{assay.title}: no result")


def test_the_sentence_is_said_in_german(sample_records: dict[str, RunRecord]) -> None:
    """Page and PDF say it in the language of the report, with its decimal sign; the record keeps English."""
    record = replace(sample_records["clean_plate, Plate1"], reports=ReportStyle("de", ","))
    shown = _digits(render(record)["report.html"].decode())
    text = (
        "Anti-MAG IgM: Positiv, HNK1 bestätigt, 41 900 BTU (95-%-Intervall 35 800 bis 49 000); Referenz below"
    )
    assert _digits(text) in shown
    assert "Positive, HNK1 confirmed" in record.samples[0].result_text


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, sample_records: dict[str, RunRecord]) -> Path:
    """A folder of results with one run in German."""
    record = replace(sample_records["clean_plate, Plate1"], reports=ReportStyle("de", ","))
    place = tmp_path_factory.mktemp("results") / record.run.id
    place.mkdir()
    (place / "results.json").write_bytes(to_json(record))
    return place


def test_a_letter_of_one_sample(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the folder of the run: the text on the screen, and a page to sign."""
    out = tmp_path / "letter.pdf"
    assert cli.main(["letter", str(folder), "--sample", "SYN-0101", "-o", str(out)]) == 0
    assert capsys.readouterr().out.startswith("SYN-0101 (S1): Anti-MAG IgM: Positiv, HNK1 bestätigt, 41 900")
    (page,) = pages(out.read_bytes())
    text = _digits(" ".join(page))
    for words in ("SYN-0101", "Positiv, HNK1 bestätigt", "41 900 BTU (35 800 bis 49 000)", folder.name):
        assert _digits(words) in text
    assert "SYN-0108" not in text


def test_a_letter_as_a_document(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the id of the run, beside its folder; the document is English, as the record is."""
    arguments = ["letter", folder.name, "--in", str(folder.parent), "--sample", "SYN-0122", "--json"]
    assert cli.main(arguments) == 0
    document = json.loads(capsys.readouterr().out)
    (sample,) = document["samples"]
    assert (document["schema"], document["run"]) == ("titerline.letter/1", folder.name)
    assert sample["titer_reported"].startswith("< ")
    assert sample["result_text"].startswith("Anti-MAG IgM: Negative, < ")


@pytest.mark.parametrize(
    ("run", "sample", "said"),
    [(None, "SYN-O101", "nearest: 'SYN-0101'"), ("nowhere", "SYN-0101", "no finished run 'nowhere'")],
)
def test_a_letter_of_nothing_is_refused(
    folder: Path, run: str | None, sample: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip in the id names the nearest one, a slip in the run what is expected."""
    assert cli.main(["letter", run or str(folder), "--sample", sample]) == 2
    assert said in capsys.readouterr().err
