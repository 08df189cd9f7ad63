"""Roofs: two slopes of Roman tiles, four, or none, with what stands on them."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage
from shapely import MultiPolygon, Polygon

from geoatelier.territory.aerial.canvas import PIXEL, Canvas, Colour, Window, linear
from geoatelier.territory.aerial.gardens import WALL

PANEL: Colour = (44, 52, 72, 60)
SEAM: Colour = (70, 78, 98, 80)
RUBBLE: Colour = (182, 172, 152, 170)
CHIMNEY: Colour = (212, 190, 168, 196)
STONE: Colour = (196, 176, 150, 190)
MACHINE: Colour = (210, 212, 212, 205)
GLASS: Colour = (198, 208, 210, 190)

_TILES = np.array(
    [
        (204, 146, 112, 186),
        (188, 124, 94, 178),
        (212, 160, 126, 192),
        (174, 116, 90, 170),
        (216, 176, 146, 196),
        (186, 152, 126, 180),
        (196, 132, 98, 182),
    ]
)
_FLAT_ROOFS = np.array(
    [(190, 186, 180, 186), (168, 166, 164, 168), (214, 208, 198, 208), (176, 168, 152, 176)]
)
_SHEETS = np.array([(160, 158, 156, 160), (196, 194, 190, 196), (150, 132, 112, 158), (128, 134, 130, 140)])

# Slope of a roof of Roman tiles, and how far it goes past the wall, in metres.
_PITCH, _EAVES = np.tan(np.radians(18)), 0.3
_USUAL_HEIGHT = 5.5
# Buildings larger than this, in m², often have a flat roof.
_LARGE = 450.0
# Share of its rectangle that a building fills, from which two slopes can cover it.
_COMPACT = 0.86


class Building(Protocol):
    """A row of the table of buildings."""

    geometry: MultiPolygon
    nature: str
    etat_de_l_objet: str
    construction_legere: bool
    hauteur: float


@dataclass(frozen=True)
class _Site:
    """A building on the canvas; arrays on its window.

    Parameters
    ----------
    covered : pixels under its roof
    along, across : metres from its middle, along its ridge and across
    half : half of its width, eaves included
    """

    window: Window
    polygon: Polygon
    covered: NDArray[np.bool_]
    along: NDArray[np.float64]
    across: NDArray[np.float64]
    half: float


def paint_roofs(canvas: Canvas, buildings: GeoDataFrame) -> None:
    """Raise and roof every building by what it is; those still on paper are left out."""
    for building in buildings[buildings["etat_de_l_objet"] != "En projet"].itertuples():
        height = building.hauteur
        known = height is not None and not np.isnan(height) and height > 1.5
        for polygon in shapely.get_parts(building.geometry):
            site = _site(canvas, polygon)
            if site is not None:
                _roof(canvas, building, site, height if known else _USUAL_HEIGHT)


def _site(canvas: Canvas, polygon: Polygon) -> _Site | None:
    window = canvas.window(polygon, 2)
    if window is None:
        return None
    covered = canvas.mask(polygon.buffer(_EAVES, join_style="mitre"), window)
    if not covered.any():
        return None
    corners = shapely.get_coordinates(polygon.minimum_rotated_rectangle)
    sides = np.diff(corners[:3], axis=0)
    lengths = np.hypot(*sides.T)
    east, north = sides[lengths.argmax()] / lengths.max()
    x, y = canvas.positions(window)
    dx, dy = x - corners[:4, 0].mean(), y - corners[:4, 1].mean()
    half = lengths.min() / 2 + _EAVES
    return _Site(window, polygon, covered, dx * east + dy * north, dy * east - dx * north, half)


def _roof(canvas: Canvas, building: Building, site: _Site, height: float) -> None:
    rng = canvas.rng
    polygon = site.polygon
    if building.etat_de_l_objet == "En ruine":
        _ruin(canvas, site, height)
    elif building.nature == "Serre":
        _bays(canvas, site, GLASS, height, 3.2)
    elif building.nature == "Silo":
        _flat(canvas, site, _SHEETS[1], height)
    elif building.construction_legere:
        _bays(canvas, site, rng.choice(_SHEETS), min(height, 3.0), 0.9)
    elif building.nature == "Industriel, agricole ou commercial" or (
        polygon.area > _LARGE and rng.random() < 0.6
    ):
        _flat(canvas, site, rng.choice(_FLAT_ROOFS), height)
        _machines(canvas, site, height)
    else:
        _tiles(canvas, site, height)
        if building.nature in ("Eglise", "Chapelle"):
            _tower(canvas, polygon, height)
        elif polygon.area > 55:
            _panels(canvas, site)
            _chimneys(canvas, site, height)


def _set(canvas: Canvas, site: _Site, where: NDArray[np.bool_], height: ArrayLike) -> None:
    """Give its height to a part of a building."""
    canvas.height[site.window][where] = np.broadcast_to(height, where.shape)[where]


def _ruin(canvas: Canvas, site: _Site, height: float) -> None:
    """Rubble between what is left of the walls."""
    canvas.paint(site.covered, RUBBLE, window=site.window, grain=0.12, mottle=0.10)
    _set(canvas, site, site.covered, 0.3)
    walls = site.covered & ~canvas.mask(site.polygon.buffer(-0.6), site.window)
    _set(canvas, site, walls, 0.6 * height)


def _bays(canvas: Canvas, site: _Site, colour: ArrayLike, height: float, span: float) -> None:
    """Sheets or glass: bays of a given span along the building."""
    canvas.paint(site.covered, colour, window=site.window, grain=0.03, mottle=0.04)
    rise = 0.25 * span * np.abs((site.along / span) % 1 - 0.5)
    _set(canvas, site, site.covered, height + rise)


def _flat(canvas: Canvas, site: _Site, colour: ArrayLike, height: float) -> None:
    """A flat roof and its parapet."""
    canvas.paint(site.covered, colour, window=site.window, grain=0.04, mottle=0.05, drift=0.03)
    _set(canvas, site, site.covered, height)
    parapet = site.covered & ~canvas.mask(site.polygon.buffer(-0.2), site.window)
    canvas.paint(parapet, WALL, window=site.window)
    _set(canvas, site, parapet, height + 0.6)


def _machines(canvas: Canvas, site: _Site, height: float) -> None:
    core = site.polygon.buffer(-2.5)
    xmin, ymin, xmax, ymax = site.polygon.bounds
    for _ in range(int(site.polygon.area / 180)):
        x, y = canvas.rng.uniform(xmin, xmax), canvas.rng.uniform(ymin, ymax)
        if core.contains(shapely.Point(x, y)):
            machine = canvas.mask(shapely.box(x - 0.9, y - 0.7, x + 0.9, y + 0.7), site.window)
            canvas.paint(machine, MACHINE, window=site.window)
            _set(canvas, site, machine, height + 1.1)


def _tiles(canvas: Canvas, site: _Site, height: float) -> None:
    """Two slopes on a compact building, or as many as it has sides; a pale row of tiles along the ridge."""
    rng = canvas.rng
    compact = site.polygon.area / site.polygon.minimum_rotated_rectangle.area > _COMPACT
    if compact and rng.random() < 0.85:
        rise = np.clip(site.half - np.abs(site.across), 0, None)
    else:
        rise = ndimage.distance_transform_edt(site.covered) * PIXEL
    tone = rng.choice(_TILES) * np.exp(rng.normal(0, 0.05))
    canvas.paint(site.covered, np.minimum(tone, 250), window=site.window, grain=0.05, mottle=0.05)
    # Channels run down the slope; a few courses were laid again.
    channels = 0.05 * np.cos(2 * np.pi * site.along / 0.9 + 3 * np.cos(site.along / 2.1))
    relaid = 0.06 * np.sign(np.cos(site.along / rng.uniform(2, 5) + rng.uniform(0, 6)) - 0.7)
    uneven = (1 + channels + relaid).astype(np.float32)
    top = rise[site.covered].max()
    ridge = site.covered & (_PITCH * (top - rise) < 0.12) & (top > 1.5)
    for band, pale in enumerate(linear(WALL)):
        view = canvas.albedo[band][site.window]
        view[site.covered] *= uneven[site.covered]
        view[ridge] += 0.4 * (pale - view[ridge])
    _set(canvas, site, site.covered, height + _PITCH * rise)


def _tower(canvas: Canvas, polygon: Polygon, height: float) -> None:
    """A bell tower at one end of the nave."""
    corners = shapely.get_coordinates(polygon.minimum_rotated_rectangle)[:4]
    x, y = 0.8 * corners[0] + 0.2 * corners.mean(axis=0)
    half = np.clip(np.sqrt(polygon.area) / 9, 1.2, 2.6)
    site = _site(canvas, shapely.box(x - half, y - half, x + half, y + half))
    if site is not None:
        canvas.paint(site.covered, STONE, window=site.window, grain=0.04)
        spire = np.clip(half - np.maximum(np.abs(site.along), np.abs(site.across)), 0, None)
        _set(canvas, site, site.covered, 1.7 * height + 0.5 * spire)


def _panels(canvas: Canvas, site: _Site) -> None:
    """Solar panels on one slope of one roof in ten."""
    rng = canvas.rng
    if rng.random() > 0.10 or site.half < 3:
        return
    reach = min(0.55 * np.abs(site.along[site.covered]).max(), 4.0)
    upslope = rng.choice((-1, 1)) * site.across / site.half
    panels = site.covered & (np.abs(site.along) < reach) & (upslope > 0.22) & (upslope < 0.78)
    canvas.paint(panels, PANEL, window=site.window)
    seams = panels & (np.abs((site.along / 1.7) % 1 - 0.5) > 0.42)
    canvas.paint(seams, SEAM, window=site.window)


def _chimneys(canvas: Canvas, site: _Site, height: float) -> None:
    rng = canvas.rng
    reach = np.abs(site.along[site.covered]).max()
    for _ in range(rng.integers(0, 3)):
        u, v = rng.uniform(-0.7, 0.7) * reach, rng.uniform(-0.35, 0.35) * site.half
        chimney = site.covered & (np.abs(site.along - u) < 0.4) & (np.abs(site.across - v) < 0.35)
        canvas.paint(chimney, CHIMNEY, window=site.window)
        _set(canvas, site, chimney, height + _PITCH * site.half + 0.9)
