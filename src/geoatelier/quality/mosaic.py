"""Polygons that should fit together: the pairs that share ground, and the ground left between them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geoatelier.quality.closeness import Pairs, close_pairs
from geoatelier.quality.outline import Outline, edges_of

MILLIMETRE = 0.001
_LEAST_FACE = 1e-6
_ALONG = np.array([0.02, 0.25, 0.5, 0.75, 0.98])
_TOUCHES = 0.01  # a polygon so near to a gap is one of its neighbours
_AROUND = 3.0  # widths of a slot: how far around it the ground is looked at, to close it as the whole does


@dataclass(frozen=True)
class Overlaps:
    """Pairs of polygons that share ground.

    Parameters
    ----------
    first, second : integers of shape (n,), positions of the two polygons, first < second
    common : the n shared surfaces
    area : float array of shape (n,), their areas in square units of the coordinates
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    common: NDArray[np.object_]
    area: NDArray[np.float64]


@dataclass(frozen=True)
class Gaps:
    """Bits of ground left empty between polygons.

    Parameters
    ----------
    surfaces : n polygons
    neighbours : for each, the positions of the polygons around it, two at least
    """

    surfaces: NDArray[np.object_]
    neighbours: list[NDArray[np.int64]]


class Mosaic:
    """Polygons looked at together.

    Parameters
    ----------
    polygons : array of shape (n,) of valid geometries; those that are not polygons, and None, are left out
    width : in units of the coordinates, of the slots that will be looked for
    crumbs : booleans of shape (n,): polygons too small to count where ground is said to be empty
    """

    def __init__(
        self,
        polygons: NDArray[np.object_],
        width: float = 0.0,
        crumbs: NDArray[np.bool_] | None = None,
    ) -> None:
        flat = (shapely.get_dimensions(polygons) == 2) & ~shapely.is_empty(polygons)
        small = np.zeros(len(polygons), dtype=bool) if crumbs is None else crumbs
        self.places, self.crumbs = np.flatnonzero(flat & ~small), np.flatnonzero(flat & small)
        self.polygons, self.shapes = polygons, polygons[self.places]
        self.width = width

    @cached_property
    def tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.shapes)

    @cached_property
    def outline(self) -> Outline:
        return edges_of(self.shapes).outline()

    @cached_property
    def pairs(self) -> Pairs:
        return close_pairs(self.outline, self.width)

    @cached_property
    def faces(self) -> NDArray[np.object_]:
        """What the edges of the outline enclose: polygons, each of them covered as many times all over."""
        crossing = np.unique(self.outline.chain[self.pairs.touching]) if len(self.pairs.touching) else []
        clear = np.delete(self.outline.lines, crossing)
        cut = shapely.get_parts(shapely.union_all(self.outline.lines[crossing]))
        faces = shapely.get_parts(shapely.polygonize(np.concatenate([clear, cut])))
        return faces[shapely.area(faces) > _LEAST_FACE]

    def depth(self, faces: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """By how many polygons each face is covered, and whether it is a thread too thin to be sure."""
        points = shapely.point_on_surface(faces)
        thin = 2 * shapely.area(faces) < MILLIMETRE * shapely.length(faces)
        # A face with a thread at its end may have its point in it, where edges are not told apart.
        doubtful = ~thin & (shapely.distance(points, shapely.boundary(faces)) < MILLIMETRE)
        points[doubtful] = shapely.get_point(shapely.maximum_inscribed_circle(faces[doubtful]), 0)
        face, _ = self.tree.query(points, predicate="intersects")
        return np.bincount(face, minlength=len(faces)), thin

    def overlaps(self, min_area: float) -> Overlaps:
        """Pairs of polygons that share more than `min_area`, by the order of their positions."""
        pairs = np.unique(np.concatenate([self._stacked(), self._under_crumbs()]), axis=0)
        common = shapely.intersection(self.polygons[pairs[:, 0]], self.polygons[pairs[:, 1]])
        area = shapely.area(common)
        kept = area > min_area
        first, second = pairs[kept].T
        return Overlaps(first, second, surfaces_of(common[kept]), area[kept])

    def _stacked(self) -> NDArray[np.int64]:
        """Pairs of polygons that meet, among those that reach a face covered more than once."""
        depth, thin = self.depth(self.faces)
        deep = self.faces[(depth > 1) | thin]
        here = np.unique(self.tree.query(deep, predicate="intersects")[1])
        pairs = shapely.STRtree(self.shapes[here]).query(self.shapes[here], predicate="intersects").T
        return self.places[here[pairs[pairs[:, 0] < pairs[:, 1]]]]

    def _under_crumbs(self) -> NDArray[np.int64]:
        """Pairs of a crumb and of what it meets."""
        small = self.polygons[self.crumbs]
        pairs = [
            np.column_stack([self.crumbs[crumb], among[met]])
            for among, (crumb, met) in (
                (self.places, self.tree.query(small, predicate="intersects")),
                (self.crumbs, shapely.STRtree(small).query(small, predicate="intersects")),
            )
        ]
        pairs = np.sort(np.concatenate(pairs), axis=1)
        return pairs[pairs[:, 0] < pairs[:, 1]]

    def empty_ground(self, max_area: float) -> NDArray[np.object_]:
        """Slots narrower than the width, and holes of `max_area` at most, joined where they touch."""
        small = self.faces[shapely.area(self.faces) <= max_area]
        depth, thin = self.depth(small)
        holes = small[(depth == 0) & ~thin]
        empty = shapely.union_all(np.concatenate([holes, *self._slots(holes)]), grid_size=MILLIMETRE)
        return shapely.get_parts(empty)

    def around(self, surfaces: NDArray[np.object_]) -> list[NDArray[np.int64]]:
        """Positions of the polygons around each surface, in order."""
        surface, shape = self.tree.query(surfaces, predicate="dwithin", distance=_TOUCHES)
        order = np.lexsort([shape, surface])
        cuts = np.searchsorted(surface[order], np.arange(1, len(surfaces)))
        return np.split(self.places[shape[order]], cuts) if len(surfaces) else []

    def _slots(self, holes: NDArray[np.object_]) -> list[NDArray[np.object_]]:
        """What a closing by the width fills outside `holes`, where edges of near polygons face each other."""
        beyond = ~self._within(holes)
        corners = self.pairs.boxes[beyond] + self.width * np.array([-1, -1, 1, 1])
        boxes = shapely.box(*corners.T)
        if not len(boxes):
            return []
        links = shapely.STRtree(boxes).query(boxes, predicate="intersects")
        graph = coo_array((np.ones(links.shape[1], dtype=bool), tuple(links)), shape=(len(boxes),) * 2)
        n, group = connected_components(graph, directed=False)
        box, shape = self.tree.query(boxes, predicate="dwithin", distance=np.sqrt(2) * _AROUND * self.width)
        near = np.unique(np.column_stack([group[box], shape]), axis=0)
        shapes_of = np.split(near[:, 1], np.searchsorted(near[:, 0], np.arange(1, n)))
        order = np.argsort(group, kind="stable")
        boxes_of = np.split(order, np.searchsorted(group[order], np.arange(1, n)))
        return [self._closed(shapes_of[i], corners[boxes_of[i]]) for i in range(n) if len(shapes_of[i]) > 1]

    def _within(self, holes: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Whether the strip between two edges that face each other is in one of the holes, all along."""
        start, end = self.pairs.middles[:, :1], self.pairs.middles[:, 1:]
        samples = start + _ALONG[:, None] * (end - start)
        found = np.full(len(samples) * len(_ALONG), -1)
        sample, hole = shapely.STRtree(holes).query(
            shapely.points(samples.reshape(-1, 2)), predicate="within"
        )
        found[sample] = hole
        found = found.reshape(-1, len(_ALONG))
        return (found[:, 0] >= 0) & (found == found[:, :1]).all(axis=1)

    def _closed(self, near: NDArray[np.int64], corners: NDArray[np.float64]) -> NDArray[np.object_]:
        """The slots between the polygons `near` that reach one of the boxes with these `corners`."""
        reach = self.width * np.array([-1, -1, 1, 1]) * _AROUND
        window = np.append(corners[:, :2].min(axis=0), corners[:, 2:].max(axis=0)) + reach
        covered = shapely.union_all(shapely.clip_by_rect(self.shapes[near], *window))
        grown = shapely.buffer(covered, self.width / 2, join_style="mitre")
        closed = shapely.buffer(grown, -self.width / 2, join_style="mitre")
        slots = shapely.get_parts(shapely.difference(closed, covered, grid_size=MILLIMETRE))
        boxes = shapely.box(*corners.T)
        return slots[np.unique(shapely.STRtree(slots).query(boxes, predicate="intersects")[1])]


def surfaces_of(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Collections that hold a surface without their points and lines; other geometries as they are."""
    mixed = shapely.get_type_id(geometries) == shapely.GeometryType.GEOMETRYCOLLECTION
    mixed &= shapely.get_dimensions(geometries) == 2
    if mixed.any():
        geometries = geometries.copy()
        geometries[mixed] = shapely.buffer(geometries[mixed], 0)
    return geometries
