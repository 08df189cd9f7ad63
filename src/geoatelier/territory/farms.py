"""Farmsteads of the open country, the tracks that lead to them, and the huts of the fields."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from shapely import LineString, Point, Polygon

from geoatelier.territory.footprints import Footprint
from geoatelier.territory.plans import Frame, frame, house_plan, rectangle, with_lean_to
from geoatelier.territory.quarters import Quarter
from geoatelier.territory.roads import Way
from geoatelier.territory.sampling import cells_at
from geoatelier.territory.world import Terrain

Floats = NDArray[np.float64]

_FARMS = 112
_CABINS = 100
_APART = 170.0
_YARD = 38.0


@dataclass(frozen=True)
class Farm:
    """A farmyard: its centre, the frame that its buildings follow, and whether its ground is flat."""

    site: Point
    axes: Frame
    flat: bool


def settle_farms(
    terrain: Terrain, quarters: list[Quarter], ways: list[Way], rng: np.random.Generator
) -> tuple[list[Farm], list[Way]]:
    """Choose farmyards on good ground, a short way off a road, and lay the track that leads to each.

    Returns
    -------
    farms, and their tracks from the road to the edge of the yard
    """
    roads = np.array([way.line for way in ways if way.place == "country" and way.importance <= 5])
    every = shapely.STRtree([way.line for way in ways])
    built = shapely.union_all([quarter.ground for quarter in quarters])
    shapely.prepare(built)
    shore = terrain.coast.buffer(-70)
    shapely.prepare(shore)
    slope, soil = gaussian_filter(terrain.slope, 3), gaussian_filter(terrain.soil_depth, 3)
    farms: list[Farm] = []
    tracks: list[Way] = []
    starts = shapely.get_coordinates(shapely.segmentize(roads, 25))
    for start in rng.permutation(starts):
        heading = rng.uniform(0, 2 * np.pi)
        away = rng.uniform(55, 170)
        site = Point(start + away * np.array([np.cos(heading), np.sin(heading)]))
        if not shore.contains(site) or built.distance(site) < 110:
            continue
        cell = _cell(terrain, site)
        if slope[cell] > 8 or soil[cell] < 0.3:
            continue
        if any(site.distance(other.site) < _APART for other in farms):
            continue
        nearest = every.geometries[every.nearest(site)]
        door = nearest.interpolate(nearest.project(site))
        if not _YARD + 8 < door.distance(site) < 180:
            continue
        farm, track = _farm(site, door, bool(slope[cell] < 4), rng)
        farms.append(farm)
        tracks.append(track)
        if len(farms) == _FARMS:
            break
    return farms, tracks


def _cell(terrain: Terrain, point: Point) -> tuple[int, int]:
    row, column = cells_at(terrain.grid, np.array([[point.x, point.y]]))
    return int(row[0]), int(column[0])


def _farm(site: Point, door: Point, flat: bool, rng: np.random.Generator) -> tuple[Farm, Way]:
    start, end = np.array(door.coords[0]), np.array(site.coords[0])
    ahead = (end - start) / np.hypot(*(end - start))
    across = np.array([-ahead[1], ahead[0]])
    length = np.hypot(*(end - start)) - 6
    bend = length * rng.normal(0, 0.05)
    middle = start + ahead * length / 2 + across * bend
    points = np.array([start, (start + middle) / 2 + across * bend * 0.2, middle, start + ahead * length])
    angle = np.arctan2(ahead[1], ahead[0]) + rng.normal(0, 0.35)
    return Farm(site, frame(end, angle), flat), Way(LineString(points.round(1)), 5, "farm", 3.0)


def farmstead(farm: Farm, clear: Polygon, rng: np.random.Generator) -> list[Footprint]:
    """Buildings of a farm: the house, barns, small sheds, sometimes a silo or greenhouses.

    Parameters
    ----------
    clear : prepared; ground on which one may build
    """
    built: list[Footprint] = []

    def put(plan: Floats, role: str, near: float, far: float, tries: int = 14) -> None:
        """Set a building round the yard, square with the others, without touching them."""
        for _ in range(tries):
            bearing, away = rng.uniform(0, 2 * np.pi), rng.uniform(near, far)
            quarter_turn = rng.integers(2) * np.pi / 2
            base = np.arctan2(farm.axes.along[1], farm.axes.along[0])
            place = farm.axes.origin + away * np.array([np.cos(bearing), np.sin(bearing)])
            centred = plan - (plan.min(axis=0) + plan.max(axis=0)) / 2
            outline = frame(place, base + quarter_turn + rng.normal(0, 0.02)).place(centred)
            if clear.contains(outline) and all(outline.distance(other.outline) > 3 for other in built):
                built.append(Footprint(outline, role))
                return

    put(house_plan(rng.lognormal(np.log(185), 0.28), rng), "mas", 6, 14)
    for _ in range(rng.choice([0, 1, 2, 3], p=[0.08, 0.42, 0.36, 0.14])):
        area = rng.lognormal(np.log(390), 0.6)
        width = np.clip(np.sqrt(area / rng.uniform(1.5, 2.6)), 8, 22)
        plan = rectangle(area / width, width)
        if rng.random() < 0.35:
            plan = with_lean_to(plan, rng)
        put(plan, "barn", 16, 34)
    for _ in range(rng.choice([0, 1, 2], p=[0.35, 0.4, 0.25])):
        area = rng.uniform(18, 90)
        width = np.sqrt(area / rng.uniform(1.1, 2.2))
        put(rectangle(area / width, width), "outbuilding", 12, 32)
    if rng.random() < 0.06:
        circle = np.array([[np.cos(a), np.sin(a)] for a in np.linspace(0, 2 * np.pi, 9)[:-1]])
        put(circle * rng.uniform(2.4, 3.8), "silo", 14, 30)
    if farm.flat and rng.random() < 0.26:
        built += _greenhouses(farm, clear, built, rng)
    return built


def _greenhouses(
    farm: Farm, clear: Polygon, built: list[Footprint], rng: np.random.Generator
) -> list[Footprint]:
    """A row of greenhouses side by side, beyond the yard."""
    count, width, length = rng.integers(2, 5), 9.0, rng.uniform(30, 62)
    for _ in range(12):
        bearing = rng.uniform(0, 2 * np.pi)
        origin = farm.axes.origin + rng.uniform(48, 70) * np.array([np.cos(bearing), np.sin(bearing)])
        axes = frame(origin, rng.uniform(0, np.pi))
        row = [axes.place(rectangle(length, width, v=i * (width + 2.5))) for i in range(count)]
        if all(clear.contains(one) for one in row) and all(
            one.distance(other.outline) > 4 for one in row for other in built
        ):
            return [Footprint(one, "greenhouse") for one in row]
    return []


def field_cabins(
    terrain: Terrain, ways: list[Way], clear: Polygon, avoid: Polygon, rng: np.random.Generator
) -> list[Footprint]:
    """Lone huts at the edge of fields, a few metres off a track, away from all else.

    Parameters
    ----------
    clear : prepared; ground on which one may build
    avoid : prepared; ground of towns and farms
    """
    tracks = np.array([way.line for way in ways if way.place == "country" and 4 <= way.importance <= 5])
    slope, soil = gaussian_filter(terrain.slope, 3), gaussian_filter(terrain.soil_depth, 3)
    cabins: list[Footprint] = []
    points = shapely.get_coordinates(shapely.segmentize(tracks, 30))
    for start in rng.permutation(points):
        heading = rng.uniform(0, 2 * np.pi)
        place = start + rng.uniform(8, 90) * np.array([np.cos(heading), np.sin(heading)])
        cell = _cell(terrain, Point(place))
        if slope[cell] > 13 or soil[cell] < 0.2 or avoid.distance(Point(place)) < 40:
            continue
        area = rng.uniform(9, 32)
        width = np.sqrt(area / rng.uniform(1.0, 1.5))
        outline = frame(place, heading).place(rectangle(area / width, width))
        if clear.contains(outline) and all(outline.distance(other.outline) > 60 for other in cabins):
            cabins.append(Footprint(outline, "cabin"))
        if len(cabins) == _CABINS:
            break
    return cabins


def chapels(
    terrain: Terrain, roads: list[LineString], clear: Polygon, rng: np.random.Generator
) -> list[Footprint]:
    """Country chapels, on heights that a way reaches."""
    elevation = terrain.elevation.astype(float)
    prominence = elevation - gaussian_filter(elevation, 20)
    slope = gaussian_filter(terrain.slope, 2)
    points = shapely.get_coordinates(shapely.segmentize(roads, 40))
    cells = cells_at(terrain.grid, points)
    height = np.where(slope[cells] < 12, prominence[cells], -np.inf)
    built: list[Footprint] = []
    for i in np.argsort(-height):
        if all(other.outline.distance(Point(points[i])) > 1400 for other in built):
            for _ in range(20):
                heading = rng.uniform(0, 2 * np.pi)
                place = points[i] + rng.uniform(8, 25) * np.array([np.cos(heading), np.sin(heading)])
                outline = frame(place, rng.uniform(-0.3, 0.3)).place(
                    rectangle(rng.uniform(9, 14), rng.uniform(5.5, 7.5))
                )
                if clear.contains(outline):
                    built.append(Footprint(outline, "chapel"))
                    break
        if len(built) == 6:
            break
    return built
