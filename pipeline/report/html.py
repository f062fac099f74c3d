"""``report.html``: the record as one self-contained page. No script, no outside file, prints on A4."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from pipeline.domain.record import RunRecord
from pipeline.domain.results import CurveFit, SampleResult
from pipeline.report import charts, quality, tables, view
from pipeline.report.platemap import plate_scene
from pipeline.report.provenance import provenance
from pipeline.report.scene import Scene
from pipeline.report.text import visible
from pipeline.report.words import TONES, Format, Value, Word, class_word, show
from pipeline.report.worklist import worklist_lines

_UNBROKEN = 20
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class _Card:
    """One sample: picture, class, facts, dilutions."""

    sample: SampleResult
    word: Word
    scene: Scene | None
    """None for a sample with a single dilution: a curve of one point shows nothing."""
    facts: tuple[tuple[str, str], ...]
    strip: tables.Table


@dataclass(frozen=True, slots=True)
class _Curve:
    """One standard curve with its tables."""

    fit: CurveFit
    scene: Scene
    facts: tuple[tuple[str, str], ...]
    calibrators: tables.Table
    parameters: tables.Table


def page(record: RunRecord) -> bytes:
    """The whole page, UTF-8."""
    loud, quiet = view.split_findings(record)
    text = template("report.html.j2").render(
        record=record,
        view=view.overview(record),
        classes=list(tables.class_counts(record)),
        samples=tables.sample_lines(record),
        worklist=worklist_lines(record),
        controls=tables.control_lines(record),
        blanks=tables.blanks(record),
        curves=[_curve(record, fit) for fit in record.curves],
        cards=[_card(record, sample) for sample in record.samples],
        legend=charts.legend_scene(record),
        exclusions=quality.exclusion_lines(record),
        loud=quality.finding_lines(loud),
        quiet=quality.finding_lines(quiet),
        plate=plate_scene(record),
        provenance=provenance(record),
        tones=TONES,
    )
    return text.encode("utf-8")


@cache
def template(name: str) -> Template:
    """A template of this package with the filters and tests of its pieces."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters["show"] = show
    environment.tests["word"] = lambda value: isinstance(value, Word)
    environment.tests["right"] = _right_aligned
    environment.tests["brief"] = _brief
    return environment.get_template(name)


def _shown(value: object) -> object:
    """Every text on its way into the page; what the template itself made is left alone."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _right_aligned(form: Format) -> bool:
    return form not in (Format.TEXT, Format.PROSE)


def _brief(value: Value) -> bool:
    """Ids, codes and class names stay on one line; only longer text is broken."""
    return value is not None and len(show(value)) <= _UNBROKEN


def _curve(record: RunRecord, fit: CurveFit) -> _Curve:
    return _Curve(
        fit,
        charts.curve_scene(record, fit),
        view.curve_facts(fit),
        tables.calibrators(fit),
        tables.parameters(fit),
    )


def _card(record: RunRecord, sample: SampleResult) -> _Card:
    return _Card(
        sample,
        class_word(sample.classification),
        charts.dilution_scene(record, sample) if charts.has_curve(sample) else None,
        view.sample_facts(sample),
        tables.dilution_strip(sample),
    )
