"""Many seeds, in this process or in several."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TypeAlias

from .check import Outcome, judged
from .corpus import Source, choose, corpus
from .cost import limit_process
from .digit import followed
from .mutant import mutant
from .tally import Tally

CI_MUTANTS, CI_DIGITS = 20_000, 2_000
_CHUNK = 200

Judge: TypeAlias = "Callable[[int, Source], Outcome]"


def judged_mutant(seed: int, source: Source) -> Outcome:
    """Spoil a file and hold what the readers make of it against the rule."""
    return judged(seed, source.name, mutant(source, seed).data)


def tally(judge: Judge, sources: Sequence[Source], seeds: range) -> Tally:
    """Try all seeds in this process; a warning is a fault, as in the tests."""
    counted = Tally()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for seed in seeds:
            counted.add(judge(seed, choose(sources, seed)))
    return counted


def with_values(sources: Sequence[Source]) -> list[Source]:
    """Those in which a changed digit can be followed."""
    return [source for source in sources if followed(source).values]


def tally_in_processes(judge: Judge, sources: Sequence[Source], seeds: range, processes: int) -> Tally:
    """Try all seeds, shared among processes; one that dies is a failure of its seeds."""
    counted = Tally()
    chunks = [seeds[start : start + _CHUNK] for start in range(0, len(seeds), _CHUNK)]
    names = tuple(source.name for source in sources)
    while chunks:
        died: list[range] = []
        with ProcessPoolExecutor(processes, get_context("spawn"), limit_process) as pool:
            jobs = {pool.submit(_tally_named, judge, names, chunk): chunk for chunk in chunks}
            for job in as_completed(jobs):
                try:
                    counted.merge(job.result())
                except BrokenProcessPool:
                    died.append(jobs[job])
        chunks = _after_death(counted, sorted(died, key=lambda chunk: chunk.start), processes)
    return counted


def _after_death(counted: Tally, died: list[range], processes: int) -> list[range]:
    """Those that ran when the process died are failures; the rest, which only waited, are tried again."""
    for chunk in died[:processes]:
        counted.lost(chunk)
    return died[processes:]


def _tally_named(judge: Judge, names: tuple[str, ...], seeds: range) -> Tally:
    known = {source.name: source for source in corpus()}
    return tally(judge, [known[name] for name in names], seeds)
