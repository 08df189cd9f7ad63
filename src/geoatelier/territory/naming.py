"""Names of streets and roads: one for each run that goes on straight, unique in its commune."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from shapely import LineString, MultiPolygon, Point, Polygon

from geoatelier.territory import toponyms
from geoatelier.territory.chains import pair_by_direction, string_edges
from geoatelier.territory.quarters import Quarter
from geoatelier.territory.roads import end_nodes, strung
from geoatelier.territory.sampling import cells_at
from geoatelier.territory.world import Terrain

Floats = NDArray[np.float64]

# A street keeps its name through turns up to this.
_TURN = np.radians(38)
# Over this mean grade a street of an old town is a montée or a calade.
_STEEP = 0.09
# When a commune has used up its other kinds of names.
_SPARE_KINDS = ("Petit chemin", "Vieux chemin", "Ancien chemin")


@dataclass(frozen=True)
class Run:
    """Edges that carry one name: their rows, their line from end to end, and what they are."""

    edges: list[int]
    line: LineString
    kind: str
    code_insee: str
    importance: int
    dead_end: bool


@dataclass
class _Stock:
    """Names left in one commune."""

    code_insee: str
    rng: np.random.Generator
    used: set[str] = field(default_factory=set)

    def draw(self, kinds: Sequence[str], pool: Sequence[str]) -> str:
        """A name that the commune does not have yet; its last words serve once, as long as some are left.

        Raises
        ------
        ValueError
            If every name of the pool is taken.
        """
        tails = [tail for tail in pool if tail not in self.used] or list(pool)
        for kind in (*kinds, *_SPARE_KINDS):
            free = [tail for tail in tails if f"{kind} {tail}" not in self.used]
            if free:
                tail = free[self.rng.integers(len(free))]
                self.used.update((f"{kind} {tail}", tail))
                return f"{kind} {tail}"
        raise ValueError(f"no street name left in {self.code_insee}")

    def take(self, name: str) -> str:
        """Keep a name that was not drawn."""
        self.used.add(name)
        return name


def name_runs(
    roads: GeoDataFrame,
    quarters: list[Quarter],
    villages: GeoDataFrame,
    squares: dict[Point, str],
    terrain: Terrain,
    rng: np.random.Generator,
) -> NDArray[np.object_]:
    """Name each edge of the network, or None for the tracks and paths that have no name.

    Parameters
    ----------
    roads : from `roads.cut_at_junctions`
    squares : names of squares, by a point of each; the nearest short street of an old town takes it
    """
    built = shapely.union_all([quarter.ground for quarter in quarters])
    runs = _runs(roads, built)
    stocks = {code: _Stock(code, rng) for code in villages["code_insee"]}
    on_squares = _on_squares(runs, squares)
    names = np.full(len(roads), None, dtype=object)
    for number in sorted(range(len(runs)), key=lambda i: (runs[i].importance, -runs[i].line.length)):
        run = runs[number]
        stock = stocks[run.code_insee]
        name = (
            stock.take(on_squares[number])
            if number in on_squares
            else _name(run, stock, villages, terrain, rng)
        )
        names[run.edges] = name
    return names


def _runs(roads: GeoDataFrame, built: MultiPolygon | Polygon) -> list[Run]:
    lines = roads.geometry.to_numpy()
    shapely.prepare(built)
    in_town = shapely.contains(built, shapely.line_interpolate_point(lines, 0.5, normalized=True))
    importance = roads["importance"].to_numpy()
    kinds = [
        "avenue" if place == "country" and town and level <= 4 else place
        for place, town, level in zip(roads["place"], in_town, importance, strict=True)
    ]
    # On a road, an avenue and the road that goes on are two names; a track and a road are two as well.
    labels = [
        (code, kind, min(max(level, 4), 6))
        for code, kind, level in zip(roads["code_insee"], kinds, importance, strict=True)
    ]
    nodes = end_nodes(lines)
    outward = _outward(lines)
    runs = []
    meeting = np.bincount(nodes)
    for chain in string_edges(pair_by_direction(nodes, outward, labels, _TURN)):
        edges = [edge for edge, _ in chain]
        (first, forwards), (last, to_finish) = chain[0], chain[-1]
        ends = nodes[2 * first + (0 if forwards else 1)], nodes[2 * last + (1 if to_finish else 0)]
        runs.append(
            Run(
                edges,
                strung(lines, chain),
                kinds[first],
                roads["code_insee"].iloc[first],
                int(importance[edges].min()),
                bool(min(meeting[list(ends)]) == 1),
            )
        )
    return runs


def _outward(lines: NDArray[np.object_]) -> Floats:
    """Direction in which each end leaves its node, taken over some 15 m, in radians."""
    reach = np.minimum(15, shapely.length(lines))
    ends = []
    for place in (0, -1):
        away = shapely.line_interpolate_point(lines, reach if place == 0 else -reach)
        step = shapely.get_coordinates(away) - shapely.get_coordinates(shapely.get_point(lines, place))
        ends.append(np.arctan2(step[:, 1], step[:, 0]))
    return np.stack(ends, axis=1).ravel()


def _on_squares(runs: list[Run], squares: dict[Point, str]) -> dict[int, str]:
    """Name of the square that each of a few runs lies on."""
    short = [i for i, run in enumerate(runs) if run.kind == "core" and run.line.length < 120]
    named: dict[int, str] = {}
    for site, name in squares.items():
        free = [i for i in short if i not in named]
        nearest = min(free, key=lambda i: runs[i].line.distance(site))
        named[nearest] = name
    return named


def _name(
    run: Run, stock: _Stock, villages: GeoDataFrame, terrain: Terrain, rng: np.random.Generator
) -> str | None:
    length = run.line.length
    match run.kind:
        case "quay":
            return stock.draw(["Quai"], toponyms.SEA)
        case "ring":
            return (
                stock.take(toponyms.RING)
                if toponyms.RING not in stock.used
                else stock.draw(["Cours", "Boulevard"], toponyms.SIGHTS)
            )
        case "jetty":
            return stock.take(toponyms.BREAKWATER) if length > 120 else None
        case "core":
            pool = (
                toponyms.TRADES + toponyms.SIGHTS + (toponyms.SEA if _by_the_sea(run, terrain, 250) else ())
            )
            return stock.draw(_core_kinds(run, terrain, rng), pool)
        case "avenue":
            return stock.draw(
                ["Avenue" if length > 150 else "Rue", "Boulevard"], toponyms.GROUND + toponyms.SIGHTS
            )
        case "outskirts":
            kinds = ["Impasse", "Allée"] if run.dead_end and length < 140 else ["Rue", "Chemin", "Allée"]
            return stock.draw([str(kind) for kind in rng.permutation(kinds)], toponyms.GROUND)
        case "farm":
            return stock.draw(["Chemin", "Impasse"], toponyms.GROUND) if rng.random() < 0.45 else None
    if run.importance <= 4:
        return _road_name(run, stock, villages, terrain)
    if run.importance == 5:
        return (
            stock.draw(["Chemin", "Ancien chemin"], toponyms.GROUND)
            if length > 140 or rng.random() < 0.5
            else None
        )
    return stock.draw(["Sentier"], toponyms.GROUND) if length > 700 else None


def _core_kinds(run: Run, terrain: Terrain, rng: np.random.Generator) -> list[str]:
    if _grade(run.line, terrain) > _STEEP:
        return ["Montée", "Calade"] if rng.random() < 0.6 else ["Calade", "Montée"]
    if run.dead_end:
        return ["Impasse", "Ruelle"]
    if run.line.length < 60:
        return [str(kind) for kind in rng.permutation(["Traverse", "Ruelle", "Passage", "Rue"])]
    return ["Rue", "Traverse"]


def _road_name(run: Run, stock: _Stock, villages: GeoDataFrame, terrain: Terrain) -> str:
    """« Route de » the village that the road leads to; else what it runs along."""
    home = villages.loc[villages["code_insee"] == run.code_insee].geometry.iloc[0]
    ends = [Point(run.line.coords[0]), Point(run.line.coords[-1])]
    far = max(ends, key=lambda end: end.distance(home))
    others = villages[villages["code_insee"] != run.code_insee]
    gain = others.distance(home).to_numpy() - others.distance(far).to_numpy()
    if gain.max() > 250:
        name = f"Route {_towards(others['nom'].iloc[int(gain.argmax())])}"
        if name not in stock.used:
            return stock.take(name)
    if run.line.length > 500 and _by_the_sea(run, terrain, 350) and "Route de la Corniche" not in stock.used:
        return stock.take("Route de la Corniche")
    return stock.draw(["Route", "Vieille route"], toponyms.GROUND)


def _towards(village: str) -> str:
    return f"des {village.removeprefix('Les ')}" if village.startswith("Les ") else f"de {village}"


def _grade(line: LineString, terrain: Terrain) -> float:
    height = terrain.elevation[cells_at(terrain.grid, shapely.get_coordinates(line))]
    return float(abs(height[-1] - height[0]) / line.length)


def _by_the_sea(run: Run, terrain: Terrain, within: float) -> bool:
    return run.line.interpolate(0.5, normalized=True).distance(terrain.coast.exterior) < within


def take_in_turn(names: tuple[str, ...], rng: np.random.Generator) -> Iterator[str]:
    """Names in random order, once each."""
    yield from (str(name) for name in rng.permutation(list(names)))
