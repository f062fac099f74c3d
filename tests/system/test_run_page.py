"""The list of all runs, as the watcher and ``titerline process`` leave it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest

from pipeline.inbox.watch import watch
from pipeline.jobs.bench import Bench
from pipeline.jobs.direct import process_to_folder
from pipeline.jobs.run_page import AGAIN_S, RunPage
from pipeline.record.job import RunLine
from pipeline.verify.workspace import verify
from pipeline.workspace import files
from pipeline.workspace.folders import Workspace

Drop = Callable[..., Path]

pytestmark = pytest.mark.usefixtures("core")


def links(page: Path) -> list[Path]:
    """Where the links of a page lead."""
    found = re.findall(r'href="([^"]+)"', page.read_text(encoding="utf-8"))
    return [(page.parent / unquote(target)).resolve() for target in found]


def report_of(workspace: Workspace, line: RunLine) -> Path:
    """What a user opens to see what became of a run."""
    parent, name = (workspace.rejected, "WHY.txt") if line.failed else (workspace.reports, "report.html")
    return (parent / line.id / name).resolve()


def test_the_page_lists_every_run_and_every_link_leads_somewhere(workspace: Workspace, drop: Drop) -> None:
    """After ``watch --once``: good plates, several of one export, refused files; nothing is left out."""
    drop("good & 1 (copy) \u00fc.txt", b"OD")
    drop("three.txt", b"PLATES 3")
    drop("bad #1 50%.txt", b"BAD")
    runs = watch(workspace.root, once=True).runs
    assert len(runs) == 5
    found = links(workspace.index_file)
    assert all(target.is_file() for target in found)
    assert {report_of(workspace, line) for line in runs} <= set(found)
    assert "good &amp; 1 (copy) \u00fc.txt" in workspace.index_file.read_text(encoding="utf-8")


def test_a_second_watch_adds_to_the_page(workspace: Workspace, drop: Drop) -> None:
    """The page holds the runs of all time; a corrected plate names what it replaces."""
    drop("plate.txt", b"OD 1")
    (first,) = watch(workspace.root, once=True).runs
    drop("plate.txt", b"OD 2")
    (second,) = watch(workspace.root, once=True).runs
    text = workspace.index_file.read_text(encoding="utf-8").replace("<wbr>", "")
    assert f"superseded by {second.id}" in text
    assert f"supersedes {first.id}" in text
    assert text.index(f'href="{second.id}/report.html"') < text.index(f'href="{first.id}/report.html"')


def test_an_empty_workspace_says_so(workspace: Workspace) -> None:
    """The page is there from the first day."""
    watch(workspace.root, once=True)
    assert "No run yet." in workspace.index_file.read_text(encoding="utf-8")


def test_a_batch_does_not_write_the_page_for_each_plate(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of years is written now and then while plates come in, and at once when they are done."""
    written: list[Path] = []
    monkeypatch.setattr(files, "write_file", lambda path, _data: written.append(path))
    page = RunPage(bench)
    for done in range(20):
        page.keep(done, busy=True)
    assert len(written) == 1
    page.keep(20, busy=False)
    page.keep(20, busy=False)
    assert len(written) == 2
    page.tried_at -= AGAIN_S
    page.keep(21, busy=True)
    assert len(written) == 3


def test_a_page_that_cannot_be_written_is_tried_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that is held by another program stops no plate; it is written later, not tried every second."""
    page = RunPage(bench)
    with monkeypatch.context() as broken:
        broken.setattr(files, "write_file", _held)
        page.keep(1, busy=False)
    page.keep(1, busy=False)
    assert not bench.workspace.index_file.exists()
    page.tried_at -= AGAIN_S
    page.keep(1, busy=False)
    assert bench.workspace.index_file.exists()


def _held(_path: Path, _data: bytes) -> None:
    raise PermissionError(13, "held by another program")


def test_verify_does_not_take_the_page_for_a_run(bench: Bench, drop: Drop) -> None:
    """Summaries that lie beside the result folders are nobody's result."""
    drop("plate.txt", b"OD 1")
    bench.ledger.close()
    watch(bench.workspace.root, once=True)
    (bench.workspace.reports / "summary.xlsx").write_bytes(b"a file of the laboratory")
    assert verify(bench, compute=False).problems == []


def test_process_lists_the_runs_of_its_folder(tmp_path: Path) -> None:
    """Without a workspace the page stands in the folder of results, with the failed files."""
    export, bad, out = tmp_path / "p.txt", tmp_path / "b.txt", tmp_path / "out"
    export.write_bytes(b"PLATES 2")
    bad.write_bytes(b"BAD")
    process_to_folder([export], "anti_mag_igm", None, out)
    outcomes = process_to_folder([bad], "anti_mag_igm", None, out)
    found = links(out / "index.html")
    assert all(target.is_file() for target in found)
    assert [target.name for target in found].count("report.html") == 2
    assert (outcomes[0].folder / "WHY.txt").resolve() in found


def test_a_damaged_record_does_not_stop_process(tmp_path: Path) -> None:
    """New results are written although an older record of the folder cannot be read."""
    export, out = tmp_path / "p.txt", tmp_path / "out"
    export.write_bytes(b"OD")
    (out / "old").mkdir(parents=True)
    (out / "old" / "results.json").write_bytes(b"half")
    (outcome,) = process_to_folder([export], "anti_mag_igm", None, out)
    assert (outcome.folder / "report.html").is_file()
