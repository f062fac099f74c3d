"""``titerline fit``: curves through any table, and what it says when it cannot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import stdtrit

from pipeline import cli
from pipeline.compute.curve.table_fit import TABLE_MODELS, ReadOff, fit_table
from pipeline.errors import BAD_INPUT, DONE

X = np.repeat([0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0], 2)


def sigmoid(x: np.ndarray[Any, Any], asymmetry: float = 1.0) -> np.ndarray[Any, Any]:
    """Lower 0.05, upper 2.5, ec50 10, slope 1.2."""
    return np.asarray(2.5 - 2.45 / (1 + (x / 10) ** 1.2) ** asymmetry)


def noisy(sd: float = 0.01, asymmetry: float = 1.0) -> np.ndarray[Any, Any]:
    """Duplicates with a fixed error of alternating sign."""
    return sigmoid(X, asymmetry) + sd * np.tile([1.0, -1.0], len(X) // 2) * np.linspace(0.5, 1.5, len(X))


def fitted(tmp_path: Path, text: str, *options: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The JSON document of the command."""
    path = tmp_path / "data.csv"
    path.write_text(text, encoding="utf-8")
    assert cli.main(["fit", str(path), *options, "--json"]) == DONE
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_known_curve_is_found() -> None:
    """Parameters, and concentrations read off it, are those that were put in."""
    fit = fit_table(X, sigmoid(X), "4pl", "none", [1.0])
    values = {name: found.value for name, found in fit.parameters.items()}
    assert values == pytest.approx({"lower": 0.05, "upper": 2.5, "ec50": 10, "slope": 1.2}, rel=1e-6)
    (row,) = fit.predictions
    assert row.x is not None
    assert sigmoid(np.array([row.x]))[0] == pytest.approx(1.0, rel=1e-6)


def test_a_falling_curve_keeps_the_names() -> None:
    """``lower`` is the smaller asymptote, whichever way the curve goes."""
    fit = fit_table(X, 3.0 - sigmoid(X), "4pl", "none")
    values = {name: found.value for name, found in fit.parameters.items()}
    assert values == pytest.approx({"lower": 0.5, "upper": 2.95, "ec50": 10, "slope": 1.2}, rel=1e-6)


@pytest.mark.parametrize("model", [model for model in TABLE_MODELS if model != "auto"])
def test_every_model_fits_and_reads_back_its_own_level(model: str) -> None:
    """A response in the middle gives a concentration inside the calibrators, with an interval around it."""
    fit = fit_table(X, noisy(), model, "none", [0.9])
    (row,) = fit.predictions
    assert row.state == "ok"
    assert row.x is not None
    assert 2 < row.x < 20
    assert row.ci95[0] is not None
    assert row.ci95[1] is not None
    assert row.ci95[0] < row.x < row.ci95[1]


def test_responses_beyond_the_asymptotes_have_no_concentration() -> None:
    """Below and above are said, never a clipped number."""
    fit = fit_table(X, noisy(), "4pl", "none", [0.01, 2.9])
    assert [(row.x, row.state) for row in fit.predictions] == [(None, "below"), (None, "above")]


def test_auto_takes_the_five_parameters_only_when_they_are_needed() -> None:
    """The reason is stated either way."""
    plain = fit_table(X, noisy(), "auto", "none")
    skewed = fit_table(X, noisy(0.002, 0.35), "auto", "none")
    assert (plain.model, skewed.model) == ("4pl", "5pl")
    assert all(fit.warnings[0].startswith("auto: ") for fit in (plain, skewed))


def test_auto_with_four_levels_holds_the_lower_asymptote() -> None:
    """A kit's four calibrators and a zero leave a 4PL no degrees of freedom to be judged by."""
    few = np.isin(X, [0.0, 1.0, 4.0, 16.0, 64.0])
    fit = fit_table(X[few], noisy()[few], "auto", "none")
    assert fit.model == "4pl-fixed-lower"
    assert fit.parameters["lower"].se is None


def test_weights_are_estimated_when_asked() -> None:
    """Proportional errors give an exponent near one, printed with the fit."""
    rng = np.random.default_rng(5)
    x = np.repeat(np.geomspace(0.5, 128, 9), 12)
    y = sigmoid(x) * (1 + 0.05 * rng.standard_normal(len(x)))
    fit = fit_table(x, y, "4pl", "power")
    assert fit.weights.startswith("power:")
    assert float(fit.weights.removeprefix("power:")) == pytest.approx(1.0, abs=0.15)


def test_points_that_no_curve_fits_say_so() -> None:
    """A group without a curve has no parameters and a reason."""
    fit = fit_table(X, np.where(X > 5, 2.0, -1.0), "loglog", "none")
    assert fit.parameters == {}
    assert "no fit" in fit.warnings[0]


def test_the_command_prints_the_contracts_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Groups in their order, every key of the contract, decimal commas read."""
    rows = [
        f"{run};{x:g};{y:.6f}".replace(".", ",")
        for run in ("b", "a")
        for x, y in zip(X, noisy(), strict=True)
    ]
    document = fitted(
        tmp_path, "\n".join(["run;conc;od", *rows]), "--x", "conc", "--y", "od", "--group", "run",
        "--weights", "1/y", "--predict", "0.9", "9", capsys=capsys,
    )  # fmt: skip
    assert document["schema"] == "titerline.fit/1"
    first, second = document["fits"]
    assert (first["group"], second["group"]) == ("b", "a")
    assert set(first) >= {
        "group", "model", "weights", "n", "residual_df", "parameters", "rss", "residual_sd", "lack_of_fit",
        "warnings", "predictions",
    }  # fmt: skip
    assert set(first["parameters"]["ec50"]) >= {"value", "se", "ci95"}
    assert set(first["lack_of_fit"]) == {"f", "df", "p"}
    assert [row["state"] for row in first["predictions"]] == ["ok", "above"]
    assert first["predictions"][1]["x"] is None


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--x", "dose", "--y", "od"), "COLUMN_UNKNOWN"),
        (("--x", "conc", "--y", "od", "--model", "6pl"), "MODEL_UNKNOWN"),
        (("--x", "conc", "--y", "od", "--weights", "1/z"), "WEIGHTS_UNKNOWN"),
        (("--x", "od", "--y", "name"), "NOT_A_NUMBER"),
        (("--x", "conc", "--y", "od", "--outliers", "grubs"), "OUTLIER_TEST_UNKNOWN"),
    ],
)
def test_what_cannot_be_done_is_said_in_plain_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], code: str
) -> None:
    """Exit code 2, with the file, the place and what was expected."""
    path = tmp_path / "data.csv"
    path.write_text("conc,od,name\n1,0.2,a\n2,0.4,b\n", encoding="utf-8")
    assert cli.main(["fit", str(path), *options]) == BAD_INPUT
    assert code in capsys.readouterr().err


REPLICATES = [(1, 0.21), (1, 0.22), (1, 0.20), (4, 0.61), (4, 0.60), (4, 1.90), (4, 0.62), (9, 1.1), (9, 1.2)]
"""Line 7 of the table is far from the other wells of its level; the last level has two wells."""


def replicates() -> str:
    """The table as a file."""
    return "\n".join(["conc,od", *(f"{x},{y}" for x, y in REPLICATES)])


@pytest.mark.parametrize("test", ["grubbs", "dixon"])
def test_a_suspected_outlier_is_told_and_stays_in_the_fit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], test: str
) -> None:
    """Level, line, response, statistic and critical value; the curve is the same as without the test."""
    columns = ("--x", "conc", "--y", "od", "--model", "linear")
    (plain,) = fitted(tmp_path, replicates(), *columns, capsys=capsys)["fits"]
    (tested,) = fitted(tmp_path, replicates(), *columns, "--outliers", test, capsys=capsys)["fits"]
    outliers = tested.pop("outliers")
    assert plain.pop("outliers") is None
    assert tested == plain
    assert (outliers["test"], outliers["alpha"]) == (test, 0.05)
    quiet, loud, few = outliers["levels"]
    assert [level["x"] for level in (quiet, loud, few)] == [1, 4, 9]
    assert (loud["n"], loud["y"], loud["line"], loud["outlier"]) == (4, 1.90, 7, True)
    assert loud["statistic"] > loud["critical"]
    assert quiet["outlier"] is False
    assert few["outlier"] is None
    assert few["reason"] == "2 values are too few to call one an outlier"


def test_the_text_names_each_suspect_and_what_was_not_tested(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """How many levels were tested, how many could not be, and where to look in the table."""
    path = tmp_path / "data.csv"
    path.write_text(replicates(), encoding="utf-8")
    columns = ["--x", "conc", "--y", "od", "--model", "linear"]
    assert cli.main(["fit", str(path), *columns, "--outliers", "grubbs"]) == DONE
    said = capsys.readouterr().out
    assert "outliers (grubbs, alpha 0.05): 2 levels tested, 1 with fewer than 3 responses not" in said
    assert "? x = 4: y = 1.9 (line 7) is suspected, 1.4999 above 1.4813; it is in the fit" in said


LINE_X = np.array([1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0])
LINE_Y = np.array([1.1, 0.9, 2.0, 2.2, 2.9, 3.1, 4.2, 3.9])


def test_a_line_has_a_test_of_lack_of_fit() -> None:
    """A bent series does not pass for a line."""
    straight, bent = (fit_table(LINE_X, y, "linear", "none").lack_of_fit for y in (LINE_Y, LINE_Y**3))
    assert straight is not None
    assert bent is not None
    assert straight.p > 0.1
    assert bent.p < 0.05


def test_limits_of_a_line_are_where_its_prediction_limits_meet_the_response() -> None:
    """Inversion limits: each end allows the response just so (Draper and Smith 1998, 3.2)."""
    fit = fit_table(LINE_X, LINE_Y, "linear", "none", [2.5], how=ReadOff(0.9, 3))
    (row,) = fit.predictions
    intercept, slope = fit.parameters["intercept"].value, fit.parameters["slope"].value
    assert fit.residual_sd is not None
    design = np.column_stack([np.ones(8), LINE_X])
    covariance = fit.residual_sd**2 * np.linalg.inv(design.T @ design)
    for end in row.ci95:
        assert end is not None
        g = np.array([1.0, end])
        allowed = stdtrit(6, 0.95) * (fit.residual_sd**2 / 3 + g @ covariance @ g) ** 0.5
        assert abs(2.5 - intercept - slope * end) == pytest.approx(allowed, rel=1e-9)


@pytest.mark.parametrize("model", ["linear", "4pl"])
def test_more_readings_and_a_lower_level_give_a_narrower_interval(model: str) -> None:
    """A mean of four readings is known better than one; 80 % ask for less than 95 %."""
    widths = []
    for how in (ReadOff(), ReadOff(wells=4), ReadOff(0.8, 4)):
        low, high = fit_table(X, noisy(), model, "none", [1.0], how=how).predictions[0].ci95
        assert low is not None
        assert high is not None
        widths.append(high - low)
    assert widths[0] > widths[1] > widths[2]


def test_no_profile_interval_excludes_its_estimate() -> None:
    """An end that would lie on the other side of the estimate is open."""
    for seed in range(12):
        y = sigmoid(X) + np.random.default_rng(seed).normal(0, 0.25, len(X))
        for found in fit_table(X, y, "5pl", "none").parameters.values():
            low, high = found.profile_ci95
            assert low is None or low <= found.value
            assert high is None or high >= found.value


def test_what_lies_beyond_the_standards_says_so() -> None:
    """Extrapolated on a rising and on a falling curve: the side is that of the response."""
    x = X[X > 0]
    for y, states in ((sigmoid(x), ("below", "above")), (2.55 - sigmoid(x), ("below", "above"))):
        ends = sorted((float(y.min()) - 0.02, float(y.max()) + 0.02))
        assert tuple(p.state for p in fit_table(x, y, "4pl", "none", ends).predictions) == states
