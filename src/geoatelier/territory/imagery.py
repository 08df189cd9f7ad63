"""Eight dates of a Sentinel-2-like series, computed from what covers the ground: causes first, pixels last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from geoatelier.territory.clouds import apply_clouds, detect, make_clouds
from geoatelier.territory.cog import write_cog
from geoatelier.territory.ground import CELL, Ground, survey_ground
from geoatelier.territory.phenology import ROW_HEIGHT, Habits, draw_habits, vegetation
from geoatelier.territory.reflectance import (
    ASH,
    BANDS,
    CANOPY,
    CHAR,
    DRY_GRASS,
    MINERAL,
    OPEN_SEA,
    SWIR1,
    SWIR2,
    TURBID_SEA,
    Array,
    Sun,
    illumination,
    soil,
    sun_position,
    thicken,
)
from geoatelier.territory.surfaces import SURFACES, stone, surface_state
from geoatelier.territory.texture import layered_field, smooth_field
from geoatelier.territory.world import CRS, Cover, Farmland, Grid, Settlement, Terrain

LATITUDE, LONGITUDE = 42.81, 5.37
PASS_TIME = time(10, 36)
COUNTS = 10_000
NODATA = 0
# Each band is rounded to this many counts, finer than the noise that it carries: files are half as large.
STEPS = np.array([20, 20, 20, 40, 40, 40])


@dataclass(frozen=True)
class Pass:
    """One pass of the satellite.

    Parameters
    ----------
    day : date
    moisture : of the ground after recent rain, 0 dry to 1 soaked
    haze : what correction left of the aerosols, as reflectance in the blue
    glint : sun light that waves send to the sensor
    cloud_cover : share of land under clouds
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

_HAZE_SPECTRUM = np.array([1.0, 0.62, 0.40, 0.16, 0.04, 0.02], np.float32)
# Light lost in the shade of a row or a tree.
_SHADE_LOSS = np.array([0.66, 0.70, 0.74, 0.72, 0.78, 0.80], np.float32)
# Blur of the optics at 5 m: standard deviation in cells, for 10 m bands and for 20 m bands.
_BLUR = {False: 0.75, True: 1.4}
# Deviation of the logarithm of leaf area within a parcel; what it loses from deep soil to none, half in drought.
_CONTRAST_OF_PARCELS = 0.17
_THIRST_OF_CROPS, _THIRST_OF_WILD = 0.45, 0.15


@dataclass(frozen=True)
class Scene:
    """One date of the series.

    Parameters
    ----------
    day : date of the pass
    reflectance : uint16 array of shape (6, rows, columns), reflectance × 10,000; bands of `BANDS`, 0 is no data
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

    Reflectance is computed in 5 m cells from spectra mixed by cover, lit by the sun of the date, blurred and
    sampled as the sensor does (B11 and B12 at 20 m, then interpolated to 10 m), then seen through air and clouds.
    The class of a parcel is known only by what grows in it.

    Parameters
    ----------
    seed : seed of the territory

    Returns
    -------
    list of one scene a pass, in order
    """
    still = np.random.default_rng([seed, 51])
    ground = survey_ground(terrain, settlement, farmland, cover, still)
    codes = farmland.parcels["code_cultu"].to_numpy(str)
    fields = _Fields(codes, farmland, draw_habits(codes, still), _altitudes(terrain, farmland))
    return [
        _scene(terrain, ground, fields, each, np.random.default_rng([seed, 52, each.day.toordinal()]))
        for each in passes
    ]


def write_series(folder: Path, scenes: Sequence[Scene], grid: Grid) -> list[Path]:
    """Write each scene as `galejade_AAAAMMJJ.tif` and its mask as `galejade_AAAAMMJJ_masque.tif`; list the files."""
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


@dataclass(frozen=True)
class _Fields:
    """Farm parcels with all their causes."""

    codes: NDArray[np.str_]
    farmland: Farmland
    habits: Habits
    altitude: Array


def _altitudes(terrain: Terrain, farmland: Farmland) -> Array:
    """Altitude of each parcel at a point inside it."""
    points = farmland.parcels.representative_point()
    grid = terrain.grid
    row = ((grid.top - points.y) / grid.pixel).astype(int).clip(0, grid.rows - 1)
    column = ((points.x - grid.left) / grid.pixel).astype(int).clip(0, grid.columns - 1)
    return terrain.elevation[row, column]


def _scene(terrain: Terrain, ground: Ground, fields: _Fields, each: Pass, rng: np.random.Generator) -> Scene:
    sun = sun_position(datetime.combine(each.day, PASS_TIME), LATITUDE, LONGITUDE)
    # Two passes never fall on exactly the same grid: about a quarter of a pixel.
    offset = rng.normal(0, 0.45, 2)
    seen = _sensor(terrain, ground, _land(ground, fields, each, sun, rng), each, offset, rng)
    grid = terrain.grid
    clouds = make_clouds(grid, terrain.land, sun, each.cloud_cover, each.cloud_height, rng)
    seen = _noise(apply_clouds(_air(seen, each, rng), clouds), terrain.land, rng)
    steps = STEPS[:, None, None]
    counts = np.clip(np.rint(seen * COUNTS / steps), 1, 65_000 // steps) * steps
    return Scene(each.day, counts.astype(np.uint16), detect(clouds, seen, rng), sun)


def _land(ground: Ground, fields: _Fields, each: Pass, sun: Sun, rng: np.random.Generator) -> Array:
    """Reflectance of each land cell, array of shape (6, n): the mixture of what covers it, lit by the sun."""
    day = each.day.timetuple().tm_yday
    table = _table(fields, each, day, sun, rng)
    surface = ground.surface
    dry = 1 - each.moisture
    drought = dry if 150 < day < 280 else 0.0
    passing = layered_field(ground.shape, {2.0: 0.6, 10.0: 0.6}, rng).ravel()[ground.cells]
    thirst = table.thirst[surface] * (1 + drought) * (ground.depth - 0.5)
    growth = np.exp(table.contrast[surface] * (ground.clump + 0.45 * passing) + thirst)
    crown = thicken(table.crown[surface], growth)
    herbs = thicken(table.herbs[surface], growth**1.3)
    residue = table.residue[surface]

    since_fire = (each.day - ground.fire).days if ground.fire else -1
    burnt = ground.burnt if since_fire >= 0 else np.zeros_like(ground.burnt)
    # Rain and wind take ash and char away, seedlings and sprouts come back.
    charred = burnt * np.exp(-max(since_fire, 0) / 140)
    regrowth = 0.42 * burnt * (1 - np.exp(-max(since_fire - 20, 0) / 45))
    crown, residue = crown * (1 - burnt), residue * (1 - burnt)
    herbs = herbs * (1 - burnt) + regrowth * thicken(np.float32(0.5), growth)

    shade = table.shade[surface] * (1 - np.exp(-1.2 * crown * sun.shadow_length))
    shade = 1 - (1 - shade) * (1 - table.row_shade[surface] * np.minimum(1, 2.5 * crown))
    brightness = np.clip(ground.brightness + table.soil_shift[surface] + 0.035 * ground.clump, 0, 1)
    wet = np.clip(
        table.moisture[surface] + 0.10 * passing * each.moisture + 0.2 * (ground.depth - 0.5) * dry, 0, 1
    )
    bare = soil(brightness, table.redness[surface], wet)
    light = illumination(ground.slope, ground.aspect, sun)

    out = np.empty((6, len(surface)), np.float32)
    burnt_ground = CHAR + 0.12 * np.exp(-max(since_fire, 0) / 30) * (ASH - CHAR)
    roof_light = 0.9
    for band in range(6):
        under = bare[:, band]
        under = under + table.stony[surface] * (table.stone[:, band][surface] - under)
        under = under + charred * (burnt_ground[band] - under)
        under = under + residue * (DRY_GRASS[band] - under)
        under = under + herbs * (CANOPY["grass"][band] * table.herb_tint[surface] - under)
        under = under * (1 - _SHADE_LOSS[band] * shade)
        value = (under + crown * (table.canopy[:, band][surface] - under)) * light
        track = np.where(ground.paved, MINERAL["asphalt"][band], MINERAL["gravel"][band])
        value = value * (1 - ground.road - ground.roof) + ground.road * track
        value[ground.roofed] += roof_light * ground.roof[ground.roofed] * ground.roof_spectrum[:, band]
        out[band] = value
    return out


@dataclass(frozen=True)
class _Table:
    """State of each surface and parcel on a date: surfaces first, then parcels."""

    crown: Array
    herbs: Array
    residue: Array
    canopy: Array
    herb_tint: Array
    stony: Array
    stone: Array
    contrast: Array
    thirst: Array
    shade: Array
    row_shade: Array
    soil_shift: Array
    redness: Array
    moisture: Array


def _table(fields: _Fields, each: Pass, day: int, sun: Sun, rng: np.random.Generator) -> _Table:
    wild = surface_state(day)
    wild_stony, wild_stone = stone()
    causes, habits, codes = fields.farmland.causes, fields.habits, fields.codes
    grown = vegetation(codes, causes, habits, fields.altitude, day)
    k, n = len(SURFACES), len(codes)

    def both(of_surfaces: Array | float, of_parcels: Array | float) -> Array:
        first = np.broadcast_to(np.asarray(of_surfaces, np.float32), (k, *np.shape(of_surfaces)[1:]))
        second = np.broadcast_to(np.asarray(of_parcels, np.float32), (n, *np.shape(of_parcels)[1:]))
        return np.concatenate([first, second])

    # Work, crusting and roughness change the look of a bare soil from one date to the next.
    surface_state_shift = rng.normal(0, 0.06, n)
    watered = habits.irrigated & np.isin(codes, ("VRG", "LUZ")) & (120 < day < 270)
    return _Table(
        crown=both(wild.crown, grown.crown),
        herbs=both(wild.herbs, grown.herbs),
        residue=both(wild.residue, grown.residue),
        canopy=both(wild.canopy, grown.canopy),
        herb_tint=both(1.0, 0.5 + 0.5 * habits.tint[:, 1]),
        stony=both(wild_stony, 0.0),
        stone=both(wild_stone, np.zeros((n, 6))),
        contrast=both([s.contrast for s in SURFACES.values()], _CONTRAST_OF_PARCELS),
        # Wild plants are at home on shallow soils; crops feel them.
        thirst=both(_THIRST_OF_WILD, _THIRST_OF_CROPS),
        shade=both([s.shade for s in SURFACES.values()], 0.0),
        row_shade=both(0.0, _row_shade(codes, causes, sun)),
        soil_shift=both(0.0, causes["soil_shift"].to_numpy(np.float32) + surface_state_shift),
        redness=both(0.12, habits.redness),
        moisture=both(each.moisture, np.maximum(each.moisture, 0.45 * watered)),
    )


def _row_shade(codes: NDArray[np.str_], causes: object, sun: Sun) -> Array:
    """Share of the ground between rows in the shadow of the rows."""
    height = np.array([ROW_HEIGHT.get(code, 0.0) for code in codes])
    across = np.abs(np.sin(np.radians(causes["row_azimuth"].to_numpy(float) - sun.azimuth)))
    spacing = np.maximum(causes["row_spacing"].to_numpy(float), 0.5)
    return np.clip(height * sun.shadow_length * (0.2 + 0.8 * across) / spacing, 0, 0.8).astype(np.float32)


def _sensor(
    terrain: Terrain,
    ground: Ground,
    land: Array,
    each: Pass,
    offset: NDArray[np.float64],
    rng: np.random.Generator,
) -> Array:
    """Blur and sample the ground as the sensor does: array of shape (6, rows, columns)."""
    sea = _sea(terrain, each, rng)
    seen = np.empty((6, *terrain.grid.shape), np.float32)
    for band in range(6):
        wide = band in (SWIR1, SWIR2)
        water = np.repeat(np.repeat(sea[band], CELL, 0), CELL, 1)
        here = land[band] * ground.land + water.ravel()[ground.cells] * (1 - ground.land)
        image = ground.image(here, water)
        for axis in (0, 1):
            kernel = _kernel(_BLUR[wide], offset[axis])
            image = ndimage.convolve1d(image, kernel, axis=axis, mode="nearest")
        seen[band] = _from_20_m(image) if wide else _mean(image, CELL)
    return seen


def _kernel(blur: float, offset: float) -> NDArray[np.float64]:
    """Gaussian weights of a given standard deviation, centred `offset` cells away."""
    reach = int(4 * blur) + 1
    weights = np.exp(-0.5 * ((np.arange(-reach, reach + 1) - offset) / blur) ** 2)
    return weights / weights.sum()


def _mean(image: Array, factor: int) -> Array:
    rows, columns = (size // factor for size in image.shape)
    return image[: rows * factor, : columns * factor].reshape(rows, factor, columns, factor).mean(axis=(1, 3))


def _from_20_m(image: Array) -> Array:
    """Sample at 20 m, then interpolate to 10 m as processing chains do."""
    coarse = _mean(image, 2 * CELL)
    return ndimage.zoom(coarse, 2, order=1, mode="nearest", grid_mode=True)


def _sea(terrain: Terrain, each: Pass, rng: np.random.Generator) -> Array:
    """Reflectance of the sea: dark, turbid along the coast, a little sun on the waves; (6, rows, columns)."""
    offshore = ndimage.distance_transform_edt(~terrain.land) * terrain.grid.pixel
    drift = smooth_field(terrain.grid.shape, 25, rng)
    turbid = np.exp(-offshore / (110 * np.exp(0.5 * drift))) * (0.45 + 0.5 * each.moisture)
    spectrum = OPEN_SEA[:, None, None] + turbid * (TURBID_SEA - OPEN_SEA)[:, None, None]
    return (spectrum + each.glint * (1 + 0.15 * smooth_field(terrain.grid.shape, 60, rng))).astype(np.float32)


def _air(seen: Array, each: Pass, rng: np.random.Generator) -> Array:
    """What correction left: a thin veil, bluer than the ground, and a gain that drifts over the scene."""
    shape = seen.shape[1:]
    veil = each.haze * (1 + 0.5 * smooth_field(shape, 120, rng))
    gain = 1 + rng.normal(0, 0.02, (6, 1, 1)) + 0.012 * smooth_field(shape, 200, rng)
    return (seen * gain + _HAZE_SPECTRUM[:, None, None] * (veil - 0.006)).astype(np.float32)


def _noise(seen: Array, land: NDArray[np.bool_], rng: np.random.Generator) -> Array:
    """Add the noise of the sensor: a floor, and a share of the signal."""
    deviation = 0.0012 + 0.007 * seen
    # Detectors are steadier over the dark and even sea; a tenth is all that rounding would keep.
    deviation *= np.where(ndimage.binary_dilation(land, iterations=2), 1.0, 0.1)
    return seen + deviation * rng.standard_normal(seen.shape, dtype=np.float32)
