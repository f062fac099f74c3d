"""One mutant: a seed and a file -> spoiled bytes, the same ones everywhere."""

from __future__ import annotations

import random
from dataclasses import dataclass

from .corpus import Source
from .excel import INSIDE
from .markup import MARKUP
from .raw import RAW, Spoil
from .text import CELLS, ROWS, WHOLE

_STEPS = (1, 1, 1, 1, 2, 2, 3, 6)
"""Most mutants are spoiled once: a file that is refused for one thing hides what another would do."""
_TEXT_KINDS = (CELLS, CELLS, ROWS, WHOLE, RAW)
_MARKUP_KINDS = (MARKUP, MARKUP, CELLS, ROWS, WHOLE, RAW)
_WORKBOOK_KINDS = (INSIDE, INSIDE, INSIDE, INSIDE, RAW)


@dataclass(frozen=True, slots=True)
class Mutant:
    """Spoiled bytes and what was done to them."""

    data: bytes
    steps: tuple[str, ...]


def mutant(source: Source, seed: int) -> Mutant:
    """Spoil a file."""
    chance = random.Random(f"{seed} {source.name}")  # noqa: S311 - a choice that can be repeated, not a secret
    data = source.data
    steps = []
    for _ in range(chance.choice(_STEPS)):
        spoil = _choose(source, chance)
        data = spoil(data, chance)
        steps.append(spoil.__name__)
    return Mutant(data, tuple(steps))


def _choose(source: Source, chance: random.Random) -> Spoil:
    return chance.choice(chance.choice(_kinds(source)))


def _kinds(source: Source) -> tuple[tuple[Spoil, ...], ...]:
    if source.is_workbook:
        return _WORKBOOK_KINDS
    if source.is_binary:
        return (RAW,)
    return _MARKUP_KINDS if source.is_markup else _TEXT_KINDS
