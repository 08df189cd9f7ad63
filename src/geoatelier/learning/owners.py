"""Which polygon holds the centre of each pixel, window by window."""

import numpy as np
import shapely
from affine import Affine
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.transform import xy
from rasterio.windows import Window
from rasterio.windows import transform as transform_of_window

NOBODY = -1


def pixel_owners(parcels: GeoDataFrame, transform: Affine, window: Window) -> NDArray[np.int32]:
    """Rank of the polygon that holds the centre of each pixel of a window.

    Parameters
    ----------
    parcels : table of polygons in the CRS of the raster; where two overlap, the pixel goes to the later one
    transform : of the whole raster
    window : in whole pixels

    Returns
    -------
    Array of shape (window.height, window.width): place of the polygon in `parcels`, from 0, or `NOBODY`
    """
    here = transform_of_window(window, transform)
    x, y = xy(here, [0, 0, window.height, window.height], [0, window.width, window.width, 0], offset="ul")
    near = np.sort(parcels.sindex.query(shapely.Polygon(np.column_stack([x, y]))))
    if near.size == 0:
        return np.full((window.height, window.width), NOBODY, dtype="int32")
    return rasterize(
        zip(parcels.geometry.iloc[near], near.tolist(), strict=True),
        out_shape=(window.height, window.width),
        transform=here,
        fill=NOBODY,
        dtype="int32",
    )
