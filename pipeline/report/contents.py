"""What the report says, in its order, for the page and for the PDF. They print it and decide nothing."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.record import RunRecord
from pipeline.domain.results import CurveFit, SampleResult
from pipeline.report import quality, tables, view
from pipeline.report.charts import Scenes
from pipeline.report.limit_table import settings_tables
from pipeline.report.provenance import provenance
from pipeline.report.scene import Scene
from pipeline.report.tables import Table
from pipeline.report.words import FAIL, QUIET, Word, class_word
from pipeline.report.worklist import worklist_lines

SIGNATURES = ("Technician", "Reviewed by")
"""Who signs, each with a date."""

_SETTINGS = "Settings of the assay as used"


@dataclass(frozen=True, slots=True)
class Strip:
    """One sample: picture, class, facts, dilutions."""

    sample: SampleResult
    words: tuple[Word, ...]
    """Class; and that the result is not reportable, where it is not."""
    scene: Scene | None
    """None for a sample with a single dilution."""
    facts: tuple[tuple[str, str], ...]
    dilutions: Table


@dataclass(frozen=True, slots=True)
class Curve:
    """One standard curve with its tables."""

    fit: CurveFit
    scene: Scene
    facts: tuple[tuple[str, str], ...]
    calibrators: Table
    parameters: Table


@dataclass(frozen=True, slots=True)
class Contents:
    """The report from the first page to the last."""

    view: view.Overview
    excluded: tuple[str, ...]
    curves: tuple[Curve, ...]
    checks: Table
    """Controls against their limits."""
    plate: Scene
    samples: Table
    classes: tuple[tuple[str, int], ...]
    worklist: Table
    legend: Scene | None
    """None where no sample has a curve."""
    strips: tuple[Strip, ...]
    loud: Table
    quiet: Table
    unused: Table
    controls: Table
    blanks: Table
    provenance: tuple[Table, ...]


def contents(record: RunRecord, scenes: Scenes) -> Contents:
    """Compose the report of a record."""
    loud, quiet = view.split_findings(record)
    return Contents(
        view=view.overview(record),
        excluded=quality.excluded(record),
        curves=tuple(map(_curve, record.curves, scenes.curves)),
        checks=quality.control_checks(record),
        plate=scenes.plate,
        samples=tables.sample_lines(record),
        classes=tuple(tables.class_counts(record)),
        worklist=worklist_lines(record),
        legend=scenes.legend if any(scenes.samples) else None,
        strips=tuple(map(_strip, record.samples, scenes.samples)),
        loud=quality.finding_lines(loud),
        quiet=quality.passed_lines(quiet),
        unused=quality.exclusion_lines(record),
        controls=tables.control_lines(record),
        blanks=tables.blanks(record),
        provenance=_provenance(record),
    )


def _curve(fit: CurveFit, scene: Scene) -> Curve:
    return Curve(fit, scene, view.curve_facts(fit), tables.calibrators(fit), tables.parameters(fit))


def _strip(sample: SampleResult, scene: Scene | None) -> Strip:
    class_ = class_word(sample.classification)
    barred = () if sample.reportable else (Word("not reportable", FAIL if class_.tone is FAIL else QUIET),)
    return Strip(sample, (class_, *barred), scene, view.sample_facts(sample), tables.dilution_strip(sample))


def _provenance(record: RunRecord) -> tuple[Table, ...]:
    """The tables of provenance, with the settings as limits and others."""
    found = (table for table in provenance(record) if table.title != _SETTINGS)
    return tuple(table for table in (*found, *settings_tables(record.settings)) if table.rows)
