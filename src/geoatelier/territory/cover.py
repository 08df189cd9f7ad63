"""What covers the ground outside and inside farms: streams, vegetation, land cover, fire, field visits."""

import geopandas as gpd
import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy.ndimage import distance_transform_edt

from geoatelier.territory.coverage import CENTIMETRE, polygon_parts
from geoatelier.territory.fieldwork import make_field_points
from geoatelier.territory.landcover import make_land_cover, make_quays
from geoatelier.territory.streams import make_streams
from geoatelier.territory.wild import Wild, make_wild
from geoatelier.territory.wildfire import make_burnt_area
from geoatelier.territory.world import CRS, SEED, Cover, Farmland, Settlement, Terrain

Geometries = NDArray[np.object_]

# Below half a hectare closed trees are a wood, and below 500 m² they are not mapped, as in BD TOPO.
SMALLEST_FOREST_M2 = 5_000.0
SMALLEST_VEGETATION_M2 = 500.0
PONDS = 4
_THIN_M = 10.0
_HEDGE_SHARE = 0.45

_NATURE = {
    Wild.CONIFERS: "Forêt fermée de conifères",
    Wild.OAKS: "Forêt fermée de feuillus",
    Wild.MIXED: "Forêt fermée mixte",
    Wild.OPEN: "Forêt ouverte",
    Wild.SHRUBS: "Lande ligneuse",
}
_CLOSED = (Wild.CONIFERS, Wild.OAKS, Wild.MIXED)


def make_cover(terrain: Terrain, settlement: Settlement, farmland: Farmland, seed: int = SEED) -> Cover:
    """Cover the island: what flows, grows, burnt, and what was seen in the field.

    Parameters
    ----------
    terrain, settlement, farmland : the island, its towns and its farms
    seed : the same seed gives the same cover

    Returns
    -------
    Cover whose `land_cover` is a partition of `terrain.coast`.
    """
    rng = np.random.default_rng([seed, 4])
    wild = make_wild(terrain, rng)
    streams = make_streams(terrain)
    taken = _taken(settlement, farmland)
    ponds = _ponds(terrain, taken, rng)
    quays = make_quays(terrain, settlement)
    free = shapely.difference(terrain.coast, taken, grid_size=CENTIMETRE)
    free = shapely.difference(free, shapely.union_all([*ponds, *quays]), grid_size=CENTIMETRE)
    return Cover(
        streams=streams,
        vegetation=_vegetation(wild, free, farmland, streams, rng),
        land_cover=make_land_cover(terrain, settlement, farmland, wild, ponds, quays),
        burnt_area=make_burnt_area(terrain, settlement, farmland, wild, rng),
        field_points=make_field_points(farmland, rng),
    )


def _taken(settlement: Settlement, farmland: Farmland) -> shapely.Geometry:
    """Ground under towns, roads and parcels."""
    roads = settlement.roads
    width = roads["largeur_de_chaussee"].fillna(2.5).to_numpy(dtype=float)
    drawn = shapely.buffer(roads.geometry.array, width / 2 + 0.5, quad_segs=2)
    parcels = shapely.coverage_union_all(farmland.parcels.geometry.array)
    return shapely.union_all([settlement.built_up, *drawn, parcels], grid_size=CENTIMETRE)


def _ponds(terrain: Terrain, taken: shapely.Geometry, rng: np.random.Generator) -> Geometries:
    """A few small reservoirs, on gentle free ground where water gathers."""
    grid = terrain.grid
    free = rasterize([taken], out_shape=grid.shape, transform=grid.transform, fill=0) == 0
    room = distance_transform_edt(free & terrain.land, sampling=grid.pixel)
    fit = (room > 32) & (terrain.slope < 7) & (terrain.elevation > 6)
    water = np.where(fit, terrain.drained_area, 0)
    x, y = grid.centres()
    ponds: list[shapely.Polygon] = []
    for cell in np.argsort(water, axis=None)[::-1]:
        row, column = np.unravel_index(cell, grid.shape)
        if len(ponds) == PONDS or water[row, column] == 0:
            break
        centre = shapely.Point(x[column], y[row])
        if all(centre.distance(pond) > 700 for pond in ponds):
            ponds.append(_pond(centre, rng))
    return np.array(ponds, dtype=object)


def _pond(centre: shapely.Point, rng: np.random.Generator) -> shapely.Polygon:
    """A rounded shore of some 1,500 m²."""
    turn = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    first, second = rng.uniform(0, 2 * np.pi, 2)
    reach = 22 * (1 + 0.18 * np.cos(2 * turn + first) + 0.08 * np.cos(3 * turn + second))
    return shapely.Polygon(
        np.column_stack([centre.x + reach * np.cos(turn), centre.y + reach * np.sin(turn)])
    )


def _vegetation(
    wild: GeoDataFrame,
    free: shapely.Geometry,
    farmland: Farmland,
    streams: GeoDataFrame,
    rng: np.random.Generator,
) -> GeoDataFrame:
    """Woods and garrigue on the free ground, and hedges where it is thin: `zones_de_vegetation`."""
    grown = wild[wild["wild"].isin(_NATURE)]
    core = free.buffer(-_THIN_M / 2, join_style="mitre")
    opened = core.buffer(_THIN_M / 2, join_style="mitre", mitre_limit=2)
    thin = shapely.difference(free, opened, grid_size=CENTIMETRE)
    free = shapely.MultiPolygon(list(polygon_parts(shapely.intersection(opened, free, grid_size=CENTIMETRE))))
    cut = shapely.intersection(grown.geometry.to_numpy(), free, grid_size=CENTIMETRE)
    pieces, source = shapely.get_parts(cut, return_index=True)
    kind = grown["wild"].to_numpy()[source]
    kept = shapely.area(pieces) >= SMALLEST_VEGETATION_M2
    pieces, kind = pieces[kept], kind[kept]
    small = np.isin(kind, _CLOSED) & (shapely.area(pieces) < SMALLEST_FOREST_M2)
    nature = np.where(small, "Bois", np.array([_NATURE[Wild(value)] for value in kind]))
    hedges = _hedges(thin, farmland, streams, rng)
    geometry = np.concatenate([pieces, hedges])
    nature = np.concatenate([nature, np.full(len(hedges), "Haie")])
    return gpd.GeoDataFrame(
        {"cleabs": [f"ZONEVEGE{9_139_000_000 + row:016d}" for row in range(len(geometry))], "nature": nature},
        geometry=geometry,
        crs=CRS,
    )


def _hedges(
    thin: shapely.Geometry, farmland: Farmland, streams: GeoDataFrame, rng: np.random.Generator
) -> Geometries:
    """Hedges in some of the thin strips of free ground between parcels."""
    parcels = shapely.coverage_union_all(farmland.parcels.geometry.array)
    closed = parcels.buffer(4, join_style="mitre").buffer(-4, join_style="mitre")
    between = shapely.intersection(closed, shapely.union_all(polygon_parts(thin)), grid_size=CENTIMETRE)
    water = shapely.union_all(streams.buffer(1.5).array)
    pieces = polygon_parts(
        shapely.difference(shapely.union_all(polygon_parts(between)), water, grid_size=CENTIMETRE)
    )
    long = (
        (shapely.area(pieces) > 60)
        & (shapely.length(pieces) > 60)
        & ~shapely.is_empty(shapely.buffer(pieces, -0.8))
    )
    pieces = pieces[long]
    return pieces[rng.random(len(pieces)) < _HEDGE_SHARE]
