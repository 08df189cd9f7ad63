"""Draw pixels inside parcels: one row a pixel, with all that is known of its parcel."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from geopandas import GeoDataFrame
from pandas import DataFrame
from rasterio.features import rasterize
from rasterio.transform import xy

from geoatelier.learning.systems import refuse_other_crs


def draw_pixels(
    parcels: GeoDataFrame, image: str | Path, *, per_parcel: int = 4, seed: int = 0
) -> GeoDataFrame:
    """Draw pixels at random inside each parcel, without replacement.

    A pixel belongs to the parcel that holds its centre. A parcel with fewer pixels than asked gives all
    it has.

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
    """
    with rasterio.open(image) as raster:
        refuse_other_crs(parcels, raster.crs)
        transform, shape, crs = raster.transform, raster.shape, raster.crs
    numbers = rasterize(
        zip(parcels.geometry, range(1, len(parcels) + 1), strict=True),
        out_shape=shape,
        transform=transform,
        dtype="int32",
    )
    rows, columns = np.nonzero(numbers)
    if rows.size == 0:
        raise ValueError(
            "Aucun centre de pixel ne tombe dans une parcelle. Vérifiez que les parcelles sont dans "
            "l'emprise de l'image et plus grandes qu'un pixel."
        )
    inside = DataFrame({"parcelle": numbers[rows, columns] - 1, "ligne": rows, "colonne": columns})
    drawn = (
        inside.sample(frac=1, random_state=seed)
        .groupby("parcelle")
        .head(per_parcel)
        .sort_values(["parcelle", "ligne", "colonne"], ignore_index=True)
    )
    x, y = xy(transform, drawn["ligne"], drawn["colonne"])
    attributes = parcels.drop(columns=parcels.geometry.name).iloc[drawn["parcelle"]].reset_index(drop=True)
    return gpd.GeoDataFrame(
        attributes.assign(ligne=drawn["ligne"], colonne=drawn["colonne"]),
        geometry=gpd.points_from_xy(x, y),
        crs=crs,
    )
