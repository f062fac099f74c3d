"""What changed between runs, and the old lot of a control against the new one."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from pipeline.compute.past.bridges import lot_bridges
from pipeline.compute.past.control_chart import ChartSettings, bridge
from pipeline.compute.past.past_run import past_run
from pipeline.compute.past.run_events import RunEvent, run_events
from pipeline.compute.past.trends import trends
from pipeline.domain.findings import RunVerdict
from pipeline.domain.history import History, PastRun, PastValue
from pipeline.report.drawing.scene import Scale
from pipeline.report.trends.charts import LARGE, trend_scene
from pipeline.report.trends.document import trends_document
from pipeline.report.trends.flags import event_flags
from pipeline.report.trends.page import trends_page
from pipeline.report.trends.tables import bridge_word

SETTINGS = ChartSettings()
Titers = Mapping[str, tuple[float | None, str | None]]
"""Titer and lot of each control."""


def _run(day: int, titers: Titers, plate: int = 1, **changed: Any) -> PastRun:
    controls = {
        name: PastValue(None if titer is None else math.log(titer), "ln", None if titer else "hook", lot)
        for name, (titer, lot) in titers.items()
    }
    at = f"2026-{1 + day // 28:02}-{1 + day % 28:02}T{8 + plate:02}:00:00Z"
    run = PastRun(
        f"d{day}p{plate}", f"P{plate}", at, "1.2", RunVerdict.ACCEPTED, controls, {}, "0.1.0", "gen5"
    )
    return replace(run, **changed)


def _history(*runs: PastRun) -> History:
    return History("anti_mag_igm", "BTU", runs)


def _page(history: History) -> str:
    return trends_page(history, trends(history, SETTINGS), recent=3).decode()


def test_cut_off_backgrounds_and_origin_are_kept(factory: ModuleType) -> None:
    """The cut-off OD at the first dilution, the negative control's background, software and reader."""
    record = factory.run_record()
    run = past_run(record)
    assert run.quantities["cutoff"] == PastValue(record.samples[0].dilutions[0].cutoff_od, "OD")
    negative = record.controls[0].result.dilutions[0].od["none"].mean
    assert run.quantities["negative_background"] == PastValue(negative, "OD")
    assert (run.software, run.reader) == ("0.1.0", "softmax_text")
    metadata = {"instrument": "Plus 384", "serial_number": "NN 1"}
    named = past_run(replace(record, run=replace(record.run, metadata=metadata)))
    assert named.reader == "softmax_text, Plus 384, NN 1"


def test_a_sample_diluted_before_the_plate_does_not_move_the_cut_off(factory: ModuleType) -> None:
    """Its cut-off at the first dilution is another one; the plate's is the median."""
    record = factory.run_record()
    first, *others = record.samples
    steps = (replace(first.dilutions[0], cutoff_od=0.02), *first.dilutions[1:])
    moved = past_run(replace(record, samples=(replace(first, dilutions=steps), *others)))
    assert moved.quantities["cutoff"] == past_run(record).quantities["cutoff"]
    without = past_run(replace(record, samples=(), controls=()))
    assert without.quantities["cutoff"].reason == "no cut-off OD"
    assert without.quantities["negative_background"].value is None


def test_changes_are_found_by_comparing_neighbours() -> None:
    """Assay and software at each change, a return included; reader and lot when they are new."""
    runs = [_run(day, {"PC": (100.0, "L1")}) for day in range(8)]
    runs[2] = replace(runs[2], assay_version="1.3", software="")
    runs[4] = replace(runs[4], reader="tecan")
    runs[5] = _run(5, {"PC": (100.0, "L2")}, software="0.2.0")
    runs[6] = replace(runs[6], software="0.2.0", reader="tecan")
    runs[7] = replace(runs[7], software="0.2.0")
    assert run_events(runs) == (
        RunEvent(2, "assay", "1.2", "1.3"),
        RunEvent(3, "assay", "1.3", "1.2"),
        RunEvent(4, "reader", "gen5", "tecan"),
        RunEvent(5, "software", "0.1.0", "0.2.0"),
        RunEvent(5, "lot", "L1", "L2", "PC"),
    )


def test_a_new_curve_model_is_a_change() -> None:
    """A 5PL's ec50 is another quantity: its chart begins anew, and the line says why."""
    models = ["4pl", "4pl", "5pl"]
    runs = [
        _run(n, {}, quantities={"ec50": PastValue(1.0, "ln", None, model)}) for n, model in enumerate(models)
    ]
    assert run_events(runs) == (RunEvent(2, "curve", "4pl", "5pl"),)


def test_a_lot_break_stands_on_the_charts_of_both_lots_and_of_no_other_control() -> None:
    """A solid line with the new lot's name, old chart and new; a dashed one is an event of the whole run."""
    runs = [
        _run(n, {"PC1": (100.0 + n % 7, "L1" if n < 25 else "L2"), "PC2": (50.0 + n % 5, "K1")})
        for n in range(30)
    ]
    runs = [replace(run, software="0.2.0") if n >= 10 else run for n, run in enumerate(runs)]
    found = trends(_history(*runs), SETTINGS)
    scenes = {one.key.label: trend_scene(one, runs, 0, LARGE, found.events) for one in found.controls}
    words = {name: {label.text for label in scene.labels} for name, scene in scenes.items()}
    assert [name for name in words if "lot L2" in words[name]] == ["PC1, L1", "PC1, L2"]
    assert all("software 0.2.0" in texts for texts in words.values())
    upright = [line for line in scenes["PC1, L1"].lines if line.points[0][0] == line.points[-1][0]]
    assert {(line.width, line.dash) for line in upright if line.colour == "#222222"} == {
        (1.8, False),
        (0.9, True),
    }
    assert "provisional: only 5 runs" in words["PC1, L2"]
    assert "reference: 20 runs" in words["PC1, L1"]


def test_words_of_changes_never_cover_each_other() -> None:
    """500 random crowds: words overlap neither words nor lines; without room, the table has them."""
    rng = random.Random(4)  # noqa: S311 - test data
    for _ in range(500):
        at = sorted(rng.sample(range(1, 100), rng.randint(1, 12)))
        events = [RunEvent(n, "software", "", "1" * rng.randint(1, 19)) for n in at]
        flags = event_flags(events, 0, Scale(-0.5, 99.5, 72.0, 872.0))
        assert len(flags) == len(at)
        shown = [flag for flag in flags if flag.row >= 0]
        assert shown
        for one in shown:
            right = one.left + 4.8 * len(one.text)
            others = [other for other in shown if other is not one]
            assert not any(o.row == one.row and o.left < right and one.left < o.left for o in others)
            assert not any(o.row > one.row and one.left < o.at < right for o in others)


def test_two_lots_on_one_plate_are_bridged() -> None:
    """``PC1 new`` beside PC1: ratio of each plate, Student's interval; a rejected plate does not count."""
    old, new = [100.0, 110.0, 95.0, 500.0], [90.0, 101.0, 83.0, 1.0]
    runs = [
        _run(n, {"PC1": (o, "L1"), "PC1 new": (w, "L2")})
        for n, (o, w) in enumerate(zip(old, new, strict=True))
    ]
    runs[3] = replace(runs[3], verdict=RunVerdict.REJECTED)
    (found,) = lot_bridges(runs)
    assert (found.control, found.old, found.new, found.same_plate) == ("PC1", "L1", "L2", 3)
    expected = bridge(np.array(old[:3]), np.array(new[:3]))
    assert found.bridge.ratio == pytest.approx(expected.ratio)
    assert found.bridge.interval == pytest.approx(expected.interval)


def test_two_plates_of_one_day_are_bridged() -> None:
    """A day's plates are one pair of geometric means; a day with one lot is none."""
    runs = [
        *(_run(0, {"PC1": (100.0, "L1")}), _run(0, {"PC1": (80.0, "L2")}, 2)),
        *(_run(1, {"PC1": (100.0, "L1")}), _run(1, {"PC1": (400.0, "L1")}, 2)),
        *(_run(1, {"PC1": (150.0, "L2")}, 3), _run(2, {"PC1": (90.0, "L2")})),
    ]
    (found,) = lot_bridges(runs)
    assert (found.bridge.n, found.same_plate) == (2, 0)
    assert found.bridge.ratio == pytest.approx(math.sqrt(0.8 * 0.75))


def test_names_without_a_lot_are_bridged_and_other_controls_are_not() -> None:
    """``PC1 new`` needs no lot on record; PC1 and ``PC1 low``, PC1 and PC2 are different controls."""
    same = {"PC1": (100.0, None), "PC1 new": (90.0, None)}
    assert [(one.old, one.new) for one in lot_bridges([_run(n, same) for n in range(3)])] == [
        ("PC1", "PC1 new")
    ]
    other = {"PC1": (100.0, "L1"), "PC1 low": (10.0, "L2"), "PC2": (50.0, "K1"), "PC1new": (9.0, None)}
    assert lot_bridges([_run(n, other) for n in range(3)]) == ()


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ((120.0, 121.0, 119.0), "the new lot reads 20 % higher"),
        ((80.0, 81.0, 79.0), "the new lot reads 20 % lower"),
        ((90.0, 110.0, 100.0), "no difference shown: the interval holds 1"),
        ((90.0,), "no interval: one value has no CV"),
        ((90.0, 90.0), "no interval: all runs give the same ratio"),
    ],
)
def test_the_bridge_in_words(new: tuple[float, ...], words: str) -> None:
    """Higher, lower, not shown to differ, or no interval with the reason."""
    runs = [_run(n, {"PC1": (100.0, "L1"), "PC1 new": (titer, "L2")}) for n, titer in enumerate(new)]
    assert bridge_word(lot_bridges(runs)[0]).text == words


def test_a_rule_across_controls_stands_on_the_charts_of_both() -> None:
    """R-4s of PC1 and PC2 is marked on PC1's chart and on PC2's."""
    runs = [_run(n, {"PC1": (100.0 + n % 3, "L1"), "PC2": (50.0 + n % 4, "K1")}) for n in range(20)]
    runs.append(_run(20, {"PC1": (150.0, "L1"), "PC2": (30.0, "K1")}))
    found = trends(_history(*runs), SETTINGS)
    broken = [{one.rule.value for one in trend.violations} for trend in found.controls]
    assert all("R-4s" in rules for rules in broken)


def test_lots_never_measured_together_are_said_to_be_so() -> None:
    """No ratio from different days: it would be the days' difference."""
    runs = [_run(n, {"PC1": (100.0 + n % 3, "L1" if n < 20 else "L2")}) for n in range(25)]
    page = _page(_history(*runs))
    assert "no accepted plate or day with both lots" in page


def test_page_and_json_tell_of_lots_and_changes() -> None:
    """The manager sees how the new lot reads, the machine the same numbers; hostile lots are text."""
    lots = ("L1", "<b>L2")
    runs = [
        _run(
            n, {"PC1": (100.0 + n % 3, lots[0]), "PC1 new": (80.0 + n % 4, lots[1])}, software=f"0.{n // 20}"
        )
        for n in range(24)
    ]
    history = _history(*runs)
    page = _page(history)
    assert "the new lot reads 19 % lower" in page
    assert "&lt;b&gt;L2" in page
    assert "<b>L2" not in page
    document: Any = json.loads(json.dumps(trends_document(history, trends(history, SETTINGS), recent=3)))
    (lot,) = document["lots"]
    assert (lot["pairs"], lot["pairs_on_one_plate"], lot["new_lot"]) == (24, 24, "<b>L2")
    assert lot["ci95"][0] < lot["ratio"] < lot["ci95"][1] < 1
    assert document["changes"] == [
        {"run": "d20p1", "what": "software", "control": None, "before": "0.0", "now": "0.1"}
    ]


def test_a_fixed_cut_off_is_a_sentence_not_a_chart() -> None:
    """A line without scatter shows nothing; one that changes is drawn."""

    def run(n: int, cutoff: float) -> PastRun:
        return _run(n, {"PC1": (100.0 + n % 7, "L1")}, quantities={"cutoff": PastValue(cutoff, "OD")})

    fixed = _page(_history(*(run(n, 0.35) for n in range(25))))
    assert "cut-off OD at the first dilution: 0.350 in every run." in fixed
    moving = _page(_history(*(run(n, 0.35 + n / 100) for n in range(25))))
    assert "<h3>cut-off OD at the first dilution</h3>" in moving
