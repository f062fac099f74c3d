"""The readers of this installation, as rows and as text."""

from __future__ import annotations

from pipeline.readers import readers


def reader_rows() -> list[dict[str, object]]:
    """Name, what it reads and by which sign it knows a file, for each reader."""
    return [
        {
            "name": reader.NAME,
            "reads": _first_line(reader.__doc__),
            "sign": _first_line(reader.sniff.__doc__),
            "module": str(getattr(reader, "__name__", "")).rpartition(".")[2],
        }
        for reader in readers()
    ]


def reader_text(rows: list[dict[str, object]]) -> str:
    """The same for people, with the way to learn more."""
    lines = [f"{row['name']}\n  {row['reads']}\n  known by: {row['sign']}" for row in rows]
    return "\n".join([*lines, "", f"{len(rows)} readers. How to export from each: docs/readers.md"])


def _first_line(text: str | None) -> str:
    return (text or "").strip().split("\n\n")[0].replace("\n", " ").replace("``", "'")
