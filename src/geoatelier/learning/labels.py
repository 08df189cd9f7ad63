"""Draw the objects of layers on the grid of an image: what each pixel is, or which object holds it."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.io import DatasetReader

from geoatelier.learning.opening import open_image
from geoatelier.learning.systems import refuse_no_table, refuse_other_crs

UNKNOWN = 255
"""Label of a pixel whose class is not known: it teaches nothing."""


def draw_labels(
    image: str | Path, layers: Mapping[int, GeoDataFrame], *, known: GeoDataFrame | None = None
) -> NDArray[np.uint8]:
    """Draw layers of polygons as classes on the grid of an image.

    A pixel belongs to the polygon that holds its centre; where two classes overlap, the later one wins.

    Parameters
    ----------
    image : path of a raster; only its grid is read
    layers : for each code, 1 to 254, the polygons of that class; what no polygon holds has code 0
    known : polygons of the ground whose class is known; outside, pixels have code `UNKNOWN`

    Returns
    -------
    array of shape (rows, columns)

    Raises
    ------
    ValueError
        If a code is not a whole number from 1 to 254, or if a layer is in another CRS than the image, or does
        not touch it.
    UnreadableImageError
        If the image cannot be opened.
    """
    _refuse_codes(layers)
    with open_image(image) as raster:
        shape, transform = raster.shape, raster.transform
        for code, layer in layers.items():
            _refuse_elsewhere(layer, raster, f"Les polygones du code {code}")
        if known is not None:
            _refuse_elsewhere(known, raster, "Les polygones du terrain connu")
    shapes = [(shape_, code) for code, layer in layers.items() for shape_ in layer.geometry]
    labels = rasterize(shapes, shape, transform=transform, dtype="uint8")
    if known is not None:
        labels[rasterize(known.geometry, shape, transform=transform, dtype="uint8") == 0] = UNKNOWN
    return labels


def draw_objects(image: str | Path, layer: GeoDataFrame) -> NDArray[np.integer]:
    """Draw the objects of a layer on the grid of an image, each with its number, from 1 in the layer's order.

    Returns
    -------
    array of shape (rows, columns), 0 where there is no object, of the smallest type that holds all numbers

    Raises
    ------
    ValueError
        If the layer is in another CRS than the image, or does not touch it.
    UnreadableImageError
        If the image cannot be opened.
    """
    with open_image(image) as raster:
        _refuse_elsewhere(layer, raster, "Les objets")
        numbered = zip(layer.geometry, range(1, 1 + len(layer)), strict=True)
        dtype = "uint16" if len(layer) <= np.iinfo("uint16").max else "int32"
        return rasterize(numbered, raster.shape, transform=raster.transform, dtype=dtype)


def _refuse_codes(layers: Mapping[int, GeoDataFrame]) -> None:
    if not isinstance(layers, Mapping):
        raise TypeError("Donnez un code par couche : {1: batiments, 2: piscines}, par exemple.")
    for code in layers:
        if isinstance(code, bool) or not isinstance(code, int | np.integer) or not 0 < code < UNKNOWN:
            raise ValueError(
                f"Le code {code!r} ne convient pas : un code est un entier de 1 à {UNKNOWN - 1}. 0 est ce "
                f"qu'aucune couche ne tient, {UNKNOWN} ce que l'on ne sait pas."
            )


def _refuse_elsewhere(layer: GeoDataFrame, raster: DatasetReader, name: str) -> None:
    refuse_no_table(layer, name=name)
    refuse_other_crs(layer, raster.crs, name=name)
    if not layer.intersects(shapely.box(*raster.bounds)).any():
        raise ValueError(f"{name} sont hors de l'image : aucun ne touche son emprise.")
