"""What a title, a corner or the name of a sheet names: a plate, a wavelength, or nothing of the kind."""

from __future__ import annotations

import re
from functools import cache

from pipeline.readers.parts.quantities import Says, says
from pipeline.readers.parts.words import wavelength_in

_PLATE = re.compile(
    r"(?<![^\W\d_])(?:plates?|platte|plaque|placa|piastra|microplate|mikroplatte|mtp|板)(?![^\W\d_])"
    r"(?!\s*(?:type|typ|layout|map|reader|format|size|temp|template|read\b|lot|belegung|def))",
    re.IGNORECASE,
)
_PHRASE = re.compile(
    r"(?<![^\W\d_])(?:plates?|platte|plaque|placa|piastra|microplate|mikroplatte|mtp|p)[\s_#:.-]*"
    r"(?:id|name|no\.?|nr\.?|number)?[\s_#:.-]*(\d+|[A-Za-z])(?![^\W\d_])",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:plate|platte|plaque|placa|piastra|microplate|mikroplatte)[\s_-]*(?:id|name|no\.?|nr\.?|number|nummer|#)?"
    r"\s*[:=]\s*(\S.*)\Z",
    re.IGNORECASE,
)
"""``Plate ID: P0042``."""
_MARK = (
    r"(?<![^\W\d_])(?:od|abs(?:orban[cz]e?|orption)?|ext(?:inktion|inction)?|a|do|λ|wavelength|wellenl[äa]nge"
    r"|filter)"
)
_NUMBER = r"[\s_.:=(-]*(?<!\d)[2-9]\d{2}(?:[.,]0+)?(?!\d)"
_MARKED = re.compile(
    rf"[\[({{]?\s*(?:@|at|bei|à)?\s*(?:{_MARK}{_NUMBER}\s*(?:nm)?|{_NUMBER}\s*nm)(?![^\W\d_])\s*[\])}}]?",
    re.IGNORECASE,
)
"""A wavelength with what belongs to it: ``(OD 450 nm)``, ``@450 nm``."""
_BARE = re.compile(rf"[\[({{]?\s*@?{_NUMBER}\s*[\])}}]?")
_GENERIC = re.compile(
    r"(?:"
    r"od|ods|abs|absorbance|absorbances|absorption|absorbanz|extinktion|extinction|optical|density"
    r"|optische|dichte|densité|optique|densidad|óptica|absorbancia|raw|roh|rohdaten|brut|brutes"
    r"|brutos|crudos|data|daten|données|datos|result|results|ergebnis|ergebnisse|résultats"
    r"|resultados|elisa|measurement|measurements|messung|messungen|mesure|medida|medición|measured"
    r"|reading|readings|read|reads|lecture|lectura|label|wavelength|wellenlänge|longueur|longitud"
    r"|onda|onde|nm|at|of|the|from|bei|value|values|wert|werte|messwerte|valeurs|valores|endpoint"
    r"|endpunkt|matrix|grid|table|report|export|plate|platte|plaque|placa|microplate|well|wells"
    r"|sample|samples|primary|main|test|reference|referenz|référence|referencia|filter|a|e|o|d|m"
    r"|no|nr|and|in|unit|units|none|sheet|tabelle|feuil|feuille|hoja|foglio|planilha|blad|list|ark"
    r"|taul|arkusz|лист|工作表|signal|intensity|rfu|rlu|fluorescence|luminescence|photometric"
    r"|assay|step|mode|magellan|run|lauf|repeat|replicate|scan|cycle|pass|wiederholung|répétition"
    r")\Z"
)
"""Words that say nothing about which plate it is."""
_PAIR = re.compile(r"[^\d:\[(][^:]*:\s")
_MOMENT = re.compile(
    r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}:\d{2}|\d{1,2}\.?\s+[^\W\d_]{3,9}\.?\s+\d{4}"
    r"|[^\W\d_]{3,9}\s+\d{1,2},?\s+\d{4}"
)
"""A date or a time of day."""


def plate_name(text: str) -> str:
    """The plate that a title names, without its wavelength; empty where it names none.

    ``Plate 3, 450 nm`` is ``Plate 3``; ``OD at 450 nm``, ``Results`` and ``Time: 12:59`` name none.
    """
    return _plate_name(" ".join(text.split()))


def is_title(text: str) -> bool:
    """Is a text that stands alone a title? ``Temperature: 25 °C`` is a fact, ``sep=,`` Excel's own line."""
    stripped = text.strip()
    if not stripped or stripped.endswith(":") or stripped.casefold().startswith("sep="):
        return False
    if re.fullmatch(r"[\d.,\s]+", stripped):
        return wavelength_in(stripped) is not None
    return _PAIR.match(stripped) is None or _NAMED.match(stripped) is not None


def plate_phrase(text: str) -> str:
    """The plate that a text speaks of: ``plate 2`` of ``Plate_2 corrected``; empty for none."""
    match = _PHRASE.search(text)
    return f"plate {match[1].casefold().lstrip('0')}" if match is not None else ""


def names_a_plate(text: str) -> bool:
    """Does a title say that it is the name of a plate?"""
    return _PLATE.search(text) is not None and bool(plate_name(text))


def renamed(sheet: str) -> str:
    """The name that a person gave to a sheet; empty for ``Sheet1``, ``Tabelle 2``, ``450 nm``, ``Data``."""
    return plate_name(sheet) if says(sheet) is Says.READING else ""


@cache
def _plate_name(text: str) -> str:
    labelled = _NAMED.match(text)
    if labelled is not None:
        return labelled[1].strip()
    if not is_title(text) or ": " in text or _MOMENT.search(text):
        return ""
    rest = _MARKED.sub(" ", text)
    if rest == text and wavelength_in(text) is not None:
        rest = _BARE.sub(" ", text)
    rest = " ".join(rest.split()).strip(" -_:,;.([|/")
    words = re.findall(r"[^\W\d_]+", rest.casefold())
    if _PLATE.search(rest) is not None and re.search(r"\d|(?<![^\W\d_])[A-Z](?![^\W\d_])", rest):
        return rest
    if not words or all(_GENERIC.match(word) for word in words):
        return ""
    return rest
