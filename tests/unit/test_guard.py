"""Reading in a child process: what it can do to us, and what it cannot."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import import_module

import pytest

from pipeline.errors import InputError
from pipeline.guarded import received
from pipeline.guarded.child import Guard, GuardError

WORK = """
import os, time
from pipeline.errors import InputError

def work(data, name):
    if name == "sleeps":
        time.sleep(60)
    if name == "eats":
        return len(bytearray(4_000_000_000))
    if name == "dies":
        os._exit(9)
    if name == "refuses":
        raise InputError("SOME_CODE", "no plate", place="line 3", found="'x'")
    if name == "fails":
        raise KeyError(name)
    return len(data)
"""
"""What the child does in these tests, by the name it is given; the child imports it by its module's name."""


Do = Callable[[bytes, str], object]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Do]:
    """The work above, as a child imports it."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "guarded_work.py").write_text(WORK, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield import_module("guarded_work").work
        del sys.modules["guarded_work"]


@pytest.fixture(scope="module")
def guard(work: Do) -> Iterator[Guard]:
    """A guard with little patience; it starts its child again when that is gone."""
    del work  # its folder must be known when the child starts
    one = Guard(seconds=1.5, memory=1_000_000_000)
    yield one
    one.stop()


def test_good_work_comes_back_from_one_child(guard: Guard, work: Do) -> None:
    """The answer is that of the work, and the same child does the next."""
    assert guard.do(work, b"abc", "good") == 3
    child = guard._child
    assert guard.do(work, b"abcd", "good") == 4
    assert guard._child is child


def test_a_refusal_arrives_with_all_its_parts(guard: Guard, work: Do) -> None:
    """Code, place and what was found are those of the child's error."""
    with pytest.raises(InputError) as caught:
        guard.do(work, b"", "refuses")
    assert (caught.value.code, caught.value.place, caught.value.found) == ("SOME_CODE", "line 3", "'x'")


@pytest.mark.parametrize(("fault", "says"), [("sleeps", "took too much time"), ("dies", "broke off")])
def test_a_child_that_hangs_or_dies_refuses_its_file_and_no_other(
    guard: Guard, work: Do, fault: str, says: str
) -> None:
    """The file is refused as CRASHED_READER for what happened, and the next file is read."""
    with pytest.raises(InputError) as caught:
        guard.do(work, fault.encode(), fault)
    assert caught.value.code == "CRASHED_READER"
    assert says in caught.value.message
    assert guard.do(work, b"ab", "good") == 2


def test_a_file_that_ended_a_child_is_given_to_no_other_within_that_time(guard: Guard, work: Do) -> None:
    """Looking at it again costs nothing; more time is another try."""
    for _ in range(2):
        with pytest.raises(InputError):
            guard.do(work, b"slow", "sleeps", seconds=0.2)
    child = guard._child
    with pytest.raises(InputError):
        guard.do(work, b"slow", "sleeps", seconds=0.1)
    assert guard._child is child
    assert guard.do(work, b"slow", "good", seconds=2.0) == 4


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="address space cannot be limited there")
def test_a_child_that_asks_for_too_much_memory_refuses_its_file(guard: Guard, work: Do) -> None:
    """Four gigabytes for one file are refused; the next file is read."""
    with pytest.raises(InputError) as caught:
        guard.do(work, b"much", "eats")
    assert caught.value.code == "CRASHED_READER"
    assert guard.do(work, b"ab", "good") == 2


def test_a_fault_of_the_program_is_told_as_one(guard: Guard, work: Do) -> None:
    """An error that nobody foresaw is no fault of the file."""
    with pytest.raises(RuntimeError, match="KeyError"):
        guard.do(work, b"", "fails")


@pytest.mark.parametrize("file", ["x.csv", "x.samples.csv"])
def test_text_is_read_in_the_child_too(monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    """An export or a sample sheet as text can hang a reader as well as a workbook can."""
    asked: list[object] = []

    class Asked:
        def do(self, work: object, data: bytes, name: str, **_: object) -> None:
            asked.append((work, data, name))

    monkeypatch.setattr(received, "_reader", Asked())
    read = received.sheet_guarded if "samples" in file else received.read_guarded
    read(b"hello, world\n", file)
    assert len(asked) == 1


def test_a_child_that_cannot_be_started_refuses_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is tried again later: nothing is known about it."""
    monkeypatch.setattr("pipeline.guarded.child._Child.answers", lambda _child: False)
    one = Guard()
    with pytest.raises(GuardError):
        one.do(len, b"a good plate")
    one.stop()
