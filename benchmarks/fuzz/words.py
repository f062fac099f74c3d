"""Texts that do not belong in a cell, or look like something they are not."""

from __future__ import annotations

STATES = ("OVRFLW", "Masked", "Path?", ">4.000", "< Min", "*1.234*", "*****", "-", "", "#SAT", "Missed")
NO_NUMBERS = ("abc", "nan", "inf", "-inf", "1_000", "0x1F", "1.5.2", "1e", "#REF!", "#DIV/0!", "=1+1", "TRUE")
NUMBERS = ("1,234", "1.234", "0,05", "1e400", "1e-400", "-0.0", "+.5", "5.", "1 234", "12%", "007", "2,3,4")
DIGITS = ("\u0661\u0662\u0663", "\u0967.\u0968", "\u00b2", "\u22121.5", "\uff11", "A\u0663", "\u216b")
"""Arabic, Indian, superscript and full-width digits; the Unicode minus; a Roman numeral."""
SIZES = ("0", "-1", "1", "96", "384", "1000000000", "9" * 400, "1.5", "1E3")
"""A count or a size that is believed asks for endless memory."""
HEADS = (
    "A",
    "A1",
    "H12",
    "AA1",
    "A0",
    "Z99",
    "450",
    "450 nm",
    "Plate:",
    "~End",
    "##BLOCKS= 9",
    "Plate",
    "<>",
)
TIMES = ("99:99:99", "00:00:00", "1.02:03:04", "2026-02-30", "0s", "1e9 s")
MARKS = ('"', "'", '"open', "\t", ";", "\x0b", "\u2028", "\ufeff", "\x1a", "\u202e", "\U0001f9ea")
LONG = ("x" * 40_000, "1" * 40_000, "1." + "0" * 40_000, "[" * 5_000)

ODD = (*STATES, *NO_NUMBERS, *NUMBERS, *DIGITS, *SIZES, *HEADS, *TIMES, *MARKS, *LONG)
