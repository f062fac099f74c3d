"""Which encoding a text is in: a byte-order mark, UTF-8, or one of the code pages of the world's computers.

Every byte has a meaning in most code pages, so a national one is taken only where the text then holds words
of plate readers in its language. Digits and separators are the same in all of them: a wrong choice would
change names, never numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NATIONAL = {
    "gb18030": "吸光度|吸光值|光密度|波长|样品|样本|浓度|酶标|日期|时间|测量|孔位|孔号|微孔板|空白",
    "big5": "吸光度|吸光值|光密度|波長|樣品|樣本|濃度|日期|時間|測量|孔位|孔號|空白",
    "cp932": "吸光度|波長|サンプル|試料|濃度|プレート|ウェル|ウエル|日付|測定|ブランク",
    "cp949": "흡광도|파장|시료|샘플|농도|플레이트|웰|측정|날짜",
    "cp1251": "лунк|планшет|длина волны|оптическая|образ[ец]|поглощени|концентраци|измерени|дата|время",
    "cp1250": "długość|dołek|płytk|próbk|stężeni|vlnová délka|destičk|měření|hullámhossz",
    "cp1253": "μήκος|φρεάτι|πλάκα|δείγμα|απορρόφηση|συγκέντρωση|μέτρηση",
}
"""Code page -> words of its languages that exports hold."""
_WORDS = {
    name: re.compile(rf"{words}|(?:^|[,;\t\"\n])[孔板井](?=[,;\t\"\r\n])", re.MULTILINE | re.IGNORECASE)
    for name, words in _NATIONAL.items()
}
_LAST = ("cp1252", "mac-roman")
_LEAST_BYTES = 40
_LEAST_ZEROS = 0.3
"""Share of zero bytes in UTF-16 text of Western letters and digits; it is one half."""


def marked(data: bytes) -> str | None:
    """The encoding that a byte-order mark names."""
    return next((name for bom, name in _BOMS if data.startswith(bom)), None)


def unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without its mark: every second byte of ordinary text is zero, the others are not."""
    if len(data) < _LEAST_BYTES or len(data) % 2:
        return None
    even, odd = data[::2].count(0), data[1::2].count(0)
    if min(even, odd) or max(even, odd) < _LEAST_ZEROS * len(data):
        return None
    return "utf-16-le" if odd else "utf-16-be"


def candidates(data: bytes) -> Iterator[str]:
    """Encodings of a text without a mark, in the order in which they are tried."""
    yield "utf-8"
    yield from _national(data)
    yield from _LAST


def _national(data: bytes) -> tuple[str, ...]:
    """The code page in which most words of plate readers stand; none where no word does.

    Only lines with bytes beyond ASCII can hold one; no character of these pages contains a line end.
    """
    foreign = b"".join(line + b"\n" for line in data.splitlines() if not line.isascii())
    hits = {name: _hits(foreign, name) for name in _NATIONAL}
    best = max(hits, key=lambda name: hits[name])
    return (best,) if hits[best] else ()


def _hits(data: bytes, name: str) -> int:
    try:
        return len(_WORDS[name].findall(data.decode(name)))
    except UnicodeDecodeError:
        return 0
