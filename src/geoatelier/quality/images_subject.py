"""An image under control, what is expected of it, and where its anomalies are noted."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS

from geoatelier.quality.anomalies import anomalies, layer_anomaly
from geoatelier.quality.coordinates import without_unusable
from geoatelier.quality.kinds import Level
from geoatelier.quality.layer import Layer, layer_of

if TYPE_CHECKING:
    from rasterio.io import DatasetReader


@dataclass(frozen=True)
class ImageRules:
    """What is expected of an image; nothing where a field keeps its default.

    Parameters
    ----------
    systems : EPSG codes of the coordinate systems that are allowed
    pixel_size : side of a pixel, in units of the coordinates
    bands : number of bands
    dtype : type of the values, as numpy and rasterio name it (uint8, uint16, float32…)
    plausible : least and greatest value that make sense, in all bands
    nodata : value that must be declared to mean « no data »
    declares_missing : whether the image must say which pixels have no data
    most_missing : share of the pixels, from 0 to 1, that may have no data
    cloud_optimised : whether it must be a cloud optimised GeoTIFF; when not, a fault is only told of
    """

    systems: tuple[int, ...] = ()
    pixel_size: float | None = None
    bands: int | None = None
    dtype: str | None = None
    plausible: tuple[float, float] | None = None
    nodata: float | None = None
    declares_missing: bool = False
    most_missing: float | None = None
    cloud_optimised: bool = False


@dataclass(frozen=True)
class Image:
    """An open image under control. Make one with `image_of`."""

    path: Path
    source: "DatasetReader"
    rules: ImageRules
    layer: Layer
    found: list[gpd.GeoDataFrame] = field(default_factory=list)

    def tell(self, code: str, message: str, value: object = None, level: Level | None = None) -> None:
        """Note one anomaly of the whole image."""
        self.found.append(layer_anomaly(self.layer, code, message, value=value, level=level))

    def show(
        self, code: str, places: NDArray[np.object_], messages: list[str], values: NDArray | None = None
    ) -> None:
        """Note one anomaly at each of `places`."""
        n = len(places)
        places = without_unusable(places)
        table = anomalies(self.layer, code, np.zeros(n, dtype=int), messages, geometry=places, values=values)
        nothing = pd.array([pd.NA] * n, dtype="Int64"), pd.array([None] * n, dtype="str")
        self.found.append(table.assign(rang=nothing[0], objet=nothing[1]))  # a place is no object


def image_of(path: Path, source: "DatasetReader", rules: ImageRules) -> Image:
    """An image whose anomalies belong to a layer of one row, its outline."""
    place = without_unusable(np.array([outline_of(source)], dtype=object))
    outline = gpd.GeoDataFrame(geometry=place, crs=crs_of(source))
    return Image(path, source, rules, layer_of(outline, path.stem, file=path.name))


def outline_of(source: "DatasetReader") -> shapely.Polygon:
    """The outline of an image, in its CRS."""
    return shapely.Polygon(corners_of(source))


def corners_of(source: "DatasetReader") -> NDArray[np.float64]:
    """The four corners of an image, of shape (4, 2), in its CRS."""
    cols, rows = np.array([0, source.width, source.width, 0]), np.array([0, 0, source.height, source.height])
    return places_of(source, cols, rows)


def bounds_of(source: "DatasetReader") -> tuple[float, float, float, float]:
    """Bounds of an image, in its CRS; nan when its grid has no place."""
    return tuple(shapely.bounds(without_unusable(np.array([outline_of(source)], dtype=object)))[0].tolist())


def places_of(source: "DatasetReader", cols: ArrayLike, rows: ArrayLike) -> NDArray[np.float64]:
    """Coordinates, of shape (…, 2), of the upper left corner of pixels."""
    t = source.transform
    cols, rows = np.asarray(cols, dtype=float), np.asarray(rows, dtype=float)
    return np.stack([t.a * cols + t.b * rows + t.c, t.d * cols + t.e * rows + t.f], axis=-1)


def crs_of(source: "DatasetReader") -> CRS | None:
    """The CRS of an image, as geopandas has it."""
    return CRS.from_wkt(source.crs.to_wkt()) if source.crs else None
