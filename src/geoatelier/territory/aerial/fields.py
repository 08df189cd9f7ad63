"""Farm parcels seen from the air in early summer: rows, tramlines, windrows, trees on a grid."""

from typing import Protocol

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from shapely import Polygon

from geoatelier.territory.aerial.canvas import Canvas, Colour, Window, linear
from geoatelier.territory.aerial.trees import (
    OLIVE,
    ORCHARD,
    SHRUB,
    Grove,
    plant,
    rows_of_trees,
    scatter,
    stamp,
)

PALE_EARTH: Colour = (206, 183, 147, 214)
DARK_EARTH: Colour = (152, 122, 94, 168)
RED_EARTH: Colour = (178, 124, 92, 186)
DRY_GRASS: Colour = (178, 164, 118, 196)
GREEN_GRASS: Colour = (124, 130, 86, 208)
VINE: Colour = (86, 114, 58, 212)
LAVENDER: Colour = (132, 118, 158, 190)
RIPE_EAR: Colour = (206, 180, 124, 206)
STUBBLE: Colour = (216, 196, 152, 212)
SUNFLOWER: Colour = (122, 134, 74, 220)
LUCERNE: Colour = (100, 126, 70, 226)
HAY: Colour = (186, 176, 122, 208)

_HEADLAND = 3.5
_TRAMLINES, _WHEELS = 24.0, 1.8
_WINDROWS = 4.5


class Parcel(Protocol):
    """A row of the table of parcels, with its causes."""

    geometry: Polygon
    code_cultu: str
    ground_cover: float
    grassed: bool
    row_azimuth: float
    row_spacing: float
    soil_shift: float


def paint_fields(canvas: Canvas, parcels: GeoDataFrame, grove: Grove) -> None:
    """Paint farm parcels; `parcels` carries the published columns and the causes of `world.Farmland`."""
    for parcel in parcels.itertuples():
        window = canvas.window(parcel.geometry, 4)
        if window is None:
            continue
        inside = canvas.mask(parcel.geometry, window)
        if inside.any():
            earth = _earth(parcel.soil_shift, canvas)
            _PAINTERS[parcel.code_cultu](canvas, grove, parcel, window, inside, earth)


def _earth(soil_shift: float, canvas: Canvas) -> Colour:
    """Colour of a parcel's bare ground."""
    pale = np.clip(0.62 + 2.5 * soil_shift + canvas.rng.normal(0, 0.12), 0, 1)
    red = np.clip(canvas.rng.gamma(1.2, 0.13), 0, 0.8)
    mixed = np.array(DARK_EARTH) + pale * (np.array(PALE_EARTH) - np.array(DARK_EARTH))
    return tuple(mixed + red * (np.array(RED_EARTH) - mixed))


def _across(canvas: Canvas, window: Window, azimuth: float) -> NDArray[np.float64]:
    """Distance of each pixel of a window across rows of a given azimuth, in metres."""
    x, y = canvas.positions(window)
    turn = np.radians(azimuth)
    return (x - canvas.left) * np.cos(turn) - (y - canvas.top) * np.sin(turn)


def _off_row(across: NDArray[np.float64], spacing: float) -> NDArray[np.float64]:
    """Distance to the nearest row."""
    return np.abs((across / spacing) % 1 - 0.5) * spacing


def _core(canvas: Canvas, polygon: Polygon, window: Window, margin: float = _HEADLAND) -> NDArray[np.bool_]:
    return canvas.mask(polygon.buffer(-margin, join_style="mitre"), window)


def _rows(
    canvas: Canvas,
    window: Window,
    planted: NDArray[np.bool_],
    across: NDArray[np.float64],
    spacing: float,
    half_width: float,
    height: float,
    colour: Colour,
    azimuth: float,
) -> None:
    """Raise rows of plants: uneven in width, with some plants missing."""
    uneven = 1 + 0.22 * canvas.mottle[window] + 0.10 * canvas.grain[window]
    half = np.maximum(half_width * uneven, 0.05)
    profile = np.clip(1 - (_off_row(across, spacing) / half) ** 2, 0, None)
    # Missing plants: each metre of each row has its own luck, worse in poor places.
    along = _across(canvas, window, azimuth - 90)
    luck = np.abs(np.sin(np.floor(across / spacing) * 12.9898 + np.floor(along) * 78.233) * 43758.5453) % 1
    standing = luck > 0.03 + 0.05 * np.clip(-canvas.drift[window], 0, None) ** 2
    risen = np.where(planted & standing, height * np.sqrt(profile) * (1 + 0.1 * canvas.grain[window]), 0)
    plants = risen > 0.15 * height
    canvas.height[window][plants] = risen[plants].astype(np.float32)
    tone = 1 + 0.10 * canvas.drift[window][plants] + 0.12 * canvas.grain[window][plants]
    for band in range(4):
        canvas.albedo[band][window][plants] = linear(colour)[band] * np.maximum(tone, 0.3)


def _between(canvas: Canvas, window: Window, inside: NDArray[np.bool_], earth: Colour, grassed: bool) -> None:
    """Ground between rows: worked earth, or grass that summer begins to dry."""
    canvas.paint(inside, earth, window=window, grain=0.05, mottle=0.05, drift=0.08)
    if grassed:
        share = np.clip(0.62 + 0.20 * canvas.drift[window] + 0.18 * canvas.mottle[window], 0, 1) * inside
        canvas.blend(window, share, GREEN_GRASS)


def _headland(canvas: Canvas, window: Window, inside: NDArray[np.bool_], core: NDArray[np.bool_]) -> None:
    """Where tractors turn: trodden grass and earth."""
    edge = inside & ~core
    share = np.clip(0.55 + 0.25 * canvas.mottle[window], 0, 1) * edge
    canvas.blend(window, share, DRY_GRASS)


def _vines(
    canvas: Canvas, grove: Grove, parcel: Parcel, window: Window, inside: NDArray[np.bool_], earth: Colour
) -> None:
    _between(canvas, window, inside, earth, parcel.grassed)
    core = _core(canvas, parcel.geometry, window)
    _headland(canvas, window, inside, core)
    spacing = parcel.row_spacing
    across = _across(canvas, window, parcel.row_azimuth)
    if not parcel.grassed:
        # The tool leaves a pale ridge under the wires.
        ridge = (np.cos(2 * np.pi * across / spacing) * 0.10 * core).astype(np.float32)
        for band in range(4):
            canvas.albedo[band][window] *= 1 - ridge
    half = np.clip(parcel.ground_cover * spacing / 2, 0.28, 0.75)
    _rows(canvas, window, core, across, spacing, half, 1.5, VINE, parcel.row_azimuth)


def _lavender(
    canvas: Canvas, grove: Grove, parcel: Parcel, window: Window, inside: NDArray[np.bool_], earth: Colour
) -> None:
    _between(canvas, window, inside, earth, parcel.grassed)
    core = _core(canvas, parcel.geometry, window)
    spacing = max(parcel.row_spacing, 1.5)
    half = np.clip(parcel.ground_cover * spacing / 2, 0.35, 0.8)
    across = _across(canvas, window, parcel.row_azimuth)
    _rows(canvas, window, core, across, spacing, half, 0.6, LAVENDER, parcel.row_azimuth)


def _grove(
    canvas: Canvas, grove: Grove, parcel: Parcel, window: Window, inside: NDArray[np.bool_], earth: Colour
) -> None:
    olive = parcel.code_cultu == "OLI"
    _between(canvas, window, inside, earth, parcel.grassed)
    spacing = max(parcel.row_spacing, 4.0)
    x, y = rows_of_trees(parcel.geometry.buffer(-2.5), spacing, parcel.row_azimuth, canvas.rng)
    alive = canvas.rng.random(len(x)) > 0.04
    x, y = x[alive], y[alive]
    mean = spacing * np.sqrt(parcel.ground_cover / np.pi)
    radius = np.clip(mean * np.exp(canvas.rng.normal(0, 0.13, len(x))), 0.8, 0.58 * spacing)
    height = radius * canvas.rng.uniform(1.3, 1.7, len(x))
    colour, kind = (OLIVE, "olivier") if olive else (ORCHARD, "fruitier")
    plant(canvas, grove, x, y, radius, height, colour, kind)


def _cereal(
    canvas: Canvas, grove: Grove, parcel: Parcel, window: Window, inside: NDArray[np.bool_], earth: Colour
) -> None:
    harvested = parcel.code_cultu == "ORH"
    across = _across(canvas, window, parcel.row_azimuth)
    canvas.paint(
        inside, STUBBLE if harvested else RIPE_EAR, window=window, grain=0.03, mottle=0.04, drift=0.05
    )
    if harvested:
        swath = (_off_row(across, _WINDROWS) < 0.5) & _core(canvas, parcel.geometry, window)
        canvas.paint(swath, RIPE_EAR, window=window, grain=0.08)
        canvas.height[window][swath] = 0.25
        return
    off = np.abs(_off_row(across, _TRAMLINES) - _WHEELS / 2)
    ruts = inside & (off < 0.25)
    canvas.paint(ruts, tuple(0.5 * (np.array(earth) + np.array(RIPE_EAR))), window=window, grain=0.05)
    standing = inside & ~ruts
    canvas.height[window][standing] = 0.7 + 0.05 * canvas.grain[window][standing]


def _sunflower(
    canvas: Canvas, grove: Grove, parcel: Parcel, window: Window, inside: NDArray[np.bool_], earth: Colour
) -> None:
    _between(canvas, window, inside, earth, False)
    across = _across(canvas, window, parcel.row_azimuth)
    leaves = (
        np.clip(0.82 + 0.10 * np.cos(2 * np.pi * across / 1.5) + 0.12 * canvas.drift[window], 0, 1) * inside
    )
    canvas.blend(window, leaves, SUNFLOWER)
    canvas.height[window][inside] = 1.0 + 0.06 * canvas.grain[window][inside]


def _lucerne(
    canvas: Canvas, grove: Grove, parcel: Parcel, window: Window, inside: NDArray[np.bool_], earth: Colour
) -> None:
    across = _across(canvas, window, parcel.row_azimuth)
    canvas.paint(inside, LUCERNE, window=window, grain=0.05, mottle=0.06, drift=0.07)
    canvas.height[window][inside] = 0.4 + 0.04 * canvas.grain[window][inside]
    if canvas.rng.random() < 0.5:
        _hay(canvas, window, inside, across, GREEN_GRASS)


def _meadow(
    canvas: Canvas, grove: Grove, parcel: Parcel, window: Window, inside: NDArray[np.bool_], earth: Colour
) -> None:
    canvas.paint(inside, GREEN_GRASS, window=window, grain=0.05, mottle=0.07)
    share = np.clip(0.40 + 0.20 * canvas.drift[window] + 0.20 * canvas.mottle[window], 0, 1) * inside
    canvas.blend(window, share, DRY_GRASS)
    if canvas.rng.random() < 0.4:
        _hay(canvas, window, inside, _across(canvas, window, parcel.row_azimuth), DRY_GRASS)


def _hay(
    canvas: Canvas, window: Window, inside: NDArray[np.bool_], across: NDArray[np.float64], ground: Colour
) -> None:
    """Mown grass raked into windrows."""
    canvas.paint(inside, ground, window=window, grain=0.04, mottle=0.05, flatten=True)
    raked = inside & (_off_row(across, _WINDROWS) < 0.6 + 0.12 * canvas.mottle[window])
    canvas.paint(raked, HAY, window=window, grain=0.08)
    canvas.height[window][raked] = 0.3


def _pasture(
    canvas: Canvas, grove: Grove, parcel: Parcel, window: Window, inside: NDArray[np.bool_], earth: Colour
) -> None:
    canvas.paint(inside, DRY_GRASS, window=window, grain=0.06, mottle=0.08, drift=0.06)
    share = np.clip(0.2 + 0.3 * canvas.drift[window] + 0.15 * canvas.mottle[window], 0, 0.8) * inside
    canvas.blend(window, share, GREEN_GRASS)
    dense = parcel.code_cultu == "SPH"
    x, y = scatter(parcel.geometry, 7.0 if dense else 14.0, canvas.rng, jitter=0.8)
    kept = canvas.rng.random(len(x)) < 0.5
    radius = np.exp(canvas.rng.normal(np.log(0.8), 0.35, kept.sum()))
    stamp(canvas, x[kept], y[kept], radius, radius * 1.1, SHRUB)


_PAINTERS = {
    "VRC": _vines,
    "OLI": _grove,
    "VRG": _grove,
    "LAV": _lavender,
    "BDH": _cereal,
    "ORH": _cereal,
    "TRN": _sunflower,
    "LUZ": _lucerne,
    "PPH": _meadow,
    "SPH": _pasture,
    "J6S": _pasture,
}
