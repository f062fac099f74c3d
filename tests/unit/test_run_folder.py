"""Run folders: the walk over them, the record in one, and the order of runs in time."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import ModuleType

import pytest

from pipeline.domain.record import RunRecord
from pipeline.errors import InputError
from pipeline.record.document import FAILURE, RECORD, to_json
from pipeline.record.folder import finished_runs, read_record, read_result, records_in, run_folders
from pipeline.record.job import moment, replaces


@pytest.fixture
def reports(tmp_path: Path, factory: ModuleType, record: RunRecord) -> Path:
    """A finished run, a failed one, somebody's own folder and file, and what a crash left behind."""
    for name, file, data in (
        ("b_finished", RECORD, to_json(record)),
        ("a_failed", FAILURE, to_json(factory.failed_run())),
        ("own", "letter.txt", b""),
        (".tmp-c_half", RECORD, b"{"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_bytes(data)
    (tmp_path / "index.html").touch()
    return tmp_path


def test_what_a_crash_left_is_no_run(reports: Path) -> None:
    """Folders come by name; those with a leading dot, and files, are passed over."""
    assert [folder.name for folder in run_folders(reports)] == ["a_failed", "b_finished", "own"]
    assert list(run_folders(reports / "nowhere")) == []


def test_only_finished_runs_have_records(reports: Path, record: RunRecord) -> None:
    """A failed run has none, nor has a folder that is no run at all."""
    assert [folder.name for folder in finished_runs(reports)] == ["b_finished"]
    assert list(records_in(reports)) == [record]


def test_a_result_is_finished_or_failed(reports: Path, factory: ModuleType, record: RunRecord) -> None:
    """Both kinds are read back as they were written."""
    assert read_result(reports / "b_finished") == record
    assert read_result(reports / "a_failed") == factory.failed_run()


@pytest.mark.parametrize("name", [RECORD, FAILURE])
def test_a_broken_record_is_named(tmp_path: Path, name: str) -> None:
    """Among years of runs, the error says which file cannot be read."""
    (tmp_path / name).write_bytes(b"{")
    with pytest.raises(InputError) as caught:
        read_result(tmp_path)
    assert caught.value.file == str(tmp_path / name)


def test_a_record_that_is_not_there_may_come_back(tmp_path: Path) -> None:
    """A missing file is no broken record: the share may be away, so the caller tries again."""
    with pytest.raises(FileNotFoundError):
        read_record(tmp_path)


def test_runs_are_ordered_by_the_instant() -> None:
    """Offsets count, a time without one is UTC, and one that is not known comes first."""
    times = ["", "2026-03-01T10:00:00+02:00", "2026-03-01T09:00:00", "2026-03-01T09:30:00+00:00"]
    assert all(moment(one) < moment(other) for one, other in itertools.pairwise(times))
    assert moment("yesterday") == moment("")


@pytest.mark.parametrize(
    ("verdict", "replaced"),
    [("accepted", "old"), ("accepted_with_warnings", "old"), ("rejected", None), ("failed", None)],
)
def test_a_run_without_results_replaces_none(verdict: str, replaced: str | None) -> None:
    """An earlier result stands until a later run gives another one."""
    assert replaces(verdict, "old") == replaced
    assert replaces(verdict, None) is None
