"""Blocks between streets, and the lots along their frontages."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPoint, MultiPolygon, Point, Polygon

from geoatelier.territory.quarters import Quarter

Floats = NDArray[np.float64]

# A frontage ends where it turns by more than this.
_CORNER = np.radians(40)
# How far inside its frontage the seed of a lot stands, in metres.
_INSET = 1.0


@dataclass(frozen=True)
class Block:
    """Ground between streets, with the town it belongs to."""

    ground: Polygon
    kind: str
    site: Point


@dataclass(frozen=True)
class Lot:
    """A piece of a block behind its part of the frontage.

    Parameters
    ----------
    front : middle of its frontage, of shape (2,)
    along : unit vector along the street; `inward`, across it, into the lot
    corner : whether the lot has a street on two sides
    """

    ground: Polygon
    front: Floats
    along: Floats
    inward: Floats
    corner: bool


def blocks_between(quarters: list[Quarter], road_surface: MultiPolygon | Polygon) -> list[Block]:
    """Ground of each quarter that streets leave, largest first within a quarter.

    Parameters
    ----------
    road_surface : streets and the strip on each side that stays free
    """
    blocks = []
    for quarter in quarters:
        parts = shapely.get_parts(shapely.difference(quarter.ground, road_surface))
        parts = sorted((part for part in parts if part.area > 80), key=lambda part: -part.area)
        blocks += [Block(part, quarter.kind, quarter.site) for part in parts]
    return blocks


def lots_along(
    block: Polygon,
    road_surface: MultiPolygon | Polygon,
    width: tuple[float, float],
    rng: np.random.Generator,
    *,
    corners: bool = False,
) -> list[Lot]:
    """Share a block between seeds set along its frontages: each lot is the ground nearest to its seed.

    Walls between neighbours then stand square to the street, and back gardens meet in the middle.

    Parameters
    ----------
    road_surface : prepared; the sides of the block that touch it are its frontages
    width : least and greatest width of a lot along the street, in metres
    corners : whether a corner makes a lot of its own
    """
    seeds = []
    for line, starts_at_corner, ends_at_corner in _frontages(block, road_surface):
        seeds += _seeds(line, width, rng, corners and starts_at_corner, corners and ends_at_corner)
        if corners and ends_at_corner:
            seeds.append(_corner_seed(line))
    if not seeds:
        return []
    points = np.array([seed[0] for seed in seeds])
    if len(points) == 1:
        grounds = [block]
    else:
        cells = shapely.get_parts(shapely.voronoi_polygons(MultiPoint(points), extend_to=block, ordered=True))
        grounds = shapely.intersection(cells, block)
    return [
        Lot(_piece_at(ground, point), point - _INSET * inward, along, inward, corner)
        for ground, (point, along, inward, corner) in zip(grounds, seeds, strict=True)
    ]


def _piece_at(ground: Polygon | MultiPolygon, seed: Floats) -> Polygon:
    if ground.geom_type == "Polygon":
        return ground
    parts = [part for part in shapely.get_parts(ground) if part.geom_type == "Polygon"]
    return min(parts, key=lambda part: part.distance(Point(seed)), default=Polygon())


def _frontages(block: Polygon, road_surface: MultiPolygon | Polygon) -> list[tuple[Floats, bool, bool]]:
    """Sides of a block along streets, anticlockwise; whether each starts, and ends, at a street corner."""
    ring = shapely.get_coordinates(shapely.orient_polygons(Polygon(block.exterior).simplify(0.3)).exterior)[
        :-1
    ]
    ahead = np.roll(ring, -1, axis=0) - ring
    heading = np.arctan2(ahead[:, 1], ahead[:, 0])
    middles = shapely.points(ring + ahead / 2)
    on_street = shapely.dwithin(road_surface, middles, 0.4)
    if not on_street.any():
        return []
    turn = np.angle(np.exp(1j * (heading - np.roll(heading, 1))))
    breaks = (np.abs(turn) > _CORNER) | (on_street != np.roll(on_street, 1))
    first = int(breaks.argmax())
    order = np.roll(np.arange(len(ring)), -first)
    runs = np.split(order, np.flatnonzero(breaks[order])[1:])
    frontages = []
    for run in runs:
        if not on_street[run[0]]:
            continue
        after = (run[-1] + 1) % len(ring)
        line = np.vstack([ring[run], ring[after]])
        starts = turn[run[0]] > _CORNER and on_street[run[0] - 1]
        ends = turn[after] > _CORNER and on_street[after]
        frontages.append((line, bool(starts), bool(ends)))
    return frontages


def _seeds(
    line: Floats,
    width: tuple[float, float],
    rng: np.random.Generator,
    after_corner: bool,
    before_corner: bool,
) -> list[tuple[Floats, Floats, Floats, bool]]:
    """Seed, direction along the street, direction inwards, and whether it is a corner, along one frontage."""
    steps = np.diff(line, axis=0)
    lengths = np.hypot(*steps.T)
    places = np.r_[0, lengths.cumsum()]
    # A corner lot takes its own width off the frontage.
    low = 0.8 * width[0] if after_corner else 0.0
    high = places[-1] - (0.8 * width[0] if before_corner else 0.0)
    if high - low < 0.45 * width[0]:
        return []
    count = max(1, round((high - low) / rng.uniform(*width)))
    widths = rng.uniform(*width, count)
    edges = low + np.r_[0, widths.cumsum()] / widths.sum() * (high - low)
    seeds = []
    for place in (edges[:-1] + edges[1:]) / 2:
        step = min(int(np.searchsorted(places, place, side="right")) - 1, len(steps) - 1)
        along = steps[step] / lengths[step]
        inward = np.array([-along[1], along[0]])
        front = line[step] + (place - places[step]) * along
        seeds.append((front + _INSET * inward, along, inward, False))
    return seeds


def _corner_seed(line: Floats) -> tuple[Floats, Floats, Floats, bool]:
    """Seed at the end of a frontage, where the block turns into the next street."""
    along = line[-1] - line[-2]
    along = along / np.hypot(*along)
    inward = np.array([-along[1], along[0]])
    return line[-1] + _INSET * (inward - along), along, inward, True
