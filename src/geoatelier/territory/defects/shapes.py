"""Ways to spoil a polygon, as drawing tools, exports and hasty cuts do. Everything is in metres.

Each function returns the spoilt geometry, with the place of the error where it is not the whole of it, or
None where this polygon does not lend itself to it. A spoilt polygon stays inside its true outline unless its
docstring says otherwise, so that no function adds an overlap by the way.
"""

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]

# Square metres: below this, two polygons that share an edge only touch.
TOUCHING = 0.01


def bow_tie(polygon: Polygon) -> tuple[Polygon, Point] | None:
    """Swap two consecutive vertices, so that the outline crosses itself; the error is the crossing."""
    ring = open_ring(polygon)
    count = len(ring)
    sides = np.linalg.norm(np.roll(ring, -1, axis=0) - ring, axis=1)
    for i in np.argsort(-sides):
        before, after = ring[i - 1], ring[(i + 2) % count]
        crossing = shapely.intersection(
            LineString([before, ring[(i + 1) % count]]), LineString([ring[i], after])
        )
        if crossing.geom_type != "Point":
            continue
        swapped = ring.copy()
        swapped[[i, (i + 1) % count]] = swapped[[(i + 1) % count, i]]
        crossed = Polygon(swapped, polygon.interiors)
        if (
            not crossed.is_valid
            and shapely.area(shapely.difference(shapely.make_valid(crossed), polygon)) < TOUCHING
        ):
            return crossed, crossing
    return None


def kickback(polygon: Polygon, length: float, rng: np.random.Generator) -> tuple[Polygon, LineString]:
    """Let the outline leave the middle of a side for `length` metres outside, then come back on its steps."""
    ring = open_ring(polygon)
    i = int(rng.integers(len(ring)))
    start, end = ring[i], ring[(i + 1) % len(ring)]
    middle = (start + end) / 2
    tip = middle + length * outward(start, end)
    return Polygon(np.insert(ring, i + 1, [middle, tip, middle], axis=0), polygon.interiors), LineString(
        [middle, tip]
    )


def spikes(
    polygon: Polygon, length: float, base: float, rng: np.random.Generator
) -> Iterator[tuple[Polygon, Polygon]]:
    """Each way to plant, outside, a needle of `length` metres, `base` wide at its foot; it comes second.

    The needle starts from a vertex, so that a neighbour's edge is left as it is.
    """
    ring = open_ring(polygon)
    for i in rng.permutation(len(ring)):
        start, end = ring[i], ring[(i + 1) % len(ring)]
        side = np.linalg.norm(end - start)
        if side < 10 * base:
            continue
        foot = start + (end - start) * base / side
        tip = start + length * outward(start, end)
        needle = Polygon([start, tip, foot])
        spiked = Polygon(np.insert(ring, i + 1, [tip, foot], axis=0), polygon.interiors)
        if spiked.is_valid and shapely.area(shapely.intersection(needle, polygon)) < TOUCHING:
            yield spiked, needle


def repeat_vertex(polygon: Polygon, times: int, rng: np.random.Generator) -> tuple[Polygon, Point]:
    """Write one vertex `times` more times."""
    ring = open_ring(polygon)
    i = int(rng.integers(1, len(ring)))
    return Polygon(np.insert(ring, i, [ring[i]] * times, axis=0), polygon.interiors), Point(ring[i])


def cut_in_two(polygon: Polygon, width: float) -> MultiPolygon | None:
    """Take a lane of `width` metres out of the middle, across the long side, and keep both parts as one."""
    frame = shapely.minimum_rotated_rectangle(polygon)
    corners = open_ring(frame)
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    long = int(np.argmax(sides[:2]))
    ends = [(corners[i] + corners[(i + 1) % 4]) / 2 for i in (long, long + 2)]
    lane = shapely.buffer(LineString(ends), width / 2, cap_style="square")
    parts = shapely.difference(polygon, lane)
    if parts.geom_type != "MultiPolygon" or len(parts.geoms) != 2:
        return None
    if min(part.area for part in parts.geoms) < 0.2 * polygon.area:
        return None
    return parts


def pull_back(polygon: Polygon, neighbour: Polygon, width: float) -> tuple[Polygon, BaseGeometry] | None:
    """Draw the polygon `width` metres back from a neighbour; the error is the empty strip."""
    back = shapely.difference(polygon, shapely.buffer(neighbour, width, join_style="mitre"))
    if back.geom_type != "Polygon" or back.area < 0.5 * polygon.area:
        return None
    return back, shapely.difference(polygon, back)


def push_into(polygon: Polygon, neighbour: Polygon, width: float) -> tuple[Polygon, BaseGeometry] | None:
    """Let the polygon bite `width` metres into a neighbour that it touches; the error is the overlap."""
    bite = shapely.intersection(shapely.buffer(polygon, width, join_style="mitre"), neighbour)
    pushed = shapely.union(polygon, bite)
    if pushed.geom_type != "Polygon" or len(pushed.interiors) > len(polygon.interiors) or not pushed.is_valid:
        return None
    overlap = shapely.intersection(pushed, neighbour)
    if overlap.geom_type != "Polygon" or not width**2 < overlap.area < 0.5 * neighbour.area:
        return None
    return pushed, overlap


def redraw(polygon: Polygon, inset: float) -> Polygon | None:
    """Draw the same outline again, `inset` metres inside and with fewer vertices, as two surveyors would."""
    again = shapely.simplify(shapely.buffer(polygon, -inset, join_style="mitre"), inset / 3)
    if again.geom_type != "Polygon" or not again.is_valid or again.area < 0.8 * polygon.area:
        return None
    return shapely.intersection(again, polygon) if shapely.covers(polygon, again) else None


def slivers(polygon: Polygon, length: float, width: float, rng: np.random.Generator) -> Iterator[Polygon]:
    """Each splinter `width` metres wide that lies outside, along `length` metres of outline or more."""
    ring = open_ring(polygon)
    count = len(ring)
    for start in rng.permutation(count):
        run = ring[np.arange(start, start + count) % count]
        walked = np.cumsum(np.linalg.norm(np.diff(run, axis=0), axis=1))
        stop = int(np.searchsorted(walked, length)) + 2
        if stop > count // 2 + 1 or walked[stop - 2] > 2 * length:
            continue
        # Outside is on the right of a ring that turns anticlockwise.
        strip = shapely.buffer(LineString(run[:stop]), -width, single_sided=True, join_style="mitre")
        if strip.geom_type == "Polygon" and strip.is_valid:
            yield strip


def crumbs(polygon: Polygon, side: float, rng: np.random.Generator) -> Iterator[Polygon]:
    """Each triangle of about `side` metres that lies two metres outside, off the middle of a side."""
    ring = open_ring(polygon)
    for i in rng.permutation(len(ring)):
        start, end = ring[i], ring[(i + 1) % len(ring)]
        middle = (start + end) / 2 + 2 * outward(start, end)
        angle = rng.uniform(0, 2 * np.pi) + np.array([0, 2.1, 4.2])
        yield Polygon(middle + side / np.sqrt(3) * np.column_stack([np.cos(angle), np.sin(angle)]))


def slide_onto(
    shape: BaseGeometry, neighbour: BaseGeometry, depth: float
) -> tuple[BaseGeometry, BaseGeometry] | None:
    """Slide a shape until it enters a neighbour by `depth` metres; it leaves its true outline."""
    near, far = (np.array(point.coords[0]) for point in shapely.ops.nearest_points(shape, neighbour))
    gap = np.linalg.norm(far - near)
    if gap == 0:
        return None
    moved = move(shape, *((far - near) / gap * (gap + depth)))
    overlap = shapely.intersection(moved, neighbour)
    if overlap.geom_type != "Polygon" or not 1 < overlap.area < 0.6 * min(shape.area, neighbour.area):
        return None
    return moved, overlap


def move(geometry: BaseGeometry, east: float, north: float) -> BaseGeometry:
    """Translate a geometry by metres, and keep its coordinates to the centimetre."""
    return shapely.transform(geometry, lambda points: (points + np.array([east, north])).round(2))


def open_ring(polygon: Polygon) -> Floats:
    """Vertices of the outer ring, turning anticlockwise, the first one not repeated at the end."""
    return shapely.get_coordinates(shapely.orient_polygons(polygon).exterior)[:-1]


def outward(start: Floats, end: Floats) -> Floats:
    """Unit vector that leaves a side of an anticlockwise ring."""
    east, north = (end - start) / np.linalg.norm(end - start)
    return np.array([north, -east])
