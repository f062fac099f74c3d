"""The lot file of a workspace: its lots reach the record; a mistake in it holds the work up."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.inbox import watch
from pipeline.record.document import from_json
from pipeline.workspace.folders import Workspace

LOTS = """
[[lot]]
kind = "conjugate"
lot = "C-2210"
in_use_from = 2020-01-01
expires = 2999-12-31

[[lot]]
kind = "control"
name = "PC1"
lot = "PC1-07"
in_use_from = 2020-01-01
expires = 2999-12-31
target = 3100
source = "mean of 20 runs"
"""


def test_a_plate_of_the_inbox_gets_the_lots_of_the_day(workspace: Workspace, root: Path) -> None:
    """From the dropped export to results.json and the page: the lots in use, and the lot's own target."""
    workspace.lots_file.write_text(LOTS, encoding="utf-8")
    for path in (root / "sample_data" / "anti_mag_igm" / "clean_plate").glob("clean_plate*"):
        shutil.copy(path, workspace.inbox / "anti_mag_igm")
    (line,) = watch.watch(workspace.root, once=True).runs
    folder = workspace.reports / line.id
    record = from_json((folder / "results.json").read_bytes())
    assert [(use.label, use.lot) for use in record.lots] == [
        ("conjugate", "C-2210"),
        ("control NC", None),
        ("control PC1", "PC1-07"),
        ("control PC2", None),
    ]
    assert record.controls[1].target == 3100
    assert "PC1, lot PC1-07" in (folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("core")
@pytest.mark.parametrize("mistake", ["expires", "assays"])
def test_a_broken_lot_file_keeps_the_files(
    workspace: Workspace, drop: Callable[..., Path], mistake: str
) -> None:
    """While lots.toml has a mistake, exports wait and the page says where it is; then they are processed."""
    broken = LOTS.replace("expires", "expiers", 1) if mistake == "expires" else LOTS + 'assays = ["anti_mag"]'
    workspace.lots_file.write_text(broken, encoding="utf-8")
    drop()
    summary = watch.watch(workspace.root, once=True)
    assert summary.runs == ()
    assert "corrected" in summary.waiting[0]
    status = workspace.status_file.read_text(encoding="utf-8")
    assert "lots.toml" in status
    assert f"nearest: &#39;{'expires' if mistake == 'expires' else 'anti_mag_kit'}&#39;" in status
    workspace.lots_file.write_text(LOTS, encoding="utf-8")
    assert len(watch.watch(workspace.root, once=True).runs) == 1


@pytest.mark.usefixtures("core")
def test_a_workspace_without_a_lot_file_works(workspace: Workspace, drop: Callable[..., Path]) -> None:
    """Workspaces made by earlier versions have none; nothing is asked for."""
    workspace.lots_file.unlink()
    drop()
    assert len(watch.watch(workspace.root, once=True).runs) == 1
