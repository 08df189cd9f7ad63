"""Read a series of images: at some pixels, as a table, or whole, as a cube."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import EllipsisType

import numpy as np
import pandas as pd
import rasterio
from affine import Affine
from numpy.typing import NDArray
from pandas import DataFrame
from rasterio.crs import CRS
from rasterio.io import DatasetReader

REFLECTANCE_SCALE = 10_000


def read_series(
    pixels: DataFrame, images: Mapping[date, str | Path], masks: Mapping[date, str | Path] | None = None
) -> DataFrame:
    """Read every band of every image at the given pixels.

    Parameters
    ----------
    pixels : table with columns `ligne` and `colonne`, as `draw_pixels` gives it
    images : path of the image of each date; all on one grid
    masks : path of the cloud mask of each date (0 clear); what is not clear becomes NaN

    Returns
    -------
    DataFrame of float32, shape (n_pixels, n_dates × n_bands)
        Reflectances (no unit, about 0 to 1), NaN where there is no data. Columns are named `MM-JJ_bande`, for
        instance `06-18_B8`. The index is that of `pixels`.

    Raises
    ------
    ValueError
        If the images are not on one grid, or if a mask is missing.
    """
    rows, columns = pixels["ligne"].to_numpy(), pixels["colonne"].to_numpy()
    parts = [
        DataFrame(values.T, columns=names, index=pixels.index)
        for values, names in _dates_of_series(images, masks, (slice(None), rows, columns))
    ]
    return pd.concat(parts, axis=1)


@dataclass(frozen=True)
class Cube:
    """A whole series in memory.

    Parameters
    ----------
    reflectances : float32 (n_dates × n_bands, rows, columns), without unit, NaN where there is no data
    names : name of each layer, `MM-JJ_bande`
    transform : from (column, row) to coordinates
    crs : of the images
    """

    reflectances: NDArray[np.float32]
    names: list[str]
    transform: Affine
    crs: CRS


def read_cube(images: Mapping[date, str | Path], masks: Mapping[date, str | Path] | None = None) -> Cube:
    """Read a whole series once, to measure many versions of the same parcels on it.

    Takes and raises the same as `read_series`. Eight dates of 900 × 700 pixels take 120 MB.
    """
    with rasterio.open(next(iter(images.values()))) as image:
        bands, shape, transform, crs = image.count, image.shape, image.transform, image.crs
    reflectances = np.empty((len(images) * bands, *shape), dtype="float32")
    names: list[str] = []
    for values, names_of_date in _dates_of_series(images, masks, ...):
        reflectances[len(names) : len(names) + bands] = values
        names += names_of_date
    return Cube(reflectances, names, transform, crs)


def _dates_of_series(
    images: Mapping[date, str | Path],
    masks: Mapping[date, str | Path] | None,
    where: tuple | EllipsisType,
) -> Iterator[tuple[NDArray[np.float32], list[str]]]:
    """Give, date by date, reflectances of shape (n_bands, …) at `where`, and the names of their columns."""
    grid = None
    for day, path in sorted(images.items()):
        with rasterio.open(path) as image:
            grid = grid or (image.transform, image.shape)
            _refuse_other_grid(grid, image, path)
            counts = image.read()[where]
            values = counts.astype("float32")
            values /= REFLECTANCE_SCALE
            if image.nodata is not None:
                values[counts == image.nodata] = np.nan
            names = [f"{day:%m-%d}_{band}" for band in image.descriptions]
        if masks is not None:
            values[:, _read_mask(masks, day)[where if where is ... else where[1:]] != 0] = np.nan
        yield values, names


def _read_mask(masks: Mapping[date, str | Path], day: date) -> NDArray[np.uint8]:
    if day not in masks:
        raise ValueError(f"Il manque le masque de nuages du {day:%d/%m/%Y}.")
    with rasterio.open(masks[day]) as mask:
        return mask.read(1)


def _refuse_other_grid(grid: tuple, image: DatasetReader, path: str | Path) -> None:
    if (image.transform, image.shape) != grid:
        raise ValueError(
            f"L'image {Path(path).name} n'est pas sur la même grille que la première. "
            "Rééchantillonnez-la avec rasterio.warp.reproject."
        )
