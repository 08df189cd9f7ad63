"""Where people settled: the five villages, each for a reason that can be read in the relief."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from geopandas import GeoDataFrame, points_from_xy
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter, maximum_filter, shift

from geoatelier.territory.world import CRS, Terrain

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Village:
    """A village to settle: its rank (1 is the port), its size, and the score of each cell as its site.

    Parameters
    ----------
    core, outskirts : area of the old town, and of the new quarters around it, in hectares
    score : what draws this village, from the lie of the land; the highest cell wins
    """

    code_insee: str
    nom: str
    rank: int
    core: float
    outskirts: float
    score: Callable[["Lie"], Floats]


@dataclass(frozen=True)
class Lie:
    """The lie of the land around each cell.

    Parameters
    ----------
    sea : distance to the sea, in metres
    open_water : share of sea within some 350 m
    southern_sea : share of sea within some 350 m of the point 400 m to the south
    steepness : mean slope within some 120 m, in degrees
    height : elevation, in metres
    prominence : elevation above the mean of some 350 m around, in metres
    soil : mean depth of soil within some 300 m, in [0, 1]
    terroir : share of gentle ground with soil within some 900 m
    water : area drained by the largest stream within 250 m, in hectares
    east, north : offset from the middle of the island, in units of its half width and half height
    """

    sea: Floats
    open_water: Floats
    southern_sea: Floats
    steepness: Floats
    height: Floats
    prominence: Floats
    soil: Floats
    terroir: Floats
    water: Floats
    east: Floats
    north: Floats


def _port(lie: Lie) -> Floats:
    """At the head of a bay of the south-east, turned to the south: its back to the mistral."""
    shore = np.exp(-(((lie.sea - 110) / 25) ** 2))
    bay = np.exp(-(((lie.open_water - 0.24) / 0.06) ** 2))
    southeast = np.clip(lie.east - lie.north, -0.5, 0.5)
    return (
        3 * shore + 2 * bay - 0.25 * lie.steepness + 2.5 * southeast + 4 * lie.terroir + 3 * lie.southern_sea
    )


def _perched(lie: Lie) -> Floats:
    height = np.exp(-(((lie.height - 150) / 50) ** 2))
    return (
        0.12 * np.clip(lie.prominence, 0, 30)
        - 0.10 * np.clip(lie.steepness - 8, 0, None)
        + 3 * height
        + 8 * lie.terroir
    )


def _plain(lie: Lie) -> Floats:
    return 3 * lie.soil + 5 * lie.terroir - 0.3 * lie.steepness + 0.003 * np.clip(lie.sea, 0, 600)


def _terraces(lie: Lie) -> Floats:
    height = np.exp(-(((lie.height - 85) / 35) ** 2))
    return 2 * height - 0.25 * np.abs(lie.steepness - 6) + 6 * lie.terroir + 0.002 * np.clip(lie.sea, 0, 500)


def _valley(lie: Lie) -> Floats:
    return (
        0.8 * np.log1p(np.clip(lie.water, 0, 100))
        - 0.2 * np.abs(lie.steepness - 3)
        + 0.08 * np.clip(-lie.prominence, 0, 15)
        + 0.005 * np.clip(lie.sea, 0, 450)
        + 4 * lie.terroir
    )


VILLAGES = (
    Village("13901", "Port-Galéjade", 1, 5.2, 30.0, _port),
    Village("13902", "Rocamistral", 2, 1.8, 10.0, _perched),
    Village("13903", "Saint-Cigalon", 3, 1.4, 13.0, _plain),
    Village("13904", "Les Restanques", 4, 1.2, 10.0, _terraces),
    Village("13905", "Font-Badaude", 5, 1.1, 10.0, _valley),
)

# No two villages closer than this, in metres; each then prefers to stand further still.
_APART = 1750.0
# The lie of the land is read on one cell in this many, each way.
_STRIDE = 2


def choose_villages(terrain: Terrain) -> GeoDataFrame:
    """Place the five villages, by rank: each takes the best site left, away from those before it.

    Returns
    -------
    GeoDataFrame of five points, EPSG:2154, with `code_insee`, `nom` and `rang`
    """
    lie = _lie_of_the_land(terrain)
    x, y = np.meshgrid(*(centres[::_STRIDE] for centres in terrain.grid.centres()))
    pixel = terrain.grid.pixel * _STRIDE
    # A village needs room around it, so never a spit or an islet.
    land = terrain.land[::_STRIDE, ::_STRIDE]
    roomy = gaussian_filter(land.astype(float), 400 / pixel) > 0.55
    allowed = land & roomy & (lie.sea > 60)
    nearest = np.full(x.shape, np.inf)
    sites = []
    for village in VILLAGES:
        remoteness = np.clip(nearest / _APART, 0, 1.3)
        score = np.where(allowed & (nearest > _APART), village.score(lie) + 3 * remoteness, -np.inf)
        row, column = np.unravel_index(score.argmax(), score.shape)
        sites.append((x[row, column], y[row, column]))
        nearest = np.minimum(nearest, np.hypot(x - x[row, column], y - y[row, column]))
    return GeoDataFrame(
        {
            "code_insee": [village.code_insee for village in VILLAGES],
            "nom": [village.nom for village in VILLAGES],
            "rang": [village.rank for village in VILLAGES],
        },
        geometry=points_from_xy(*np.array(sites).T),
        crs=CRS,
    )


def _lie_of_the_land(terrain: Terrain) -> Lie:
    pixel = terrain.grid.pixel * _STRIDE
    on_land = terrain.land[::_STRIDE, ::_STRIDE]
    land = on_land.astype(float)
    x, y = np.meshgrid(*(centres[::_STRIDE] for centres in terrain.grid.centres()))
    west, east = x[on_land].min(), x[on_land].max()
    south, north = y[on_land].min(), y[on_land].max()
    elevation, slope, soil = (
        layer[::_STRIDE, ::_STRIDE].astype(float)
        for layer in (terrain.elevation, terrain.slope, terrain.soil_depth)
    )
    # Streams are a cell wide: the widest of each block stands for it.
    drained = maximum_filter(terrain.drained_area, size=_STRIDE)[::_STRIDE, ::_STRIDE]
    around = gaussian_filter(land, 350 / 2 / pixel)

    worked = on_land & (slope < 8) & (soil > 0.35)

    def mean_on_land(values: NDArray, radius: float) -> Floats:
        sigma = radius / 2 / pixel
        share = gaussian_filter(land, sigma)
        return gaussian_filter(np.where(on_land, values, 0.0), sigma) / np.maximum(share, 1e-3)

    return Lie(
        sea=distance_transform_edt(on_land) * pixel,
        open_water=1 - around,
        southern_sea=1 - shift(around, (-400 / pixel, 0), order=1),
        steepness=mean_on_land(slope, 120),
        height=elevation,
        terroir=gaussian_filter(worked.astype(float), 900 / 2 / pixel),
        prominence=elevation - mean_on_land(elevation, 350),
        soil=mean_on_land(soil, 300),
        water=maximum_filter(drained, size=int(500 / pixel) + 1).astype(float),
        east=2 * (x - west) / (east - west) - 1,
        north=2 * (y - south) / (north - south) - 1,
    )
