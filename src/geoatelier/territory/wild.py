"""What grows where nobody farms nor builds: pines, oaks, garrigue, rock and beaches."""

from enum import IntEnum

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter, zoom

from geoatelier.territory.coverage import trace_classes
from geoatelier.territory.noise import fractal_noise
from geoatelier.territory.world import CRS, Terrain

Floats = NDArray[np.float64]

# Wild cover is decided on cells of half a pixel of the terrain: 5 m.
_FINER = 2
SMALLEST_PATCH_M2 = 1_200


class Wild(IntEnum):
    """Wild cover of a cell."""

    CONIFERS = 1
    OAKS = 2
    MIXED = 3
    OPEN = 4
    SHRUBS = 5
    GRASS = 6
    BARE = 7


def make_wild(terrain: Terrain, rng: np.random.Generator) -> GeoDataFrame:
    """Wild cover of the whole island and a little beyond, as a coverage of simplified polygons.

    Returns
    -------
    GeoDataFrame with `wild`, a member of `Wild`; neighbours share their edges exactly. Towns, roads and farm
    parcels are not cut out.
    """
    transform = terrain.grid.transform @ Affine.scale(1 / _FINER)
    polygons, wild = trace_classes(
        _classes(terrain, rng), transform, smallest=SMALLEST_PATCH_M2, tolerance=9.0, rng=rng
    )
    near = shapely.box(*terrain.coast.buffer(40).bounds)
    table = gpd.GeoDataFrame({"wild": wild}, geometry=polygons, crs=CRS)
    return table[table.intersects(near)].reset_index(drop=True)


def _classes(terrain: Terrain, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Wild cover of each cell of 5 m, the sea included."""
    x, y = np.meshgrid(*terrain.grid.centres())
    pixel = terrain.grid.pixel
    slope = gaussian_filter(terrain.slope.astype(float), 2)
    depth = gaussian_filter(terrain.soil_depth.astype(float), 2)
    facing = np.cos(np.radians(terrain.aspect.astype(float)))
    north = gaussian_filter(facing * np.minimum(terrain.slope / 20, 1), 4)
    from_sea = distance_transform_edt(terrain.land, sampling=pixel)
    wetness = gaussian_filter(np.log1p(terrain.drained_area.astype(float)), 3)
    ridge = terrain.elevation - gaussian_filter(terrain.elevation.astype(float), 25)

    def patches(size: float) -> Floats:
        return fractal_noise(x, y, rng, size=size, octaves=5, gain=0.6)

    scores = np.stack(
        [
            0.10 + 0.35 * north + 0.7 * np.exp(-from_sea / 900) + 0.3 * depth + 0.55 * patches(900),
            -0.22 + 0.75 * north + 1.1 * depth + 0.35 * wetness + 0.45 * patches(800),
            0.22 - 0.70 * north - 0.9 * depth + 0.016 * slope + 0.010 * ridge + 0.55 * patches(1000)
            + 0.8 * np.exp(-from_sea / 120),
            -0.40 - 0.08 * slope + 1.2 * depth - 0.5 * np.exp(-from_sea / 200) + 0.55 * patches(500),
            -2.55 + 0.075 * slope - 0.9 * depth + 0.4 * patches(300) + 1.0 * np.exp(-from_sea / 45),
        ]
    )  # fmt: skip
    conifers, oaks, shrubs, grass, bare = (_finer(score) for score in scores)
    best = np.stack([conifers, oaks, shrubs, grass, bare]).argmax(axis=0)
    cover = np.array([Wild.CONIFERS, Wild.OAKS, Wild.SHRUBS, Wild.GRASS, Wild.BARE])[best]
    trees = np.maximum(conifers, oaks)
    cover[(best <= 1) & (np.abs(conifers - oaks) < 0.20)] = Wild.MIXED
    cover[(best <= 1) & (trees - shrubs < 0.22)] = Wild.OPEN
    cover[_beach(terrain, rng)] = Wild.BARE
    return cover.astype(np.uint8)


def _beach(terrain: Terrain, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Cells of sand: the foot of gentle shores at the bottom of coves."""
    x, y = np.meshgrid(*terrain.grid.centres())
    fine = _finer(terrain.land.astype(float)) > 0.5
    pixel = terrain.grid.pixel / _FINER
    from_sea = distance_transform_edt(fine, sampling=pixel)
    # In a cove land is all around: more than half of the disc.
    enclosed = gaussian_filter(terrain.land.astype(float), 9)
    sand = 1.5 * (enclosed - 0.52) - 0.03 * gaussian_filter(terrain.slope.astype(float), 4)
    sand += 0.05 * fractal_noise(x, y, rng, size=250, octaves=4)
    # Judge a beach at its waterline, so that it does not follow the slope inland.
    waterline = distance_transform_edt(terrain.land, return_distances=False, return_indices=True)
    sand = sand[tuple(waterline)]
    sand = _finer(gaussian_filter(sand, 2))
    return from_sea < np.clip(8 + 220 * sand, 0, 38)


def _finer(surface: Floats) -> Floats:
    return zoom(surface, _FINER, order=1, grid_mode=True, mode="nearest")
