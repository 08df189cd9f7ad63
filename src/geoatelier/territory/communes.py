"""The five communes: who owns which slope."""

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter, label
from shapely import LineString, MultiPolygon, Polygon

from geoatelier.territory.least_cost import cost_graph
from geoatelier.territory.sampling import cells_at
from geoatelier.territory.world import CRS, Grid, Terrain

Floats = NDArray[np.float64]

# What it costs more to cross a crest or a stream than open ground: fronts that meet there stop there.
_CREST_FRICTION = 6.0
_STREAM_FRICTION = 6.0
_STREAM_HA = 25.0
# A village perched or cornered gets a head start, in metres of cost, found in a few rounds of small steps:
# communes then differ in area without one of them being a scrap.
_ROUNDS, _STEP = 12, 2500.0


def divide_island(terrain: Terrain, villages: GeoDataFrame) -> GeoDataFrame:
    """Give each village the ground that is easiest to reach from it; borders settle on crests and streams.

    Returns
    -------
    GeoDataFrame of five MultiPolygon, EPSG:2154, with `code_insee` and `nom_officiel`, in the order of
    `villages`. Together they are the island: no gap, no overlap.
    """
    owner, grid = _nearest_village(terrain, villages)
    faces = _faces(owner, grid, terrain.coast)
    centres = shapely.point_on_surface(faces)
    labels = owner[cells_at(grid, shapely.get_coordinates(centres))]
    parts = [faces[labels == village] for village in range(len(villages))]
    return GeoDataFrame(
        {"code_insee": villages["code_insee"].to_numpy(), "nom_officiel": villages["nom"].to_numpy()},
        geometry=[_multi(shapely.union_all(part)) for part in parts],
        crs=CRS,
    )


def _multi(geometry: Polygon | MultiPolygon) -> MultiPolygon:
    return MultiPolygon(shapely.get_parts(geometry).tolist())


def _nearest_village(terrain: Terrain, villages: GeoDataFrame) -> tuple[NDArray[np.intp], Grid]:
    """Row of the village that reaches each cell first, over sea too, one piece a village."""
    graph = cost_graph(terrain, shore=0, comfortable_grade=0.15)
    graph = graph.with_friction(_border_friction(terrain).ravel())
    costs = [
        graph.spread(graph.cells(np.array([[point.x, point.y]])))[0].reshape(graph.grid.shape)
        for point in villages.geometry
    ]
    costs = np.array(costs)
    reached = np.isfinite(costs.min(axis=0))
    head_start = np.zeros((len(villages), 1, 1))
    for _ in range(_ROUNDS):
        owner = np.argmin(costs - head_start, axis=0)
        share = np.bincount(owner[reached], minlength=len(villages)) / reached.sum()
        head_start += _STEP * (1 / len(villages) - share)[:, None, None]
    kept = np.zeros(owner.shape, dtype=bool)
    for village in range(len(villages)):
        pieces, _ = label(reached & (owner == village))
        sizes = np.bincount(pieces.ravel())
        sizes[0] = 0
        kept |= pieces == sizes.argmax()
    row, column = distance_transform_edt(~kept, return_distances=False, return_indices=True)
    return owner[row, column], graph.grid


def _border_friction(terrain: Terrain) -> Floats:
    """Friction of each cell of 20 m: high on crests and on streams."""
    rows, columns = terrain.grid.shape
    elevation = terrain.elevation.astype(float)
    crest = np.clip((gaussian_filter(elevation, 3) - gaussian_filter(elevation, 12)) / 8, 0, 1)
    stream = np.clip(np.log(np.maximum(terrain.drained_area, 1) / _STREAM_HA), 0, 1)
    friction = 1 + _CREST_FRICTION * crest**2 + _STREAM_FRICTION * stream
    return friction.reshape(rows // 2, 2, columns // 2, 2).max(axis=(1, 3))


def _faces(owner: NDArray[np.intp], grid: Grid, coast: Polygon) -> NDArray[np.object_]:
    """Cut the island along smoothed borders between owners: polygons that share their edges exactly."""
    borders = [_smooth(line) for line in _border_lines(owner, grid)]
    noded = shapely.union_all([coast.exterior, *borders])
    faces = shapely.get_parts(shapely.polygonize([noded]))
    return faces[shapely.contains(coast, shapely.point_on_surface(faces))]


def _border_lines(owner: NDArray[np.intp], grid: Grid) -> list[LineString]:
    """Lines between cells of different owners, from one meeting of three to the next."""
    x = grid.left + np.arange(grid.columns + 1) * grid.pixel
    y = grid.top - np.arange(grid.rows + 1) * grid.pixel
    row, column = np.nonzero(owner[:, 1:] != owner[:, :-1])
    upright = np.stack([x[column + 1], y[row], x[column + 1], y[row + 1]], axis=1)
    row, column = np.nonzero(owner[1:, :] != owner[:-1, :])
    level = np.stack([x[column], y[row + 1], x[column + 1], y[row + 1]], axis=1)
    edges = shapely.linestrings(np.concatenate([upright, level]).reshape(-1, 2, 2))
    return list(shapely.get_parts(shapely.line_merge(shapely.union_all(edges))))


def _smooth(line: LineString) -> LineString:
    """Round off the staircase of cells, ends kept."""
    points = shapely.get_coordinates(shapely.segmentize(line, 10))
    if len(points) < 8:
        return line
    padded = np.concatenate([2 * points[0] - points[12:0:-1], points, 2 * points[-1] - points[-2:-14:-1]])
    smooth = gaussian_filter(padded, (4, 0))[12:-12] if len(points) > 12 else points
    smooth[[0, -1]] = points[[0, -1]]
    return LineString(smooth).simplify(1.0)
