"""Helpers for maps drawn with matplotlib: an image stretched for the eye, a scale bar, a north arrow."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import rasterio
from affine import Affine
from matplotlib import patheffects
from matplotlib.axes import Axes
from numpy.typing import NDArray
from rasterio.plot import plotting_extent

_HALO = [patheffects.withStroke(linewidth=2.4, foreground="white")]


def plot_raster(
    raster: Path | str | NDArray[np.number],
    *,
    bands: Sequence[str] | Sequence[int] = ("B4", "B3", "B2"),
    stretch: tuple[float, float] = (1, 99.5),
    transform: Affine | None = None,
    title: str | None = None,
    label: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw an image in true or false colours, or one band in blue and yellow, with scale and north.

    Parameters
    ----------
    raster : path of a raster in a projected system in metres, or an array of shape (bands, rows, columns),
        or (rows, columns) for a single band
    bands : three bands for red, green and blue, or a single one; by description ("B4") in a file, by number
        from 1 in a file or an array
    stretch : percentiles of the seen pixels that become the darkest and the brightest of each band
    transform : georeferencing of an array; without it the axes count pixels and have no scale bar
    title : title of the axes
    label : name and unit of the values, for a single band
    ax : where to draw; by default a new figure

    Returns
    -------
    The axes.

    Raises
    ------
    ValueError
        If a band has no such name, or if there are neither one nor three bands.
    """
    values, transform = _read(raster, bands, transform)
    if len(values) not in (1, 3):
        raise ValueError(f"Il faut une bande ou trois, vous en donnez {len(values)}.")
    if ax is None:
        _, ax = plt.subplots(figsize=(7.2, 6), layout="constrained")
    extent = plotting_extent(values[0], transform) if transform else None
    limits = [np.nanpercentile(band, stretch) for band in values]
    if len(values) == 1:
        low, high = limits[0]
        drawn = ax.imshow(values[0], extent=extent, cmap="cividis", vmin=low, vmax=high)
        ax.figure.colorbar(drawn, ax=ax, shrink=0.75, label=label or "", extend="both")
    else:
        ax.imshow(_picture(values, limits), extent=extent)
    ax.set(xticks=[], yticks=[], title=title or "")
    if transform:
        scale_bar(ax)
        north_arrow(ax)
    return ax


def scale_bar(ax: Axes, *, metres_per_unit: float = 1.0) -> None:
    """Draw a scale bar of a round length, at the bottom left of axes whose limits are set.

    Parameters
    ----------
    ax : axes in a projected system
    metres_per_unit : metres on the ground for one unit of the axes
    """
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    length = _round_below(0.28 * (right - left) * metres_per_unit)
    units = length / metres_per_unit
    x, y = left + 0.03 * (right - left), bottom + 0.035 * (top - bottom)
    thickness = 0.011 * (top - bottom)
    # A white rim, so that the black half shows on a dark image as the white half on a pale one.
    rim = [patheffects.withStroke(linewidth=3.2, foreground="white"), patheffects.Normal()]
    for start, colour in ((0, "black"), (0.5, "white")):
        ax.fill_between(
            [x + start * units, x + (start + 0.5) * units], y, y + thickness,
            facecolor=colour, edgecolor="black", linewidth=0.8, path_effects=rim, zorder=40,
        )  # fmt: skip
    text = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    for at, written in ((0, "0"), (units, text.replace(".", ","))):
        ax.text(
            x + at, y + 1.8 * thickness, written, ha="center", va="bottom", fontsize=8,
            path_effects=_HALO, zorder=40,
        )  # fmt: skip
    ax.set(xlim=(left, right), ylim=(bottom, top))


def north_arrow(ax: Axes) -> None:
    """Draw a north arrow at the top left of axes whose north is up."""
    ax.annotate(
        "N", xy=(0.035, 0.975), xytext=(0.035, 0.885), xycoords="axes fraction", textcoords="axes fraction",
        ha="center", va="center", fontsize=10, fontweight="bold", path_effects=_HALO, zorder=40,
        arrowprops={"arrowstyle": "-|>", "color": "black", "linewidth": 1.4, "path_effects": _HALO},
    )  # fmt: skip


def _read(
    raster: Path | str | NDArray[np.number], bands: Sequence[str] | Sequence[int], transform: Affine | None
) -> tuple[NDArray[np.float64], Affine | None]:
    if isinstance(raster, np.ndarray):
        if raster.ndim == 2:
            raster = raster[np.newaxis]
        numbers = range(1, len(raster) + 1) if isinstance(bands[0], str) else bands
        return np.stack([raster[number - 1].astype(np.float64) for number in numbers]), transform
    with rasterio.open(raster) as source:
        numbers = [_number(band, source.descriptions, source.count) for band in bands]
        values = source.read(numbers, masked=True).astype(np.float64).filled(np.nan)
        return values, source.transform


def _number(band: str | int, names: Sequence[str | None], count: int) -> int:
    if band in names:
        return names.index(band) + 1
    if isinstance(band, int) and 1 <= band <= count:
        return band
    known = [name for name in names if name] or list(range(1, count + 1))
    raise ValueError(f"Ce raster n'a pas de bande {band}. Bandes connues : {', '.join(map(str, known))}.")


def _picture(values: NDArray[np.float64], limits: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    stretched = [
        np.clip((band - low) / max(high - low, 1e-9), 0, 1)
        for band, (low, high) in zip(values, limits, strict=True)
    ]
    seen = np.isfinite(values).all(axis=0)
    return np.dstack([*(np.nan_to_num(band) for band in stretched), seen.astype(np.float64)])


def _round_below(length: float) -> float:
    power = 10.0 ** np.floor(np.log10(length))
    return float(max(step * power for step in (1, 2, 5) if step * power <= length))
