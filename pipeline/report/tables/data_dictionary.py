"""``docs/data_dictionary.md``, from the columns.

Made by ``python -m pipeline.report.tables.data_dictionary > PAGE``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from pipeline.report.tables import run_columns, sample_columns
from pipeline.report.tables.columns import Field
from pipeline.report.words.tones import Format

_INTRODUCTION = """\
# Data dictionary of `results.csv` and of the batch summary

One row a sample. `results.csv` lies in every result folder; `titerline summary` writes the same columns
over many plates, as `.xlsx` or `.csv`. `results.json` beside it is the record; every value here is one of
its values, in full (a workbook holds 15 digits).

## The file

- UTF-8 with a byte-order mark: Excel on Windows takes a file without it for another encoding and garbles
  "ü" and "µ". A program that reads the file opens it as `utf-8-sig`, or drops the first three bytes (EF BB
  BF); one that does neither finds an odd first heading at once instead of wrong names later.
- Comma between cells, point in numbers, CR LF at the end of lines (RFC 4180), the first line holds the
  names below.
- Text is in quotes, a quote in it doubled. Numbers, `true` and `false` have no quotes. Nothing between two
  commas means null: does not apply, or could not be determined. Numbers have all their digits, as in
  `results.json`.
- Text that a spreadsheet would take for a formula (first sign after blanks one of `= + - @`, also
  full-width) gets an apostrophe in front, and so does text that starts with an apostrophe. To get the text
  back take one leading apostrophe away. Columns of the type `code` hold fixed words of the program and are
  written as they are: `=` is a qualifier.
- Control characters and marks that nobody sees are written as signs (a tab as ␉, U+202E as `<U+202E>`), and
  text beyond 32,767 characters is cut with a note; `results.json` has them as they were typed.
- Excel makes numbers and dates of ids such as `007` or `1E5` when it opens any CSV file, and with German
  settings it does not split at commas. For Excel use `titerline summary -o summary.xlsx`: its ids are text,
  its numbers numbers.
- A rejected plate has no results: its titers and all `hnk1_` columns are empty, though `results.json` keeps
  what was measured.
- Every assay has the same columns. One that does not ask for HNK1 says `not_tested` there.
- A later version may add columns at the end; names and meanings stay.

"""

_KINDS: Mapping[Format, str] = {
    Format.CODE: "code",
    Format.TRUTH: "true or false",
    Format.TIME: "date and time",
    Format.DATE: "date",
}
_SHEETS: Mapping[str, Sequence[Field[Any]]] = {
    "Results": sample_columns.CSV,
    "Runs": run_columns.COLUMNS,
}
_HEADINGS = ("Sheet", "Column", "Type", "Unit", "Meaning", "In results.json")
DICTIONARY: tuple[Field[Sequence[str]], ...] = tuple(
    Field(heading, Format.TEXT, itemgetter(n), heading) for n, heading in enumerate(_HEADINGS)
)
"""The columns of the dictionary itself, as a sheet of the batch summary."""


def data_dictionary() -> str:
    """The page."""
    results, runs = (_table(fields) for fields in _SHEETS.values())
    return f"{_INTRODUCTION}## The columns\n\n{results}\n## The sheet Runs of the batch summary\n\n{runs}"


def dictionary_rows() -> Iterator[tuple[str, ...]]:
    """Sheet, column, type, unit, meaning and place of every column."""
    for sheet, fields in _SHEETS.items():
        for field in fields:
            yield sheet, field.name, kind(field), field.unit, field.meaning, field.place


def kind(field: Field[Any]) -> str:
    """What a column holds: ``number``, ``text``, ``code``."""
    return "number" if field.form.numeric else _KINDS.get(field.form, "text")


def _table(fields: Iterable[Field[Any]]) -> str:
    heading = "| column | type | unit | meaning | in `results.json` |\n| --- | --- | --- | --- | --- |\n"
    return heading + "".join(map(_line, fields))


def _line(field: Field[Any]) -> str:
    place = f"`{field.place}`" if field.place else ""
    return f"| `{field.name}` | {kind(field)} | {field.unit} | {field.meaning} | {place} |\n"


if __name__ == "__main__":
    sys.stdout.write(data_dictionary())
