"""Spoiled exports are read or refused by code, and a changed value shows in its well alone.

Failures name their seed and file;
``python -m benchmarks.fuzz --replay SEED --file NAME`` makes the file again.
"""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from fuzz import check, cost
from fuzz.corpus import REAL, SAMPLES, Source, choose, sources_of
from fuzz.digit import flipped, followed, judged_digit, judged_sign
from fuzz.mutant import mutant
from fuzz.run import CI_DIGITS, CI_MUTANTS, Judge, judged_mutant, tally, with_values
from sizes import size

from pipeline.domain.plate import Export
from pipeline.errors import InputError
from pipeline.readers import read_export

MUTANTS, DIGITS = size(1_200, CI_MUTANTS), size(300, CI_DIGITS)

Reader = Callable[[bytes, str], Export]


@pytest.fixture(scope="module")
def samples() -> list[Source]:
    """The exports of the sample data."""
    return sources_of(SAMPLES)


@pytest.fixture(scope="module")
def real(shared: Path) -> list[Source]:
    """The real exports."""
    assert shared == REAL.parent
    return sources_of(REAL)


@pytest.fixture
def grid(samples: list[Source]) -> Source:
    """A text export with two raw reads."""
    return next(source for source in samples if source.name.endswith("/grid_csv.csv"))


def assert_kept(judge: Judge, sources: Sequence[Source], count: int) -> None:
    """No seed breaks the rule."""
    counted = tally(judge, sources, range(count))
    assert not counted.failures, "\n" + "\n".join(counted.failure_lines())
    assert counted.verdicts.total() == count


def test_spoiled_sample_data_is_read_or_refused(samples: list[Source]) -> None:
    """Nothing but an export or a refusal with a code, quickly and in little memory."""
    assert len(samples) >= 20
    assert_kept(judged_mutant, samples, MUTANTS // 2)


def test_spoiled_real_exports_are_read_or_refused(real: list[Source]) -> None:
    """The same for files that readers' software wrote."""
    assert len(real) >= 50
    assert_kept(judged_mutant, real, MUTANTS // 2)


def test_a_changed_digit_of_sample_data_shows(samples: list[Source]) -> None:
    """In its well and no other."""
    assert_kept(judged_digit, with_values(samples), DIGITS // 2)


def test_a_changed_digit_of_real_exports_shows(real: list[Source]) -> None:
    """The same for files that readers' software wrote."""
    assert_kept(judged_digit, with_values(real), DIGITS // 2)


def test_a_changed_sign_of_sample_data_shows(samples: list[Source]) -> None:
    """A letter, a blank or a delimiter in a value moves no other well."""
    assert_kept(judged_sign, with_values(samples), DIGITS // 2)


def test_a_changed_sign_of_real_exports_shows(real: list[Source]) -> None:
    """The same for files that readers' software wrote."""
    assert_kept(judged_sign, with_values(real), DIGITS // 2)


def test_a_seed_makes_the_same_mutant_again(samples: list[Source]) -> None:
    """So a seed is all that a report of a failure needs."""
    for seed in range(200):
        source = choose(samples, seed)
        assert choose(sources_of(SAMPLES), seed) == source
        assert mutant(source, seed) == mutant(source, seed)
    assert len({mutant(samples[0], seed).data for seed in range(50)}) > 40


def test_most_values_of_a_grid_can_be_followed(grid: Source) -> None:
    """A digit is changed in values all over the plate, not in a chosen few."""
    assert sum(value.wells for value in followed(grid).values) > 150


def judged_with(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> str:
    """The fault that the check finds in a reader."""
    monkeypatch.setattr(check, "read_export", reader)
    return check.judged(0, "folder/plate.txt", b"1").fault or ""


def raising(error: Exception) -> Reader:
    """A reader that fails in this way."""

    def read(_data: bytes, _name: str) -> Export:
        raise error

    return read


def test_the_check_sees_what_breaks_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """A foreign exception, a refusal without a code, an export without a plate."""
    assert "KeyError" in judged_with(raising(KeyError("x")), monkeypatch)
    assert "without a code" in judged_with(raising(InputError("", "x")), monkeypatch)
    assert "without a plate" in judged_with(lambda *_: Export("", "", "", "", ()), monkeypatch)
    assert judged_with(raising(InputError("FILE_EMPTY", "x")), monkeypatch) == ""


def test_the_check_sees_a_value_that_is_no_number(grid: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """Infinity in a well is no reading."""
    export = read_export(grid.data, grid.name)
    plate = export.plates[0]
    reading = dataclasses.replace(plate.reads[0], values=dict.fromkeys(plate.reads[0].values, float("inf")))
    spoiled = dataclasses.replace(export, plates=(dataclasses.replace(plate, reads=(reading,)),))
    assert "no finite number" in judged_with(lambda *_: spoiled, monkeypatch)


def slow(_data: bytes, _name: str) -> Export:
    """A reader that never ends."""
    while True:
        time.process_time()


def greedy(_data: bytes, _name: str) -> Export:
    """A reader that takes far more memory than a plate needs."""
    bytes(bytearray(b"1") * 50_000_000)
    raise InputError("FILE_EMPTY", "x")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no alarm for processor time")
def test_the_check_breaks_off_an_endless_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mutant that never ends is a failure, not the end of the campaign."""
    monkeypatch.setattr(cost, "ENDLESS_SECONDS", 0.2)
    assert "EndlessError" in judged_with(slow, monkeypatch)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured for each mutant on Linux only")
def test_the_check_sees_too_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the reader gave the memory back."""
    monkeypatch.setattr(cost, "MAX_MEGABYTES", 30.0)
    assert "more than 30 MB" in judged_with(greedy, monkeypatch)


def test_the_check_sees_a_value_that_does_not_follow(grid: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that answers from memory is found out."""
    export = read_export(grid.data, grid.name)
    assert flipped(grid, 1)[2] != grid.data
    monkeypatch.setattr(check, "read_export", lambda *_: export)
    assert "changed nothing" in (judged_digit(1, grid).fault or "")
