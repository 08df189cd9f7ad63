"""The ground that features stand on: what is free, what is taken."""

from collections.abc import Collection

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geoatelier.territory.defects.shapes import TOUCHING


class Ground:
    """Where the polygons of a clean layer lie, and those that defects have added or moved since.

    Parameters
    ----------
    polygons : polygons of the clean layer, array of shape (n,), in metres
    """

    def __init__(self, polygons: NDArray[np.object_]) -> None:
        self.polygons = polygons
        self.tree = shapely.STRtree(polygons)
        self._added: list[BaseGeometry] = []

    def take(self, *shapes: BaseGeometry) -> None:
        """Remember polygons that defects put where nothing was."""
        self._added.extend(shapes)

    def is_free(self, shape: BaseGeometry, but: Collection[int] = ()) -> bool:
        """Whether a shape overlaps no clean polygon, those of `but` aside, and meets none that was added."""
        near = np.setdiff1d(self.tree.query(shape, predicate="intersects"), list(but))
        common = shapely.intersection(self.polygons[near], shape)
        if (shapely.area(common) >= TOUCHING).any():
            return False
        return not shapely.intersects(np.array(self._added, dtype=object), shape).any()
