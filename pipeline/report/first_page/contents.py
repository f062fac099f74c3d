"""What the report says, in its order, for the page and for the PDF. They print it and decide nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.domain.curve_results import CurveFit
from pipeline.domain.record import RunRecord
from pipeline.domain.results import SampleResult
from pipeline.report.drawing.charts import Scenes
from pipeline.report.drawing.scene import Scene
from pipeline.report.drawing.standing_chart import standing_scene
from pipeline.report.first_page import view
from pipeline.report.first_page.single_table import SingleTable, in_one_table, single_table
from pipeline.report.language import Language, language_of
from pipeline.report.tables import quality
from pipeline.report.tables import results as tables
from pipeline.report.tables.columns import Table, facts, table_of
from pipeline.report.tables.control_columns import control_lines
from pipeline.report.tables.dilution_columns import antigens_of, card_columns, steps_of
from pipeline.report.tables.limit_table import settings_tables
from pipeline.report.tables.provenance import provenance
from pipeline.report.tables.recovery import beyond_lines, beyond_recovery
from pipeline.report.tables.sample_columns import FACTS, PAGE, SampleRow, rows_of
from pipeline.report.tables.spoken import pairs_in, table_in, word_in
from pipeline.report.tables.worklist import worklist_lines
from pipeline.report.words.tones import FAIL, QUIET, Word, class_word

SIGNATURES = ("Technician", "Reviewed by")
"""Who signs, each with a date."""

_BESIDE, _ACROSS = 9, 56
"""Lines beside a picture of the page, and characters on each."""

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

    @property
    def beside(self) -> int:
        """How many facts stand beside the picture on the page; the others stand below, over all its width."""
        room = _BESIDE - sum(
            _lines(text) for text in (self.sample.explanation, self.sample.next_step) if text
        )
        for count, (_, text) in enumerate(self.facts):
            room -= _lines(text)
            if room < 0:
                return count
        return len(self.facts)


def _lines(text: str) -> int:
    return -(-len(text) // _ACROSS)


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
    """The report from the first page to the last, in the language of its record."""

    language: Language
    view: view.Overview
    excluded: tuple[str, ...]
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
        beyond=beyond_lines(record),
        curves=tuple(_curve(record, *each) for each in zip(record.curves, scenes.curves, strict=True)),
        checks=quality.control_checks(record),
        plate=scenes.plate,
        samples=table_of("Samples", PAGE, rows),
        classes=tuple(tables.class_counts(record)),
        worklist=worklist_lines(record),
        legend=scenes.legend if any(scenes.samples) else None,
        strips=tuple(
            _strip(*each)
            for each in zip(rows, scenes.samples, strict=True)
            if each[0].sample.slot not in apart
        ),
        single=single_table(single),
        past=standing_scene(record.standing, language_of(record)),
        loud=quality.finding_lines(loud),
        quiet=quality.passed_lines(quiet),
        unused=quality.exclusion_lines(record),
        controls=control_lines(record),
        blanks=tables.blanks(record),
        provenance=_provenance(record),
    )
    return english if english.language.plain else _spoken(english, english.language)


def _spoken(said: Contents, language: Language) -> Contents:
    """The same in another language; the drawings are in it already."""
    return replace(
        said,
        checks=table_in(language, said.checks),
        samples=table_in(language, said.samples),
        worklist=table_in(language, said.worklist),
        loud=table_in(language, said.loud),
        quiet=table_in(language, said.quiet),
        unused=table_in(language, said.unused),
        controls=table_in(language, said.controls),
        blanks=table_in(language, said.blanks),
        view=_overview_in(language, said.view),
        excluded=tuple(map(language.say, said.excluded)),
        beyond=tuple(map(language.say, said.beyond)),
        curves=tuple(_curve_in(language, curve) for curve in said.curves),
        classes=tuple((language.say(name), count) for name, count in said.classes),
        strips=tuple(_strip_in(language, strip) for strip in said.strips),
        single=None if said.single is None else _single_in(language, said.single),
        provenance=tuple(table_in(language, table) for table in said.provenance),
    )


def _overview_in(language: Language, overview: view.Overview) -> view.Overview:
    return replace(
        overview,
        heading=language.say(overview.heading),
        word=word_in(language, overview.word),
        why=language.say(overview.why),
        action=language.say(overview.action),
        identity=pairs_in(language, overview.identity),
        counts=tuple((language.say(label), count) for label, count in overview.counts),
        balance=word_in(language, overview.balance),
    )


def _curve_in(language: Language, curve: Curve) -> Curve:
    failure = None if curve.fit.failure is None else language.say(curve.fit.failure)
    return replace(
        curve,
        fit=replace(curve.fit, failure=failure, warnings=tuple(map(language.say, curve.fit.warnings))),
        facts=pairs_in(language, curve.facts),
        calibrators=table_in(language, curve.calibrators),
        parameters=table_in(language, curve.parameters),
    )


def _strip_in(language: Language, strip: Strip) -> Strip:
    sample = strip.sample
    next_step = None if sample.next_step is None else language.say(sample.next_step)
    return replace(
        strip,
        sample=replace(sample, explanation=language.say(sample.explanation), next_step=next_step),
        words=tuple(word_in(language, word) for word in strip.words),
        facts=pairs_in(language, strip.facts),
        dilutions=table_in(language, strip.dilutions),
    )


def _single_in(language: Language, single: SingleTable) -> SingleTable:
    return SingleTable(table_in(language, single.table), pairs_in(language, single.shared))


def _curve(record: RunRecord, fit: CurveFit, scene: Scene) -> Curve:
    levels = tables.calibrators(fit, beyond_recovery(record, fit))
    return Curve(fit, scene, view.curve_facts(fit), levels, tables.parameters(fit))


def _strip(row: SampleRow, scene: Scene | None) -> Strip:
    sample = row.sample
    class_ = class_word(sample.classification)
    barred = () if sample.reportable else (Word("not reportable", FAIL if class_.tone is FAIL else QUIET),)
    columns = card_columns(antigens_of([sample]), sample.titer.unit)
    dilutions = table_of("", columns, steps_of([sample]))
    return Strip(sample, (class_, *barred), scene, facts(FACTS, row), dilutions)


def _provenance(record: RunRecord) -> tuple[Table, ...]:
    """The tables of provenance, with the settings as limits and others."""
    found = (table for table in provenance(record) if table.title != _SETTINGS)
    return tuple(table for table in (*found, *settings_tables(record.settings)) if table.rows)
