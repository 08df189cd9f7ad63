"""From pixels to parcels: the mean of what each parcel holds."""

import numpy as np
from geopandas import GeoDataFrame
from pandas import DataFrame, Series
from rasterio.features import rasterize
from scipy.sparse import csr_array

from geoatelier.learning.series import Cube
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
    shape = cube.reflectances.shape[1:]
    numbers = rasterize(
        zip(parcels.geometry, range(1, len(parcels) + 1), strict=True),
        out_shape=shape,
        transform=cube.transform,
        dtype="int32",
    ).ravel()
    inside = np.flatnonzero(numbers)
    owners = numbers[inside] - 1
    layers = cube.reflectances.reshape(len(cube.names), -1)
    membership = csr_array(
        (np.ones(inside.size, "float32"), (owners, np.arange(inside.size))), (len(parcels), inside.size)
    )
    means = np.full((len(parcels), len(layers)), np.nan, dtype="float32")
    # A few layers at a time: the pixels of all of them together would be copied four times.
    for start in range(0, len(layers), _LAYERS_AT_ONCE):
        some = slice(start, start + _LAYERS_AT_ONCE)
        values = layers[some, inside].T
        known = np.isfinite(values)
        counts = membership @ known.astype("float32")
        sums = membership @ np.where(known, values, 0)
        np.divide(sums, counts, out=means[:, some], where=counts > 0)
    return DataFrame(means, index=parcels.index, columns=cube.names)


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
