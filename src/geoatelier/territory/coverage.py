"""From a raster of classes to a coverage of polygons that does not show its pixels."""

import json

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import shapes, sieve

from geoatelier.territory.noise import fractal_noise

# Overlays of many layers are made on this grid, in metres: exact arithmetic on doubles may fail them.
CENTIMETRE = 0.01
# Size and reach of the bends, in metres.
_BEND_SIZE, _BEND_REACH = 55.0, 2.5


def trace_classes(
    classes: NDArray[np.uint8],
    transform: Affine,
    *,
    smallest: float,
    tolerance: float,
    rng: np.random.Generator,
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Polygons of the patches of a raster, simplified and bent together: neighbours still share their edges.

    Parameters
    ----------
    classes : array of shape (rows, columns)
    transform : of square pixels, in metres
    smallest : patches below this area in m² join their largest neighbour
    tolerance : of the simplification, in metres

    Returns
    -------
    Polygons, and the class of each.
    """
    pixel = transform.a
    classes = sieve(classes, round(smallest / pixel**2), connectivity=4)
    found = list(shapes(classes, connectivity=4, transform=transform))
    stairs = shapely.from_geojson([json.dumps(outline) for outline, _ in found])
    # A vertex at each pixel: three patches that meet then share one, and the coverage is valid.
    simple = shapely.coverage_simplify(shapely.segmentize(stairs, pixel), tolerance)
    return _bent(simple, rng), np.array([int(value) for _, value in found])


def polygon_parts(geometry: shapely.Geometry | NDArray[np.object_]) -> NDArray[np.object_]:
    """The polygons in a geometry, or in several, without the lines and points that an overlay may leave."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    return parts[(shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)]


def _bent(polygons: NDArray[np.object_], rng: np.random.Generator) -> NDArray[np.object_]:
    """The same coverage moved by smooth noise, which hides the axes of its grid."""
    dense = shapely.segmentize(polygons, 15.0)
    x, y = shapely.get_coordinates(dense).T
    dx, dy = (_BEND_REACH * fractal_noise(x, y, rng, size=_BEND_SIZE, octaves=2) for _ in range(2))
    return shapely.set_coordinates(dense, np.column_stack([x + dx, y + dy]))
