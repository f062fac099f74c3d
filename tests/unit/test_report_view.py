"""Words, numbers and drawings of the reports."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import pytest
from contrast import contrast

from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.codes.unused import WellUnused
from pipeline.domain.findings import Verdict
from pipeline.domain.record import RunRecord
from pipeline.report.drawing import charts
from pipeline.report.drawing.platemap import plate_scene, shade, well_title
from pipeline.report.drawing.scene import Scale
from pipeline.report.first_page import view
from pipeline.report.tables import quality
from pipeline.report.tables import results as tables
from pipeline.report.tables.columns import table_of
from pipeline.report.tables.control_columns import control_lines, controls
from pipeline.report.tables.dilution_columns import card_columns, steps_of
from pipeline.report.tables.provenance import flatten, provenance
from pipeline.report.tables.sample_columns import PAGE, rows_of
from pipeline.report.tables.sample_words import titer_line
from pipeline.report.words.text import MAX_CELL, safe_text, short, visible
from pipeline.report.words.tones import TONES, Format, Tone, Word, as_date, number, show


@pytest.mark.parametrize("tone", TONES, ids=lambda tone: tone.name)
def test_text_is_legible(tone: Tone) -> None:
    """Every text stands out from its ground by at least 4.5 to 1."""
    for text, ground in ((tone.text, "#FFFFFF"), (tone.text, tone.pale), (tone.ink, tone.colour)):
        assert contrast(text, ground) >= 4.5


def test_no_two_tones_share_a_symbol() -> None:
    """A greyscale print tells the tones apart."""
    assert len({tone.symbol for tone in TONES}) == len(TONES)


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (12345.6, Format.TITER, "12\u202f300"),
        (999.6, Format.TITER, "1\u202f000"),
        (0.0456, Format.TITER, "0.0456"),
        (0.0, Format.TITER, "0"),
        (1.23456, Format.OD, "1.235"),
        (-0.0123, Format.OD, "\u22120.012"),
        (7.25, Format.PERCENT, "7.3"),
        (20.0, Format.GENERAL, "20"),
        (118098.0, Format.DILUTION, "118\u202f098"),
        (2.5, Format.DILUTION, "2.5"),
        (0.00002, Format.P, "2.0e\u221205"),
    ],
)
def test_numbers_read_well(value: float, form: Format, text: str) -> None:
    """Titers have three significant digits, ODs three decimals, dilutions all their digits."""
    assert number(value, form) == text


def test_absent_is_a_dash_and_never_a_zero() -> None:
    """What does not apply is visible as such."""
    assert show(None, Format.TITER) == "\u2013"


def test_a_typed_date_is_a_date_and_anything_else_stays_text() -> None:
    """Only a plain ISO date is taken for one."""
    assert show(as_date("2026-02-14")) == "2026-02-14"
    assert as_date("14.2.26") == "14.2.26"
    assert as_date("2026-02-31") == "2026-02-31"


def test_hidden_characters_are_shown() -> None:
    """A bell, a direction mark and a damaged name can be seen."""
    assert visible("a\x07b\u202ec\ud800") == "a\u2407b<U+202E>c<U+D800>"
    assert short("abcdef", 4) == "abc\u2026"


def test_a_text_that_excel_would_cut_says_so() -> None:
    """Nothing is cut without a note."""
    cut = safe_text("x" * 40_000)
    assert len(cut) == MAX_CELL
    assert cut.endswith("[cut: 40000 characters]")


def test_the_first_page_of_a_rejected_run_says_why(factory: ModuleType) -> None:
    """The reason and the action stand on the first page."""
    page = view.overview(factory.run_record(fail=True))
    assert page.word == Word("Rejected", page.word.tone)
    assert page.why.startswith("1 check failed: Control out of range, PC2: PC2 reads 141 %")
    assert page.action.startswith("Do not report")


def test_an_accepted_run_counts_its_checks(record: RunRecord) -> None:
    """A pass proves what was checked."""
    passed = tuple(f for f in record.findings if f.verdict is Verdict.PASS)
    page = view.overview(replace(record, findings=passed))
    assert page.why == f"{len(passed)} checks passed, none failed."


def test_many_fails_are_quoted_in_part_and_counted(record: RunRecord) -> None:
    """The first page stays short and says how many more there are; what has no second title is in quotes."""
    fail = replace(record.findings[0], verdict=Verdict.FAIL, message="Out of limits")
    page = view.overview(replace(record, findings=(fail,) * 8))
    assert page.why.startswith(
        "8 checks failed: \u201cCalibrators are recovered\u201d, CAL1: Out of limits. "
    )
    assert "And 5 more" in page.why


def test_counts_add_up_or_the_page_says_so(record: RunRecord) -> None:
    """Wells and samples in equal wells and samples out."""
    counts = dict(view.overview(record).counts)
    parts = ("Wells used", "Wells not used, each with a reason", "Wells outside the layout")
    assert sum(counts[part] for part in parts) == counts["Wells on the plate"] == 96
    assert view.overview(record).balance.text.startswith("In = out")
    lost = replace(record, wells=record.wells[:-1], samples=record.samples[1:])
    assert view.overview(lost).balance.text == "In is not out: 1 well and 1 sample without a line"


def test_a_slot_without_a_sample_is_counted_and_not_crossed(record: RunRecord) -> None:
    """A half-filled plate is no fault: its empty slots are listed, but nothing is missing."""
    empty = WellUnused.EMPTY_SLOT
    wells = tuple(
        replace(well, used=False, od=None, reason=empty.means.words, unused=empty)
        if well.name == "S4"
        else well
        for well in record.wells
    )
    half = replace(record, wells=wells, samples=record.samples[:3])
    page = view.overview(half)
    assert page.balance.text.startswith("In = out")
    assert dict(page.counts)["Slots without a sample"] == 1
    assert dict(page.counts)["Wells of slots without a sample"] == 16
    assert quality.crossed_wells(half) == {"C5"}
    assert len(quality.exclusions(half).rows) == 17
    assert len(quality.exclusion_lines(half).rows) == 2


def test_every_table_row_fills_its_columns(factory: ModuleType) -> None:
    """No table has a cell without a heading or a heading without a cell."""
    record = factory.run_record(fail=True)
    fit = record.curves[0]
    all_tables = [
        table_of("Samples", PAGE, rows_of(record)),
        controls(record),
        control_lines(record),
        tables.blanks(record),
        table_of("", card_columns(["MAG"], "BTU"), steps_of(record.samples[:1])),
        tables.parameters(fit),
        tables.calibrators(fit),
        tables.curve_line(fit),
        quality.findings(record.findings),
        quality.finding_lines(record.findings),
        quality.exclusions(record),
        quality.exclusion_lines(record),
        tables.wells(record),
        *provenance(record),
    ]
    for table in all_tables:
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.columns)}, table.title


def test_findings_stand_worst_first(factory: ModuleType) -> None:
    """A fail is never below a pass."""
    rows = quality.findings(factory.run_record(fail=True).findings).rows
    words = [row[0].text for row in rows if isinstance(row[0], Word)]
    assert list(dict.fromkeys(words)) == ["fail", "warning", "not evaluated", "pass"]


def test_excluded_wells_are_listed_with_their_reason(record: RunRecord) -> None:
    """Every well of the layout that was not used says why."""
    rows = quality.exclusions(record).rows
    assert [show(row[0]) for row in rows] == ["\u2716 C5", "\u2716 F9"]
    assert rows[0][2] == "above the reader's range (OVRFLW)"


def test_an_open_interval_is_said_in_words() -> None:
    """A side that the data do not bound is not an empty cell."""
    assert tables.interval((1.0, None)) == (1.0, "not bounded")
    assert tables.interval(None) == (None, None)


def test_titer_line_has_sign_unit_and_interval(record: RunRecord) -> None:
    """The line of a sample can be read aloud."""
    sample = record.samples[0]
    assert titer_line(sample).replace("\u00a0", " ") == "14\u202f500 BTU (12\u202f600 to 16\u202f700)"
    above = replace(sample, titer=replace(sample.titer, qualifier=Qualifier.AT_LEAST, ci95=None))
    assert titer_line(above).replace("\u00a0", " ") == "\u2265 14\u202f500 BTU"


def test_a_sample_without_a_number_says_so(record: RunRecord) -> None:
    """Words stand in place of a titer that does not exist."""
    assert titer_line(record.samples[1]) == "no titer: non-specific binding"


def test_all_classes_of_the_contract_have_words() -> None:
    """No class is shown as a bare code."""
    contract = (
        "INVALID REPEAT NONSPECIFIC_BINDING INDETERMINATE POSITIVE_HNK1_CONFIRMED "
        "POSITIVE_HNK1_NOT_CONFIRMED POSITIVE_HNK1_INDETERMINATE POSITIVE_HNK1_NOT_TESTED "
        "NEGATIVE_MAG_HNK1_REACTIVE NEGATIVE POSITIVE QUANTIFIED"
    )
    assert {one.value for one in SampleClass} == set(contract.split())


def test_settings_are_flattened_with_their_types() -> None:
    """Numbers stay numbers, lists become one line, lists of tables get numbers in their path."""
    nested = {"a": {"b": 1.5}, "c": ["x", "y"], "d": [{"e": True}], "f": {}}
    assert dict(flatten(nested)) == {"a.b": 1.5, "c": "x, y", "d.1.e": True, "f": None}


def test_curve_scene_shows_every_calibrator_well(record: RunRecord) -> None:
    """One mark for each well, the zero standard included, and a cross for a level left out."""
    scene = charts.curve_scene(record, record.curves[0])
    assert len(scene.marks) == sum(len(level.ods) for level in record.curves[0].calibrators)
    assert [mark.shape for mark in scene.marks].count("cross") == 2
    zero = scene.marks[-1]
    assert zero.x < min(mark.x for mark in scene.marks[:-2])
    assert {"LLOQ 288", "ULOQ 70\u202f000", "0"} <= {label.text for label in scene.labels}


def test_a_failed_curve_is_drawn_without_a_line(factory: ModuleType, record: RunRecord) -> None:
    """The points are shown and the picture says that there is no curve."""
    scene = charts.curve_scene(record, factory.failed_curve())
    assert "No curve could be fitted" in {label.text for label in scene.labels}
    assert not [line for line in scene.lines if len(line.points) > 2]


def test_everything_stays_inside_the_picture(factory: ModuleType) -> None:
    """No point or label of any drawing lies outside its frame."""
    record = factory.run_record(shape=(16, 24))
    scenes = [
        charts.curve_scene(record, record.curves[0]),
        charts.dilutions_scene(record),
        charts.dilution_scene(record, record.samples[0]),
        charts.legend_scene(record),
        plate_scene(record),
    ]
    for scene in scenes:
        places = [(item.x, item.y) for item in scene.marks]
        places += [(item.x, item.y) for item in scene.labels]
        places += [(item.x + item.width, item.y + item.height) for item in scene.boxes]
        places += [point for line in scene.lines for point in line.points]
        assert all(0 <= x <= scene.width and 0 <= y <= scene.height for x, y in places), scene.description


def test_the_limit_in_the_picture_is_the_limit_of_the_rule(record: RunRecord) -> None:
    """MAG is above the dashed line exactly where its net OD exceeds the cut-off."""
    for sample in record.samples:
        scene = charts.dilution_scene(record, sample)
        dashed = next(line for line in scene.lines if line.dash)
        circles = [mark for mark in scene.marks if mark.shape == "circle"]
        steps = sorted(sample.dilutions, key=lambda step: step.dilution)
        for step, (_, limit_y), mark in zip(steps, dashed.points, circles, strict=True):
            assert step.net_od is not None
            assert step.cutoff_od is not None
            assert (mark.y < limit_y) == (step.net_od > step.cutoff_od)


def test_scales_have_round_ticks_inside() -> None:
    """Axes carry a few round numbers and none outside."""
    assert Scale(0.0, 3.2, 0, 100).ticks() == [0.0, 1.0, 2.0, 3.0]
    assert Scale(60, 110000, 0, 100, log=True).ticks() == [100.0, 1000.0, 10000.0, 100000.0]
    assert Scale(80, 600, 0, 100, log=True).ticks() == [100.0, 200.0, 500.0]


def test_a_well_tells_its_story(record: RunRecord) -> None:
    """Hovering over a well says what it is and why it was not used."""
    well = next(well for well in record.wells if well.well == "C5")
    title = "C5: sample, S1, MAG, 1:9000, above the reader's range, not used: "
    assert well_title(well) == title + "above the reader's range (OVRFLW)"
    assert shade(None, 2.0) == shade(0.0, 2.0) == "#FFFFFF"
