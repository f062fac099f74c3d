"""What the report says, in its order, for the page and for the PDF. They print it and decide nothing."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.curve_results import CurveFit
from pipeline.domain.record import RunRecord
from pipeline.report.drawing.charts import Scenes
from pipeline.report.drawing.scene import Scene
from pipeline.report.drawing.standing_chart import standing_scene
from pipeline.report.first_page import view
from pipeline.report.first_page.single_table import SingleTable, in_one_table, single_table
from pipeline.report.language import Given, Language, language_of, listed, pieces
from pipeline.report.tables import quality
from pipeline.report.tables import results as tables
from pipeline.report.tables.columns import Table, facts, table_of, without_empty
from pipeline.report.tables.control_columns import control_lines
from pipeline.report.tables.dilution_columns import antigens_of, card_columns, steps_of
from pipeline.report.tables.limit_table import settings_tables
from pipeline.report.tables.provenance import provenance, settings_of
from pipeline.report.tables.recovery import beyond_lines, beyond_recovery
from pipeline.report.tables.sample_columns import (
    FACTS,
    PAGE,
    RESULT_TEXTS,
    SMALL,
    SampleRow,
    fitting,
    rows_of,
)
from pipeline.report.tables.spoken import Spoken, spoken
from pipeline.report.tables.worklist import worklist_lines
from pipeline.report.words.tones import FAIL, QUIET, Word, class_word

SIGNATURES = ("Technician", "Reviewed by")
"""Who signs, each with a date."""

_BESIDE, _ACROSS = 9, 56
"""Lines beside a picture of the page, and characters on each."""

_SETTINGS = "Settings of the assay as used"


@dataclass(frozen=True, slots=True)
class Strip(Spoken):
    """One sample: picture, class, facts, dilutions."""

    sample_id: str
    slot: str
    explanation: str
    next_step: str | None
    words: tuple[Word, ...]
    """Class; and that the result is not reportable, where it is not."""
    scene: Scene | None
    """None for a sample with a single dilution."""
    facts: tuple[tuple[str, str], ...]
    dilutions: Table
    small: str
    """Other readings of the series, which are not the result."""

    @property
    def beside(self) -> int:
        """How many facts stand beside the picture on the page; the others stand below, over all its width."""
        room = _BESIDE - sum(_lines(text) for text in (self.explanation, self.next_step) if text)
        for count, (_, text) in enumerate(self.facts):
            room -= _lines(text)
            if room < 0:
                return count
        return len(self.facts)


def _lines(text: str) -> int:
    return -(-len(text) // _ACROSS)


@dataclass(frozen=True, slots=True)
class Curve(Spoken):
    """One standard curve with its tables."""

    antigen: str
    failure: str | None
    warnings: tuple[str, ...]
    scene: Scene
    facts: tuple[tuple[str, str], ...]
    calibrators: Table
    parameters: Table


@dataclass(frozen=True, slots=True)
class Contents(Spoken):
    """The report from the first page to the last, in the language of its record."""

    language: Language
    view: view.Overview
    excluded: tuple[str, ...]
    nothing_left_out: str
    """What stands in its place where nothing was left out."""
    beyond: tuple[str, ...]
    """Calibrator levels of the fit that are not recovered."""
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
    """Samples with a dilution series, or the only one without."""
    single: SingleTable | None
    """Samples with a single dilution."""
    texts: Table
    """The result of each sample in a sentence; records of older versions have none."""
    past: Scene | None
    """The controls among past runs; None where no control has enough of them."""
    loud: Table
    quiet: Table
    unused: Table
    controls: Table
    blanks: Table
    provenance: tuple[Table, ...]


def contents(record: RunRecord, scenes: Scenes) -> Contents:
    """Compose the report of a record."""
    loud, quiet = view.split_findings(record)
    rows = rows_of(record)
    single = in_one_table(rows)
    apart = {row.sample.slot for row in single}
    english = Contents(
        language=language_of(record),
        view=view.overview(record),
        excluded=quality.excluded(record),
        nothing_left_out=quality.nothing_left_out(record),
        beyond=beyond_lines(record),
        curves=tuple(_curve(record, *each) for each in zip(record.curves, scenes.curves, strict=True)),
        checks=quality.control_checks(record),
        plate=scenes.plate,
        samples=without_empty(table_of("Samples", fitting(PAGE, record), rows)),
        classes=tuple(tables.class_counts(record)),
        worklist=worklist_lines(record),
        legend=scenes.legend if any(scenes.samples) else None,
        strips=tuple(
            _strip(*each)
            for each in zip(rows, scenes.samples, strict=True)
            if each[0].sample.slot not in apart
        ),
        single=single_table(single),
        texts=table_of("", RESULT_TEXTS, (row for row in rows if row.sample.result_text)),
        past=standing_scene(record.standing, language_of(record)),
        loud=quality.finding_lines(loud),
        quiet=quality.passed_lines(quiet),
        unused=quality.exclusion_lines(record),
        controls=control_lines(record),
        blanks=tables.blanks(record),
        provenance=_provenance(record),
    )
    return spoken(english.language, english)


def _curve(record: RunRecord, fit: CurveFit, scene: Scene) -> Curve:
    levels = tables.calibrators(fit, beyond_recovery(record, fit))
    named = (Given(fit.antigen), fit.failure, fit.warnings)
    return Curve(*named, scene, view.curve_facts(fit, record.reach), levels, tables.parameters(fit))


def _strip(row: SampleRow, scene: Scene | None) -> Strip:
    sample = row.sample
    class_ = class_word(sample.classification)
    barred = () if sample.reportable else (Word("not reportable", FAIL if class_.tone is FAIL else QUIET),)
    columns = card_columns(antigens_of([sample]), sample.titer.unit)
    return Strip(
        *(Given(sample.sample_id), Given(sample.slot), sample.explanation, sample.next_step),
        words=(class_, *barred),
        scene=scene,
        facts=facts(fitting(FACTS, row.record), row),
        dilutions=table_of("", columns, steps_of([sample])),
        small=listed("; ", [pieces(label, ": ", text) for label, text in facts(SMALL, row)]),
    )


def _provenance(record: RunRecord) -> tuple[Table, ...]:
    """The tables of provenance, with the settings as limits and others."""
    found = (table for table in provenance(record) if table.title != _SETTINGS)
    return tuple(table for table in (*found, *settings_tables(settings_of(record))) if table.rows)
