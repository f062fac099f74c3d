"""What stands beside a titer: cut-off titer, area, slope, agreement, next dilution, learned step CV."""

from __future__ import annotations

import dataclasses
import json
import math
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from spoiled import shallow

from pipeline.cli import main
from pipeline.compute.past.history import HistoryCut
from pipeline.compute.statistics.cutpoints import frey_factor
from pipeline.compute.titer.error_components import declared, inflation, pooled_step
from pipeline.compute.titer.step_likelihood import step_variance
from pipeline.domain.history import StepError
from pipeline.domain.results import ReplicatePrecision, SampleResult
from pipeline.process.export import withheld
from pipeline.runs.learn import learn_step, learned_text


@pytest.fixture
def one(plates: Any, serum: Any) -> Any:
    """Analyse an exact plate that holds one serum in slot S1."""

    def analyse(change: Any = None, **truth: float) -> SampleResult:
        (sample,) = plates.analyse({"S1": serum(**truth)}, change).samples
        return sample  # type: ignore[no-any-return]

    return analyse


def test_the_cut_off_titer_is_where_the_series_reaches_the_cut_off(one: Any, plates: Any) -> None:
    """At that dilution a calibrator of the serum's concentration reads the cut-off OD."""
    sample = one(titer=8000)
    found = sample.series.cutoff_titer
    assert found.qualifier == "="
    assert found.cutoff_od == plates.definition.assay.cutoff.floor_od.value
    parameters = {name: p.value for name, p in plates.analyse({}).curves[0].parameters.items()}
    x = sample.titer.value * 1000 / found.value
    share = 1 / (1 + (parameters["ec50"] / x) ** parameters["slope"])
    assert (parameters["upper"] - parameters["lower"]) * share == pytest.approx(found.cutoff_od, rel=0.01)
    low, high = found.ci95
    assert low < found.value < high


@pytest.mark.parametrize(("titer", "qualifier", "bound"), [(300_000, ">=", 27_000), (500, "<", 1000)])
def test_the_cut_off_titer_never_leaves_the_dilutions(
    one: Any, titer: float, qualifier: str, bound: float
) -> None:
    """Beyond the first or the last dilution it is a bound with a sign, never an extrapolated number."""
    found = one(titer=titer).series.cutoff_titer
    assert (found.qualifier, found.value) == (qualifier, bound)


def test_a_parallel_serum_is_shown_to_be_parallel(one: Any) -> None:
    """An exact serum has a slope ratio of 1 whose interval lies inside the limits, and no scatter."""
    parallel = one(titer=20_000).series.parallelism
    assert parallel.slope_ratio == pytest.approx(1.0, abs=0.02)
    low, high = parallel.ci90
    assert 0.8 < low < high < 1.25
    assert parallel.p > 0.05


def test_a_serum_that_falls_otherwise_is_open_and_flagged(one: Any) -> None:
    """A slope ratio whose interval lies outside the limits: one titer does not describe the serum."""
    sample = one(shallow, titer=20_000, hnk1=0.8)
    _, high = sample.series.parallelism.ci90
    assert high < 0.8
    assert sample.series.parallelism.p < 0.01
    assert "NOT_PARALLEL" in sample.flags
    assert sample.classification == "INDETERMINATE"


def test_the_area_needs_no_curve_model(one: Any) -> None:
    """The trapezoid over ln dilution of the net ODs, with the standard error of its wells."""
    sample = one(titer=20_000)
    x = np.log([d.dilution for d in sample.dilutions])
    y = np.array([d.net_od for d in sample.dilutions])
    assert sample.series.area == pytest.approx(float(np.trapezoid(y, x)))
    assert sample.series.area_se > 0


def test_out_of_range_says_what_to_dilute_next(one: Any) -> None:
    """Above the range: from the last dilution on. In range: nothing to run."""
    assert one(titer=9_000_000).series.next_dilution == 27_000
    assert one(titer=20_000).series.next_dilution is None


def test_a_rejected_plate_shows_none_of_these(one: Any) -> None:
    """What is withheld is withheld in every form."""
    assert withheld(one(titer=20_000)).series is None


def test_a_bubble_does_not_pull_the_titer(one: Any) -> None:
    """A well above the reader's range that its replicate and the series contradict is no strong signal."""

    def bubble(well: Any, use: Any, od: float) -> float:
        hit = use.name == "S1" and use.antigen == "MAG" and use.dilution == 1000 and well.column == 4
        return 4.5 if hit else od

    sample = one(bubble, titer=8000)
    assert sample.dilutions[0].reason == "saturated"
    assert sample.titer.value == pytest.approx(8000, rel=0.05)
    assert sample.series.censored_dilutions == 0


def test_dilutions_beyond_the_range_take_part_as_censored(one: Any) -> None:
    """Saturated dilutions of a strong serum are not dropped in silence."""
    sample = one(titer=600_000)
    above = [d for d in sample.dilutions if d.reason in ("above_uloq", "saturated")]
    assert above
    assert sample.series.censored_dilutions == len(above)


PRECISION = ReplicatePrecision(0.005, 0.04, 20, (1e-12, 0.0, 1e-7))


def test_a_guess_is_taken_as_an_uncertain_one() -> None:
    """Five degrees of freedom raise the variance by 5/3; a known value is used as it is."""
    known = declared(PRECISION, 3.0, None)
    guess = declared(PRECISION, 3.0, 5.0)
    assert known.step_cv_percent == pytest.approx(3.0)
    assert known.step_df is None
    assert guess.variance[2] == pytest.approx(known.variance[2] * 5 / 3)
    assert guess.step_df == pytest.approx(5.0)


def test_past_plates_teach_the_step_cv() -> None:
    """Plates that say 2 % move a vague guess of 4 % to 2 %; the guess counts once, however many plates."""
    true, df = step_variance(2.0), 12.0
    before = step_variance(4.0) * inflation(5.0)
    used = (5.0 * before + df * true) / (5.0 + df)
    plate = StepError(4.0, 5.0, 100 * math.sqrt(math.expm1(used)), 5.0 + df, 12)
    few, many = pooled_step([plate] * 2), pooled_step([plate] * 200)
    assert few is not None
    assert many is not None
    assert 2.0 < few[0] < 4.0
    assert many[0] == pytest.approx(2.0, rel=0.05)
    assert many[1] > few[1] > 5.0
    assert pooled_step([]) is None


def test_one_past_plate_teaches_what_it_used_itself() -> None:
    """Learning from a single plate gives that plate's own value back."""
    before = step_variance(3.0) * inflation(5.0)
    used = (5.0 * before + 10.0 * step_variance(1.0)) / 15.0
    plate = StepError(3.0, 5.0, 100 * math.sqrt(math.expm1(used)), 15.0, 10)
    pooled = pooled_step([plate])
    assert pooled is not None
    cv, df = pooled
    assert df == pytest.approx(15.0)
    assert step_variance(cv) * inflation(df) == pytest.approx(used, rel=1e-4)


def test_learning_prints_lines_for_the_assay(tmp_path: Path, root: Path, capsys: Any) -> None:
    """``titerline learn`` reads the records of past runs and says what to declare, with its source."""
    for case in ("clean_plate", "difficult_sera"):
        export = root / "sample_data" / "anti_mag_igm" / case / f"{case}.txt"
        main(["process", str(export), "--assay", "anti_mag_igm", "--out", str(tmp_path)])
    capsys.readouterr()
    assert main(["learn", str(tmp_path), "--assay", "anti_mag_igm"]) == 0
    text = capsys.readouterr().out
    learned = learn_step(tmp_path, "anti_mag_igm")
    assert learned.provisional
    assert learned.increments > 0
    assert f"{learned.increments} increments" in text
    assert learned.cut is not None
    assert learned.cut.use_default
    assert "Negative controls" in text
    assert learned.hnk1 is not None
    assert learned.hnk1.value is None
    assert "at least 20" in str(learned.hnk1.reason)
    assert main(["learn", str(tmp_path), "--assay", "unknown"]) == 2


def test_twenty_negative_sera_give_a_laboratorys_own_hnk1_cut_off(tmp_path: Path, root: Path) -> None:
    """From the net HNK1 OD of MAG-negative sera, one value a serum, as 1 % false positives."""
    export = root / "sample_data" / "anti_mag_igm_384" / "clean_384" / "clean_384.txt"
    main(["process", str(export), "--assay", "anti_mag_igm_384", "--out", str(tmp_path)])
    (path,) = tmp_path.glob("*/results.json")
    record = json.loads(path.read_text(encoding="utf-8"))
    rng = np.random.default_rng(1)
    values = rng.normal(0.02, 0.01, 24)
    template = next(s for s in record["samples"] if s["classification"] == "NEGATIVE")
    record["samples"] = [
        {**template, "sample_id": f"N{k}", "hnk1": {**template["hnk1"], "value": value}}
        for k, value in enumerate(values.tolist())
    ]
    path.write_text(json.dumps(record), encoding="utf-8")
    learned = learn_step(tmp_path, "anti_mag_igm_384")
    assert learned.hnk1 is not None
    factor = frey_factor(0.99, 24)
    assert factor is not None
    assert learned.hnk1.value == pytest.approx(values.mean() + factor * values.std(ddof=1))
    assert learned.lob_od is not None
    proposed = tomllib.loads(learned_text(learned)[learned_text(learned).index("[hnk1]") :])["hnk1"]
    assert proposed["cut_from"] == "own negatives"
    assert proposed["grey_od"]["value"] >= round(learned.lob_od, 3)
    assert proposed["positive_od"]["value"] - proposed["grey_od"]["value"] >= learned.lob_od - 0.001


def test_no_floor_is_proposed_below_the_noise_of_a_well(tmp_path: Path, root: Path) -> None:
    """Quiet negative controls alone would propose a floor at which the noise of one well is positive."""
    export = root / "sample_data" / "anti_mag_igm" / "clean_plate" / "clean_plate.txt"
    main(["process", str(export), "--assay", "anti_mag_igm", "--out", str(tmp_path)])
    learned = learn_step(tmp_path, "anti_mag_igm")
    assert learned.lob_od is not None
    assert 0.005 < learned.lob_od < 0.1
    quiet = HistoryCut(learned.lob_od / 2, 0.01, 20, 20, 19.0, None, use_default=False)
    text = learned_text(dataclasses.replace(learned, cut=quiet))
    proposed = tomllib.loads(text[text.index("[cutoff.floor_od]") :].split("\n\n")[0])["cutoff"]
    assert proposed["floor_od"]["value"] == round(learned.lob_od, 3)
