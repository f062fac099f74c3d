"""More than two hundred sample ids that try to be more than text; every output shows them as text."""

from __future__ import annotations

FORMULAS = tuple(
    start + payload
    for start in (
        "=",
        "+",
        "-",
        "@",
        "\t=",
        "\r=",
        "\n=",
        " =",
        "\uff1d",
        "\uff0b",
        "\uff0d",
        "\uff20",
        "'=",
        '"=',
    )
    for payload in ("1+1", "cmd|'/c calc'!A1", 'HYPERLINK("http://x.example","y")', "SUM(A1:A9)*2")
)
"""Formulas and DDE calls, also behind what a program may strip (OWASP, CSV injection)."""

MARKUP = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</td></tr></table><h1>Accepted</h1>",
    "<!-- comment",
    "-->",
    "<![CDATA[x]]>",
    "]]>",
    "<?xml version='1.0'?>",
    "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>",
    "&lt;b&gt;",
    "&amp;",
    "&#0;",
    "&#x202e;",
    "&nonsense;",
    "<b>bold</b>",
    "<a href='javascript:alert(1)'>x</a>",
    "<style>*{display:none}</style>",
    "<iframe src=//x.example></iframe>",
    "<base href=//x.example>",
    "<meta http-equiv=refresh content=0>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}",
    "{% for x in y %}",
    "${7*7}",
    "#{7*7}",
    "%s%n%x",
    "{0.__class__}",
    "$x^2$",
    "\\frac{1}{2}",
    "\\input{/etc/passwd}",
)

CONTROLS = tuple(f"a{chr(code)}b" for code in (*range(0x20), 0x7F, *range(0x80, 0x88), 0xAD))
"""Each control character of ASCII, and some beyond."""

DIRECTION = tuple(
    f"S1{chr(code)}1041-A"
    for code in (
        *(0x061C, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A, 0x202B, 0x202C),
        *(0x202D, 0x202E, 0x2060, 0x2066, 0x2067, 0x2068, 0x2069, 0xFEFF, 0xFFFE, 0xFFFF, 0xFFFD),
    )
)
"""Marks that nobody sees, and some that turn the reading direction."""

WRITING = (
    "\u0645\u0631\u064a\u0636-17",
    "\u05d7\u05d5\u05dc\u05d4 3",
    "\u60a3\u8005\u4e00\u53f7",
    "M\u00fcller-L\u00fcdenscheidt",
    "e\u0301\u0302\u0303\u0304",
    "\U0001f9ea plate",
    "\u0130stanbul",
    "\u017fample",
    "\u2168",
    "\uff11\uff12\uff13",
    "\ud800",
    "\udfff tail",
    "half\udc80",
    "Z" + "\u0335" * 60,
)

LOOKALIKES = (
    *("007", "1E5", "1e308", "1-2", "2026-01-02", "12:30", "1/2", "3,14", "3.14", "1,000"),
    *("TRUE", "FALSE", "NaN", "inf", "-inf", "None", "null", "0x1F", "1_000", "00E0"),
    *("#N/A", "#REF!", "#DIV/0!", "#NULL!", "A1", "R1C1", "$A$1", "Sheet1!A1", "[Book]S!A1", "@id"),
)
"""What a spreadsheet takes for a number, a date, an error or a cell."""

CODES = (
    *("_x0041_", "_x000D_", "a_x005F_b", "_xFFFF_", "&D&T&P", "&L&R&C", '&"Arial"', "&K00FF00", "&10"),
    *("..", "../../etc/passwd", "C:\\Windows\\x", "CON", "NUL.txt", "a/b", "a\x00.txt", "~$x", "x" * 260),
)
"""Signs that a workbook, its page headers or a file system read as orders."""

LENGTHS = (
    "x" * 5_000,
    "ab cd " * 834,
    "=" * 5_000,
    "<" * 5_000,
    "\u202e" * 5_000,
    "9" * 400,
    " " * 50,
    " x ",
    ".",
    "",
)

HOSTILE = (*FORMULAS, *MARKUP, *CONTROLS, *DIRECTION, *WRITING, *LOOKALIKES, *CODES, *LENGTHS)
