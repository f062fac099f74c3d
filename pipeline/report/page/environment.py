"""How templates of pages are filled in: everything escaped, nothing forgotten, no sign that nobody sees."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.report.words.text import visible

TEMPLATES = Path(__file__).parent / "templates"


def environment() -> Environment:
    """For the templates of this package; a page adds its own filters and words."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )


def _shown(value: object) -> object:
    """Every text on its way into the page; what the template itself made is left alone."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
