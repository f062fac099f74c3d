"""Rules that the printed reports keep: bounds, digits, signs, line breaks, what is counted and marked."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType

import pytest
from openpyxl import load_workbook
from pdf_text import pages

from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.findings import Finding, Verdict
from pipeline.domain.names import bound, bound_plain, bound_small
from pipeline.domain.record import RunRecord
from pipeline.report import render
from pipeline.report.drawing.charts import curve_scene, dilution_scene
from pipeline.report.first_page import view
from pipeline.report.pdf.canvas import Canvas, Properties
from pipeline.report.pdf.document import report_pdf
from pipeline.report.pdf.table import lay_out
from pipeline.report.pdf.text import wrap
from pipeline.report.tables import quality
from pipeline.report.tables import results as tables
from pipeline.report.tables.columns import Column, Table, table_of
from pipeline.report.tables.dilution_columns import StepRow, card_columns, in_titer, steps_of
from pipeline.report.tables.recovery import beyond_recovery
from pipeline.report.tables.sample_words import titer_line
from pipeline.report.words.breaks import breakable
from pipeline.report.words.text import real_minus, unbroken
from pipeline.report.words.tones import Format, Word, signed
from qc.subjects import FindingSubject, control, two_controls

SPACE = "\u202f"


@pytest.fixture
def canvas() -> Iterator[Canvas]:
    """An empty page in English."""
    made = Canvas(Properties("t", "s", "a", "c", "2026-01-01T12:00:00+00:00", "f"))
    yield made
    made.finish()


def _case(records: dict[str, RunRecord], name: str) -> RunRecord:
    return next(record for title, record in records.items() if title.startswith(name))


def _finding(observed: float | str | None, limit: float | None, unit: str, message: str = "") -> Finding:
    return Finding("CAL-02", "Title", "plate", Verdict.WARN, observed, limit, unit, "source", message)


@pytest.mark.parametrize("value", [1.41, 97.4, 151.0755, 400.4, 69_999.0, 1_890_000.0, 0.012345, 1004.0])
def test_a_printed_bound_holds(value: float) -> None:
    """What stands behind "at most" is never below the bound, and behind "at least" never above it."""
    above, below = (float(bound(value, up=up).replace(SPACE, "")) for up in (True, False))
    assert below <= value <= above
    assert above - below <= 0.011 * value


def test_a_bound_that_is_a_round_number_stays_it() -> None:
    """The last bits of a product of floats move no bound."""
    assert bound(300 * 1.1 / 1.1 * (1 + 2e-16), up=True) == "300"
    assert Qualifier.BELOW.bound(70_000.000000001) == f"< 70{SPACE}000"
    assert Qualifier.AT_LEAST.bound(150.2) == "\u2265 150"
    assert (bound_small(5.41e-9), bound_plain(0.0121), bound_plain(1.0)) == ("5.5e-09", "0.013", "1")


def test_the_bound_of_the_hnk1_ratio_is_not_rounded_down(sample_records: dict[str, RunRecord]) -> None:
    """Where the ratio is at most 1.4 %, the report does not say "at most 1 %"."""
    record = _case(sample_records, "to_repeat")
    texts = [number.text for sample in record.samples for number in sample.hnk1.others]
    assert "at most 1.5 %" in texts


def test_a_titer_below_the_range_is_a_bound_that_holds(record: RunRecord) -> None:
    """The table of samples rounds 151.08 up behind a "<"."""
    titer = replace(
        record.samples[0].titer, value=151.08, qualifier=Qualifier.BELOW, ci95=(None, 151.08), unit="BTU"
    )
    assert titer_line(replace(record.samples[0], titer=titer)) == "<\u00a0152\u00a0BTU"


@pytest.mark.parametrize("room", [30.0, 44.0, 60.0, 90.0])
def test_no_line_of_the_pdf_ends_inside_a_number(canvas: Canvas, room: float) -> None:
    """However narrow the column: a line ends between numbers, and in an interval only if it must."""
    text = f"14{SPACE}800\u00a0BTU (2{SPACE}280\u00a0to\u00a096{SPACE}100), 20 % of 25{SPACE}000"
    lines = wrap(canvas, text, room, 6.2)
    whole = set(re.findall(rf"[\d{SPACE}]+", text))
    assert {found for line in lines for found in re.findall(rf"[\d{SPACE}]+", line)} <= whole


def test_a_column_is_wide_enough_for_its_interval(canvas: Canvas) -> None:
    """Beside much prose, in a narrow table, an interval stays on one line."""
    interval = f"(2{SPACE}280\u00a0to\u00a096{SPACE}100)"
    columns = (Column("Control", Format.TEXT), Column("Titer", Format.PROSE), Column("Message", Format.PROSE))
    row = ("Positive control with a long name", f"14{SPACE}800\u00a0BTU {interval}", "many words " * 20)
    grid = lay_out(canvas, Table("", columns, (row,)), 250, 6.2)
    assert any(interval in line for line in grid.rows[0][1].lines)


def test_texts_are_joined_where_no_line_may_end() -> None:
    """Thousands, percent and intervals; other spaces stay."""
    assert unbroken("10 000 to 69 999 BTU") == "10\u00a0000\u00a0to\u00a069\u00a0999 BTU"
    assert unbroken("at 20 % of 3 wells") == "at 20\u00a0% of 3 wells"


def test_file_names_break_behind_signs_only() -> None:
    """Never inside a word; what is in the name stays inert."""
    assert str(breakable("failed_calibrators.txt")) == "failed_<wbr>calibrators.txt"
    assert str(breakable("<b>_x")) == "&lt;b&gt;_<wbr>x"


@pytest.mark.parametrize(
    ("observed", "limit", "unit", "shown"),
    [
        (40.793, 25.0, "%", "40.8\u00a0%"),
        (25.0412, 25.0, "%", "25.04\u00a0%"),
        (1.0, 1.0, "levels", "1\u00a0level"),
        (4.0, 1.0, "levels", "4\u00a0levels"),
        (1234.0, 1.0, "wells", f"1{SPACE}234\u00a0wells"),
        (-1.8164, 1.0, "SD", "\u22121.82\u00a0SD"),
    ],
)
def test_observed_values_have_three_digits(observed: float, limit: float, unit: str, shown: str) -> None:
    """More only where the limit is as close; counts are whole, and one is not many."""
    (row,) = quality.finding_lines([_finding(observed, limit, unit)]).rows
    assert row[3] == shown


def test_the_workbook_keeps_all_digits() -> None:
    """Rounding is for reading; the sheet QC holds the record's number."""
    (row,) = quality.findings([_finding(40.793, 25.0, "%")]).rows
    assert 40.793 in row


def test_negative_numbers_have_a_minus_sign() -> None:
    """In sentences too; names and ranges of letters keep their hyphens."""
    said = real_minus("rises by -1.8 SD (-2 to -1), p 3e-08")
    assert said == "rises by \u22121.8 SD (\u22122 to \u22121), p 3e\u221208"
    assert real_minus("S-1 and 4-1s, 2.27-fold") == "S-1 and 4-1s, 2.27-fold"
    assert (signed(-0.2, 0), signed(-0.004, 2), signed(-1.5, 1)) == ("0", "0.00", "\u22121.5")


def _of_history(rule: str, subject: FindingSubject, verdict: Verdict) -> Finding:
    return Finding(rule, "Title", subject.text, verdict, 3.2, 3.0, "SD", "source", "z", subject.about)


@pytest.mark.parametrize(("pc1_lot", "pc2_lot"), [(None, None), ("L1", "L7")])
def test_checks_of_a_control_count_its_history(
    sample_records: dict[str, RunRecord], pc1_lot: str | None, pc2_lot: str | None
) -> None:
    """A control that left its history says so in its own line, whether lots are in use or not."""
    record = _case(sample_records, "clean_plate")
    pc1, pc2 = control("PC1", pc1_lot), control("PC2", pc2_lot)
    left = _of_history("HIS-02", pc2, Verdict.WARN)
    apart = _of_history("HIS-04", two_controls(pc1, pc2), Verdict.FAIL)
    for found, words in (
        ((), {"PC1": "6 passed", "PC2": "6 passed"}),
        ((left,), {"PC1": "6 passed", "PC2": "warning (HIS-02)"}),
        ((left, apart), {"PC1": "fail (HIS-04)", "PC2": "fail (HIS-04)"}),
    ):
        judged = replace(record, findings=(*record.findings, *found))
        rows = quality.control_checks(judged).rows
        said = {str(row[0]): cell.text for row in rows if isinstance(cell := row[-1], Word)}
        assert {name: said[name] for name in words} == words


def test_no_dilution_is_part_of_a_titer_that_is_not_given(record: RunRecord) -> None:
    """On a rejected plate the strips do not say "in titer: yes"."""
    sample = record.samples[0]
    without = replace(sample, titer=replace(sample.titer, value=None))
    used = next(step for step in sample.dilutions if step.used)
    assert in_titer(StepRow(sample, used)) is True
    assert in_titer(StepRow(without, used)) == "no titer"
    assert in_titer(StepRow(without, replace(used, used=False))) is False
    strip = table_of("", card_columns(["MAG"], "BTU"), steps_of([without]))
    column = [one.heading for one in strip.columns].index("In titer")
    assert True not in [row[column] for row in strip.rows]


def test_beyond_recovery_are_the_levels_that_the_rule_counts(sample_records: dict[str, RunRecord]) -> None:
    """The first page names as many levels as rule CAL-02 found, on every plate."""
    for name, record in sample_records.items():
        found = [f.observed for f in record.findings if f.rule == "CAL-02" and f.observed is not None]
        levels = sum(len(beyond_recovery(record, fit)) for fit in record.curves)
        left_out = sum(not c.used and c.nominal > 0 for fit in record.curves for c in fit.calibrators)
        assert found in ([], [float(levels + left_out)]), name


def test_levels_beyond_recovery_are_marked(sample_records: dict[str, RunRecord]) -> None:
    """Triangles with a legend in the curve, words in the table of calibrators and on the first page."""
    record = _case(sample_records, "failed_calibrators")
    scene = curve_scene(record, record.curves[0])
    assert sum(mark.shape == "triangle" for mark in scene.marks) == 8
    assert "\u25b2 beyond its recovery limit" in [label.text for label in scene.labels]
    beyond = beyond_recovery(record, record.curves[0])
    rows = tables.calibrators(record.curves[0], beyond).rows
    words = {row[0]: cell.text for row in rows for cell in row if isinstance(cell, Word) and row[0] in beyond}
    assert words["CAL3"] == "recovery 49.6\u00a0%, limit 20\u00a0%"
    assert "CAL3: recovery 49.6\u00a0%, limit 20\u00a0%" in render(record)["report.html"].decode()


def test_fitted_calibrators_are_used_in_the_workbook(sample_records: dict[str, RunRecord]) -> None:
    """The sheet Plates says "used" of a calibrator of the fit, in range or not, "not recovered" beyond."""
    for name, signs in (
        ("clean_plate", {"\u2714"}),
        ("failed_calibrators", {"\u2714", "\u25b2 not recovered"}),
    ):
        record = _case(sample_records, name)
        plate = load_workbook(io.BytesIO(render(record)["results.xlsx"]))["Plates"]
        top = next(row[0].row for row in plate.iter_rows() if row[0].value == "Flags")
        start = next(row for row in range(top, top + 9) if plate.cell(row, 1).value == "A")
        assert {plate.cell(start + n, 2).value for n in range(7)} == signs
        assert any("no part of a titer" in str(plate.cell(row, 1).value) for row in range(top, start))


def test_wells_above_the_readers_range_are_drawn_at_the_edge(sample_records: dict[str, RunRecord]) -> None:
    """A sample whose MAG wells all read too high keeps its MAG marks: open, with words."""
    record = _case(sample_records, "to_repeat")
    sample = next(one for one in record.samples if "SATURATED" in one.flags)
    scene = dilution_scene(record, sample)
    edge = [mark for mark in scene.marks if "above the reader's range" in mark.title]
    assert len(edge) == len(sample.dilutions)
    assert not any(mark.filled for mark in edge)
    assert "above range" in [label.text for label in scene.labels]


def _open(rule: str, verdict: Verdict) -> Finding:
    return replace(_finding(None, None, ""), rule=rule, verdict=verdict)


def test_rules_are_counted_once_and_young_charts_are_named(factory: ModuleType) -> None:
    """Three controls without a past are no three open checks; a rule counts once for all its subjects."""
    none, passed = Verdict.NOT_EVALUATED, Verdict.PASS
    findings = [
        *(_open(f"HIS-0{n}", none) for n in (1, 2, 2, 2)),
        *(_open("PLT-05", none), _open("SMP-03", none), _open("SMP-03", none), _open("SMP-03", passed)),
    ]
    why = view.overview(replace(factory.run_record(), findings=tuple(findings))).why
    assert why == (
        "1 check passed, none failed; 1 rule did not apply or could not be evaluated; "
        "1 rule could be evaluated for some samples and controls only; "
        "control charts begin when there are enough accepted runs."
    )


def test_charts_with_a_past_are_not_called_young(factory: ModuleType) -> None:
    """One control that was judged by its past is enough."""
    findings = (_open("HIS-02", Verdict.NOT_EVALUATED), _open("HIS-02", Verdict.PASS))
    assert "control charts" not in view.overview(replace(factory.run_record(), findings=findings)).why


def test_signatures_of_a_large_plate_are_on_page_one(sample_records: dict[str, RunRecord]) -> None:
    """Of 384 wells too, below all samples; curve and plate map may stand behind it."""
    for name in ("clean_384", "unknowns", "failed_calibrators", "clean_plate"):
        first = pages(report_pdf(_case(sample_records, name)))[0]
        wanted = ["Samples", "Technician", "Reviewed by"]
        assert [text for text in wanted if not any(one.startswith(text) for one in first)] == [], name


def test_samples_without_a_series_need_few_pages(sample_records: dict[str, RunRecord]) -> None:
    """Thirty-eight samples with one dilution each share a table."""
    record = _case(sample_records, "unknowns")
    assert "<article" not in render(record)["report.html"].decode()
