"""The exports that are spoiled: the sample data, and the real exports beside the checkout."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "sample_data"
REAL = ROOT.parent / "shared" / "plate_exports"
_SUFFIXES = frozenset({".txt", ".csv", ".xlsx", ".xls", ".asc", ".xml"})
_NOT_EXPORTS = frozenset({"ground_truth.csv"})
_FIXED_COST = 3_000
"""Work for any file, in bytes of text; keeps the smallest files from taking all mutants."""
_WORKBOOK_COST = 0.4
"""Workbooks count less than they cost, so that about every fifth mutant is one."""


@dataclass(frozen=True, slots=True)
class Source:
    """One export: where it is, counted from its collection, and its bytes."""

    name: str
    data: bytes

    @property
    def is_workbook(self) -> bool:
        """Is it a zip container?"""
        return self.data.startswith(b"PK")

    @property
    def is_binary(self) -> bool:
        """Is it a workbook of Excel 97?"""
        return self.data.startswith(b"\xd0\xcf\x11\xe0")

    @property
    def is_markup(self) -> bool:
        """Is it XML?"""
        return self.data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")

    @property
    def weight(self) -> float:
        """Small files are taken more often: the same time tries more mutants."""
        return 1 / (_FIXED_COST + len(self.data) * (_WORKBOOK_COST if self.is_workbook else 1))


@lru_cache
def corpus(part_of_name: str = "") -> tuple[Source, ...]:
    """Every export of both collections whose name contains the text."""
    sources = [*sources_of(SAMPLES), *sources_of(REAL)]
    return tuple(source for source in sources if part_of_name in source.name)


def sources_of(folder: Path) -> list[Source]:
    """Exports of one collection, in the same order everywhere; none when the folder is missing."""
    paths = [path for path in folder.rglob("*") if _is_export(path)]
    sources = [Source(path.relative_to(folder.parent).as_posix(), path.read_bytes()) for path in paths]
    return sorted(sources, key=lambda source: source.name)


def _is_export(path: Path) -> bool:
    named = path.suffix.lower() in _SUFFIXES and path.name not in _NOT_EXPORTS
    return named and ".samples." not in path.name and path.is_file()


def choose(sources: Sequence[Source], seed: int) -> Source:
    """The file that this seed spoils."""
    chance = random.Random(f"file {seed}")  # noqa: S311 - a choice that can be repeated, not a secret
    return chance.choices(sources, [source.weight for source in sources])[0]


def named(sources: Iterable[Source], name: str) -> Source | None:
    """The file with exactly this name."""
    return next((source for source in sources if source.name == name), None)
