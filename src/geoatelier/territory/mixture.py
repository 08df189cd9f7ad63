"""Reflectance of the ground on a date: what covers each 5 m cell, mixed, shaded and lit by the sun."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from geoatelier.territory.ground import Ground
from geoatelier.territory.phenology import ROW_HEIGHT, Parcels, vegetation
from geoatelier.territory.reflectance import (
    ASH,
    CANOPY,
    CHAR,
    DRY_GRASS,
    MINERAL,
    Array,
    Sun,
    illumination,
    soil,
    thicken,
)
from geoatelier.territory.surfaces import SURFACES, stone, surface_state
from geoatelier.territory.texture import layered_field

# Light lost in the shade of a row or a tree.
_SHADE_LOSS = np.array([0.66, 0.70, 0.74, 0.72, 0.78, 0.80], np.float32)
# How unevenly a crop grows within its parcel, standard deviation of the logarithm of leaf area.
_CONTRAST_OF_PARCELS = 0.17
# Share of the unevenness that passes from one date to the next.
_PASSING = 0.45
# Logarithm of leaf area gained from bare rock to deep soil; a drought doubles it. Wild plants are at home on
# shallow soils; crops feel them.
_THIRST_OF_CROPS, _THIRST_OF_WILD = 0.45, 0.15
_DRY_SEASON = range(151, 280)
# What work, crusting and roughness change in the brightness of a bare soil from one date to the next.
_SOIL_WORK = 0.06
_ROOF_LIGHT = 0.9
_WATERED = ("VRG", "LUZ")


@dataclass(frozen=True)
class _Table:
    """Every surface, then every parcel, on a date: arrays of shape (k + n,), spectra of shape (k + n, 6)."""

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


@dataclass(frozen=True)
class _Cells:
    """What covers each land cell on a date; arrays of shape (n,), shares in [0, 1]."""

    crown: Array
    herbs: Array
    residue: Array
    charred: Array
    shade: Array


def reflectance_of_land(
    ground: Ground, parcels: Parcels, day: date, moisture: float, sun: Sun, rng: np.random.Generator
) -> Array:
    """Reflectance of each land cell.

    Parameters
    ----------
    moisture : of the ground after recent rain, 0 dry to 1 soaked

    Returns
    -------
    float32 array of shape (6, n), n being the number of cells of `ground`
    """
    table = _table(parcels, day, moisture, sun, rng)
    surface = ground.surface
    passing = layered_field(ground.shape, {2.0: 0.6, 10.0: 0.6}, rng).ravel()[ground.cells]
    cells = _cells(ground, table, day, moisture, sun, passing)
    bare = _bare_ground(ground, table, moisture, passing)
    light = illumination(ground.slope, ground.aspect, sun)
    days = _since_fire(ground, day)
    burnt_ground = CHAR + 0.12 * np.exp(-days / 30) * (ASH - CHAR)
    out = np.empty((6, len(surface)), np.float32)
    for band in range(6):
        under = bare[:, band]
        under = under + table.stony[surface] * (table.stone[:, band][surface] - under)
        under = under + cells.charred * (burnt_ground[band] - under)
        under = under + cells.residue * (DRY_GRASS[band] - under)
        under = under + cells.herbs * (CANOPY["grass"][band] * table.herb_tint[surface] - under)
        under = under * (1 - _SHADE_LOSS[band] * cells.shade)
        value = (under + cells.crown * (table.canopy[:, band][surface] - under)) * light
        track = np.where(ground.paved, MINERAL["asphalt"][band], MINERAL["gravel"][band])
        value = value * (1 - ground.road - ground.roof) + ground.road * track
        value[ground.roofed] += _ROOF_LIGHT * ground.roof[ground.roofed] * ground.roof_spectrum[:, band]
        out[band] = value
    return out


def _since_fire(ground: Ground, day: date) -> int:
    """Days since the fire; 0 before it."""
    return max((day - ground.fire).days, 0) if ground.fire else 0


def _cells(ground: Ground, table: _Table, day: date, moisture: float, sun: Sun, passing: Array) -> _Cells:
    """Grow plants unevenly, burn them, and cast their shade."""
    surface = ground.surface
    drought = 1 - moisture if day.timetuple().tm_yday in _DRY_SEASON else 0.0
    thirst = table.thirst[surface] * (1 + drought) * (ground.depth - 0.5)
    growth = np.exp(table.contrast[surface] * (ground.clump + _PASSING * passing) + thirst)
    crown = thicken(table.crown[surface], growth)
    herbs = thicken(table.herbs[surface], growth**1.3)
    residue = table.residue[surface]

    days = _since_fire(ground, day)
    burnt = ground.burnt if days else np.zeros_like(ground.burnt)
    # Rain and wind take ash and char away; seedlings and sprouts come back after three weeks.
    charred = burnt * np.exp(-days / 140)
    regrowth = 0.42 * burnt * (1 - np.exp(-max(days - 20, 0) / 45))
    crown, residue = crown * (1 - burnt), residue * (1 - burnt)
    herbs = herbs * (1 - burnt) + regrowth * thicken(np.float32(0.5), growth)

    lit = 1 - table.shade[surface] * (1 - np.exp(-1.2 * crown * sun.shadow_length))
    lit *= 1 - table.row_shade[surface] * np.minimum(1, 2.5 * crown)
    return _Cells(crown, herbs, residue, charred, 1 - lit)


def _bare_ground(ground: Ground, table: _Table, moisture: float, passing: Array) -> Array:
    """Spectrum of the soil of each cell, array of shape (n, 6)."""
    surface = ground.surface
    brightness = np.clip(ground.brightness + table.soil_shift[surface] + 0.035 * ground.clump, 0, 1)
    # Rain stays longer in deep soils.
    wet = table.moisture[surface] + 0.10 * passing * moisture + 0.2 * (ground.depth - 0.5) * (1 - moisture)
    return soil(brightness, table.redness[surface], np.clip(wet, 0, 1))


def _table(parcels: Parcels, day: date, moisture: float, sun: Sun, rng: np.random.Generator) -> _Table:
    day_of_year = day.timetuple().tm_yday
    wild, grown = surface_state(day_of_year), vegetation(parcels, day_of_year)
    stony, spectrum = stone()
    k, n = len(SURFACES), len(parcels)

    def both(of_surfaces: Array | float, of_parcels: Array | float) -> Array:
        first = np.broadcast_to(np.asarray(of_surfaces, np.float32), (k, *np.shape(of_surfaces)[1:]))
        second = np.broadcast_to(np.asarray(of_parcels, np.float32), (n, *np.shape(of_parcels)[1:]))
        return np.concatenate([first, second])

    watered = parcels.irrigated & np.isin(parcels.code, _WATERED) & (120 < day_of_year < 270)
    return _Table(
        crown=both(wild.crown, grown.crown),
        herbs=both(wild.herbs, grown.herbs),
        residue=both(wild.residue, grown.residue),
        canopy=both(wild.canopy, grown.canopy),
        herb_tint=both(1.0, 0.5 + 0.5 * parcels.tint[:, 1]),
        stony=both(stony, 0.0),
        stone=both(spectrum, np.zeros((n, 6))),
        contrast=both([s.contrast for s in SURFACES.values()], _CONTRAST_OF_PARCELS),
        thirst=both(_THIRST_OF_WILD, _THIRST_OF_CROPS),
        shade=both([s.shade for s in SURFACES.values()], 0.0),
        row_shade=both(0.0, _row_shade(parcels, sun)),
        soil_shift=both(0.0, parcels.soil_shift + rng.normal(0, _SOIL_WORK, n)),
        redness=both(0.12, parcels.redness),
        moisture=both(moisture, np.maximum(moisture, 0.45 * watered)),
    )


def _row_shade(parcels: Parcels, sun: Sun) -> NDArray[np.float64]:
    """Share of the ground between rows that they would shade if they were in full leaf."""
    height = np.array([ROW_HEIGHT.get(code, 0.0) for code in parcels.code])
    across = np.abs(np.sin(np.radians(parcels.row_azimuth - sun.azimuth)))
    spacing = np.maximum(parcels.row_spacing, 0.5)
    return np.clip(height * sun.shadow_length * (0.2 + 0.8 * across) / spacing, 0, 0.8)
