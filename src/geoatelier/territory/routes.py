"""Roads, tracks and paths of the open country, found at least cost over the relief."""

from dataclasses import dataclass, field

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy.ndimage import gaussian_filter
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree
from scipy.spatial import cKDTree
from shapely import LineString, Polygon

from geoatelier.territory.chains import pair_by_degree, string_edges
from geoatelier.territory.least_cost import CostGraph, cost_graph, way_back
from geoatelier.territory.world import Terrain

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

# A way that follows an older one costs this share of a new one.
_REUSE = 0.4
# A metre along the ring of a town, so that ways go through it rather than round it.
_RING_COST = 0.3
# How far from a way ground may lie, in metres, before a track (worked land) or a path (any land) reaches it.
_TRACK_REACH = (420.0, 320.0, 225.0)
_PATH_REACH = 420.0
# A dead end is joined to another way when going round costs this many times more.
_DETOUR = 3.5
_JOIN_LIMIT = 700.0
# Streams cost more to cross, in cells of open ground.
_FORD_FRICTION = 1.5


@dataclass(frozen=True)
class Gate:
    """Where a road enters a town: a point of its ring, and the cell outside where country begins."""

    point: tuple[float, float]
    cell: int


@dataclass
class _Web:
    """Ways drawn so far: importance of each edge between two cells; rings of towns link gates unseen."""

    graph: CostGraph
    rings: set[tuple[int, int]]
    edges: dict[tuple[int, int], int] = field(default_factory=dict)

    def add(self, way: Indices, importance: int) -> None:
        for a, b in zip(way[:-1].tolist(), way[1:].tolist(), strict=True):
            key = (min(a, b), max(a, b))
            if key not in self.rings:
                self.edges[key] = min(importance, self.edges.get(key, importance))

    def cells(self) -> Indices:
        return np.unique(np.array(list(self.edges), dtype=np.intp))

    def discounted(self) -> CostGraph:
        factor = np.ones(self.graph.edges.shape[0])
        if self.edges:
            factor[self.cells()] = _REUSE
        return self.graph.with_friction(factor)

    def distances_along(self, cell: int) -> Floats:
        """Cost from a cell to all others along ways only."""
        pairs = np.array([*self.edges, *self.rings])
        cells = np.unique(pairs)
        near, far = np.searchsorted(cells, pairs).T
        cost = np.asarray(self.graph.edges[pairs[:, 0], pairs[:, 1]]).ravel()
        ways = csr_array((cost, (near, far)), shape=(len(cells), len(cells)))
        along = np.full(self.graph.edges.shape[0], np.inf)
        along[cells] = dijkstra(ways, directed=False, indices=int(np.searchsorted(cells, cell)))
        return along

    def dead_ends(self) -> Indices:
        cells, degree = np.unique(np.array(list(self.edges)), return_counts=True)
        return cells[degree == 1]


def country_ways(
    terrain: Terrain,
    villages: GeoDataFrame,
    cores: list[Polygon],
    gateways: list[Floats],
    rng: np.random.Generator,
) -> list[tuple[LineString, int]]:
    """Lay out the ways between towns and into the land.

    First the roads between villages (importance 2 or 3), then the roads to what they leave aside (4), tracks
    to the worked land (5) and paths to the rest (6). Later ways follow older ones where that is cheaper, and
    dead ends that come near another way are joined to it.

    Parameters
    ----------
    cores : old town of each village, which ways go round
    gateways : points of the ring of each old town from which ways may start, in order, each of shape (n, 2)

    Returns
    -------
    Lines that meet only at their ends, each with its importance
    """
    graph = _road_graph(terrain, cores)
    gates = [_gates(graph, core, points) for core, points in zip(cores, gateways, strict=True)]
    rings = np.array([pair for of_one in gates for pair in _around(of_one)])
    costs = _RING_COST * np.hypot(*(graph.xy(rings[:, 0]) - graph.xy(rings[:, 1])).T)
    web = _Web(graph.with_links(rings, costs), {(int(a), int(b)) for a, b in rings})
    _join_villages(web, gates, villages)
    worked, any_land = _worked_land(terrain, graph), _reachable_land(terrain, graph)
    _reach(web, worked, 900, 4, rng)
    _join_dead_ends(web, 4)
    for distance in _TRACK_REACH:
        _reach(web, worked, distance, 5, rng)
    _join_dead_ends(web, 5)
    _reach(web, any_land, _PATH_REACH, 6, rng)
    return _smooth_lines(web, gates)


def _road_graph(terrain: Terrain, cores: list[Polygon]) -> CostGraph:
    grid = terrain.grid
    closed = rasterize(cores, out_shape=grid.shape, transform=grid.transform, all_touched=True).astype(bool)
    graph = cost_graph(terrain, shore=30, closed=closed)
    stream = np.clip(np.log(np.maximum(terrain.drained_area, 1) / 12), 0, 1)
    friction = stream.reshape(grid.rows // 2, 2, grid.columns // 2, 2).max(axis=(1, 3))
    return graph.with_friction(1 + _FORD_FRICTION * friction.ravel())


def _gates(graph: CostGraph, core: Polygon, points: Floats) -> list[Gate]:
    """Gateways that give onto open country."""
    outside = core.buffer(32, join_style="mitre").exterior
    outer = shapely.get_coordinates(outside.interpolate(outside.project(shapely.points(points))))
    cells = graph.cells(outer)
    away = np.hypot(*(graph.xy(cells) - outer).T)
    gates, taken = [], set()
    for point, cell, far in zip(points, cells.tolist(), away, strict=True):
        if far < 25 and cell not in taken:
            taken.add(cell)
            gates.append(Gate(tuple(point), cell))
    return gates


def _around(gates: list[Gate]) -> list[tuple[int, int]]:
    """Pairs of neighbouring gates of a town: its ring joins them."""
    cells = [gate.cell for gate in gates]
    return [(min(a, b), max(a, b)) for a, b in zip(cells, cells[1:] + cells[:1], strict=True)]


def _join_villages(web: _Web, gates: list[list[Gate]], villages: GeoDataFrame) -> None:
    """Roads of the cheapest tree between villages, then those that spare a long way round."""
    cells = [np.array([gate.cell for gate in of_one]) for of_one in gates]
    costs = np.zeros((len(cells), len(cells)))
    for i, sources in enumerate(cells):
        cost, _ = web.graph.spread(sources)
        costs[i] = [cost[targets].min() for targets in cells]
    tree = minimum_spanning_tree(costs).tocoo()
    port = int(villages["rang"].to_numpy().argmin())
    for a, b in sorted(zip(tree.row.tolist(), tree.col.tolist(), strict=True)):
        _link(web, cells[a], cells[b], 2 if port in (a, b) else 3)
    others = np.argwhere(np.triu(costs, 1) > 0)
    for a, b in sorted(others.tolist(), key=lambda pair: costs[*pair]):
        along = min(
            web.distances_along(int(cell))[cells[b]].min() for cell in np.intersect1d(cells[a], web.cells())
        )
        if along > 1.5 * costs[a, b]:
            _link(web, cells[a], cells[b], 3)


def _link(web: _Web, sources: Indices, targets: Indices, importance: int) -> None:
    cost, before = web.discounted().spread(sources)
    web.add(way_back(before, int(targets[cost[targets].argmin()])), importance)


def _worked_land(terrain: Terrain, graph: CostGraph) -> NDArray[np.bool_]:
    gentle = gaussian_filter(terrain.slope, 4) < 11
    soil = gaussian_filter(terrain.soil_depth, 4) > 0.25
    return _coarse(gentle & soil & terrain.land) & graph.passable


def _reachable_land(terrain: Terrain, graph: CostGraph) -> NDArray[np.bool_]:
    return _coarse(gaussian_filter(terrain.slope, 4) < 22) & graph.passable


def _coarse(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    rows, columns = mask.shape
    return mask.reshape(rows // 2, 2, columns // 2, 2).all(axis=(1, 3))


def _reach(
    web: _Web, wanted: NDArray[np.bool_], distance: float, importance: int, rng: np.random.Generator
) -> None:
    """Draw ways until no wanted ground lies further than `distance` metres from one."""
    grid = web.graph.grid
    cost, before = web.discounted().spread(web.cells())
    goals = np.flatnonzero(wanted.ravel() & np.isfinite(cost))
    places = web.graph.xy(goals)
    # Uneven spacing: nobody lays tracks on a lattice.
    uneven = gaussian_filter(rng.normal(0, 1, grid.shape), 25)
    uneven = np.exp(0.25 * uneven / uneven.std()).ravel()[goals]
    away, _ = cKDTree(web.graph.xy(web.cells())).query(places)
    while (away * uneven).max() > distance:
        way = way_back(before, int(goals[(away * uneven).argmax()]))
        web.add(way, importance)
        nearer, _ = cKDTree(web.graph.xy(way)).query(places, distance_upper_bound=float(away.max()))
        away = np.minimum(away, nearer)


def _join_dead_ends(web: _Web, importance: int) -> None:
    """Join each dead end to the nearest way that is far by road."""
    for cell in web.dead_ends().tolist():
        cost, before = web.graph.spread(np.array([cell]), limit=_JOIN_LIMIT)
        ways = web.cells()
        along = web.distances_along(cell)[ways]
        direct = cost[ways]
        worth = np.isfinite(direct) & (along > _DETOUR * direct) & (direct > 60)
        if worth.any():
            target = ways[worth][direct[worth].argmin()]
            web.add(way_back(before, int(target)), importance)


def _smooth_lines(web: _Web, gates: list[list[Gate]]) -> list[tuple[LineString, int]]:
    """Lines from junction to junction, with the staircase of cells smoothed out and town gates joined."""
    edges = list(web.edges.items())
    cells = web.cells()
    xy = web.graph.xy(cells)
    pairs = np.searchsorted(cells, np.array([pair for pair, _ in edges]))
    importance = [level for _, level in edges]
    for gate in (gate for of_one in gates for gate in of_one):
        place = int(np.searchsorted(cells, gate.cell))
        if place < len(cells) and cells[place] == gate.cell:
            levels = [level for (a, b), level in edges if gate.cell in (a, b)]
            xy = np.vstack([xy, gate.point])
            pairs = np.vstack([pairs, [place, len(xy) - 1]])
            importance.append(min(levels))
    xy = _relaxed(xy, pairs)
    partner = pair_by_degree(pairs.ravel(), importance)
    lines = []
    for chain in string_edges(partner):
        nodes = [pairs[edge][0 if forwards else 1] for edge, forwards in chain]
        last, forwards = chain[-1]
        nodes.append(pairs[last][1 if forwards else 0])
        lines.append((rounded(xy[nodes]), importance[last]))
    return lines


def _relaxed(xy: Floats, pairs: Indices, rounds: int = 12) -> Floats:
    """Pull each node to the middle of the two neighbours that it lies most nearly between; ends stay put."""
    neighbours = [[] for _ in xy]
    for a, b in pairs.tolist():
        neighbours[a].append(b)
        neighbours[b].append(a)
    inner, before, after = [], [], []
    for node, around in enumerate(neighbours):
        if len(around) < 2:
            continue
        directions = np.array(
            [(xy[other] - xy[node]) / np.hypot(*(xy[other] - xy[node])) for other in around]
        )
        opposed = directions @ directions.T
        a, b = np.unravel_index(opposed.argmin(), opposed.shape)
        inner.append(node)
        before.append(around[a])
        after.append(around[b])
    smooth = xy.copy()
    for _ in range(rounds):
        smooth[inner] = 0.5 * smooth[inner] + 0.25 * (smooth[before] + smooth[after])
    return smooth


def rounded(points: Floats, rounds: int = 2) -> LineString:
    """Curve through a line's corners by Chaikin's corner cutting, ends kept, to a tenth of a metre."""
    for _ in range(rounds):
        quarter = 0.75 * points[:-1] + 0.25 * points[1:]
        three_quarters = 0.25 * points[:-1] + 0.75 * points[1:]
        middle = np.stack([quarter, three_quarters], axis=1).reshape(-1, 2)[1:-1]
        points = np.vstack([points[:1], middle, points[-1:]])
    line = LineString(points).simplify(0.4)
    return LineString(shapely.get_coordinates(line).round(1))
