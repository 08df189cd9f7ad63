"""A series of three small images, B4 and B8, with masks, and parcels on it."""

from datetime import date

import geopandas as gpd
import numpy as np
import rasterio
from rasterio.transform import from_origin
from shapely import box

ROWS, COLUMNS = 40, 50
TRANSFORM = from_origin(900_000, 6_200_000, 10, 10)
DAYS = (date(2025, 3, 1), date(2025, 4, 1), date(2025, 6, 1))
BLOCK = 16  # pixels on a side


def write(path, bands, *, names=(), **profile):
    """A tiled raster of shape (bands, rows, columns), in Lambert-93 unless said otherwise."""
    options = {
        "crs": "EPSG:2154",
        "transform": TRANSFORM,
        "tiled": True,
        "blockxsize": BLOCK,
        "blockysize": BLOCK,
    }
    with rasterio.open(
        path, "w", driver="GTiff", count=len(bands), height=bands.shape[1], width=bands.shape[2],
        dtype=bands.dtype, **options | profile,
    ) as raster:  # fmt: skip
        raster.write(bands)
        if names:
            raster.descriptions = names
    return path


def reflectances(seed=0):
    """Counts of three dates, array of shape (3, 2, ROWS, COLUMNS): the west is green, the east is bare."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(1000, 1200, (len(DAYS), 2, ROWS, COLUMNS))
    counts[:, 1, :, : COLUMNS // 2] += 3000
    return counts.astype("uint16")


def write_images(folder, counts):
    return {
        day: write(folder / f"image_{day:%Y%m%d}.tif", bands, names=("B4", "B8"), nodata=0)
        for day, bands in zip(DAYS, counts, strict=True)
    }


def write_masks(folder, hidden):
    """Masks from an array of shape (3, ROWS, COLUMNS): 0 clear, 1 cloud, 2 shadow."""
    return {
        day: write(folder / f"masque_{day:%Y%m%d}.tif", layer[np.newaxis])
        for day, layer in zip(DAYS, hidden.astype("uint8"), strict=True)
    }


def parcels():
    """Ten parcels of 8 × 8 pixels, the five of the west « verte », the five of the east « nue »."""
    squares = [
        box(900_000 + 100 * column, 6_199_900 - 190 * row, 900_080 + 100 * column, 6_199_980 - 190 * row)
        for row in (0, 1)
        for column in range(5)
    ]
    kinds = ["verte" if square.centroid.x < 900_250 else "nue" for square in squares]
    return gpd.GeoDataFrame({"id_parcel": range(10), "nature": kinds}, geometry=squares, crs=2154)
