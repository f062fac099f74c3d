"""Ways to spoil bytes, whatever they mean."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TypeAlias

Spoil: TypeAlias = "Callable[[bytes, random.Random], bytes]"
"""Bytes and a source of chance -> other bytes."""

_SPAN = 64


def flip(data: bytes, chance: random.Random) -> bytes:
    """Change one bit."""
    at = _place(data, chance)
    changed = bytes([data[at] ^ 1 << chance.randrange(8)]) if data else b""
    return data[:at] + changed + data[at + 1 :]


def insert(data: bytes, chance: random.Random) -> bytes:
    """Put a few bytes of any value somewhere."""
    at = _place(data, chance)
    return data[:at] + chance.randbytes(chance.randint(1, 4)) + data[at:]


def delete(data: bytes, chance: random.Random) -> bytes:
    """Leave out a span."""
    start, end = _span(data, chance)
    return data[:start] + data[end:]


def duplicate(data: bytes, chance: random.Random) -> bytes:
    """Write a span twice."""
    start, end = _span(data, chance)
    return data[:end] + data[start:end] + data[end:]


def nul(data: bytes, chance: random.Random) -> bytes:
    """Overwrite one byte with NUL."""
    at = _place(data, chance)
    return data[:at] + b"\x00" + data[at + 1 :]


def ones(data: bytes, chance: random.Random) -> bytes:
    """Overwrite one byte with 0xFF."""
    at = _place(data, chance)
    return data[:at] + b"\xff" + data[at + 1 :]


def truncate(data: bytes, chance: random.Random) -> bytes:
    """Cut the file off at any point."""
    return data[: _place(data, chance)]


def number(data: bytes, chance: random.Random) -> bytes:
    """Overwrite two or four bytes with a number that counts, sizes and addresses get wrong."""
    width = chance.choice((2, 4))
    at = _place(data, chance) // 2 * 2
    value = chance.choice((0, 1, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)) % (1 << 8 * width)
    return data[:at] + value.to_bytes(width, "little") + data[at + width :]


RAW: tuple[Spoil, ...] = (flip, insert, delete, duplicate, nul, ones, number, truncate)


def _place(data: bytes, chance: random.Random) -> int:
    return chance.randrange(len(data)) if data else 0


def _span(data: bytes, chance: random.Random) -> tuple[int, int]:
    start = _place(data, chance)
    return start, min(len(data), start + chance.randint(1, _SPAN))
