"""Draw pixels inside parcels: one row a pixel, with all that is known of its parcel."""

from pathlib import Path

import geopandas as gpd
import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pandas import DataFrame
from rasterio.io import DatasetReader
from rasterio.transform import xy

from geoatelier.learning.opening import open_image
from geoatelier.learning.owners import NOBODY, pixel_owners
from geoatelier.learning.settings import refuse_counts_below
from geoatelier.learning.systems import refuse_no_table, refuse_other_crs
from geoatelier.learning.windows import aligned_windows

_PIXELS_AT_ONCE = 2**22


def draw_pixels(
    parcels: GeoDataFrame, image: str | Path, *, per_parcel: int = 4, seed: int = 0
) -> GeoDataFrame:
    """Draw pixels at random inside each parcel, without replacement.

    A pixel belongs to the parcel that holds its centre. A parcel with fewer pixels than asked gives all
    it has. What is held in memory grows with the pixels of the parcels, not with the image.

    Parameters
    ----------
    parcels : table of polygons, in the CRS of `image`; every column is kept
    image : path of a raster; only its grid is read
    per_parcel : how many pixels at most in a parcel
    seed : of the draw

    Returns
    -------
    GeoDataFrame
        One row a pixel, sorted by parcel: the columns of `parcels`, then `ligne` and `colonne` (position on
        the grid); the geometry is the pixel's centre. The index is 0 … n - 1.

    Raises
    ------
    ValueError
        If the parcels and the image are in different CRS, or if no pixel's centre falls in any parcel.
    UnreadableImageError
        If the image cannot be opened.
    """
    refuse_no_table(parcels)
    refuse_counts_below(1, per_parcel=per_parcel)
    with open_image(image) as raster:
        refuse_other_crs(parcels, raster.crs)
        owners, positions = _pixels_inside(parcels, raster)
        transform, width, crs = raster.transform, raster.width, raster.crs
    if owners.size == 0:
        raise ValueError(
            "Aucun centre de pixel ne tombe dans une parcelle. Vérifiez que les parcelles sont dans "
            "l'emprise de l'image et plus grandes qu'un pixel."
        )
    drawn = (
        DataFrame({"parcelle": owners, "position": positions})
        .sample(frac=1, random_state=seed)
        .groupby("parcelle")
        .head(per_parcel)
        .sort_values(["parcelle", "position"], ignore_index=True)
    )
    rows, columns = np.divmod(drawn["position"].to_numpy(), width)
    x, y = xy(transform, rows, columns)
    attributes = parcels.drop(columns=parcels.geometry.name).iloc[drawn["parcelle"]].reset_index(drop=True)
    return gpd.GeoDataFrame(
        attributes.assign(ligne=rows, colonne=columns),
        geometry=gpd.points_from_xy(x, y),
        crs=crs,
    )


def _pixels_inside(
    parcels: GeoDataFrame, raster: DatasetReader
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Parcel and position (row × width + column) of every pixel of a parcel, by rising position."""
    whole_rows = (1, raster.width)
    owners, positions = [], []
    for window in aligned_windows(raster.shape, whole_rows, max(_PIXELS_AT_ONCE, raster.width)):
        found = pixel_owners(parcels, raster.transform, window).ravel()
        inside = np.flatnonzero(found != NOBODY)
        owners.append(found[inside])
        positions.append(inside + window.row_off * raster.width)
    return np.concatenate(owners), np.concatenate(positions)
