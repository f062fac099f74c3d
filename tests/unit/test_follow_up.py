"""titerline follow-up: one patient's titers over visits, and what changed since the first."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from pipeline.cli import main
from pipeline.compute.statistics.censored_change import BoundedChange
from pipeline.compute.statistics.change import Change
from pipeline.definitions import load_definition
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.findings import RunVerdict
from pipeline.domain.results import LnTiter, Titer
from pipeline.errors import InputError
from pipeline.record.document import to_json
from pipeline.runs.follow_up import FollowUp, FollowUpRequest, Reached, follow_up, ln_se
from pipeline.runs.follow_up_chart import course_scene, follow_up_chart
from pipeline.runs.follow_up_text import follow_up_document, follow_up_text, notes

CODE = "P-17"
Put = Callable[..., None]


def _titer(value: float | None, spread: float | None, qualifier: str, unit: str) -> Titer:
    """A titer with the interval value / spread to value x spread."""
    ci = None if value is None or spread is None else (value / spread, value * spread)
    return Titer(value, ci, unit, Qualifier(qualifier), "joint", "no titer: no usable dilution")


@pytest.fixture
def put(tmp_path: Path, factory: ModuleType) -> Put:
    """Publish a run with one sample of the patient."""

    def publish(run: str, day: str | None, value: float | None, **options: Any) -> None:
        qualifier, unit = options.get("qualifier", "="), options.get("unit", "BTU")
        spread = options.get("spread", 1.2 if qualifier == "=" else None)
        sample = replace(
            factory.plate_of_samples((8, 12))[0],
            sample_id=f"K-{run}",
            patient_code=options.get("code", CODE),
            collected_on=day,
            titer=_titer(value, spread, qualifier, unit),
            reportable=options.get("reportable", True),
            ln_titer=options.get("ln_titer"),
        )
        record = factory.run_record(samples=(sample,))
        info = replace(
            record.run,
            id=run,
            assay=options.get("assay", "anti_mag_igm"),
            supersedes=options.get("supersedes"),
            processed_at=options.get("processed_at", "2026-06-01T09:00:00+01:00"),
        )
        verdict = options.get("verdict", RunVerdict.ACCEPTED)
        folder = tmp_path / run
        folder.mkdir()
        settings = {**record.settings, **options.get("settings", {})}
        record = replace(record, run=info, verdict=verdict, settings=settings)
        (folder / "results.json").write_bytes(to_json(record))

    return publish


@pytest.fixture
def look(tmp_path: Path) -> Callable[..., FollowUp]:
    """Follow the patient up."""

    def looked(**options: Any) -> FollowUp:
        return follow_up(tmp_path, FollowUpRequest(**{"patient_code": CODE, **options}))

    return looked


def _last(found: FollowUp) -> Any:
    return found.visits[-1].found


def test_visits_stand_in_the_order_of_collection(put: Put, look: Any) -> None:
    """The baseline is the first serum that was drawn, not the first that was measured."""
    put("b", "2026-03-01", 5000.0, processed_at="2026-03-02T09:00:00+01:00")
    put("a", "2026-01-10", 9000.0, processed_at="2026-04-01T09:00:00+02:00")
    put("c", "2026-03-01", 4000.0, processed_at="2026-03-02T08:00:00+01:00")
    found = look()
    assert [compared.visit.run for compared in found.visits] == ["a", "c", "b"]
    assert found.baseline is not None
    assert found.baseline.run == "a"


def test_change_has_the_root_sum_of_squares_of_both_half_widths(put: Put, look: Any) -> None:
    """10 000 to 4 000 with intervals of a factor 1.2 each: hand-computed fold, percent and log2 steps."""
    put("a", "2026-01-10", 10_000.0)
    put("b", "2026-06-10", 4_000.0)
    change = _last(look())
    assert isinstance(change, Change)
    half = math.sqrt(2) * math.log(1.2)
    assert change.fold == pytest.approx(0.4)
    assert change.fold_interval == pytest.approx((0.4 * math.exp(-half), 0.4 * math.exp(half)), rel=1e-6)
    assert change.percent == pytest.approx(-60)
    assert change.log2_steps == pytest.approx(math.log2(0.4))
    assert (change.significant, change.by_fold) == (True, False)


@pytest.mark.parametrize(
    ("value", "spread", "reached"),
    [
        (2000.0, 1.2, Reached.SURELY),
        (3800.0, 1.2, Reached.BY_NUMBER),
        (4000.0, None, Reached.BY_NUMBER),
        (4200.0, 1.2, Reached.NOT),
        (15000.0, 1.2, Reached.NOT),
    ],
)
def test_fall_of_60_percent_by_number_and_by_interval(
    put: Put, look: Any, value: float, spread: float | None, reached: Reached
) -> None:
    """A fall that the interval does not show is called so."""
    put("a", "2026-01-10", 10_000.0)
    put("b", "2026-06-10", value, spread=spread)
    assert look().visits[1].fall is reached


@pytest.mark.parametrize(
    ("baseline", "later", "at_most", "at_least", "reached"),
    [
        ((9000.0, "="), (900.0, "<"), 0.1, None, Reached.SURELY),
        ((9000.0, "="), (8000.0, "<"), 8 / 9, None, Reached.UNKNOWN),
        ((70_000.0, ">="), (7000.0, "="), 0.1, None, Reached.SURELY),
        ((1000.0, "<"), (9000.0, "="), None, 9.0, Reached.NOT),
        ((1000.0, "<"), (900.0, "<"), None, None, Reached.UNKNOWN),
    ],
)
def test_bounds_give_bounds(
    put: Put,
    look: Any,
    baseline: Any,
    later: Any,
    at_most: float | None,
    at_least: float | None,
    reached: Any,
) -> None:
    """A titer out of range is a bound of the change, never a number."""
    put("a", "2026-01-10", baseline[0], qualifier=baseline[1])
    put("b", "2026-06-10", later[0], qualifier=later[1])
    found = look()
    change = _last(found)
    assert isinstance(change, BoundedChange)
    assert change.at_most == pytest.approx(at_most)
    assert change.at_least == pytest.approx(at_least)
    assert found.visits[1].fall is reached
    word = "at most" if at_most else "at least" if at_least else "cannot be said"
    assert f"against baseline: {word}" in follow_up_text(found)


def test_an_open_interval_gives_no_error(put: Put, look: Any) -> None:
    """The text says why there is no interval, instead of taking the open end for a number."""
    put("a", "2026-01-10", 9000.0, spread=None)
    put("b", "2026-06-10", 4000.0)
    put("c", "2026-07-10", 900.0, qualifier="<")
    text = follow_up_text(look())
    assert "no interval: a titer has no standard error" in text
    assert "no limit with its error: the measured titer has no standard error" in text


def test_significance_by_interval_or_by_the_given_fold(put: Put, look: Any) -> None:
    """Wide intervals do not hide a five-fold change; the fold is the laboratory's."""
    put("a", "2026-01-10", 10_000.0, spread=10.0)
    put("b", "2026-06-10", 2_000.0, spread=10.0)
    assert _last(look()).significant
    assert not _last(look(least_fold=6.0)).significant
    assert "less than 6-fold" in follow_up_text(look(least_fold=6.0))


def test_a_replaced_run_is_left_out_and_named(put: Put, look: Any) -> None:
    """A corrected run takes the place of the first one."""
    put("a", "2026-01-10", 10_000.0)
    put("b", "2026-01-10", 8_000.0, supersedes="a")
    found = look()
    assert [compared.visit.run for compared in found.visits] == ["b"]
    assert [visit.run for visit in found.replaced] == ["a"]
    assert "K-a in a" in follow_up_text(found)


def test_a_run_that_moved_the_sample_to_another_patient_replaces_too(put: Put, look: Any) -> None:
    """A sample sheet with the wrong code, corrected later, leaves no visit behind."""
    put("a", "2026-01-10", 10_000.0)
    put("b", "2026-01-10", 10_000.0, supersedes="a", code="P-18")
    put("c", "2026-05-10", 7_000.0)
    assert [compared.visit.run for compared in look().visits] == ["c"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"verdict": RunVerdict.REJECTED}, "rejected by quality control"),
        ({"reportable": False}, "not reportable"),
        ({"value": None}, "no usable dilution"),
        ({"day": "10.01.2026"}, "is not a date as 2026-02-17"),
    ],
)
def test_what_cannot_be_compared_is_listed_with_its_reason(
    put: Put, look: Any, options: dict[str, Any], why: str
) -> None:
    """A rejected run, an open result or a date that may be read in two ways is no baseline."""
    put("a", **{"day": "2026-01-10", "value": 10_000.0, **options})
    put("b", "2026-06-10", 4_000.0)
    found = look()
    first = next(compared for compared in found.visits if compared.visit.run == "a")
    assert why in (first.visit.not_used or "")
    assert first.found is None
    assert found.baseline is not None
    assert found.baseline.run == "b"
    assert why in follow_up_text(found)


def test_no_usable_visit_has_no_baseline(put: Put, look: Any) -> None:
    """Nothing is compared, and text, document and chart still come."""
    put("a", "2026-01-10", 10_000.0, verdict=RunVerdict.REJECTED)
    found = look()
    assert found.baseline is None
    assert "baseline none" in follow_up_text(found)
    assert follow_up_document(found)["baseline"] is None
    assert follow_up_chart(found, "svg").startswith(b"<?xml")


def test_without_a_day_of_collection_the_day_of_processing_stands(put: Put, look: Any) -> None:
    """It is marked, so that nobody takes it for the day of the visit."""
    put("a", None, 10_000.0, processed_at="2026-02-01T09:00:00+01:00")
    found = look()
    assert found.visits[0].visit.day_is == "processed"
    assert "2026-02-01 (processed)" in follow_up_text(found)
    assert any("day of processing" in note for note in notes(found))


@pytest.mark.parametrize(
    ("changed", "code", "named"),
    [
        ({"assay": "anti_mag_kit"}, "SEVERAL_ASSAYS", "'anti_mag_igm' and 'anti_mag_kit'"),
        ({"unit": "U/mL"}, "SEVERAL_UNITS", "'BTU' and 'U/mL'"),
    ],
)
def test_units_and_assays_are_never_mixed(
    put: Put, look: Any, changed: dict[str, str], code: str, named: str
) -> None:
    """The refusal names both; naming the assay chooses one."""
    put("a", "2026-01-10", 10_000.0)
    put("b", "2026-06-10", 20.0, **changed)
    with pytest.raises(InputError) as caught:
        look()
    assert (caught.value.code, caught.value.found) == (code, named)
    if "assay" in changed:
        assert len(look(assay="anti_mag_kit").visits) == 1


def test_an_unknown_patient_and_senseless_limits_are_refused(put: Put, look: Any) -> None:
    """The message says where it looked."""
    put("a", "2026-01-10", 10_000.0)
    for options, code in (
        ({"patient_code": "P-99"}, "NO_VISITS"),
        ({"assay": "other"}, "NO_VISITS"),
        ({"least_fold": 1.0}, "FOLLOW_UP_SETTING"),
        ({"least_fold": math.nan}, "FOLLOW_UP_SETTING"),
        ({"fall_percent": 100.0}, "FOLLOW_UP_SETTING"),
    ):
        with pytest.raises(InputError) as caught:
            look(**options)
        assert caught.value.code == code


def test_a_damaged_record_is_named(put: Put, look: Any, tmp_path: Path) -> None:
    """A visit is never lost in silence."""
    put("a", "2026-01-10", 10_000.0)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "results.json").write_bytes(b"{")
    with pytest.raises(InputError) as caught:
        look()
    assert "broken" in (caught.value.file or "")


def test_sera_of_one_run_are_compared_on_the_safe_side(
    put: Put, look: Any, tmp_path: Path, factory: ModuleType
) -> None:
    """Two visits on one plate share its curve; the note says that it is not deducted."""
    put("a", "2026-01-10", 10_000.0)
    record = factory.run_record()
    titers = (_titer(10_000.0, 1.2, "=", "BTU"), _titer(4_000.0, 1.2, "=", "BTU"))
    samples = tuple(
        replace(
            record.samples[0], slot=f"S{n}", patient_code="P-2", collected_on=f"2026-0{n + 1}-01", titer=t
        )
        for n, t in enumerate(titers)
    )
    (tmp_path / "both").mkdir()
    (tmp_path / "both" / "results.json").write_bytes(to_json(replace(record, samples=samples)))
    found = look(patient_code="P-2")
    assert any("share its curve" in note for note in notes(found))
    ends = _last(found).fold_interval
    assert math.log(ends[1] / ends[0]) == pytest.approx(2 * math.sqrt(2) * math.log(1.2), rel=1e-6)


def test_standard_error_from_an_interval() -> None:
    """A closed interval gives the error of the logarithm; an open one gives none."""
    assert ln_se((math.exp(-1.959964), math.exp(1.959964))) == pytest.approx(1.0, rel=1e-6)
    assert ln_se((100.0, None)) is None
    assert ln_se(None) is None


def test_what_the_assay_says_of_several_visits_stands_in_text_document_and_picture(
    put: Put, look: Any, root: Path
) -> None:
    """Nobody takes a fall for a response: the sentence is the shipped anti-MAG assays', with its source."""
    note = load_definition(root / "plate_layouts" / "anti_mag_igm").assay.follow_up_note
    assert note is not None
    assert "neither the severity of the neuropathy nor its treatment" in note
    assert "Mayo" in note
    put("a", "2026-01-10", 10_000.0, settings={"follow_up_note": note})
    assert look().note == note
    assert f"Note: {note}" in follow_up_text(look())
    assert note in follow_up_document(look())["notes"]
    assert note in [label.text for label in course_scene(look()).labels]
    put("b", "2026-06-10", 5_000.0)
    assert look().note is None


def test_the_command_prints_json_and_text(put: Put, tmp_path: Path, capsys: Any) -> None:
    """Programs get a document with a schema, people a text; a wrong code gives exit code 2."""
    put("a", "2026-01-10", 10_000.0)
    put("b", "2026-06-10", 500.0, qualifier="<")
    command = ["follow-up", str(tmp_path), "--patient", CODE]
    assert main([*command, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "titerline.follow-up/1"
    assert [visit["titer"] for visit in document["visits"]] == [10_000.0, 500.0]
    change = document["visits"][1]["change"]
    assert (change["kind"], change["fold"], change["fold_at_most"]) == ("bound", None, 0.05)
    assert document["visits"][1]["fall_reached"] == "surely"
    assert main([*command, "--fall", "96"]) == 0
    assert "fall of 96 %: cannot be said" in capsys.readouterr().out
    assert main(["follow-up", str(tmp_path), "--patient", "nobody"]) == 2


def test_the_chart_shows_bars_arrows_and_the_fall(put: Put, look: Any) -> None:
    """A measured titer has a bar, a bound an arrow, the fall a dashed line; each has a shape of its own."""
    put("a", "2026-01-10", 10_000.0)
    put("b", "2026-06-10", 500.0, qualifier="<")
    put("c", "2026-07-10", 70_000.0, qualifier=">=")
    put("d", "2026-08-10", 9_000.0, reportable=False)
    scene = course_scene(look())
    shapes = [mark.shape for mark in scene.marks]
    assert [shapes.count(shape) for shape in ("circle", "diamond", "cross")] == [2, 3, 2]  # one each: legend
    (fall,) = [line for line in scene.lines if line.dash]
    y = {label.text: label.y for label in scene.labels}
    decade = y["1\u202f000"] - y["10\u202f000"]
    below = fall.points[0][1] - (y["10\u202f000"] - 4)  # a label stands 4 below its line
    assert below / decade == pytest.approx(math.log10(2.5), abs=0.005)
    arrows = [line for line in scene.lines if len(line.points) == 3 and line.colour == "#D55E00"]
    shafts = [line for line in scene.lines if len(line.points) == 2 and line.colour == "#D55E00"]
    assert len(arrows) == 2
    assert shafts[0].points[1][1] > shafts[0].points[0][1]
    assert shafts[1].points[1][1] < shafts[1].points[0][1]


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_chart_is_a_file_of_its_kind(put: Put, look: Any, tmp_path: Path, kind: str) -> None:
    """The same visits give the same bytes, in a file that other programs open."""
    put("a", "2026-01-10", 10_000.0)
    put("b", "2027-06-10", 5_000.0)
    target = tmp_path / f"course.{kind}"
    assert main(["follow-up", str(tmp_path), "--patient", CODE, "--chart", str(target)]) == 0
    data = target.read_bytes()
    assert data == follow_up_chart(look(), kind)
    if kind == "svg":
        assert ET.fromstring(data).tag.endswith("svg")  # noqa: S314 - our own file
    else:
        assert data.startswith(b"\x89PNG")


def test_a_chart_of_another_kind_is_refused(put: Put, tmp_path: Path) -> None:
    """Before anything is read."""
    put("a", "2026-01-10", 10_000.0)
    assert main(["follow-up", str(tmp_path), "--patient", CODE, "--chart", "course.doc"]) == 2


def test_a_sample_sheet_with_patient_codes_is_enough(root: Path, tmp_path: Path, capsys: Any) -> None:
    """From export and sheet to follow-up, without a hand on a file: two plates of the sample data."""
    for case, day in (("clean_plate", "2026-01-12"), ("grid_xlsx", "2026-07-12")):
        source = root / "sample_data" / "anti_mag_igm" / case
        export = next(p for p in source.iterdir() if p.stem == case and p.suffix in (".txt", ".xlsx"))
        sheet = tmp_path / f"{case}.csv"
        sheet.write_text(f"slot,sample_id,patient_code,collected_on\nS1,K-{case},{CODE},{day}\n")
        command = ["process", str(export), "--assay", "anti_mag_igm", "--samples", str(sheet)]
        assert main([*command, "--out", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    assert main(["follow-up", str(tmp_path / "out"), "--patient", CODE, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [visit["date"] for visit in document["visits"]] == ["2026-01-12", "2026-07-12"]
    assert document["visits"][1]["change"] is not None


def test_standard_error_and_degrees_of_freedom_stand_beside_each_titer(put: Put, look: Any) -> None:
    """As the record has them, for who wants to compare titers by other means; null where it has none."""
    put("a", "2026-02-17", 5_000.0, ln_titer=LnTiter(0.085, 12.4))
    put("b", "2026-03-17", 5_000.0)
    visits: Any = follow_up_document(look())["visits"]
    assert [visit["ln_titer"] for visit in visits] == [{"se": 0.085, "df": 12.4}, None]
    assert "ln titer: SE 0.085, 12 degrees of freedom" in follow_up_text(look())
