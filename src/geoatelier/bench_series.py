"""A series as large as wanted, made of the territory's images laid side by side, written window by window."""

from collections.abc import Hashable, Mapping
from datetime import date
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from geoatelier.learning.windows import aligned_windows

_BLOCK = 256
_PIXELS_AT_ONCE = 2**20
_TILED = {
    "driver": "GTiff",
    "tiled": True,
    "blockxsize": _BLOCK,
    "blockysize": _BLOCK,
    "compress": "DEFLATE",
    "predictor": 2,
    "zlevel": 1,
    "num_threads": "ALL_CPUS",
    "bigtiff": "IF_SAFER",
}


def write_series(sources: Mapping[Hashable, Path], folder: Path, side: int) -> dict[Hashable, Path]:
    """Write images of `side` × `side` pixels, in which those of `sources` repeat.

    Parameters
    ----------
    sources : an image or a mask for each date, or any other name; each is read whole
    folder : where to write, under the same names
    side : pixels on a side

    Returns
    -------
    The path of each date or name
    """
    return {day: _repeat(source, folder / source.name, side) for day, source in sources.items()}


def series_in(folder: Path, names: Mapping[date, Path]) -> dict[date, Path]:
    """Where `write_series` put what has these names."""
    return {day: folder / source.name for day, source in names.items()}


def _repeat(source: Path, path: Path, side: int) -> Path:
    with rasterio.open(source) as image:
        values, descriptions = image.read(), image.descriptions
        profile = {key: image.profile[key] for key in ("count", "dtype", "crs", "transform", "nodata")}
    with rasterio.open(path, "w", height=side, width=side, **profile, **_TILED) as large:
        large.descriptions = descriptions
        for window in aligned_windows((side, side), (_BLOCK, _BLOCK), _PIXELS_AT_ONCE):
            large.write(_wrapped(values, window), window=window)
    return path


def _wrapped(values: np.ndarray, window: Window) -> np.ndarray:
    rows = np.arange(window.row_off, window.row_off + window.height) % values.shape[1]
    columns = np.arange(window.col_off, window.col_off + window.width) % values.shape[2]
    return values[:, rows[:, np.newaxis], columns]
