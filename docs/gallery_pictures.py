"""Reports to pictures: LibreOffice, pdftoppm and Chromium draw, Pillow joins into contact sheets."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageChops

PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "LibreOffice": ("soffice", "libreoffice"),
    "pdftoppm (package poppler-utils)": ("pdftoppm",),
    "Chromium": ("chromium", "chromium-browser", "google-chrome", "chrome"),
}
DPI = 57
"""Of pages: small, and the words can still be read."""
SCALE, WIDTH, TALLEST = 0.48, 1130, 16_000
"""Of screenshots: CSS pixels to pixels, CSS pixels across, pixels down (what Chromium can draw)."""
COLUMN = 1900
"""Pixels after which a long page goes on in the next column of its contact sheet."""
GAP, GREY = 8, (190, 190, 190)
COLOURS = (
    *("#000000", "#333333", "#505050", "#767676", "#9A9A9A", "#BEBEBE", "#D5DCE1", "#E8EEF2", "#F4F6F7"),
    *("#FFFFFF", "#1F3A4D", "#009E73", "#00593F", "#E3F4EE", "#E69F00", "#6B4700", "#FDF2DC", "#D55E00"),
    *("#8F3A00", "#FBE7DA", "#0072B2", "#00527F", "#E2EFF7", "#CC79A7", "#5BA3D0", "#8CBFDF", "#BADAEC"),
)
"""Of the reports; a palette chosen from the picture would lose those that few pixels have."""
PATIENCE_S = 240


def missing() -> list[str]:
    """Programs that are not on this computer, by the names under which people know them."""
    return [name for name, commands in PROGRAMS.items() if _found(commands) is None]


def workbook_pages(books: Sequence[Path], folder: Path) -> dict[str, list[Image.Image]]:
    """Each page of each workbook as it would be printed: file name without ending -> pages."""
    profile = f"-env:UserInstallation={(folder / 'profile').resolve().as_uri()}"
    office = [_program("LibreOffice"), "--headless", profile, "--convert-to", "pdf", "--outdir", str(folder)]
    _run([*office, *map(str, books)])
    return {book.stem: pdf_pages(folder / f"{book.stem}.pdf") for book in books}


def pdf_pages(pdf: Path, dpi: int = DPI) -> list[Image.Image]:
    """Each page of a PDF."""
    stem = pdf.with_suffix("")
    _run([_program("pdftoppm (package poppler-utils)"), "-r", str(dpi), "-png", str(pdf), str(stem)])
    return [_opened(path) for path in sorted(pdf.parent.glob(f"{glob_safe(stem.name)}-*.png"))]


def screenshot(page: Path, width: int = WIDTH, scale: float = SCALE) -> Image.Image:
    """A whole HTML page as a browser shows it, without the empty rest."""
    picture = page.with_suffix(".png")
    _run(
        [
            _program("Chromium"),
            "--headless",
            "--disable-gpu",
            "--hide-scrollbars",
            *(["--no-sandbox"] if _is_root() else []),
            f"--force-device-scale-factor={scale}",
            f"--window-size={width},{int(TALLEST / scale)}",
            f"--user-data-dir={page.parent / 'browser'}",
            f"--screenshot={picture}",
            page.resolve().as_uri(),
        ]
    )
    return _without_rest(_opened(picture))


def columns(page: Image.Image) -> list[Image.Image]:
    """A long page in pieces that stand side by side."""
    tops = range(0, page.height, COLUMN)
    return [page.crop((0, top, page.width, min(top + COLUMN, page.height))) for top in tops]


def contact_sheet(pages: Sequence[Image.Image], across: int) -> Image.Image:
    """Pages in rows, each row as high as its highest page."""
    rows = [pages[at : at + across] for at in range(0, len(pages), across)]
    heights = [max(page.height for page in row) for row in rows]
    width = max(sum(page.width + GAP for page in row) for row in rows) + GAP
    sheet = Image.new("RGB", (width, sum(heights) + GAP * (len(rows) + 1)), GREY)
    top = GAP
    for row, height in zip(rows, heights, strict=True):
        left = GAP
        for page in row:
            sheet.paste(page, (left, top))
            left += page.width + GAP
        top += height + GAP
    return sheet


def save(picture: Image.Image, path: Path) -> None:
    """Write a small file: few colours, and WebP without loss, which is half of a PNG."""
    palette = Image.new("P", (1, 1))
    palette.putpalette(b"".join(bytes.fromhex(colour[1:]) for colour in COLOURS))
    few = picture.quantize(palette=palette, dither=Image.Dither.NONE)
    few.convert("RGB").save(path, lossless=True, quality=80, method=4)


def glob_safe(name: str) -> str:
    """A file name as a pattern that matches itself alone."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in name)


def _without_rest(picture: Image.Image) -> Image.Image:
    """Cut off what is below the last thing that differs from the page's ground."""
    ground = Image.new("RGB", picture.size, picture.getpixel((0, picture.height - 1)))
    box = ImageChops.difference(picture, ground).getbbox()
    bottom = picture.height if box is None else min(box[3] + 2 * GAP, picture.height)
    return picture.crop((0, 0, picture.width, bottom))


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGB")


def _is_root() -> bool:
    """Chromium's sandbox does not work for root."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _found(commands: Sequence[str]) -> str | None:
    return next(filter(None, map(shutil.which, commands)), None)


def _program(name: str) -> str:
    found = _found(PROGRAMS[name])
    if found is None:
        raise SystemExit(f"{name} is not on this computer.")
    return found


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_S)  # noqa: S603 - known programs
