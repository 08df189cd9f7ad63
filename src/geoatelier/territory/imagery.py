"""Eight dates of a Sentinel-2-like series, computed from what covers the ground."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geoatelier.territory.clouds import apply_clouds, detect, make_clouds
from geoatelier.territory.cog import write_cog
from geoatelier.territory.ground import Ground, survey_ground
from geoatelier.territory.mixture import reflectance_of_land
from geoatelier.territory.phenology import Parcels, describe_parcels
from geoatelier.territory.reflectance import BANDS, Array, Sun, sun_position
from geoatelier.territory.sensor import sample, sea_reflectance, through_air, with_noise
from geoatelier.territory.world import CRS, Cover, Farmland, Grid, Settlement, Terrain

LATITUDE, LONGITUDE = 42.81, 5.37
PASS_TIME = time(10, 36)
COUNTS = 10_000
NODATA = 0
# Each band is rounded to this many counts, about the noise that it carries: files are half as large.
STEPS = np.array([20, 20, 20, 40, 40, 40])


@dataclass(frozen=True)
class Pass:
    """One pass of the satellite.

    Parameters
    ----------
    day : date
    moisture : of the ground after recent rain, 0 dry to 1 soaked
    haze : veil of the aerosols, as reflectance in the blue
    glint : sun light that waves send to the sensor, as reflectance
    cloud_cover : share of land under clouds, in [0, 1]
    cloud_height : metres
    """

    day: date
    moisture: float
    haze: float
    glint: float
    cloud_cover: float = 0.0
    cloud_height: float = 1500.0


PASSES = (
    Pass(date(2025, 2, 18), 0.50, 0.004, 0.000, 0.14, 1300),
    Pass(date(2025, 3, 25), 0.40, 0.007, 0.001, 0.30, 1500),
    Pass(date(2025, 4, 24), 0.45, 0.005, 0.002),
    Pass(date(2025, 5, 19), 0.20, 0.008, 0.005, 0.20, 1700),
    Pass(date(2025, 6, 18), 0.08, 0.010, 0.007),
    Pass(date(2025, 7, 18), 0.03, 0.012, 0.006),
    Pass(date(2025, 8, 27), 0.10, 0.009, 0.002),
    Pass(date(2025, 10, 16), 0.40, 0.005, 0.000),
)


@dataclass(frozen=True)
class Scene:
    """One date of the series.

    Parameters
    ----------
    day : date of the pass
    reflectance : uint16 array of shape (6, rows, columns), bands of `BANDS`; reflectance × 10,000, 0: no data
    mask : uint8 array of shape (rows, columns): 0 clear, 1 cloud, 2 cloud shadow
    sun : position of the sun
    """

    day: date
    reflectance: NDArray[np.uint16]
    mask: NDArray[np.uint8]
    sun: Sun


def make_series(
    terrain: Terrain,
    settlement: Settlement,
    farmland: Farmland,
    cover: Cover,
    seed: int,
    passes: Sequence[Pass] = PASSES,
) -> list[Scene]:
    """Eight images of the island and their cloud masks.

    Reflectance is computed in 5 m cells from spectra mixed by cover and lit by the sun of the date, blurred
    and sampled as the sensor does, then seen through air and clouds. The class of a parcel is known only by
    what grows in it.

    Parameters
    ----------
    seed : seed of the territory

    Returns
    -------
    list of one scene a pass, in order
    """
    still = np.random.default_rng([seed, 51])
    ground = survey_ground(terrain, settlement, farmland, cover, still)
    parcels = describe_parcels(farmland, _altitudes(terrain, farmland), still)
    return [
        _scene(terrain, ground, parcels, each, np.random.default_rng([seed, 52, each.day.toordinal()]))
        for each in passes
    ]


def write_series(folder: Path, scenes: Sequence[Scene], grid: Grid) -> list[Path]:
    """Write each scene as `galejade_AAAAMMJJ.tif` and its mask as `…_masque.tif`; list the files."""
    paths = []
    for scene in scenes:
        name = f"galejade_{scene.day:%Y%m%d}"
        tags = {
            "ACQUISITIONDATETIME": f"{scene.day:%Y-%m-%d}T{PASS_TIME:%H:%M:%S}Z",
            "SUN_ELEVATION": f"{scene.sun.elevation:.1f}",
            "SUN_AZIMUTH": f"{scene.sun.azimuth:.1f}",
            "QUANTIFICATION_VALUE": str(COUNTS),
        }
        image, mask = folder / f"{name}.tif", folder / f"{name}_masque.tif"
        write_cog(image, scene.reflectance, grid.transform, CRS, nodata=NODATA, descriptions=BANDS, tags=tags)
        write_cog(
            mask,
            scene.mask,
            grid.transform,
            CRS,
            descriptions=("masque",),
            tags={"VALEURS": "0 clair, 1 nuage, 2 ombre de nuage"},
            categorical=True,
        )
        paths += [image, mask]
    return paths


def _altitudes(terrain: Terrain, farmland: Farmland) -> Array:
    """Altitude of each parcel at a point inside it, in metres."""
    points = farmland.parcels.representative_point()
    grid = terrain.grid
    row = ((grid.top - points.y) / grid.pixel).astype(int)
    column = ((points.x - grid.left) / grid.pixel).astype(int)
    return terrain.elevation[row, column]


def _scene(terrain: Terrain, ground: Ground, parcels: Parcels, each: Pass, rng: np.random.Generator) -> Scene:
    sun = sun_position(datetime.combine(each.day, PASS_TIME), LATITUDE, LONGITUDE)
    land = reflectance_of_land(ground, parcels, each.day, each.moisture, sun, rng)
    sea = sea_reflectance(terrain, 0.45 + 0.5 * each.moisture, each.glint, rng)
    seen = through_air(sample(ground, land, sea, rng), each.haze, rng)
    clouds = make_clouds(terrain.grid, terrain.land, sun, each.cloud_cover, each.cloud_height, rng)
    seen = with_noise(apply_clouds(seen, clouds), terrain.land, rng)
    return Scene(each.day, _counts(seen), detect(clouds, seen, rng), sun)


def _counts(seen: Array) -> NDArray[np.uint16]:
    """Reflectance as whole counts; the darkest measure stays above no data."""
    steps = STEPS[:, None, None]
    most = np.iinfo(np.uint16).max // steps
    return (np.clip(np.rint(seen * COUNTS / steps), 1, most) * steps).astype(np.uint16)
