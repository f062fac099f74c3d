"""The texts of a PDF as it was drawn, and its objects without any text; read without a PDF library."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

_SHOWN = re.compile(rb"/F(\d+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj", re.DOTALL)
_ESCAPES = {b"\\r": b"\r", b"\\n": b"\n", b"\\(": b"(", b"\\)": b")", b"\\\\": b"\\"}
_STREAM = re.compile(rb"stream\n(.*?)\nendstream", re.DOTALL)
_STRING = re.compile(rb"\((?:\\.|[^\\()])*\)", re.DOTALL)


def streams(pdf: bytes) -> list[bytes]:
    """Every stream of the file, unpacked."""
    found = _STREAM.findall(pdf)
    return [zlib.decompress(data) if data[:1] == b"\x78" else data for data in found]


def objects(pdf: bytes) -> bytes:
    """What a reader obeys: the file without its streams and strings."""
    return _STRING.sub(b"()", _STREAM.sub(b"", pdf))


def letters(table: bytes) -> dict[int, str]:
    """The code of each glyph, and the sign that it stands for (the ToUnicode table of a font)."""
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>", table.split(b"endcodespacerange")[1])
    return {int(code, 16): bytes.fromhex(sign.decode()).decode("utf-16-be") for code, sign in pairs}


def pages(pdf: bytes) -> list[list[str]]:
    """The texts of each page in the order in which they were drawn."""
    unpacked = streams(pdf)
    fonts = [letters(data) for data in unpacked if data.startswith(b"/CIDInit")]
    return [list(_texts(data, fonts)) for data in unpacked if b" Tj ET" in data]


def _texts(data: bytes, fonts: list[dict[int, str]]) -> Iterator[str]:
    font: dict[int, str] = {}
    for number, raw in _SHOWN.findall(data):
        if number:
            font = fonts[int(number) - 1]
            continue
        plain = re.sub(rb"\\[rn()\\]", lambda match: _ESCAPES[match[0]], raw)
        yield "".join(font[int.from_bytes(plain[n : n + 2], "big")] for n in range(0, len(plain), 2))
