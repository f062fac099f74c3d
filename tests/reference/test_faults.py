"""Seeded faults: the rules find them, clean plates pass, and docs/qc.md says what the rules are.

A small size here; the full size is ``python -m benchmarks.faults --plates 100 --clean 2000``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2]))  # last: the installed pipeline stays the one tested

from benchmarks.faults.measure import outcome
from benchmarks.faults.page import PAGE, part, rule_lines
from benchmarks.faults.run import Summary, clean
from benchmarks.faults.scenarios import SCENARIOS, Scenario
from qc.rule import all_rules

SEED = 20_261_122
PLATES = 4
ALWAYS = {
    ("edge effect", "+30 %"),
    ("drift over columns", "+100 %"),
    ("calibrators swapped", "CAL3, CAL4"),
    ("calibrators swapped", "CAL2, CAL6"),
    ("one calibrator mispipetted", "+100 %"),
    ("antigen-negative wells swapped", "sticky 1.5 OD, negative"),
    ("antigen-negative wells swapped", "sticky 1.5 OD, positive"),
    ("control decayed", "-50 %"),
    ("one dilution step wrong", "+100 %"),
    ("blanks contaminated", "+0.2 OD"),
    ("part of the plate copied", "6 wells"),
    ("part of the plate copied", "16 wells"),
}
"""Faults so large that a rule meant for them has to find every one."""


@pytest.mark.parametrize(
    "scenario", [s for s in SCENARIOS if (s.fault, s.size) in ALWAYS], ids=lambda s: f"{s.fault} {s.size}"
)
def test_a_large_fault_is_found_by_its_rule(scenario: Scenario) -> None:
    """A rule meant for the fault warns or fails on every plate, and no wrong class is given out unmarked."""
    found = Summary(scenario, tuple(outcome(scenario, n, SEED) for n in range(PLATES)))
    assert found.share(frozenset(scenario.rules)).count == PLATES
    assert found.unmarked.count == 0


def test_all_faults_of_the_list_are_there() -> None:
    """Every kind has at least two sizes, and its rules exist."""
    sizes: dict[str, int] = {}
    for scenario in SCENARIOS:
        sizes[scenario.fault] = sizes.get(scenario.fault, 0) + 1
    assert min(sizes.values()) >= 2
    assert {(s.fault, s.size) for s in SCENARIOS} >= ALWAYS
    assert {rule for s in SCENARIOS for rule in s.rules} <= {rule.id for rule in all_rules()}


def test_clean_plates_are_not_rejected() -> None:
    """Of 50 plates without a fault none fails a rule, few are marked, and no class is wrong."""
    found = clean(50, SEED)
    assert found.rejected.count == 0
    assert found.share().value <= 0.3
    assert found.wrong.count == 0


def test_the_page_names_every_rule_as_it_is(root: Path) -> None:
    """The catalogue of docs/qc.md is that of the rules: ``python -m benchmarks.faults.page`` writes it."""
    page = (root / PAGE).read_text(encoding="utf-8")
    assert part(page, "rules").split() == "\n".join(rule_lines()).split()
    faults = part(page, "faults")
    assert all(s.fault in faults and s.size in faults for s in SCENARIOS)
