"""The repository stays small, and its documents lead where they say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from changed import near
from not_tested import not_tested

MOST_BYTES = 200_000
README_PICTURES = ("page_one.webp", "dilution_strip.webp", "control_chart.webp")


@pytest.fixture(scope="module")
def committed(root: Path) -> list[Path]:
    """Every file that git keeps."""
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        pytest.skip("not a git checkout")
    command = [git, "-C", str(root), "ls-files", "-z"]
    done = subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own command
    files = [root / name for name in done.stdout.decode().split("\0") if name]
    return [file for file in files if file.is_file()]


def is_binary(file: Path) -> bool:
    """As git decides it: a zero byte near the beginning."""
    with file.open("rb") as opened:
        return b"\0" in opened.read(8000)


def test_no_large_binary_is_committed(committed: list[Path]) -> None:
    """A clone stays quick: pictures that can be made again are made, not kept."""
    large = [file for file in committed if file.stat().st_size > MOST_BYTES and is_binary(file)]
    assert large == []


def test_the_readme_shows_three_small_pictures(root: Path) -> None:
    """Page one, a dilution strip and a control chart, 150 kB together."""
    shown = re.findall(r'<img src="docs/images/([^"]+)"', (root / "README.md").read_text(encoding="utf-8"))
    assert tuple(shown) == README_PICTURES
    assert sum((root / "docs" / "images" / name).stat().st_size for name in shown) <= 150_000


def documents(root: Path) -> list[Path]:
    """The pages of the project, without what a person's own folders hold."""
    return [
        *root.glob("*.md"),
        *(
            page
            for folder in ("docs", "plate_layouts", "benchmarks")
            for page in (root / folder).rglob("*.md")
        ),
        root / "sample_data" / "README.md",
    ]


def links(page: Path) -> list[Path]:
    """What a page links to or shows, beside addresses on the web."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r'\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"', text)
    found = [one or other for one, other in targets]
    return [page.parent / link.partition("#")[0] for link in found if not re.match(r"\w+:|#", link)]


def test_every_link_of_the_documents_leads_somewhere(root: Path) -> None:
    """A reader who follows a link between our pages arrives."""
    broken = [(page.name, str(link)) for page in documents(root) for link in links(page) if not link.exists()]
    assert broken == []


def test_the_index_leads_to_every_document(root: Path) -> None:
    """Nobody has to know a page's name to find it."""
    listed = {link.resolve() for link in links(root / "docs" / "index.md")}
    pages = {page.resolve() for folder in ("", "decisions") for page in (root / "docs" / folder).glob("*.md")}
    assert pages - {(root / "docs" / "index.md").resolve()} <= listed


def test_a_decision_says_when_why_and_what_follows(root: Path) -> None:
    """Each has date and status, then context, decision and consequences."""
    for page in (root / "docs" / "decisions").glob("*.md"):
        text = page.read_text(encoding="utf-8")
        assert re.search(r"^\*\*Date\*\* \d{4}-\d\d-\d\d\. \*\*Status\*\* \w+", text, re.MULTILINE), page.name
        sections = re.findall(r"^## (Context|Decision|Consequences)$", text, re.MULTILINE)
        assert sections == ["Context", "Decision", "Consequences"], page.name


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (
            "make_gallery.py",
            "The gallery needs LibreOffice, pdftoppm (package poppler-utils), Chromium: not on",
        ),
        ("readme_pictures.py", "The pictures need pdftoppm (package poppler-utils): not on this computer"),
    ],
)
def test_pictures_say_which_program_they_lack(root: Path, tmp_path: Path, script: str, words: str) -> None:
    """``make gallery`` and ``make pictures`` name it before any work, as people know it."""
    command = [sys.executable, str(root / "docs" / script), str(tmp_path)]
    nothing = {**os.environ, "PATH": str(tmp_path)}
    done = subprocess.run(command, env=nothing, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert (done.returncode, words in done.stderr) == (1, True), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_was_skipped_is_told_in_one_line() -> None:
    """A newcomer without the reference data is told once what is missing, not for each test."""
    assert not_tested([]) == ""
    reasons = ["Skipped: no Chromium", *["Skipped: no reference data"] * 3]
    assert not_tested(reasons) == "4 tests skipped: 3 (no reference data), 1 (no Chromium)"


def test_a_changed_module_picks_the_tests_near_it() -> None:
    """``make check`` runs the tests of a module, of its package and of what imports it."""

    def picked(*files: str) -> set[str]:
        return {test.name for test in near(list(files))}

    assert {"test_outliers.py", "test_repository.py"} == picked("pipeline/compute/statistics/outliers.py")
    assert {"test_limits_file.py", "test_table_fit.py"} <= picked("pipeline/commands/tables/fit.py")
    assert "test_qc_rules.py" in picked("qc/rules/samples.py")
    assert "test_report_html.py" in picked("pipeline/report/page/templates/report.css")
    assert picked("tests/system/test_kill.py") == {"test_kill.py", "test_repository.py"}


def test_what_many_tests_use_picks_them_all(root: Path) -> None:
    """Sample data, shipped assays and the tests' own tools are imported by nobody and used by most."""
    every = set((root / "tests" / "unit").glob("test_*.py"))
    assert near(["sample_data/anti_mag_igm/clean_plate/clean_plate.txt"]) == every
    assert near(["tests/tools/sample_cases.py", "docs/qc.md"]) == every
