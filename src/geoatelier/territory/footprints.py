"""Outlines of buildings: terraces in old towns, houses in their gardens, sheds, halls and churches."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Point, Polygon
from shapely.affinity import scale

from geoatelier.territory.lots import Lot
from geoatelier.territory.plans import Frame, frame, house_plan, rectangle

Floats = NDArray[np.float64]


# Share of a lot with a garden that its house may take.
_MOST_BUILT = 0.44
# How much smaller a house gets, try after try, until it fits its lot.
_SHRINK = np.array([1.0, 1.0, 1.0, 1.0, 0.92, 0.92, 0.84, 0.84, 0.76, 0.68])


@dataclass(frozen=True)
class Garden:
    """A lot and what is built on it."""

    ground: Polygon
    body: Polygon | MultiPolygon


@dataclass(frozen=True)
class Footprint:
    """The outline of a building, and what it was built for (see `buildings.ROLES`)."""

    outline: Polygon
    role: str


def terrace(
    lots: list[Lot], block: Polygon, rng: np.random.Generator
) -> tuple[list[Footprint], list[Garden]]:
    """Houses of an old town: each fills the front of its lot, wall to wall with its neighbours."""
    bands = {
        depth: shapely.difference(block, block.buffer(-depth, join_style="mitre"))
        for depth in (10, 11.5, 13, 16, 19)
    }
    houses, gardens = [], []
    for lot in lots:
        if lot.ground.is_empty or (not lot.corner and rng.random() < 0.07):
            continue
        depth = rng.choice([10, 11.5, 13], p=[0.3, 0.4, 0.3])
        house = lot.ground.intersection(bands[depth])
        if rng.random() < 0.42 and not lot.corner:
            deeper = lot.ground.intersection(bands[16 if depth < 12 else 19])
            house = house.union(deeper.intersection(_half(lot, rng)))
        body = _blunted(_largest(house))
        if body.area > 45:
            houses.append(Footprint(body, "terrace"))
            gardens.append(Garden(lot.ground, body))
    return houses, gardens


def _blunted(house: Polygon) -> Polygon:
    """A house without the spikes that slanting walls leave; square corners stay as they are."""
    opened = house.buffer(-1.5, join_style="mitre").buffer(1.5, join_style="mitre", mitre_limit=2.0)
    opened = _largest(opened.intersection(house))
    return opened if opened.area < 0.99 * house.area else house


def _half(lot: Lot, rng: np.random.Generator) -> Polygon:
    """One side of a lot, from front to back."""
    side = rng.choice([-1, 1])
    return Frame(lot.front, lot.along, lot.inward).place(
        rectangle(60, 80, u=side * (30 + rng.uniform(-0.8, 0.8)), v=-3)
    )


def detached(lot: Lot, area: float, rng: np.random.Generator) -> list[Footprint]:
    """A house in its garden, set back from the street, sometimes with a garage; nothing where none fits.

    Parameters
    ----------
    area : wanted for the house, in m²; it is smaller on a small lot
    """
    room = lot.ground.buffer(-1.6)
    if room.is_empty:
        return []
    shapely.prepare(room)
    axes = frame(lot.front, np.arctan2(lot.along[1], lot.along[0]) + rng.normal(0, np.radians(3)))
    plan = house_plan(min(area, _MOST_BUILT * lot.ground.area), rng)
    heart = shapely.get_coordinates(lot.ground.centroid)[0] - lot.front
    middle = np.array([heart @ axes.along, heart @ axes.inward - np.ptp(plan[:, 1]) / 2])
    tries = len(_SHRINK)
    setback = rng.uniform(2.2, np.clip(np.sqrt(lot.ground.area) / 4, 3.0, 9.0), tries)
    by_street = np.column_stack([rng.uniform(-2.5, 2.5, tries), setback])
    by_heart = middle + rng.uniform(-1, 1, (tries, 2))
    # Near the street first; where that fails, nearer the middle of the lot, and smaller.
    inwards = np.minimum(1.0, np.arange(tries) / 4)[:, None]
    drawn = plan * _SHRINK[:, None, None] + ((1 - inwards) * by_street + inwards * by_heart)[:, None, :]
    fits = shapely.contains(room, shapely.polygons(axes.coordinates(drawn)))
    if not fits.any():
        return []
    drawn = drawn[fits.argmax()]
    house = axes.place(drawn)
    garage = _garage(axes, drawn, room, house, rng) if rng.random() < 0.28 else []
    return [Footprint(house, "house"), *garage]


def _garage(
    axes: Frame, plan: Floats, room: Polygon, house: Polygon, rng: np.random.Generator
) -> list[Footprint]:
    """A garage against a side wall of a house."""
    width, depth = rng.uniform(3.4, 5.5), rng.uniform(5.5, 7.5)
    sides = [(plan[:, 0].max(), 1), (plan[:, 0].min(), -1)]
    for wall, side in sides:
        near = plan[np.abs(plan[:, 0] - wall) < 0.01][:, 1]
        low, high = near.min(), near.max()
        if high - low < 4:
            continue
        depth = min(depth, high - low)
        garage = axes.place(rectangle(width, depth, u=wall + side * width / 2, v=low))
        if room.contains(garage) and garage.intersection(house).area < 0.01:
            return [Footprint(garage, "garage")]
    return []


def sheds(gardens: list[Garden], count: int, rng: np.random.Generator) -> list[Footprint]:
    """Small sheds in so many gardens drawn at random, often in a corner; never two in one garden."""
    built: list[Footprint] = []
    for i in rng.permutation(len(gardens)):
        if len(built) == count:
            break
        shed = _shed(gardens[i], rng)
        if shed is not None:
            built.append(Footprint(shed, "shed"))
    return built


def _shed(garden: Garden, rng: np.random.Generator) -> Polygon | None:
    """A shed in what a house leaves of its lot, square with the house; None where it finds no room."""
    area, aspect = small_area(rng), rng.uniform(1.0, 1.8)
    size = np.array([np.sqrt(area * aspect), np.sqrt(area / aspect)])
    free = garden.ground.difference(garden.body.buffer(1.0)).buffer(-size.max() * 0.75)
    if free.is_empty:
        return None
    corners = shapely.get_coordinates(free)
    edge = shapely.get_coordinates(shapely.minimum_rotated_rectangle(garden.body))
    angle = np.arctan2(*(edge[1] - edge[0])[::-1])
    shed = frame(corners[rng.integers(len(corners))], angle).place(rectangle(*size, v=-size[1] / 2))
    return shed if garden.ground.contains(shed) and not shed.intersects(garden.body) else None


def small_area(rng: np.random.Generator) -> float:
    """Area of a garden shed, in m²: as many of each doubling of size from 4.2 to 36."""
    return float(np.exp(rng.uniform(np.log(4.2), np.log(36))))


def inside(ground: Polygon, plan: Floats, margin: float = 2.0) -> Polygon | None:
    """A plan laid along the longest side of a piece of ground, at its heart, made smaller until it fits."""
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(ground))
    sides = np.diff(box[:3], axis=0)
    longest = sides[np.hypot(*sides.T).argmax()]
    heart = shapely.get_coordinates(
        shapely.line_interpolate_point(shapely.maximum_inscribed_circle(ground, 0.5), 0)
    )[0]
    room = ground.buffer(-margin)
    # A plan is drawn wider than deep along u or v: its longer side goes along the ground's.
    extent = np.ptp(plan, axis=0)
    angle = np.arctan2(longest[1], longest[0]) - (0 if extent[0] >= extent[1] else np.pi / 2)
    centred = plan - (plan.min(axis=0) + plan.max(axis=0)) / 2
    outline = frame(heart, angle).place(centred)
    for factor in (1.0, 0.9, 0.8, 0.7):
        smaller = scale(outline, factor, factor, origin=Point(heart))
        if room.contains(smaller):
            return smaller
    return None


def _largest(geometry: shapely.Geometry) -> Polygon:
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    return max(parts, key=lambda part: part.area, default=Polygon())


def snapped_together(outlines: NDArray[np.object_], grid: float) -> NDArray[np.object_]:
    """Outlines on a common grid: neighbours share their walls vertex for vertex, and no two overlap.

    Where two outlines overlap the first one keeps the ground. An outline left with nothing is None.

    Parameters
    ----------
    outlines : array of polygons
    grid : step of the grid, in metres
    """
    lines = shapely.union_all(shapely.boundary(outlines), grid_size=grid)
    faces = shapely.get_parts(shapely.polygonize([lines]))
    hearts = shapely.point_on_surface(faces)
    face, outline = shapely.STRtree(outlines).query(hearts, predicate="within")
    owner = np.full(len(faces), len(outlines))
    np.minimum.at(owner, face, outline)
    result = np.full(len(outlines), None, dtype=object)
    order = np.argsort(owner, kind="stable")
    owned, starts = np.unique(owner[order], return_index=True)
    for number, group in zip(owned, np.split(faces[order], starts[1:]), strict=True):
        if number < len(outlines):
            result[number] = _largest(shapely.union_all(group))
    return result
