"""The fire of summer 2025: how far it ran under the mistral, and what it left."""

from datetime import date

import geopandas as gpd
import numpy as np
from affine import Affine
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy.ndimage import distance_transform_edt, gaussian_filter, shift, zoom
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geoatelier.territory.coverage import trace_classes
from geoatelier.territory.noise import fractal_noise
from geoatelier.territory.wild import Wild
from geoatelier.territory.world import CRS, Farmland, Settlement, Terrain

Floats = NDArray[np.float64]

FIRE_DATE = date(2025, 8, 5)
BURNT_HA = 118.0
# The mistral blows from the north-west: fire runs to the south-east.
WIND_TO_DEGREES = 135.0
SEVERITIES = ("faible", "modérée", "forte")
SMALLEST_PATCH_M2 = 900
_FARTHEST_M = 2_200.0

# Speed of the fire over that in pines.
_FUEL = {
    Wild.CONIFERS: 1.0, Wild.MIXED: 0.75, Wild.OPEN: 0.9, Wild.SHRUBS: 0.85,
    Wild.OAKS: 0.35, Wild.GRASS: 0.35, Wild.BARE: 0.03,
}  # fmt: skip
_BARRIER = 0.02
# Eight neighbours and eight knight's moves, so that fronts are round and not octagons.
_MOVES = tuple(
    (row, column)
    for row in range(-2, 3)
    for column in range(-2, 3)
    if (row, column) != (0, 0) and (max(abs(row), abs(column)) == 1 or abs(row) + abs(column) == 3)
)


def make_burnt_area(
    terrain: Terrain, settlement: Settlement, farmland: Farmland, wild: GeoDataFrame, rng: np.random.Generator
) -> GeoDataFrame:
    """Light a fire where it has most to burn downwind, let it run, and map its severity as `zone_incendiee`.

    Fields, towns and roads do not burn; patches within the fire are spared.
    """
    fuel = _fuel(terrain, settlement, farmland, wild)
    hours = _arrival(fuel, _ignition(fuel, terrain), terrain, rng)
    burns = fuel > 2 * _BARRIER
    cells = round(BURNT_HA * 1.11 * 10_000 / terrain.grid.pixel**2)
    limit = np.partition(hours[burns], cells)[cells]
    severity = _severity(burns & (hours <= limit), fuel, terrain, rng)
    return _polygons(severity, terrain, rng)


def _fuel(terrain: Terrain, settlement: Settlement, farmland: Farmland, wild: GeoDataFrame) -> Floats:
    grid = terrain.grid
    roads = settlement.roads[settlement.roads["nature"] == "Route à 1 chaussée"]
    drawn = [(shape, _FUEL[Wild(kind)]) for shape, kind in zip(wild.geometry, wild["wild"], strict=True)]
    drawn += [(shape, _BARRIER) for shape in farmland.parcels.geometry]
    drawn += [(settlement.built_up.buffer(30), _BARRIER)]
    drawn += [(shape, 4 * _BARRIER) for shape in roads.buffer(6)]
    fuel = rasterize(drawn, out_shape=grid.shape, transform=grid.transform, fill=_BARRIER, dtype="float64")
    fuel[~terrain.land] = _BARRIER
    return fuel


def _ignition(fuel: Floats, terrain: Terrain) -> tuple[int, int]:
    """The cell, at the edge of the wild land, with most fuel in the kilometre downwind."""
    reach = 750.0 / terrain.grid.pixel
    east, south = np.sin(np.radians(WIND_TO_DEGREES)), -np.cos(np.radians(WIND_TO_DEGREES))
    loaded = gaussian_filter(np.where(fuel > 0.5, fuel**3, 0.0), 320.0 / terrain.grid.pixel)
    downwind = shift(loaded, (-reach * south, -reach * east), order=1)
    from_edge = distance_transform_edt(fuel > 0.5)
    downwind[(from_edge < 2) | (from_edge > 6)] = 0
    row, column = np.unravel_index(downwind.argmax(), fuel.shape)
    return int(row), int(column)


def _arrival(fuel: Floats, start: tuple[int, int], terrain: Terrain, rng: np.random.Generator) -> Floats:
    """Hours, to a constant, before the fire reaches each cell: faster with the wind, uphill, in dry fuel."""
    reach = round(_FARTHEST_M / terrain.grid.pixel)
    window = tuple(slice(max(0, place - reach), place + reach) for place in start)
    x, y = terrain.grid.centres()
    gusts = np.exp(0.33 * fractal_noise(x[window[1]], y[window[0], None], rng, size=260, octaves=4))
    speed, elevation = fuel[window] * gusts, terrain.elevation[window].astype(float)
    rows, columns = speed.shape
    number = np.arange(rows * columns).reshape(rows, columns)
    origin, goal, cost = [], [], []
    for down, right in _MOVES:
        here = (slice(max(0, -down), rows - max(0, down)), slice(max(0, -right), columns - max(0, right)))
        there = (slice(max(0, down), rows - max(0, -down)), slice(max(0, right), columns - max(0, -right)))
        length = terrain.grid.pixel * np.hypot(down, right)
        heading = np.arctan2(right, -down)
        with_wind = np.exp(2.0 * np.cos(heading - np.radians(WIND_TO_DEGREES)))
        climb = np.degrees(np.arctan((elevation[there] - elevation[here]) / length))
        uphill = np.exp(0.03 * np.clip(climb, -25, 25))
        # A narrow barrier is met half way at the latest: the slower of both ends rules.
        pace = np.minimum(speed[here], speed[there]) * with_wind * uphill
        origin.append(number[here].ravel())
        goal.append(number[there].ravel())
        cost.append((length / pace).ravel())
    graph = csr_array((np.concatenate(cost), (np.concatenate(origin), np.concatenate(goal))))
    hours = np.full(fuel.shape, np.inf)
    first = number[start[0] - window[0].start, start[1] - window[1].start]
    hours[window] = dijkstra(graph, indices=first).reshape(rows, columns)
    return hours


def _severity(
    burnt: NDArray[np.bool_], fuel: Floats, terrain: Terrain, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """0 unburnt, then 1 to 3, on cells of half a pixel: high in thick fuel, low at the edges."""
    x, y = np.meshgrid(*terrain.grid.centres())
    patches = fractal_noise(x, y, rng, size=220, octaves=5, gain=0.7)
    inside = distance_transform_edt(burnt, sampling=terrain.grid.pixel)
    intensity = gaussian_filter(fuel, 2) + 0.25 * patches + 0.5 * (1 - np.exp(-inside / 45))
    fine = zoom(gaussian_filter(intensity, 1.2), 2, order=1, grid_mode=True, mode="nearest")
    outline = (
        zoom(gaussian_filter(burnt.astype(float), 0.9), 2, order=1, grid_mode=True, mode="nearest") > 0.5
    )
    spared, low, high = np.quantile(fine[outline], [0.10, 0.33, 0.67])
    severity = np.digitize(fine, [spared, low, high]) * outline
    return severity.astype(np.uint8)


def _polygons(severity: NDArray[np.uint8], terrain: Terrain, rng: np.random.Generator) -> GeoDataFrame:
    transform = terrain.grid.transform @ Affine.scale(0.5)
    polygons, level = trace_classes(severity, transform, smallest=SMALLEST_PATCH_M2, tolerance=7.0, rng=rng)
    table = gpd.GeoDataFrame({"level": level}, geometry=polygons, crs=CRS)
    table = table[table["level"] > 0]
    table = table.assign(hectares=table.area / 10_000).sort_values(
        "hectares", ascending=False, ignore_index=True
    )
    return gpd.GeoDataFrame(
        {
            "id": [f"FEU2025-13-{number:03d}" for number in range(1, len(table) + 1)],
            "date_feu": FIRE_DATE,
            "surface_ha": table["hectares"].round(2),
            "severite": [SEVERITIES[level - 1] for level in table["level"]],
        },
        geometry=table.geometry,
        crs=CRS,
    )
