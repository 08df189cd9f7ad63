"""What stands where: every building of the island as an outline and a role."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from shapely import MultiPolygon, Point, Polygon

from geoatelier.territory import farms as country
from geoatelier.territory import toponyms
from geoatelier.territory.farms import Farm
from geoatelier.territory.footprints import (
    Footprint,
    Garden,
    detached,
    inside,
    sheds,
    snapped_together,
    terrace,
)
from geoatelier.territory.lots import Block, blocks_between, lots_along
from geoatelier.territory.plans import church_plan, rectangle, school_plan
from geoatelier.territory.quarters import Quarter
from geoatelier.territory.roads import DECIMETRE, Way, surface
from geoatelier.territory.world import Terrain

Floats = NDArray[np.float64]

# Buildings of the island, counting the garden sheds that make up the number.
BUILDINGS = 2_510
# Length and width, in metres: naves by rank of village, warehouses, workshops.
_CHURCHES = ((34, 14), (27, 12), (24, 11), (22, 10), (22, 10))
_WAREHOUSES = ((42, 19), (34, 16), (28, 15))
_WORKSHOPS = ((40, 22), (30, 17), (24, 16))
# A cooperative winery: a great hall and a lower vat house against it.
_WINERY = np.array([[0, 0], [46, 0], [46, 14], [58, 14], [58, 26], [0, 26]])
# Smallest lot with a house in its garden, in m².
_SMALLEST_LOT = 240.0
# Free strip between a street and a façade of an old town, and between a road and anything else, in metres.
_FACADE = 0.6
_VERGE = 1.5


def build(
    terrain: Terrain,
    quarters: list[Quarter],
    farms: list[Farm],
    roads: GeoDataFrame,
    ways: list[Way],
    rng: np.random.Generator,
) -> tuple[list[Footprint], dict[Point, str]]:
    """Fill the blocks of towns and the yards of farms, then the fields with a few huts.

    Parameters
    ----------
    roads : from `roads.cut_at_junctions`

    Returns
    -------
    footprints : on the decimetre grid; none overlaps another, a road or the sea
    squares : names of the squares of old towns, by a point of each
    """
    dry = terrain.coast.buffer(-4)
    footprints, gardens, market = _towns(terrain, quarters, roads, rng)
    footprints += _country(terrain, quarters, farms, ways, dry.difference(surface(roads, _VERGE)), rng)
    footprints += sheds(gardens, max(0, BUILDINGS - len(footprints)), rng)
    settled = _settled(footprints, surface(roads), dry)
    squares = {f.outline.centroid: toponyms.SQUARE for f in settled if f.role == "church"}
    squares.update(dict.fromkeys(market, toponyms.MARKET))
    return settled, squares


def _towns(
    terrain: Terrain, quarters: list[Quarter], roads: GeoDataFrame, rng: np.random.Generator
) -> tuple[list[Footprint], list[Garden], list[Point]]:
    """Buildings of towns and hamlets, the gardens that they leave, and the market place of the port."""
    to_facades, to_gardens = surface(roads, _FACADE), surface(roads, _VERGE)
    shapely.prepare(to_facades)
    shapely.prepare(to_gardens)
    cores = [quarter for quarter in quarters if quarter.kind == "core"]
    new = [quarter for quarter in quarters if quarter.kind != "core"]
    old_blocks, new_blocks = blocks_between(cores, to_facades), blocks_between(new, to_gardens)
    plots, market = _public_buildings(terrain, cores, old_blocks, new_blocks)
    footprints, gardens = plots.built, []
    for block in plots.left(old_blocks):
        lots = lots_along(block.ground, to_facades, (9.0, 13.5), rng, corners=True)
        houses, courts = terrace(lots, block.ground, rng)
        footprints += houses
        gardens += courts
    for block in plots.left(new_blocks):
        for garden, houses in _garden_houses(block, to_gardens, rng):
            footprints += houses
            gardens.append(garden)
    return footprints, gardens, market


def _country(
    terrain: Terrain,
    quarters: list[Quarter],
    farms: list[Farm],
    ways: list[Way],
    clear: Polygon | MultiPolygon,
    rng: np.random.Generator,
) -> list[Footprint]:
    """Farmsteads, chapels and huts outside towns, on ground clear of roads and of the sea."""
    towns = shapely.union_all([quarter.ground for quarter in quarters])
    outside = clear.difference(towns.buffer(6))
    inhabited = shapely.union_all([towns, *(farm.site.buffer(60) for farm in farms)])
    shapely.prepare(outside)
    shapely.prepare(inhabited)
    footprints = [footprint for farm in farms for footprint in country.farmstead(farm, outside, rng)]
    lines = [way.line for way in ways if way.place == "country"]
    footprints += country.chapels(terrain, lines, outside, rng)
    return footprints + country.field_cabins(terrain, ways, outside, inhabited, rng)


def _garden_houses(
    block: Block, road_surface: MultiPolygon | Polygon, rng: np.random.Generator
) -> Iterator[tuple[Garden, list[Footprint]]]:
    """Houses of a new quarter, lot by lot; near the old town, a few small blocks of flats."""
    close = block.kind == "outskirts" and block.ground.distance(block.site) < 220
    for lot in lots_along(block.ground, road_surface, (24, 32) if close else (26, 38), rng):
        if lot.ground.area < _SMALLEST_LOT or rng.random() < 0.06:
            continue
        houses: list[Footprint] = []
        if close and lot.ground.area > 650 and rng.random() < 0.16:
            flats = inside(lot.ground, rectangle(rng.uniform(20, 32), rng.uniform(11, 14)), 2.5)
            houses = [] if flats is None else [Footprint(flats, "flats")]
        if not houses:
            houses = detached(lot, float(rng.lognormal(np.log(172), 0.26)), rng)
        if houses:
            yield Garden(lot.ground, shapely.union_all([house.outline for house in houses])), houses


@dataclass
class _Plots:
    """Blocks that public and trade buildings have taken, and those buildings."""

    built: list[Footprint] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)

    def left(self, blocks: list[Block]) -> list[Block]:
        return [block for block in blocks if id(block) not in self.taken]

    def around(self, blocks: list[Block], site: Point, least: float, most: float) -> list[Block]:
        """Free blocks of a town whose area, in m², lies between two bounds, nearest to its centre first."""
        of_town = [b for b in self.left(blocks) if b.site.equals(site) and least < b.ground.area < most]
        return sorted(of_town, key=lambda block: block.ground.distance(site))

    def set_down(self, blocks: list[Block], *plans: tuple[str, Floats]) -> None:
        """Take the first block where all plans fit, each on its share of the ground."""
        for block in blocks:
            grounds = _shares(block.ground, len(plans))
            outlines = [inside(ground, plan, 2.5) for ground, (_, plan) in zip(grounds, plans, strict=True)]
            if all(outline is not None for outline in outlines):
                self.built += [Footprint(o, role) for o, (role, _) in zip(outlines, plans, strict=True)]
                self.taken.add(id(block))
                return


def _public_buildings(
    terrain: Terrain, cores: list[Quarter], old: list[Block], new: list[Block]
) -> tuple[_Plots, list[Point]]:
    """Churches on their squares, schools, a sports hall, warehouses by the sea, workshops out of town.

    Returns
    -------
    plots : the buildings and the blocks that they take
    market : centre of the block that the port keeps free for its market, if it has one
    """
    plots = _Plots()
    sites = [core.site for core in cores]
    for site, plan in zip(sites, _CHURCHES, strict=True):
        plots.set_down(plots.around(old, site, 600, 2200), ("church", church_plan(*plan)))
    market = plots.around(old, sites[0], 500, 1300)[:1]
    plots.taken.update(id(block) for block in market)

    def near(rank: int, least: float, most: float) -> list[Block]:
        return plots.around(new, sites[rank - 1], least, most)

    plots.set_down(near(1, 3500, 9000), ("school", school_plan(48, 34)))
    plots.set_down(near(3, 2000, 8000), ("school", school_plan(34, 24)))
    plots.set_down(near(1, 3000, 9000), ("sports", rectangle(44, 25)), ("club", rectangle(24, 12)))
    plots.set_down(near(2, 2500, 9000), ("cooperative", _WINERY))
    for _ in range(2):
        seaward = sorted(near(1, 2200, 12000), key=lambda b: b.ground.distance(terrain.coast.exterior))
        plots.set_down(seaward, *(("warehouse", rectangle(*size)) for size in _WAREHOUSES))
    plots.set_down(near(1, 3500, 14000)[::-1], *(("workshop", rectangle(*size)) for size in _WORKSHOPS))
    plots.set_down(near(1, 3500, 14000)[::-1], ("supermarket", rectangle(46, 30)))
    return plots, [block.ground.centroid for block in market]


def _shares(ground: Polygon, count: int) -> list[Polygon]:
    """Slices of equal length across the longest side of a piece of ground."""
    if count == 1:
        return [ground]
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(ground))
    sides = np.diff(box[:3], axis=0)
    longest = int(np.hypot(*sides.T).argmax())
    start, step, across = box[longest], sides[longest] / count, sides[1] if longest == 0 else -sides[0]
    slices = [
        Polygon(
            [
                start + i * step,
                start + (i + 1) * step,
                start + (i + 1) * step + across,
                start + i * step + across,
            ]
        )
        for i in range(count)
    ]
    parts = [ground.intersection(piece) for piece in slices]
    return [max(shapely.get_parts(part), key=lambda p: p.area, default=Polygon()) for part in parts]


def _settled(
    footprints: list[Footprint], road_surface: MultiPolygon | Polygon, dry: Polygon
) -> list[Footprint]:
    """Footprints on the decimetre grid, without those that a road, the sea or a neighbour took."""
    wished = np.array([footprint.outline for footprint in footprints])
    outlines = snapped_together(wished, DECIMETRE)
    shapely.prepare(road_surface)
    kept = ~shapely.is_missing(outlines)
    kept &= (shapely.area(outlines) > 2.5) & (shapely.area(outlines) > 0.5 * shapely.area(wished))
    kept &= ~shapely.intersects(road_surface, outlines) & shapely.within(outlines, dry)
    return [Footprint(outlines[i], footprints[i].role) for i in np.flatnonzero(kept)]
