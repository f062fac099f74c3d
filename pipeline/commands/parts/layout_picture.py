"""The plate as the technician pipettes it: a picture of the layout."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import EllipseCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from pipeline.definitions import AssayDefinition
from pipeline.domain.layout import PlateLayout, Role, WellUse
from pipeline.domain.wells import row_letters

PICTURES = ("png", "svg", "pdf")
PICTURE = "plate.png"
"""In an assay's folder, beside its layout."""
MARK = "titerline layout"
"""Text of a PNG that holds :func:`mark_of`."""
_NO_DATE: dict[str, dict[str, str | None]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}

ROLE_COLOURS = {
    Role.CALIBRATOR: "#0072B2",
    Role.BLANK: "#999999",
    Role.CONTROL: "#E69F00",
    Role.SAMPLE: "#009E73",
}
"""Okabe-Ito; the well's text says the same, so that colour is never alone."""
ANTIGEN_LIGHTNESS = (0.30, 0.62, 0.82, 0.92)
"""How far each further coating is lightened towards white."""
SHORT_WORD = 8
"""Longer words than this fill the well's width by themselves."""
FEW_COLUMNS = 12
"""A plate with more columns has 384 wells, smaller ones."""
FEW_WELLS_DPI, MANY_WELLS_DPI = 130, 96
COLOURS = 48
"""Of a PNG: a tenth of the size, and next to no difference to the eye."""


def layout_picture(definition: AssayDefinition, kind: str) -> bytes:
    """Draw the plate as ``png``, ``svg`` or ``pdf``; a PNG bears the mark of what it shows."""
    figure = _figure(definition)
    FigureCanvasAgg(figure)
    buffer = io.BytesIO()
    dpi = MANY_WELLS_DPI if _is_large(definition.layout) else FEW_WELLS_DPI
    figure.savefig(buffer, format=kind, dpi=dpi, metadata={} if kind == "png" else _NO_DATE[kind])
    return _small_png(buffer, mark_of(definition)) if kind == "png" else buffer.getvalue()


def picture_doubt(definition: AssayDefinition, folder: Path) -> str | None:
    """What to say of the folder's picture; None where it shows this layout, or there is none."""
    path = folder / PICTURE
    if not path.is_file():
        return None
    try:
        with Image.open(path) as picture:
            mark = str(picture.info.get(MARK, ""))
    except OSError:
        return f"{PICTURE}: this is no picture."
    if mark == mark_of(definition):
        return None
    what = "shows another layout, name or title" if mark else "does not say which layout it shows"
    return f"{PICTURE}: {what}. Draw it again: titerline layout draw {folder} -o {path}"


def mark_of(definition: AssayDefinition) -> str:
    """sha256 of all that the picture shows."""
    layout, assay = definition.layout, definition.assay
    shown = [assay.name, assay.title, f"{layout.rows} x {layout.columns}"]
    for well, use in sorted(layout.uses.items()):
        shown.append(f"{well.name} {use.role} {use.name} {use.condition} {use.dilution or ''}")
    return hashlib.sha256("\n".join(shown).encode()).hexdigest()


def _small_png(buffer: io.BytesIO, mark: str) -> bytes:
    small, notes = io.BytesIO(), PngInfo()
    notes.add_text(MARK, mark)
    picture = Image.open(buffer).convert("RGB").quantize(COLOURS)
    picture.save(small, format="png", optimize=True, pnginfo=notes)
    return small.getvalue()


def _is_large(layout: PlateLayout) -> bool:
    return layout.columns > FEW_COLUMNS


def _figure(definition: AssayDefinition) -> Figure:
    layout = definition.layout
    large = _is_large(layout)
    cell = 0.62 if large else 0.92
    figure = Figure(figsize=(layout.columns * cell + 1.0, layout.rows * cell + 1.7), layout="constrained")
    axes = figure.add_subplot()
    colours = [_colour(layout.uses[w], definition) for w in sorted(layout.uses)]
    offsets = [(w.column + 1, w.row) for w in sorted(layout.uses)]
    size = [0.92] * len(offsets)
    axes.add_collection(
        EllipseCollection(
            size,
            size,
            [0] * len(size),
            units="xy",
            offsets=offsets,
            transOffset=axes.transData,
            facecolors=colours,
            edgecolors="#333333",
            linewidths=0.6,
        )
    )
    _label_wells(axes, layout, large=large)
    _frame(axes, layout)
    figure.suptitle(f"{definition.assay.title}  ({definition.assay.name})", parse_math=False, fontsize=13)
    figure.legend(handles=_legend(definition), loc="outside lower center", ncols=6, frameon=False, fontsize=9)
    return figure


def _label_wells(axes: Axes, layout: PlateLayout, *, large: bool) -> None:
    for well, use in layout.uses.items():
        lines = [use.name or use.role.value, use.antigen]
        if use.competitor is not None:
            lines.append(use.competitor if len(use.competitor) > SHORT_WORD else f"+ {use.competitor}")
        if use.dilution is not None and use.role is not Role.CALIBRATOR:
            lines.append(f"1:{use.dilution:g}")
        axes.text(
            well.column + 1,
            well.row,
            "\n".join(lines),
            ha="center",
            va="center",
            parse_math=False,
            fontsize=6.6 if large else 7.6,
            color="#000000",
            linespacing=1.05,
        )


def _frame(ax: Axes, layout: PlateLayout) -> None:
    ax.set_xlim(0.4, layout.columns + 0.6)
    ax.set_ylim(layout.rows - 0.4, -0.6)
    ax.set_aspect("equal")
    ax.xaxis.tick_top()
    ax.set_xticks(range(1, layout.columns + 1))
    ax.set_yticks(range(layout.rows), [row_letters(r) for r in range(layout.rows)])
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_color("#999999")


def _colour(use: WellUse, definition: AssayDefinition) -> tuple[float, float, float]:
    """The role's colour, lighter for each further condition of the assay."""
    lightness = ANTIGEN_LIGHTNESS[
        min(_conditions(definition).index(use.condition), len(ANTIGEN_LIGHTNESS) - 1)
    ]
    value = ROLE_COLOURS[use.role].removeprefix("#")
    parts = [int(value[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (part + (1 - part) * lightness for part in parts)
    return red, green, blue


def _conditions(definition: AssayDefinition) -> list[str]:
    """Coatings in the order of the assay, each with its treatments after all plain ones."""
    treated = {use.condition for use in definition.layout.uses.values() if use.competitor is not None}
    return [*definition.assay.antigens, *sorted(treated)]


def _legend(definition: AssayDefinition) -> list[Patch]:
    seen: dict[tuple[Role, str], WellUse] = {}
    for use in definition.layout.uses.values():
        seen.setdefault((use.role, use.condition), use)
    return [
        Patch(facecolor=_colour(use, definition), edgecolor="#333333", label=f"{role.value}, {condition}")
        for (role, condition), use in sorted(seen.items(), key=lambda item: list(Role).index(item[0][0]))
    ]
