"""Where an anomaly can be shown: usable geometries, and one point for each."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError


def has_place(geometries: NDArray[np.object_]) -> NDArray[np.bool_]:
    """True where a geometry exists, is not empty, and has only finite coordinates.

    Parameters
    ----------
    geometries : shape (n,)

    Returns
    -------
    Booleans of shape (n,)
    """
    present = ~(shapely.is_missing(geometries) | shapely.is_empty(geometries))
    coordinates, owners = shapely.get_coordinates(geometries, return_index=True)
    present[owners[~np.isfinite(coordinates).all(axis=1)]] = False
    return present


def points_of(geometries: NDArray[np.object_]) -> NDArray[np.float64]:
    """A point of each geometry, on it where the geometry is valid, at the middle of its extent elsewhere.

    Parameters
    ----------
    geometries : shape (n,)

    Returns
    -------
    Coordinates of shape (n, 2) in the system of `geometries`, nan where there is no place
    """
    placed = has_place(geometries)
    points = np.full((len(geometries), 2), np.nan)
    bounds = shapely.bounds(geometries[placed])
    points[placed] = (bounds[:, :2] + bounds[:, 2:]) / 2
    sound = np.flatnonzero(placed)[shapely.is_valid(geometries[placed])]
    on_it = shapely.point_on_surface(geometries[sound])
    points[sound] = np.column_stack([shapely.get_x(on_it), shapely.get_y(on_it)])
    return points


def in_degrees(points: NDArray[np.float64], crs: CRS | None) -> NDArray[np.float64]:
    """Longitude and latitude (WGS 84) of points; nan where they, or their system, are not known.

    Parameters
    ----------
    points : shape (n, 2), in `crs`

    Returns
    -------
    Degrees of shape (n, 2)
    """
    if crs is None or not len(points):
        return np.full(points.shape, np.nan)
    try:
        transformer = Transformer.from_crs(crs, 4326, always_xy=True)
    except ProjError:  # a local system, that the Earth knows nothing of
        return np.full(points.shape, np.nan)
    degrees = np.column_stack(transformer.transform(*points.T))
    # A swapped or absurd coordinate has no longitude: proj answers with infinity, or out of the globe.
    usable = np.isfinite(degrees).all(axis=1) & (np.abs(degrees) <= (180, 90)).all(axis=1)
    degrees[~usable] = np.nan
    return degrees


def system_code(anomalies: gpd.GeoDataFrame) -> str | None:
    """« EPSG:2154 », else the name of the system of the anomalies, or None when they have none."""
    crs = anomalies.crs
    if crs is None:
        return None
    authority = crs.to_authority()
    return ":".join(authority) if authority else crs.name
