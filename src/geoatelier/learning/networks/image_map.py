"""Map an image of any size with a trained U-Net: what is held in memory does not grow with the image."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.io import DatasetReader
from rasterio.windows import Window
from rasterio.windows import transform as transform_of_window
from sklearn.utils.validation import check_is_fitted

from geoatelier.learning.areas import area_of, progress_bar, refuse_map_name, within
from geoatelier.learning.class_maps import NO_DATA, in_percent, legend_of, new_map
from geoatelier.learning.networks.image_segmenter import ImageSegmenter
from geoatelier.learning.networks.weights import UNTRAINED
from geoatelier.learning.opening import GDAL_CACHE, open_image, read_bands
from geoatelier.learning.windows import aligned_windows

# Smaller windows read more margin for each pixel that they tell; larger ones hold more memory.
_PIXELS_AT_ONCE = 2**20
_BLOCK = (256, 256)


def map_image(
    segmenter: ImageSegmenter,
    image: str | Path,
    output: str | Path,
    *,
    bounds: tuple[float, float, float, float] | None = None,
    colours: Mapping[str, str] | None = None,
    overwrite: bool = False,
    progress: bool = True,
) -> Path:
    """Give a class to each pixel of an image file and write the map, a cloud-optimised GeoTIFF.

    The file is that of `geoatelier.learning.predict_raster`: in the first band the class, 1 for the first of
    `segmenter.class_names` and so on, with its name and its colour; in the second the confidence, in
    percent, rounded down. 255 is no data: where the image has none in any band, or a value that is not
    finite. Each pixel gets the class that `segmenter.predict` would give it, had it the whole image: there is
    no seam.

    Parameters
    ----------
    segmenter : trained on images of the same bands, in the same unit
    image : path of the image
    output : path of the map; its folder exists
    bounds : left, bottom, right, top of the part to map, in the CRS of the image; all when not given
    colours : `#rrggbb` of each class; a palette of `geoatelier.maps` when not given
    overwrite : whether a file that is there may be replaced; the image never is
    progress : whether to show a progress bar, on the error stream, gone at the end

    Returns
    -------
    Path of the map

    Raises
    ------
    ValueError
        If the network is not trained, or on other bands; if `bounds` is outside the image; if colours are not
        those of its classes; or if `output` is no name of a GeoTIFF.
    UnreadableImageError
        If the image cannot be opened, or read.
    geoatelier.safely.UnwritableOutput
        If there is a file at `output` and `overwrite` is False, or if it cannot be written.
    """
    output = Path(output)
    check_is_fitted(segmenter, msg=UNTRAINED)
    refuse_map_name(output, [image])
    legend = legend_of(segmenter.class_names, colours=colours)
    with rasterio.Env(GDAL_CACHEMAX=GDAL_CACHE), open_image(image) as raster:
        _refuse_other_bands(segmenter, raster)
        area = area_of(raster.shape, raster.transform, bounds)
        transform = transform_of_window(area, raster.transform)
        tags = {"MODELE": type(segmenter).__name__}
        with (
            new_map(
                output, (area.height, area.width), transform, raster.crs, legend, tags, overwrite=overwrite
            ) as class_map,
            progress_bar(area.height * area.width, shown=progress) as bar,
        ):
            for window in aligned_windows(raster.shape, _BLOCK, _PIXELS_AT_ONCE, area):
                class_map.write(within(area, window), *_told(segmenter, raster, window))
                bar.update(window.height * window.width)
    return output


def _told(
    segmenter: ImageSegmenter, raster: DatasetReader, window: Window
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Code and confidence of each pixel of a window, of its shape."""
    read, keep = _with_margin(raster.shape, window, segmenter.network_.reach, segmenter.network_.step)
    values = read_bands(raster, raster.indexes, read, dtype=raster.dtypes[0])
    known = raster.dataset_mask(window=window) != 0
    if values.dtype.kind == "f":
        finite = np.isfinite(values).all(axis=0)
        values = np.where(finite, values, segmenter.mean_[:, np.newaxis, np.newaxis])
        known &= finite[keep]
    probabilities = segmenter.predict_proba(values)[:, *keep]
    codes = np.where(known, probabilities.argmax(axis=0) + 1, NO_DATA).astype("uint8")
    return codes, np.where(known, in_percent(probabilities.max(axis=0)), NO_DATA).astype("uint8")


def _with_margin(
    shape: tuple[int, int], window: Window, margin: int, step: int
) -> tuple[Window, tuple[slice, slice]]:
    """Give a window and all that may change its classes, and where it is inside."""
    (first_row, rows, top), (first_column, columns, left) = _spans(shape, window, margin, step)
    read = Window(first_column, first_row, columns, rows)
    return read, (slice(top, top + window.height), slice(left, left + window.width))


def _spans(shape: tuple[int, int], window: Window, margin: int, step: int) -> Iterator[tuple[int, int, int]]:
    """For rows, then columns: where to begin to read, how many, and how far inside the window begins.

    The network halves the resolution: it must see the pixels of an image grouped in the same way each time.
    """
    starts = ((window.row_off, window.height), (window.col_off, window.width))
    for (start, length), side in zip(starts, shape, strict=True):
        first = max(0, (start - margin) // step * step)
        last = min(side, -(-(start + length + margin) // step) * step)
        yield first, last - first, start - first


def _refuse_other_bands(segmenter: ImageSegmenter, raster: DatasetReader) -> None:
    if raster.count != segmenter.n_bands_:
        raise ValueError(
            f"Il faut {segmenter.n_bands_} bandes, comme à l'entraînement ; {Path(raster.name).name} en a "
            f"{raster.count}."
        )
    if len(set(raster.dtypes)) > 1:
        raise ValueError(
            f"Les bandes de {Path(raster.name).name} ne sont pas du même type ({', '.join(raster.dtypes)}). "
            "Récrivez-les dans un seul type."
        )
