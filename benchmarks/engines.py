"""4PL fits a second on one core: our batched engine, our lmfit path, plain SciPy, bio-curve-fit, R drc.

    OMP_NUM_THREADS=1 python -m benchmarks.engines --curves 200

Every engine fits the same simulated curves, 8 levels in duplicate, unweighted. An engine that is not
installed is listed with the reason. *off* is the largest difference between its fitted ODs and those of our
engine, in percent of the curve's span, over the curves that both fitted; *failed* counts those without a fit.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.compute.curve.fitting import fit_curve
from pipeline.compute.curve.models import MODELS, curve
from pipeline.compute.curve.own_fit import fit_many

Array = npt.NDArray[np.float64]
Engine = Callable[[Array, Array], tuple[float, Array]]
"""(x (n,), y (k, n)) -> seconds, and fitted ODs of shape (k, n), NaN where a fit failed."""

LEVELS, WELLS = 8, 2
HIGHEST, FOLD = 70_000.0, 3.0
WELL_CV, WELL_OD = 0.04, 0.004
BATCH = 10_000
"""Curves of the batched engine in one call; it is measured with as many, whatever the others get."""
FOUR = MODELS["4pl"]

DRC = """
suppressMessages(library(drc)); d <- read.csv(commandArgs(TRUE)[1]); x <- d[[1]]
start <- proc.time()[[3]]
out <- sapply(2:ncol(d), function(i) tryCatch(
  fitted(drm(y ~ x, data = data.frame(x = x, y = d[[i]]), fct = LL.4())),
  error = function(e) rep(NA, length(x))))
cat(proc.time()[[3]] - start, "\\n"); write.csv(out, commandArgs(TRUE)[2], row.names = FALSE)
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What one engine did; ``reason`` where it could not be run."""

    name: str
    ms: float = 0.0
    off: float = 0.0
    failed: int = 0
    reason: str | None = None


def simulated(count: int, seed: int) -> tuple[Array, Array]:
    """Concentrations (n,) and noisy ODs (count, n) of true 4PL curves."""
    rng = np.random.default_rng(seed)
    x = np.repeat(HIGHEST / FOLD ** np.arange(LEVELS), WELLS)
    top, ec50, slope = rng.uniform((2.6, 8_000, 0.9), (3.3, 20_000, 1.2), (count, 3)).T
    low, none = np.full(count, 0.03), np.zeros(count)
    mean = curve(x, np.column_stack([low, top, np.log(ec50), np.log(slope), none]))
    z = rng.standard_normal((2, *mean.shape))
    return x, mean * (1 + WELL_CV * z[0]) + WELL_OD * z[1]


def own(x: Array, y: Array) -> tuple[float, Array]:
    """Fit all curves in one batch."""
    start = time.perf_counter()
    found = fit_many(FOUR, x, y, np.ones_like(x))
    seconds = time.perf_counter() - start
    return seconds, curve(x, found.theta)


def own_one_by_one(x: Array, y: Array) -> tuple[float, Array]:
    """The same engine, a call for each curve: what the batch saves."""
    weight = np.ones_like(x)
    return _each(lambda ods: curve(x, fit_many(FOUR, x, ods[None, :], weight).theta[0]), y)


def lmfit_path(x: Array, y: Array) -> tuple[float, Array]:
    """As the pipeline fits a plate: our engine from many starts, then lmfit, with covariance."""
    return _each(lambda ods: curve(x, fit_curve(FOUR, x, ods, 0.0, 0.01).theta), y)


def scipy_path(x: Array, y: Array) -> tuple[float, Array]:
    """``scipy.optimize.curve_fit`` on the plain formula from the usual start."""
    from scipy.optimize import curve_fit  # noqa: PLC0415 - not part of the other engines' time

    def plain(x: Array, a: float, b: float, c: float, d: float) -> Array:
        return np.asarray(d + (a - d) / (1 + (x / c) ** b))

    def fit(ods: Array) -> Array:
        start = (ods.min(), 1.0, float(np.median(x)), ods.max())
        return plain(x, *curve_fit(plain, x, ods, start)[0])

    return _each(fit, y)


def bio_curve_fit(x: Array, y: Array) -> tuple[float, Array]:
    """``FourParamLogistic`` of bio-curve-fit, as its documentation uses it, with detection limits."""
    library = importlib.import_module("bio_curve_fit.logistic")  # an optional package

    return _each(lambda ods: np.asarray(library.FourParamLogistic().fit(x, ods).predict(x)), y)


def drc(x: Array, y: Array) -> tuple[float, Array]:
    """``drm(fct = LL.4())`` in R; the start of R and the files are not counted."""
    with tempfile.TemporaryDirectory() as folder:
        data, found, script = (Path(folder) / name for name in ("in.csv", "out.csv", "fit.R"))
        np.savetxt(data, np.column_stack([x, y.T]), delimiter=",", header="x", comments="")
        lines = data.read_text().splitlines()
        data.write_text("\n".join([",".join(f"c{i}" for i in range(len(y) + 1)), *lines[1:]]))
        script.write_text(DRC)
        command = [_rscript(), str(script), str(data), str(found)]
        run = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own
        return float(run.stdout.split()[0]), np.genfromtxt(found, delimiter=",", skip_header=1).T


def _rscript() -> str:
    return shutil.which("Rscript") or "Rscript"


def _each(fit: Callable[[Array], Array], y: Array) -> tuple[float, Array]:
    """Fit curve after curve; one that raises is NaN."""
    fit(y[0])
    found = np.full(y.shape, np.nan)
    start = time.perf_counter()
    for k, ods in enumerate(y):
        try:
            found[k] = fit(ods)
        except (ArithmeticError, RuntimeError, ValueError):
            continue
    return time.perf_counter() - start, found


def _lacks_package(name: str) -> str | None:
    return None if importlib.util.find_spec(name) else f"{name} is not installed"


def _lacks_drc() -> str | None:
    if shutil.which("Rscript") is None:
        return "Rscript is not installed"
    asked = [_rscript(), "-e", "library(drc)"]
    known = subprocess.run(asked, check=False, capture_output=True)  # noqa: S603 - our own command
    return None if known.returncode == 0 else "the R package drc is not installed"


ENGINES: Mapping[str, tuple[Engine, Callable[[], str | None]]] = {
    "own engine, one batch": (own, lambda: None),
    "own engine, one by one": (own_one_by_one, lambda: None),
    "own engine + lmfit (the pipeline)": (lmfit_path, lambda: None),
    "scipy curve_fit": (scipy_path, lambda: None),
    "bio-curve-fit": (bio_curve_fit, lambda: _lacks_package("bio_curve_fit")),
    "R drc": (drc, _lacks_drc),
}


def measured(name: str, x: Array, y: Array, ours: Array) -> Row:
    """Run one engine, or say why not."""
    engine, lacks = ENGINES[name]
    if reason := lacks():
        return Row(name, reason=reason)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # others warn of overflows on the way; their result is compared
        seconds, found = engine(x, y)
    fitted = np.isfinite(found).all(axis=1)
    off = np.abs(found - ours)[fitted].max(initial=0.0, axis=1) / np.ptp(ours[fitted], axis=1)
    return Row(name, 1000 * seconds / len(y), 100 * float(off.max(initial=0.0)), int((~fitted).sum()))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser("python -m benchmarks.engines", description=__doc__)
    parser.add_argument("--curves", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if os.environ.get("OMP_NUM_THREADS") != "1":
        parser.error("set OMP_NUM_THREADS=1: the figures are for one core")
    x, y = simulated(options.curves, options.seed)
    batch = 1000 * own(*simulated(BATCH, options.seed + 1))[0] / BATCH
    ours = own(x, y)[1]
    rows = [Row(f"own engine, batch of {BATCH:,}", batch)]
    rows += [measured(name, x, y, ours) for name in ENGINES]
    print(f"{options.curves} curves of {LEVELS} levels in {WELLS} wells, one core\n")
    print(f"{'engine':<36}{'ms a fit':>10}{'fits a s':>10}{'times ours':>12}{'off %':>10}{'failed':>8}")
    print("\n".join(_line(row, batch) for row in rows))


def _line(row: Row, batch: float) -> str:
    if row.reason is not None:
        return f"{row.name:<36}{row.reason:>20}"
    numbers = f"{row.ms:>10.4f}{1000 / row.ms:>10,.0f}{row.ms / batch:>12.1f}{row.off:>10.1e}{row.failed:>8}"
    return f"{row.name:<36}{numbers}"


if __name__ == "__main__":
    main()
