"""Where a run comes from: files, hashes, software, reading, settings, what the export says about itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.domain.lot_use import LotUse
from pipeline.domain.message import Message
from pipeline.domain.record import RunRecord
from pipeline.report.language import Given, pieces
from pipeline.report.tables.columns import Column, Table, make_table, parse_columns
from pipeline.report.words.tones import FAIL, WARN, Format, Value, Word, as_date

_FIELDS = (Column("Item", Format.TEXT), Column("Value", Format.PROSE))
_SETTING_FIELDS = (Column("Setting", Format.TEXT), Column("Value", Format.PROSE))


def provenance(record: RunRecord) -> tuple[Table, ...]:
    """All tables of the last section, in reading order."""
    tables = (
        _fields("Run", _run(record)),
        files(record),
        lots(record),
        _fields("Reading", _reading(record)),
        _fields("Wells in the export, over all its reads", _accounting(record)),
        _fields("Replicate precision of this plate", _precision(record)),
        _fields("Software", _software(record)),
        Table("Settings of the assay as used", _SETTING_FIELDS, tuple(flatten(settings_of(record)))),
        _fields("What the export says about itself", flatten(record.run.metadata)),
        Table(
            "Cells that were not understood",
            (Column("Place and text", Format.PROSE),),
            tuple((Given(cell),) for cell in record.cells_not_understood),
        ),
    )
    return tuple(table for table in tables if table.rows)


def settings_of(record: RunRecord) -> dict[str, object]:
    """The settings; where the assay does not ask for HNK1, without what a base says of it."""
    return dict(record.settings) if record.asks_hnk1 else _without_hnk1(record.settings)


def _without_hnk1(settings: Mapping[str, object]) -> dict[str, object]:
    return {
        key: _without_hnk1(value) if isinstance(value, Mapping) else value
        for key, value in settings.items()
        if "hnk1" not in key.split("_")
    }


def files(record: RunRecord) -> Table:
    """Every input file with its hash."""
    run = record.run
    rows = [("export", Given(run.export.name), Given(run.export.sha256))]
    if run.sample_sheet is not None:
        rows.append(("sample sheet", Given(run.sample_sheet.name), Given(run.sample_sheet.sha256)))
    rows += [("definition", Given(file.name), Given(file.sha256)) for file in run.definition]
    return make_table("Files", parse_columns("File; Name|prose; sha256"), rows)


def lots(record: RunRecord) -> Table:
    """The lots of the run, expired and unknown ones in words."""
    columns = parse_columns("Kind; Name; Lot|prose; Expires; Days left|whole; Remark|prose")
    rows = (
        (
            use.kind,
            _given(use.name),
            _given(use.lot),
            _given(as_date(use.expires)),
            use.days_left,
            _remark(use),
        )
        for use in record.lots
    )
    return make_table("Lots", columns, rows)


def _given(value: Value) -> Value:
    """Text of the laboratory; everything else as it is."""
    return Given(value) if isinstance(value, str) else value


def _remark(use: LotUse) -> Value:
    if use.days_left is not None and use.days_left < 0:
        return Word("expired" if use.reason is None else pieces("expired", "; ", use.reason), FAIL)
    return None if use.reason is None else Word(use.reason, WARN)


def flatten(mapping: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, Value]]:
    """``{"a": {"b": 1}}`` is the row ``a.b``, 1; a list is one row, an empty mapping too."""
    for key, value in mapping.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            yield from flatten(value, f"{path}.")
        elif isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
            yield from flatten({str(n): item for n, item in enumerate(value, start=1)}, f"{path}.")
        else:
            yield Given(path), plain(value)


def plain(value: object) -> Value:
    """Numbers, truth values and text stay what they are; the rest becomes text. Text is the laboratory's."""
    if value is None or isinstance(value, float | int | bool):
        return value
    if isinstance(value, list | tuple):
        return Given(", ".join(str(item) for item in value))
    return Given(value) if value or isinstance(value, str) else None


def _fields(title: str, rows: Iterator[tuple[str, Value]]) -> Table:
    return Table(title, _FIELDS, tuple(rows))


def _run(record: RunRecord) -> Iterator[tuple[str, Value]]:
    run = record.run
    yield "Run", Given(run.id)
    yield "Run key (sha256 over all inputs)", Given(run.key)
    yield "Assay", Message("{assay}, version {version}", assay=run.assay, version=run.assay_version)
    if run.definition_sha256:
        yield "Assay's effective definition (sha256)", Given(run.definition_sha256)
    yield "Plate", Given(run.plate)
    yield "Processed at", Given(run.processed_at) or None
    yield "Started by", Given(run.operator) or None
    reason = run.export.reader_reason or "no reason recorded"
    yield "Reader software", pieces(Given(run.export.reader), " (", reason, ")")
    yield "Record schema", Given(record.schema)
    if run.supersedes is not None:
        yield "Same file name as run, which this replaces", Given(run.supersedes)


def _reading(record: RunRecord) -> Iterator[tuple[str, Value]]:
    reading = record.reading
    yield "Measurement", Given(reading.measurement)
    yield "Reference", Given(reading.reference or "") or "none"
    yield "Wavelength nm", reading.wavelength_nm
    yield "Wavelength nm, expected", reading.expected_wavelength_nm
    yield "Reference wavelength nm", reading.reference_wavelength_nm
    yield "Reference wavelength nm, expected", reading.expected_reference_wavelength_nm
    for note in reading.notes:
        yield "Note", note


def _accounting(record: RunRecord) -> Iterator[tuple[str, Value]]:
    counts = record.accounting
    yield "Read", counts.wells_read
    yield "Above the reader's range", counts.above_range
    yield "Below the reader's range", counts.below_range
    yield "Masked", counts.masked
    yield "Not read", counts.not_read
    yield "Unreadable", counts.unreadable
    yield "Cells not understood", counts.cells_not_understood


def _precision(record: RunRecord) -> Iterator[tuple[str, Value]]:
    if record.precision is None:
        return
    yield "Constant part of the well SD, OD", record.precision.additive_od
    yield "Proportional part of the well SD, % of the OD", 100 * record.precision.proportional
    yield "Degrees of freedom", record.precision.df
    yield "Replicate groups left out as failed dispenses", record.precision.left_out
    if record.step_error is not None:
        step = record.step_error
        yield "Dilution step: declared CV, %", step.declared_cv_percent
        yield "Dilution step: CV used, with this plate's increments, %", step.cv_percent
        yield "Dilution step: degrees of freedom behind it", step.df
        yield "Dilution step: increments of this plate", step.increments
    for limit in record.negative_limits:
        yield (
            Message("Cut-off of the negative controls at 1:{n:n}, OD", n=f"{limit.dilution:g}"),
            (limit.reason if limit.limit_od is None else limit.limit_od),
        )


def _software(record: RunRecord) -> Iterator[tuple[str, Value]]:
    software = record.run.software
    named = {"titerline": software.titerline, "Python": software.python}
    listed = {"Platform": software.platform, **software.packages}
    yield from (
        (name if name == "Platform" else Given(name), Given(text))
        for name, text in {**named, **listed}.items()
    )
