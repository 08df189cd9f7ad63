"""What grows in a farm parcel on a given day: green cover, herbs, residue, flowers.

Two kinds of crops. A field crop covers its parcel evenly; its year is stated as the NDVI of a typical parcel,
after profiles of real parcels in south-west France (samples of Pelletier, Webb & Petitjean, 2019) moved to a
Provençal island: earlier harvest, drier summer. A row crop (vines, trees, lavender) is made of rows whose
summer cover belongs to the parcel, and of a ground between them, grassed or worked.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PchipInterpolator

from geoatelier.territory.reflectance import CANOPY, FLOWERS, STRAW, Array, cover_for_ndvi, soil, thicken
from geoatelier.territory.world import Farmland

Curve = dict[int, float]

# NDVI of a typical parcel, by day of the year. Lucerne is stated uncut: mowing comes apart.
FIELD_NDVI: dict[str, Curve] = {
    "BDH": {1: 0.34, 49: 0.47, 84: 0.66, 108: 0.75, 126: 0.75, 143: 0.64, 158: 0.43, 169: 0.29, 182: 0.21,
            199: 0.19, 239: 0.18, 289: 0.23, 325: 0.27},
    "ORH": {1: 0.36, 49: 0.49, 84: 0.66, 104: 0.72, 120: 0.69, 137: 0.54, 150: 0.36, 162: 0.25, 176: 0.21,
            199: 0.20, 239: 0.19, 289: 0.26, 325: 0.30},
    "TRN": {1: 0.22, 49: 0.22, 84: 0.20, 112: 0.17, 126: 0.20, 142: 0.33, 160: 0.56, 178: 0.70, 196: 0.67,
            212: 0.52, 228: 0.34, 245: 0.24, 289: 0.21, 325: 0.22},
    "LUZ": {1: 0.42, 49: 0.48, 84: 0.66, 114: 0.76, 139: 0.79, 169: 0.77, 199: 0.73, 239: 0.70, 289: 0.62,
            325: 0.50},
    "PPH": {1: 0.48, 49: 0.50, 84: 0.59, 114: 0.69, 139: 0.68, 169: 0.52, 199: 0.40, 239: 0.35, 289: 0.49,
            325: 0.52},
    "SPH": {1: 0.42, 49: 0.43, 84: 0.49, 114: 0.57, 139: 0.53, 169: 0.39, 199: 0.31, 239: 0.28, 289: 0.38,
            325: 0.43},
    "J6S": {1: 0.37, 49: 0.40, 84: 0.49, 114: 0.58, 139: 0.52, 169: 0.36, 199: 0.27, 239: 0.24, 289: 0.34,
            325: 0.37},
}  # fmt: skip
# Share of the ground between green leaves that straw or dry grass hides.
RESIDUE: dict[str, Curve] = {
    "BDH": {1: 0.0, 135: 0.0, 155: 0.30, 175: 0.75, 188: 0.70, 195: 0.55, 239: 0.45, 289: 0.30, 340: 0.05},
    "ORH": {1: 0.0, 125: 0.0, 145: 0.30, 165: 0.75, 178: 0.65, 185: 0.50, 239: 0.42, 289: 0.28, 340: 0.05},
    "TRN": {1: 0.05, 110: 0.0, 200: 0.0, 228: 0.35, 250: 0.40, 289: 0.30, 330: 0.10},
    "LUZ": {1: 0.15, 90: 0.10, 330: 0.15},
    "PPH": {1: 0.30, 90: 0.20, 139: 0.30, 185: 0.60, 239: 0.70, 289: 0.45, 330: 0.35},
    "SPH": {1: 0.40, 90: 0.25, 139: 0.35, 185: 0.70, 239: 0.75, 289: 0.55, 330: 0.45},
    "J6S": {1: 0.30, 90: 0.20, 139: 0.35, 185: 0.65, 239: 0.70, 289: 0.50, 330: 0.40},
}  # fmt: skip
FIELD_CANOPY = {
    "BDH": "cereal", "ORH": "cereal", "TRN": "sunflower", "LUZ": "lucerne", "PPH": "grass", "SPH": "grass",
    "J6S": "grass",
}  # fmt: skip

# Crops that are sown each year: weeds come between two of them, and a plough.
ARABLE = ("BDH", "ORH", "TRN")
# Share of ground under the canopy of a typical parcel, to which the cover of a parcel is compared.
TYPICAL_COVER = {"BDH": 0.92, "ORH": 0.90, "TRN": 0.80, "LUZ": 0.93, "PPH": 0.90, "SPH": 0.58, "J6S": 0.48}

# Share of the summer canopy that is in leaf.
LEAVES: dict[str, Curve] = {
    "VRC": {1: 0.0, 98: 0.0, 114: 0.14, 126: 0.36, 139: 0.62, 155: 0.85, 172: 1.0, 235: 0.95, 262: 0.80,
            289: 0.50, 308: 0.12, 320: 0.0},
    "OLI": {1: 0.95, 100: 0.90, 150: 1.0, 289: 1.0},
    "VRG": {1: 0.0, 80: 0.02, 96: 0.30, 114: 0.62, 132: 0.88, 150: 1.0, 239: 0.95, 280: 0.78, 305: 0.35,
            325: 0.0},
    "LAV": {1: 0.48, 84: 0.52, 114: 0.66, 139: 0.86, 160: 1.0, 199: 0.98, 239: 0.86, 289: 0.66, 330: 0.52},
}  # fmt: skip
ROW_CANOPY = {"VRC": "vine", "OLI": "olive", "VRG": "orchard", "LAV": "lavender"}
# Height of rows in metres: what casts a shadow on the ground between them.
ROW_HEIGHT = {"VRC": 1.3, "OLI": 3.5, "VRG": 3.2, "LAV": 0.5}

# Green herbs between rows: left to grow and mown, or destroyed by spring work.
GRASSED: Curve = {
    1: 0.48,
    49: 0.55,
    84: 0.66,
    114: 0.70,
    139: 0.60,
    169: 0.38,
    199: 0.22,
    239: 0.15,
    289: 0.42,
}
WORKED: Curve = {
    1: 0.24,
    49: 0.30,
    80: 0.30,
    100: 0.14,
    114: 0.09,
    139: 0.06,
    199: 0.03,
    239: 0.03,
    289: 0.14,
}
# Drip or sprinkler lines keep an orchard's grass alive in summer.
IRRIGATED_HERBS = 0.45

MOWING_DAYS = {"LUZ": (128, 162, 197, 236), "PPH": (163,)}
MOWN_NDVI = {"LUZ": 0.30, "PPH": 0.34}
REGROWTH_DAYS = 26.0
LAVENDER_BLOOM, LAVENDER_HARVEST, CUT_LAVENDER = 170, 208, 0.62
ORCHARD_BLOOM = 76
SUNFLOWER_BLOOM = 188
# Plants of the hills lag behind those of the shore.
DELAY_PER_METRE = 0.02
# What hoeing leaves of the weeds between rows of lavender.
HOED = 0.4

# The ground of the typical parcel, against which NDVI is stated.
TYPICAL_GROUND = soil(0.5, 0.15, 0.2)


def at_day(curve: Curve, day: ArrayLike) -> Array:
    """Value of a yearly curve on (fractional) days, without overshoot and continuous over New Year."""
    knots = np.array(sorted(curve), float)
    values = np.array([curve[k] for k in sorted(curve)])
    year = np.concatenate([knots - 365, knots, knots + 365])
    return PchipInterpolator(year, np.tile(values, 3))(day).astype(np.float32)


@dataclass(frozen=True)
class Parcels:
    """Farm parcels with all that decides what they look like; arrays of shape (n,) unless said otherwise.

    From the farmland: `code`, `sowing_shift` (days), `vigour`, `ground_cover`, `grassed`, `row_azimuth`
    (degrees), `row_spacing` (m), `soil_shift`, as in `world.Farmland`; `altitude` in metres. What follows is
    drawn here: the habits of a farmer, a variety, a past.

    Parameters
    ----------
    tint : array of shape (n, 6), factors on the canopy's spectrum: variety, nutrition, leaf water
    redness : share of red clay in the ground, in [0, 1]
    weeds : factor on the leaf area of herbs
    litter : factor on the cover of straw and dry grass
    mowing : array of shape (n, 4), days; NaN where there is no such cut
    lavender_harvest : day
    tillage : day when stubble is turned in; after 365 for those who sow directly
    irrigated : orchards and lucerne that are watered in summer
    shrubs : share of shrubs on pastures
    """

    code: NDArray[np.str_]
    altitude: Array
    sowing_shift: Array
    vigour: Array
    ground_cover: Array
    grassed: NDArray[np.bool_]
    row_azimuth: Array
    row_spacing: Array
    soil_shift: Array
    tint: Array
    redness: Array
    weeds: Array
    litter: Array
    mowing: Array
    lavender_harvest: Array
    tillage: Array
    irrigated: NDArray[np.bool_]
    shrubs: Array

    def __len__(self) -> int:
        return len(self.code)

    def take(self, rows: NDArray[np.intp]) -> "Parcels":
        """Some of the parcels."""
        return Parcels(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def own_day(self, day: int) -> NDArray[np.float64]:
        """Day on the plants' own clock: late sowing and altitude hold it back."""
        return day - self.sowing_shift.astype(float) - DELAY_PER_METRE * self.altitude


@dataclass(frozen=True)
class Spread:
    """How much parcels of one crop differ: standard deviations of logarithms, or of days where said."""

    chlorophyll: float = 0.20
    leaf_structure: float = 0.13
    leaf_water: float = 0.18
    weeds: float = 0.36
    litter: float = 0.36
    mowing_days: float = 8.0
    harvest_days: float = 9.0


def describe_parcels(
    farmland: Farmland, altitude: ArrayLike, rng: np.random.Generator, spread: Spread | None = None
) -> Parcels:
    """Read the causes that the farmland states and draw the others.

    Parameters
    ----------
    altitude : of each parcel, array of shape (n,), metres
    """
    spread = spread or Spread()
    code = farmland.parcels["code_cultu"].to_numpy(str)
    causes = farmland.causes
    n = len(code)
    chlorophyll, structure, water = rng.standard_normal((3, n)) * np.array(
        [[spread.chlorophyll], [spread.leaf_structure], [spread.leaf_water]]
    )
    visible = np.outer(chlorophyll, (0.7, 1.0, 1.1))
    tint = np.exp(np.column_stack([visible, structure, structure + water, 1.3 * water]))
    numbers = ("sowing_shift", "vigour", "ground_cover", "row_azimuth", "row_spacing", "soil_shift")
    return Parcels(
        code=code,
        altitude=np.asarray(altitude, np.float32),
        grassed=causes["grassed"].to_numpy(bool),
        **{name: causes[name].to_numpy(np.float32) for name in numbers},
        tint=tint.astype(np.float32),
        mowing=_mowing_days(code, spread.mowing_days, rng),
        redness=np.clip(rng.gamma(1.2, 0.13, n), 0, 0.8).astype(np.float32),
        weeds=np.exp(rng.normal(0, spread.weeds, n)).astype(np.float32),
        litter=np.exp(rng.normal(0, spread.litter, n)).astype(np.float32),
        lavender_harvest=rng.normal(LAVENDER_HARVEST, spread.harvest_days, n).astype(np.float32),
        tillage=np.where(rng.random(n) < 0.6, rng.uniform(205, 320, n), 400).astype(np.float32),
        irrigated=rng.random(n) < 0.85,
        shrubs=rng.beta(2.0, 6, n).astype(np.float32),
    )


def _mowing_days(code: NDArray[np.str_], spread: float, rng: np.random.Generator) -> Array:
    """Days of the cuts of each meadow, array of shape (n, 4); some grassland is grazed and never cut."""
    n = len(code)
    days = np.full((n, 4), np.nan)
    habit = rng.normal(0, spread, n)
    for crop, usual in MOWING_DAYS.items():
        mown = code == crop
        each = rng.normal(0, spread / 2, (mown.sum(), len(usual)))
        days[mown, : len(usual)] = np.array(usual) + habit[mown, None] + each
    days[(code == "PPH") & (rng.random(n) < 0.4)] = np.nan
    return days.astype(np.float32)


@dataclass(frozen=True)
class Vegetation:
    """Cover of each parcel on a day, shares in [0, 1]; arrays of shape (n,), and (n, 6) for `canopy`.

    `crown` is the share of ground under the crop, `herbs` the green share of what the crop leaves, `residue`
    the dry share of what both leave; `canopy` is the spectrum of the crop.
    """

    crown: Array
    herbs: Array
    residue: Array
    canopy: Array


def vegetation(parcels: Parcels, day: int) -> Vegetation:
    """What grows in each parcel on a day of the year."""
    n = len(parcels)
    crown, herbs, residue = (np.zeros(n, np.float32) for _ in range(3))
    canopy = np.empty((n, 6), np.float32)
    for code in np.unique(parcels.code):
        here = np.flatnonzero(parcels.code == code)
        grow = _field if code in FIELD_NDVI else _rows
        crown[here], herbs[here], residue[here], canopy[here] = grow(parcels.take(here), str(code), day)
    return Vegetation(crown, herbs, residue, canopy * parcels.tint)


def _field(parcels: Parcels, code: str, day: int) -> tuple[Array, Array, Array, Array]:
    """Crown, herbs, residue and canopy of parcels of one field crop."""
    n = len(parcels)
    own_day = parcels.own_day(day)
    canopy = np.tile(CANOPY[FIELD_CANOPY[code]], (n, 1))
    dry = at_day(RESIDUE[code], own_day)
    ground = TYPICAL_GROUND + dry[:, None] * (STRAW - TYPICAL_GROUND)
    stated = _mow(at_day(FIELD_NDVI[code], own_day), code, parcels.mowing, day)
    # A sparser stand than usual has less leaf over the same ground.
    cover = np.clip(parcels.ground_cover, 0.05, 0.98)
    density = np.sqrt(np.log1p(-cover) / np.log1p(-TYPICAL_COVER[code]))
    weedy = _weediness(code, own_day)
    leaves = (density * parcels.vigour) ** (1 - weedy) * parcels.weeds**weedy
    crown = thicken(cover_for_ndvi(stated, canopy, ground), leaves)
    if code in ARABLE:
        tilled = parcels.tillage < day
        crown, dry = crown * (1 - 0.8 * tilled), dry * (1 - 0.85 * tilled)
    if code == "TRN":
        _bloom(canopy, "sunflower", 0.5 * np.exp(-(((own_day - SUNFLOWER_BLOOM) / 9) ** 2)))
    if code == "SPH":
        # Shrubs of the pasture stay green when its grass dries.
        both = np.maximum(crown + parcels.shrubs, 1e-6)
        canopy = (crown / both)[:, None] * canopy + (parcels.shrubs / both)[:, None] * CANOPY["garrigue"]
        crown = 1 - (1 - crown) * (1 - parcels.shrubs)
    return crown, np.zeros(n), np.clip(dry * parcels.litter, 0, 0.95), canopy


def _weediness(code: str, own_day: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the green of a field that is weeds: all of it before and after its crop, and on a fallow."""
    if code == "J6S":
        return np.ones_like(own_day)
    if code not in ARABLE:
        return np.zeros_like(own_day)
    after = _smooth(own_day, 215, 250)
    before = 1 - _smooth(own_day, 100, 125) if code == "TRN" else 0.0
    return np.maximum(before, after)


def _rows(parcels: Parcels, code: str, day: int) -> tuple[Array, Array, Array, Array]:
    """Crown, herbs, residue and canopy of parcels of one row crop."""
    # A perennial feels the year more than its owner: half of the delay of a sowing.
    clock = (day + parcels.own_day(day)) / 2
    canopy = np.tile(CANOPY[ROW_CANOPY[code]], (len(parcels), 1))
    crown = thicken(parcels.ground_cover, parcels.vigour) * at_day(LEAVES[code], clock)
    herbs = np.where(parcels.grassed, at_day(GRASSED, clock), at_day(WORKED, clock))
    if code == "VRG":
        flowers = np.exp(-(((clock - ORCHARD_BLOOM) / 9) ** 2))
        crown = np.maximum(crown, 0.35 * parcels.ground_cover * flowers)
        _bloom(canopy, "orchard", 0.8 * flowers)
        watered = parcels.irrigated & parcels.grassed
        herbs = np.where(watered, np.maximum(herbs, IRRIGATED_HERBS), herbs)
    if code == "LAV":
        harvested = parcels.lavender_harvest < day
        bloom = _smooth(clock, LAVENDER_BLOOM - 12, LAVENDER_BLOOM + 6) * ~harvested
        crown = np.where(harvested, CUT_LAVENDER, 1) * crown
        _bloom(canopy, "lavender", 0.75 * bloom)
        herbs = HOED * herbs
    herbs = thicken(herbs.astype(np.float32), parcels.weeds)
    dry_season = _smooth(clock, 150, 200) * (1 - _smooth(clock, 270, 320))
    residue = np.where(parcels.grassed, 0.15 + 0.5 * dry_season, 0.05 + 0.1 * dry_season) * parcels.litter
    return crown, herbs, np.clip(residue, 0, 0.95), canopy


def _mow(stated: Array, code: str, mowing: Array, day: int) -> Array:
    """Lower the NDVI of a meadow after its last cut, and let it grow back."""
    if code not in MOWING_DAYS:
        return stated
    since = np.where(mowing <= day, day - mowing, 365.0).min(axis=1)
    regrown = 1 - np.exp(-((since / (0.6 * REGROWTH_DAYS)) ** 1.5))
    floor = np.minimum(MOWN_NDVI[code], stated)
    return (floor + (stated - floor) * regrown).astype(np.float32)


def _bloom(canopy: Array, flower: str, share: ArrayLike) -> None:
    """Put flowers over a share of the canopy, in place."""
    canopy += np.asarray(share, np.float32)[:, None] * (FLOWERS[flower] - canopy)


def _smooth(x: ArrayLike, start: float, end: float) -> NDArray[np.float64]:
    """Rise from 0 at `start` to 1 at `end`, without a corner."""
    t = np.clip((np.asarray(x, float) - start) / (end - start), 0, 1)
    return t * t * (3 - 2 * t)
