"""The plan of a town: how far it spreads, and how streets cut it into blocks."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from contourpy import contour_generator
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter
from shapely import LineString, Point, Polygon
from shapely.ops import split, substring

from geoatelier.territory.world import Terrain

Floats = NDArray[np.float64]

_NEVER = 9000.0
_TRIES = 15


@dataclass(frozen=True)
class Cut:
    """A street that cuts a block in two: its line, and how many cuts came before it."""

    line: LineString
    depth: int


def town_outline(
    terrain: Terrain,
    site: Point,
    hectares: float,
    rng: np.random.Generator,
    *,
    shore: float,
    along_shore: float = 0,
) -> Polygon:
    """Ground of a town of a given area: it spreads around its site, less on slopes, and never to the water.

    Parameters
    ----------
    shore : metres left between the town and the sea
    along_shore : how much the town prefers the sea front (0: not at all)
    """
    rows, columns, x, y = _window(terrain, site, 700)
    slope = gaussian_filter(terrain.slope[rows, columns], 2)
    sea = distance_transform_edt(terrain.land[rows, columns]) * terrain.grid.pixel
    dx, dy = x[None, :] - site.x, y[:, None] - site.y
    angle = np.arctan2(dy, dx)
    wobble = 1 + sum(
        rng.uniform(0, 0.22 / k) * np.cos(k * angle + rng.uniform(0, 2 * np.pi)) for k in (2, 3, 5)
    )
    effort = np.hypot(np.hypot(dx, dy), along_shore * sea) * (1 + (slope / 13) ** 2) * wobble
    effort = gaussian_filter(effort, 1)
    effort[[0, -1], :] = effort[:, [0, -1]] = _NEVER
    contours = contour_generator(x, y, effort)
    dry = terrain.coast.buffer(-shore)

    def spread(level: float) -> Polygon:
        rings = [Polygon(line) for line in contours.lines(level) if len(line) > 3]
        around = [ring for ring in rings if ring.contains(site)]
        if not around:
            return Polygon()
        rounded = max(around, key=lambda ring: ring.area).buffer(0).intersection(dry)
        rounded = rounded.buffer(-9).buffer(18).buffer(-9)
        parts = [Polygon(part.exterior) for part in shapely.get_parts(rounded)]
        return max(parts, key=lambda part: part.area, default=Polygon())

    low, high = 20.0, 1500.0
    for _ in range(14):
        middle = (low + high) / 2
        low, high = (low, middle) if spread(middle).area > hectares * 1e4 else (middle, high)
    return spread(high).simplify(1.0)


def cut_into_blocks(
    ground: Polygon,
    streets: shapely.Geometry,
    target: Callable[[Point], float],
    rng: np.random.Generator,
    *,
    narrowest: float,
) -> list[Cut]:
    """Cut a piece of ground across its length again and again, by streets a little askew and bent.

    Each street starts from an older one, so streets meet in T, as they do in towns that nobody planned.

    Parameters
    ----------
    ground : what is to be cut
    streets : lines on its edge from which the first street may start
    target : area wanted for a block, in m², from its centre
    narrowest : width under which a block is not cut lengthwise, in metres

    Returns
    -------
    The new streets, oldest first
    """
    cuts: list[Cut] = []
    waiting = [(ground, streets, 0)]
    while waiting:
        piece, around, depth = waiting.pop(0)
        if piece.area < 1.6 * target(piece.centroid) * rng.uniform(0.8, 1.5):
            continue
        if piece.interiors:
            parts, lines = _cut_ring(piece, rng)
        else:
            parts, lines = _cut_across(piece, around, rng, narrowest)
        cuts.extend(Cut(line, depth) for line in lines)
        around = shapely.union_all([around, *lines])
        waiting.extend((part, around, depth + 1) for part in parts)
    return cuts


def _cut_ring(piece: Polygon, rng: np.random.Generator) -> tuple[list[Polygon], list[LineString]]:
    """Open the ground around an old town by two streets that start from it, away from each other."""
    hole = max((Polygon(ring) for ring in piece.interiors), key=lambda ring: ring.area)
    angle = rng.uniform(0, np.pi)
    reach = np.hypot(*np.subtract(piece.bounds[2:], piece.bounds[:2]))
    middle = np.array(hole.centroid.coords[0])
    line = _bent(middle, np.array([np.cos(angle), np.sin(angle)]), reach, rng)
    streets = [part for part in shapely.get_parts(line.intersection(piece)) if part.distance(hole) < 0.05]
    return [part for part in split(piece, line).geoms if part.geom_type == "Polygon"], streets


def _cut_across(
    piece: Polygon, streets: shapely.Geometry, rng: np.random.Generator, narrowest: float
) -> tuple[list[Polygon], list[LineString]]:
    """Two halves and the line between them, or nothing where the piece is too narrow for a street."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(piece))
    sides = np.diff(corners[:3], axis=0)
    lengths = np.hypot(*sides.T)
    middle = corners[:4].mean(axis=0)
    for attempt in range(_TRIES):
        # Across the length first; along it where no street can be reached otherwise.
        side = int(lengths.argmax()) if attempt < _TRIES * 2 / 3 else int(lengths.argmin())
        if lengths[side] < 2 * narrowest:
            continue
        along = sides[side] / lengths[side]
        angle = np.arctan2(along[0], -along[1]) + rng.normal(0, np.radians(9))
        # Further from the middle, the more tries have failed.
        start = middle + along * lengths[side] * rng.uniform(-1, 1) * (0.16 + 0.02 * attempt)
        line = _bent(start, np.array([np.cos(angle), np.sin(angle)]), lengths.sum(), rng)
        for inside in shapely.get_parts(line.intersection(piece)):
            if inside.geom_type != "LineString" or shapely.distance(inside.boundary, streets) > 0.05:
                continue
            if substring(inside, 0.3, 0.7, normalized=True).distance(streets) < 0.4 * narrowest:
                continue
            parts = [part for part in split(piece, _lengthened(inside)).geoms if part.geom_type == "Polygon"]
            if len(parts) == 2 and min(part.area for part in parts) > 0.22 * piece.area:
                return parts, [inside]
    return [], []


def _lengthened(line: LineString) -> LineString:
    """A line pulled a little beyond its ends, so that it surely crosses what it ends on."""
    points = shapely.get_coordinates(line)
    before, after = points[0] - points[1], points[-1] - points[-2]
    first = points[0] + 0.2 * before / np.hypot(*before)
    last = points[-1] + 0.2 * after / np.hypot(*after)
    return LineString(np.vstack([first, points[1:-1], last]))


def _bent(middle: Floats, direction: Floats, length: float, rng: np.random.Generator) -> LineString:
    """A line through a point, a little curved."""
    t = np.linspace(-0.75, 0.75, 13)
    sag = length * rng.normal(0, 0.018) * np.cos(np.pi * t) + length * rng.normal(0, 0.008) * np.sin(
        2 * np.pi * t
    )
    normal = np.array([-direction[1], direction[0]])
    return LineString(middle + np.outer(t * length, direction) + np.outer(sag, normal))


def _window(terrain: Terrain, site: Point, reach: float) -> tuple[slice, slice, Floats, Floats]:
    """Rows and columns within reach of a site, and their coordinates."""
    x, y = terrain.grid.centres()
    columns = np.flatnonzero(np.abs(x - site.x) < reach)
    rows = np.flatnonzero(np.abs(y - site.y) < reach)
    columns, rows = slice(columns[0], columns[-1] + 1), slice(rows[0], rows[-1] + 1)
    return rows, columns, x[columns], y[rows]
