"""One job through the house, and what a crash at any step leaves behind."""

from __future__ import annotations

import errno
import json
import subprocess
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from sample_cases import case as sample_case

from pipeline.jobs import filing, trial
from pipeline.jobs import run as batch
from pipeline.jobs.bench import Bench, open_bench
from pipeline.jobs.direct import process_to_folder
from pipeline.jobs.kept import places
from pipeline.jobs.run import STEPS, reconcile, run_job
from pipeline.ledger import AlreadyDone
from pipeline.record.document import from_json
from pipeline.record.job import Job
from pipeline.workspace import files
from pipeline.workspace.folders import Workspace

Drop = Callable[..., Path]
See = Callable[[Path], Job]

pytestmark = pytest.mark.usefixtures("core")


def folders(parent: Path) -> list[str]:
    """Names of the run folders below a folder."""
    return sorted(path.name for path in parent.iterdir() if path.is_dir() and path.name != "duplicates")


def inbox_files(workspace: Workspace) -> list[str]:
    """Names of the files in the inbox."""
    return sorted(path.name for path in workspace.inbox.rglob("*") if path.is_file())


def test_export_becomes_report_and_is_kept(bench: Bench, drop: Drop, seen_job: See) -> None:
    """A dropped export ends as a published report, and its file as received in processed."""
    outcome = run_job(bench, seen_job(drop()))
    run_id = outcome.runs[0].id
    assert outcome.state == "done"
    assert sorted(p.name for p in (bench.workspace.reports / run_id).iterdir()) == [
        "report.html",
        "results.json",
        "results.xlsx",
    ]
    kept = bench.workspace.processed / run_id
    assert sorted(p.name for p in kept.iterdir()) == [
        ".assay",
        "hashes.txt",
        "job.json",
        "plate1.samples.csv",
        "plate1.txt",
    ]
    assert (kept / "plate1.txt").read_bytes() == b"OD"
    assert inbox_files(bench.workspace) == []


def test_hashes_can_be_checked_with_sha256sum(bench: Bench, drop: Drop, seen_job: See) -> None:
    """IT can check the kept files with a tool that is not ours."""
    outcome = run_job(bench, seen_job(drop("Pl\u00e4te (copy) \u2013 1.txt")))
    folder = bench.workspace.processed / outcome.runs[0].id
    try:
        answer = subprocess.run(
            ["sha256sum", "--check", "--strict", "hashes.txt"],  # noqa: S607 - whichever the system has
            cwd=folder,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        pytest.skip("no sha256sum on this system")
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize("stage", STEPS)
@pytest.mark.parametrize("data", [b"OD", b"PLATES 3", b"BAD"])
def test_crash_at_any_step_gives_one_result_and_loses_nothing(
    bench: Bench,
    drop: Drop,
    seen_job: See,
    monkeypatch: pytest.MonkeyPatch,
    crash: type[BaseException],
    stage: str,
    data: bytes,
) -> None:
    """Power off at any named step: after the restart there is one result, and the file as received."""
    job = seen_job(drop(data=data))

    def stop(name: str) -> None:
        if name == stage:
            raise crash

    with monkeypatch.context() as patch:
        patch.setattr(batch, "step", stop)
        if stage == "staged" and data == b"BAD":
            run_job(bench, job)  # a refusal has no folder to stage
        else:
            with pytest.raises(crash):
                run_job(bench, job)
    reconcile(bench)
    run_job_if_open(bench, job)

    assert_one_result(bench, job, data)


def run_job_if_open(bench: Bench, job: Job) -> None:
    """What the next look at the inbox would do."""
    if (bench.workspace.inbox / job.export.path).exists():
        run_job(bench, job)


def assert_one_result(bench: Bench, job: Job, data: bytes) -> None:
    """Every plate has one run, one folder and one kept copy of what was received."""
    runs = bench.ledger.runs_of(job.key)
    plates = 3 if data.startswith(b"PLATES") else 1
    assert len(runs) == plates
    assert len(bench.ledger.recent(50)) == plates
    failed = data == b"BAD"
    assert folders(bench.workspace.reports) == ([] if failed else sorted(run.id for run in runs))
    home = bench.workspace.rejected if failed else bench.workspace.processed
    assert folders(home) == sorted(run.id for run in runs)
    for run in runs:
        assert (home / run.id / "plate1.txt").read_bytes() == data
        assert (home / run.id / "plate1.samples.csv").exists()
    assert inbox_files(bench.workspace) == []
    strays = [p for p in bench.workspace.root.rglob(".titerline-*") if p != bench.workspace.lock_file]
    assert strays == []


def test_run_id_survives_a_crash_at_midnight(
    bench: Bench,
    drop: Drop,
    seen_job: See,
    monkeypatch: pytest.MonkeyPatch,
    crash: type[BaseException],
) -> None:
    """A job that is repeated on the next day keeps the time of its first attempt, so it has one result."""
    job = seen_job(drop())
    with monkeypatch.context() as patch:
        patch.setattr(batch, "now", lambda: "2026-02-17T23:59:59+01:00")
        patch.setattr(batch, "step", lambda name: _raise_at(name, "published", crash))
        with pytest.raises(crash):
            run_job(bench, job)
    outcome = run_job(bench, job)
    assert outcome.runs[0].id.startswith("2026-02-17_")
    assert folders(bench.workspace.reports) == [outcome.runs[0].id]


def _raise_at(name: str, wanted: str, error: type[BaseException]) -> None:
    if name == wanted:
        raise error


def _ends_twice(bench: Bench, job: Job, crash: type[BaseException], patch: pytest.MonkeyPatch) -> None:
    patch.setattr(batch, "step", lambda name: _raise_at(name, "read", crash))
    for _ in range(2):
        with open_bench(bench.workspace, bench.settings) as program, pytest.raises(crash):
            run_job(program, job)


def test_two_restarts_of_the_computer_refuse_no_good_plate(
    bench: Bench, drop: Drop, seen_job: See, monkeypatch: pytest.MonkeyPatch, crash: type[BaseException]
) -> None:
    """The third try works on it in a process of its own first; when that lives, the plate has its results."""
    monkeypatch.undo()  # the real core
    case = sample_case("anti_mag_igm/clean_plate")
    job = seen_job(drop(case.export.name, case.export.read_bytes(), sheet=None))
    with monkeypatch.context() as patch:
        _ends_twice(bench, job, crash, patch)
    outcome = run_job(bench, job)
    assert (outcome.state, outcome.runs[0].verdict) == ("done", "accepted")


def test_a_file_that_ends_a_process_of_its_own_is_refused(
    bench: Bench,
    drop: Drop,
    seen_job: See,
    monkeypatch: pytest.MonkeyPatch,
    crash: type[BaseException],
    core: list[str],
    tmp_path: Path,
) -> None:
    """After two ends of the program it is tried in a child, never again in the program itself."""
    job = seen_job(drop())
    with monkeypatch.context() as patch:
        _ends_twice(bench, job, crash, patch)
    (tmp_path / "deadly_work.py").write_text(
        "import os\n\ndef work(*_):\n    os._exit(9)\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(trial, "worked_on", import_module("deadly_work").work)
    outcome = run_job(bench, job)
    assert (outcome.state, outcome.runs[0].code) == ("failed", "CRASHED_READER")
    assert core == []
    assert (bench.workspace.rejected / outcome.runs[0].id / "plate1.txt").exists()


def test_what_can_heal_does_not_count_as_a_crash(
    bench: Bench, drop: Drop, seen_job: See, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk may last for hours; the file is processed when there is room again."""
    job = seen_job(drop())

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files, "publish_folder", full)
        for _ in range(5):
            with pytest.raises(OSError, match="No space"):
                run_job(bench, job)
    assert run_job(bench, job).state == "done"


def test_same_content_again_is_a_duplicate(bench: Bench, drop: Drop, seen_job: See, core: list[str]) -> None:
    """The same bytes under another name give no second result; both names are kept, with a note."""
    first = run_job(bench, seen_job(drop()))
    again = run_job(bench, seen_job(drop("copy of plate1.txt")))
    assert again.state == "duplicate"
    assert core == ["plate1.txt"]
    [folder] = bench.workspace.duplicates.iterdir()
    assert sorted(p.name for p in folder.iterdir()) == [
        "NOTE.txt",
        "copy of plate1.samples.csv",
        "copy of plate1.txt",
    ]
    assert first.runs[0].id in (folder / "NOTE.txt").read_text(encoding="utf-8")
    assert inbox_files(bench.workspace) == []


def test_same_name_with_other_content_supersedes(bench: Bench, drop: Drop, seen_job: See) -> None:
    """A corrected export is a new run that names the one it supersedes; the old one stays."""
    first = run_job(bench, seen_job(drop(data=b"OD 1")))
    second = run_job(bench, seen_job(drop(data=b"OD 2")))
    assert second.runs[0].supersedes == first.runs[0].id
    document = bench.workspace.reports / second.runs[0].id / "results.json"
    assert from_json(document.read_bytes()).run.supersedes == first.runs[0].id
    assert len(folders(bench.workspace.reports)) == 2


def test_same_export_with_a_corrected_sheet_is_a_new_run(bench: Bench, drop: Drop, seen_job: See) -> None:
    """Correcting a sample id and dropping both again computes again."""
    first = run_job(bench, seen_job(drop()))
    second = run_job(bench, seen_job(drop(sheet=b"slot,sample_id\nS1,2026-1042\n")))
    assert second.state == "done"
    assert second.runs[0].supersedes == first.runs[0].id


def test_refused_file_says_why(bench: Bench, drop: Drop, seen_job: See) -> None:
    """A refused file lies in rejected with its sheet, WHY.txt and the reason for programs."""
    outcome = run_job(bench, seen_job(drop(data=b"BAD")))
    folder = bench.workspace.rejected / outcome.runs[0].id
    results, kept = ["WHY.txt", "failure.json"], [".assay", "hashes.txt", "job.json"]
    names = sorted([*results, *kept, "plate1.samples.csv", "plate1.txt"])
    assert sorted(p.name for p in folder.iterdir()) == names
    why = (folder / "WHY.txt").read_text(encoding="utf-8")
    assert len(why.split()) <= 80
    assert "Code: FORMAT_UNKNOWN" in why
    assert json.loads((folder / "failure.json").read_bytes())["code"] == "FORMAT_UNKNOWN"


def test_refused_file_may_be_dropped_again(bench: Bench, drop: Drop, seen_job: See) -> None:
    """A refused file that is dropped once more is tried once more, not called a duplicate."""
    run_job(bench, seen_job(drop(data=b"BAD")))
    assert run_job(bench, seen_job(drop(data=b"BAD"))).state == "failed"
    assert inbox_files(bench.workspace) == []


def test_file_changed_while_it_was_computed_stays(
    bench: Bench, drop: Drop, seen_job: See, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An export that was saved anew during the computation stays in the inbox; the old bytes are kept."""
    export = drop()
    job = seen_job(export)

    def save_anew(name: str) -> None:
        if name == "recorded":
            export.write_bytes(b"OD new")

    monkeypatch.setattr(batch, "step", save_anew)
    outcome = run_job(bench, job)
    assert export.read_bytes() == b"OD new"
    assert (bench.workspace.processed / outcome.runs[0].id / "plate1.txt").read_bytes() == b"OD"
    assert any(kind == "changed" for _, kind, _ in bench.ledger.log(10))


def test_file_changed_before_it_is_read_is_left_for_the_next_look(
    bench: Bench, drop: Drop, seen_job: See, core: list[str]
) -> None:
    """What was seen is what is processed: other bytes wait until they are complete themselves."""
    export = drop()
    job = seen_job(export)
    export.write_bytes(b"OD and more")
    assert run_job(bench, job).state == "changed"
    assert core == []
    assert export.exists()


def test_file_held_by_excel_has_its_result_and_is_filed_later(
    bench: Bench, drop: Drop, seen_job: See, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Excel holds the sheet: the result is there at once, the file is put away when Excel lets go."""
    job = seen_job(drop())

    def held(*_: object) -> bool:
        raise PermissionError(errno.EACCES, "in use")

    with monkeypatch.context() as patch:
        patch.setattr(files, "take", held)
        outcome = run_job(bench, job)
        assert outcome.state == "done"
        assert outcome.message == filing.HELD
    assert run_job(bench, job).state == "filed"
    assert inbox_files(bench.workspace) == []
    assert len(bench.ledger.recent(10)) == 1
    assert isinstance(bench.ledger.claim(job, "2026-02-17T09:00:00+01:00"), AlreadyDone)


def test_fault_while_rendering_becomes_a_record(
    bench: Bench, drop: Drop, seen_job: See, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake of ours does not lose the file: it is set aside and the page says so without jargon."""

    def broken(_: object) -> dict[str, bytes]:
        msg = "NaN at curves[0]"
        raise ValueError(msg)

    monkeypatch.setattr("pipeline.jobs.produce.render", broken)
    outcome = run_job(bench, seen_job(drop()))
    assert outcome.runs[0].code == "PROGRAM_FAULT"
    why = (bench.workspace.rejected / outcome.runs[0].id / "WHY.txt").read_text(encoding="utf-8")
    assert "NaN" not in why
    assert "program made a mistake" in why


def test_too_large_file_is_refused_without_loading(
    bench: Bench, drop: Drop, seen_job: See, core: list[str]
) -> None:
    """A video in the inbox is set aside by its size alone, and moved as it is."""
    export = drop(data=b"")
    with export.open("wb") as handle:
        handle.truncate(bench.settings.max_file_bytes + 1)
    digest = files.hash_of(export)
    job = seen_job(export)
    outcome = run_job(bench, job)
    assert outcome.runs[0].code == "FILE_TOO_LARGE"
    assert core == []
    kept = bench.workspace.rejected / outcome.runs[0].id / "plate1.txt"
    assert files.hash_of(kept) == digest


def test_process_to_folder_needs_no_workspace(tmp_path: Path) -> None:
    """``titerline process`` writes one result folder a run; a bad file does not stop the good one."""
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_bytes(b"PLATES 2")
    bad.write_bytes(b"BAD")
    missing = tmp_path / "missing.txt"
    outcomes = process_to_folder([bad, missing, good], "anti_mag_igm", None, tmp_path / "out")
    assert [outcome.exit_code for outcome in outcomes] == [2, 2, 0, 0]
    assert all((outcome.folder / "results.json").exists() for outcome in outcomes[2:])
    assert (outcomes[0].folder / "WHY.txt").exists()
    assert "FILE_UNREADABLE" in (outcomes[1].folder / "WHY.txt").read_text(encoding="utf-8")
    assert good.exists()


def test_process_takes_the_sheet_beside_the_export(tmp_path: Path) -> None:
    """The sample sheet is found by its name, so that it need not be given."""
    export = tmp_path / "p.txt"
    export.write_bytes(b"OD")
    bare = process_to_folder([export], "anti_mag_igm", None, tmp_path / "out")
    (tmp_path / "p.samples.csv").write_bytes(b"slot,sample_id\nS1,2026-1041\n")
    paired = process_to_folder([export], "anti_mag_igm", None, tmp_path / "out")
    assert bare[0].folder != paired[0].folder


def test_published_but_never_recorded_is_taken_out_of_sight(
    bench: Bench,
    drop: Drop,
    seen_job: See,
    monkeypatch: pytest.MonkeyPatch,
    crash: type[BaseException],
    core: list[str],
) -> None:
    """Stopped between report and ledger, then the assay is edited: the old report is not left standing."""
    job = seen_job(drop())
    with monkeypatch.context() as patch:
        patch.setattr(batch, "step", lambda name: _raise_at(name, "archived", crash))
        with pytest.raises(crash):
            run_job(bench, job)
    (published,) = bench.workspace.reports.glob("*_plate1_*")
    assay = bench.workspace.assays / "anti_mag_igm" / "assay.toml"
    assay.write_bytes(assay.read_bytes().replace(b"target = 3000", b"target = 3001"))
    assert run_job(bench, job).state == "changed"
    assert not published.exists()
    kept = bench.workspace.unfinished / published.name
    assert (kept / "report" / "results.json").is_file()
    assert (kept / "files" / "plate1.txt").is_file()
    assert any(kind == "unfinished" for _, kind, _ in bench.ledger.log(5))
    assert core == ["plate1.txt"]


@pytest.mark.usefixtures("core")
def test_files_that_are_kept_come_back_in_their_order(bench: Bench, drop: Drop, seen_job: See) -> None:
    """Runs of one second are put in order by their jobs' notes, plates by their place in the export."""
    for name in ("zz.txt", "aa.txt", "mm.txt"):
        run_job(bench, seen_job(drop(name, b"PLATES 2 " + name.encode())))
    recorded = [line.id for line in reversed(bench.ledger.recent(10))]
    assert list(places(bench.workspace)) == recorded
