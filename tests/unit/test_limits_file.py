"""``titerline limits``: cut points and limits of detection from a table, and what it says when it cannot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import cli
from pipeline.errors import BAD_INPUT, DONE


def limits(tmp_path: Path, text: str, *options: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The JSON document of the command."""
    path = tmp_path / "data.csv"
    path.write_text(text, encoding="utf-8")
    assert cli.main(["limits", str(path), *options, "--json"]) == DONE
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_cut_points_of_negative_sera(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Screening and confirmatory, each by three methods; a rank that 30 sera do not have says so."""
    values = np.random.default_rng(1).lognormal(-2.5, 0.3, 30)
    text = "od\n" + "\n".join(f"{value:.4f}" for value in values)
    found = limits(tmp_path, text, "--value", "od", capsys=capsys)
    assert found["negatives"] == 30
    assert found["blank"] is None
    plain = {(c["false_positive"], c["method"]): c for c in found["cut_points"]}
    rounded = np.round(values, 4)
    screening = plain[0.05, "prediction limit"]
    assert screening["factor"] == pytest.approx(1.727, abs=5e-4)  # Frey 1998, n = 30
    assert screening["value"] == pytest.approx(rounded.mean() + screening["factor"] * rounded.std(ddof=1))
    assert plain[0.01, "percentile by rank"]["value"] is None
    assert "99 are needed" in plain[0.01, "percentile by rank"]["reason"]
    ln = np.log(rounded)
    logged = plain[0.01, "prediction limit of the logarithms"]
    assert logged["value"] == pytest.approx(np.exp(ln.mean() + 2.5027 * ln.std(ddof=1)), rel=1e-4)


def test_limits_of_detection_of_two_lots(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The published answers of an EP17 study, straight from its table: the larger lot is reported."""
    folder = shared / "reference_data" / "detection_limit"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    text = (folder / "ep17_style_blank_low.csv").read_text(encoding="utf-8")
    columns = ["--value", "value_pg_per_mL", "--kind", "sample_type", "--sample", "sample", "--lot", "lot"]
    found = limits(tmp_path, text, *columns, capsys=capsys)
    assert found["blank"]["value"] == pytest.approx(expected["reported"]["LoB"])
    assert found["detection"]["value"] == pytest.approx(expected["reported"]["LoD"])
    assert {lot: one["value"] for lot, one in found["detection_by_lot"].items()} == pytest.approx(
        {lot: one["LoD"] for lot, one in expected["lots"].items()}
    )
    assert found["cut_points"] == []


def test_the_limit_of_quantitation_is_the_lowest_level_that_meets_the_goal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """|bias| + SD of 10 is 30 %, of 20 is 10 %, of 40 is 5 %."""
    levels = {10: (7, 10, 13), 20: (18, 20, 22), 40: (38, 40, 42)}
    rows = [f"low,S{level},{level},{value}" for level, values in levels.items() for value in values]
    rows += [f"blank,B1,,{value}" for value in (0.0, 0.5, 1.0, 1.5, 2.0, 0.2, 0.7, 1.2, 1.7, 0.1, 0.9)]
    text = "kind,sample,true,value\n" + "\n".join(rows)
    columns = ["--value", "value", "--kind", "kind", "--sample", "sample", "--nominal", "true"]
    assert limits(tmp_path, text, *columns, capsys=capsys)["quantitation"]["value"] == 20
    strict = limits(tmp_path, text, *columns, "--goal", "6", capsys=capsys)
    assert strict["quantitation"]["value"] == 40


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind,value\nserum,1\n", "negative, blank, low"),
        ("kind,value\nblank,high\n", "'high'"),
        ("kind,od\nblank,1\n", "no column 'value'"),
    ],
)
def test_a_table_at_fault_is_refused_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    """Exit code 2, the file, the line, what was found and what is expected."""
    path = tmp_path / "data.csv"
    path.write_text(text, encoding="utf-8")
    assert cli.main(["limits", str(path), "--value", "value", "--kind", "kind"]) == BAD_INPUT
    error = capsys.readouterr().err
    assert message in error
    assert "data.csv" in error
    assert "line" in error


def test_people_read_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each cut point, and that five sera are few."""
    path = tmp_path / "data.csv"
    path.write_text("od\n0.05\n0.06\n0.07\n0.05\n0.08\n", encoding="utf-8")
    assert cli.main(["limits", str(path), "--value", "od"]) == DONE
    text = capsys.readouterr().out
    assert "Cut points from 5 negatives (provisional: fewer than 20)" in text
    assert text.count("screening") == text.count("confirmatory") == 3


def test_low_samples_alone_say_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without blanks there is no limit of blank or detection, without true values none of quantitation."""
    text = "od,kind,sample\n" + "".join(f"0.{n},low,s{n % 3}\n" for n in range(11, 23))
    found = limits(tmp_path, text, "--value", "od", "--kind", "kind", "--sample", "sample", capsys=capsys)
    assert found["detection"] is None
    assert len(found["missing"]) == 2
    assert "kind blank" in found["missing"][0]
