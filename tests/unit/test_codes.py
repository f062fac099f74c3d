"""Codes decide, never sentences: every code has its row, and no decision reads a text that people read."""

from __future__ import annotations

import ast
import pickle
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from pipeline.domain.codes.classes import Outcome, SampleClass
from pipeline.domain.codes.code import Code
from pipeline.domain.codes.flags import Flag
from pipeline.domain.codes.hnk1 import Hnk1Reason, Hnk1Status
from pipeline.domain.codes.lots import LotProblem
from pipeline.domain.codes.qualifier import Qualifier
from pipeline.domain.codes.reasons import Reason
from pipeline.domain.codes.reference import NoReference
from pipeline.domain.codes.specific import SpecificStatus
from pipeline.domain.codes.steps import NextStep
from pipeline.domain.codes.unused import CurvePlace, DilutionUnused, WellUnused
from pipeline.domain.message import PLACE
from pipeline.domain.plate import WellState
from pipeline.report.language.catalogue import catalogue

TABLES: tuple[type[Code], ...] = (
    *(SampleClass, Reason, Flag, NextStep, Qualifier, SpecificStatus, Hnk1Status, Hnk1Reason),
    *(WellUnused, DilutionUnused, CurvePlace, LotProblem, NoReference),
)
NOT_SAID = {"sign", "side", "beyond"}
"""Fields of meanings that are no texts of a report."""


def test_every_table_is_here() -> None:
    """A new enum of codes is checked by the tests below as soon as it is there."""
    assert set(Code.__subclasses__()) == set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_each_code_has_one_row(table: type[Code]) -> None:
    """No two names share a text, and a meaning is a whole row."""
    assert len(table) == len({code.value for code in table}) == len(table.__members__)
    assert len({type(code.means) for code in table}) == 1
    assert all(code.known for code in table)


@pytest.mark.parametrize("table", TABLES)
def test_each_row_is_in_the_german_catalogue(table: type[Code]) -> None:
    """A row without German would be shown in English."""
    known = catalogue("de").exact
    for code in table:
        for text in _texts(code):
            assert text in known or not any(map(str.isalpha, PLACE.sub("", text))), (code, text)


def _texts(code: Code) -> Iterator[str]:
    for field in fields(code.means):  # type: ignore[arg-type]
        value = getattr(code.means, field.name)
        if field.name not in NOT_SAID and type(value) is str:
            yield value


@pytest.mark.parametrize("table", TABLES)
def test_a_text_of_another_version_is_kept(table: type[Code]) -> None:
    """Reading a record never fails for a code, and what it says is shown as it is."""
    found = TypeAdapter(table).validate_python("OF_ANOTHER_VERSION")
    assert isinstance(found, table)
    assert (found, found.value, found.known) == ("OF_ANOTHER_VERSION", "OF_ANOTHER_VERSION", False)
    assert "OF_ANOTHER_VERSION" in {getattr(found.means, field.name) for field in fields(found.means)}  # type: ignore[arg-type]
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - our own bytes
    assert found not in set(table)
    with pytest.raises(ValueError, match="1"):
        table(1)  # type: ignore[arg-type]


def test_a_class_of_another_version_is_not_released() -> None:
    """What this version does not know is no result that it lets pass."""
    unknown = SampleClass("OF_ANOTHER_VERSION").means
    assert (unknown.reportable, unknown.outcome) == (False, Outcome.OPEN)


def test_every_state_of_a_well_is_a_reason_not_to_use_it() -> None:
    """The states that readers give have their words in the table of unused wells."""
    assert all(WellUnused(state).known for state in WellState)


NAMES = frozenset(
    {
        *("action", "classification", "error", "explanation", "failure", "message", "next_step", "note"),
        *("reason", "remark", "sentence", "status", "text", "warning", "why", "words"),
    }
)
"""What variables and fields are called that hold texts for people; plurals too."""
ASKS = frozenset({"startswith", "endswith", "removeprefix", "removesuffix", "find", "index", "partition"})
FILES = "it understands files that others wrote, not texts of ours"
PRINTS = "it breaks, shortens or closes a text, and decides nothing by it"
ALLOWED = {
    "pipeline/readers": FILES,
    "pipeline/tables": FILES,
    "pipeline/definitions": FILES,
    "pipeline/verify/shown_file.py": FILES,
    "pipeline/report/excel/shown.py": FILES,
    "pipeline/report/excel/fingerprint.py": FILES,
    "pipeline/workspace/shipped.py": FILES,
    "pipeline/domain/assay.py": FILES,
    "pipeline/jobs/growing.py": "remarks of readers begin with their code",
    "pipeline/ledger/checks.py": "the database answers ok",
    "pipeline/record/why.py": PRINTS,
    "pipeline/report/words": PRINTS,
    "pipeline/report/excel/cells.py": PRINTS,
    "pipeline/report/drawing/standing_chart.py": PRINTS,
    "pipeline/domain/rounding.py": "the text of a number",
    "pipeline/report/tables/quality.py": "the text of a number: one lot, two lots",
    "pipeline/report/page/status.py": "it looks up why files wait and runs failed, which have no template",
    "pipeline/report/language": "it looks sentences up that have no template",
    "pipeline/runs/other_runs.py": "formats of the HNK1 check are words of the assay file",
    "qc/rules/controls.py": "formats of the HNK1 check are words of the assay file",
}
"""Where texts may be read, and why."""


def decisions_on_texts(tree: ast.AST) -> Iterator[int]:
    """Lines that ask what stands in a text, or compare with a sentence."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(map(_compares, sides, node.ops, sides[1:])):
                yield node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            module = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
            if (module and any(map(_is_text, node.args))) or (
                node.func.attr in ASKS and _is_text(node.func.value)
            ):
                yield node.lineno


def _compares(left: ast.expr, how: ast.cmpop, right: ast.expr) -> bool:
    if isinstance(how, ast.In | ast.NotIn):
        return _is_text(right) and not _is_code(left)
    equal = isinstance(how, ast.Eq | ast.NotEq)
    named = _is_text(left) or _is_text(right)
    return equal and any(_is_sentence(side) or (named and _is_word(side)) for side in (left, right))


def _is_text(node: ast.expr) -> bool:
    """Is it called as texts are called, or made of such a one?"""
    if isinstance(node, ast.Name | ast.Attribute):
        name = node.id if isinstance(node, ast.Name) else node.attr
        return name.lstrip("_").removesuffix("s") in NAMES or name in NAMES
    if isinstance(node, ast.BoolOp):
        return any(map(_is_text, node.values))
    if isinstance(node, ast.Subscript):
        return _is_text(node.value)
    return isinstance(node, ast.Call) and any(map(_is_text, [node.func, *node.args]))


def _is_code(node: ast.expr) -> bool:
    """``Reason.SATURATED``: a code in a tuple of codes."""
    return isinstance(node, ast.Attribute) and node.attr.isupper()


def _is_word(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_sentence(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip()


def test_no_decision_reads_a_text(root: Path) -> None:
    """Class, reason, status and the rest are asked as codes in all of the product but the places named."""
    found, used = [], set()
    for file in [*(root / "pipeline").rglob("*.py"), *(root / "qc").rglob("*.py")]:
        name = file.relative_to(root).as_posix()
        lines = list(decisions_on_texts(ast.parse(file.read_text(encoding="utf-8"))))
        allowed = {place for place in ALLOWED if name == place or name.startswith(f"{place}/")}
        used |= allowed if lines else set()
        found += [f"{name}:{line}" for line in lines if not allowed]
    assert found == []
    assert used == set(ALLOWED), "a place that is named and needs it no more"


@pytest.mark.parametrize(
    "fault",
    [
        'if "monomer" in reason: pass',
        'if "below" not in (sample.hnk1.reason or ""): pass',
        'if sample.next_step.startswith("Dilute further"): pass',
        'if sample.classification.startswith("POSITIVE"): pass',
        'if (well.reason or "").startswith("slot without"): pass',
        'if sample.reasons[0].startswith("HNK1"): pass',
        'if use.reason == "there is no lot file": pass',
        'if found.status != "negative": pass',
        'if "blank" in str(error): pass',
        'if re.search("cut-off", finding.message): pass',
        "if BELOW_ZERO in message: pass",
        'kind, _, rest = failure.partition(":")',
    ],
)
def test_planted_decisions_are_found(fault: str) -> None:
    """What was done before the codes, and its like."""
    assert list(decisions_on_texts(ast.parse(fault))) == [1]


@pytest.mark.parametrize(
    "fine",
    [
        "if reason is Reason.SATURATED: pass",
        "if Reason.PLATE_REJECTED in sample.reasons: pass",
        "if sample.classification.means.reportable: pass",
        'if unit == "%": pass',
        'if key in found or name.startswith("."): pass',
    ],
)
def test_decisions_on_codes_are_fine(fine: str) -> None:
    """The test leaves codes, units and names alone."""
    assert list(decisions_on_texts(ast.parse(fine))) == []
