"""Seeded faults: the rules find them, clean plates pass, and docs/qc.md says what the rules are.

A small size here; the full size is ``python -m benchmarks.faults --plates 100 --clean 2000``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2]))  # last: the installed pipeline stays the one tested

from benchmarks.faults.measure import outcome
from benchmarks.faults.mixups import LAYOUTS, MIXUPS, MixUp
from benchmarks.faults.page import PAGE, part, rule_lines
from benchmarks.faults.run import MOST_FALSE_ALARMS, Summary, clean
from benchmarks.faults.scenarios import SCENARIOS, Scenario
from benchmarks.faults.series import SLOW_FAULTS, STEADY, fired_per_run, found_within, series_of
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
    ("one blank well splashed", "+0.1 OD"),
    ("plate given twice", "6 wells"),
    ("plate given twice", "96 wells"),
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


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("mixup", MIXUPS, ids=lambda m: f"{m.scenario.fault} {m.scenario.size}".strip())
def test_a_mixup_is_seen_or_said_to_be_unseen(mixup: MixUp, layout: str, root: Path) -> None:
    """Every plate is rejected; or the page says that no rule sees it, and what else does."""
    found = Summary(mixup.scenario, tuple(outcome(mixup.scenario, n, SEED, layout) for n in range(2)))
    if layout in mixup.unseen:
        page = part((root / PAGE).read_text(encoding="utf-8"), "mixups")
        assert any(mixup.scenario.fault in row and mixup.tells in row for row in page.splitlines())
        return
    assert found.rejected.count == 2
    assert found.wrong.count == 0


def test_all_faults_of_the_list_are_there() -> None:
    """Every kind has at least two sizes, and its rules exist."""
    sizes: dict[str, int] = {}
    for scenario in SCENARIOS:
        sizes[scenario.fault] = sizes.get(scenario.fault, 0) + 1
    assert min(sizes.values()) >= 2
    assert {(s.fault, s.size) for s in SCENARIOS} >= ALWAYS
    assert {rule for s in SCENARIOS for rule in s.rules} <= {rule.id for rule in all_rules()}


@pytest.fixture(scope="module")
def good() -> Summary:
    """Plates without a fault."""
    return clean(100, SEED)


def test_clean_plates_pass(good: Summary) -> None:
    """Of 100 plates without a fault none fails a rule, at most 2 are marked, and no class is wrong."""
    assert good.rejected.count == 0
    assert good.share().value <= MOST_FALSE_ALARMS
    assert good.wrong.count == 0


def test_rules_over_past_runs_find_what_one_plate_hides(good: Summary) -> None:
    """A calibrator lot that is off by 10 % passes every plate; the history shows it in ten runs."""
    pool = [plate.controls for plate in good.outcomes]
    faults = {(one.fault, one.size): one for one in SLOW_FAULTS}
    for large in (faults["lot shift", "+20 %"], faults["control decay", "-2 % a run"]):
        assert found_within(series_of(large, pool, 10, SEED), 20).value == 1
    assert found_within(series_of(faults["lot shift", "+10 %"], pool, 10, SEED), 10).value >= 0.8
    assert fired_per_run(series_of(STEADY, pool, 60, SEED)).value <= 0.12


def test_the_page_names_every_rule_as_it_is(root: Path) -> None:
    """The catalogue of docs/qc.md is that of the rules: ``python -m benchmarks.faults.page`` writes it."""
    page = (root / PAGE).read_text(encoding="utf-8")
    assert part(page, "rules").split() == "\n".join(rule_lines()).split()
    faults = part(page, "faults")
    assert all(s.fault in faults and s.size in faults for s in SCENARIOS)
    series = part(page, "series")
    assert all(s.fault in series and s.size in series for s in SLOW_FAULTS)


def test_the_page_says_that_few_clean_plates_are_marked(root: Path) -> None:
    """The share on the page is the one that is promised: at most 2 % of at least 2,000 plates."""
    faults = part((root / PAGE).read_text(encoding="utf-8"), "faults")
    (row,) = [line for line in faults.splitlines() if line.startswith("| any rule warns or fails")]
    assert float(row.split("|")[2]) <= 100 * MOST_FALSE_ALARMS
    assert int(faults.partition(" clean plates, wells")[0].split()[-1].replace(",", "")) >= 2000
