"""The columns of a list that no software signs: wells, plate, wavelength, time, what was measured, all else.

Names of columns are English, German, French, Spanish, Italian, Portuguese, Chinese or Japanese, written in
any of ``Well ID``, ``well_id``, ``WellId``.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import cache

from pipeline.readers.parts.quantities import Says, says


class ColumnRole(Enum):
    """What a column is, by its name."""

    WELL = "well"
    ROW = "row"
    COLUMN = "column"
    PLATE = "plate"
    WAVELENGTH = "wavelength"
    TIME = "time"
    LABEL = "label"
    """Which read of the well it is."""
    MEASURED = "measured"
    REDUCED = "reduced"
    MEAN = "mean"
    OTHER = "other"
    """Samples, concentrations, results: no readings."""
    UNKNOWN = "unknown"


_WELL = re.compile(
    r"(?:(?:micro)?plate )?wells?(?: (?:ids?|names?|pos(?:ition)?s?|locations?|loc|no|nr|number|#|labels?"
    r"|address|coord(?:inate)?s?|index))?|(?:plate )?(?:pos(?:ition)?|location)|pos(?:ition)? well"
    r"|vertiefung(?:en)?(?: nr| name)?|kavit[äa]t(?:en)?|napf|puits|cupules?"
    r"|(?:n°|position|nom) (?:du |de )?puits|pocillos?|pozos?|posici[oó]n(?: del pocillo)?|pozzett[oi]"
    r"|po[çc]os?|孔|孔位|孔号|孔位置|孔板位置|板孔|井"
    r"|ウェル|ウエル|лунк[аи]|do[łl]ek|studzienka|br[øo]nd|kuoppa"
)
_ROW = re.compile(
    r"(?:plate |well )?rows?(?: name| letter)?|(?:platten)?(?:zeile|reihe)n?|lignes?|rang[ée]es?|filas?"
    r"|riga|linha|行"
)
_COLUMN = re.compile(
    r"(?:plate |well )?col(?:umn)?s?(?: number)?|(?:platten)?spalten?|colonnes?|columnas?|colonna|coluna|列"
)
_PLATE = re.compile(
    r"(?:assay |micro)?plate(?: (?:ids?|names?|no|nr|number|#|bar ?code|code))?"
    r"|platten?(?: ?(?:id|name|nr|nummer))?|(?:nom |id |n° )?(?:de )?(?:la )?plaque|placa|piastra|bar ?code"
    r"|板|板号"
)
_WAVELENGTH = re.compile(
    r"(?:(?:(?:measurement|meas|read|detection|sample) )?wave ?lengths?|wl|lambda|λ|(?:mess)?wellenl[äa]ngen?"
    r"|longueurs? d.onde|longitud(?:es)? de onda|lunghezza d.onda|comprimento de onda|filters?|filtre|filtro"
    r"|波长|波長)(?: nm)?|nm"
)
_TIME = re.compile(
    r"(?:(?:read|kinetic|elapsed|assay|measurement) )?time(?: ?points?)?(?: (?:s|sec|min|h|ms|hh mm ss))?"
    r"|zeit(?:punkt)?(?: (?:s|min|h))?|temps(?: (?:s|min|h))?|tiempo(?: (?:s|min|h))?|tempo"
    r"|cycles?(?: (?:nr|no|number))?|zyklus|时间"
)
_LABEL = re.compile(
    r"(?:read|reading|measurement|label|channel|kanal|canal|messung|mesure|lectura|lecture|signal|assay read"
    r"|parameter|data ?set|variable)(?: ?(?:name|type|label|id|step|mode))?"
)
_MEASURED = re.compile(
    r"(?:od|o d|abs|ext|do|d o)(?: ?\d.*)?|a ?[2-9]\d\d.*|(?:raw |roh)?(?:od|abs|absorption|extinktion(?:en)?"
    r"|extinction)\b.*|.*\b(?:od|absorban[cz]es?|extinktion|absorbancias?|absorb[âa]ncia|assorbanza"
    r"|optical density|optische dichte|densit[ée] optique|densidade? [oó]ptica|densit[àa] ottica"
    r"|rfu|rlu|fluorescen[cz]e|fluoreszenz|luminescen[cz]e|lumineszenz)\b.*|(?:raw |mess)?(?:values?|werte?)"
    r"|valeurs?|valor(?:es)?|valore|signals?|intensity|raw(?: data)?|rohwerte?|rohdaten|readings?"
    r"|measured?(?: values?)?|measurements?|lecture|lectura|donn[ée]es brutes|datos brutos"
    r"|吸光度|光密度|od值|吸光值|[2-9]\d\d(?: ?nm)?(?: [2-9]\d\d)?"
)
_NAMES = {
    ColumnRole.WELL: _WELL,
    ColumnRole.ROW: _ROW,
    ColumnRole.COLUMN: _COLUMN,
    ColumnRole.PLATE: _PLATE,
    ColumnRole.WAVELENGTH: _WAVELENGTH,
    ColumnRole.TIME: _TIME,
}
_APART = r".*(?<![^\W\d_])(?:{})(?![^\W\d_]).*"
_MEAN = re.compile(_APART.format("means?|mittel(?:werte?)?|moyennes?|media|promedio|averages?|avg|平均"))
_OTHER = re.compile(
    _APART.format(
        r"conc\w*|konz\w*|tit(?:er|re)\w*|dil\w*|verd[üu]nn\w*|results?|ergebnis\w*|r[ée]sultats?|resultados?|sd"
        r"|stdev|std|cv|vk|samples?|sample ?\w*|proben?\w*|[ée]chantillons?|muestras?|names?|ids?|types?|typ"
        r"|groups?|gruppe|factor|faktor|units?|temp\w*|n|count|status|flags?|repeat|replicates?|role|content"
        r"|patient|index|volume|date|datum|blank|%"
    )
)


@cache
def role_of(name: str) -> ColumnRole:
    """What a column is, by its name."""
    text = spaced(name)
    named = next((role for role, pattern in _NAMES.items() if pattern.fullmatch(text)), None)
    return named or _values_role(name, text)


def is_label(name: str) -> bool:
    """May a column name the reads of a well?"""
    return _LABEL.fullmatch(spaced(name)) is not None


def _values_role(name: str, text: str) -> ColumnRole:
    """Of a column that may hold values."""
    if _MEAN.fullmatch(text):
        return ColumnRole.MEAN
    quantity = says(name)
    if quantity is Says.OTHER:
        return ColumnRole.OTHER
    if quantity is Says.REDUCED:
        return ColumnRole.REDUCED
    if _MEASURED.fullmatch(text):
        return ColumnRole.MEASURED
    if _LABEL.fullmatch(text):
        return ColumnRole.LABEL
    return ColumnRole.OTHER if _OTHER.fullmatch(text) else ColumnRole.UNKNOWN


def spaced(name: str) -> str:
    """A name in small letters with single spaces: ``Well_ID``, ``WellId`` and ``well-id`` are ``well id``."""
    apart = re.sub(r"(?<=[a-zà-ÿ])(?=[A-Z])", " ", name)
    return " ".join(re.sub(r"[_\-./()\[\]:]+", " ", apart).split()).casefold()
