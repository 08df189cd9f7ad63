"""Which crop grows where: what suits the ground, what the neighbours grow, and chance."""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter
from scipy.optimize import linear_sum_assignment

from geoatelier.territory.noise import fractal_noise
from geoatelier.territory.schemas import CROPS
from geoatelier.territory.world import Settlement, Terrain

Floats = NDArray[np.float64]

FEWEST_OF_A_CROP = 30

# Share of the parcels, in percent.
_SHARES = {
    "VRC": 33.0, "OLI": 13.5, "LAV": 7.0, "VRG": 7.0, "BDH": 8.0, "ORH": 5.5,
    "TRN": 4.5, "LUZ": 5.5, "PPH": 6.0, "SPH": 5.0, "J6S": 5.0,
}  # fmt: skip

# How a crop likes: slope, soil depth, pale soil, altitude, the sea, a village near, a large parcel. Each of
# these is centred and scaled over the parcels, so that a taste of 1 counts as much as one unit of chance.
_TASTES = {
    "VRC": (0.5, 0.1, 0.4, 0.1, 0.0, 0.1, -0.1),
    "OLI": (0.9, -0.5, 0.4, 0.0, 0.4, 0.2, -0.5),
    "LAV": (-0.2, -0.9, 1.0, 1.6, -0.5, -0.4, 0.1),
    "VRG": (-0.5, 0.9, -0.4, -0.4, 0.0, 0.4, -0.6),
    "BDH": (-0.9, 0.6, 0.0, 0.1, -0.3, -0.2, 0.9),
    "ORH": (-0.7, 0.1, 0.3, 0.4, -0.2, -0.2, 0.7),
    "TRN": (-0.9, 0.8, -0.3, -0.2, -0.3, -0.1, 0.8),
    "LUZ": (-0.6, 0.8, -0.5, -0.3, 0.0, 0.0, 0.4),
    "PPH": (0.3, 0.3, -0.5, 0.0, 0.2, -0.2, 0.4),
    "SPH": (1.2, -1.0, 0.2, 0.4, 0.2, -0.6, 1.0),
    "J6S": (0.1, -0.2, 0.1, 0.0, 0.2, 0.2, -0.3),
}
# What is gained by growing what the district grows, what the farm grows, and left to chance.
_DISTRICT, _FARM, _CHANCE = 0.9, 0.7, 0.8


def choose_crops(
    ground: Floats,
    pasture: NDArray[np.bool_],
    district: Floats,
    farm: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.str_]:
    """Crop code of each parcel: the assignment of the year's quotas that suits parcels best.

    Parameters
    ----------
    ground : array of shape (n_parcels, 7), as `read_ground` gives it
    pasture : array of shape (n_parcels,), parcels of the pastoral zone, which are grazed or left fallow
    district : array of shape (n_parcels, n_crops), leaning of the place towards each crop, sd about 1
    farm : array of shape (n_parcels,), number of the farm
    """
    codes = list(CROPS)
    scaled = (ground - ground.mean(axis=0)) / ground.std(axis=0)
    tastes = np.array([_TASTES[code] for code in codes])
    of_farm = rng.normal(size=(farm.max() + 1, len(codes)))[farm]
    liking = (
        scaled @ tastes.T + _DISTRICT * district + _FARM * of_farm + _CHANCE * rng.gumbel(size=district.shape)
    )
    grazed = np.array([code in ("SPH", "PPH") for code in codes])
    liking += 6.0 * np.where(pasture[:, None], grazed, np.array(codes) != "SPH")
    quota = _quotas(len(ground), codes, rng)
    slots = np.repeat(np.arange(len(codes)), quota)
    parcel, slot = linear_sum_assignment(liking[:, slots], maximize=True)
    chosen = np.empty(len(ground), dtype=int)
    chosen[parcel] = slots[slot]
    return np.array(codes)[chosen]


def read_ground(polygons: NDArray[np.object_], terrain: Terrain, settlement: Settlement) -> Floats:
    """Slope, soil depth, brightness, altitude, nearness of the sea and of a village, log area of each parcel.

    Returns
    -------
    Array of shape (n_parcels, 7), read at a point inside each parcel on surfaces smoothed over 50 m.
    """
    points = shapely.point_on_surface(polygons)
    x, y = shapely.get_x(points), shapely.get_y(points)
    cell = cells_of(x, y, terrain)
    from_sea = distance_transform_edt(terrain.land, sampling=terrain.grid.pixel)
    centres = shapely.multipoints(settlement.villages.geometry.array)
    surfaces = (terrain.slope, terrain.soil_depth, terrain.soil_brightness, terrain.elevation)
    return np.column_stack(
        [
            *(gaussian_filter(surface.astype(float), 2)[cell] for surface in surfaces),
            np.exp(-from_sea[cell] / 500),
            np.exp(-shapely.distance(points, centres) / 900),
            np.log(shapely.area(polygons)),
        ]
    )


def read_district(polygons: NDArray[np.object_], rng: np.random.Generator) -> Floats:
    """Leaning of each place towards each crop, in patches of some 1.5 km; shape (n_parcels, n_crops)."""
    points = shapely.point_on_surface(polygons)
    x, y = shapely.get_x(points), shapely.get_y(points)
    return np.column_stack([fractal_noise(x, y, rng, size=1500, octaves=2) for _ in CROPS])


def cells_of(x: Floats, y: Floats, terrain: Terrain) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and column of the cell of the grid under each point."""
    grid = terrain.grid
    return ((grid.top - y) / grid.pixel).astype(int), ((x - grid.left) / grid.pixel).astype(int)


def _quotas(count: int, codes: list[str], rng: np.random.Generator) -> NDArray[np.int64]:
    """Number of parcels of each crop: drawn around the shares, never below the fewest."""
    shares = np.array([_SHARES[code] for code in codes]) / sum(_SHARES.values())
    quota = np.maximum(rng.multinomial(count, shares), FEWEST_OF_A_CROP + 2)
    quota[codes.index("VRC")] -= quota.sum() - count
    return quota
