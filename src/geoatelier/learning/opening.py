"""Open an image and read it, or say in French why it cannot be."""

from collections.abc import Sequence
from pathlib import Path

import rasterio
from numpy.typing import NDArray
from rasterio.errors import RasterioIOError
from rasterio.io import DatasetReader
from rasterio.windows import Window

GDAL_CACHE = 64
"""MB for `rasterio.Env(GDAL_CACHEMAX=…)`, where GDAL would take a twentieth of the machine."""


class UnreadableImageError(OSError):
    """An image is missing, is no image, or is damaged; the message says in French which, and what to do."""


def open_image(path: str | Path) -> DatasetReader:
    """Open an image; close it, or use it in a `with` statement.

    Raises
    ------
    UnreadableImageError
        If there is no such file, or if GDAL cannot read it.
    """
    try:
        return rasterio.open(path)
    except RasterioIOError as error:
        if not Path(path).exists():
            message = f"L'image « {path} » n'existe pas. Vérifiez son chemin."
        else:
            message = (
                f"« {Path(path).name} » n'est pas une image, ou elle est abîmée. Donnez un GeoTIFF, ou "
                "demandez-la de nouveau à son producteur."
            )
        raise UnreadableImageError(message) from error


def read_bands(image: DatasetReader, indexes: Sequence[int], window: Window, *, dtype: str) -> NDArray:
    """Read a window of some bands, of shape (n_bands, rows, columns).

    Raises
    ------
    UnreadableImageError
        If a part of the file is damaged.
    """
    try:
        return image.read(indexes, window=window, out_dtype=dtype)
    except RasterioIOError as error:
        raise UnreadableImageError(
            f"« {Path(image.name).name} » est abîmée : une partie ne se lit pas. Copiez-la de nouveau depuis "
            "sa source."
        ) from error
