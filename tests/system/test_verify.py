"""The proof that nobody changed anything: verify, rebuild, and what they say after tampering."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sizes import size
from tamper import tamper

from pipeline.cli import main
from pipeline.definitions import load_definition
from pipeline.inbox import assays
from pipeline.inbox.watch import watch
from pipeline.jobs import run
from pipeline.jobs.bench import Bench, open_bench
from pipeline.jobs.filing import EFFECTIVE, kept_files
from pipeline.jobs.rebuild import rebuild
from pipeline.ledger import tables
from pipeline.ledger.audit import ChainHead
from pipeline.verify.result import verify_result
from pipeline.verify.workspace import verify
from pipeline.workspace.folders import create_workspace, open_workspace
from pipeline.workspace.settings import Settings

EDITS = size(60, 1_000)
"""Random edits."""

TOML = 'settle_seconds = 0.05\npoll_seconds = 0.02\nprefect = "off"\noperator = "tester"\n'
CASES = (("anti_mag_igm", "clean_plate"), ("anti_mag_igm", "failed_control"))


def _drop(root: Path, samples: Path, assay: str, case: str) -> None:
    for path in (samples / assay / case).iterdir():
        if path.name.startswith(case):
            shutil.copy(path, root / "inbox" / assay)


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """A workspace after a day: two plates, a refused file, a second drop of the same plate, a review."""
    folder = tmp_path_factory.mktemp("day") / "elisa"
    workspace = create_workspace(folder)
    workspace.settings_file.write_text(TOML, encoding="utf-8")
    samples = root / "sample_data"
    for assay, case in CASES:
        _drop(folder, samples, assay, case)
    (folder / "inbox" / "anti_mag_igm" / "nonsense.txt").write_bytes(b"no plate at all")
    watch(folder, once=True)
    _drop(folder, samples, *CASES[0])
    watch(folder, once=True)
    with open_bench(workspace, Settings()) as bench:
        run = bench.ledger.recent(5)[-1]
        bench.ledger.review(run.id, "dr. x", "approve", "looks fine", "2026-02-17T10:00:00+01:00")
    return folder


@pytest.fixture
def copy(worked: Path, tmp_path: Path) -> Callable[[], Path]:
    """A copy of that workspace to spoil; each call gives the untouched state again."""

    def make() -> Path:
        target = tmp_path / "elisa"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(worked, target)
        return target

    return make


@pytest.fixture
def opened(copy: Callable[[], Path]) -> Iterator[Bench]:
    """A copy with its ledger open."""
    with open_bench(open_workspace(copy()), Settings()) as bench:
        yield bench


def _problems(root: Path, *, compute: bool = False) -> list[str]:
    try:
        with open_bench(open_workspace(root), Settings()) as bench:
            return verify(bench, compute=compute).problems
    except OSError as error:
        return [str(error)]


def test_an_untouched_workspace_is_as_recorded(opened: Bench) -> None:
    """Every run, rejected and refused ones included, is computed again and found equal."""
    done = verify(opened)
    assert done.problems == []
    assert (done.runs, done.recomputed) == (3, 3)


def test_a_german_refusal_is_as_recorded(tmp_path: Path) -> None:
    """What was refused in a laboratory with another language is computed again in that language."""
    workspace = create_workspace(tmp_path / "elisa")
    workspace.settings_file.write_text(f'{TOML}language = "de"\n', encoding="utf-8")
    (workspace.inbox / "anti_mag_igm" / "nonsense.txt").write_bytes(b"no plate at all")
    watch(workspace.root, once=True)
    assert _problems(workspace.root, compute=True) == []


def test_a_run_keeps_all_that_its_assay_was_made_of(copy: Callable[[], Path]) -> None:
    """Bases and the whole definition lie beside assay.toml; a base changed later changes no earlier run."""
    folder = copy()
    (kept,) = (folder / "processed").glob("*clean_plate*/.assay")
    names = {path.relative_to(kept).as_posix() for path in kept.rglob("*.*") if path.is_file()}
    bases = {"base/anti_mag/assay.toml", "base/elisa/assay.toml"}
    assert names >= {"assay.toml", "layout.csv", "effective.json"} | bases
    whole = json.loads((kept / "effective.json").read_text("utf-8"))
    assert whole["definition"]["limits"]["blank_max_od"]["value"] == 0.15
    assert whole["origin"]["limits.blank_max_od"] == "base/elisa"
    base = folder / "plate_layouts" / "base" / "elisa" / "assay.toml"
    base.write_text(base.read_text("utf-8").replace("value = 0.15", "value = 0.01"), encoding="utf-8")
    assert _problems(folder, compute=True) == []


@pytest.mark.parametrize("name", ["base/elisa/assay.toml", "effective.json"])
def test_a_kept_base_that_was_changed_is_named(copy: Callable[[], Path], name: str) -> None:
    """Neither a base of a past run nor its whole definition can be changed afterwards."""
    folder = copy()
    (kept,) = (folder / "processed").glob(f"*clean_plate*/.assay/{name}")
    kept.write_text(kept.read_text("utf-8").replace("0.15", "0.01"), encoding="utf-8")
    found = "\n".join(_problems(folder, compute=True))
    assert f".assay/{name}" in found
    assert "effective definition.limits.blank_max_od.value" in found


def test_runs_of_older_versions_are_computed_again_under_their_own_keys(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a run has its key from the files of its assay, and no whole definition beside them."""
    workspace = create_workspace(tmp_path / "elisa")
    workspace.settings_file.write_text(TOML, encoding="utf-8")
    _drop(workspace.root, root / "sample_data", *CASES[0])
    with monkeypatch.context() as older:
        for module in (run, assays):
            older.setattr(
                module, "load_definition", lambda *given: replace(load_definition(*given), sha256="")
            )
        older.setattr(run, "kept_files", _without_effective)
        watch(workspace.root, once=True)
    (record,) = workspace.reports.glob("*/results.json")
    assert json.loads(record.read_text("utf-8"))["run"]["definition_sha256"] == ""
    with open_bench(workspace, Settings()) as bench:
        done = verify(bench)
    assert done.problems == []
    assert done.recomputed == 1


def _without_effective(*given: Any) -> dict[str, bytes]:
    return {name: data for name, data in kept_files(*given).items() if not name.endswith(EFFECTIVE)}


def test_every_random_change_is_found(copy: Callable[[], Path]) -> None:
    """Whatever row of the ledger and whatever file of results, received or refused files is changed."""
    chance = random.Random(20261121)  # noqa: S311 - changes that can be repeated
    missed = []
    for _ in range(EDITS):
        folder = copy()
        deed = tamper(folder, chance)
        if not _problems(folder):
            missed.append(deed)
    assert "\n".join(missed) == ""


def _edit_titer(folder: Path) -> None:
    (record,) = (folder / "reports").glob("*clean_plate*/results.json")
    document = json.loads(record.read_text("utf-8"))
    document["samples"][0]["titer"]["value"] = 123.0
    record.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def test_a_changed_titer_is_named(copy: Callable[[], Path]) -> None:
    """The answer says which run, which sample, what the ledger has and what the folder has."""
    folder = copy()
    _edit_titer(folder)
    found = _problems(folder, compute=True)
    assert any("samples 1" in one and "123.0 in its folder" in one for one in found)
    assert any("samples[0].titer.value is 123.0 in the record, computed again" in one for one in found)
    assert any("results.json" in one for one in found)


def test_a_trail_that_was_cut_is_found_by_a_noted_end(copy: Callable[[], Path]) -> None:
    """Who removes the last lines, and the note beside the ledger too, is found by the end noted on paper."""
    with open_bench(open_workspace(copy()), Settings()) as bench:
        head = bench.ledger.head()
        with bench.ledger.database.writing() as connection:
            query = "SELECT sql FROM sqlite_master WHERE name = 'audit_no_DELETE'"
            guard = connection.exec_driver_sql(query).scalar_one()
            connection.exec_driver_sql("DROP TRIGGER audit_no_DELETE")
            connection.execute(tables.audit.delete().where(tables.audit.c.number == head.number))
            connection.execute(tables.reviews.delete())
            connection.execute(tables.runs.update().values(review=None))
            connection.exec_driver_sql(guard)
        bench.workspace.head_file.unlink(missing_ok=True)
        assert verify(bench, compute=False).problems == []
        assert any("as it was noted" in one for one in verify(bench, compute=False, noted=head).problems)


def test_a_guard_that_is_gone_is_named(opened: Bench) -> None:
    """Without its triggers the audit trail could be edited by a slip."""
    with opened.ledger.database.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_UPDATE")
    assert verify(opened, compute=False).problems == [
        "ledger: the guard audit_no_UPDATE of the audit trail was removed"
    ]


def test_what_nobody_recorded_is_named(opened: Bench) -> None:
    """A folder or file slipped in among received files; people's own files beside the reports are theirs."""
    (opened.workspace.processed / "fake").mkdir()
    (opened.workspace.rejected / "loose.txt").write_text("?", encoding="utf-8")
    (opened.workspace.reports / "summary.xlsx").write_text("?", encoding="utf-8")
    assert verify(opened, compute=False).problems == [
        "processed/fake: nobody recorded it",
        "rejected/loose.txt: nobody recorded it",
    ]


def test_a_value_that_no_program_writes_is_named(opened: Bench) -> None:
    """Infinity or bytes in a row are a difference, not a crash."""
    with opened.ledger.database.writing() as connection:
        connection.exec_driver_sql("UPDATE samples SET titer = 9e999")
        connection.exec_driver_sql("UPDATE jobs SET state = x'00'")
    found = verify(opened, compute=False).problems
    assert any("titer is inf" in one for one in found)
    assert any("job" in one and "changed in the ledger" in one for one in found)


def test_a_rebuild_after_a_change_is_told(copy: Callable[[], Path]) -> None:
    """Forged reports that a rebuild took over are not what was recorded, nor what the record gives."""
    folder = copy()
    page = _result(folder) / "report.html"
    page.write_bytes(page.read_bytes().replace(b"Negative", b"Positive"))
    with open_bench(open_workspace(folder), Settings()) as bench:
        rebuild(bench)
        found = verify(bench).problems
    assert any("a rebuild took that over" in one for one in found)
    assert any("report.html is not what results.json gives" in one for one in found)


def test_a_lost_ledger_comes_back_from_the_folders(copy: Callable[[], Path]) -> None:
    """All tables about runs are as before; a second drop of a processed plate is still known."""
    folder = copy()
    before = _dump(folder)
    for file in folder.glob("ledger.*"):
        file.unlink()
    with open_bench(open_workspace(folder), Settings()) as bench:
        done = rebuild(bench)
        assert (done.equal, len(done.restored), done.unreadable) == (0, 3, [])
        again = rebuild(bench)
        assert (again.equal, again.restored, again.differences) == (3, [], [])
        assert verify(bench).problems == []
    assert _dump(folder) == before
    assert main(["verify", str(folder), "--quick"]) == 0


def _dump(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every table about runs; numbers follow the order of processing, which a rebuild keeps."""
    with (
        open_bench(open_workspace(folder), Settings()) as bench,
        bench.ledger.database.reading() as connection,
    ):
        wanted = (tables.runs, *tables.OF_RUN)
        rows = {
            table.name: sorted(map(tuple, connection.execute(table.select())), key=repr) for table in wanted
        }
    review = list(tables.runs.c.keys()).index("review")
    rows["runs"] = [(*row[:review], *row[review + 1 :]) for row in rows["runs"]]
    return rows


def test_a_rebuild_names_and_mends_what_is_different(opened: Bench) -> None:
    """A value that somebody changed in the ledger is named, restored, and the repair stays on record."""
    with opened.ledger.database.writing() as connection:
        connection.execute(tables.samples.update().values(titer=1.0))
    done = rebuild(opened)
    assert any("titer is 1.0 in the ledger" in one for one in done.differences)
    assert verify(opened).problems == []
    assert any(kind == "rebuilt" for _, kind, _ in opened.ledger.log(10))


def test_a_rebuild_cannot_hide_a_changed_result(copy: Callable[[], Path]) -> None:
    """Whoever edits a record and rebuilds is found by computing the run again."""
    folder = copy()
    _edit_titer(folder)
    with open_bench(open_workspace(folder), Settings()) as bench:
        rebuild(bench)
        found = verify(bench).problems
    assert any("titer.value is 123.0 in the record, computed again" in one for one in found)


def test_a_missing_folder_is_told_and_its_rows_stay(copy: Callable[[], Path]) -> None:
    """What the ledger knows of a run is not thrown away with the run's folder."""
    folder = copy()
    (reports,) = (folder / "reports").glob("*clean_plate*")
    shutil.rmtree(reports)
    with open_bench(open_workspace(folder), Settings()) as bench:
        done = rebuild(bench)
        assert len(done.unreadable) == 1
        assert len(bench.ledger.recent(10)) == 3
    assert main(["ledger", "rebuild", str(folder)]) == 2


def test_the_command_says_it_in_words_and_as_json(
    copy: Callable[[], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 0 and one line when all is well; 2 and every difference when not."""
    folder = copy()
    assert main(["verify", str(folder), "--quick"]) == 0
    assert "All is as it was recorded" in capsys.readouterr().out
    (folder / "ledger.head").write_text("1:abc\n", encoding="utf-8")
    assert main(["verify", str(folder), "--quick", "--json"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert document["problems"] == [
        "audit: line 1 is not there as it was noted; lines were removed or changed"
    ]
    assert main(["verify", str(folder), "--head", "nonsense"]) == 2


def test_the_end_of_the_trail_is_told(opened: Bench) -> None:
    """The lab can note it, and check it later."""
    head = opened.ledger.head()
    assert isinstance(head, ChainHead)
    assert verify(opened, compute=False, noted=head).head == head.text()


def _result(folder: Path) -> Path:
    (found,) = (folder / "reports").glob("*clean_plate*")
    return found


def test_a_result_folder_is_checked_by_writing_its_reports_again(copy: Callable[[], Path]) -> None:
    """Whoever receives only one result can see that its reports are those of its record."""
    folder = _result(copy())
    assert verify_result(folder) == []
    page = folder / "report.html"
    page.write_bytes(page.read_bytes().replace(b"Negative", b"Positive"))
    (folder / "report.pdf").unlink()
    assert sorted(verify_result(folder)) == ["report.html: not as it was written", "report.pdf: missing"]


def test_a_folder_without_a_result_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped path is not a clean bill of health."""
    assert main(["verify", str(tmp_path)]) == 2
    assert "nothing to verify is here" in capsys.readouterr().err


def test_a_second_drop_that_was_gone_is_no_difference(opened: Bench) -> None:
    """A line of the day log about files that vanished, or of an older version, promises no folder."""
    opened.ledger.note("duplicate", "p.txt: processed before as x", "2026-02-17T11:00:00+01:00")
    assert verify(opened, compute=False).problems == []
