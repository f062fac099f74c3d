"""results.json to the letter: the keys that other programs rely on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main

ROOT = Path(__file__).resolve().parents[2]

TOP = {"schema", "run", "verdict", "curves", "samples", "findings"}
RUN = {"id", "key", "assay", "assay_version", "plate", "export", "software"}
CURVE = {"antigen", "model", "weighting", "parameters", "residual_df", "residual_sd", "lack_of_fit"}
CURVE |= {"calibrators", "range", "warnings"}
CALIBRATOR = {
    "level",
    "nominal",
    "mean_od",
    "cv_percent",
    "back_calculated",
    "recovery_percent",
    "used",
    "reason",
}
SAMPLE = {"sample_id", "slot", "classification", "reasons", "flags", "reportable", "titer", "endpoint_titer"}
SAMPLE |= {"antigen_negative", "hnk1", "dilutions"}
DILUTION = {"dilution", "wells", "od", "net_od", "net_od_se", "cutoff_od", "titer", "used", "reason"}
FINDING = {"rule", "subject", "verdict", "observed", "limit", "unit", "source", "message"}


@pytest.fixture(scope="module")
def document(tmp_path_factory: Any) -> dict[str, Any]:
    """What ``titerline process`` writes for the clean sample plate."""
    out = tmp_path_factory.mktemp("out")
    export = ROOT / "sample_data" / "anti_mag_igm" / "clean_plate" / "clean_plate.txt"
    assay = ROOT / "plate_layouts" / "anti_mag_igm"
    assert main(["process", str(export), "--assay", str(assay), "--out", str(out)]) == 0
    (path,) = out.glob("*/results.json")
    text: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"), parse_constant=pytest.fail)
    return text


def test_every_key_of_the_contract_is_there(document: dict[str, Any]) -> None:
    """Run, curves, calibrators, samples, dilutions and findings carry the promised keys."""
    assert set(document) >= TOP
    assert document["schema"] == "titerline.run/1"
    assert set(document["run"]) >= RUN
    (curve,) = document["curves"]
    assert set(curve) >= CURVE
    assert all(set(c) >= CALIBRATOR for c in curve["calibrators"])
    assert set(curve["parameters"]) == {"lower", "upper", "ec50", "slope"}
    for sample in document["samples"]:
        assert set(sample) >= SAMPLE
        assert set(sample["titer"]) == {"value", "ci95", "unit", "qualifier", "method", "text"}
        assert set(sample["endpoint_titer"]) == {"last_positive", "interpolated", "ci95", "qualifier", "text"}
        assert set(sample["antigen_negative"]) == {"specific_fraction", "ci95", "status"}
        assert set(sample["hnk1"]) >= {"format", "status", "value", "unit", "ci95"}
        for dilution in sample["dilutions"]:
            assert set(dilution) >= DILUTION
            assert set(dilution["od"]["MAG"]) >= {"mean", "n", "cv_percent"}
    assert all(set(f) >= FINDING for f in document["findings"])


@pytest.mark.parametrize(("case", "code"), [("failed_control", 3), ("clean_plate", 0)])
def test_exit_codes_tell_a_rejected_run(case: str, code: int, tmp_path: Path) -> None:
    """0 for an accepted run, 3 for one that QC rejected."""
    export = ROOT / "sample_data" / "anti_mag_igm" / case / f"{case}.txt"
    assert main(["process", str(export), "--assay", "anti_mag_igm", "--out", str(tmp_path)]) == code


def test_a_bad_file_beside_a_good_one_stops_nothing(tmp_path: Path) -> None:
    """The good export has its results, the bad one its reason, and the exit code is 2."""
    bad = tmp_path / "bad.csv"
    bad.write_text("hello", encoding="utf-8")
    good = ROOT / "sample_data" / "anti_mag_igm" / "clean_plate" / "clean_plate.txt"
    out = tmp_path / "out"
    assert main(["process", str(bad), str(good), "--assay", "anti_mag_igm", "--out", str(out)]) == 2
    assert len(list(out.glob("*/results.json"))) == 1
    assert len(list(out.glob("*/WHY.txt"))) == 1
