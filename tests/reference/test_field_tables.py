"""Tables as laboratories bring them to ``titerline fit``; their right answers lie beside the checkout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline import cli
from pipeline.errors import BAD_INPUT, DONE


@pytest.fixture(scope="module")
def cases(root: Path) -> Path:
    """The folder of cases."""
    found = root.parent / "shared" / "field_cases"
    if not found.is_dir():
        pytest.skip("no ../shared/field_cases here")
    return found


def fit(table: Path, *options: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any], str]:
    """Exit code, the one fit of the document, and what stood on standard error."""
    code = cli.main(["fit", str(table), *options, "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out)["fits"][0], said.err


def test_three_doses_do_not_determine_four_parameters(
    cases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No numbers, the reason first, exit code 2, and no warnings of libraries on the screen."""
    table = cases / "18-fit-not-determined" / "three_doses.csv"
    code, found, said = fit(table, "--x", "dose", "--y", "response", "--predict", "50", capsys=capsys)
    assert (code, found["state"], found["parameters"], said) == (BAD_INPUT, "not_determined", {}, "")
    assert [row["state"] for row in found["predictions"]] == ["no_curve"]


def test_rows_without_a_concentration_are_read_off(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Standards and unknowns in one table: each unknown has its line, its value and its state."""
    table = cases / "19-fit-table-with-unknowns" / "standards_and_unknowns.csv"
    code, found, _ = fit(table, "--x", "Concentration", "--y", "OD", capsys=capsys)
    assert code == DONE
    assert [row["line"] for row in found["predictions"]] == [14, 15, 16, 17]
    assert [row["state"] for row in found["predictions"]] == ["ok", "ok", "ok", "above"]
    assert found["predictions"][0]["x"] == pytest.approx(8.0, rel=0.03)
    assert found["predictions"][2]["x"] == pytest.approx(33.0, rel=0.03)


STANDARDS = "".join(
    f"{x},{y}\n" for x, y in [(100, 2.1), (50, 1.6), (25, 1.0), (12.5, 0.6), (6.25, 0.35), (3, 0.2)]
)


@pytest.mark.parametrize("empty", ["", "-", "?", "NA", "n/a"])
def test_what_people_write_for_no_concentration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], empty: str
) -> None:
    """An unknown is an unknown however its empty cell is written."""
    table = tmp_path / "t.csv"
    table.write_text(f"x,y\n{STANDARDS}{empty},1.0\n", encoding="utf-8")
    _, found, _ = fit(table, "--x", "x", "--y", "y", capsys=capsys)
    assert (found["n"], found["predictions"][0]["line"]) == (6, 8)
    assert found["predictions"][0]["x"] == pytest.approx(25, rel=0.05)


def test_unknowns_are_read_off_the_curve_of_their_group(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two plates in one table: the unknown of a plate without standards has no curve, and says so."""
    lines = "".join(f"A,{line}\n" for line in STANDARDS.splitlines())
    table = tmp_path / "t.csv"
    table.write_text(f"plate,x,y\n{lines}A,,1.0\nB,,1.0\n", encoding="utf-8")
    assert cli.main(["fit", str(table), "--x", "x", "--y", "y", "--group", "plate", "--json"]) == BAD_INPUT
    first, second = json.loads(capsys.readouterr().out)["fits"]
    assert first["predictions"][0]["state"] == "ok"
    assert (second["state"], second["predictions"][0]["state"]) == ("no_fit", "no_curve")


@pytest.mark.parametrize(("model", "levels"), [("4pl", 3), ("5pl", 4), ("3pl", 2)])
def test_too_few_levels_for_a_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], model: str, levels: int
) -> None:
    """As many levels as parameters is the least that determines them."""
    rows = "".join(f"{2**n},{1 - 0.2 * n + 0.01 * k}\n" for n in range(levels) for k in range(3))
    table = tmp_path / "t.csv"
    table.write_text(f"x,y\n{rows}", encoding="utf-8")
    code, found, _ = fit(table, "--x", "x", "--y", "y", "--model", model, capsys=capsys)
    assert (code, found["state"]) == (BAD_INPUT, "not_determined")
