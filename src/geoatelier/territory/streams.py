"""The streams of the island: where enough land drains, as smooth lines that flow down to the sea."""

import geopandas as gpd
import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from geoatelier.territory.hydrology import receivers
from geoatelier.territory.world import CRS, Terrain

SPRING_HA = 9.0
PERMANENT_HA = 170.0
SHORTEST_M = 220.0

# From the largest basin down; the smaller ones have no name, as in the real layer.
_NAMES = (
    "Le Galéjon", "Le Riau de Font-Badaude", "La Cascavelle", "Vallat de la Restanque", "Le Béal du Moulin",
    "Ravin de Malemouche", "Vallat des Tourdres", "Ravin de la Baume", "Le Rivet", "Vallon de l'Estrasse",
    "Ravin des Arbousiers", "Vallat de l'Ase", "Vallon du Cade", "Ravin de l'Aigo-Mouerto",
    "Vallon de Pichagros", "Ravin de la Chèvre-Folle", "Vallat du Tambourin", "Vallon des Cigales-Muettes",
)  # fmt: skip


def make_streams(terrain: Terrain) -> GeoDataFrame:
    """Vectorise the drainage of the terrain into `cours_d_eau`.

    Each stream is one line from its spring to the sea or to the vertex where it joins a larger one. At a
    confluence the larger basin keeps its name. Lines are smoothed along their way, then cut at the coast.
    """
    paths = _paths(terrain)
    place = _smoothed_places(paths, terrain)
    area = terrain.drained_area.ravel()
    rows = []
    for path in paths:
        line = shapely.LineString([place[cell] for cell in path])
        line = _seaward_part(line, terrain)
        if line.length >= SHORTEST_M:
            rows.append((line, float(area[path[-2]])))
    rows.sort(key=lambda row: -row[1])
    basins = np.array([basin for _, basin in rows])
    return gpd.GeoDataFrame(
        {
            "cleabs": [f"COURSDEA{9_139_000 + number:016d}" for number in range(len(rows))],
            "toponyme": [_NAMES[i] if i < len(_NAMES) else None for i in range(len(rows))],
            "persistance": np.where(basins >= PERMANENT_HA, "Permanent", "Intermittent"),
            "bassin_ha": basins.round(1),
        },
        geometry=[line for line, _ in rows],
        crs=CRS,
    )


def _paths(terrain: Terrain) -> list[list[int]]:
    """Cells of each stream, downwards, the main stems first; the last cell is the confluence or the sea."""
    elevation = terrain.elevation.astype(float)
    target, _ = receivers(elevation, terrain.land)
    below, area = target.ravel(), terrain.drained_area.ravel()
    wet = np.flatnonzero(area >= SPRING_HA)
    feeders: dict[int, list[int]] = {}
    for cell in wet.tolist():
        feeders.setdefault(int(below[cell]), []).append(cell)
    mouths = [cell for cell in wet.tolist() if area[below[cell]] == 0]
    starts = [(cell, int(below[cell])) for cell in sorted(mouths, key=lambda cell: -area[cell])]
    paths = []
    while starts:
        cell, end = starts.pop(0)
        path = [end]
        while True:
            path.append(cell)
            upstream = sorted(feeders.get(cell, []), key=lambda feeder: -area[feeder])
            if not upstream:
                break
            starts += [(feeder, cell) for feeder in upstream[1:]]
            cell = upstream[0]
        paths.append(path[::-1])
    return paths


def _smoothed_places(paths: list[list[int]], terrain: Terrain) -> dict[int, tuple[float, float]]:
    """Place of each cell once its stream is smoothed; a tributary ends where its main stem was moved to."""
    x, y = terrain.grid.centres()
    place: dict[int, tuple[float, float]] = {}
    for path in paths:
        row, column = np.unravel_index(path, terrain.grid.shape)
        points = np.column_stack([x[column], y[row]])
        if path[-1] in place:
            points[-1] = place[path[-1]]
        smooth = _smoothed(points)
        place |= {cell: (px, py) for cell, (px, py) in zip(path, smooth.tolist(), strict=True)}
    return place


def _smoothed(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """A line without the corners of its grid; its ends stay."""
    if len(points) < 5:
        return points
    # Reflecting through the end points holds them in place.
    padded = np.vstack([2 * points[0] - points[12:0:-1], points, 2 * points[-1] - points[-2:-14:-1]])
    smooth = gaussian_filter1d(padded, 2.2, axis=0)
    before = len(points[12:0:-1])
    smooth = smooth[before : before + len(points)]
    smooth[0], smooth[-1] = points[0], points[-1]
    return smooth


def _seaward_part(line: shapely.LineString, terrain: Terrain) -> shapely.LineString:
    inside = shapely.get_parts(shapely.intersection(line, terrain.coast))
    lines = [part for part in inside if part.geom_type == "LineString"]
    return max(lines, key=lambda part: part.length) if lines else shapely.LineString()
