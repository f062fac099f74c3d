"""What past plates say about the pipetting error of a dilution step, for the assay's ``[dilution]``.

Nothing is changed by itself: the laboratory copies the lines into its assay, so that every run says which
value it used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.compute.error_components import pooled_step
from pipeline.domain.findings import RunVerdict
from pipeline.domain.results import StepError
from pipeline.errors import InputError
from pipeline.report.document import from_json

ENOUGH_PLATES = 20
"""Fewer plates give a provisional value (as for control limits: 20 runs)."""


@dataclass(frozen=True, slots=True)
class Learned:
    """The step CV of past plates, in percent, and how much stands behind it."""

    assay: str
    plates: int
    increments: int
    cv_percent: float | None
    """With the vaguest declared value; None where the plates' increments tell nothing."""
    df: float | None

    @property
    def provisional(self) -> bool:
        """Fewer plates than a laboratory should rely on."""
        return self.plates < ENOUGH_PLATES


def learn_step(reports: Path, assay: str) -> Learned:
    """Pool the increments of all runs of an assay that were not rejected.

    Args:
        reports: folder with one folder a run, each with its ``results.json``.
        assay: name of the assay.

    Raises:
        InputError: a record that cannot be read, or no run of this assay.
    """
    found = _step_errors(reports, assay)
    if not found:
        raise InputError(
            "NO_RUNS",
            f"no run of the assay '{assay}' with a dilution series is here",
            file=str(reports),
            action="Name the folder with the reports, and the assay as its folder is called.",
        )
    pooled = pooled_step(found)
    increments = sum(step.increments for step in found)
    if pooled is None:
        return Learned(assay, len(found), increments, None, None)
    return Learned(assay, len(found), increments, *pooled)


def _step_errors(reports: Path, assay: str) -> Sequence[StepError]:
    records = (from_json(path.read_bytes()) for path in sorted(reports.glob("*/results.json")))
    return [
        record.step_error
        for record in records
        if record.run.assay == assay
        and record.verdict is not RunVerdict.REJECTED
        and record.step_error is not None
        and record.step_error.increments
    ]


def learned_document(learned: Learned) -> dict[str, object]:
    """For ``--json``."""
    return {
        "schema": "titerline.learn/1",
        "assay": learned.assay,
        "plates": learned.plates,
        "increments": learned.increments,
        "step_cv_percent": learned.cv_percent,
        "step_cv_df": learned.df,
        "provisional": learned.provisional,
    }


def learned_text(learned: Learned) -> str:
    """In words, with the lines for the assay."""
    head = f"{learned.assay}: {learned.increments} increments on {learned.plates} plates"
    if learned.cv_percent is None or learned.df is None:
        return f"{head} tell nothing about a dilution step; the declared value stays."
    caution = f" (provisional: fewer than {ENOUGH_PLATES} plates)" if learned.provisional else ""
    lines = [
        f"{head}: a dilution step has a CV of {learned.cv_percent:.2f} %{caution}.",
        "",
        "For [dilution] in assay.toml, with a new version of the assay:",
        "",
        "[dilution]",
        f"step_cv_df = {learned.df:.0f}",
        "",
        "[dilution.step_cv]",
        f"value = {learned.cv_percent:.2f}",
        'unit = "%"',
        f'source = "increments of {learned.plates} plates of this laboratory"',
    ]
    return "\n".join(lines)
