"""The network: streets of towns and ways of the country, cut at junctions and described as BD TOPO does."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from shapely import LineString, MultiPolygon, Polygon

from geoatelier.territory.chains import pair_by_degree, string_edges
from geoatelier.territory.world import CRS

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Lines = NDArray[np.object_]

# Positions are kept to a decimetre, as in BD TOPO.
DECIMETRE = 0.1
# Two crossings closer than this are one, in metres.
_SHORTEST = 6.0
# Width of the surface of a way that has no carriageway, in metres.
PATH_WIDTH = 1.2


@dataclass(frozen=True)
class Way:
    """A street or a road before the network is cut at junctions.

    Parameters
    ----------
    importance : 2 (between the main towns) to 6 (a path)
    place : "ring", "core", "quay", "outskirts", "country", "jetty" or "farm": what its name and nature follow
    width : of the carriageway, in metres
    """

    line: LineString
    importance: int
    place: str
    width: float


COUNTRY_WIDTHS = {2: 6.5, 3: 5.5, 4: 4.5, 5: 3.0, 6: PATH_WIDTH}


def cut_at_junctions(ways: list[Way], communes: GeoDataFrame) -> GeoDataFrame:
    """Cut ways at every crossing and at commune borders, and string together what no junction parts.

    Where two ways run on the same line the more important one stays. Crossings a few metres apart become one.

    Returns
    -------
    GeoDataFrame of LineString, EPSG:2154, whose ends are shared exactly: `importance` (int), `place`, `width`
    (m), `code_insee` (the port's for what stands over the sea)
    """
    owners = np.arange(len(ways))
    lines = np.array([way.line for way in ways])
    rank = np.array([way.importance for way in ways])
    for _ in range(2):
        lines, owners = _strung(*_noded(lines, owners, rank, []))
        lines, owners = _collapsed(lines, owners)
    borders = shapely.boundary(communes.geometry.values)
    pieces, owners = _noded(lines, owners, rank, borders)
    commune = _communes_of(pieces, communes)
    lines, owners = _strung(pieces, owners, commune)
    return GeoDataFrame(
        {
            "importance": rank[owners],
            "place": [ways[i].place for i in owners],
            "width": [ways[i].width for i in owners],
            "code_insee": _communes_of(lines, communes),
        },
        geometry=lines,
        crs=CRS,
    )


def strung(lines: Lines, chain: list[tuple[int, bool]]) -> LineString:
    """One line from a chain of edges."""
    points = []
    for edge, forwards in chain:
        along = shapely.get_coordinates(lines[edge])
        points.append((along if forwards else along[::-1])[1 if points else 0 :])
    return LineString(np.concatenate(points))


def end_nodes(lines: Lines) -> Indices:
    """Number of the node at the start and finish of each line, of shape (2 × lines,)."""
    decimetres = (_end_coordinates(lines) / DECIMETRE).round().astype(np.int64)
    return np.unique(decimetres, axis=0, return_inverse=True)[1].ravel()


def surface(roads: GeoDataFrame, margin: float = 0.0) -> MultiPolygon | Polygon:
    """Ground under roads, and `margin` metres on each side."""
    return shapely.union_all(
        shapely.buffer(roads.geometry.values, roads["width"].to_numpy() / 2 + margin, quad_segs=4)
    )


def _end_coordinates(lines: Lines) -> Floats:
    """Start and finish of each line in turn, of shape (2 × lines, 2)."""
    ends = np.stack([shapely.get_point(lines, 0), shapely.get_point(lines, -1)], axis=1)
    return shapely.get_coordinates(ends.ravel())


def _noded(lines: Lines, owners: Indices, rank: Indices, borders: Sequence) -> tuple[Lines, Indices]:
    """Pieces between crossings, on the decimetre grid, and their owners: the most important line there."""
    pieces = shapely.get_parts(shapely.union_all([*lines, *borders], grid_size=DECIMETRE))
    middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    piece, line = shapely.STRtree(lines).query(middles, predicate="dwithin", distance=1.5 * DECIMETRE)
    order = np.lexsort((-owners[line], -rank[owners[line]], piece))
    owner = np.full(len(pieces), -1)
    owner[piece[order]] = owners[line[order]]
    return pieces[owner >= 0], owner[owner >= 0]


def _strung(pieces: Lines, owners: Indices, communes: Sequence | None = None) -> tuple[Lines, Indices]:
    """Pieces of one owner, and of one commune, strung together where no junction parts them."""
    labels = list(zip(owners.tolist(), owners.tolist() if communes is None else communes, strict=True))
    chains = string_edges(pair_by_degree(end_nodes(pieces), labels))
    strung_lines = np.array([strung(pieces, chain) for chain in chains])
    return strung_lines, owners[[chain[0][0] for chain in chains]]


def _collapsed(lines: Lines, owners: Indices) -> tuple[Lines, Indices]:
    """Crossings closer than `_SHORTEST` made one; stubs as short dropped."""
    nodes = end_nodes(lines)
    meeting = np.bincount(nodes)
    place = np.empty((len(meeting), 2))
    place[nodes] = _end_coordinates(lines)
    moved = np.arange(len(meeting))
    dropped = np.zeros(len(lines), dtype=bool)
    for edge in np.flatnonzero(shapely.length(lines) < _SHORTEST):
        a, b = nodes[2 * edge : 2 * edge + 2]
        if min(meeting[a], meeting[b]) == 1:
            dropped[edge] = True
        elif moved[a] == a and moved[b] == b and a != b:
            moved[b] = a
            dropped[edge] = True
    moved = moved[moved]
    kept = np.flatnonzero(~dropped)
    for edge in kept[
        (moved[nodes[2 * kept]] != nodes[2 * kept]) | (moved[nodes[2 * kept + 1]] != nodes[2 * kept + 1])
    ]:
        points = shapely.get_coordinates(lines[edge])
        points[0], points[-1] = place[moved[nodes[2 * edge]]], place[moved[nodes[2 * edge + 1]]]
        lines[edge] = LineString(points)
    kept = kept[shapely.length(lines[kept]) > 2 * DECIMETRE]
    return lines[kept], owners[kept]


def _communes_of(pieces: Lines, communes: GeoDataFrame) -> NDArray[np.object_]:
    middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    code = np.full(len(pieces), communes["code_insee"].iloc[0], dtype=object)
    piece, commune = shapely.STRtree(communes.geometry.values).query(middles, predicate="intersects")
    code[piece] = communes["code_insee"].to_numpy()[commune]
    return code
