"""A workspace whose ledger is a PostgreSQL database works like one with a file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.inbox.watch import watch
from pipeline.ledger import Ledger, tables
from pipeline.workspace.folders import create_workspace

ASSAY, CASE = "anti_mag_igm", "clean_plate"
TOML = 'settle_seconds = 0.05\npoll_seconds = 0.02\nprefect = "off"\nledger = "{url}"\n'


def test_a_day_on_postgresql(
    postgres: Callable[[], str], tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Drop, second drop, verify, tampering found, rebuild, trends: everything that asks the ledger."""
    url, folder = postgres(), tmp_path / "elisa"
    workspace = create_workspace(folder)
    workspace.settings_file.write_text(TOML.format(url=url), encoding="utf-8")
    for _ in range(2):
        for path in (root / "sample_data" / ASSAY / CASE).glob(f"{CASE}.*"):
            shutil.copy(path, workspace.inbox / ASSAY)
        watch(folder, once=True)
    assert not workspace.ledger_file.exists()
    assert len(list(workspace.reports.glob("*/results.json"))) == 1
    assert len(list(workspace.duplicates.iterdir())) == 1
    assert main(["verify", str(folder)]) == 0
    with Ledger(url) as ledger, ledger.database.writing() as connection:
        connection.execute(tables.samples.update().values(titer=1.0))
    capsys.readouterr()
    assert main(["verify", str(folder), "--quick", "--json"]) == 2
    assert "titer is 1.0 in the ledger" in capsys.readouterr().out
    assert main(["ledger", "rebuild", str(folder)]) == 0
    assert main(["verify", str(folder), "--quick"]) == 0
    capsys.readouterr()
    assert main(["trends", str(folder), "--assay", ASSAY, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"] == 1


def test_a_server_that_is_away_is_told_plainly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not a stack trace: which setting, and that nothing is lost."""
    folder = tmp_path / "elisa"
    workspace = create_workspace(folder)
    url = "postgresql://titerline@127.0.0.1:9/none"
    workspace.settings_file.write_text(TOML.format(url=url), encoding="utf-8")
    assert main(["verify", str(folder)]) == 2
    said = capsys.readouterr().err
    assert "the ledger cannot be used" in said
    assert "Nothing was lost" in said


def test_two_workspaces_do_not_share_a_ledger(
    postgres: Callable[[], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second one is told before it calls the first one's files gone."""
    url = postgres()
    for name in ("one", "two"):
        workspace = create_workspace(tmp_path / name)
        workspace.settings_file.write_text(TOML.format(url=url), encoding="utf-8")
    assert main(["watch", "--once", str(tmp_path / "one")]) == 0
    assert main(["watch", "--once", str(tmp_path / "two")]) == 2
    assert "belongs to another workspace" in capsys.readouterr().err
