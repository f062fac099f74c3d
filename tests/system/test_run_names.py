"""A run has a name of its own: nothing that is dropped gets in the place of an earlier result."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from pipeline.cli import main
from pipeline.inbox.watch import watch
from pipeline.jobs import produce
from pipeline.jobs.bench import Bench, open_bench
from pipeline.jobs.direct import process_to_folder
from pipeline.ledger import LedgerError
from pipeline.ledger.rows import rows_of
from pipeline.process import export as process
from pipeline.record import keys
from pipeline.record.job import Job, run_line
from pipeline.workspace.folders import Workspace, create_workspace
from pipeline.workspace.settings import Settings

Drop = Callable[..., Path]

pytestmark = pytest.mark.usefixtures("core")


@pytest.fixture
def one_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports of one name get one id, as two did that somebody had crafted for it."""
    monkeypatch.setattr(keys, "KEY_SHOWN", 0)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("one_id")
def test_a_run_of_the_same_id_is_refused_and_the_first_stays(workspace: Workspace, drop: Drop) -> None:
    """Report, raw file and rows of the first stay; the second is refused with what to do, and both verify."""
    drop(data=b"OD first")
    (first,) = watch(workspace.root, once=True).runs
    kept = [contents(folder / first.id) for folder in (workspace.reports, workspace.processed)]
    drop(data=b"OD second")
    (second,) = watch(workspace.root, once=True).runs
    assert second.code == "RUN_ID_TAKEN"
    assert second.id.endswith(second.key)
    assert [contents(folder / first.id) for folder in (workspace.reports, workspace.processed)] == kept
    assert (workspace.rejected / second.id / "plate1.txt").read_bytes() == b"OD second"
    assert main(["verify", str(workspace.root), "--quick"]) == 0


@pytest.mark.usefixtures("one_id")
def test_a_folder_that_the_ledger_does_not_know_is_not_replaced_either(
    workspace: Workspace, drop: Drop
) -> None:
    """A folder that somebody brought in from elsewhere is somebody's result."""
    drop(data=b"OD first")
    (first,) = watch(workspace.root, once=True).runs
    kept = contents(workspace.reports / first.id)
    other = create_workspace(workspace.root.with_name("other"))
    shutil.copytree(workspace.reports / first.id, other.reports / first.id)
    with open_bench(other, Settings()):
        drop(data=b"OD second").rename(other.inbox / "anti_mag_igm" / "plate1.txt")
    toml = other.assays / "anti_mag_igm" / "assay.toml"
    toml.write_bytes(toml.read_bytes() + b'[samples]\nwithout_sheet = "slot_names"\n')
    other.settings_file.write_bytes(workspace.settings_file.read_bytes())
    (second,) = watch(other.root, once=True).runs
    assert second.code == "RUN_ID_TAKEN"
    assert contents(other.reports / first.id) == kept


@pytest.mark.usefixtures("one_id")
def test_process_refuses_too(tmp_path: Path) -> None:
    """``titerline process`` writes no result over that of another export."""
    ids = []
    for text in (b"OD first", b"OD second"):
        export = tmp_path / text.decode()[3:] / "plate.txt"
        export.parent.mkdir()
        export.write_bytes(text)
        ids += [process_to_folder([export], "anti_mag_igm", None, tmp_path / "out")[0].folder.name]
    assert len(set(ids)) == 2
    assert (tmp_path / "out" / ids[1] / "WHY.txt").is_file()


def test_the_ledger_enters_no_run_over_one_of_another_job(
    bench: Bench, drop: Drop, seen_job: Callable[[Path], Job], factory: ModuleType
) -> None:
    """What the folders did not stop, the ledger does: nothing of the second is recorded."""
    jobs = [seen_job(drop(name, name.encode())) for name in ("a.txt", "b.txt")]
    record = factory.run_record()
    for job in jobs:
        bench.ledger.claim(job, "2026-02-17T09:00:00+01:00")
    bench.ledger.finish(jobs[0], [rows_of(record, jobs[0].key, [])], "2026-02-17T09:00:01+01:00")
    with pytest.raises(LedgerError):
        bench.ledger.finish(jobs[1], [rows_of(record, jobs[1].key, [])], "2026-02-17T09:00:02+01:00")
    assert bench.ledger.runs_of(jobs[0].key)[0].id == run_line(record).id
    assert bench.ledger.runs_of(jobs[1].key) == ()


def test_runs_named_by_the_last_version_verify_and_are_found(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight characters of the key in a name were right then, and stay right."""
    monkeypatch.undo()  # the real core
    workspace = create_workspace(tmp_path / "older")
    for sample in (root / "sample_data" / "anti_mag_igm" / "clean_plate").glob("clean_plate*"):
        (workspace.inbox / "anti_mag_igm" / sample.name).write_bytes(sample.read_bytes())
    (workspace.inbox / "anti_mag_igm" / "nonsense.txt").write_bytes(b"no plate at all")
    with monkeypatch.context() as older:
        for module in (process, produce):
            older.setattr(module, "run_id", _as_before)
        runs = watch(workspace.root, once=True, prefect=False).runs
    assert {len(run.id.rpartition("_")[2]) for run in runs} == {8}
    assert main(["verify", str(workspace.root)]) == 0


def _as_before(processed_at: str, name: str, plate: str | None, key: str) -> str:
    alone, beside = keys.older_run_ids(processed_at, name, plate or "", key)
    return beside if plate else alone
