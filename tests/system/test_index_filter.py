"""The search box of index.html in a real browser: what a person types is what stays on the page."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pipeline.record.job import ListedRun, RunLine
from pipeline.report.page.run_index import RunIndex, run_index_html

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
AT = "2026-02-17T09:14:03+01:00"
ONE = RunLine("one", "k", "Plate 1", "anti_mag_igm", "monday_first.txt", "accepted", AT, 4, 1)
RUNS = (
    ONE,
    dataclasses.replace(
        ONE, id="two", plate="Plate 2", verdict="rejected", message="Positive controls are recovered: 59 %"
    ),
    dataclasses.replace(
        ONE, id="three", assay="generic_elisa", processed_at="2026-02-16T18:00:00+01:00", export="<b>&x.txt"
    ),
)

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this computer")


def typed(text: str, folder: Path) -> str:
    """The page after somebody typed into its search box; its own policy is lifted for that."""
    ids = {"one": ("SYN-0101", "P-017")}
    listed = [ListedRun(run, found_by=ids.get(run.id, ())) for run in RUNS]
    page = run_index_html(RunIndex("w", AT, listed)).decode()
    policy = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
    assert policy.search(page)
    keys = f"const box = document.getElementById('find'); box.value = {json.dumps(text)};"
    script = f"<script>{keys} box.dispatchEvent(new Event('input'));</script></body>"
    (folder / "index.html").write_text(policy.sub("", page).replace("</body>", script), encoding="utf-8")
    return opened(folder)


def opened(folder: Path) -> str:
    """The document after two seconds of the browser's own time."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0  # the sandbox does not work for root
    options = ["--headless", "--disable-gpu", "--virtual-time-budget=2000", *(["--no-sandbox"] * root)]
    profile, address = f"--user-data-dir={folder / 'profile'}", (folder / "index.html").as_uri()
    command = [str(BROWSER), *options, profile, "--dump-dom", address]
    return subprocess.run(command, check=True, capture_output=True, timeout=100).stdout.decode()  # noqa: S603 - known


def shown(page: str) -> set[str]:
    """Ids of the runs whose lines are not hidden, in days that are not hidden."""
    sections = re.findall(r"<section([^>]*)>(.*?)</section>", page, re.DOTALL)
    days = [day for head, day in sections if "hidden" not in head]
    lines = [line for day in days for line in re.findall(r"<tr([^>]*)>(.*?)</tr>", day)]
    found = [re.search(r'href="(\w+)/report.html"', row) for head, row in lines if "hidden" not in head]
    return {match[1] for match in found if match}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", {"one", "two", "three"}),
        ("REJECTED", {"two"}),
        ("anti_mag monday", {"one", "two"}),
        ("controls are recovered", {"two"}),
        ("2026-02-16", {"three"}),
        ("<b>&x", {"three"}),
        ("syn-0101", {"one"}),
        ("p-017", {"one"}),
        ("no such plate", set()),
    ],
)
def test_the_box_leaves_what_was_asked_for(text: str, ids: set[str], tmp_path: Path) -> None:
    """Samples, patients, names, verdicts, reasons, days, in any order and case; the number is told."""
    page = typed(text, tmp_path)
    assert shown(page) == ids
    told = re.search(r'<span id="shown" role="status">(.*?)</span>', page)
    assert told is not None
    assert told[1] == (f"{len(ids)} found" if text else "")
    assert '<p><label for="find">' in page  # the box itself is shown


def test_the_page_s_own_policy_lets_its_script_run(tmp_path: Path) -> None:
    """With the policy in place the box appears, and a script from elsewhere does not run."""
    page = run_index_html(RunIndex("w", AT, [ListedRun(run) for run in RUNS])).decode()
    foreign = "<script>document.documentElement.dataset.ran='yes'</script></body>"
    (tmp_path / "index.html").write_text(page.replace("</body>", foreign), encoding="utf-8")
    page = opened(tmp_path)
    assert '<p><label for="find">' in page
    assert "data-ran" not in page
