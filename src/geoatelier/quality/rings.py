"""Geometries taken apart, down to the runs of vertices that draw them."""

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray


class Runs(NamedTuple):
    """Runs of vertices: rings of polygons, lines, points.

    Parameters
    ----------
    shapes : m geometries, each with one run; a polygon without a hole stands for its ring
    owner : integers of shape (m,), in order: position of the geometry that each comes from
    hole : booleans of shape (m,)
    """

    shapes: NDArray[np.object_]
    owner: NDArray[np.int64]
    hole: NDArray[np.bool_]


def pieces_of(geometries: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """The pieces of each geometry, with the position that each comes from, in order; None stays one piece."""
    pieces, owner = geometries, np.arange(len(geometries))
    while (several := shapely.get_type_id(pieces) >= shapely.GeometryType.MULTIPOINT).any():
        parts, collection = shapely.get_parts(pieces[several], return_index=True)
        place = np.concatenate([np.flatnonzero(~several), np.flatnonzero(several)[collection]])
        order = np.argsort(place, kind="stable")
        pieces = np.concatenate([pieces[~several], parts])[order]
        owner = owner[place[order]]
    return pieces, owner


def runs_of(geometries: NDArray[np.object_]) -> Runs:
    """The runs of vertices of each geometry, shell before holes; None stays, with no vertex."""
    pieces, owner = pieces_of(geometries)
    holed = shapely.get_num_interior_rings(pieces) > 0
    if not holed.any():
        return Runs(pieces, owner, np.zeros(len(pieces), dtype=bool))
    rings, polygon = shapely.get_rings(pieces[holed], return_index=True)
    piece = np.concatenate([np.flatnonzero(~holed), np.flatnonzero(holed)[polygon]])
    order = np.argsort(piece, kind="stable")
    inner = np.append(False, np.diff(polygon) == 0)
    hole = np.concatenate([np.zeros(np.count_nonzero(~holed), dtype=bool), inner])
    return Runs(np.concatenate([pieces[~holed], rings])[order], owner[piece[order]], hole[order])
