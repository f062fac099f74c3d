"""The watched inbox, as its users live it: drop, see, find the report."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from pipeline.errors import DefinitionError
from pipeline.inbox import watch
from pipeline.inbox.lock import only_one
from pipeline.inbox.look import Inbox
from pipeline.inbox.sight import Ready
from pipeline.inbox.watch import watch_workspace
from pipeline.jobs.bench import Bench
from pipeline.jobs.run import JobOutcome
from pipeline.ledger import Ledger
from pipeline.workspace import files
from pipeline.workspace.folders import Workspace
from pipeline.workspace.settings import Settings

Drop = Callable[..., Path]

pytestmark = pytest.mark.usefixtures("core")
ASSAY = "anti_mag_igm"


class Clock:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        """Start at nought."""
        self.now = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Time stands still until the test moves it."""
    return Clock()


@pytest.fixture
def inbox(workspace: Workspace, clock: Clock) -> Inbox:
    """An inbox with the default settle time of 2 s and patience of 10 minutes."""
    return Inbox(workspace, Settings(), clock, lambda _sha256, _assay: None)


def test_a_new_assay_has_its_inbox_at_the_next_look(workspace: Workspace, inbox: Inbox) -> None:
    """Nobody starts the watcher again for it."""
    inbox.look()
    shutil.copytree(workspace.assays / ASSAY, workspace.assays / "my_elisa")
    assert not (workspace.inbox / "my_elisa").exists()
    inbox.look()
    assert (workspace.inbox / "my_elisa").is_dir()


def once(workspace: Workspace) -> watch.WatchSummary:
    """Serve the inbox until nothing more can be done."""
    return watch.watch(workspace.root, once=True)


def status(workspace: Workspace) -> str:
    """The page for the shared screen."""
    return workspace.status_file.read_text(encoding="utf-8")


def folders(parent: Path) -> list[str]:
    """Names of the run folders below a folder."""
    return sorted(path.name for path in parent.iterdir() if path.is_dir())


def names(folder: Path) -> list[str]:
    """Names in a folder."""
    return sorted(path.name for path in folder.iterdir())


@contextmanager
def running(workspace: Workspace) -> Iterator[Event]:
    """A watcher in the background."""
    stop = Event()
    thread = Thread(target=watch.watch, args=(workspace.root,), kwargs={"stop": stop})
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(timeout=20)
        assert not thread.is_alive()


def until(happened: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Wait for something to happen."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if happened():
            return True
        time.sleep(0.02)
    return False


def test_what_lies_there_at_the_start_is_processed(workspace: Workspace, drop: Drop) -> None:
    """Files dropped while the watcher was off are processed when it starts."""
    drop("a.txt", b"OD a")
    drop("b.txt", b"OD b")
    summary = once(workspace)
    assert len(summary.runs) == 2
    assert summary.waiting == ()
    assert len(folders(workspace.reports)) == 2
    assert "Accepted with warnings" in status(workspace)


def test_the_page_counts_while_a_batch_is_worked(
    workspace: Workspace, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three plates dropped together: the page says how many are done, and nothing when all are."""
    pages = []

    def run_job(*args: object, **options: object) -> JobOutcome:
        pages.append(status(workspace))
        return original(*args, **options)  # type: ignore[arg-type]

    original = watch.run_job
    monkeypatch.setattr(watch, "run_job", run_job)
    for n in range(3):
        drop(f"plate{n}.txt", f"OD {n}".encode())
    once(workspace)
    assert [f"{n} of 3 done" in page for n, page in enumerate(pages)] == [True] * 3
    assert "of 3 done" not in status(workspace)


def test_what_comes_later_is_processed(workspace: Workspace, drop: Drop) -> None:
    """A running watcher finds what is dropped, sheet after export."""
    with running(workspace):
        export = drop(sheet=None)
        assert until(lambda: "waiting for its sample sheet plate1.samples.csv" in _status_or(workspace))
        export.with_name("plate1.samples.csv").write_bytes(b"slot,sample_id\nS1,A\n")
        assert until(lambda: bool(folders(workspace.reports)))
        assert until(lambda: "done: accepted with warnings" in _status_or(workspace))
    assert "Not watching" in status(workspace)


def _status_or(workspace: Workspace) -> str:
    return status(workspace) if workspace.status_file.exists() else ""


def test_sheet_alone_waits(workspace: Workspace, drop: Drop) -> None:
    """A sheet that comes first waits for its export and is not rejected."""
    export = drop()
    export.unlink()
    summary = once(workspace)
    assert summary.runs == ()
    assert "waiting for its export" in status(workspace)
    assert names(workspace.inbox / ASSAY) == ["plate1.samples.csv"]


def test_a_sheet_under_another_name_says_how_it_should_be_called(workspace: Workspace, drop: Drop) -> None:
    """An export without a sheet beside a sheet without an export: one of the two was misnamed."""
    drop("plate1.txt", sheet=None)
    (workspace.inbox / ASSAY / "monday.samples.csv").write_bytes(b"slot,sample_id\nS1,a\n")
    once(workspace)
    assert "if that is plate1.txt, rename the sheet to plate1.samples.csv" in status(workspace)


def test_export_that_no_sheet_can_save_is_refused_at_once(workspace: Workspace, drop: Drop) -> None:
    """A Word file does not wait for a sample sheet: it is rejected with its reason."""
    drop("letter.docx", b"BAD", sheet=None)
    summary = once(workspace)
    assert summary.runs[0].code == "FORMAT_UNKNOWN"
    assert summary.exit_code == 2
    assert "WHY.txt" in status(workspace)


def test_assay_may_use_slot_names(workspace: Workspace, drop: Drop) -> None:
    """Where the assay says so, an export without a sheet is processed under the slots' names."""
    toml = workspace.assays / ASSAY / "assay.toml"
    toml.write_bytes(toml.read_bytes() + b'[samples]\nwithout_sheet = "slot_names"\n')
    drop(sheet=None)
    assert len(once(workspace).runs) == 1


def test_bad_file_does_not_stop_the_good_ones(workspace: Workspace, drop: Drop) -> None:
    """Of three drops, the one in the middle is refused and the others have their reports."""
    drop("a.txt", b"OD a")
    drop("b.txt", b"BAD")
    drop("c.txt", b"OD c")
    verdicts = {line.export: line.verdict for line in once(workspace).runs}
    assert verdicts == {
        "a.txt": "accepted_with_warnings",
        "b.txt": "failed",
        "c.txt": "accepted_with_warnings",
    }


def test_fault_of_the_program_does_not_stop_the_watcher(
    workspace: Workspace, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even an unforeseen mistake of ours leaves the watcher alive and the page telling."""
    drop()

    def broken(*_: object, **__: object) -> None:
        msg = "unforeseen"
        raise RuntimeError(msg)

    monkeypatch.setattr(watch, "run_job", broken)
    summary = once(workspace)
    assert "the program made a mistake" in summary.waiting[0]


@pytest.mark.parametrize(
    "name",
    ["~$plate1.xlsx", ".~lock.plate1.xlsx#", "plate1.csv.tmp", "x.part", "Thumbs.db", ".DS_Store", "WHY.txt"],
)
def test_names_that_are_never_exports_are_ignored(workspace: Workspace, drop: Drop, name: str) -> None:
    """Owner files of Office, half downloads and system files are not even looked at."""
    drop(name, b"BAD", sheet=None)
    summary = once(workspace)
    assert summary.runs == ()
    assert summary.waiting == ()
    assert (workspace.inbox / ASSAY / name).exists()


def test_link_is_not_followed(workspace: Workspace, tmp_path: Path) -> None:
    """A link out of the inbox is named on the page and its target is never read or moved."""
    secret = tmp_path / "secret.txt"
    secret.write_bytes(b"OD")
    try:
        (workspace.inbox / ASSAY / "plate.txt").symlink_to(secret)
    except OSError:
        pytest.skip("this system does not let us make links")
    assert once(workspace).runs == ()
    assert "is a link and is not followed" in status(workspace)
    assert secret.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes in folders there")
def test_pipe_does_not_hang_the_watcher(workspace: Workspace) -> None:
    """A named pipe in the inbox is noted, not opened."""
    os.mkfifo(workspace.inbox / ASSAY / "pipe.txt")
    assert once(workspace).runs == ()
    assert "is not a file" in status(workspace)


def test_folders_and_unknown_assays_are_noted(workspace: Workspace) -> None:
    """A misspelt assay folder is named with the nearest one; a dropped folder is noted."""
    (workspace.inbox / "anti_mag_ig").mkdir()
    (workspace.inbox / ASSAY / "monday").mkdir()
    (workspace.inbox / "loose.txt").write_bytes(b"OD")
    once(workspace)
    page = status(workspace)
    assert "nearest: &#39;anti_mag_igm&#39;" in page
    assert "monday" in page
    assert "loose.txt" in page


def test_names_are_escaped_on_the_page(workspace: Workspace, drop: Drop) -> None:
    """A file called like a script shows as text."""
    drop("<img src=x>.txt" if sys.platform != "win32" else "&lt.txt", sheet=None)
    once(workspace)
    assert "<img" not in status(workspace)


def test_same_file_dropped_twice_has_one_result(workspace: Workspace, drop: Drop) -> None:
    """A second drop of the same content goes to duplicates."""
    drop()
    once(workspace)
    drop()
    assert once(workspace).runs == ()
    assert len(folders(workspace.reports)) == 1
    assert len(names(workspace.duplicates)) == 1


def test_broken_assay_keeps_the_files(workspace: Workspace, drop: Drop) -> None:
    """While assay.toml has a mistake, exports wait; when it is corrected, they are processed."""
    toml = workspace.assays / ASSAY / "assay.toml"
    good = toml.read_text(encoding="utf-8")
    toml.write_text("nmae = 1\n" + good, encoding="utf-8")
    drop()
    summary = once(workspace)
    assert "until its assay is corrected" in summary.waiting[0]
    assert "nmae" in status(workspace)
    toml.write_text(good, encoding="utf-8")
    assert len(once(workspace).runs) == 1


def test_a_broken_base_keeps_the_files_of_its_assays(workspace: Workspace, drop: Drop, inbox: Inbox) -> None:
    """A mistake in a base is seen at the next look, named with the base, and mended as quickly."""
    base = workspace.assays / "base" / "elisa" / "assay.toml"
    good = base.read_text(encoding="utf-8")
    drop()
    assert inbox.look().notes == ()
    base.write_text(good.replace("wavelength_nm = 450", "wavelenght_nm = 450"), encoding="utf-8")
    (note,) = inbox.look().notes
    assert "base/elisa/assay.toml, key reading.wavelenght_nm" in note
    base.write_text(good, encoding="utf-8")
    assert inbox.look().notes == ()


def test_two_exports_of_one_name_ask_a_person(workspace: Workspace, drop: Drop) -> None:
    """When two exports could belong to one sheet, neither is guessed."""
    drop("plate1.txt", b"OD 1")
    drop("plate1.csv", b"OD 2")
    summary = once(workspace)
    assert summary.runs == ()
    assert ["2 exports share the sample sheet" in text for text in summary.waiting] == [True, True]


def test_second_watcher_is_refused_in_plain_words(workspace: Workspace) -> None:
    """Two watchers on one workspace would race; the second says who is there."""
    with only_one(workspace.lock_file), pytest.raises(DefinitionError, match="already") as caught:
        once(workspace)
    assert caught.value.code == "WORKSPACE_BUSY"
    assert f"process {os.getpid()}" in (caught.value.found or "")


def test_lock_is_free_after_a_stop(workspace: Workspace, drop: Drop) -> None:
    """Stopping a watcher lets the next one start."""
    once(workspace)
    drop()
    assert len(once(workspace).runs) == 1


def test_incomplete_file_gets_patience(inbox: Inbox, clock: Clock, bench: Bench, drop: Drop) -> None:
    """A file that stops half-way is tried once, left for ten minutes, and then refused for good."""
    drop(data=b"HALF")
    job = settle(inbox, clock).job
    bench.ledger.see(job, "2026-02-17T09:00:00+01:00")
    inbox.note_outcome(job, watch.run_job(bench, job, final=False))
    assert "not complete yet" in inbox.look().waiting[0].text
    clock.now += 590
    assert inbox.look().ready == ()
    clock.now += 10
    [last] = inbox.look().ready
    assert last.final
    assert watch.run_job(bench, job, final=last.final).runs[0].code == "FILE_INCOMPLETE"


def settle(inbox: Inbox, clock: Clock) -> Ready:
    """Look twice, the settle time apart, and return the one job that is ready."""
    inbox.look()
    clock.now += 2.0
    [ready] = inbox.look().ready
    return ready


def test_slow_writer_is_waited_for(inbox: Inbox, clock: Clock, drop: Drop) -> None:
    """A file that grows every second is never taken; it is ready 2 s after its last byte."""
    export = drop(data=b"OD")
    for _ in range(10):
        assert inbox.look().ready == ()
        clock.now += 1.0
        with export.open("ab") as handle:
            handle.write(b" 0.1")
    assert inbox.look().ready == ()
    clock.now += 1.9
    assert inbox.look().ready == ()
    clock.now += 0.2
    assert len(inbox.look().ready) == 1


def test_same_size_and_time_with_other_content_is_not_complete(
    inbox: Inbox, clock: Clock, drop: Drop
) -> None:
    """A preallocated copy with a preserved time is told by its content."""
    export = drop(data=b"\0\0\0\0")
    times = export.stat()
    inbox.look()
    export.write_bytes(b"OD 1")
    os.utime(export, ns=(times.st_atime_ns, times.st_mtime_ns))
    clock.now += 2.0
    assert inbox.look().ready == ()
    clock.now += 2.0
    assert len(inbox.look().ready) == 1


def test_time_of_the_file_is_not_compared_with_now(inbox: Inbox, clock: Clock, drop: Drop) -> None:
    """A file from a reader whose clock is a year ahead is processed like any other."""
    export = drop()
    os.utime(export, (time.time() + 3e7, time.time() + 3e7))
    assert not settle(inbox, clock).final


def test_empty_file_waits_and_is_then_refused(inbox: Inbox, clock: Clock, drop: Drop) -> None:
    """A file of 0 bytes may be the start of a copy."""
    drop(data=b"")
    inbox.look()
    clock.now += 2.0
    assert "empty so far" in inbox.look().waiting[0].text
    clock.now += 600
    assert inbox.look().ready[0].final


def test_locked_file_waits_with_a_hint(
    inbox: Inbox, clock: Clock, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that Excel locks is not an error: the page says what to close."""
    drop()

    def locked(path: Path) -> None:
        raise PermissionError(errno.EACCES, "in use", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(files, "open_regular", locked)
        assert "close it in Excel" in inbox.look().waiting[0].text
    assert settle(inbox, clock).job.export.name == "plate1.txt"


def test_blocked_job_is_tried_less_and_less_often(inbox: Inbox, clock: Clock, drop: Drop) -> None:
    """What blocks is not hammered: the waits grow from one second to half a minute."""
    drop()
    job = settle(inbox, clock).job
    waits = []
    for _ in range(8):
        inbox.blocked(job, "held")
        start = clock.now
        while not inbox.look().ready:
            clock.now += 0.5
        waits.append(clock.now - start)
    assert waits == [1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0, 30.0]


def test_lost_share_is_told_and_comes_back(workspace: Workspace, drop: Drop) -> None:
    """The inbox may vanish for a while; the watcher lives on and says since when."""
    away = workspace.root / "away"
    with running(workspace):
        assert until(lambda: "Nothing is waiting" in _status_or(workspace))
        workspace.inbox.rename(away)
        assert until(lambda: "cannot be reached since" in status(workspace))
        away.rename(workspace.inbox)
        drop()
        assert until(lambda: bool(folders(workspace.reports)))
    assert "cannot be reached" not in status(workspace)


def test_ledger_that_cannot_be_written_stops_the_work(
    workspace: Workspace, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be recorded is not processed, and the page says so loudly."""
    drop()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "see", full)
        assert once(workspace).runs == ()
        assert "cannot be written, so nothing is processed: the disk is full" in status(workspace)
    assert len(once(workspace).runs) == 1


def test_export_processed_before_says_so_while_it_waits(workspace: Workspace, drop: Drop) -> None:
    """An export dropped again without a sheet waits for a corrected one, and names its earlier run."""
    drop()
    run_id = once(workspace).runs[0].id
    drop(sheet=None)
    [text] = once(workspace).waiting
    assert run_id in text


def test_umlauts_in_two_spellings_belong_together(workspace: Workspace, drop: Drop) -> None:
    """MacOS writes an umlaut in two characters, Windows in one: export and sheet still meet."""
    export = drop("Pl\u00e4te.txt", sheet=None)
    export.with_name("Pla\u0308te.samples.csv").write_bytes(b"slot,sample_id\nS1,A\n")
    assert len(once(workspace).runs) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not allow such names")
def test_long_and_odd_names_are_processed(workspace: Workspace, drop: Drop) -> None:
    """Names at the limit of the file system, reserved and odd ones end in safe folders."""
    for name in ["x" * 240 + ".txt", "CON.txt", "a:b.txt", "line\nbreak.txt", "\U0001f9ea.txt"]:
        drop(name, b"OD " + name.encode()[:20])
    assert len(once(workspace).runs) == 5
    assert all(name.isascii() and len(name) < 100 for name in folders(workspace.reports))


def test_watch_needs_a_workspace(tmp_path: Path) -> None:
    """The wrong folder is told, with the command that makes a workspace."""
    with pytest.raises(DefinitionError, match="titerline init"):
        watch_workspace(tmp_path, once=True)


def test_prefect_that_does_not_answer_does_not_stop_the_work(
    workspace: Workspace, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its server the results appear all the same, and the page says so."""
    workspace.settings_file.write_text(
        'settle_seconds = 0.05\npoll_seconds = 0.02\nprefect = "on"\n', encoding="utf-8"
    )
    monkeypatch.setattr("pipeline.inbox.flows.api_available", lambda: False)
    drop()
    assert len(once(workspace).runs) == 1
    assert "Prefect does not answer" in status(workspace)


def test_prefect_that_dies_in_the_middle_loses_and_doubles_nothing(
    workspace: Workspace, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server goes away after the first of three plates: three results, each once."""
    workspace.settings_file.write_text(
        'settle_seconds = 0.05\npoll_seconds = 0.02\nprefect = "on"\n', encoding="utf-8"
    )

    def dies(keys: list[str], work: Callable[[str], object]) -> None:
        work(keys[0])
        msg = "All connection attempts failed"
        raise RuntimeError(msg)

    monkeypatch.setattr("pipeline.inbox.flows.api_available", lambda: True)
    monkeypatch.setattr("pipeline.inbox.flows.run_batch", dies)
    for name in ("a", "b", "c"):
        drop(f"{name}.txt", name.encode())
    assert sorted(line.export for line in once(workspace).runs) == ["a.txt", "b.txt", "c.txt"]
    assert len(folders(workspace.reports)) == 3
