"""The house keeps its shape: contracts that notice a fault, and nothing in it grows large."""

from __future__ import annotations

import ast
import re
import shutil
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULES = [path for room in ("pipeline", "qc") for path in sorted((ROOT / room).rglob("*.py"))]
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def contracts(folder: Path) -> str:
    """What ``lint-imports`` says of a copy of the house."""
    run = [sys.executable, "-c", LINT_IMPORTS, "--no-cache"]
    done = subprocess.run(run, capture_output=True, encoding="utf-8", check=False, cwd=folder)  # noqa: S603 - our own code
    assert (done.returncode == 0) == (" 0 broken" in done.stdout), done.stdout + done.stderr
    return " ".join(done.stdout.split())


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the modules and of their contracts."""
    for room in ("pipeline", "qc"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "*.ttf"))
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    start = settings.index("[tool.importlinter]")
    end = settings.index("[tool.pytest", start)
    (tmp_path / "pyproject.toml").write_text(settings[start:end], encoding="utf-8")
    return tmp_path


def test_the_house_keeps_its_contracts(house: Path) -> None:
    """Each room knows only the rooms below it."""
    assert " 0 broken" in contracts(house)


@pytest.mark.parametrize(
    ("module", "planted", "said"),
    [
        ("pipeline/lonely.py", "", "not listed as layers: - pipeline.lonely"),
        ("pipeline/report/lonely.py", "", "not listed as layers: - pipeline.report.lonely"),
        ("qc/rules/plate.py", "import pipeline.tables.cells\n", "qc.rules.plate -> pipeline.tables.cells"),
        ("pipeline/record/why.py", "import prefect\n", "pipeline.record.why -> prefect"),
        ("pipeline/record/why.py", "import pipeline.jobs.run\n", "pipeline.record.why -> pipeline.jobs.run"),
        (
            "pipeline/tables/cells.py",
            "import pipeline.tables.columns\n",
            "No circles between rooms, nor inside one BROKEN",
        ),
    ],
)
def test_a_planted_fault_breaks_a_contract(house: Path, module: str, planted: str, said: str) -> None:
    """A module without a floor, an import upwards, a circle, or Prefect where it does not belong is seen."""
    with (house / module).open("a", encoding="utf-8") as file:
        file.write(planted)
    found = contracts(house)
    assert " 0 broken" not in found
    assert said in found


def functions() -> Iterator[tuple[str, int]]:
    """Every function, inner ones too, with the lines of its body.

    The body goes from the first statement that is not the docstring to the end of the last one; blank lines
    and comments inside count.
    """
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[ast.get_docstring(node) is not None :]
                lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
                yield f"{path.relative_to(ROOT)}: {node.name}", lines


def test_functions_are_short() -> None:
    """Half of the functions have a body of at most 5 lines, nine of ten at most 15, none above 45."""
    lengths = dict(functions())
    found = sorted(lines for _, lines in functions())
    assert statistics.median(found) <= 5
    assert found[int(0.9 * len(found))] <= 15
    assert {name: lines for name, lines in lengths.items() if lines > 45} == {}


def test_files_are_short() -> None:
    """No module has more than 350 lines."""
    lengths = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {str(path): lines for path, lines in lengths.items() if lines > 350} == {}


def test_folders_are_small() -> None:
    """No room has more than 20 modules beside its ``__init__``; larger ones have rooms inside."""
    folders = Counter(path.parent.relative_to(ROOT) for path in MODULES if path.name != "__init__.py")
    assert {str(folder): count for folder, count in folders.items() if count > 20} == {}


def class_names() -> Iterator[str]:
    """Name of every class and of every type alias of a module."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ClassDef):
                yield node.name
            if isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias":
                yield ast.unparse(node.target)


def test_a_class_name_has_one_meaning() -> None:
    """No two classes have one name: who reads ``Reading`` knows which."""
    assert [name for name, count in Counter(class_names()).items() if count > 1] == []


def test_every_room_is_described() -> None:
    """``docs/where.md`` says of every room what it does."""
    where = (ROOT / "docs" / "where.md").read_text(encoding="utf-8")
    rooms = [
        path
        for room in (".", "compute", "report")
        for path in (ROOT / "pipeline" / room).glob("*/__init__.py")
    ]
    named = {path.parent.relative_to(ROOT).as_posix() for path in rooms}
    assert {name for name in named if f"| `{name}` |" not in where} == set()


def test_modules_that_the_docs_name_are_there() -> None:
    """``compute/titer/joint.py`` in a text leads to the code that it is about."""
    named = {
        (page.name, path)
        for page in (ROOT / "docs").glob("*.md")
        for path in re.findall(r"`([a-z0-9_]+/[a-z0-9_/]+\.py)`", page.read_text(encoding="utf-8"))
    }
    assert {(page, path) for page, path in named if not _is_there(path)} == set()


def _is_there(path: str) -> bool:
    return (ROOT / path).is_file() or (ROOT / "pipeline" / path).is_file()
