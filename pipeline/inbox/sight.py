"""What one look at the inbox sees: files that are ready, and what each of the others waits for."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.record.job import Job


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that cannot be processed yet, and why, in plain words."""

    assay: str
    name: str
    text: str
    settling: bool = False
    """Will it go on by itself within the settle time?"""
    blocked: bool = False
    """Does it need a person?"""
    refused: bool = False
    """Is it wrong as it is? It waits until it is corrected."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A job whose files are complete; ``final`` when the patience with it is over."""

    job: Job
    final: bool
    mtime_ns: int
    """Of the export, for the order only."""
    slow: bool = False
    """Did it take long to read? Then it comes after all others, alone."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One look at the inbox; ready jobs are oldest first."""

    waiting: tuple[Waiting, ...] = ()
    ready: tuple[Ready, ...] = ()
    notes: tuple[str, ...] = ()
    """What lies there and is no export: links, folders, unknown assays."""
