"""Which coordinates can be computed with, and which are no number, infinite, or too large to be a place."""

import numpy as np
import shapely
from numpy.typing import NDArray

# No coordinate on Earth is longer, in any unit; the cube of a larger number soon leaves double precision.
LARGEST = 1e30
_MAY_HOLD_POINTS = (
    shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT, shapely.GeometryType.GEOMETRYCOLLECTION,
)  # fmt: skip


def finite(geometries: NDArray[np.object_]) -> NDArray[np.bool_]:
    """True where every x and y of a geometry is usable; None and empty geometries have none wrong.

    Parameters
    ----------
    geometries : array of shape (n,)
    """
    # A length is finite only where all its coordinates are, and costs no copy of them; points have none.
    sure = shapely.is_missing(geometries) | (shapely.length(geometries) < LARGEST)
    doubtful = np.flatnonzero(~sure | np.isin(shapely.get_type_id(geometries), _MAY_HOLD_POINTS))
    coordinates, owner = shapely.get_coordinates(geometries[doubtful], return_index=True)
    sound = np.ones(len(geometries), dtype=bool)
    sound[doubtful[owner[~usable(coordinates).all(axis=1)]]] = False
    return sound


def usable(coordinates: NDArray[np.float64]) -> NDArray[np.bool_]:
    """True for a number whose size is below `LARGEST`; same shape."""
    return np.abs(coordinates) < LARGEST


def without_unusable(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """The same geometries, None in the place of those that have an unusable coordinate.

    Parameters
    ----------
    geometries : array of shape (n,)
    """
    sound = finite(geometries)
    return geometries if sound.all() else np.where(sound, geometries, None)
