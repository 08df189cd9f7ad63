"""Which neighbour shares the longest border, and how to give it a bit of ground without a crack between."""

import numpy as np
import shapely
from numpy.typing import NDArray

TOUCHING = 0.01  # m; two borders nearer than this are one
_LEAST = 0.1  # m of common border, below which two polygons only touch at a corner


def longest_border(
    pieces: NDArray[np.object_], polygons: NDArray[np.object_]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each piece of ground, the polygon with which it shares the longest border.

    Parameters
    ----------
    pieces : n polygons
    polygons : m polygons, None for those that may not be chosen

    Returns
    -------
    positions in `polygons`, of shape (n,), -1 where no polygon touches; and metres of common border, (n,)
    """
    piece, polygon = shapely.STRtree(polygons).query(pieces, predicate="dwithin", distance=TOUCHING)
    common = shapely.length(
        shapely.intersection(
            shapely.boundary(pieces[piece]), shapely.buffer(polygons[polygon], TOUCHING, join_style="mitre")
        )
    )
    best = np.full(len(pieces), -1)
    longest = np.zeros(len(pieces))
    kept = common > _LEAST
    piece, polygon, common = piece[kept], polygon[kept], common[kept]
    order = np.lexsort((-polygon, common))  # the longest last, the first polygon last among equals
    best[piece[order]] = polygon[order]
    longest[piece[order]] = common[order]
    return best, longest


def annexed(
    polygon: shapely.Geometry, piece: shapely.Geometry, others: NDArray[np.object_] | None = None
) -> shapely.Geometry:
    """A polygon with a piece of ground added, without a crack between the two.

    Parameters
    ----------
    others : polygons up to whose border the piece goes, whatever is left of it within `TOUCHING` of them
    """
    wide = shapely.buffer(piece, TOUCHING, join_style="mitre")
    if others is not None:
        return shapely.union(polygon, shapely.difference(wide, shapely.union_all(others)))
    united = shapely.union(polygon, piece)
    if shapely.get_num_geometries(united) == shapely.get_num_geometries(polygon):
        return united
    crack = shapely.intersection(wide, shapely.buffer(polygon, TOUCHING, join_style="mitre"))
    return shapely.union(united, crack)
