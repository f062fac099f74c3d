"""A plate takes the error of a dilution step from past runs of its workspace, and verify proves it."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from pipeline.compute.past.past_run import past_run
from pipeline.domain.record import RunRecord
from pipeline.inbox import watch as watching
from pipeline.inbox.watch import watch
from pipeline.jobs.bench import Bench, open_bench
from pipeline.jobs.kept import Kept, place_of, read_kept
from pipeline.verify.past_steps import past_step_problems
from pipeline.verify.workspace import verify
from pipeline.workspace.folders import Workspace, create_workspace
from pipeline.workspace.settings import Settings

TOML = 'settle_seconds = 0.05\npoll_seconds = 0.02\nprefect = "off"\noperator = "tester"\n'
FEWEST = '\n[dilution.history_fewest]\nvalue = 1\nunit = "runs"\nsource = "for this test"\n'
ASSAY = "anti_mag_igm"
PAST, NEW, PLATE = "clean_plate", "difficult_sera", "Plate-A"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Workspace:
    """Two plates, the second seen long after the first was finished; one past run is enough."""
    made = create_workspace(tmp_path_factory.mktemp("laboratory") / "elisa")
    made.settings_file.write_text(TOML, encoding="utf-8")
    with (made.assays / ASSAY / "assay.toml").open("a", encoding="utf-8") as file:
        file.write(FEWEST)
    with pytest.MonkeyPatch.context() as patch:
        for case, seen in ((PAST, "2001-01-01T09:00:00+00:00"), (NEW, "2901-01-01T09:00:00+00:00")):
            for path in (root / "sample_data" / ASSAY / case).glob(f"{case}.*"):
                shutil.copy(path, made.inbox / ASSAY)
            patch.setattr(watching, "now", lambda at=seen: at)
            watch(made.root, once=True)
    return made


def kept(bench: Bench, name: str) -> tuple[Kept, RunRecord]:
    """The run whose id holds this name, from its folders."""
    (line,) = [line for line in bench.ledger.recent(9) if name in line.id]
    found = read_kept(place_of(bench.workspace, line.id))
    assert isinstance(found.result, RunRecord)
    return found, found.result


def test_a_plate_uses_what_the_run_before_it_showed(workspace: Workspace) -> None:
    """Its record names the run, the value and its degrees of freedom; the first plate has its guess."""
    with open_bench(workspace, Settings()) as bench:
        (_, first), (_, second) = kept(bench, PAST), kept(bench, PLATE)
    assert first.step_history is not None
    assert (first.step_history.runs, first.step_history.used) == ((), False)
    assert second.step_history is not None
    assert second.step_history.runs == (first.run.id,)
    assert second.step_error is not None
    assert second.step_error.declared_cv_percent == second.step_history.cv_percent
    assert second.step_error.declared_df == second.step_history.df
    assert second.step_history.last_cv_percent == 3.0
    page = (workspace.reports / second.run.id / "report.html").read_text("utf-8")
    assert f"CV {second.step_history.cv_percent:.1f}" in page
    assert "changed from 3.0" in page


def test_verify_computes_the_value_again_from_the_named_runs(workspace: Workspace) -> None:
    """Nothing differs; a record that claimed another value would be told."""
    with open_bench(workspace, Settings()) as bench:
        assert verify(bench).problems == []
        found, record = kept(bench, PLATE)
        assert record.step_history is not None
        claimed = dataclasses.replace(record.step_history, cv_percent=0.5)
        changed = dataclasses.replace(found, result=dataclasses.replace(record, step_history=claimed))
        with bench.ledger.database.reading() as connection:
            (problem,) = past_step_problems(changed, connection)
    assert "step_history.cv_percent" in problem


def test_the_charts_know_the_standard_error_of_each_control(workspace: Workspace) -> None:
    """From the ledger they say the same as from the record."""
    with open_bench(workspace, Settings()) as bench:
        _, record = kept(bench, PAST)
        (past,) = [run for run in bench.ledger.history(ASSAY).runs if run.id == record.run.id]
    assert past.controls == past_run(record).controls
    assert past.controls["PC1"].se is not None
