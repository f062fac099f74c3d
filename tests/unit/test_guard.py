"""Reading in a child process: what it can do to us, and what it cannot."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import import_module

import pytest

from pipeline.errors import InputError
from pipeline.process import guard
from pipeline.process.guard import Guard

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


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guard]:
    """A guard over the work above, with little patience; it starts its child again when that is gone."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "guarded_work.py").write_text(WORK, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        work: Callable[[bytes, str], int] = import_module("guarded_work").work
        one = Guard(work, seconds=1.5, memory=1_000_000_000)
        yield one
        one.stop()
        del sys.modules["guarded_work"]


def test_good_work_comes_back_from_one_child(guarded: Guard) -> None:
    """The answer is that of the work, and the same child does the next."""
    assert guarded.do(b"abc", "good") == 3
    child = guarded._child
    assert guarded.do(b"abcd", "good") == 4
    assert guarded._child is child


def test_a_refusal_arrives_with_all_its_parts(guarded: Guard) -> None:
    """Code, place and what was found are those of the child's error."""
    with pytest.raises(InputError) as caught:
        guarded.do(b"", "refuses")
    assert (caught.value.code, caught.value.place, caught.value.found) == ("SOME_CODE", "line 3", "'x'")


@pytest.mark.parametrize("fault", ["sleeps", "dies"])
def test_a_child_that_hangs_or_dies_refuses_its_file_and_no_other(guarded: Guard, fault: str) -> None:
    """The file is refused as CRASHED_READER, and the next file is read."""
    with pytest.raises(InputError) as caught:
        guarded.do(b"", fault)
    assert caught.value.code == "CRASHED_READER"
    assert caught.value.file == fault
    assert guarded.do(b"ab", "good") == 2


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="address space cannot be limited there")
def test_a_child_that_asks_for_too_much_memory_refuses_its_file(guarded: Guard) -> None:
    """Four gigabytes for one file are refused; the next file is read."""
    with pytest.raises(InputError) as caught:
        guarded.do(b"", "eats")
    assert caught.value.code == "CRASHED_READER"
    assert guarded.do(b"ab", "good") == 2


def test_a_fault_of_the_program_is_told_as_one(guarded: Guard) -> None:
    """An error that nobody foresaw is no fault of the file."""
    with pytest.raises(RuntimeError, match="KeyError"):
        guarded.do(b"", "fails")


def test_text_is_read_without_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text needs no child process, and starts none."""
    monkeypatch.setattr(guard, "_reader", None)
    with pytest.raises(InputError, match="FORMAT_UNKNOWN"):
        guard.read_guarded(b"hello, world\n", "x.csv")
