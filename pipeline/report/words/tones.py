"""Words, symbols, colours and number formats of the reports. Colour never stands alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from pipeline.domain.codes.classes import SampleClass
from pipeline.domain.codes.code import ToneName
from pipeline.domain.codes.unused import CurvePlace, DilutionUnused, WellUnused
from pipeline.domain.findings import RunVerdict, Verdict
from pipeline.domain.rounding import exact, fixed, half_up, scientific

THIN_SPACE = "\u202f"
DASH = "\u2013"
INK_CODE = "222222"
"""Near black, as spreadsheets write colours."""

_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_FIRST_EXCEL_YEAR = 1901
_SMALLEST_P = 0.001
_PLAIN_EXPONENTS = range(-4, 9)
"""Powers of ten that are written out."""
_EXPONENT_DIGITS = 3

MINUS = "\u2212"


@dataclass(frozen=True, slots=True)
class Tone:
    """How good news and bad news look.

    ``colour`` is from the Okabe-Ito palette, ``ink`` is legible on it and ``text`` on white and on ``pale``
    (contrast of at least 4.5:1, WCAG 1.4.3).
    """

    name: ToneName
    symbol: str
    colour: str
    ink: str
    text: str
    pale: str


PASS = Tone(ToneName.PASS, "✔", "#009E73", "#000000", "#00593F", "#E3F4EE")
WARN = Tone(ToneName.WARN, "▲", "#E69F00", "#000000", "#6B4700", "#FDF2DC")
FAIL = Tone(ToneName.FAIL, "✖", "#D55E00", "#000000", "#8F3A00", "#FBE7DA")
NEUTRAL = Tone(ToneName.NEUTRAL, "●", "#0072B2", "#FFFFFF", "#00527F", "#E2EFF7")
QUIET = Tone(ToneName.QUIET, "○", "#767676", "#FFFFFF", "#505050", "#F2F2F2")

TONES: tuple[Tone, ...] = (PASS, WARN, FAIL, NEUTRAL, QUIET)
_BY_NAME: Mapping[ToneName, Tone] = {tone.name: tone for tone in TONES}


@dataclass(frozen=True, slots=True)
class Word:
    """A word with the tone in which it is shown."""

    text: str
    tone: Tone

    @property
    def marked(self) -> str:
        """Symbol and word, so that the meaning survives a greyscale print."""
        return f"{self.tone.symbol} {self.text}"


Value: TypeAlias = str | float | bool | date | Word | None
"""What a report cell may hold; None is an empty cell: does not apply, or could not be determined."""

RUN_VERDICTS: Mapping[RunVerdict, Word] = {
    RunVerdict.ACCEPTED: Word("Accepted", PASS),
    RunVerdict.ACCEPTED_WITH_WARNINGS: Word("Accepted with warnings", WARN),
    RunVerdict.REJECTED: Word("Rejected", FAIL),
}

VERDICTS: Mapping[Verdict, Word] = {
    Verdict.FAIL: Word("fail", FAIL),
    Verdict.WARN: Word("warning", WARN),
    Verdict.NOT_EVALUATED: Word("not evaluated", QUIET),
    Verdict.PASS: Word("pass", PASS),
}
"""In the order in which a report lists them."""

MODELS: Mapping[str, str] = {
    "3pl": "3PL, from zero",
    "4pl": "4PL",
    "5pl": "5PL",
    "4pl-fixed-lower": "4PL, lower asymptote fixed",
    "common-shape": "one shape for all sera, no calibrators",
}


class Format(StrEnum):
    """How a number is printed; the number itself is never rounded in the workbook or in the JSON."""

    TEXT = "text"
    PROSE = "prose"
    """Text of several words, which may take more than one line."""
    GIVEN = "given"
    """Text of the laboratory, which is never translated."""
    CODE = "code"
    """A word of a fixed list, or several; never translated."""
    TRUTH = "truth"
    TIME = "time"
    DATE = "date"
    OD = "od"
    TITER = "titer"
    PERCENT = "percent"
    """A value already in percent, one decimal."""
    FRACTION = "fraction"
    GENERAL = "general"
    WHOLE = "whole"
    DILUTION = "dilution"
    """A reciprocal dilution: all its digits."""
    P = "p"

    @property
    def numeric(self) -> bool:
        """Are these numbers, which stand to the right in their column?"""
        return self not in _WORDS


_WORDS = frozenset({*("text", "prose", "given", "code", "truth", "time", "date")})
"""The formats of text."""


def class_word(classification: SampleClass) -> Word:
    """Plain words for a class, in its tone."""
    meaning = classification.means
    return Word(meaning.heading, _BY_NAME[meaning.tone])


def words_of(code: WellUnused | DilutionUnused | CurvePlace | None) -> str | None:
    """Plain words for why a well or dilution is not used, or where a well lies on the curve."""
    return None if code is None else code.means.words


def number(value: float, form: Format) -> str:
    """Print a finite number: titers with 3 significant digits and thin spaces, OD with 3 decimals.

    A half is rounded up, as in the workbook.
    """
    match form:
        case Format.TITER:
            text = significant(value, 3)
        case Format.GENERAL:
            text = trimmed(significant(value, 5))
        case Format.WHOLE:
            text = fixed(value, 0, ",")
        case Format.DILUTION:
            text = trimmed(fixed(value, 3, ","))
        case Format.PERCENT:
            text = fixed(value, 1, ",")
        case Format.P:
            text = fixed(value, 3) if value >= _SMALLEST_P else scientific(value, 2)
        case _:
            text = fixed(value, 3, ",")
    return text.replace(",", THIN_SPACE).replace("-", MINUS)


def printed(value: float, digits: int) -> str:
    """A finite number to so many significant digits."""
    return significant(value, digits).replace(",", THIN_SPACE).replace("-", MINUS)


def signed(value: float, decimals: int) -> str:
    """Fixed decimals; a negative number has a minus sign, and a zero has none."""
    text = fixed(value, decimals, ",")
    plain = text if text.strip("-0.,") else text.lstrip("-")
    return plain.replace(",", THIN_SPACE).replace("-", MINUS)


def dilution_text(value: float) -> str:
    """A reciprocal dilution as laboratories write it: ``1:27000``."""
    return f"1:{trimmed(fixed(value, 3))}"


def significant(value: float, digits: int) -> str:
    """``12345.6`` with 3 digits is ``12,300``; very small and large ones have an exponent and at most 3."""
    if value == 0:
        return "0"
    number = exact(value)
    if number.adjusted() not in _PLAIN_EXPONENTS:
        return scientific(value, min(digits, _EXPONENT_DIGITS))
    rounded = half_up(number, digits - 1 - number.adjusted())
    return f"{rounded:,.{max(0, digits - 1 - rounded.adjusted())}f}"


def as_date(text: str | None) -> date | str | None:
    """A plain ISO date as a date; everything else stays the text that was typed."""
    if text is None or _ISO_DATE.fullmatch(text) is None:
        return text
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return day if day.year >= _FIRST_EXCEL_YEAR else text


def trimmed(text: str) -> str:
    """``20.00`` is ``20``: limits and dilutions are exact numbers, not measurements."""
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def show(value: Value, form: Format = Format.TEXT) -> str:
    """Print any cell for reading; None is a dash."""
    if value is None:
        return DASH
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, Word):
        return value.marked
    if isinstance(value, date):
        return value.isoformat()
    return number(value, form if form.numeric else Format.GENERAL)
