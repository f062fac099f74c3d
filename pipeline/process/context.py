"""What only the shell knows of a run: when, who, with which software, and what other runs say."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import pipeline
from pipeline.domain.history import EarlierRun, Past, RunStanding, SampleIds, StepHistory
from pipeline.domain.lots import LotBook
from pipeline.domain.record import ReportStyle, Software
from pipeline.record.keys import OtherResults

PACKAGES = ("lmfit", "numpy", "openpyxl", "pydantic", "scipy")


@dataclass(frozen=True, slots=True)
class RunContext:
    """What only the shell knows: when, who, with which software."""

    processed_at: str
    """ISO 8601 with offset."""
    operator: str
    software: Software
    supersedes: str | None = None
    other_results: OtherResults = field(default_factory=dict)
    """Sample id -> HNK1 result of another run; empty unless the assay asks for other runs."""
    past: Past | None = None
    """Runs of this assay before this one; None where no history is at hand."""
    standing: RunStanding | None = None
    """Where the controls stood when the run was first judged; given, not a past, to compute it again."""
    earlier: Sequence[EarlierRun] | None = None
    """Runs of this assay with the same export or the same samples; None where no ledger is at hand."""
    ids: SampleIds | None = None
    """What was found about the ids when the run was first judged; given, not runs, to compute it again."""
    step_history: StepHistory | None = None
    """What past runs say of a dilution step; None unless the assay asks for it and a ledger is at hand."""
    lots: LotBook | None = None
    """The lot file; None where there is none. Not part of a run key: a new lot makes no new run."""
    reports: ReportStyle = field(default_factory=ReportStyle)
    """Language and decimal sign of the reports; no part of a run key either."""


@cache
def current_software() -> Software:
    """Versions of this installation."""
    return Software(
        titerline=pipeline.__version__,
        python=platform.python_version(),
        platform=platform.platform(),
        packages={name: _version(name) for name in PACKAGES},
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
