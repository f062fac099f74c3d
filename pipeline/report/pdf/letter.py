"""The result of a sample as a letter: the number, its sentence, and what a reader looks up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.domain.record import RunRecord
from pipeline.report.drawing.scene import GREY
from pipeline.report.language import Given, language_of, listed, pieces
from pipeline.report.pdf.canvas import INNER, MARGIN, Canvas, Properties
from pipeline.report.pdf.first import signatures
from pipeline.report.pdf.text import facts, paragraph
from pipeline.report.tables import columns
from pipeline.report.tables.sample_columns import LETTER, LETTER_SMALL, PERSON, SampleRow, fitting
from pipeline.report.tables.sample_words import titer_line
from pipeline.report.tables.spoken import spoken
from pipeline.report.words.text import local_time, short
from pipeline.report.words.tones import FAIL, RUN_VERDICTS, Word, class_word

_LONGEST = 200
_TITLE, _BIG, _PROSE, _FACTS, _SMALL = 13.0, 19.0, 10.0, 8.4, 6.4
_LABEL = 120.0


def letter_pdf(rows: Sequence[SampleRow]) -> bytes:
    """A page for each sample, in the language of the run's reports; the same bytes for the same record.

    Args:
        rows: one or more samples of one run.
    """
    record = rows[0].record
    canvas = Canvas(_properties(record), language_of(record))
    for number, row in enumerate(rows):
        if number:
            canvas.new_page()
        _letter(canvas, row)
    return canvas.finish()


def _properties(record: RunRecord) -> Properties:
    run = record.run
    made = f"titerline {run.software.titerline}"
    return Properties(
        title=short(f"{run.assay_title or run.assay}, {run.plate}", _LONGEST),
        subject=short(run.id, _LONGEST),
        author=short(run.operator, _LONGEST),
        creator=made,
        date=run.processed_at,
        footer=" \u00b7 ".join((run.id, f"{run.assay} {run.assay_version}", made)),
    )


def _letter(canvas: Canvas, row: SampleRow) -> None:
    run, sample = row.record.run, row.sample
    canvas.text(MARGIN, canvas.y + 8, canvas.fit(run.assay_title or run.assay, INNER, 8), size=8, colour=GREY)
    name = canvas.fit(sample.sample_id, INNER, _TITLE, bold=True)
    canvas.text(MARGIN, canvas.y + 28, name, size=_TITLE, bold=True)
    canvas.y += 40
    _pairs(canvas, (*columns.facts(PERSON, row), *_of_run(row.record)))
    canvas.y += 30
    _words(canvas, row)
    amount = canvas.fit(canvas.say(titer_line(sample)), INNER, _BIG, bold=True)
    canvas.text(MARGIN, canvas.y + _BIG, amount, size=_BIG, bold=True)
    canvas.y += _BIG + 18
    text = canvas.say(sample.result_text or sample.explanation)
    canvas.y += paragraph(canvas, MARGIN, canvas.y, INNER, text, size=_PROSE) + 18
    _pairs(canvas, columns.facts(fitting(LETTER, row.record), row))
    small = listed("; ", [pieces(label, ": ", told) for label, told in columns.facts(LETTER_SMALL, row)])
    if small:
        canvas.y += 8
        canvas.y += paragraph(canvas, MARGIN, canvas.y, INNER, canvas.say(small), size=_SMALL, colour=GREY)
    canvas.y += 12
    signatures(canvas)


def _of_run(record: RunRecord) -> Iterator[tuple[str, str]]:
    yield "Plate", Given(record.run.plate)
    yield "Verdict", RUN_VERDICTS[record.verdict].text
    yield "Processed", Given(local_time(record.run.processed_at))
    yield "Run", Given(record.run.id)


def _pairs(canvas: Canvas, pairs: tuple[tuple[str, str], ...]) -> None:
    said = spoken(canvas.language, pairs)
    canvas.y += facts(canvas, MARGIN, canvas.y, INNER, said, label=_LABEL, size=_FACTS)


def _words(canvas: Canvas, row: SampleRow) -> None:
    """The class, and that the result is not reportable, where it is not."""
    words = [class_word(row.sample.classification)]
    if not row.sample.reportable:
        words.append(Word("not reportable", FAIL))
    at = MARGIN
    for word in spoken(canvas.language, tuple(words)):
        at += canvas.tag(at, canvas.y, word, size=_PROSE, room=INNER + MARGIN - at) + 8
    canvas.y += 10
