"""Writing every raster of the territory as a cloud-optimised GeoTIFF."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import rasterio.shutil
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, Resampling
from rasterio.io import MemoryFile

_BLOCK = 256
# GDAL's TIFF predictors: differences of neighbours for integers, split bytes for floats.
_PREDICTOR = {"u": 2, "i": 2, "f": 3}
_LOSSLESS = {
    "driver": "COG",
    "COMPRESS": "DEFLATE",
    "LEVEL": 9,
    "BLOCKSIZE": _BLOCK,
    "OVERVIEWS": "FORCE_USE_EXISTING",
    "STATISTICS": "NO",
}
# GDAL's COG driver takes a fourth JPEG band for a mask; the plain driver lays the file out just the same.
_JPEG = {
    "driver": "GTiff",
    "COMPRESS": "JPEG",
    "TILED": "YES",
    "BLOCKXSIZE": _BLOCK,
    "BLOCKYSIZE": _BLOCK,
    "COPY_SRC_OVERVIEWS": "YES",
    "PHOTOMETRIC": "RGB",
    "ALPHA": "NO",
}
# A quarter: enough to open fast at the scale of the island, for 6 % more bytes instead of 25 % at a half.
OVERVIEW_FACTORS = (4,)


def write_cog(
    path: Path,
    array: NDArray[np.generic],
    transform: Affine,
    crs: str,
    *,
    nodata: float | None = None,
    descriptions: Sequence[str] = (),
    tags: Mapping[str, str] | None = None,
    units: str | None = None,
    colours: Sequence[ColorInterp] = (),
    categorical: bool = False,
    quality: int | None = None,
) -> None:
    """Write an array as a tiled, compressed GeoTIFF with overviews that GDAL declares cloud-optimised.

    Parameters
    ----------
    path : file to write, replaced if it exists; its folder is made when missing
    array : array of shape (rows, columns) or (bands, rows, columns)
    transform, crs : georeferencing
    nodata : value that means "nothing was measured here"
    descriptions : one name a band
    tags : metadata of the dataset
    units : unit of every band, such as "m"
    colours : colour interpretation of each band
    categorical : the values are codes: overviews take the commonest, they never average
    quality : compress 8-bit images with JPEG at this quality, of 100; nothing is lost when it is not given

    Raises
    ------
    ValueError
        If the number of descriptions or colours is not the number of bands.

    References
    ----------
    Cloud Optimized GeoTIFF, OGC 21-026.
    """
    bands = array[np.newaxis] if array.ndim == 2 else array
    for name, given in (("descriptions", descriptions), ("colours", colours)):
        if given and len(given) != len(bands):
            raise ValueError(f"{len(given)} {name} for {len(bands)} bands")
    profile = {
        "driver": "GTiff",
        "count": bands.shape[0],
        "height": bands.shape[1],
        "width": bands.shape[2],
        "dtype": bands.dtype,
        "transform": transform,
        "crs": crs,
        "nodata": nodata,
        # A fourth band is a measure like the others, never a transparency.
        "alpha": "NO",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with MemoryFile() as memory:
        with memory.open(**profile) as raster:
            raster.write(bands)
            raster.update_tags(**(tags or {}))
            if descriptions:
                raster.descriptions = tuple(descriptions)
            if units:
                raster.units = (units,) * len(bands)
            if colours:
                raster.colorinterp = tuple(colours)
            raster.build_overviews(OVERVIEW_FACTORS, Resampling.mode if categorical else Resampling.average)
        with memory.open() as raster:
            if quality is None:
                predictor = 1 if categorical else _PREDICTOR[bands.dtype.kind]
                rasterio.shutil.copy(raster, path, **_LOSSLESS, PREDICTOR=predictor)
            else:
                rasterio.shutil.copy(raster, path, **_JPEG, JPEG_QUALITY=quality)
