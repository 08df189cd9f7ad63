"""Turn overlapping layers into an exact partition: every metre of ground has one class and no more."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely import Polygon

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Layer = tuple[Geometries, Integers]

# Everything is noded on this grid, in metres: neighbours share the very same vertices.
PRECISION = 0.001
# What is too small melts from the smallest up, so that crumbs gather before they meet a large neighbour.
_ROUNDS_M2 = (5.0, 50.0, 200.0, 500.0, np.inf)


def partition(ground: Polygon, layers: Sequence[Layer], smallest: Floats) -> Layer:
    """Cut the ground by the outlines of layers, class each face, and melt what is too small.

    Parameters
    ----------
    ground : what to partition, in metres
    layers : polygons and their classes, the first on top; together they cover the ground
    smallest : array of shape (n_classes,), least area of a polygon of each class, in m²

    Returns
    -------
    Polygons that cover the ground with no gap and no overlap, and their classes. A polygon that is too small
    joins the neighbour with which it shares the longest border; neighbours have different classes.

    Raises
    ------
    ValueError
        If a part of the ground is under no layer.
    """
    faces = _faces(ground, [polygons for polygons, _ in layers])
    classes = _top_class(faces, layers)
    zone, class_of_zone = _melted(classes, shapely.area(faces), _borders(faces), smallest)
    order = np.argsort(zone, kind="stable")
    groups = np.split(faces[order], np.flatnonzero(np.diff(zone[order])) + 1)
    polygons = np.array([shapely.coverage_union_all(group) for group in groups], dtype=object)
    # Vertices where a melted line used to arrive are of no use now; the outer border keeps all of its own.
    return shapely.coverage_simplify(polygons, 1.0, simplify_boundary=False), class_of_zone


def _faces(ground: Polygon, layers: Sequence[Geometries]) -> Geometries:
    """Faces of the ground between all outlines."""
    outlines = shapely.boundary(np.concatenate([np.array([ground], dtype=object), *layers]))
    noded = shapely.union_all(outlines, grid_size=PRECISION)
    faces = shapely.get_parts(shapely.polygonize([noded]))
    shapely.prepare(ground)
    return faces[shapely.contains(ground, shapely.point_on_surface(faces))]


def _top_class(faces: Geometries, layers: Sequence[Layer]) -> Integers:
    """Class of the first layer above each face."""
    points = shapely.point_on_surface(faces)
    classes = np.full(len(faces), -1)
    for polygons, codes in layers:
        waiting = np.flatnonzero(classes < 0)
        # The polygons are the queries, because a query is prepared and what it is put to is not.
        polygon, hit = shapely.STRtree(points[waiting]).query(polygons, predicate="intersects")
        # Where polygons of one layer overlap the first has it.
        classes[waiting[hit[::-1]]] = codes[polygon[::-1]]
    large = shapely.area(faces) > 1
    if (classes[large] < 0).any():
        bare = points[large][classes[large] < 0][0]
        raise ValueError(f"no layer covers the ground at {bare.x:.1f}, {bare.y:.1f}")
    return np.maximum(classes, 0)


def _borders(faces: Geometries) -> coo_array:
    """Length of border between faces: sparse and symmetric, shape (n_faces, n_faces)."""
    rings, face = shapely.get_rings(faces, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    points = np.round(points / PRECISION).astype(np.int64)
    same = ring[1:] == ring[:-1]
    start, end, face = points[:-1][same], points[1:][same], face[ring[:-1][same]]
    flip = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    segments = np.where(flip[:, None], np.hstack([end, start]), np.hstack([start, end]))
    order = np.lexsort(segments.T)
    segments, face = segments[order], face[order]
    twin = np.flatnonzero((segments[1:] == segments[:-1]).all(axis=1))
    length = np.hypot(*(segments[twin, :2] - segments[twin, 2:]).T) * PRECISION
    first, second = face[twin], face[twin + 1]
    pairs = (np.concatenate([first, second]), np.concatenate([second, first]))
    return coo_array((np.concatenate([length, length]), pairs), shape=(len(faces), len(faces)))


def _melted(
    classes: Integers, areas: Floats, borders: coo_array, smallest: Floats
) -> tuple[Integers, Integers]:
    """Zone of each face once small zones have joined their neighbours, and the class of each zone."""
    zone = np.arange(len(classes))
    for limit in _ROUNDS_M2:
        while True:
            zone, classes, areas, borders = _joined_twins(zone, classes, areas, borders)
            small = np.flatnonzero(areas < np.minimum(smallest[classes], limit))
            small = small[np.isin(small, borders.row)]
            if not len(small):
                break
            longest = _longest_border(borders, len(classes))
            link = coo_array((np.ones(len(small)), (small, longest[small])), shape=borders.shape)
            zone, classes, areas, borders = _merged(link, zone, classes, areas, borders)
    return zone, classes


def _joined_twins(
    zone: Integers, classes: Integers, areas: Floats, borders: coo_array
) -> tuple[Integers, Integers, Floats, coo_array]:
    """Zones with every pair of neighbours of one class made one."""
    twins = classes[borders.row] == classes[borders.col]
    link = coo_array((borders.data[twins], (borders.row[twins], borders.col[twins])), shape=borders.shape)
    return _merged(link, zone, classes, areas, borders)


def _merged(
    link: coo_array, zone: Integers, classes: Integers, areas: Floats, borders: coo_array
) -> tuple[Integers, Integers, Floats, coo_array]:
    """Zones after merging linked ones; the largest gives its class."""
    count, label = connected_components(link, directed=False)
    largest = np.zeros(count, dtype=np.int64)
    by_area = np.argsort(areas, kind="stable")
    largest[label[by_area]] = by_area
    row, col = label[borders.row], label[borders.col]
    outer = row != col
    merged = coo_array((borders.data[outer], (row[outer], col[outer])), shape=(count, count))
    merged.sum_duplicates()
    return label[zone], classes[largest], np.bincount(label, areas, count), merged


def _longest_border(borders: coo_array, count: int) -> Integers:
    """For each zone, the neighbour with which it shares the longest border; itself if it has none."""
    longest = np.arange(count)
    order = np.argsort(borders.data, kind="stable")
    longest[borders.row[order]] = borders.col[order]
    return longest
