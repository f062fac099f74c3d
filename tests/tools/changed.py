"""Which tests to run in between: those near what was changed since main, one path a line (``make check``).

A test is near a module when at most two imports lie between them; a package imports what lies in it, since
commands, rules and readers are found by their folder. Where that says too little, as for sample data and what
the tests share, all unit tests are near. All tests are ``make test``.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "tests" / "unit"
SHARED = ("plate_layouts/", "sample_data/", "tests/tools/", "tests/conftest.py", "tests/unit/conftest.py")
"""What many tests use without importing it."""
STEPS = 2
DOCUMENTS = UNIT / "test_repository.py"


def changed_files() -> list[str]:
    """Changed since the branch left main, committed or not; on main itself, since the commit before."""
    base = _git("merge-base", "HEAD", "main")
    if base in ([], _git("rev-parse", "HEAD")):
        base = ["HEAD~1"]
    return [*_git("diff", "--name-only", *base), *_git("ls-files", "--others", "--exclude-standard")]


def _git(*arguments: str) -> list[str]:
    """What git answers, line by line; nothing where it refuses, as for a branch that is not there."""
    command = ["git", "-C", str(ROOT), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our own command
    return done.stdout.splitlines() if done.returncode == 0 else []


def near(files: list[str]) -> set[Path]:
    """Test files to run for changed files."""
    if any(file.startswith(SHARED) for file in files):
        return set(UNIT.glob("test_*.py"))
    found = {ROOT / file for file in files if Path(file).name.startswith("test_")}
    modules = {module for file in files if file.startswith(("pipeline/", "qc/")) for module in _modules(file)}
    graph = grimp.build_graph("pipeline", "qc")
    for _ in range(STEPS):
        known = modules & graph.modules
        modules = modules.union(*(graph.find_modules_that_directly_import(module) for module in known))
    found |= {test for test in UNIT.glob("test_*.py") if modules & set(_imports(test))}
    return {test for test in found | {DOCUMENTS} if test.is_file()}


def _modules(file: str) -> set[str]:
    """The module of a file and the packages around it; for a template or a table, those nearest to it."""
    path = Path(file)
    if path.suffix != ".py":
        folder = next(one for one in path.parents if any((ROOT / one).glob("*.py")))
        beside = [str(folder / one.name) for one in (ROOT / folder).glob("*.py")]
        return {name for one in beside for name in _modules(one)}
    names = [".".join(part.parts) for part in (path.with_suffix(""), *path.parents)]
    return {name.removesuffix(".__init__") for name in names} - {"", "pipeline"}


def _imports(test: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(test.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


if __name__ == "__main__":
    print("\n".join(sorted(str(test.relative_to(ROOT)) for test in near(changed_files()))))
