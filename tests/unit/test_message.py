"""Messages: English text that keeps its template and values."""

from __future__ import annotations

import copy
import pickle

import pytest

from pipeline.domain.message import Message, joined


def test_a_message_is_its_english_text() -> None:
    """Whoever reads a message as text sees the filled sentence."""
    message = Message("{n:n} of {m:n} wells on {antigen}", n=3, m="96", antigen="MAG")
    assert message == "3 of 96 wells on MAG"
    assert message.template == "{n:n} of {m:n} wells on {antigen}"
    assert message.values == {"n": "3", "m": "96", "antigen": "MAG"}


def test_values_are_never_taken_for_places() -> None:
    """What a laboratory typed may hold braces."""
    assert Message("level {level}", level="{n}") == "level {n}"
    assert Message("a set {1, 2}") == "a set {1, 2}"


def test_every_place_has_its_value() -> None:
    """A forgotten place, a value too many and an unprinted number are faults of the program."""
    with pytest.raises(KeyError):
        Message("{n:n} wells")
    with pytest.raises(TypeError, match="no place for m"):
        Message("{n:n} wells", n=1, m=2)
    for value in (0.1, True, None):
        with pytest.raises(TypeError, match="print it first"):
            Message("{n:n} wells", n=value)  # type: ignore[arg-type]


def test_a_message_survives_copies_and_other_processes() -> None:
    """Readers work in a guarded process, and records are copied."""
    message = joined("; ", [Message("{n:n} wells", n=3), "no value"])
    for same in (copy.deepcopy(message), pickle.loads(pickle.dumps(message))):  # noqa: S301 - our own bytes
        assert (same, same.template, same.values) == (message, message.template, message.values)
        assert same.values["part0"].template == "{n:n} wells"
    assert joined("; ", []) == ""
