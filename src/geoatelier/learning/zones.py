"""From pixels to parcels: the mean of what each parcel holds."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pandas import DataFrame, Series
from rasterio.windows import Window
from scipy.sparse import csr_array

from geoatelier.learning.owners import NOBODY, pixel_owners
from geoatelier.learning.series import Cube, open_series
from geoatelier.learning.systems import refuse_other_crs

_LAYERS_AT_ONCE = 6


def zonal_means(parcels: GeoDataFrame, cube: Cube) -> DataFrame:
    """Mean of each layer of a cube over each parcel: the pixels whose centre it holds, clouds left out.

    Parameters
    ----------
    parcels : table of polygons in the CRS of the cube; where two overlap, the pixel goes to the later one

    Returns
    -------
    DataFrame of shape (n_parcels, n_layers)
        Same index as `parcels`; NaN where a parcel holds no clear pixel, or lies outside the image.

    Raises
    ------
    ValueError
        If the parcels and the cube are in different CRS.
    """
    refuse_other_crs(parcels, cube.crs)
    height, width = cube.reflectances.shape[1:]
    members = _Members(parcels, pixel_owners(parcels, cube.transform, Window(0, 0, width, height)))
    means = np.full((len(parcels), len(cube.names)), np.nan, dtype="float32")
    # A few layers at a time: the pixels of all of them together would be copied four times.
    for start in range(0, len(cube.names), _LAYERS_AT_ONCE):
        some = slice(start, start + _LAYERS_AT_ONCE)
        sums, counts = members.sums(cube.reflectances[some])
        np.divide(sums, counts, out=means[:, some], where=counts > 0)
    return DataFrame(means, index=parcels.index, columns=cube.names)


def read_parcel_series(
    parcels: GeoDataFrame,
    images: Mapping[date, str | Path],
    masks: Mapping[date, str | Path] | None = None,
    *,
    bands: Sequence[str] | None = None,
) -> DataFrame:
    """Mean of each layer of a series over each parcel, as `zonal_means`, read window by window.

    Parameters
    ----------
    parcels : table of polygons in the CRS of the images; where two overlap, the pixel goes to the later one
    images, masks, bands : as for `read_series`

    Returns
    -------
    DataFrame of float32, shape (n_parcels, n_dates × n_bands)
        Reflectances (no unit), in columns named `MM-JJ_bande`; same index as `parcels`. NaN where a parcel
        holds no clear pixel, or lies outside the images.

    Raises
    ------
    ValueError
        If the images do not go together (see `open_series`), if the parcels are in another CRS, or if none of
        them holds the centre of a pixel.
    """
    with open_series(images, masks, bands) as series:
        refuse_other_crs(parcels, series.crs)
        sums = np.zeros((len(parcels), len(series.names)))
        counts = np.zeros_like(sums)
        touched = False
        for window in series.windows():
            members = _Members(parcels, pixel_owners(parcels, series.transform, window))
            if members.empty:
                continue
            touched = True
            for layers, values in series.dates(window):
                sums_here, counts_here = members.sums(values)
                sums[:, layers] += sums_here
                counts[:, layers] += counts_here
    if not touched:
        raise ValueError(
            "Aucune parcelle ne contient le centre d'un pixel. Vérifiez que les parcelles sont dans "
            "l'emprise des images et plus grandes qu'un pixel."
        )
    means = np.full(sums.shape, np.nan, dtype="float32")
    np.divide(sums, counts, out=means, where=counts > 0, casting="same_kind")
    return DataFrame(means, index=parcels.index, columns=series.names)


def parcel_means(series: DataFrame, parcels: Series) -> DataFrame:
    """Mean of each column over the pixels of each parcel, clouds left out.

    Parameters
    ----------
    series : table of shape (n_pixels, n_features)
    parcels : the parcel of each pixel, same index

    Returns
    -------
    DataFrame of shape (n_parcels, n_features), indexed by parcel
    """
    return series.groupby(parcels).mean()


class _Members:
    """The pixels of each parcel in a window."""

    def __init__(self, parcels: GeoDataFrame, owners: NDArray[np.int32]) -> None:
        self._inside = np.flatnonzero(owners != NOBODY)
        n_pixels = self._inside.size
        self._membership = csr_array(
            (np.ones(n_pixels, "float32"), (owners.ravel()[self._inside], np.arange(n_pixels))),
            (len(parcels), n_pixels),
        )

    @property
    def empty(self) -> bool:
        return self._inside.size == 0

    def sums(self, layers: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Sum and number of the known values of each parcel, both of shape (n_parcels, n_layers)."""
        values = layers.reshape(len(layers), -1)[:, self._inside].T
        known = np.isfinite(values)
        return self._membership @ np.where(known, values, 0), self._membership @ known.astype("float32")
