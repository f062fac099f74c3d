"""What a label says its numbers are: measured, reduced (something was subtracted), or no readings at all.

Labels are names of columns, titles and corners of matrices and names of sheets, in English, German, French,
Spanish and Italian. What was subtracted once must never have a reference subtracted again, so a label that
might say so counts as if it did.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import cache

from pipeline.domain.plate import Kind
from pipeline.readers.parts.words import kind_of, marked_wavelengths, wavelength_in, wavelengths_in


class Says(Enum):
    """What the numbers under a label are, by its words."""

    READING = "reading"
    """Nothing says otherwise."""
    REDUCED = "reduced"
    """A blank, a background or a reference was subtracted, or the numbers were scaled."""
    OTHER = "other"
    """Concentrations, means, a layout: no readings of wells. A plate may well be called a titration."""


_NOT = re.compile(
    r"\b(?:un|not?|non|nicht|ohne|sans|sin|senza|without)[\s_-]*(?:yet\s+|be\s+|having\s+)?(?:\w+[\s_-]+)?"
    r"(?:correct|corrig|corregi|corrett|korrig|korrekt|subtract|reduc|normali|blank|backgr)\w*",
)
"""``not blank corrected``, ``uncorrected``, ``ohne Korrektur``: nothing was done."""
_APART = r"(?<![^\W\d_])(?:{})(?![^\W\d_])"
"""A word that stands alone, or beside a digit or an underscore."""
_REDUCED = re.compile(
    r"blank|leerwert|blindwert|backgr|hintergr|untergr|correct|corrig|corregi|corrett|korrig|korrekt|correc[ct]i"
    r"|correzi|bereinig|subtra|substra|subtrah|soustra|sottra|sustra|restad|abgezogen|abz(?:ü|ue)gl|differen"
    r"|diff[ée]ren|diferen|normali[sz]|reduced|reduction|reduzier|r[ée]duit|reducid|ridott|delta|adjust|ajust"
    r"|minus|[\u03b4\u2206]|扣除|校正|差值|空白|补正|"
    + _APART.format(
        "(?:od|abs|do|ext)(?:[ck]orr|diff|net|sub|bl?k)|nets?|netto|nette|neto|neta|net(?:od|abs)|diffs?|dif|moins|menos|meno|less|[ck]orr|bkg|bkgn?d|bgd?|blk"
        "|blancs?|blancos?|bianco|branco|fondo?|fundo|bruit|d(?:od|abs)|ratio|quotient|rapport|razón|cociente"
    )
)
_OTHER = re.compile(
    r"\bconc|konz|concentr|std\.?\s?dev|stdev|standard dev|standardabw|[ée]cart|desviac|deviaz|recover"
    r"|wiederfind|percent|prozent|pourcent|porcent|layout|template|plantilla|belegung|platemap|plate map"
    r"|plan de plaque|disposi|dise(?:ñ|n)o"
    r"|浓度|稀释|平均|布局|样品|"
    + _APART.format(
        "means?|mittel(?:werte?)?|moyennes?|promedio|averages?|avg|median|sd|[cv][vk]|sem|fa[ck]tor|facteur"
    )
)
_UNITS = re.compile(r"[/\s(\[](?:[mµun]?g|[mµunp]?m|iu|u|units?|btu)\s?/\s?[mµu]?l\b|%")
_TWO = re.compile(
    r"(?<![\d.,])([2-9]\d\d)\s*(?:nm)?\s*[)\]]?\s*[-\u2010-\u2015\u2212/÷_~(]\s*(?:ref\w*\.?\s*[:=]?\s*)?"
    r"(?:od|abs|ext|a|e)?\s*[(\[]?\s*([2-9]\d\d)(?![\d]|[.,]\d)"
)
"""``450-620``, ``OD450 - OD620``, ``450/630 nm``."""
_NAMES = re.compile(
    r"(?:samples?|sera|serum|proben?|patients?|patienten|plates?|platte|plaque|placa|nos?\.?|nr\.?|ids?"
    r"|[ée]chantillons?|muestras?|#)[\s:.]*\Z"
)
"""``Samples 401-480`` are no wavelengths."""
_LEAST_BETWEEN = 20.0
"""nm between a measurement and its reference."""


def says(label: str) -> Says:
    """What the numbers under a label are, by its words; ``OTHER`` wins over ``REDUCED``."""
    return _says(" ".join(label.split()))


def is_reduced(label: str) -> bool:
    """Does a label say that something was subtracted from its numbers?"""
    return says(label) is Says.REDUCED


def main_wavelength(label: str) -> float | None:
    """The one wavelength that a label names; of a difference or ratio, that of the measurement."""
    pair = _TWO.search(label.casefold())
    if says(label) is not Says.REDUCED:
        return wavelength_in(label)
    if pair is not None:
        return float(pair[1])
    return next(iter(marked_wavelengths(label) or wavelengths_in(label)), None)


@cache
def _says(label: str) -> Says:
    apart = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", label)
    text = _NOT.sub(" ", apart.casefold())
    if _OTHER.search(text) or _UNITS.search(f" {text}"):
        return Says.OTHER
    if _REDUCED.search(text) or _of_two_wavelengths(text):
        return Says.REDUCED
    return Says.READING


def _of_two_wavelengths(text: str) -> bool:
    """One set of numbers under two wavelengths: their difference or their ratio."""
    if kind_of(text) in (Kind.FLUORESCENCE, Kind.LUMINESCENCE):
        return False  # excitation and emission
    pair = _TWO.search(text)
    if pair is not None and not _NAMES.search(text[: pair.start()]):
        return abs(float(pair[1]) - float(pair[2])) >= _LEAST_BETWEEN
    return len(set(marked_wavelengths(text))) > 1
