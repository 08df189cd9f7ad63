"""The quarters of towns and hamlets, and the streets that cut them into blocks."""

from dataclasses import dataclass, replace

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from shapely import LineString, MultiPolygon, Point, Polygon
from shapely.ops import substring

from geoatelier.territory.roads import Way
from geoatelier.territory.sampling import cells_at
from geoatelier.territory.sites import VILLAGES
from geoatelier.territory.towns import cut_into_blocks, town_outline
from geoatelier.territory.world import Terrain

Floats = NDArray[np.float64]

# The quay runs this far from the water, in metres.
_QUAY = 11.0
_SHORE = 25.0
# Hamlets are added until towns and hamlets take this much ground, in hectares.
_BUILT_HA = 118.0
# Ground steeper than this, in degrees, is left out of new quarters.
_STEEPEST = 14.0


@dataclass(frozen=True)
class Quarter:
    """Built ground: an old town ("core"), the new quarters around it ("outskirts") or a hamlet ("hamlet")."""

    ground: Polygon | MultiPolygon
    kind: str
    site: Point


def old_towns(terrain: Terrain, villages: GeoDataFrame, rng: np.random.Generator) -> list[Polygon]:
    """Ground of the old town of each village, in the order of `villages`; the port's lies along its quay."""
    return [
        town_outline(
            terrain, site, village.core, rng, shore=_QUAY, along_shore=1.0 if village.rank == 1 else 0.0
        )
        for site, village in zip(villages.geometry, VILLAGES, strict=True)
    ]


def old_streets(
    terrain: Terrain, cores: list[Polygon], villages: GeoDataFrame, rng: np.random.Generator
) -> list[Way]:
    """Rings, quays, streets and piers of the old towns."""
    ways: list[Way] = []
    for site, core in zip(villages.geometry, cores, strict=True):
        ways += _core_streets(terrain, core, site, rng)
    return ways + _piers(terrain, cores[0])


def gateways(core: Polygon, streets: list[Way]) -> Floats:
    """Points of a ring where a street of the old town ends, some 45 m apart, in order round it."""
    ends = shapely.get_coordinates([way.line.boundary for way in streets if way.place == "core"])
    ring = core.exterior
    points = shapely.points(ends)
    points = points[shapely.distance(ring, points) < 0.05]
    places = np.sort(ring.project(points))
    kept: list[float] = []
    for place in places:
        if not kept or place - kept[-1] > 45:
            kept.append(place)
    return shapely.get_coordinates(ring.interpolate(np.array(kept))).round(1)


def new_quarters(
    terrain: Terrain, villages: GeoDataFrame, cores: list[Polygon], ways: list[Way], rng: np.random.Generator
) -> tuple[list[Quarter], list[Way]]:
    """Lay out new quarters around old towns, and hamlets along the roads.

    Parameters
    ----------
    cores : from `old_towns`
    ways : streets of old towns and ways of the country

    Returns
    -------
    quarters : old and new; they do not overlap
    streets : of the new quarters
    """
    quarters = [Quarter(core, "core", site) for site, core in zip(villages.geometry, cores, strict=True)]
    laid: list[Way] = []
    taken = shapely.union_all(cores)
    for site, village in zip(villages.geometry, VILLAGES, strict=True):
        hectares = village.core + village.outskirts
        along_shore = 0.6 if village.rank == 1 else 0.0
        outline = town_outline(terrain, site, hectares, rng, shore=_SHORE, along_shore=along_shore)
        quarter, streets = _new_quarter(terrain, outline.difference(taken), site, "outskirts", ways, rng)
        quarters.append(quarter)
        laid += streets
        taken = taken.union(outline)
    for site in _hamlet_sites(terrain, ways, taken, rng):
        if sum(quarter.ground.area for quarter in quarters) > _BUILT_HA * 1e4:
            break
        outline = town_outline(terrain, site, rng.uniform(1.4, 4.4), rng, shore=_SHORE)
        quarter, streets = _new_quarter(
            terrain, outline.difference(taken.buffer(30)), site, "hamlet", ways, rng
        )
        quarters.append(quarter)
        laid += streets
        taken = taken.union(outline)
    return quarters, laid


def _core_streets(terrain: Terrain, core: Polygon, site: Point, rng: np.random.Generator) -> list[Way]:
    ring = LineString(core.exterior.coords)
    quay = shapely.intersection(ring, terrain.coast.exterior.buffer(_QUAY + 7))
    quay = shapely.line_merge(quay) if quay.geom_type != "LineString" else quay
    ways = []
    if quay.length > 60:
        ways = [Way(line, 4, "quay", 7.0) for line in shapely.get_parts(quay)]
        ring = shapely.difference(ring, quay)
    ways += [Way(line, 4, "ring", 5.5) for line in shapely.get_parts(shapely.line_merge(ring))]

    def block_area(centre: Point) -> float:
        return 1450 + 4.0 * centre.distance(site)

    for cut in cut_into_blocks(core, core.exterior, block_area, rng, narrowest=27):
        ways.append(Way(cut.line, 4 if cut.depth == 0 else 5, "core", (5.0, 4.2, 3.6)[min(cut.depth, 2)]))
    return ways


def _piers(terrain: Terrain, core: Polygon) -> list[Way]:
    """A bent breakwater that shelters the quay, and two pontoons, out over the water."""
    quay = shapely.line_merge(shapely.intersection(core.exterior, terrain.coast.exterior.buffer(_QUAY + 7)))
    quay = max(shapely.get_parts(quay), key=lambda part: part.length, default=LineString())
    if quay.length < 120:
        return []
    land = terrain.coast.buffer(12)
    shapely.prepare(land)
    # The breakwater starts from an end of the quay where water allows; pontoons leave the middle.
    ends = [share for k in range(8) for share in (0.04 + 0.03 * k, 0.96 - 0.03 * k)]
    breakwaters = [_pier(quay, share, 105, 95, land) for share in ends]
    pontoons = [_pier(quay, share, 55, 0, land) for share in (0.36, 0.42, 0.48, 0.54, 0.60, 0.66)]
    breakwater = next((line for line in breakwaters if line is not None), None)
    ways = [] if breakwater is None else [Way(breakwater, 5, "jetty", 6.0)]
    moorings = [line for line in pontoons if line is not None]
    if breakwater is not None:
        moorings = [line for line in moorings if line.distance(breakwater) > 35]
    return ways + [Way(line, 6, "jetty", 2.5) for line in moorings[:: max(1, len(moorings) - 1)][:2]]


def _pier(quay: LineString, share: float, length: float, bend: float, land: Polygon) -> LineString | None:
    """A pier straight out from the quay, then bent towards its middle; None where land is in the way.

    Parameters
    ----------
    share : where along the quay, from 0 to 1
    length, bend : of its two arms, in metres
    land : prepared; ground and the shallows next to it
    """
    start, ahead, middle = (
        np.array(quay.interpolate(at, normalized=True).coords[0])
        for at in (share, share + (0.03 if share < 0.5 else -0.03), 0.5)
    )
    x, y = (ahead - start) / np.hypot(*(ahead - start))
    for seaward in (np.array([y, -x]), np.array([-y, x])):
        tip = start + length * seaward
        points = [start, tip]
        if bend:
            inward = (middle - start) / np.hypot(*(middle - start))
            points.append(tip + bend * (0.8 * inward + 0.35 * seaward))
        line = LineString(np.round(points, 1))
        if not land.intersects(substring(line, _QUAY + 22, line.length)):
            return line
    return None


def _new_quarter(
    terrain: Terrain,
    outline: Polygon | MultiPolygon,
    site: Point,
    kind: str,
    ways: list[Way],
    rng: np.random.Generator,
) -> tuple[Quarter, list[Way]]:
    """Cut new ground by the roads that cross it, then by streets that start from them."""
    # No neck of land too narrow for a row of houses.
    opened = outline.buffer(-22).buffer(23).intersection(outline)
    ground = max(shapely.get_parts(opened), key=lambda part: part.area)
    roads = shapely.union_all(
        [way.line for way in ways if way.line.distance(ground) < 0.05 and way.importance < 6]
    )
    lines = shapely.union_all([ground.exterior, *ground.interiors, roads])
    faces = shapely.get_parts(shapely.polygonize([lines]))
    faces = faces[shapely.contains(ground, shapely.point_on_surface(faces))]
    streets: list[Way] = []
    kept = []
    for face in faces:
        if face.area < 400 or _mean_slope(terrain, face) > _STEEPEST:
            continue
        kept.append(face)

        def block_area(centre: Point) -> float:
            return 3000 + 6.0 * centre.distance(site)

        for cut in cut_into_blocks(face, roads, block_area, rng, narrowest=38):
            streets.append(Way(cut.line, 5, "outskirts", 5.0 if cut.depth < 2 else 4.5))
    return Quarter(shapely.union_all(kept), kind, site), _closed_short(streets, roads, rng)


def _closed_short(streets: list[Way], roads: shapely.Geometry, rng: np.random.Generator) -> list[Way]:
    """Streets that lead nowhere stop short of the edge of the quarter."""
    trimmed = []
    for i, way in enumerate(streets):
        others = shapely.union_all([roads, *(other.line for j, other in enumerate(streets) if j != i)])
        line = way.line
        short = rng.uniform(10, 28)
        for _ in range(2):
            line = line.reverse()
            tail = substring(line, line.length - short - 12, line.length)
            if line.length > 3 * short and tail.distance(others) > 0.05:
                line = substring(line, 0, line.length - short)
        trimmed.append(replace(way, line=line))
    return trimmed


def _mean_slope(terrain: Terrain, face: Polygon) -> float:
    x, y = np.meshgrid(*(np.arange(low, high, terrain.grid.pixel) for low, high in _spans(face)))
    inside = shapely.contains_xy(face, x.ravel(), y.ravel())
    points = np.column_stack([x.ravel(), y.ravel()])[inside] if inside.any() else _centre(face)
    return float(terrain.slope[cells_at(terrain.grid, points)].mean())


def _spans(face: Polygon) -> tuple[tuple[float, float], tuple[float, float]]:
    left, bottom, right, top = face.bounds
    return (left, right), (bottom, top)


def _centre(face: Polygon) -> Floats:
    return shapely.get_coordinates(face.representative_point())


def _hamlet_sites(terrain: Terrain, ways: list[Way], taken: Polygon, rng: np.random.Generator) -> list[Point]:
    """Points of roads, on gentle ground, away from towns and from one another."""
    roads = [way.line for way in ways if way.place == "country" and way.importance <= 4]
    points = shapely.get_coordinates(shapely.segmentize(roads, 40))
    gentle = gaussian_filter(terrain.slope, 6)[cells_at(terrain.grid, points)] < 6.5
    away = shapely.distance(taken, shapely.points(points))
    points = points[gentle & (away > 330)]
    sites: list[Point] = []
    for point in shapely.points(rng.permutation(points)):
        if all(point.distance(other) > 620 for other in sites):
            sites.append(point)
    return sites
