"""titerline trends: the past runs as numbers, the page, and the judgement of a new run."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.compute.past.control_chart import ChartSettings
from pipeline.compute.past.past_run import past_run
from pipeline.compute.past.run_events import run_events
from pipeline.compute.past.trends import trends
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.findings import RunVerdict
from pipeline.domain.history import History, PastRun, PastValue
from pipeline.errors import InputError
from pipeline.record.document import to_json
from pipeline.report.trends.charts import LARGE, rules_by_run, trend_scene
from pipeline.report.trends.document import trends_document
from pipeline.report.trends.page import overview, trends_page
from pipeline.report.trends.words import episodes, shown_value
from pipeline.runs.history import read_history

SETTINGS = ChartSettings()
Put = Callable[..., None]


@pytest.fixture
def put(tmp_path: Path, factory: ModuleType) -> Put:
    """Publish a run whose PC1 has this titer."""

    def publish(run: str, titer: float | None, **options: Any) -> None:
        record = factory.run_record()
        first, second, third = record.controls
        changed = replace(
            second.result.titer, value=titer, qualifier=Qualifier(options.get("qualifier", "="))
        )
        second = replace(second, result=replace(second.result, titer=changed))
        info = replace(
            record.run,
            id=run,
            assay=options.get("assay", "anti_mag_igm"),
            unit=options.get("unit", "BTU"),
            supersedes=options.get("supersedes"),
            processed_at=options.get("at", "2026-06-01T09:00:00+01:00"),
        )
        made = replace(
            record,
            run=info,
            verdict=options.get("verdict", RunVerdict.ACCEPTED),
            controls=(first, second, third),
            curves=options.get("curves", record.curves),
        )
        (tmp_path / run).mkdir()
        (tmp_path / run / "results.json").write_bytes(to_json(made))

    return publish


def _history(*titers: float | None, rejected: tuple[int, ...] = ()) -> History:
    """One positive control, a run a day."""
    return History(
        "anti_mag_igm", "BTU", tuple(_run(n, titer, n in rejected) for n, titer in enumerate(titers))
    )


def _run(n: int, titer: float | None, rejected: bool) -> PastRun:  # noqa: FBT001 - a maker of test data
    value = None if titer is None else math.log(titer)
    reading = PastValue(value, "ln", None if titer is not None else "no titer: hook <b>")
    verdict = RunVerdict.REJECTED if rejected else RunVerdict.ACCEPTED
    day = f"2026-{1 + n // 28:02}-{1 + n % 28:02}T09:00:00Z"
    return PastRun(f"run-{n:03}", "P", day, "1.2", verdict, {"PC1": reading}, {})


def _steady(n: int, seed: int = 1) -> list[float | None]:
    """In control: scatter of 10 % around 10 000, never beyond 1.7 SD."""
    rng = random.Random(seed)  # noqa: S311 - test data
    return [10_000 * math.exp(0.1 * max(min(rng.gauss(0, 1), 1.7), -1.7)) for _ in range(n)]


def _word(history: History) -> str:
    return overview(history, trends(history, SETTINGS), 10).word.text


def test_a_record_becomes_its_numbers(factory: ModuleType) -> None:
    """Controls as ln titer, the negative one as net OD, curve, blank and antigen-negative background."""
    record = factory.run_record()
    run = past_run(record)
    assert run.controls["PC1"].value == pytest.approx(math.log(record.controls[1].result.titer.value))
    assert run.controls["NC"].measure == "OD"
    assert run.controls["NC"].value == record.controls[0].result.dilutions[0].net_od
    assert run.quantities["ec50"] == PastValue(math.log(6000.0), "ln", None, "4pl")
    assert run.quantities["upper"] == PastValue(2.9, "OD", None, "4pl")
    assert run.quantities["blank"].value == 0.051
    ods = [sample.dilutions[0].od["none"].mean for sample in record.samples]
    assert run.quantities["background"].value == pytest.approx(sum(ods) / len(ods))


def test_what_is_not_there_is_said(factory: ModuleType) -> None:
    """A bound is no measurement, a failed curve has no parameters: no value, with the reason."""
    record = factory.run_record(fit=factory.failed_curve(), samples=())
    controls = tuple(
        replace(
            c,
            result=replace(
                c.result, titer=replace(c.result.titer, qualifier=Qualifier.AT_LEAST, text=">= 70000")
            ),
        )
        for c in record.controls
    )
    run = past_run(replace(record, controls=controls, blanks=()))
    assert run.controls["PC1"] == PastValue(None, "ln", ">= 70000")
    assert run.quantities["ec50"].value is None
    assert run.quantities["ec50"].reason == record.curves[0].failure
    assert {run.quantities[name].value for name in ("blank", "background")} == {None}


def test_runs_come_in_the_order_of_time_without_replaced_ones(put: Put, tmp_path: Path) -> None:
    """By the instant, across time zones; a superseded run is counted, another assay's is not there."""
    put("c", 10_000.0, at="2026-06-01T09:00:00+02:00")
    put("a", 11_000.0, at="2026-06-01T08:30:00+00:00")
    put("b", 12_000.0, at="2026-05-01T08:00:00+00:00", supersedes="wrong")
    put("wrong", 1.0, at="2026-05-01T07:00:00+00:00")
    put("other", 1.0, assay="generic_elisa", unit="AU/mL")
    (tmp_path / ".half").mkdir()
    (tmp_path / ".half" / "results.json").write_bytes(b"{")
    found = read_history(tmp_path, "anti_mag_igm")
    assert [run.id for run in found.runs] == ["b", "c", "a"]
    assert found.superseded == 1


def test_no_run_and_two_units_are_refused(put: Put, tmp_path: Path) -> None:
    """Neither an empty chart nor one that joins BTU with titers."""
    with pytest.raises(InputError, match="no run"):
        read_history(tmp_path, "anti_mag_igm")
    put("a", 1.0)
    put("b", 1.0, unit="titer")
    with pytest.raises(InputError, match="different units"):
        read_history(tmp_path, "anti_mag_igm")


def test_in_control_look_at_this_and_provisional() -> None:
    """The three answers; 19 accepted runs are provisional, 20 are not."""
    assert _word(_history(*_steady(40))) == "In control"
    assert _word(_history(*_steady(40), 15_000.0)) == "Look at this"
    assert _word(_history(*_steady(19))) == "Provisional: 19 runs"
    assert _word(_history(*_steady(20))) == "In control"
    assert _word(_history(*[None] * 30)) == "Provisional: 0 runs"


def test_what_was_long_ago_does_not_alarm() -> None:
    """A far value of 11 runs ago is history, and stays listed."""
    steady = _steady(31)
    long_ago = _history(*steady[:20], 15_000.0, *steady[20:])
    assert _word(long_ago) == "In control"
    assert "1-3s" in trends_page(long_ago, trends(long_ago, SETTINGS), recent=10).decode()
    assert _word(_history(*steady[:21], 15_000.0, *steady[22:])) == "Look at this"


def test_rejected_runs_were_measured() -> None:
    """Five runs rejected in a row with a control far too low are no assay in control."""
    history = _history(*_steady(30), *[4_500.0] * 5, rejected=(30, 31, 32, 33, 34))
    view = overview(history, trends(history, SETTINGS), 3)
    assert view.word.text == "Look at this"
    assert view.why.startswith("PC1: titer too low since 2026-02-03 (run run-030): ")
    assert view.action != "Nothing."


def test_nothing_to_do_only_after_a_clean_last_run() -> None:
    """A last run that QC rejected for other reasons, or warned of, is looked at; its control is right."""
    clean = _history(*_steady(31))
    assert overview(clean, trends(clean, SETTINGS), 3).action == "Nothing."
    rejected = _history(*_steady(31), rejected=(30,))
    view = overview(rejected, trends(rejected, SETTINGS), 3)
    assert (view.word.text, "run-030" in view.why) == ("Look at the last run", True)
    assert view.action.startswith("Find out why")
    last = replace(clean.runs[-1], verdict=RunVerdict.ACCEPTED_WITH_WARNINGS)
    warned = replace(clean, runs=(*clean.runs[:-1], last))
    view = overview(warned, trends(warned, SETTINGS), 3)
    assert (view.word.text, view.action) == ("In control", "Read the warnings of the last run, run-030.")


def _two(first: list[float | None], second: list[float | None]) -> History:
    """Two controls; the second may be younger (shorter)."""
    runs = list(_history(*first).runs)
    start = len(first) - len(second)
    for n, titer in enumerate(second, start):
        runs[n] = replace(
            runs[n], controls={**runs[n].controls, "PC2": PastValue(math.log(titer or 1), "ln")}
        )
    return History("anti_mag_igm", "BTU", tuple(runs))


def test_a_control_with_few_runs_does_not_alarm_yet() -> None:
    """A new control is provisional beside an old one: its far values are marked, the answer says so."""
    young = _two(_steady(40), [*_steady(17, seed=3), 30_000.0])
    view = overview(young, trends(young, SETTINGS), 10)
    assert view.word.text == "In control"
    assert "still provisional: 1" in view.why
    assert any(one.charts == ("PC2",) for one in episodes(trends(young, SETTINGS)))
    both = _two([*_steady(39), 15_000.0], [*_steady(17, seed=3), 30_000.0])
    assert "PC1: titer" in overview(both, trends(both, SETTINGS), 10).why


def test_the_curve_is_mentioned_but_does_not_decide() -> None:
    """An odd slope while the controls are right is worth a look, not an alarm."""
    values = [value or 1 for value in _steady(31)]
    slopes = [*values[:30], 20_000.0]
    runs = [
        replace(run, quantities={"slope": PastValue(math.log(slope), "ln")})
        for run, slope in zip(_history(*values).runs, slopes, strict=True)
    ]
    history = History("anti_mag_igm", "BTU", tuple(runs))
    view = overview(history, trends(history, SETTINGS), 10)
    assert view.word.text == "In control"
    assert "slope of the curve" in view.why


def test_a_drift_is_one_event_with_its_beginning() -> None:
    """The manager reads since when, by which rules, and that it is a shift; not twelve lines of it."""
    history = _history(*_steady(30), *[10_000 * math.exp(-0.02 * n) for n in range(1, 21)])
    found = trends(history, SETTINGS)
    view = overview(history, found, 10)
    assert view.why.startswith("PC1: titer too low since 2026-")
    assert "10x" in view.why
    assert view.action.startswith("A lasting shift or drift")
    lasting = [one for one in episodes(found) if one.rule.value == "10x" and one.last == 49]
    assert len(lasting) == 1
    assert lasting[0].first - lasting[0].start == 9


def test_far_values_close_together_are_one_line() -> None:
    """Every second run beyond 3 SD is one fault with three runs, not three faults."""
    history = _history(*_steady(30), 15_000.0, 10_000.0, 15_500.0, 10_000.0, 15_000.0, *_steady(12), 15_000.0)
    found = [one.runs for one in episodes(trends(history, SETTINGS)) if one.rule.value == "1-3s"]
    assert found == [(47,), (30, 32, 34)]


def test_a_gap_is_drawn_and_said() -> None:
    """Runs without a value are a mark, a break of the line and a sentence with the reason."""
    values = _steady(30)
    values[12] = None
    history = _history(*values)
    found = trends(history, SETTINGS)
    scene = trend_scene(found.controls[0], history.runs, 0, LARGE)
    assert [mark.title for mark in scene.marks if not mark.filled] == [
        "run-012: no value, no titer: hook <b>"
    ]
    assert len([line for line in scene.lines if line.colour == "#9AA5AD"]) == 2
    page = trends_page(history, found, recent=10).decode()
    assert "No value in 1 run: run-012 (no titer: hook &lt;b&gt;)" in page


def test_marks_differ_in_shape_and_the_rule_is_written() -> None:
    """In a greyscale print a broken rule is still a diamond with its name, a rejected run a cross."""
    history = _history(*_steady(30), 15_000.0, 10_000.0, 9_900.0, rejected=(31,))
    found = trends(history, SETTINGS)
    scene = trend_scene(found.controls[0], history.runs, 0, LARGE)
    assert [mark.shape for mark in scene.marks[-3:]] == ["diamond", "cross", "circle"]
    assert any(label.text.startswith("1-3s") for label in scene.labels)
    assert [rule.value for rule in rules_by_run(found.controls[0])[30]] == ["1-3s"]
    assert {"mean", "+1 SD", "\u22123 SD"} <= {label.text for label in scene.labels}


def test_the_first_runs_can_be_read_before_there_are_limits() -> None:
    """With fewer than five runs the axis names the lowest, middle and highest value; one run has its own."""
    history = _history(3000.0, 3100.0, 3200.0)
    labels = trend_scene(trends(history, SETTINGS).controls[0], history.runs, 0, LARGE).labels
    values = {shown_value(math.log(titer), "ln") for titer in (3000, 3100, 3200)}
    assert {"lowest", "highest", *values} <= {label.text for label in labels}
    alone = _history(3000.0)
    labels = trend_scene(trends(alone, SETTINGS).controls[0], alone.runs, 0, LARGE).labels
    assert shown_value(math.log(3000), "ln") in {label.text for label in labels}


def test_a_new_version_of_the_assay_is_marked() -> None:
    """Was it the new version? A line stands before its first run."""
    history = _history(*_steady(30))
    runs = [replace(run, assay_version="1.3") if n >= 25 else run for n, run in enumerate(history.runs)]
    scene = trend_scene(trends(history, SETTINGS).controls[0], runs, 0, LARGE, run_events(runs))
    assert [label.text for label in scene.labels if label.text.startswith("assay")] == ["assay 1.3"]


def test_an_extreme_value_does_not_flatten_the_chart() -> None:
    """A value 40 SD away is drawn at the edge with its z."""
    history = _history(*_steady(30), 1e6)
    scene = trend_scene(trends(history, SETTINGS).controls[0], history.runs, 0, LARGE)
    assert any(re.search(r"z \+\d\d", label.text) for label in scene.labels)
    assert all(0 <= mark.y <= LARGE[1] for mark in scene.marks)


class _Outside(HTMLParser):
    """Collects what would load something or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "link", "img", "iframe", "b") and attrs:
            self.found.append(tag)
        self.found += [name for name, _ in attrs if name in ("src", "href") or name.startswith("on")]


def test_the_page_is_self_contained_and_escaped() -> None:
    """No script, no outside file, and a hostile control name is text."""
    hostile = "<img src=x onerror=alert(1)>"
    runs = [
        PastRun(f"r{n}{hostile}", "P", "", "1", RunVerdict.ACCEPTED, {hostile: PastValue(v, "ln")}, {})
        for n, v in enumerate([math.log(t) for t in _steady(30) if t] + [20.0])
    ]
    history = History(hostile, hostile, tuple(runs))
    page = trends_page(history, trends(history, SETTINGS), recent=10).decode()
    parser = _Outside()
    parser.feed(page)
    assert not parser.found
    assert "<img" not in page
    assert "&lt;img" in page


@pytest.mark.parametrize("titers", [[10_000.0], [10_000.0] * 25, [None], [None, 1.0]])
def test_odd_histories_still_make_a_page(titers: list[float | None]) -> None:
    """One run, equal runs, no value at all: a page that says so."""
    history = _history(*titers)
    page = trends_page(history, trends(history, SETTINGS), recent=3).decode()
    assert re.search(r"No limits: |no run has a value", page)


def test_the_page_of_many_runs_shows_the_last_hundred() -> None:
    """300 runs: 100 are drawn and the page says so; the JSON has all."""
    history = _history(*_steady(300))
    found = trends(history, SETTINGS)
    assert "The last 100 of 300 runs" in trends_page(history, found, recent=10).decode()
    document: Any = trends_document(history, found, recent=10)
    assert len(document["controls"][0]["points"]) == 300


def test_the_command_writes_the_page_and_prints_the_answer(
    put: Put, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line on the screen, one file, and JSON that a machine reads."""
    for n, titer in enumerate(_steady(25)):
        put(f"r{n:02}", titer, at=f"2026-06-{n + 1:02}T09:00:00Z")
    page = tmp_path / "trends.html"
    arguments = ["trends", str(tmp_path), "--assay", "anti_mag_igm"]
    assert main([*arguments, "-o", str(page)]) == 0
    assert capsys.readouterr().out.startswith("In control.")
    assert b"In control" in page.read_bytes()
    assert main([*arguments, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["verdict"], document["runs"]) == ("In control", 25)


@pytest.mark.parametrize(
    ("extra", "text"), [([], "nothing to write"), (["--json", "--reference", "5"], "--reference")]
)
def test_settings_that_mean_nothing_are_refused(
    extra: list[str], text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A reference of five runs is no reference; no output is no work."""
    assert main(["trends", str(tmp_path), "--assay", "a", *extra]) == 2
    assert text in capsys.readouterr().err
