"""Look for what is wrong in an image: its grid, its bands, what its pixels hold, how it is written."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from rasterio.io import DatasetReader

from geoatelier.quality.anomalies import layer_anomaly, together
from geoatelier.quality.images_errors import GDAL_ERRORS, in_french
from geoatelier.quality.images_grid import Grid, alignment, bands, grid_of, pixel_grid, system, writing
from geoatelier.quality.images_pixels import is_credible, missing_pixels, odd_values, unreadable_blocks
from geoatelier.quality.images_reading import read_tiles
from geoatelier.quality.images_subject import Image, ImageRules, bounds_of, corners_of, crs_of, image_of
from geoatelier.quality.layer import layer_of
from geoatelier.quality.memory import lacks_memory
from geoatelier.quality.report import LayerFacts
from geoatelier.quality.source import UnreadableSource
from geoatelier.quality.wording import count, number, quote

__all__ = ["ImageRules", "inspect_image"]

_REAL = ("int", "uint", "float")  # pixels that are compared and counted; complex ones are not


def inspect_image(
    path: str | Path, rules: ImageRules | None = None, reference: str | Path | None = None
) -> tuple[LayerFacts, gpd.GeoDataFrame]:
    """Look for what is wrong in an image, read tile by tile: memory does not grow with its size.

    Parameters
    ----------
    path : a GeoTIFF, or another image that GDAL reads
    rules : what is expected of it
    reference : an image on whose grid it should lie

    Returns
    -------
    facts : of the image, `shape` « image », `columns` its number of bands, `rows` 1
    anomalies : GeoDataFrame in the CRS of the image; what is wrong in a part of it has that part's outline

    Raises
    ------
    UnreadableSource
        If `reference` cannot be read, or if the image needs more memory than there is.
    """
    path = Path(path)
    rules = rules or ImageRules()
    grid = None if reference is None else grid_of(reference)
    try:
        with rasterio.open(path) as source:
            if not np.isfinite(corners_of(source)).all():
                return _damaged(
                    path, f"L'image {quote(path.name)} n'a pas de position lisible : redemandez-la."
                )
            image = image_of(path, source, rules)
            facts = _facts(path, source)
            _control(image, grid)
            return facts, together(image.found, image.layer.frame.crs)
    except (*GDAL_ERRORS, MemoryError) as error:
        if lacks_memory(error):
            raise UnreadableSource(
                f"L'image {quote(path.name)} a un bloc de pixels trop gros pour la mémoire de cette machine. "
                "Redemandez-la découpée en tuiles, ou essayez sur une machine qui a plus de mémoire."
            ) from error
        return _damaged(
            path,
            f"L'image {quote(path.name)} ne s'ouvre pas : {in_french(error, path)}. "
            "Recommencez la copie, ou redemandez-la.",
        )


def _damaged(path: Path, message: str) -> tuple[LayerFacts, gpd.GeoDataFrame]:
    """What is said of an image that cannot be controlled."""
    layer = layer_of(gpd.GeoDataFrame(geometry=[]), path.stem, file=path.name)
    facts = LayerFacts(path.stem, 0, 0, "image", "image", None, (np.nan,) * 4, path.name)
    return facts, layer_anomaly(layer, "fichier-abime", message)


def _control(image: Image, grid: Grid | None) -> None:
    system(image)
    pixel_grid(image)
    if grid is not None:
        alignment(image, grid)
    bands(image)
    writing(image)
    if image.source.dtypes[0].startswith(_REAL) and is_credible(image):
        tiles = read_tiles(image.source, image.rules.plausible)
        unreadable_blocks(image, tiles)
        missing_pixels(image, tiles)
        odd_values(image, tiles)


def _facts(path: Path, source: DatasetReader) -> LayerFacts:
    size = f"{number(source.width)} × {number(source.height)} pixels"
    return LayerFacts(
        name=path.stem,
        rows=1,
        columns=source.count,
        kind=f"image, {count(source.count, 'bande')}, {size}",
        shape="image",
        crs=crs_of(source),
        bounds=bounds_of(source),
        file=path.name,
    )
